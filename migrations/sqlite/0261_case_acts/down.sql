ALTER TABLE case_clock DROP COLUMN stopped_days;
ALTER TABLE case_clock DROP COLUMN stopped_at;
ALTER TABLE case_clock DROP COLUMN due_at;
ALTER TABLE case_clock DROP COLUMN started_at;
DROP TABLE case_act;
