-- Rapid tests of farm produce (records.md 7) and the re-test that is asked for within four clock hours (workflow.md 10, T21).
CREATE TABLE rapid_test (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    unit_name TEXT COLLATE "C" NOT NULL,
    product TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    kit TEXT COLLATE "C" NOT NULL,
    kit_lot TEXT COLLATE "C" NOT NULL,
    kit_expires_on DATE NOT NULL,
    reading TEXT COLLATE "C" NOT NULL,
    -- negative, positive, suspect
    verdict TEXT COLLATE "C" NOT NULL,
    tested_at TIMESTAMP NOT NULL,
    -- When the operator had the result, and until when he may ask.
    told_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    asked_at TIMESTAMP,
    ground TEXT COLLATE "C" NOT NULL,
    -- The sample that is tested again.
    retest_id BIGINT REFERENCES sample (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX rapid_test_retest ON rapid_test (retest_id);
