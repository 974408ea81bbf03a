-- Where parts of samples lie: rooms have a kind and places, a part stays in a room from its coming to its going (quality.md
-- Q63-2, Q74-3).
ALTER TABLE room ADD COLUMN kind TEXT NOT NULL DEFAULT '';
-- Codes of the places in it, separated by `;`: shelves, boxes.
ALTER TABLE room ADD COLUMN places TEXT NOT NULL DEFAULT '';
CREATE TABLE part_stay (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    room_id BIGINT NOT NULL REFERENCES room (id),
    place TEXT NOT NULL,
    began_at TIMESTAMP NOT NULL,
    -- Empty: it is still there.
    ended_at TIMESTAMP
);
CREATE INDEX part_stay_part ON part_stay (part_id);
CREATE INDEX part_stay_room ON part_stay (room_id, ended_at);
-- How strictly a movement from a room of one kind into one of another is looked at; the latest line of a pair holds.
CREATE TABLE room_separation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    from_kind TEXT NOT NULL,
    into_kind TEXT NOT NULL,
    mode TEXT NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER room_separation_no_update BEFORE UPDATE ON room_separation
BEGIN SELECT RAISE(ABORT, 'room_separation is append-only'); END;
CREATE TRIGGER room_separation_no_delete BEFORE DELETE ON room_separation
BEGIN SELECT RAISE(ABORT, 'room_separation is append-only'); END;
