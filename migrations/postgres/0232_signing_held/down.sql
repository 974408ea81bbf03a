ALTER TABLE person DROP COLUMN signing_held;
ALTER TABLE person DROP COLUMN confirmations_locked_until;
ALTER TABLE person DROP COLUMN failed_confirmations;
