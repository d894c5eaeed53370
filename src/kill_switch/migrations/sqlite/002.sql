-- Blanks alone are no name, no reason and no ticket. Rows that are there already stay as they are.
CREATE TRIGGER kill_switch.beginnings_say_something BEFORE INSERT ON state
WHEN trim(NEW.who, char(32, 9, 13, 10, 11, 12)) = '' OR trim(NEW.why, char(32, 9, 13, 10, 11, 12)) = ''
  OR trim(NEW.ticket, char(32, 9, 13, 10, 11, 12)) = ''
BEGIN SELECT RAISE(ABORT, 'who, why and ticket say something'); END;
CREATE TRIGGER kill_switch.transitions_say_something BEFORE UPDATE ON state
WHEN trim(NEW.who, char(32, 9, 13, 10, 11, 12)) = '' OR trim(NEW.why, char(32, 9, 13, 10, 11, 12)) = ''
  OR trim(NEW.ticket, char(32, 9, 13, 10, 11, 12)) = ''
BEGIN SELECT RAISE(ABORT, 'who, why and ticket say something'); END;

-- REPLACE deletes what is in the way and asks no trigger about it, on the row's number too (below 0 while none is
-- given). A transition that is there stays, and each row keeps its number.
CREATE TRIGGER kill_switch.state_is_not_replaced BEFORE INSERT ON state
WHEN EXISTS (SELECT 1 FROM state WHERE scope = NEW.scope OR (rowid = NEW.rowid AND NEW.rowid > 0))
BEGIN SELECT RAISE(ABORT, 'a scope that is there is never begun again'); END;
CREATE TRIGGER kill_switch.state_keeps_its_rows BEFORE UPDATE ON state WHEN NEW.rowid <> OLD.rowid
BEGIN SELECT RAISE(ABORT, 'kill_switch.state keeps the numbers of its rows'); END;
CREATE TRIGGER kill_switch.history_is_not_replaced BEFORE INSERT ON history
WHEN EXISTS (SELECT 1 FROM history WHERE (scope = NEW.scope AND version = NEW.version)
               OR (NEW.engaged AND engaged AND scope = NEW.scope AND incident = NEW.incident
                   AND episode = NEW.episode)
               OR (rowid = NEW.rowid AND NEW.rowid > 0))
BEGIN SELECT RAISE(ABORT, 'kill_switch.history is append-only'); END;
-- An evaluation that comes again is left out, as ON CONFLICT DO NOTHING asks.
CREATE TRIGGER kill_switch.evaluations_are_not_replaced BEFORE INSERT ON evaluations
WHEN EXISTS (SELECT 1 FROM evaluations WHERE evaluation_id = NEW.evaluation_id
               OR (rowid = NEW.rowid AND NEW.rowid > 0))
BEGIN SELECT RAISE(IGNORE); END;
