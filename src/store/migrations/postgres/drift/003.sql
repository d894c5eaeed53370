SET LOCAL ROLE :prefix:maintenance;

-- The oldest program that may work on these tables, by the newest version that it knows; the greatest counts. A migration
-- that only adds leaves it as it is, so that writers of the version before go on; one that does not says
-- UPDATE drift.schema_version SET min_writer = its number. Programs that know no version 3 do not look here, and refuse.
ALTER TABLE drift.schema_version ADD COLUMN min_writer BIGINT NOT NULL DEFAULT 3;
