-- Roles without a login: who may do what. Give a login to a user of your own, and the user a role:
-- CREATE ROLE checker LOGIN PASSWORD '…' IN ROLE :prefix:drift_writer;
DO $roles$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[':prefix:maintenance', ':prefix:drift_writer', ':prefix:grafana_reader',
                              ':prefix:sql_analyzer', ':prefix:responder'] LOOP
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
  BEGIN
    EXECUTE format('GRANT pg_read_all_stats TO %I', ':prefix:maintenance');
  EXCEPTION WHEN insufficient_privilege THEN NULL;  -- it sees its own statements only
  END;
END $roles$;

CREATE SCHEMA drift AUTHORIZATION :prefix:maintenance;
SET LOCAL ROLE :prefix:maintenance;

CREATE TABLE drift.schema_version (version BIGINT PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT now());

-- One unique constraint only: a second one would make ON CONFLICT DO NOTHING swallow rows that are new.
CREATE TABLE drift.events (
  id              BIGINT GENERATED ALWAYS AS IDENTITY,
  event_id        UUID NOT NULL,
  report_id       UUID,
  run_id          TEXT,
  module          TEXT NOT NULL CHECK (module <> ''),
  drift_type      TEXT NOT NULL CHECK (drift_type IN (
                    'data_drift', 'feature_drift', 'prediction_drift', 'target_drift', 'data_quality',
                    'latency_drift', 'error_rate_drift', 'volume_drift', 'business_kpi_drift', 'model_confidence_drift')),
  metric          TEXT NOT NULL CHECK (metric <> ''),
  reference_value DOUBLE PRECISION,
  current_value   DOUBLE PRECISION,
  significance    DOUBLE PRECISION,
  severity        TEXT NOT NULL CHECK (severity IN ('info', 'warn', 'crit')),
  payload         JSONB,
  detected_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT drift_events_once UNIQUE (event_id, detected_at, severity)
) PARTITION BY LIST (severity);
CREATE TABLE drift.events_info PARTITION OF drift.events FOR VALUES IN ('info') PARTITION BY RANGE (detected_at);
CREATE TABLE drift.events_alert PARTITION OF drift.events FOR VALUES IN ('warn', 'crit')
  PARTITION BY RANGE (detected_at);
CREATE INDEX events_module ON drift.events (module, detected_at DESC);
CREATE INDEX events_run ON drift.events (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX events_alert_severity ON drift.events_alert (severity, detected_at DESC);

-- Rows whose month has no partition and gets none: kept, counted, never refused.
CREATE TABLE drift.events_parked (
  LIKE drift.events INCLUDING CONSTRAINTS,
  parked_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT drift_events_parked_once UNIQUE (event_id, detected_at, severity)
);
ALTER TABLE drift.events_parked ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;

CREATE TABLE drift.reports (push_id UUID PRIMARY KEY, created_at TIMESTAMPTZ NOT NULL);

CREATE TABLE drift.batches (
  spool_id      UUID NOT NULL,
  batch_seq     BIGINT NOT NULL,
  emitted_total BIGINT NOT NULL,
  PRIMARY KEY (spool_id, batch_seq)
);

-- Profiles that stand as references, and which of them stood when: a row of references is never changed, and the
-- newest version of a module is the one in force.
CREATE TABLE drift.profiles (
  profile_sha256 TEXT PRIMARY KEY CHECK (length(profile_sha256) = 64),
  bytes          BYTEA NOT NULL
);
CREATE TABLE drift."references" (
  module         TEXT NOT NULL CHECK (module <> ''),
  version        BIGINT NOT NULL CHECK (version >= 1),
  profile_sha256 TEXT NOT NULL REFERENCES drift.profiles,
  who            TEXT NOT NULL CHECK (who <> ''),
  why            TEXT NOT NULL CHECK (why <> ''),
  promoted_at    TIMESTAMPTZ NOT NULL,
  expires_at     TIMESTAMPTZ,
  replaces       BIGINT,
  PRIMARY KEY (module, version)
);
CREATE FUNCTION drift.refuse_change() RETURNS TRIGGER LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION 'a reference is never changed or deleted: promote another one' USING ERRCODE = '23001';
END $refuse$;
CREATE TRIGGER references_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON drift."references"
  FOR EACH STATEMENT EXECUTE FUNCTION drift.refuse_change();

-- Months that left for the archive, by half: their partitions are never made again.
CREATE TABLE drift.archived_months (
  month       DATE NOT NULL,
  half        TEXT NOT NULL CHECK (half IN ('info', 'alert')),
  archived_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (month, half)
);

-- What `store init` and `store probe` found the server to be.
CREATE TABLE drift.probes (probed_at TIMESTAMPTZ NOT NULL DEFAULT now(), kind TEXT NOT NULL, facts JSONB NOT NULL);

-- Whether the month's rows of a half ('info', 'alert') have a place in drift.events: makes the partition where it
-- is missing and may be made. Months before 2000, more than 60 days ahead, archived, or beyond 1,200 get none.
CREATE FUNCTION drift.ensure_month(wanted DATE, half TEXT) RETURNS BOOLEAN
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $ensure$
DECLARE
  first  date := date_trunc('month', wanted::timestamp)::date;
  parent text := 'events_' || half;
  leaf   text := parent || '_' || to_char(first, 'YYYYMM');
BEGIN
  IF half NOT IN ('info', 'alert') THEN
    RAISE EXCEPTION 'no half of drift.events is called %', half USING ERRCODE = '22023';
  END IF;
  FOR attempt IN 1..2 LOOP
    IF EXISTS (SELECT FROM pg_inherits JOIN pg_class ON oid = inhrelid
               WHERE inhparent = format('drift.%I', parent)::regclass AND relname = leaf
               AND NOT inhdetachpending) THEN
      RETURN true;
    END IF;
    EXIT WHEN attempt = 2;
    PERFORM pg_advisory_xact_lock('drift.events'::regclass::oid::bigint);
  END LOOP;
  IF first < DATE '2000-01-01' OR first > current_date + 60
     OR EXISTS (SELECT FROM drift.archived_months AS gone WHERE gone.month = first AND gone.half = ensure_month.half)
     OR to_regclass(format('drift.%I', leaf)) IS NOT NULL
     OR (SELECT count(*) FROM pg_inherits WHERE inhparent = format('drift.%I', parent)::regclass) >= 1200 THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE drift.%I (LIKE drift.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)',
                 leaf, parent);
  EXECUTE format('ALTER TABLE drift.%I ATTACH PARTITION drift.%I FOR VALUES FROM (%L) TO (%L)', parent, leaf,
                 first::timestamptz, (first + interval '1 month')::timestamptz);
  RETURN true;
END $ensure$;

-- This month and those that begin within so many days; returns where the last partition ends.
CREATE FUNCTION drift.ensure_ahead(days INTEGER) RETURNS TIMESTAMPTZ
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $ahead$
DECLARE
  last date := date_trunc('month', (current_date + least(days, 60))::timestamp)::date;
BEGIN
  PERFORM drift.ensure_month(month::date, half)
  FROM generate_series(date_trunc('month', current_date::timestamp), last::timestamp, interval '1 month') AS month,
       unnest(ARRAY['info', 'alert']) AS half;
  RETURN (last + interval '1 month')::timestamptz;
END $ahead$;
REVOKE ALL ON FUNCTION drift.ensure_month(DATE, TEXT), drift.ensure_ahead(INTEGER) FROM PUBLIC;

GRANT USAGE ON SCHEMA drift TO :prefix:drift_writer, :prefix:grafana_reader, :prefix:sql_analyzer, :prefix:responder;
GRANT INSERT ON drift.events, drift.events_parked, drift.reports, drift.batches TO :prefix:drift_writer;
GRANT SELECT ON drift.schema_version TO :prefix:drift_writer;
GRANT EXECUTE ON FUNCTION drift.ensure_month(DATE, TEXT), drift.ensure_ahead(INTEGER) TO :prefix:drift_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA drift TO :prefix:grafana_reader, :prefix:sql_analyzer;
GRANT SELECT ON drift.events, drift.schema_version TO :prefix:responder;
