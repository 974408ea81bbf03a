-- When a value was made that was typed long after it (quality.md Q75-1); NULL: it was typed in time.
ALTER TABLE result_entry ADD COLUMN run_at TIMESTAMP;
