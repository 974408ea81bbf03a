-- What else a record of a rapid test says (records.md 7): where, with which reader, by whom, what a repeat gave, what became of
-- the goods; and when its personal words were erased.
ALTER TABLE rapid_test
    ADD COLUMN place TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN reader TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- Empty: whoever recorded it.
    ADD COLUMN tested_by TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN repeat_reading TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- negative, positive, suspect; empty: not repeated
    ADD COLUMN repeat_verdict TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN handling TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN erased_at TIMESTAMP;
-- Those whose re-test was asked for and has no sample: few, among hundreds of thousands a year.
CREATE INDEX rapid_test_waiting ON rapid_test (id) WHERE asked_at IS NOT NULL AND retest_id IS NULL;

-- Photographs of cards and readers.
CREATE TABLE rapid_picture (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    rapid_id BIGINT NOT NULL REFERENCES rapid_test (id),
    sha256 TEXT COLLATE "C" NOT NULL REFERENCES stored_file (sha256),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (rapid_id, sha256)
);
CREATE TRIGGER rapid_picture_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON rapid_picture
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
