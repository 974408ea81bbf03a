-- What shows several lines is kept once.
CREATE TABLE form_picture_of_forms (
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
INSERT INTO form_picture_of_forms (id, form_id, kind, caption, sha256, person_id, at)
SELECT id, form_id, kind, caption, sha256, person_id, at FROM form_picture
WHERE id IN (SELECT min(id) FROM form_picture GROUP BY form_id, sha256);
DROP TABLE form_picture;
ALTER TABLE form_picture_of_forms RENAME TO form_picture;
CREATE TRIGGER form_picture_no_update BEFORE UPDATE ON form_picture
BEGIN SELECT RAISE(ABORT, 'form_picture is append-only'); END;
CREATE TRIGGER form_picture_no_delete BEFORE DELETE ON form_picture
BEGIN SELECT RAISE(ABORT, 'form_picture is append-only'); END;
