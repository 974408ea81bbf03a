-- How strict the laboratory is (quality.md, Gates have modes): each change of a gate, with its first day, its person and its
-- reason; and the warnings that a submitter went past, with his reason.
CREATE TABLE gate_setting (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    -- competence, equipment, calibration, standards
    gate TEXT COLLATE "C" NOT NULL,
    -- off, warn, block
    mode TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER gate_setting_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON gate_setting
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE gate_confirmation (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    -- The sheet's version that the submission made.
    version_no BIGINT NOT NULL,
    -- The warnings as they were said, in both languages, as JSON.
    warnings TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (worksheet_id, version_no)
);
CREATE TRIGGER gate_confirmation_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON gate_confirmation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
