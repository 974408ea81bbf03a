-- What each Westgard rule does in the charts of a method, or of all methods (quality.md Q77-3).
CREATE TABLE westgard_setting (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    -- Key of the procedure; empty: every method of the laboratory.
    method_key TEXT COLLATE "C" NOT NULL,
    -- 1-2s, 1-3s, 2-2s, R-4s, 4-1s, 10x
    rule TEXT COLLATE "C" NOT NULL,
    -- off, warn, reject
    action TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER westgard_setting_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON westgard_setting
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
