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
