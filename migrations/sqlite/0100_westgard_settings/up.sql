-- What each Westgard rule does in the charts of a method, or of all methods (quality.md Q77-3).
CREATE TABLE westgard_setting (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- Key of the procedure; empty: every method of the laboratory.
    method_key TEXT NOT NULL,
    -- 1-2s, 1-3s, 2-2s, R-4s, 4-1s, 10x
    rule TEXT NOT NULL,
    -- off, warn, reject
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER westgard_setting_no_update BEFORE UPDATE ON westgard_setting
BEGIN SELECT RAISE(ABORT, 'westgard_setting is append-only'); END;
CREATE TRIGGER westgard_setting_no_delete BEFORE DELETE ON westgard_setting
BEGIN SELECT RAISE(ABORT, 'westgard_setting is append-only'); END;
