ALTER TABLE proficiency_round DROP COLUMN tester_id;
