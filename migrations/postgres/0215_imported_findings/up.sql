-- An imported record of a failed check opens non-conforming work as a typed one does; the command line on the server is nobody's.
-- As on SQLite another column takes its place, so that both have the same order of columns.
ALTER TABLE nonconforming_work RENAME COLUMN opened_by TO opened_by_somebody;
ALTER TABLE nonconforming_work ADD COLUMN opened_by BIGINT REFERENCES person (id);
UPDATE nonconforming_work SET opened_by = opened_by_somebody;
ALTER TABLE nonconforming_work DROP COLUMN opened_by_somebody;
