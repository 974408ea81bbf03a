-- A picture may show a line of the receipt's checklist that is not in order (records.md 3), and one picture several lines.
ALTER TABLE form_picture
    -- Empty: it belongs to the form as a whole.
    ADD COLUMN check_line TEXT COLLATE "C" NOT NULL DEFAULT '',
    DROP CONSTRAINT form_picture_form_id_sha256_key,
    ADD UNIQUE (form_id, sha256, check_line);
