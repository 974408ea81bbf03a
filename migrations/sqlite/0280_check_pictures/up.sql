-- A picture may show a line of the receipt's checklist that is not in order (records.md 3), and one picture several lines.
CREATE TABLE form_picture_of_lines (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    form_id BIGINT NOT NULL REFERENCES sampling_form (id),
    -- photo, diagram
    kind TEXT NOT NULL,
    caption TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    -- Empty: it belongs to the form as a whole.
    check_line TEXT NOT NULL DEFAULT '',
    UNIQUE (form_id, sha256, check_line)
);
INSERT INTO form_picture_of_lines (id, form_id, kind, caption, sha256, person_id, at)
SELECT id, form_id, kind, caption, sha256, person_id, at FROM form_picture;
DROP TABLE form_picture;
ALTER TABLE form_picture_of_lines RENAME TO form_picture;
CREATE TRIGGER form_picture_no_update BEFORE UPDATE ON form_picture
BEGIN SELECT RAISE(ABORT, 'form_picture is append-only'); END;
CREATE TRIGGER form_picture_no_delete BEFORE DELETE ON form_picture
BEGIN SELECT RAISE(ABORT, 'form_picture is append-only'); END;
