ALTER TABLE test_item DROP COLUMN guard_band;
