-- A failed control is released by itself, with cause and action: what it speaks for is free while the others still hold theirs
-- (quality.md Q77-2). The last one releases the worksheet (qc_release).
CREATE TABLE qc_control_release (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    qc_verdict_id BIGINT NOT NULL REFERENCES qc_verdict (id),
    -- Of the control in the verdict's record, from 0.
    place BIGINT NOT NULL,
    cause TEXT NOT NULL,
    action TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (qc_verdict_id, place)
);
CREATE TRIGGER qc_control_release_no_update BEFORE UPDATE ON qc_control_release
BEGIN SELECT RAISE(ABORT, 'qc_control_release is append-only'); END;
CREATE TRIGGER qc_control_release_no_delete BEFORE DELETE ON qc_control_release
BEGIN SELECT RAISE(ABORT, 'qc_control_release is append-only'); END;
