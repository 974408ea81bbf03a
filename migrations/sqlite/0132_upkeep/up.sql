-- The rest of the file of an instrument (quality.md Q64-1), and what is done to it (Q64-5).
-- Name and version of its software or firmware.
ALTER TABLE instrument ADD COLUMN software TEXT NOT NULL DEFAULT '';
ALTER TABLE instrument ADD COLUMN location TEXT NOT NULL DEFAULT '';
-- Number and place of its manual.
ALTER TABLE instrument ADD COLUMN manual TEXT NOT NULL DEFAULT '';

CREATE TABLE instrument_upkeep (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- acceptance, maintenance, repair, return
    kind TEXT NOT NULL,
    performed_on DATE NOT NULL,
    performed_by TEXT NOT NULL,
    what TEXT NOT NULL,
    -- Of a return to service: the calibration or check that showed the instrument to be good.
    calibration_id BIGINT REFERENCES calibration (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX instrument_upkeep_instrument ON instrument_upkeep (instrument_id, id);
CREATE TRIGGER instrument_upkeep_no_update BEFORE UPDATE ON instrument_upkeep
BEGIN SELECT RAISE(ABORT, 'instrument_upkeep is append-only'); END;
CREATE TRIGGER instrument_upkeep_no_delete BEFORE DELETE ON instrument_upkeep
BEGIN SELECT RAISE(ABORT, 'instrument_upkeep is append-only'); END;
