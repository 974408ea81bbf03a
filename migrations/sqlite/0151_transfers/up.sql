-- Transfers from instruments into worksheets that a person compared with the raw record (ISO/IEC 17025 7.11.6).
CREATE TABLE transfer_check (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    entry_id BIGINT NOT NULL UNIQUE REFERENCES result_entry (id),
    same BOOLEAN NOT NULL,
    remark TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX transfer_check_at ON transfer_check (at);
CREATE INDEX result_entry_at ON result_entry (at);
CREATE TRIGGER transfer_check_no_update BEFORE UPDATE ON transfer_check
BEGIN SELECT RAISE(ABORT, 'transfer_check is append-only'); END;
CREATE TRIGGER transfer_check_no_delete BEFORE DELETE ON transfer_check
BEGIN SELECT RAISE(ABORT, 'transfer_check is append-only'); END;
