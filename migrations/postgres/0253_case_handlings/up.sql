-- 核查处置表 (records.md 7): what the authority found and did, version by version; the newest is shown.
CREATE TABLE case_handling (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    case_id BIGINT NOT NULL REFERENCES failing_case (id),
    -- Measures, quantities, cause, correction, file number, penalty, as JSON.
    document TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX case_handling_case ON case_handling (case_id);
CREATE TRIGGER case_handling_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON case_handling
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
