-- The registry of food units, and why samples exist: campaigns, plans, random draws.
CREATE TABLE enterprise (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    uscc TEXT UNIQUE,
    licence_no TEXT NOT NULL,
    stage TEXT NOT NULL,
    venue TEXT NOT NULL,
    address TEXT NOT NULL,
    region_code TEXT NOT NULL REFERENCES region (code),
    contact TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL,
    risk_grade TEXT NOT NULL,
    baobao_tier TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX enterprise_region ON enterprise (region_code, id);

CREATE TABLE campaign (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    region_code TEXT NOT NULL REFERENCES region (code),
    state TEXT NOT NULL,
    opens_at TIMESTAMP NOT NULL,
    closes_at TIMESTAMP NOT NULL,
    -- Questions with their choices, as JSON; fixed once open.
    questionnaire TEXT NOT NULL,
    tally TEXT,
    tally_hash TEXT,
    created_by BIGINT NOT NULL REFERENCES person (id),
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE campaign_response (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    client_uuid TEXT NOT NULL UNIQUE,
    voter_hash TEXT NOT NULL,
    answers TEXT NOT NULL,
    seconds_taken BIGINT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    -- Empty: valid when it came in; else the code of the reason why not.
    invalid_reason TEXT NOT NULL
);
CREATE INDEX campaign_response_voter ON campaign_response (campaign_id, voter_hash);
CREATE TRIGGER campaign_response_no_update BEFORE UPDATE ON campaign_response
BEGIN SELECT RAISE(ABORT, 'campaign_response is append-only'); END;
CREATE TRIGGER campaign_response_no_delete BEFORE DELETE ON campaign_response
BEGIN SELECT RAISE(ABORT, 'campaign_response is append-only'); END;

-- A person found an answer invalid later (nonsense); the answer itself stays as it came.
CREATE TABLE campaign_rejection (
    response_id BIGINT PRIMARY KEY NOT NULL REFERENCES campaign_response (id),
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER campaign_rejection_no_update BEFORE UPDATE ON campaign_rejection
BEGIN SELECT RAISE(ABORT, 'campaign_rejection is append-only'); END;
CREATE TRIGGER campaign_rejection_no_delete BEFORE DELETE ON campaign_rejection
BEGIN SELECT RAISE(ABORT, 'campaign_rejection is append-only'); END;

CREATE TABLE sampling_plan (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    plan_no TEXT NOT NULL UNIQUE,
    campaign_id BIGINT REFERENCES campaign (id),
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    batches BIGINT NOT NULL,
    floor_batches BIGINT NOT NULL,
    drafted_by BIGINT NOT NULL REFERENCES person (id),
    drafted_at TIMESTAMP NOT NULL,
    approved_by BIGINT REFERENCES person (id),
    approved_at TIMESTAMP
);

CREATE TABLE plan_line (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    plan_id BIGINT NOT NULL REFERENCES sampling_plan (id),
    category TEXT NOT NULL,
    votes BIGINT NOT NULL,
    batches BIGINT NOT NULL
);
CREATE INDEX plan_line_plan ON plan_line (plan_id);

-- A draw with everything that repeats it: seed, list and its hash, weights, result.
CREATE TABLE random_draw (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    draw_no TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    plan_id BIGINT REFERENCES sampling_plan (id),
    region_code TEXT NOT NULL REFERENCES region (code),
    seed TEXT NOT NULL,
    list_hash TEXT NOT NULL,
    record TEXT NOT NULL,
    drawn_by BIGINT NOT NULL REFERENCES person (id),
    drawn_at TIMESTAMP NOT NULL
);
CREATE TRIGGER random_draw_no_update BEFORE UPDATE ON random_draw
BEGIN SELECT RAISE(ABORT, 'random_draw is append-only'); END;
CREATE TRIGGER random_draw_no_delete BEFORE DELETE ON random_draw
BEGIN SELECT RAISE(ABORT, 'random_draw is append-only'); END;

CREATE TABLE draw_unit (
    draw_id BIGINT NOT NULL REFERENCES random_draw (id),
    place BIGINT NOT NULL,
    enterprise_id BIGINT NOT NULL REFERENCES enterprise (id),
    PRIMARY KEY (draw_id, place)
);
CREATE INDEX draw_unit_enterprise ON draw_unit (enterprise_id);
CREATE TRIGGER draw_unit_no_update BEFORE UPDATE ON draw_unit
BEGIN SELECT RAISE(ABORT, 'draw_unit is append-only'); END;
CREATE TRIGGER draw_unit_no_delete BEFORE DELETE ON draw_unit
BEGIN SELECT RAISE(ABORT, 'draw_unit is append-only'); END;

CREATE TABLE draw_sampler (
    draw_id BIGINT NOT NULL REFERENCES random_draw (id),
    place BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    PRIMARY KEY (draw_id, place)
);
CREATE TRIGGER draw_sampler_no_update BEFORE UPDATE ON draw_sampler
BEGIN SELECT RAISE(ABORT, 'draw_sampler is append-only'); END;
CREATE TRIGGER draw_sampler_no_delete BEFORE DELETE ON draw_sampler
BEGIN SELECT RAISE(ABORT, 'draw_sampler is append-only'); END;
