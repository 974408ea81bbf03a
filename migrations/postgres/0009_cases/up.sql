-- Failing cases: whose they are, what the regulators saw, which clocks run.
CREATE TABLE failing_case (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    case_no TEXT COLLATE "C" NOT NULL UNIQUE,
    sample_id BIGINT NOT NULL UNIQUE REFERENCES sample (id),
    report_id BIGINT NOT NULL REFERENCES report (id),
    state TEXT COLLATE "C" NOT NULL,
    publicity TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL
);
CREATE INDEX failing_case_state ON failing_case (state, id);

-- ordering, sampled_at, maker_at, platform: each with its own region and its own acknowledgement
CREATE TABLE case_relation (
    case_id BIGINT NOT NULL REFERENCES failing_case (id),
    relation TEXT COLLATE "C" NOT NULL,
    region_code TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    PRIMARY KEY (case_id, relation)
);
CREATE INDEX case_relation_region ON case_relation (region_code, case_id);

-- What the feed tells: failing, reversed.
CREATE TABLE case_event (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    case_id BIGINT NOT NULL REFERENCES failing_case (id),
    event TEXT COLLATE "C" NOT NULL,
    report_id BIGINT NOT NULL REFERENCES report (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX case_event_case ON case_event (case_id, id);
CREATE TRIGGER case_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON case_event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE case_acknowledgement (
    event_id BIGINT NOT NULL REFERENCES case_event (id),
    relation TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (event_id, relation)
);
CREATE TRIGGER case_acknowledgement_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON case_acknowledgement
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE case_clock (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES failing_case (id),
    -- T4, T6, T7, T8, … of workflow.md 10
    clock TEXT COLLATE "C" NOT NULL,
    party TEXT COLLATE "C" NOT NULL,
    started_on DATE NOT NULL,
    due_on DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    ended_at TIMESTAMP,
    UNIQUE (case_id, clock, party)
);
CREATE INDEX case_clock_due ON case_clock (due_on);

CREATE TABLE case_service (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    case_id BIGINT NOT NULL REFERENCES failing_case (id),
    -- sampled_unit, maker
    party TEXT COLLATE "C" NOT NULL,
    enterprise_id BIGINT REFERENCES enterprise (id),
    notice_no TEXT COLLATE "C" NOT NULL UNIQUE,
    served_at TIMESTAMP NOT NULL,
    how TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (case_id, party)
);
CREATE TRIGGER case_service_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON case_service
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE case_application (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    case_id BIGINT NOT NULL REFERENCES failing_case (id),
    -- reinspection, objection
    kind TEXT COLLATE "C" NOT NULL,
    party TEXT COLLATE "C" NOT NULL,
    enterprise_id BIGINT NOT NULL REFERENCES enterprise (id),
    ground TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    applied_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP,
    decision_reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX case_application_case ON case_application (case_id);
