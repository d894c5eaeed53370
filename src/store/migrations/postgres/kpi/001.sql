-- Roles without a login: who may do what. Give a login to a user of your own, and the user a role:
-- CREATE ROLE pipeline LOGIN PASSWORD '…' IN ROLE :prefix:kpi_writer;
DO $roles$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[':prefix:maintenance', ':prefix:kpi_writer', ':prefix:grafana_reader',
                              ':prefix:sql_analyzer'] LOOP
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

CREATE SCHEMA kpi AUTHORIZATION :prefix:maintenance;
SET LOCAL ROLE :prefix:maintenance;

CREATE TABLE kpi.schema_version (version BIGINT PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT now());

CREATE TABLE kpi.events (
  time         TIMESTAMPTZ NOT NULL DEFAULT now(),
  run_id       TEXT,
  module       TEXT NOT NULL CHECK (module <> ''),
  dag_node     TEXT,
  metric_name  TEXT NOT NULL CHECK (metric_name <> ''),
  metric_value DOUBLE PRECISION,
  tags         JSONB,
  duration_ms  BIGINT CHECK (duration_ms >= 0),
  success      BOOLEAN,
  event_id     UUID NOT NULL,
  emit_id      UUID NOT NULL,
  emit_seq     SMALLINT NOT NULL CHECK (emit_seq >= 0),
  CONSTRAINT kpi_events_once UNIQUE (event_id, time)
) PARTITION BY RANGE (time);
CREATE INDEX events_module_metric ON kpi.events (module, metric_name, time DESC) INCLUDE (metric_value);
CREATE INDEX events_metric ON kpi.events (metric_name, time DESC) INCLUDE (metric_value);
CREATE INDEX events_run ON kpi.events (run_id, time) WHERE run_id IS NOT NULL;
CREATE INDEX events_emit ON kpi.events (module, time) INCLUDE (success, duration_ms) WHERE emit_seq = 0;
CREATE INDEX events_time ON kpi.events USING brin (time) WITH (autosummarize = on);

-- Rows whose day has no partition and gets none: kept, counted, never refused.
CREATE TABLE kpi.events_parked (
  LIKE kpi.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
  parked_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  CONSTRAINT kpi_events_parked_once UNIQUE (event_id, time)
);

CREATE TABLE kpi.series (module TEXT NOT NULL, metric_name TEXT NOT NULL, PRIMARY KEY (module, metric_name));

CREATE TABLE kpi.batches (
  spool_id      UUID NOT NULL,
  batch_seq     BIGINT NOT NULL,
  emitted_total BIGINT NOT NULL,
  PRIMARY KEY (spool_id, batch_seq)
);

-- Days that left for the archive: their partitions are never made again.
CREATE TABLE kpi.archived_days (day DATE PRIMARY KEY, archived_at TIMESTAMPTZ NOT NULL DEFAULT now());

-- What `store init` and `store probe` found the server to be.
CREATE TABLE kpi.probes (probed_at TIMESTAMPTZ NOT NULL DEFAULT now(), kind TEXT NOT NULL, facts JSONB NOT NULL);

-- Whether the day's rows have a place in kpi.events: makes the partition where it is missing and may be made. By
-- LIKE and ATTACH, behind which nobody queues. Days before 2000, more than 60 ahead, archived, or beyond 3,000
-- partitions get none.
CREATE FUNCTION kpi.ensure_day(wanted DATE) RETURNS BOOLEAN
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $ensure$
DECLARE
  leaf text := 'events_' || to_char(wanted, 'YYYYMMDD');
BEGIN
  FOR attempt IN 1..2 LOOP
    IF EXISTS (SELECT FROM pg_inherits JOIN pg_class ON oid = inhrelid
               WHERE inhparent = 'kpi.events'::regclass AND relname = leaf AND NOT inhdetachpending) THEN
      RETURN true;
    END IF;
    EXIT WHEN attempt = 2;
    PERFORM pg_advisory_xact_lock('kpi.events'::regclass::oid::bigint);
  END LOOP;
  IF wanted < DATE '2000-01-01' OR wanted > current_date + 60
     OR EXISTS (SELECT FROM kpi.archived_days WHERE day = wanted)
     OR to_regclass(format('kpi.%I', leaf)) IS NOT NULL
     OR (SELECT count(*) FROM pg_inherits WHERE inhparent = 'kpi.events'::regclass) >= 3000 THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE kpi.%I (LIKE kpi.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)'
                 ' WITH (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)', leaf);
  EXECUTE format('ALTER TABLE kpi.events ATTACH PARTITION kpi.%I FOR VALUES FROM (%L) TO (%L)', leaf,
                 wanted::timestamptz, (wanted + 1)::timestamptz);
  RETURN true;
END $ensure$;

-- Today and the days ahead; returns where the last partition ends.
CREATE FUNCTION kpi.ensure_ahead(days INTEGER) RETURNS TIMESTAMPTZ
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $ahead$
BEGIN
  PERFORM kpi.ensure_day(current_date + ahead) FROM generate_series(0, least(days, 60)) AS ahead;
  RETURN (current_date + least(days, 60) + 1)::timestamptz;
END $ahead$;
REVOKE ALL ON FUNCTION kpi.ensure_day(DATE), kpi.ensure_ahead(INTEGER) FROM PUBLIC;

GRANT USAGE ON SCHEMA kpi TO :prefix:kpi_writer, :prefix:grafana_reader, :prefix:sql_analyzer;
GRANT INSERT ON kpi.events, kpi.events_parked, kpi.series, kpi.batches TO :prefix:kpi_writer;
GRANT SELECT ON kpi.schema_version TO :prefix:kpi_writer;
GRANT EXECUTE ON FUNCTION kpi.ensure_day(DATE), kpi.ensure_ahead(INTEGER) TO :prefix:kpi_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA kpi TO :prefix:grafana_reader, :prefix:sql_analyzer;
