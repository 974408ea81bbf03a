-- The warnings that the checker of an item went past, with his reason (quality.md, Gates have modes).
CREATE TABLE check_confirmation (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    item_id BIGINT NOT NULL REFERENCES test_item (id),
    -- The item's version that the check made.
    version_no BIGINT NOT NULL,
    -- The warnings as they were said, in both languages, as JSON.
    warnings TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (item_id, version_no)
);
CREATE TRIGGER check_confirmation_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON check_confirmation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
