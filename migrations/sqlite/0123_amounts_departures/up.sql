-- What was used of a part by tests, written down when it comes back (quality.md Q74-4).
CREATE TABLE part_use (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    -- An exact decimal in the unit of the part.
    amount TEXT NOT NULL,
    -- Who had it.
    holder_id BIGINT REFERENCES person (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX part_use_part ON part_use (part_id);
CREATE TRIGGER part_use_no_update BEFORE UPDATE ON part_use
BEGIN SELECT RAISE(ABORT, 'part_use is append-only'); END;
CREATE TRIGGER part_use_no_delete BEFORE DELETE ON part_use
BEGIN SELECT RAISE(ABORT, 'part_use is append-only'); END;
-- What was not as it should be at receipt, and where the client's consent to the test is found; empty: nothing (Q74-2).
ALTER TABLE sample ADD COLUMN departure TEXT NOT NULL DEFAULT '';
ALTER TABLE sample ADD COLUMN departure_consent TEXT NOT NULL DEFAULT '';
