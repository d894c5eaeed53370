SET LOCAL ROLE :prefix:maintenance;

-- What people say of a hypothesis that no figure shows: rows are added, and never changed.
CREATE TABLE response.words (
  word_id    UUID PRIMARY KEY,
  hypothesis TEXT NOT NULL CHECK (hypothesis ~ '^H[0-9]+$'),
  at         TIMESTAMPTZ NOT NULL,
  who        TEXT NOT NULL CHECK (who <> ''),
  why        TEXT NOT NULL CHECK (why <> '')
);
CREATE TRIGGER words_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON response.words
  FOR EACH STATEMENT EXECUTE FUNCTION response.refuse_change();

GRANT SELECT ON response.words TO :prefix:grafana_reader, :prefix:sql_analyzer, :prefix:responder;
GRANT INSERT ON response.words TO :prefix:responder;
