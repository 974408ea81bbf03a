-- Profiles of the laboratory's own, in versions. What a version says never changes: a correction is the next version. Its
-- example stays with it, with what the example reads as. Only its maturity moves on.
CREATE TABLE instrument_profile (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    version_no BIGINT NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    -- draft, candidate, proven, replaced
    maturity TEXT COLLATE "C" NOT NULL,
    toml TEXT COLLATE "C" NOT NULL,
    example_sha256 TEXT COLLATE "C" NOT NULL REFERENCES stored_file (sha256),
    example_name TEXT COLLATE "C" NOT NULL,
    -- Rows and troubles of the example, as JSON.
    expected TEXT COLLATE "C" NOT NULL,
    row_count BIGINT NOT NULL,
    -- What it was made from: a shipped profile, or a version NAME@NUMBER; empty for a new one.
    based_on TEXT COLLATE "C" NOT NULL,
    made_by BIGINT NOT NULL REFERENCES person (id),
    made_at TIMESTAMP NOT NULL,
    UNIQUE (name, version_no)
);
CREATE TRIGGER instrument_profile_no_change BEFORE UPDATE OF
    id, name, version_no, title, toml, example_sha256, example_name, expected, row_count, based_on, made_by, made_at
OR DELETE OR TRUNCATE ON instrument_profile
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
