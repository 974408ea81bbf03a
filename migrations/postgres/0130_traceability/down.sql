ALTER TABLE nonconforming_work DROP COLUMN lot_id;
ALTER TABLE lot DROP COLUMN storage;
ALTER TABLE lot DROP COLUMN purity;
