ALTER TABLE number_series DROP COLUMN begins_at;
