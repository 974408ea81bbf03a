-- What shows several lines is kept once.
DROP TRIGGER form_picture_no_change ON form_picture;
DELETE FROM form_picture WHERE id NOT IN (SELECT min(id) FROM form_picture GROUP BY form_id, sha256);
ALTER TABLE form_picture
    DROP CONSTRAINT form_picture_form_id_sha256_check_line_key,
    DROP COLUMN check_line,
    ADD UNIQUE (form_id, sha256);
CREATE TRIGGER form_picture_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON form_picture
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
