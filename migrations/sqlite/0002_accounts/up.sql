-- People, what they may do, and how they prove who they are.
CREATE TABLE region (
    code TEXT PRIMARY KEY NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL
);

CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    language TEXT NOT NULL,
    -- For a regulator: the region whose samples he sees.
    region_code TEXT REFERENCES region (code),
    -- For an enterprise's person: the enterprise.
    enterprise_id BIGINT,
    active BOOLEAN NOT NULL,
    password_hash TEXT NOT NULL,
    password_must_change BOOLEAN NOT NULL,
    signing_hash TEXT,
    failed_logins BIGINT NOT NULL,
    locked_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE person_role (
    person_id BIGINT NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    PRIMARY KEY (person_id, role)
);

CREATE TABLE personal_key (
    subject TEXT PRIMARY KEY NOT NULL,
    key_text TEXT NOT NULL
);

CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    person_id BIGINT NOT NULL REFERENCES person (id),
    csrf TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX session_person ON session (person_id);

CREATE TABLE api_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    person_id BIGINT NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX api_token_person ON api_token (person_id);

-- The signing password was entered: for ten minutes acts of one meaning may be signed.
CREATE TABLE signing_grant (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    meaning TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX signing_grant_person ON signing_grant (person_id, meaning);

CREATE TABLE idempotency (
    actor TEXT NOT NULL,
    request_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (actor, request_key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Running numbers: taken in the transaction that uses them, so none is lost in silence.
CREATE TABLE number_series (
    name TEXT PRIMARY KEY NOT NULL,
    last BIGINT NOT NULL
);
