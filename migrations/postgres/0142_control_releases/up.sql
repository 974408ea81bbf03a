-- A failed control is released by itself, with cause and action: what it speaks for is free while the others still hold theirs
-- (quality.md Q77-2). The last one releases the worksheet (qc_release).
CREATE TABLE qc_control_release (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    qc_verdict_id BIGINT NOT NULL REFERENCES qc_verdict (id),
    -- Of the control in the verdict's record, from 0.
    place BIGINT NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (qc_verdict_id, place)
);
CREATE TRIGGER qc_control_release_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON qc_control_release
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
