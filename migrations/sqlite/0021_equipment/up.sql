-- Instruments as equipment (quality.md 6.4): every change of status, every calibration and intermediate check. What held on a
-- day is read from these rows; the columns of `instrument` repeat what holds today.
ALTER TABLE instrument ADD COLUMN minimum_weight_g TEXT;
CREATE TABLE instrument_status (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- qualified, limited, stopped: what the instrument was when this was written, and what it is from the day on.
    status_before TEXT NOT NULL,
    status TEXT NOT NULL,
    -- Method standards that a limited instrument may be used for, separated by `;`.
    allowed_methods TEXT NOT NULL,
    valid_from DATE NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX instrument_status_instrument ON instrument_status (instrument_id, id);
CREATE TRIGGER instrument_status_no_update BEFORE UPDATE ON instrument_status
BEGIN SELECT RAISE(ABORT, 'instrument_status is append-only'); END;
CREATE TRIGGER instrument_status_no_delete BEFORE DELETE ON instrument_status
BEGIN SELECT RAISE(ABORT, 'instrument_status is append-only'); END;

CREATE TABLE calibration (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- calibration, check
    kind TEXT NOT NULL,
    certificate_no TEXT NOT NULL,
    performed_by TEXT NOT NULL,
    performed_on DATE NOT NULL,
    -- Last day on which it holds; empty: until the next one.
    next_due DATE,
    -- What `instrument.calibrated_until` said before.
    due_before DATE,
    -- qualified, limited, unqualified
    result TEXT NOT NULL,
    correction TEXT,
    correction_unit TEXT NOT NULL,
    remark TEXT NOT NULL,
    -- Empty: from a spreadsheet, on the command line.
    person_id BIGINT REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX calibration_instrument ON calibration (instrument_id, id);
CREATE TRIGGER calibration_no_update BEFORE UPDATE ON calibration
BEGIN SELECT RAISE(ABORT, 'calibration is append-only'); END;
CREATE TRIGGER calibration_no_delete BEFORE DELETE ON calibration
BEGIN SELECT RAISE(ABORT, 'calibration is append-only'); END;
