ALTER TABLE test_item DROP COLUMN deviation;
