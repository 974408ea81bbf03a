-- Opinions and interpretations on a report (ISO/IEC 17025 7.8.7, quality.md Q78-5): what is printed, what it rests on, whose it
-- is and since when. Empty: the report bears none. What stood there before is in the log.
ALTER TABLE report ADD COLUMN opinion TEXT NOT NULL DEFAULT '';
ALTER TABLE report ADD COLUMN opinion_basis TEXT NOT NULL DEFAULT '';
ALTER TABLE report ADD COLUMN opinion_by BIGINT REFERENCES person (id);
ALTER TABLE report ADD COLUMN opinion_at TIMESTAMP;
