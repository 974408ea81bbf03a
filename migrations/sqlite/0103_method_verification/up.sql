-- The laboratory's own verification of a procedure before it goes live (quality.md Q72-2).
CREATE TABLE method_verification (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- Key of the procedure.
    method_key TEXT NOT NULL,
    performed_on DATE NOT NULL,
    performed_by TEXT NOT NULL,
    -- Figures as the record states them; empty: not determined.
    repeatability TEXT NOT NULL,
    recovery TEXT NOT NULL,
    lod TEXT NOT NULL,
    loq TEXT NOT NULL,
    linearity TEXT NOT NULL,
    uncertainty TEXT NOT NULL,
    -- suitable, unsuitable
    conclusion TEXT NOT NULL,
    remark TEXT NOT NULL,
    -- The record itself.
    file_sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX method_verification_method ON method_verification (method_key, performed_on);
CREATE TRIGGER method_verification_no_update BEFORE UPDATE ON method_verification
BEGIN SELECT RAISE(ABORT, 'method_verification is append-only'); END;
CREATE TRIGGER method_verification_no_delete BEFORE DELETE ON method_verification
BEGIN SELECT RAISE(ABORT, 'method_verification is append-only'); END;
