-- Runs of the laboratory's validation files (ISO/IEC 17025 7.11.2): which file, of which program and catalogue, by whom, and
-- what was answered in another way than expected.
CREATE TABLE validation_run (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    file_name TEXT COLLATE "C" NOT NULL,
    -- Of the file, 64 hexadecimal digits.
    sha256 TEXT COLLATE "C" NOT NULL,
    -- Name and version of the program.
    program TEXT COLLATE "C" NOT NULL,
    -- Hash over the sets in force.
    catalogue TEXT COLLATE "C" NOT NULL,
    questions BIGINT NOT NULL,
    -- Questions that were answered in another way; the first differences as JSON.
    differing BIGINT NOT NULL,
    differences TEXT COLLATE "C" NOT NULL,
    -- Empty: the command line of the server.
    person_id BIGINT REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX validation_run_file ON validation_run (sha256, id);
CREATE TRIGGER validation_run_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON validation_run
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
