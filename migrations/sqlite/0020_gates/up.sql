-- How strict the laboratory is (quality.md, Gates have modes): each change of a gate, with its first day, its person and its
-- reason; and the warnings that a submitter went past, with his reason.
CREATE TABLE gate_setting (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- competence, equipment, calibration, standards
    gate TEXT NOT NULL,
    -- off, warn, block
    mode TEXT NOT NULL,
    valid_from DATE NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER gate_setting_no_update BEFORE UPDATE ON gate_setting
BEGIN SELECT RAISE(ABORT, 'gate_setting is append-only'); END;
CREATE TRIGGER gate_setting_no_delete BEFORE DELETE ON gate_setting
BEGIN SELECT RAISE(ABORT, 'gate_setting is append-only'); END;

CREATE TABLE gate_confirmation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    -- The sheet's version that the submission made.
    version_no BIGINT NOT NULL,
    -- The warnings as they were said, in both languages, as JSON.
    warnings TEXT NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (worksheet_id, version_no)
);
CREATE TRIGGER gate_confirmation_no_update BEFORE UPDATE ON gate_confirmation
BEGIN SELECT RAISE(ABORT, 'gate_confirmation is append-only'); END;
CREATE TRIGGER gate_confirmation_no_delete BEFORE DELETE ON gate_confirmation
BEGIN SELECT RAISE(ABORT, 'gate_confirmation is append-only'); END;
