DROP TABLE calibration;
DROP TABLE instrument_status;
ALTER TABLE instrument DROP COLUMN minimum_weight_g;
