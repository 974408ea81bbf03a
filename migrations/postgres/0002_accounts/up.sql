-- People, what they may do, and how they prove who they are.
CREATE TABLE region (
    code TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL
);

CREATE TABLE person (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    username TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    phone TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    -- For a regulator: the region whose samples he sees.
    region_code TEXT COLLATE "C" REFERENCES region (code),
    -- For an enterprise's person: the enterprise.
    enterprise_id BIGINT,
    active BOOLEAN NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    password_must_change BOOLEAN NOT NULL,
    signing_hash TEXT COLLATE "C",
    failed_logins BIGINT NOT NULL,
    locked_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE person_role (
    person_id BIGINT NOT NULL REFERENCES person (id),
    role TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person_id, role)
);

CREATE TABLE personal_key (
    subject TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    key_text TEXT COLLATE "C" NOT NULL
);

CREATE TABLE session (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    person_id BIGINT NOT NULL REFERENCES person (id),
    csrf TEXT COLLATE "C" NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX session_person ON session (person_id);

CREATE TABLE api_token (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
    person_id BIGINT NOT NULL REFERENCES person (id),
    name TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX api_token_person ON api_token (person_id);

-- The signing password was entered: for ten minutes acts of one meaning may be signed.
CREATE TABLE signing_grant (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    meaning TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX signing_grant_person ON signing_grant (person_id, meaning);

CREATE TABLE idempotency (
    actor TEXT COLLATE "C" NOT NULL,
    request_key TEXT COLLATE "C" NOT NULL,
    request_hash TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (actor, request_key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Running numbers: taken in the transaction that uses them, so none is lost in silence.
CREATE TABLE number_series (
    name TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    last BIGINT NOT NULL
);
