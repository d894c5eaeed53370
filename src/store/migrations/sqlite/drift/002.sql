-- Profiles that stand as references, and which of them stood when: a row of references is never changed, and the
-- newest version of a module is the one in force.
CREATE TABLE drift.profiles (
  profile_sha256 TEXT PRIMARY KEY CHECK (length(profile_sha256) = 64),
  bytes          BLOB NOT NULL
) STRICT;

CREATE TABLE drift."references" (
  module         TEXT NOT NULL CHECK (module <> ''),
  version        INTEGER NOT NULL CHECK (version >= 1),
  profile_sha256 TEXT NOT NULL CHECK (length(profile_sha256) = 64),
  who            TEXT NOT NULL CHECK (who <> ''),
  why            TEXT NOT NULL CHECK (why <> ''),
  promoted_at    TEXT NOT NULL CHECK (length(promoted_at) = 27),
  expires_at     TEXT CHECK (expires_at IS NULL OR length(expires_at) = 27),
  replaces       INTEGER,
  PRIMARY KEY (module, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER drift.references_are_not_changed BEFORE UPDATE ON "references"
BEGIN SELECT RAISE(ABORT, 'a reference is never changed: promote another one'); END;
CREATE TRIGGER drift.references_are_not_deleted BEFORE DELETE ON "references"
BEGIN SELECT RAISE(ABORT, 'a reference is never deleted: promote another one'); END;
