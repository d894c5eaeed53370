CREATE TABLE kill_switch.schema_version (
  version    INTEGER PRIMARY KEY,
  applied_at TEXT NOT NULL,
  min_writer INTEGER NOT NULL DEFAULT 1
) STRICT;

-- A scope that was never engaged has no row. Each row says what the last transition said; a transition is a row of
-- history too, which a trigger writes.
CREATE TABLE kill_switch.state (
  scope         TEXT PRIMARY KEY CHECK (scope IN ('global', 'drill') OR scope LIKE 'crypto:_%' OR scope LIKE 'strategy:_%'),
  engaged       INTEGER NOT NULL CHECK (engaged IN (0, 1)),
  version       INTEGER NOT NULL CHECK (version >= 1),
  incident      TEXT NOT NULL CHECK (incident <> ''),
  episode       INTEGER NOT NULL,
  source        TEXT NOT NULL CHECK (source IN ('cli', 'console', 'environment', 'webhook', 'airflow', 'analyzer',
                                                'incident', 'system')),
  who           TEXT NOT NULL CHECK (who <> ''),
  why           TEXT NOT NULL CHECK (why <> ''),
  ticket        TEXT,
  override_text TEXT,
  evidence      TEXT CHECK (evidence IS NULL OR json_valid(evidence)),
  changed_at    TEXT NOT NULL CHECK (length(changed_at) = 27),
  -- Never automatically.
  CHECK (engaged OR (source IN ('cli', 'console', 'airflow') AND ticket IS NOT NULL AND ticket <> ''))
) STRICT;
CREATE TABLE kill_switch.history (
  scope         TEXT NOT NULL,
  engaged       INTEGER NOT NULL,
  version       INTEGER NOT NULL,
  incident      TEXT NOT NULL,
  episode       INTEGER NOT NULL,
  source        TEXT NOT NULL,
  who           TEXT NOT NULL,
  why           TEXT NOT NULL,
  ticket        TEXT,
  override_text TEXT,
  evidence      TEXT,
  changed_at    TEXT NOT NULL,
  PRIMARY KEY (scope, version)
) STRICT;
-- An incident's episode engages a scope once, whatever a person did since.
CREATE UNIQUE INDEX kill_switch.history_once ON history (scope, incident, episode) WHERE engaged;

-- Every attempt and what was decided: one row per scope, incident, episode and decision.
CREATE TABLE kill_switch.evaluations (
  evaluation_id   TEXT PRIMARY KEY CHECK (length(evaluation_id) = 36),
  mode            TEXT NOT NULL CHECK (mode IN ('shadow', 'enforcing')),
  decision        TEXT NOT NULL CHECK (decision IN ('engaged', 'joined', 'would_engage', 'insufficient_evidence',
                                                    'asked_human', 'held', 'ignored', 'nothing_open', 'unmapped',
                                                    'disengaged', 'disengage_refused')),
  reason          TEXT NOT NULL,
  scope           TEXT NOT NULL,
  incident        TEXT NOT NULL,
  episode         INTEGER NOT NULL,
  source          TEXT NOT NULL,
  who             TEXT NOT NULL,
  why             TEXT NOT NULL,
  evidence        TEXT CHECK (evidence IS NULL OR json_valid(evidence)),
  evidence_sha256 TEXT,
  program_version TEXT NOT NULL,
  asked_at        TEXT NOT NULL CHECK (length(asked_at) = 27),
  recorded_at     TEXT NOT NULL CHECK (length(recorded_at) = 27)
) STRICT;
CREATE INDEX kill_switch.evaluations_decided ON evaluations (decision, recorded_at);
CREATE INDEX kill_switch.evaluations_key ON evaluations (scope, incident, episode);

CREATE TRIGGER kill_switch.scope_begins_engaged BEFORE INSERT ON state WHEN NEW.version <> 1 OR NOT NEW.engaged
BEGIN SELECT RAISE(ABORT, 'a scope begins engaged, at version 1'); END;
CREATE TRIGGER kill_switch.transitions_are_checked BEFORE UPDATE ON state
WHEN NEW.scope <> OLD.scope OR NEW.version <> OLD.version + 1 OR NEW.engaged = OLD.engaged
BEGIN SELECT RAISE(ABORT, 'a transition engages or disengages one scope and counts its version up by one'); END;
CREATE TRIGGER kill_switch.beginnings_are_kept AFTER INSERT ON state
BEGIN INSERT INTO history SELECT * FROM state WHERE scope = NEW.scope; END;
CREATE TRIGGER kill_switch.transitions_are_kept AFTER UPDATE ON state
BEGIN INSERT INTO history SELECT * FROM state WHERE scope = NEW.scope; END;
CREATE TRIGGER kill_switch.state_is_not_deleted BEFORE DELETE ON state
BEGIN SELECT RAISE(ABORT, 'kill_switch.state is never deleted from'); END;
CREATE TRIGGER kill_switch.history_is_not_changed BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'kill_switch.history is append-only'); END;
CREATE TRIGGER kill_switch.history_is_not_deleted BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'kill_switch.history is append-only'); END;
CREATE TRIGGER kill_switch.evaluations_are_not_changed BEFORE UPDATE ON evaluations
BEGIN SELECT RAISE(ABORT, 'kill_switch.evaluations is append-only'); END;
CREATE TRIGGER kill_switch.evaluations_are_not_deleted BEFORE DELETE ON evaluations
BEGIN SELECT RAISE(ABORT, 'kill_switch.evaluations is append-only'); END;
