-- Validations of the program as it stands (ISO/IEC 17025 7.11.2), signed by the technical manager: which version with which
-- tables, sets of the catalogue and profiles of instruments, and the run of the laboratory's own file that showed it.
CREATE TABLE program_validation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- Name and version.
    program TEXT NOT NULL,
    -- Number of the newest migration.
    tables_at TEXT NOT NULL,
    -- Hash over the sets in force, and the sets as JSON.
    catalogue TEXT NOT NULL,
    sets TEXT NOT NULL,
    -- Profiles in use with maturity, instruments and what came of reading their examples again, as JSON.
    profiles TEXT NOT NULL,
    -- SHA-256 over all of the above: what the signer saw.
    seen TEXT NOT NULL,
    validation_run_id BIGINT NOT NULL REFERENCES validation_run (id),
    remark TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX program_validation_program ON program_validation (program, id);
CREATE TRIGGER program_validation_no_update BEFORE UPDATE ON program_validation
BEGIN SELECT RAISE(ABORT, 'program_validation is append-only'); END;
CREATE TRIGGER program_validation_no_delete BEFORE DELETE ON program_validation
BEGIN SELECT RAISE(ABORT, 'program_validation is append-only'); END;
