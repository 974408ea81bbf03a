-- What lay outside the limits of a room, opened by its first reading, handled by the quality officer (quality.md Q63-1).
CREATE TABLE room_excursion (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    room_id BIGINT NOT NULL REFERENCES room (id),
    -- The first reading outside, and its time.
    reading_id BIGINT NOT NULL UNIQUE REFERENCES room_reading (id),
    began_at TIMESTAMP NOT NULL,
    -- The last reading within the limits before it; without one the first outside.
    from_at TIMESTAMP NOT NULL,
    -- The first reading within them afterwards; empty: it goes on.
    until_at TIMESTAMP,
    opened_at TIMESTAMP NOT NULL,
    -- What it touched and what was done; empty: not handled yet.
    handling TEXT NOT NULL,
    handled_by BIGINT REFERENCES person (id),
    handled_at TIMESTAMP
);
CREATE INDEX room_excursion_room ON room_excursion (room_id);
-- Who is told when a room lies outside its limits; nobody: the quality officers.
CREATE TABLE room_recipient (
    room_id BIGINT NOT NULL REFERENCES room (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    PRIMARY KEY (room_id, person_id)
);
