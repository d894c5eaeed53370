-- Blanks alone are no name, no reason and no ticket. Rows that are there already stay as they are.
CREATE TRIGGER kill_switch.beginnings_say_something BEFORE INSERT ON state
WHEN trim(NEW.who, char(32, 9, 13, 10, 11, 12)) = '' OR trim(NEW.why, char(32, 9, 13, 10, 11, 12)) = ''
  OR trim(NEW.ticket, char(32, 9, 13, 10, 11, 12)) = ''
BEGIN SELECT RAISE(ABORT, 'who, why and ticket say something'); END;
CREATE TRIGGER kill_switch.transitions_say_something BEFORE UPDATE ON state
WHEN trim(NEW.who, char(32, 9, 13, 10, 11, 12)) = '' OR trim(NEW.why, char(32, 9, 13, 10, 11, 12)) = ''
  OR trim(NEW.ticket, char(32, 9, 13, 10, 11, 12)) = ''
BEGIN SELECT RAISE(ABORT, 'who, why and ticket say something'); END;
