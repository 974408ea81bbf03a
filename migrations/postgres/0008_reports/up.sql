-- Reports, files, non-conforming work, mail and jobs.
CREATE TABLE stored_file (
    sha256 TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    byte_count BIGINT NOT NULL,
    content_type TEXT COLLATE "C" NOT NULL,
    file_name TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE TRIGGER stored_file_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_file
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE report (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    report_no TEXT COLLATE "C" NOT NULL UNIQUE,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    state TEXT COLLATE "C" NOT NULL,
    amends_id BIGINT REFERENCES report (id),
    amendment_reason TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    -- pass, fail, data_only; empty while compiling
    conclusion TEXT COLLATE "C" NOT NULL,
    -- The content as it was authorized, as JSON; empty before.
    document TEXT COLLATE "C" NOT NULL,
    verification_code TEXT COLLATE "C" NOT NULL UNIQUE,
    reviewer_id BIGINT REFERENCES person (id),
    reviewed_at TIMESTAMP,
    signatory_id BIGINT REFERENCES person (id),
    authorized_at TIMESTAMP,
    issued_at TIMESTAMP,
    file_sha256 TEXT COLLATE "C" REFERENCES stored_file (sha256),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX report_sample ON report (sample_id, id);
CREATE INDEX report_state ON report (state, id);

CREATE TABLE nonconforming_work (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    work_no TEXT COLLATE "C" NOT NULL UNIQUE,
    worksheet_id BIGINT REFERENCES worksheet (id),
    description TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    opened_by BIGINT NOT NULL REFERENCES person (id),
    opened_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);

CREATE TABLE nonconforming_item (
    work_id BIGINT NOT NULL REFERENCES nonconforming_work (id),
    item_id BIGINT NOT NULL REFERENCES test_item (id),
    report_id BIGINT REFERENCES report (id),
    old_result_id BIGINT REFERENCES result_version (id),
    new_result_id BIGINT REFERENCES result_version (id),
    PRIMARY KEY (work_id, item_id)
);

CREATE TABLE mail (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    -- What it is about: the same key never makes a second mail.
    mail_key TEXT COLLATE "C" NOT NULL UNIQUE,
    recipient TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    attachment_sha256 TEXT COLLATE "C" REFERENCES stored_file (sha256),
    attachment_name TEXT COLLATE "C" NOT NULL,
    about_kind TEXT COLLATE "C" NOT NULL,
    about_id BIGINT NOT NULL,
    -- queued, sent, failed
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at TIMESTAMP NOT NULL,
    last_error TEXT COLLATE "C" NOT NULL,
    lease_token TEXT COLLATE "C" NOT NULL,
    leased_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP
);
CREATE INDEX mail_state ON mail (state, next_attempt_at);

CREATE TABLE job (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    job_key TEXT COLLATE "C" NOT NULL UNIQUE,
    payload TEXT COLLATE "C" NOT NULL,
    -- queued, done, failed
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    run_at TIMESTAMP NOT NULL,
    last_error TEXT COLLATE "C" NOT NULL,
    lease_token TEXT COLLATE "C" NOT NULL,
    leased_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX job_state ON job (state, run_at);
