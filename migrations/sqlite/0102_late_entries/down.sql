ALTER TABLE result_entry DROP COLUMN run_at;
