-- 检验结果通知书 (records.md 6): of each service the paper that goes with it.
CREATE TABLE case_notice (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    service_id BIGINT NOT NULL UNIQUE REFERENCES case_service (id),
    -- What was set, as JSON; the file is made from it and from nothing else.
    document TEXT COLLATE "C" NOT NULL,
    file_sha256 TEXT COLLATE "C" NOT NULL REFERENCES stored_file (sha256),
    created_at TIMESTAMP NOT NULL
);
CREATE TRIGGER case_notice_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON case_notice
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- 拒收通知: of each rejection the reason in writing.
CREATE TABLE rejection_note (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    receipt_id BIGINT NOT NULL UNIQUE REFERENCES sample_receipt (id),
    -- What was set, as JSON; the file is made from it and from nothing else.
    document TEXT COLLATE "C" NOT NULL,
    file_sha256 TEXT COLLATE "C" NOT NULL REFERENCES stored_file (sha256),
    created_at TIMESTAMP NOT NULL
);
CREATE TRIGGER rejection_note_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON rejection_note
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
