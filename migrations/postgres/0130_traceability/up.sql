-- What of a lot its certificate says beside the concentration, and how it is kept (quality.md Q64-7); non-conforming work on a
-- lot names the lot, so that everything made of it is found.
-- As the certificate prints it: `99.5 %`.
ALTER TABLE lot ADD COLUMN purity TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Where and how it is kept: `2~8 °C, dark`.
ALTER TABLE lot ADD COLUMN storage TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Empty: the work names its lot in words, or is about something else.
ALTER TABLE nonconforming_work ADD COLUMN lot_id BIGINT REFERENCES lot (id);
