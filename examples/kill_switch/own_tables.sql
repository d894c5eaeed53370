-- The kill switch over tables that are there already: the scope global is the one row of trading.kill_switch_state,
-- every other scope stays in tables of Tristrata. Once, after: tristrata kill-switch init; as a user who has the role
-- maintenance and may grant on the schema trading. Then: tristrata kill-switch check --scope global
--
-- trading.* stands for yours. Taken to be there: kill_switch_state (one row: engaged, version, changed_by, reason,
-- changed_at) and kill_switch_history (a row a version, which a trigger of yours writes). What they are called occurs in
-- the grants, the two views and the two functions engage_global and disengage_global, and nowhere else.
BEGIN;
GRANT USAGE ON SCHEMA trading TO maintenance;
GRANT SELECT, UPDATE ON trading.kill_switch_state TO maintenance;
GRANT SELECT ON trading.kill_switch_history TO maintenance;
SET LOCAL ROLE maintenance;

ALTER TABLE kill_switch.state RENAME TO state_of_scopes;
ALTER TABLE kill_switch.history RENAME TO history_of_scopes;
ALTER TABLE kill_switch.state_of_scopes ADD CONSTRAINT global_is_elsewhere CHECK (scope <> 'global');
CREATE OR REPLACE FUNCTION kill_switch.keep_history() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $keep$
BEGIN
  INSERT INTO kill_switch.history_of_scopes SELECT NEW.*, session_user;
  RETURN NULL;
END $keep$;

-- What your tables have no columns for. A version without a row here was made by a program of yours.
CREATE TABLE kill_switch.global_details (
  version       BIGINT PRIMARY KEY,
  incident      TEXT NOT NULL,
  episode       BIGINT NOT NULL,
  source        TEXT NOT NULL,
  ticket        TEXT,
  override_text TEXT,
  evidence      JSONB,
  database_user TEXT NOT NULL
);

CREATE VIEW kill_switch.state AS
SELECT scope, engaged, version, incident, episode, source, who, why, ticket, override_text, evidence, changed_at
FROM kill_switch.state_of_scopes
UNION ALL
SELECT 'global', s.engaged, s.version, coalesce(d.incident, 'console:' || s.version), coalesce(d.episode, 0),
       coalesce(d.source, 'console'), coalesce(s.changed_by, '-'), coalesce(s.reason, '-'), d.ticket, d.override_text,
       d.evidence, s.changed_at
FROM trading.kill_switch_state s LEFT JOIN kill_switch.global_details d USING (version);

CREATE VIEW kill_switch.history AS
SELECT scope, engaged, version, incident, episode, source, who, why, ticket, override_text, evidence, changed_at,
       database_user
FROM kill_switch.history_of_scopes
UNION ALL
SELECT 'global', h.engaged, h.version, coalesce(d.incident, 'console:' || h.version), coalesce(d.episode, 0),
       coalesce(d.source, 'console'), coalesce(h.changed_by, '-'), coalesce(h.reason, '-'), d.ticket, d.override_text,
       d.evidence, h.changed_at, coalesce(d.database_user, h.changed_by, '-')
FROM trading.kill_switch_history h LEFT JOIN kill_switch.global_details d USING (version);

-- As the owner, who alone may write your row; who may call which is granted below. False: somebody was first.
CREATE FUNCTION kill_switch.engage_global(wanted kill_switch.state) RETURNS BOOLEAN LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $engage$
BEGIN
  UPDATE trading.kill_switch_state SET engaged = true, version = version + 1, changed_by = wanted.who,
    reason = wanted.why, changed_at = clock_timestamp()
    WHERE version = wanted.version - 1 AND NOT engaged;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO kill_switch.global_details VALUES (wanted.version, wanted.incident, wanted.episode, wanted.source,
    wanted.ticket, wanted.override_text, wanted.evidence, session_user);
  RETURN true;
END $engage$;
CREATE FUNCTION kill_switch.disengage_global(wanted kill_switch.state) RETURNS BOOLEAN
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $disengage$
BEGIN
  IF wanted.source NOT IN ('cli', 'console', 'airflow') OR btrim(coalesce(wanted.ticket, ''), E' \t\r\n\x0B\f') = ''
    OR btrim(wanted.who, E' \t\r\n\x0B\f') = '' OR btrim(wanted.why, E' \t\r\n\x0B\f') = '' THEN
    RAISE EXCEPTION 'a person disengages, who says who, why and under which ticket' USING ERRCODE = '23514';
  END IF;
  UPDATE trading.kill_switch_state SET engaged = false, version = version + 1, changed_by = wanted.who,
    reason = wanted.why, changed_at = clock_timestamp()
    WHERE version = wanted.version - 1 AND engaged;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO kill_switch.global_details VALUES (wanted.version, wanted.incident, wanted.episode, wanted.source,
    wanted.ticket, wanted.override_text, wanted.evidence, session_user);
  RETURN true;
END $disengage$;
REVOKE EXECUTE ON FUNCTION kill_switch.engage_global, kill_switch.disengage_global FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kill_switch.engage_global TO engager, operator;
GRANT EXECUTE ON FUNCTION kill_switch.disengage_global TO operator;

-- As whoever writes: their rights decide.
CREATE FUNCTION kill_switch.route_transition() RETURNS TRIGGER LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $route$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.scope <> OLD.scope OR NEW.version <> OLD.version + 1 OR NEW.engaged = OLD.engaged) THEN
    RAISE EXCEPTION 'a transition engages or disengages one scope and counts its version up by one'
      USING ERRCODE = '23001';
  END IF;
  IF NEW.scope = 'global' THEN
    IF NEW.engaged AND kill_switch.engage_global(NEW) THEN RETURN NEW; END IF;
    IF NOT NEW.engaged AND kill_switch.disengage_global(NEW) THEN RETURN NEW; END IF;
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO kill_switch.state_of_scopes (scope, engaged, version, incident, episode, source, who, why, ticket,
                                             override_text, evidence)
      VALUES (NEW.scope, NEW.engaged, NEW.version, NEW.incident, NEW.episode, NEW.source, NEW.who, NEW.why, NEW.ticket,
              NEW.override_text, NEW.evidence);
    RETURN NEW;
  END IF;
  UPDATE kill_switch.state_of_scopes SET engaged = NEW.engaged, version = NEW.version, incident = NEW.incident,
    episode = NEW.episode, source = NEW.source, who = NEW.who, why = NEW.why, ticket = NEW.ticket,
    override_text = NEW.override_text, evidence = NEW.evidence
    WHERE scope = OLD.scope AND version = OLD.version;
  RETURN CASE WHEN FOUND THEN NEW END;
END $route$;
CREATE TRIGGER transitions_are_routed INSTEAD OF INSERT OR UPDATE ON kill_switch.state
  FOR EACH ROW EXECUTE FUNCTION kill_switch.route_transition();

GRANT SELECT ON kill_switch.state, kill_switch.history TO engager, operator, grafana_reader, responder;
GRANT INSERT, UPDATE (engaged, version, incident, episode, source, who, why, ticket, override_text, evidence)
  ON kill_switch.state TO engager, operator;
COMMIT;
