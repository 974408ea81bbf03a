-- 检验结果通知书 (records.md 6): of each service the paper that goes with it.
CREATE TABLE case_notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    service_id BIGINT NOT NULL UNIQUE REFERENCES case_service (id),
    -- What was set, as JSON; the file is made from it and from nothing else.
    document TEXT NOT NULL,
    file_sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    created_at TIMESTAMP NOT NULL
);
CREATE TRIGGER case_notice_no_update BEFORE UPDATE ON case_notice
BEGIN SELECT RAISE(ABORT, 'case_notice is append-only'); END;
CREATE TRIGGER case_notice_no_delete BEFORE DELETE ON case_notice
BEGIN SELECT RAISE(ABORT, 'case_notice is append-only'); END;

-- 拒收通知: of each rejection the reason in writing.
CREATE TABLE rejection_note (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    receipt_id BIGINT NOT NULL UNIQUE REFERENCES sample_receipt (id),
    -- What was set, as JSON; the file is made from it and from nothing else.
    document TEXT NOT NULL,
    file_sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    created_at TIMESTAMP NOT NULL
);
CREATE TRIGGER rejection_note_no_update BEFORE UPDATE ON rejection_note
BEGIN SELECT RAISE(ABORT, 'rejection_note is append-only'); END;
CREATE TRIGGER rejection_note_no_delete BEFORE DELETE ON rejection_note
BEGIN SELECT RAISE(ABORT, 'rejection_note is append-only'); END;
