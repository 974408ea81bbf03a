-- Instruments as equipment (quality.md 6.4): every change of status, every calibration and intermediate check. What held on a
-- day is read from these rows; the columns of `instrument` repeat what holds today.
ALTER TABLE instrument ADD COLUMN minimum_weight_g TEXT COLLATE "C";
CREATE TABLE instrument_status (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- qualified, limited, stopped: what the instrument was when this was written, and what it is from the day on.
    status_before TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    -- Method standards that a limited instrument may be used for, separated by `;`.
    allowed_methods TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX instrument_status_instrument ON instrument_status (instrument_id, id);
CREATE TRIGGER instrument_status_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON instrument_status
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE calibration (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- calibration, check
    kind TEXT COLLATE "C" NOT NULL,
    certificate_no TEXT COLLATE "C" NOT NULL,
    performed_by TEXT COLLATE "C" NOT NULL,
    performed_on DATE NOT NULL,
    -- Last day on which it holds; empty: until the next one.
    next_due DATE,
    -- What `instrument.calibrated_until` said before.
    due_before DATE,
    -- qualified, limited, unqualified
    result TEXT COLLATE "C" NOT NULL,
    correction TEXT COLLATE "C",
    correction_unit TEXT COLLATE "C" NOT NULL,
    remark TEXT COLLATE "C" NOT NULL,
    -- Empty: from a spreadsheet, on the command line.
    person_id BIGINT REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX calibration_instrument ON calibration (instrument_id, id);
CREATE TRIGGER calibration_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON calibration
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
