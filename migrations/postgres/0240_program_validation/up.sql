-- Validations of the program as it stands (ISO/IEC 17025 7.11.2), signed by the technical manager: which version with which
-- tables, sets of the catalogue and profiles of instruments, and the run of the laboratory's own file that showed it.
CREATE TABLE program_validation (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    -- Name and version.
    program TEXT COLLATE "C" NOT NULL,
    -- Number of the newest migration.
    tables_at TEXT COLLATE "C" NOT NULL,
    -- Hash over the sets in force, and the sets as JSON.
    catalogue TEXT COLLATE "C" NOT NULL,
    sets TEXT COLLATE "C" NOT NULL,
    -- Profiles in use with maturity, instruments and what came of reading their examples again, as JSON.
    profiles TEXT COLLATE "C" NOT NULL,
    -- SHA-256 over all of the above: what the signer saw.
    seen TEXT COLLATE "C" NOT NULL,
    validation_run_id BIGINT NOT NULL REFERENCES validation_run (id),
    remark TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX program_validation_program ON program_validation (program, id);
CREATE TRIGGER program_validation_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON program_validation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
