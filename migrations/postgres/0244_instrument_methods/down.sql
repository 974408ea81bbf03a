ALTER TABLE instrument DROP COLUMN allowed_methods;
