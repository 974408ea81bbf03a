ALTER TABLE report DROP COLUMN opinion_at;
ALTER TABLE report DROP COLUMN opinion_by;
ALTER TABLE report DROP COLUMN opinion_basis;
ALTER TABLE report DROP COLUMN opinion;
