-- 核查处置表 (records.md 7): what the authority found and did, version by version; the newest is shown.
CREATE TABLE case_handling (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES failing_case (id),
    -- Measures, quantities, cause, correction, file number, penalty, as JSON.
    document TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX case_handling_case ON case_handling (case_id);
CREATE TRIGGER case_handling_no_update BEFORE UPDATE ON case_handling
BEGIN SELECT RAISE(ABORT, 'case_handling is append-only'); END;
CREATE TRIGGER case_handling_no_delete BEFORE DELETE ON case_handling
BEGIN SELECT RAISE(ABORT, 'case_handling is append-only'); END;
