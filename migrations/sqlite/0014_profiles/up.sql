-- Profiles of the laboratory's own, in versions. What a version says never changes: a correction is the next version. Its
-- example stays with it, with what the example reads as. Only its maturity moves on.
CREATE TABLE instrument_profile (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    version_no BIGINT NOT NULL,
    title TEXT NOT NULL,
    -- draft, candidate, proven, replaced
    maturity TEXT NOT NULL,
    toml TEXT NOT NULL,
    example_sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    example_name TEXT NOT NULL,
    -- Rows and troubles of the example, as JSON.
    expected TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    -- What it was made from: a shipped profile, or a version NAME@NUMBER; empty for a new one.
    based_on TEXT NOT NULL,
    made_by BIGINT NOT NULL REFERENCES person (id),
    made_at TIMESTAMP NOT NULL,
    UNIQUE (name, version_no)
);
CREATE TRIGGER instrument_profile_no_update BEFORE UPDATE OF
    id, name, version_no, title, toml, example_sha256, example_name, expected, row_count, based_on, made_by, made_at
ON instrument_profile
BEGIN SELECT RAISE(ABORT, 'instrument_profile is append-only'); END;
CREATE TRIGGER instrument_profile_no_delete BEFORE DELETE ON instrument_profile
BEGIN SELECT RAISE(ABORT, 'instrument_profile is append-only'); END;
