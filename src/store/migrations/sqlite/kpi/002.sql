-- What leaves for the archive: the rows of a day up to a rowid, and the parts that they became. A leaf without
-- dropped_at is under way.
CREATE TABLE kpi.archive_leaves (
  leaf        TEXT PRIMARY KEY,
  half        TEXT NOT NULL CHECK (half = ''),
  first_day   TEXT NOT NULL CHECK (length(first_day) = 10),
  end_day     TEXT NOT NULL CHECK (length(end_day) = 10),
  last_rowid  INTEGER NOT NULL,
  detached_at TEXT NOT NULL,
  dropped_at  TEXT,
  rows        INTEGER
) STRICT;

CREATE TABLE kpi.archive_parts (
  leaf        TEXT NOT NULL,
  day         TEXT NOT NULL CHECK (length(day) = 10),
  part        INTEGER NOT NULL CHECK (part >= 1),
  rows        INTEGER NOT NULL CHECK (rows >= 1),
  time_min    TEXT NOT NULL CHECK (length(time_min) = 27),
  time_max    TEXT NOT NULL CHECK (length(time_max) = 27),
  bytes       INTEGER NOT NULL,
  sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
  rows_sha256 TEXT NOT NULL CHECK (length(rows_sha256) = 64),
  manifest    TEXT NOT NULL,
  archived_at TEXT NOT NULL,
  PRIMARY KEY (leaf, day, part)
) STRICT, WITHOUT ROWID;
