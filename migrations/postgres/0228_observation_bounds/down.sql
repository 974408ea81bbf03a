ALTER TABLE observation DROP COLUMN bound;
