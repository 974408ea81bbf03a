-- Photographs and place diagrams of a sampling form (ISO/IEC 17025 7.3.3 f, quality.md Q73-1).
CREATE TABLE form_picture (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    form_id BIGINT NOT NULL REFERENCES sampling_form (id),
    -- photo, diagram
    kind TEXT COLLATE "C" NOT NULL,
    caption TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL REFERENCES stored_file (sha256),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (form_id, sha256)
);
CREATE TRIGGER form_picture_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON form_picture
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
