-- Photographs and place diagrams of a sampling form (ISO/IEC 17025 7.3.3 f, quality.md Q73-1).
CREATE TABLE form_picture (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    form_id BIGINT NOT NULL REFERENCES sampling_form (id),
    -- photo, diagram
    kind TEXT NOT NULL,
    caption TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (form_id, sha256)
);
CREATE TRIGGER form_picture_no_update BEFORE UPDATE ON form_picture
BEGIN SELECT RAISE(ABORT, 'form_picture is append-only'); END;
CREATE TRIGGER form_picture_no_delete BEFORE DELETE ON form_picture
BEGIN SELECT RAISE(ABORT, 'form_picture is append-only'); END;
