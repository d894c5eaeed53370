SET LOCAL ROLE :prefix:maintenance;

-- Blanks alone are no name, no reason and no ticket. Rows that are there already stay as they are (NOT VALID). Where
-- views over tables of your own stand in its place, the table is called otherwise: its trigger tells which it is.
DO $blanks$
DECLARE
  place REGCLASS := coalesce(
    (SELECT t.tgrelid::REGCLASS FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
     WHERE t.tgname = 'transitions_are_checked' AND c.relnamespace = 'kill_switch'::REGNAMESPACE),
    'kill_switch.state'::REGCLASS);
BEGIN
  EXECUTE format($add$
    ALTER TABLE %s ADD CONSTRAINT who_why_and_ticket_say_something CHECK (
      btrim(who, E' \t\r\n\x0B\f') <> '' AND btrim(why, E' \t\r\n\x0B\f') <> ''
      AND btrim(ticket, E' \t\r\n\x0B\f') IS DISTINCT FROM '') NOT VALID $add$, place);
END $blanks$;
