-- The warnings that the checker of an item went past, with his reason (quality.md, Gates have modes).
CREATE TABLE check_confirmation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    item_id BIGINT NOT NULL REFERENCES test_item (id),
    -- The item's version that the check made.
    version_no BIGINT NOT NULL,
    -- The warnings as they were said, in both languages, as JSON.
    warnings TEXT NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (item_id, version_no)
);
CREATE TRIGGER check_confirmation_no_update BEFORE UPDATE ON check_confirmation
BEGIN SELECT RAISE(ABORT, 'check_confirmation is append-only'); END;
CREATE TRIGGER check_confirmation_no_delete BEFORE DELETE ON check_confirmation
BEGIN SELECT RAISE(ABORT, 'check_confirmation is append-only'); END;
