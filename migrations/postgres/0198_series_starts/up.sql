-- The first number that a series gives: what a laboratory gave elsewhere before is no hole in it (quality.md, Gates have modes).
ALTER TABLE number_series ADD COLUMN begins_at BIGINT NOT NULL DEFAULT 1;
