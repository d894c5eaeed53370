CREATE TABLE response.schema_version (
  version    INTEGER PRIMARY KEY,
  applied_at TEXT NOT NULL,
  min_writer INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Who evaluates. An epoch is a term: every change of a step is made while this row is held, and names it.
CREATE TABLE response.lease (
  name       TEXT PRIMARY KEY,
  holder     TEXT NOT NULL DEFAULT '',
  epoch      INTEGER NOT NULL DEFAULT 0,
  expires_at TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000000Z'
) STRICT;
INSERT INTO response.lease (name) VALUES ('incidents');

CREATE TABLE response.incidents (
  incident_id   TEXT PRIMARY KEY,
  module        TEXT NOT NULL CHECK (module <> ''),
  drift_type    TEXT NOT NULL,
  phase         TEXT NOT NULL CHECK (phase IN ('open', 'cooling', 'closed')),
  severity      TEXT NOT NULL CHECK (severity IN ('warn', 'crit')),
  first_seen    TEXT NOT NULL,
  first_layer   TEXT NOT NULL CHECK (first_layer IN ('technical', 'execution', 'drift')),
  last_seen     TEXT NOT NULL,
  opened_at     TEXT NOT NULL,
  cooling_since TEXT,
  closed_at     TEXT CHECK ((closed_at IS NOT NULL) = (phase = 'closed')),
  ending        TEXT CHECK (ending IN ('recovered', 'quiet', 'false_alarm')),
  heard_at      TEXT NOT NULL,
  bad_at        TEXT NOT NULL,
  occurrences   INTEGER NOT NULL,
  reopened      INTEGER NOT NULL,
  starts_at     TEXT,
  paged_at      TEXT,
  hold          TEXT NOT NULL CHECK (hold IN ('none', 'maintenance', 'inhibited', 'snoozed', 'budget', 'dismissed')),
  inhibited_by  TEXT,
  acked_by      TEXT NOT NULL,
  acked_at      TEXT,
  snoozed_until TEXT,
  dismissed_at  TEXT,
  owner         TEXT NOT NULL,
  route         TEXT NOT NULL,
  runbook       TEXT NOT NULL,
  seq           INTEGER NOT NULL,
  evidence      TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX response.incidents_active ON incidents (module, drift_type) WHERE phase <> 'closed';
CREATE INDEX response.incidents_opened ON incidents (opened_at DESC);

-- The history: rows are added, and never changed. (incident_id, seq) lets no two programs write the same step.
CREATE TABLE response.transitions (
  incident_id TEXT NOT NULL REFERENCES incidents,
  seq         INTEGER NOT NULL CHECK (seq >= 1),
  at          TEXT NOT NULL,
  kind        TEXT NOT NULL,
  who         TEXT NOT NULL,
  why         TEXT NOT NULL,
  event_id    TEXT,
  epoch       INTEGER NOT NULL,
  PRIMARY KEY (incident_id, seq)
) STRICT;
CREATE TRIGGER response.transitions_are_not_changed BEFORE UPDATE ON transitions
BEGIN SELECT RAISE(ABORT, 'the history of an incident is never changed'); END;
CREATE TRIGGER response.transitions_are_not_deleted BEFORE DELETE ON transitions
BEGIN SELECT RAISE(ABORT, 'the history of an incident is never deleted'); END;

-- The last evaluations of each metric that was bad: the counters of hysteresis.
CREATE TABLE response.signals (
  module      TEXT NOT NULL,
  drift_type  TEXT NOT NULL,
  metric      TEXT NOT NULL,
  by_report   INTEGER NOT NULL,
  recent      TEXT NOT NULL,
  heard_at    TEXT NOT NULL,
  incident_id TEXT,
  PRIMARY KEY (module, drift_type, metric)
) STRICT;
CREATE INDEX response.signals_incident ON signals (incident_id) WHERE incident_id IS NOT NULL;

-- Events that were taken: no watermark, since a row may commit after a newer one.
CREATE TABLE response.processed (
  event_id    TEXT NOT NULL,
  detected_at TEXT NOT NULL,
  severity    TEXT NOT NULL,
  PRIMARY KEY (event_id, detected_at, severity)
) STRICT;
CREATE INDEX response.processed_time ON processed (detected_at);

-- What goes out, and the budget of it. Without appended_at it is still to be handed to the spool.
CREATE TABLE response.pages (
  page_id     TEXT PRIMARY KEY,
  incident_id TEXT NOT NULL REFERENCES incidents,
  module      TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('firing', 'resolved', 'budget')),
  due_at      TEXT NOT NULL,
  appended_at TEXT,
  alert       TEXT NOT NULL
) STRICT;
CREATE INDEX response.pages_due ON pages (due_at);
CREATE INDEX response.pages_waiting ON pages (due_at) WHERE appended_at IS NULL;

CREATE TABLE response.silences (
  silence_id TEXT PRIMARY KEY,
  module     TEXT NOT NULL CHECK (module <> ''),
  drift_type TEXT NOT NULL,
  begins_at  TEXT NOT NULL,
  ends_at    TEXT NOT NULL CHECK (ends_at > begins_at),
  who        TEXT NOT NULL,
  why        TEXT NOT NULL
) STRICT;
