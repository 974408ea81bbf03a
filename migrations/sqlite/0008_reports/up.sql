-- Reports, files, non-conforming work, mail and jobs.
CREATE TABLE stored_file (
    sha256 TEXT PRIMARY KEY NOT NULL,
    byte_count BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    file_name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE TRIGGER stored_file_no_update BEFORE UPDATE ON stored_file
BEGIN SELECT RAISE(ABORT, 'stored_file is append-only'); END;
CREATE TRIGGER stored_file_no_delete BEFORE DELETE ON stored_file
BEGIN SELECT RAISE(ABORT, 'stored_file is append-only'); END;

CREATE TABLE report (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    report_no TEXT NOT NULL UNIQUE,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    state TEXT NOT NULL,
    amends_id BIGINT REFERENCES report (id),
    amendment_reason TEXT NOT NULL,
    language TEXT NOT NULL,
    -- pass, fail, data_only; empty while compiling
    conclusion TEXT NOT NULL,
    -- The content as it was authorized, as JSON; empty before.
    document TEXT NOT NULL,
    verification_code TEXT NOT NULL UNIQUE,
    reviewer_id BIGINT REFERENCES person (id),
    reviewed_at TIMESTAMP,
    signatory_id BIGINT REFERENCES person (id),
    authorized_at TIMESTAMP,
    issued_at TIMESTAMP,
    file_sha256 TEXT REFERENCES stored_file (sha256),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX report_sample ON report (sample_id, id);
CREATE INDEX report_state ON report (state, id);

CREATE TABLE nonconforming_work (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    work_no TEXT NOT NULL UNIQUE,
    worksheet_id BIGINT REFERENCES worksheet (id),
    description TEXT NOT NULL,
    state TEXT NOT NULL,
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
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- What it is about: the same key never makes a second mail.
    mail_key TEXT NOT NULL UNIQUE,
    recipient TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    attachment_sha256 TEXT REFERENCES stored_file (sha256),
    attachment_name TEXT NOT NULL,
    about_kind TEXT NOT NULL,
    about_id BIGINT NOT NULL,
    -- queued, sent, failed
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at TIMESTAMP NOT NULL,
    last_error TEXT NOT NULL,
    lease_token TEXT NOT NULL,
    leased_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP
);
CREATE INDEX mail_state ON mail (state, next_attempt_at);

CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    job_key TEXT NOT NULL UNIQUE,
    payload TEXT NOT NULL,
    -- queued, done, failed
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at TIMESTAMP NOT NULL,
    last_error TEXT NOT NULL,
    lease_token TEXT NOT NULL,
    leased_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX job_state ON job (state, run_at);
