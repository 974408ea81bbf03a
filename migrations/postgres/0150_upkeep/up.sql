-- What the program looks at by itself (ISO/IEC 17025 7.11.3): files against their hashes, the log, the daily backup, the
-- clock. A failure waits for a person, who says what was done.
CREATE TABLE upkeep_run (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    -- files, log, backup, clock
    kind TEXT COLLATE "C" NOT NULL,
    -- Kind and day: of several processes one keeps the run of a day.
    run_key TEXT COLLATE "C" NOT NULL UNIQUE,
    began_at TIMESTAMP NOT NULL,
    at TIMESTAMP NOT NULL,
    good BOOLEAN NOT NULL,
    -- Files or entries that were looked at.
    looked_at BIGINT NOT NULL,
    -- What was found, as JSON.
    findings TEXT COLLATE "C" NOT NULL
);
CREATE INDEX upkeep_run_kind ON upkeep_run (kind, id);
CREATE TABLE upkeep_action (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    run_id BIGINT NOT NULL REFERENCES upkeep_run (id),
    immediate TEXT COLLATE "C" NOT NULL,
    corrective TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX upkeep_action_run ON upkeep_action (run_id);
CREATE TRIGGER upkeep_run_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON upkeep_run
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER upkeep_action_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON upkeep_action
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
