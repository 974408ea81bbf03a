-- Items that nobody tests: their results are calculated from those of others of the sample (GB 2760, sum of proportions).
ALTER TABLE test_item ADD COLUMN derived BOOLEAN NOT NULL DEFAULT FALSE;
