-- NOT NULL cannot be put back on a column that refers to another table; no row is without a person again.
UPDATE nonconforming_work SET opened_by = (SELECT min(id) FROM person) WHERE opened_by IS NULL;
