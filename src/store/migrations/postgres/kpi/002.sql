SET LOCAL ROLE :prefix:maintenance;

-- What leaves for the archive: a day's table that was detached, or late rows of a day that had left; and the parts
-- that they became. A leaf without dropped_at is under way.
CREATE TABLE kpi.archive_leaves (
  leaf        TEXT PRIMARY KEY,
  half        TEXT NOT NULL CHECK (half = ''),
  first_day   DATE NOT NULL,
  end_day     DATE NOT NULL,
  detached_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  dropped_at  TIMESTAMPTZ,
  rows        BIGINT
);
CREATE TABLE kpi.archive_parts (
  leaf        TEXT NOT NULL REFERENCES kpi.archive_leaves,
  day         DATE NOT NULL,
  part        INTEGER NOT NULL CHECK (part >= 1),
  rows        BIGINT NOT NULL CHECK (rows >= 1),
  time_min    TIMESTAMPTZ NOT NULL,
  time_max    TIMESTAMPTZ NOT NULL,
  bytes       BIGINT NOT NULL,
  sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
  rows_sha256 TEXT NOT NULL CHECK (length(rows_sha256) = 64),
  manifest    TEXT NOT NULL,
  archived_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (leaf, day, part)
);

-- Takes a day's table out of kpi.events, for good: no partition of the day is made again. Plain DETACH, which gives
-- up after two seconds: DETACH CONCURRENTLY, once cancelled, would leave a table that refuses rows. One that
-- somebody left so is finished. Returns the leaf's name; a second call changes nothing.
CREATE FUNCTION kpi.detach_leaf(wanted DATE, half TEXT DEFAULT '') RETURNS TEXT
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $detach$
DECLARE
  leaf    text := 'events_' || to_char(wanted, 'YYYYMMDD');
  pending boolean;
BEGIN
  IF wanted >= current_date THEN
    RAISE EXCEPTION 'the day % is not over', wanted USING ERRCODE = '22023';
  END IF;
  PERFORM pg_advisory_xact_lock('kpi.events'::regclass::oid::bigint);
  INSERT INTO kpi.archived_days (day) VALUES (wanted) ON CONFLICT DO NOTHING;
  INSERT INTO kpi.archive_leaves (leaf, half, first_day, end_day) VALUES (leaf, '', wanted, wanted + 1)
  ON CONFLICT DO NOTHING;
  SELECT inhdetachpending INTO pending FROM pg_inherits JOIN pg_class ON oid = inhrelid
  WHERE inhparent = 'kpi.events'::regclass AND relname = leaf;
  IF pending IS NOT NULL THEN
    EXECUTE format('ALTER TABLE kpi.events DETACH PARTITION kpi.%I %s', leaf,
                   CASE WHEN pending THEN 'FINALIZE' ELSE '' END);
  END IF;
  RETURN leaf;
END $detach$;

-- Drops a leaf whose rows, counted again under its lock, are those of its verified parts. Returns their number; a
-- second call returns it again.
CREATE FUNCTION kpi.drop_leaf(wanted TEXT) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $drop$
DECLARE
  known    kpi.archive_leaves;
  counted  bigint;
  archived bigint;
BEGIN
  SELECT * INTO known FROM kpi.archive_leaves WHERE leaf = wanted FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no leaf % was taken out', wanted USING ERRCODE = '22023';
  END IF;
  IF known.dropped_at IS NOT NULL THEN
    RETURN known.rows;
  END IF;
  EXECUTE format('LOCK TABLE kpi.%I IN ACCESS EXCLUSIVE MODE', wanted);
  EXECUTE format('SELECT count(*) FROM kpi.%I', wanted) INTO counted;
  SELECT coalesce(sum(rows), 0) INTO archived FROM kpi.archive_parts WHERE leaf = wanted;
  IF counted <> archived THEN
    RAISE EXCEPTION 'the leaf % holds % rows, and its parts in the archive %', wanted, counted, archived
      USING ERRCODE = '22023';
  END IF;
  EXECUTE format('DROP TABLE kpi.%I', wanted);
  UPDATE kpi.archive_leaves SET dropped_at = now(), rows = counted WHERE leaf = wanted;
  RETURN counted;
END $drop$;

-- Parked rows that have a place now go home; those of a day that has left become a leaf of its own, one at a time.
-- Returns how many went home, and how many became leaves.
CREATE FUNCTION kpi.clear_parked(OUT home BIGINT, OUT late BIGINT)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $clear$
DECLARE
  wanted  date;
  moved   bigint;
  leaf    text;
  columns CONSTANT text := 'time, run_id, module, dag_node, metric_name, metric_value, tags, duration_ms, success, '
                           'event_id, emit_id, emit_seq';
BEGIN
  home := 0;
  late := 0;
  FOR wanted IN SELECT DISTINCT time::date FROM kpi.events_parked ORDER BY 1 LOOP
    IF kpi.ensure_day(wanted) THEN
      EXECUTE format('WITH gone AS (DELETE FROM kpi.events_parked WHERE time >= $1 AND time < $2 RETURNING %1$s) '
                     'INSERT INTO kpi.events (%1$s) SELECT %1$s FROM gone ON CONFLICT DO NOTHING', columns)
        USING wanted::timestamptz, (wanted + 1)::timestamptz;
      GET DIAGNOSTICS moved = ROW_COUNT;
      home := home + moved;
    ELSIF EXISTS (SELECT FROM kpi.archived_days WHERE day = wanted)
          AND NOT EXISTS (SELECT FROM kpi.archive_leaves WHERE first_day = wanted AND dropped_at IS NULL) THEN
      SELECT format('events_%s_late%s', to_char(wanted, 'YYYYMMDD'), count(*) + 1) INTO leaf
      FROM kpi.archive_leaves AS l WHERE first_day = wanted;
      EXECUTE format('CREATE TABLE kpi.%I (LIKE kpi.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', leaf);
      EXECUTE format('WITH gone AS (DELETE FROM kpi.events_parked WHERE time >= $1 AND time < $2 RETURNING %1$s) '
                     'INSERT INTO kpi.%2$I (%1$s) SELECT %1$s FROM gone', columns, leaf)
        USING wanted::timestamptz, (wanted + 1)::timestamptz;
      GET DIAGNOSTICS moved = ROW_COUNT;
      late := late + moved;
      INSERT INTO kpi.archive_leaves (leaf, half, first_day, end_day) VALUES (leaf, '', wanted, wanted + 1);
    END IF;
  END LOOP;
END $clear$;

REVOKE ALL ON FUNCTION kpi.detach_leaf(DATE, TEXT), kpi.drop_leaf(TEXT), kpi.clear_parked() FROM PUBLIC;
GRANT SELECT ON kpi.archive_leaves, kpi.archive_parts TO :prefix:grafana_reader, :prefix:sql_analyzer;
