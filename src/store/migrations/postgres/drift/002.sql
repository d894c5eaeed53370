SET LOCAL ROLE :prefix:maintenance;

-- What leaves for the archive: the table of a month and half that was detached, or late rows of one that had left;
-- and the parts that they became, one a day. A leaf without dropped_at is under way.
CREATE TABLE drift.archive_leaves (
  leaf        TEXT PRIMARY KEY,
  half        TEXT NOT NULL CHECK (half IN ('info', 'alert')),
  first_day   DATE NOT NULL,
  end_day     DATE NOT NULL,
  detached_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  dropped_at  TIMESTAMPTZ,
  rows        BIGINT
);
CREATE TABLE drift.archive_parts (
  leaf        TEXT NOT NULL REFERENCES drift.archive_leaves,
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

-- Takes a month's table out of a half of drift.events, for good: see kpi.detach_leaf.
CREATE FUNCTION drift.detach_leaf(wanted DATE, half TEXT) RETURNS TEXT
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $detach$
DECLARE
  month   date := date_trunc('month', wanted::timestamp)::date;
  next    date := (date_trunc('month', wanted::timestamp) + interval '1 month')::date;
  parent  text := 'events_' || half;
  leaf    text := parent || '_' || to_char(month, 'YYYYMM');
  pending boolean;
BEGIN
  IF half NOT IN ('info', 'alert') THEN
    RAISE EXCEPTION 'no half of drift.events is called %', half USING ERRCODE = '22023';
  END IF;
  IF next > current_date THEN
    RAISE EXCEPTION 'the month of % is not over', wanted USING ERRCODE = '22023';
  END IF;
  PERFORM pg_advisory_xact_lock('drift.events'::regclass::oid::bigint);
  INSERT INTO drift.archived_months (month, half) VALUES (month, half) ON CONFLICT DO NOTHING;
  INSERT INTO drift.archive_leaves (leaf, half, first_day, end_day) VALUES (leaf, half, month, next)
  ON CONFLICT DO NOTHING;
  SELECT inhdetachpending INTO pending FROM pg_inherits JOIN pg_class ON oid = inhrelid
  WHERE inhparent = format('drift.%I', parent)::regclass AND relname = leaf;
  IF pending IS NOT NULL THEN
    EXECUTE format('ALTER TABLE drift.%I DETACH PARTITION drift.%I %s', parent, leaf,
                   CASE WHEN pending THEN 'FINALIZE' ELSE '' END);
  END IF;
  RETURN leaf;
END $detach$;

-- Drops a leaf whose rows, counted again under its lock, are those of its verified parts: see kpi.drop_leaf.
CREATE FUNCTION drift.drop_leaf(wanted TEXT) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $drop$
DECLARE
  known    drift.archive_leaves;
  counted  bigint;
  archived bigint;
BEGIN
  SELECT * INTO known FROM drift.archive_leaves WHERE leaf = wanted FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no leaf % was taken out', wanted USING ERRCODE = '22023';
  END IF;
  IF known.dropped_at IS NOT NULL THEN
    RETURN known.rows;
  END IF;
  EXECUTE format('LOCK TABLE drift.%I IN ACCESS EXCLUSIVE MODE', wanted);
  EXECUTE format('SELECT count(*) FROM drift.%I', wanted) INTO counted;
  SELECT coalesce(sum(rows), 0) INTO archived FROM drift.archive_parts WHERE leaf = wanted;
  IF counted <> archived THEN
    RAISE EXCEPTION 'the leaf % holds % rows, and its parts in the archive %', wanted, counted, archived
      USING ERRCODE = '22023';
  END IF;
  EXECUTE format('DROP TABLE drift.%I', wanted);
  UPDATE drift.archive_leaves SET dropped_at = now(), rows = counted WHERE leaf = wanted;
  RETURN counted;
END $drop$;

-- Parked rows that have a place now go home; those of a month that has left become a leaf: see kpi.clear_parked.
CREATE FUNCTION drift.clear_parked(OUT home BIGINT, OUT late BIGINT)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $clear$
DECLARE
  wanted  record;
  next    date;
  moved   bigint;
  leaf    text;
  columns CONSTANT text := 'event_id, report_id, run_id, module, drift_type, metric, reference_value, current_value, '
                           'significance, severity, payload, detected_at';
BEGIN
  home := 0;
  late := 0;
  FOR wanted IN SELECT DISTINCT date_trunc('month', detected_at)::date AS month,
                       CASE severity WHEN 'info' THEN 'info' ELSE 'alert' END AS half
                FROM drift.events_parked ORDER BY 1, 2 LOOP
    next := (wanted.month + interval '1 month')::date;
    IF drift.ensure_month(wanted.month, wanted.half) THEN
      EXECUTE format('WITH gone AS (DELETE FROM drift.events_parked WHERE detected_at >= $1 AND detected_at < $2 '
                     'AND (severity = ''info'') = ($3 = ''info'') RETURNING %1$s) '
                     'INSERT INTO drift.events (%1$s) SELECT %1$s FROM gone ON CONFLICT DO NOTHING', columns)
        USING wanted.month::timestamptz, next::timestamptz, wanted.half;
      GET DIAGNOSTICS moved = ROW_COUNT;
      home := home + moved;
    ELSIF EXISTS (SELECT FROM drift.archived_months AS a WHERE a.month = wanted.month AND a.half = wanted.half)
          AND NOT EXISTS (SELECT FROM drift.archive_leaves AS l WHERE l.first_day = wanted.month
                          AND l.half = wanted.half AND dropped_at IS NULL) THEN
      SELECT format('events_%s_%s_late%s', wanted.half, to_char(wanted.month, 'YYYYMM'), count(*) + 1) INTO leaf
      FROM drift.archive_leaves AS l WHERE l.first_day = wanted.month AND l.half = wanted.half;
      EXECUTE format('CREATE TABLE drift.%I (LIKE drift.events_parked INCLUDING CONSTRAINTS)', leaf);
      EXECUTE format('WITH gone AS (DELETE FROM drift.events_parked WHERE detected_at >= $1 AND detected_at < $2 '
                     'AND (severity = ''info'') = ($3 = ''info'') RETURNING *) '
                     'INSERT INTO drift.%1$I SELECT * FROM gone', leaf)
        USING wanted.month::timestamptz, next::timestamptz, wanted.half;
      GET DIAGNOSTICS moved = ROW_COUNT;
      late := late + moved;
      INSERT INTO drift.archive_leaves (leaf, half, first_day, end_day)
      VALUES (leaf, wanted.half, wanted.month, next);
    END IF;
  END LOOP;
END $clear$;

REVOKE ALL ON FUNCTION drift.detach_leaf(DATE, TEXT), drift.drop_leaf(TEXT), drift.clear_parked() FROM PUBLIC;
GRANT SELECT ON drift.archive_leaves, drift.archive_parts TO :prefix:grafana_reader, :prefix:sql_analyzer;
