-- What people say of a hypothesis that no figure shows: rows are added, and never changed.
CREATE TABLE response.words (
  word_id    TEXT PRIMARY KEY,
  hypothesis TEXT NOT NULL CHECK (hypothesis GLOB 'H[0-9]*'),
  at         TEXT NOT NULL,
  who        TEXT NOT NULL CHECK (who <> ''),
  why        TEXT NOT NULL CHECK (why <> '')
) STRICT;
CREATE TRIGGER response.words_are_not_changed BEFORE UPDATE ON words
BEGIN SELECT RAISE(ABORT, 'what somebody said is never changed'); END;
CREATE TRIGGER response.words_are_not_deleted BEFORE DELETE ON words
BEGIN SELECT RAISE(ABORT, 'what somebody said is never deleted'); END;
