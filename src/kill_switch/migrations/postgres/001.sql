-- Roles without a login: who may do what. Give a login to a user of your own, and the user a role:
-- CREATE ROLE trader LOGIN PASSWORD '…' IN ROLE :prefix:engager;
DO $roles$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[':prefix:maintenance', ':prefix:engager', ':prefix:operator', ':prefix:grafana_reader',
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

CREATE SCHEMA kill_switch AUTHORIZATION :prefix:maintenance;
SET LOCAL ROLE :prefix:maintenance;

CREATE TABLE kill_switch.schema_version (
  version    BIGINT PRIMARY KEY,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  min_writer BIGINT NOT NULL DEFAULT 1
);

-- A scope that was never engaged has no row. Each row says what the last transition said; a transition is a row of
-- history too, which a trigger writes.
CREATE TABLE kill_switch.state (
  scope         TEXT PRIMARY KEY CHECK (scope IN ('global', 'drill') OR scope ~ '^(crypto|strategy):[^:]+$'),
  engaged       BOOLEAN NOT NULL,
  version       BIGINT NOT NULL CHECK (version >= 1),
  incident      TEXT NOT NULL CHECK (incident <> ''),
  episode       BIGINT NOT NULL,
  source        TEXT NOT NULL CHECK (source IN ('cli', 'console', 'environment', 'webhook', 'airflow', 'analyzer',
                                                'incident', 'system')),
  who           TEXT NOT NULL CHECK (who <> ''),
  why           TEXT NOT NULL CHECK (why <> ''),
  ticket        TEXT,
  override_text TEXT,
  evidence      JSONB,
  changed_at    TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  -- Never automatically.
  CONSTRAINT a_person_disengages CHECK (engaged OR (source IN ('cli', 'console', 'airflow') AND ticket <> ''
                                                    AND ticket IS NOT NULL))
);
CREATE TABLE kill_switch.history (
  LIKE kill_switch.state INCLUDING CONSTRAINTS,
  database_user TEXT NOT NULL,
  PRIMARY KEY (scope, version)
);
-- An incident's episode engages a scope once, whatever a person did since.
CREATE UNIQUE INDEX history_once ON kill_switch.history (scope, incident, episode) WHERE engaged;

-- Every attempt and what was decided: one row per scope, incident, episode and decision.
CREATE TABLE kill_switch.evaluations (
  evaluation_id   UUID PRIMARY KEY,
  mode            TEXT NOT NULL CHECK (mode IN ('shadow', 'enforcing')),
  decision        TEXT NOT NULL CHECK (decision IN ('engaged', 'joined', 'would_engage', 'insufficient_evidence',
                                                    'asked_human', 'held', 'ignored', 'nothing_open', 'unmapped',
                                                    'disengaged', 'disengage_refused')),
  reason          TEXT NOT NULL,
  scope           TEXT NOT NULL,
  incident        TEXT NOT NULL,
  episode         BIGINT NOT NULL,
  source          TEXT NOT NULL,
  who             TEXT NOT NULL,
  why             TEXT NOT NULL,
  evidence        JSONB,
  evidence_sha256 TEXT,
  program_version TEXT NOT NULL,
  asked_at        TIMESTAMPTZ NOT NULL,
  recorded_at     TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  database_user   TEXT NOT NULL DEFAULT session_user
);
CREATE INDEX evaluations_decided ON kill_switch.evaluations (decision, recorded_at);
CREATE INDEX evaluations_key ON kill_switch.evaluations (scope, incident, episode);

CREATE FUNCTION kill_switch.check_transition() RETURNS TRIGGER LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $check$
BEGIN
  IF TG_OP = 'INSERT' AND (NEW.version <> 1 OR NOT NEW.engaged) THEN
    RAISE EXCEPTION 'a scope begins engaged, at version 1' USING ERRCODE = '23001';
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.scope <> OLD.scope OR NEW.version <> OLD.version + 1 OR NEW.engaged = OLD.engaged) THEN
    RAISE EXCEPTION 'a transition engages or disengages one scope and counts its version up by one'
      USING ERRCODE = '23001';
  END IF;
  NEW.changed_at := clock_timestamp();
  RETURN NEW;
END $check$;
CREATE TRIGGER transitions_are_checked BEFORE INSERT OR UPDATE ON kill_switch.state
  FOR EACH ROW EXECUTE FUNCTION kill_switch.check_transition();

-- As the tables' owner: nobody else writes history.
CREATE FUNCTION kill_switch.keep_history() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $keep$
BEGIN
  INSERT INTO kill_switch.history SELECT NEW.*, session_user;
  RETURN NULL;
END $keep$;
CREATE TRIGGER transitions_are_kept AFTER INSERT OR UPDATE ON kill_switch.state
  FOR EACH ROW EXECUTE FUNCTION kill_switch.keep_history();

-- A row that says engaged or joined stands for something that is so: else a forged one would keep a later
-- engagement of its key from being made.
CREATE FUNCTION kill_switch.check_evaluation() RETURNS TRIGGER LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $check$
BEGIN
  IF NEW.decision = 'joined' AND NOT EXISTS (SELECT FROM kill_switch.state WHERE scope = NEW.scope AND engaged) THEN
    RAISE EXCEPTION 'nothing is engaged that this could join' USING ERRCODE = '23001';
  END IF;
  IF NEW.decision = 'engaged' AND NOT EXISTS (SELECT FROM kill_switch.history WHERE scope = NEW.scope AND engaged
                                              AND incident = NEW.incident AND episode = NEW.episode) THEN
    RAISE EXCEPTION 'no transition engaged this' USING ERRCODE = '23001';
  END IF;
  RETURN NEW;
END $check$;
CREATE TRIGGER evaluations_are_checked BEFORE INSERT ON kill_switch.evaluations
  FOR EACH ROW EXECUTE FUNCTION kill_switch.check_evaluation();

CREATE FUNCTION kill_switch.refuse_change() RETURNS TRIGGER LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION 'kill_switch.% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';
END $refuse$;
CREATE TRIGGER history_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON kill_switch.history
  FOR EACH STATEMENT EXECUTE FUNCTION kill_switch.refuse_change();
CREATE TRIGGER evaluations_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON kill_switch.evaluations
  FOR EACH STATEMENT EXECUTE FUNCTION kill_switch.refuse_change();
CREATE TRIGGER state_is_not_deleted BEFORE DELETE OR TRUNCATE ON kill_switch.state
  FOR EACH STATEMENT EXECUTE FUNCTION kill_switch.refuse_change();

-- The right to UPDATE would be the right to disengage: what an engager writes has to be engaged. Everybody who may
-- look sees every row: one that is hidden would read as not engaged.
ALTER TABLE kill_switch.state ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_sees_all ON kill_switch.state FOR SELECT TO PUBLIC USING (true);
CREATE POLICY begins_engaged ON kill_switch.state FOR INSERT TO :prefix:engager, :prefix:operator WITH CHECK (engaged);
CREATE POLICY engager_engages ON kill_switch.state FOR UPDATE TO :prefix:engager USING (true) WITH CHECK (engaged);
CREATE POLICY operator_does_both ON kill_switch.state FOR UPDATE TO :prefix:operator USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA kill_switch TO :prefix:engager, :prefix:operator, :prefix:grafana_reader, :prefix:responder;
GRANT SELECT ON ALL TABLES IN SCHEMA kill_switch
  TO :prefix:engager, :prefix:operator, :prefix:grafana_reader, :prefix:responder;
GRANT INSERT, UPDATE (engaged, version, incident, episode, source, who, why, ticket, override_text, evidence)
  ON kill_switch.state TO :prefix:engager, :prefix:operator;
-- Not when it was recorded and as whom: the database says that.
GRANT INSERT (evaluation_id, mode, decision, reason, scope, incident, episode, source, who, why, evidence,
              evidence_sha256, program_version, asked_at)
  ON kill_switch.evaluations TO :prefix:engager, :prefix:operator;
