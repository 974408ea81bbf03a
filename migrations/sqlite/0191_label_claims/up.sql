-- What the label says of the item (明示值), as `≥3.2 g/100g × 80 %`; empty: nothing that was to be judged.
ALTER TABLE test_item ADD COLUMN label_claim TEXT NOT NULL DEFAULT '';
