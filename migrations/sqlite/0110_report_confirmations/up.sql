-- The warnings that a signer of a report went past, with his reason (quality.md, Gates have modes): the reviewer's and the
-- signatory's.
CREATE TABLE report_confirmation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    report_id BIGINT NOT NULL REFERENCES report (id),
    -- The report's version that the signature made.
    version_no BIGINT NOT NULL,
    -- The warnings as they were said, in both languages, as JSON.
    warnings TEXT NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (report_id, version_no)
);
CREATE TRIGGER report_confirmation_no_update BEFORE UPDATE ON report_confirmation
BEGIN SELECT RAISE(ABORT, 'report_confirmation is append-only'); END;
CREATE TRIGGER report_confirmation_no_delete BEFORE DELETE ON report_confirmation
BEGIN SELECT RAISE(ABORT, 'report_confirmation is append-only'); END;
