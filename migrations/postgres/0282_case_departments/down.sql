ALTER TABLE failing_case DROP COLUMN department;
