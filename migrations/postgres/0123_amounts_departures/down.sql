ALTER TABLE sample DROP COLUMN departure_consent;
ALTER TABLE sample DROP COLUMN departure;
DROP TABLE part_use;
