-- The edition of the implementing rules that asked for the item, empty: an order did; and the methods that it permits, separated by ;.
ALTER TABLE test_item ADD COLUMN rules_edition TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE test_item ADD COLUMN permitted_methods TEXT COLLATE "C" NOT NULL DEFAULT '';
