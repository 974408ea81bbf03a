-- The factors by which the item's product was stated to be concentrated, dried or diluted, oldest first, as a document; empty: none
-- (GB 2762 3.5).
ALTER TABLE test_item ADD COLUMN limit_factor TEXT COLLATE "C" NOT NULL DEFAULT '';
