-- The approved deviation from its method, as a document; empty: none (quality.md Q72-1, Q72-3).
ALTER TABLE test_item ADD COLUMN deviation TEXT COLLATE "C" NOT NULL DEFAULT '';
