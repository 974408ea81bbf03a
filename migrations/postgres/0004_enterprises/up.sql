-- The registry of food units, and why samples exist: campaigns, plans, random draws.
CREATE TABLE enterprise (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    uscc TEXT COLLATE "C" UNIQUE,
    licence_no TEXT COLLATE "C" NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    venue TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    region_code TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    contact TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    risk_grade TEXT COLLATE "C" NOT NULL,
    baobao_tier TEXT COLLATE "C" NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX enterprise_region ON enterprise (region_code, id);

CREATE TABLE campaign (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    title_zh TEXT COLLATE "C" NOT NULL,
    title_en TEXT COLLATE "C" NOT NULL,
    region_code TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    state TEXT COLLATE "C" NOT NULL,
    opens_at TIMESTAMP NOT NULL,
    closes_at TIMESTAMP NOT NULL,
    -- Questions with their choices, as JSON; fixed once open.
    questionnaire TEXT COLLATE "C" NOT NULL,
    tally TEXT COLLATE "C",
    tally_hash TEXT COLLATE "C",
    created_by BIGINT NOT NULL REFERENCES person (id),
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE campaign_response (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    client_uuid TEXT COLLATE "C" NOT NULL UNIQUE,
    voter_hash TEXT COLLATE "C" NOT NULL,
    answers TEXT COLLATE "C" NOT NULL,
    seconds_taken BIGINT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    -- Empty: valid when it came in; else the code of the reason why not.
    invalid_reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX campaign_response_voter ON campaign_response (campaign_id, voter_hash);
CREATE TRIGGER campaign_response_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_response
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A person found an answer invalid later (nonsense); the answer itself stays as it came.
CREATE TABLE campaign_rejection (
    response_id BIGINT PRIMARY KEY NOT NULL REFERENCES campaign_response (id),
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER campaign_rejection_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_rejection
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE sampling_plan (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    plan_no TEXT COLLATE "C" NOT NULL UNIQUE,
    campaign_id BIGINT REFERENCES campaign (id),
    title TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    batches BIGINT NOT NULL,
    floor_batches BIGINT NOT NULL,
    drafted_by BIGINT NOT NULL REFERENCES person (id),
    drafted_at TIMESTAMP NOT NULL,
    approved_by BIGINT REFERENCES person (id),
    approved_at TIMESTAMP
);

CREATE TABLE plan_line (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    plan_id BIGINT NOT NULL REFERENCES sampling_plan (id),
    category TEXT COLLATE "C" NOT NULL,
    votes BIGINT NOT NULL,
    batches BIGINT NOT NULL
);
CREATE INDEX plan_line_plan ON plan_line (plan_id);

-- A draw with everything that repeats it: seed, list and its hash, weights, result.
CREATE TABLE random_draw (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    draw_no TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL,
    plan_id BIGINT REFERENCES sampling_plan (id),
    region_code TEXT COLLATE "C" NOT NULL REFERENCES region (code),
    seed TEXT COLLATE "C" NOT NULL,
    list_hash TEXT COLLATE "C" NOT NULL,
    record TEXT COLLATE "C" NOT NULL,
    drawn_by BIGINT NOT NULL REFERENCES person (id),
    drawn_at TIMESTAMP NOT NULL
);
CREATE TRIGGER random_draw_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON random_draw
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE draw_unit (
    draw_id BIGINT NOT NULL REFERENCES random_draw (id),
    place BIGINT NOT NULL,
    enterprise_id BIGINT NOT NULL REFERENCES enterprise (id),
    PRIMARY KEY (draw_id, place)
);
CREATE INDEX draw_unit_enterprise ON draw_unit (enterprise_id);
CREATE TRIGGER draw_unit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON draw_unit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE draw_sampler (
    draw_id BIGINT NOT NULL REFERENCES random_draw (id),
    place BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    PRIMARY KEY (draw_id, place)
);
CREATE TRIGGER draw_sampler_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON draw_sampler
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
