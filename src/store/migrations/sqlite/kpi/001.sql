CREATE TABLE kpi.schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT;

-- time: ISO 8601, UTC, always six fractional digits, so that text order is time order.
CREATE TABLE kpi.events (
  time         TEXT NOT NULL CHECK (length(time) = 27),
  run_id       TEXT,
  module       TEXT NOT NULL CHECK (module <> ''),
  dag_node     TEXT,
  metric_name  TEXT NOT NULL CHECK (metric_name <> ''),
  metric_value REAL,
  tags         TEXT CHECK (tags IS NULL OR json_valid(tags)),
  duration_ms  INTEGER CHECK (duration_ms >= 0),
  success      INTEGER CHECK (success IN (0, 1)),
  event_id     TEXT NOT NULL CHECK (length(event_id) = 36),
  emit_id      TEXT NOT NULL CHECK (length(emit_id) = 36),
  emit_seq     INTEGER NOT NULL CHECK (emit_seq >= 0),
  UNIQUE (event_id, time)
) STRICT;
CREATE INDEX kpi.events_module_metric ON events (module, metric_name, time DESC);
CREATE INDEX kpi.events_metric ON events (metric_name, time DESC);
CREATE INDEX kpi.events_run ON events (run_id, time) WHERE run_id IS NOT NULL;
CREATE INDEX kpi.events_emit ON events (module, time) WHERE emit_seq = 0;
CREATE INDEX kpi.events_time ON events (time DESC);

CREATE TABLE kpi.series (module TEXT NOT NULL, metric_name TEXT NOT NULL, PRIMARY KEY (module, metric_name)) STRICT, WITHOUT ROWID;

CREATE TABLE kpi.batches (
  spool_id      TEXT NOT NULL,
  batch_seq     INTEGER NOT NULL,
  emitted_total INTEGER NOT NULL,
  PRIMARY KEY (spool_id, batch_seq)
) STRICT, WITHOUT ROWID;
