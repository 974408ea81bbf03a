ALTER TABLE room_reading DROP COLUMN limits_id;
ALTER TABLE room ADD COLUMN temperature_least TEXT COLLATE "C";
ALTER TABLE room ADD COLUMN temperature_most TEXT COLLATE "C";
ALTER TABLE room ADD COLUMN humidity_least TEXT COLLATE "C";
ALTER TABLE room ADD COLUMN humidity_most TEXT COLLATE "C";
UPDATE room SET
    temperature_least = (SELECT l.temperature_least FROM room_limits l WHERE l.room_id = room.id ORDER BY l.valid_from DESC, l.id DESC LIMIT 1),
    temperature_most = (SELECT l.temperature_most FROM room_limits l WHERE l.room_id = room.id ORDER BY l.valid_from DESC, l.id DESC LIMIT 1),
    humidity_least = (SELECT l.humidity_least FROM room_limits l WHERE l.room_id = room.id ORDER BY l.valid_from DESC, l.id DESC LIMIT 1),
    humidity_most = (SELECT l.humidity_most FROM room_limits l WHERE l.room_id = room.id ORDER BY l.valid_from DESC, l.id DESC LIMIT 1);
DROP TABLE room_limits;
