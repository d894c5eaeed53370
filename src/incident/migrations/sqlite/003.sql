-- Digests, one a period: who writes the row has it sent. Without appended_at it is still to be handed to the spool.
CREATE TABLE response.digests (
  digest_id   TEXT PRIMARY KEY,
  begins_at   TEXT NOT NULL,
  due_at      TEXT NOT NULL UNIQUE CHECK (due_at > begins_at),
  made_at     TEXT NOT NULL,
  incidents   INTEGER NOT NULL,
  appended_at TEXT,
  alert       TEXT  -- NULL: there was nothing to say
) STRICT;
