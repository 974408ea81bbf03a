-- The client asks for guard bands: the uncertainty of the value decides with it (judgement.md 9, quality.md Q76-1).
ALTER TABLE test_item ADD COLUMN guard_band BOOLEAN NOT NULL DEFAULT FALSE;
