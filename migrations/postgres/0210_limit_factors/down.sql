ALTER TABLE test_item DROP COLUMN limit_factor;
