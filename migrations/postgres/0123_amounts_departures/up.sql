-- What was used of a part by tests, written down when it comes back (quality.md Q74-4).
CREATE TABLE part_use (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    -- An exact decimal in the unit of the part.
    amount TEXT COLLATE "C" NOT NULL,
    -- Who had it.
    holder_id BIGINT REFERENCES person (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX part_use_part ON part_use (part_id);
CREATE TRIGGER part_use_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON part_use
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- What was not as it should be at receipt, and where the client's consent to the test is found; empty: nothing (Q74-2).
ALTER TABLE sample ADD COLUMN departure TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sample ADD COLUMN departure_consent TEXT COLLATE "C" NOT NULL DEFAULT '';
