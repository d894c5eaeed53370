SET LOCAL ROLE :prefix:maintenance;

-- Who looks through good evaluations begins behind those that were looked through.
CREATE INDEX events_info_arrival ON drift.events_info (id);
