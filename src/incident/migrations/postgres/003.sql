SET LOCAL ROLE :prefix:maintenance;

-- Digests, one a period: who writes the row has it sent. Without appended_at it is still to be handed to the spool.
CREATE TABLE response.digests (
  digest_id   UUID PRIMARY KEY,
  begins_at   TIMESTAMPTZ NOT NULL,
  due_at      TIMESTAMPTZ NOT NULL UNIQUE CHECK (due_at > begins_at),
  made_at     TIMESTAMPTZ NOT NULL,
  incidents   BIGINT NOT NULL,
  appended_at TIMESTAMPTZ,
  alert       JSONB  -- NULL: there was nothing to say
);

GRANT SELECT ON response.digests TO :prefix:grafana_reader, :prefix:sql_analyzer, :prefix:responder;
GRANT INSERT, UPDATE (appended_at) ON response.digests TO :prefix:responder;
