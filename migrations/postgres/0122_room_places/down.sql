DROP TABLE room_separation;
DROP TABLE part_stay;
ALTER TABLE room DROP COLUMN places;
ALTER TABLE room DROP COLUMN kind;
