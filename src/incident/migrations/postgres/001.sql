-- Roles without a login, as those of the drift store: see drift/001.sql.
DO $roles$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[':prefix:maintenance', ':prefix:grafana_reader', ':prefix:sql_analyzer',
                              ':prefix:responder'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another init, at the same moment
      END;
    END IF;
  END LOOP;
  IF NOT pg_has_role(current_user, ':prefix:maintenance', 'MEMBER') THEN
    EXECUTE format('GRANT %I TO %I', ':prefix:maintenance', current_user);
  END IF;
END $roles$;

CREATE SCHEMA response AUTHORIZATION :prefix:maintenance;
SET LOCAL ROLE :prefix:maintenance;

CREATE TABLE response.schema_version (
  version    BIGINT PRIMARY KEY,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  min_writer BIGINT NOT NULL DEFAULT 1
);

-- Who evaluates. An epoch is a term: every change of a step is made while this row is held, and names it.
CREATE TABLE response.lease (
  name       TEXT PRIMARY KEY,
  holder     TEXT NOT NULL DEFAULT '',
  epoch      BIGINT NOT NULL DEFAULT 0,
  expires_at TIMESTAMPTZ NOT NULL DEFAULT '-infinity'
);
INSERT INTO response.lease (name) VALUES ('incidents');

CREATE TABLE response.incidents (
  incident_id   UUID PRIMARY KEY,
  module        TEXT NOT NULL CHECK (module <> ''),
  drift_type    TEXT NOT NULL,
  phase         TEXT NOT NULL CHECK (phase IN ('open', 'cooling', 'closed')),
  severity      TEXT NOT NULL CHECK (severity IN ('warn', 'crit')),
  first_seen    TIMESTAMPTZ NOT NULL,
  first_layer   TEXT NOT NULL CHECK (first_layer IN ('technical', 'execution', 'drift')),
  last_seen     TIMESTAMPTZ NOT NULL,
  opened_at     TIMESTAMPTZ NOT NULL,
  cooling_since TIMESTAMPTZ,
  closed_at     TIMESTAMPTZ CHECK ((closed_at IS NOT NULL) = (phase = 'closed')),
  ending        TEXT CHECK (ending IN ('recovered', 'quiet', 'false_alarm')),
  heard_at      TIMESTAMPTZ NOT NULL,
  bad_at        TIMESTAMPTZ NOT NULL,
  occurrences   BIGINT NOT NULL,
  reopened      BIGINT NOT NULL,
  starts_at     TIMESTAMPTZ,
  paged_at      TIMESTAMPTZ,
  hold          TEXT NOT NULL CHECK (hold IN ('none', 'maintenance', 'inhibited', 'snoozed', 'budget', 'dismissed')),
  inhibited_by  UUID,
  acked_by      TEXT NOT NULL,
  acked_at      TIMESTAMPTZ,
  snoozed_until TIMESTAMPTZ,
  dismissed_at  TIMESTAMPTZ,
  owner         TEXT NOT NULL,
  route         TEXT NOT NULL,
  runbook       TEXT NOT NULL,
  seq           BIGINT NOT NULL,
  evidence      JSONB NOT NULL
);
CREATE UNIQUE INDEX incidents_active ON response.incidents (module, drift_type) WHERE phase <> 'closed';
CREATE INDEX incidents_opened ON response.incidents (opened_at DESC);

-- The history: rows are added, and never changed. (incident_id, seq) lets no two programs write the same step.
CREATE TABLE response.transitions (
  incident_id UUID NOT NULL REFERENCES response.incidents,
  seq         BIGINT NOT NULL CHECK (seq >= 1),
  at          TIMESTAMPTZ NOT NULL,
  kind        TEXT NOT NULL,
  who         TEXT NOT NULL,
  why         TEXT NOT NULL,
  event_id    UUID,
  epoch       BIGINT NOT NULL,
  PRIMARY KEY (incident_id, seq)
);
CREATE FUNCTION response.refuse_change() RETURNS TRIGGER LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION 'the history of an incident is never changed or deleted' USING ERRCODE = '23001';
END $refuse$;
CREATE TRIGGER transitions_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON response.transitions
  FOR EACH STATEMENT EXECUTE FUNCTION response.refuse_change();

-- The last evaluations of each metric that was bad: the counters of hysteresis.
CREATE TABLE response.signals (
  module      TEXT NOT NULL,
  drift_type  TEXT NOT NULL,
  metric      TEXT NOT NULL,
  by_report   BOOLEAN NOT NULL,
  recent      JSONB NOT NULL,
  heard_at    TIMESTAMPTZ NOT NULL,
  incident_id UUID,
  PRIMARY KEY (module, drift_type, metric)
);
CREATE INDEX signals_incident ON response.signals (incident_id) WHERE incident_id IS NOT NULL;

-- Events that were taken: no watermark, since a row may commit after a newer one.
CREATE TABLE response.processed (
  event_id    UUID NOT NULL,
  detected_at TIMESTAMPTZ NOT NULL,
  severity    TEXT NOT NULL,
  PRIMARY KEY (event_id, detected_at, severity)
);
CREATE INDEX processed_time ON response.processed (detected_at);

-- What goes out, and the budget of it. Without appended_at it is still to be handed to the spool.
CREATE TABLE response.pages (
  page_id     UUID PRIMARY KEY,
  incident_id UUID NOT NULL REFERENCES response.incidents,
  module      TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('firing', 'resolved', 'budget')),
  due_at      TIMESTAMPTZ NOT NULL,
  appended_at TIMESTAMPTZ,
  alert       JSONB NOT NULL
);
CREATE INDEX pages_due ON response.pages (due_at);
CREATE INDEX pages_waiting ON response.pages (due_at) WHERE appended_at IS NULL;

CREATE TABLE response.silences (
  silence_id UUID PRIMARY KEY,
  module     TEXT NOT NULL CHECK (module <> ''),
  drift_type TEXT NOT NULL,
  begins_at  TIMESTAMPTZ NOT NULL,
  ends_at    TIMESTAMPTZ NOT NULL CHECK (ends_at > begins_at),
  who        TEXT NOT NULL,
  why        TEXT NOT NULL
);

GRANT USAGE ON SCHEMA response TO :prefix:grafana_reader, :prefix:sql_analyzer, :prefix:responder;
GRANT SELECT ON ALL TABLES IN SCHEMA response TO :prefix:grafana_reader, :prefix:sql_analyzer, :prefix:responder;
GRANT INSERT ON response.incidents, response.transitions, response.signals, response.processed, response.pages,
  response.silences TO :prefix:responder;
GRANT UPDATE ON response.lease, response.incidents, response.signals, response.pages, response.silences
  TO :prefix:responder;
GRANT DELETE ON response.signals, response.processed TO :prefix:responder;
-- Rows whose month has no partition are events too.
GRANT USAGE ON SCHEMA drift TO :prefix:responder;
GRANT SELECT ON drift.events, drift.events_parked, drift.schema_version TO :prefix:responder;
