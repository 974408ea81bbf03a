-- The edition of the implementing rules that asked for the item, empty: an order did; and the methods that it permits, separated by ;.
ALTER TABLE test_item ADD COLUMN rules_edition TEXT NOT NULL DEFAULT '';
ALTER TABLE test_item ADD COLUMN permitted_methods TEXT NOT NULL DEFAULT '';
