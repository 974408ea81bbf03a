ALTER TABLE test_item DROP COLUMN permitted_methods;
ALTER TABLE test_item DROP COLUMN rules_edition;
