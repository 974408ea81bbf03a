UPDATE nonconforming_work SET opened_by = (SELECT min(id) FROM person) WHERE opened_by IS NULL;
ALTER TABLE nonconforming_work ALTER COLUMN opened_by SET NOT NULL;
