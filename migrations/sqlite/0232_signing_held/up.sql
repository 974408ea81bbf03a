-- Wrong passwords that were typed inside of a session: the current one before a change, the signing password before a signature.
ALTER TABLE person ADD COLUMN failed_confirmations BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN confirmations_locked_until TIMESTAMP;
-- Somebody else gave the account a new password: its person signs nothing until a second one releases it.
ALTER TABLE person ADD COLUMN signing_held BOOLEAN NOT NULL DEFAULT FALSE;
