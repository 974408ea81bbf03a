-- The limits of a room by the day from which they hold, and for each reading the limits that it was judged by (quality.md
-- Q63-1): what is set later never changes what was found before.
CREATE TABLE room_limits (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    room_id BIGINT NOT NULL REFERENCES room (id),
    valid_from DATE NOT NULL,
    -- Exact decimals: degrees Celsius, per cent relative humidity; empty: no limit.
    temperature_least TEXT,
    temperature_most TEXT,
    humidity_least TEXT,
    humidity_most TEXT,
    -- Empty: from a file on the command line, or from before limits had days.
    person_id BIGINT REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX room_limits_room ON room_limits (room_id);
INSERT INTO room_limits (room_id, valid_from, temperature_least, temperature_most, humidity_least, humidity_most, at)
SELECT id, date(created_at), temperature_least, temperature_most, humidity_least, humidity_most, created_at
FROM room ORDER BY id;
CREATE TRIGGER room_limits_no_update BEFORE UPDATE ON room_limits
BEGIN SELECT RAISE(ABORT, 'room_limits is append-only'); END;
CREATE TRIGGER room_limits_no_delete BEFORE DELETE ON room_limits
BEGIN SELECT RAISE(ABORT, 'room_limits is append-only'); END;
ALTER TABLE room DROP COLUMN temperature_least;
ALTER TABLE room DROP COLUMN temperature_most;
ALTER TABLE room DROP COLUMN humidity_least;
ALTER TABLE room DROP COLUMN humidity_most;
-- Empty: from before limits had days; the first ones of the room.
ALTER TABLE room_reading ADD COLUMN limits_id BIGINT REFERENCES room_limits (id);
