-- Certificates (quality.md Q64-3): the file, who confirmed them against the need, and corrections that are applied to readings.
-- add, times; empty: the correction is kept and not applied.
ALTER TABLE calibration ADD COLUMN applies TEXT NOT NULL DEFAULT '';
-- What the certificate of the instrument did to what it printed, as JSON with the printed value; empty: nothing.
ALTER TABLE result_entry ADD COLUMN correction TEXT NOT NULL DEFAULT '';

CREATE TABLE calibration_file (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    calibration_id BIGINT NOT NULL REFERENCES calibration (id),
    sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX calibration_file_calibration ON calibration_file (calibration_id, id);
CREATE TRIGGER calibration_file_no_update BEFORE UPDATE ON calibration_file
BEGIN SELECT RAISE(ABORT, 'calibration_file is append-only'); END;
CREATE TRIGGER calibration_file_no_delete BEFORE DELETE ON calibration_file
BEGIN SELECT RAISE(ABORT, 'calibration_file is append-only'); END;

-- Metrological confirmation (计量确认): whether what the certificate says meets the need. The newest row of a calibration holds.
CREATE TABLE calibration_confirmation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    calibration_id BIGINT NOT NULL REFERENCES calibration (id),
    confirmed BOOLEAN NOT NULL,
    -- What the work needs, and how the certificate compares.
    need TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX calibration_confirmation_calibration ON calibration_confirmation (calibration_id, id);
CREATE TRIGGER calibration_confirmation_no_update BEFORE UPDATE ON calibration_confirmation
BEGIN SELECT RAISE(ABORT, 'calibration_confirmation is append-only'); END;
CREATE TRIGGER calibration_confirmation_no_delete BEFORE DELETE ON calibration_confirmation
BEGIN SELECT RAISE(ABORT, 'calibration_confirmation is append-only'); END;
