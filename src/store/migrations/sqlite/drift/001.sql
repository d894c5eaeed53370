CREATE TABLE drift.schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT;

CREATE TABLE drift.events (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id        TEXT NOT NULL CHECK (length(event_id) = 36),
  report_id       TEXT,
  run_id          TEXT,
  module          TEXT NOT NULL CHECK (module <> ''),
  drift_type      TEXT NOT NULL CHECK (drift_type IN (
                    'data_drift', 'feature_drift', 'prediction_drift', 'target_drift', 'data_quality',
                    'latency_drift', 'error_rate_drift', 'volume_drift', 'business_kpi_drift', 'model_confidence_drift')),
  metric          TEXT NOT NULL CHECK (metric <> ''),
  reference_value REAL,
  current_value   REAL,
  significance    REAL,
  severity        TEXT NOT NULL CHECK (severity IN ('info', 'warn', 'crit')),
  payload         TEXT CHECK (payload IS NULL OR json_valid(payload)),
  detected_at     TEXT NOT NULL CHECK (length(detected_at) = 27),
  CONSTRAINT drift_events_once UNIQUE (event_id, detected_at, severity)
) STRICT;
CREATE INDEX drift.events_module ON events (module, detected_at DESC);
CREATE INDEX drift.events_run ON events (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX drift.events_severity ON events (severity, detected_at DESC) WHERE severity IN ('warn', 'crit');

CREATE TABLE drift.reports (push_id TEXT PRIMARY KEY, created_at TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE drift.batches (
  spool_id      TEXT NOT NULL,
  batch_seq     INTEGER NOT NULL,
  emitted_total INTEGER NOT NULL,
  PRIMARY KEY (spool_id, batch_seq)
) STRICT, WITHOUT ROWID;
