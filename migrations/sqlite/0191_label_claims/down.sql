ALTER TABLE test_item DROP COLUMN label_claim;
