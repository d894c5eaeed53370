-- REPLACE deletes what is in the way and asks no trigger about it, on the row's number too (below 0 while none is
-- given). What is there stays.
CREATE TRIGGER response.transitions_are_not_replaced BEFORE INSERT ON transitions
WHEN EXISTS (SELECT 1 FROM transitions WHERE (incident_id = NEW.incident_id AND seq = NEW.seq)
               OR (rowid = NEW.rowid AND NEW.rowid > 0))
BEGIN SELECT RAISE(ABORT, 'the history of an incident is never changed'); END;
-- A word that comes again is left out, as ON CONFLICT DO NOTHING asks.
CREATE TRIGGER response.words_are_not_replaced BEFORE INSERT ON words
WHEN EXISTS (SELECT 1 FROM words WHERE word_id = NEW.word_id OR (rowid = NEW.rowid AND NEW.rowid > 0))
BEGIN SELECT RAISE(IGNORE); END;
