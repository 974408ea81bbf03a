-- The laboratory's own verification of a procedure before it goes live (quality.md Q72-2).
CREATE TABLE method_verification (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    -- Key of the procedure.
    method_key TEXT COLLATE "C" NOT NULL,
    performed_on DATE NOT NULL,
    performed_by TEXT COLLATE "C" NOT NULL,
    -- Figures as the record states them; empty: not determined.
    repeatability TEXT COLLATE "C" NOT NULL,
    recovery TEXT COLLATE "C" NOT NULL,
    lod TEXT COLLATE "C" NOT NULL,
    loq TEXT COLLATE "C" NOT NULL,
    linearity TEXT COLLATE "C" NOT NULL,
    uncertainty TEXT COLLATE "C" NOT NULL,
    -- suitable, unsuitable
    conclusion TEXT COLLATE "C" NOT NULL,
    remark TEXT COLLATE "C" NOT NULL,
    -- The record itself.
    file_sha256 TEXT COLLATE "C" NOT NULL REFERENCES stored_file (sha256),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX method_verification_method ON method_verification (method_key, performed_on);
CREATE TRIGGER method_verification_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON method_verification
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
