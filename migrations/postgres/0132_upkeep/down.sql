DROP TABLE instrument_upkeep;
ALTER TABLE instrument DROP COLUMN manual;
ALTER TABLE instrument DROP COLUMN location;
ALTER TABLE instrument DROP COLUMN software;
