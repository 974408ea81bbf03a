-- Which department ordered the sampling: by its law the operators apply (workflow.md 10, T22 and T23).
-- market_supervision, agriculture
ALTER TABLE failing_case ADD COLUMN department TEXT COLLATE "C" NOT NULL DEFAULT 'market_supervision';
