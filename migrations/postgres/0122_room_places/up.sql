-- Where parts of samples lie: rooms have a kind and places, a part stays in a room from its coming to its going (quality.md
-- Q63-2, Q74-3).
ALTER TABLE room ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Codes of the places in it, separated by `;`: shelves, boxes.
ALTER TABLE room ADD COLUMN places TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE TABLE part_stay (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    room_id BIGINT NOT NULL REFERENCES room (id),
    place TEXT COLLATE "C" NOT NULL,
    began_at TIMESTAMP NOT NULL,
    -- Empty: it is still there.
    ended_at TIMESTAMP
);
CREATE INDEX part_stay_part ON part_stay (part_id);
CREATE INDEX part_stay_room ON part_stay (room_id, ended_at);
-- How strictly a movement from a room of one kind into one of another is looked at; the latest line of a pair holds.
CREATE TABLE room_separation (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    from_kind TEXT COLLATE "C" NOT NULL,
    into_kind TEXT COLLATE "C" NOT NULL,
    mode TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER room_separation_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON room_separation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
