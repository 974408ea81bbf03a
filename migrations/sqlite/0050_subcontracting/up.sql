-- Items that another laboratory tests (ISO/IEC 17025 6.6, 7.1.1, 7.8.2.1 p): who may test, who agreed to it, what was sent. The
-- result that comes back is a version of the item's result, whose record names the other laboratory and its report.
CREATE TABLE subcontractor (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    accreditation_no TEXT NOT NULL,
    -- Standards without edition that its accreditation covers, separated by `;`; `*`: every method.
    methods TEXT NOT NULL,
    -- Last day of its accreditation.
    valid_until DATE NOT NULL,
    evaluated_on DATE NOT NULL,
    evaluated_by BIGINT NOT NULL REFERENCES person (id),
    created_at TIMESTAMP NOT NULL
);

-- What whoever ordered the test said to it; the newest row of a sample holds.
CREATE TABLE subcontract_consent (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    -- client, authority
    party TEXT NOT NULL,
    agreed BOOLEAN NOT NULL,
    given_by TEXT NOT NULL,
    given_on DATE NOT NULL,
    -- By letter, on the telephone, …
    how TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX subcontract_consent_sample ON subcontract_consent (sample_id, id);
CREATE TRIGGER subcontract_consent_no_update BEFORE UPDATE ON subcontract_consent
BEGIN SELECT RAISE(ABORT, 'subcontract_consent is append-only'); END;
CREATE TRIGGER subcontract_consent_no_delete BEFORE DELETE ON subcontract_consent
BEGIN SELECT RAISE(ABORT, 'subcontract_consent is append-only'); END;

-- The newest row of an item is where it is, or where its result came from.
CREATE TABLE subcontract (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    item_id BIGINT NOT NULL REFERENCES test_item (id),
    subcontractor_id BIGINT NOT NULL REFERENCES subcontractor (id),
    -- As they were on that day: what the report prints.
    name TEXT NOT NULL,
    accreditation_no TEXT NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    sent_on DATE NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX subcontract_item ON subcontract (item_id, id);
CREATE TRIGGER subcontract_no_update BEFORE UPDATE ON subcontract
BEGIN SELECT RAISE(ABORT, 'subcontract is append-only'); END;
CREATE TRIGGER subcontract_no_delete BEFORE DELETE ON subcontract
BEGIN SELECT RAISE(ABORT, 'subcontract is append-only'); END;
