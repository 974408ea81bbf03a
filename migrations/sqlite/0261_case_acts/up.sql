-- What authorities, re-inspection bodies and operators did in a case, as the authority records it (workflow.md 10, T9 to
-- T13, T16, T19, T24, T25; seizure by the Reg, article 61).
CREATE TABLE case_act (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES failing_case (id),
    -- The application that it belongs to; of recall and seizure none.
    application_id BIGINT REFERENCES case_application (id),
    -- body_named, backup_received, …
    act TEXT NOT NULL,
    done_at TIMESTAMP NOT NULL,
    note TEXT NOT NULL,
    -- The day that was agreed for the conclusion.
    until_on DATE,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX case_act_case ON case_act (case_id);
CREATE TRIGGER case_act_no_update BEFORE UPDATE ON case_act
BEGIN SELECT RAISE(ABORT, 'case_act is append-only'); END;
CREATE TRIGGER case_act_no_delete BEFORE DELETE ON case_act
BEGIN SELECT RAISE(ABORT, 'case_act is append-only'); END;

-- Limits in clock hours: from when to when. Of all others the days count.
ALTER TABLE case_clock ADD COLUMN started_at TIMESTAMP;
ALTER TABLE case_clock ADD COLUMN due_at TIMESTAMP;
-- Since when the time does not count (T19), and how many days did not.
ALTER TABLE case_clock ADD COLUMN stopped_at TIMESTAMP;
ALTER TABLE case_clock ADD COLUMN stopped_days BIGINT NOT NULL DEFAULT 0;
