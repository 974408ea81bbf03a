-- Transfers from instruments into worksheets that a person compared with the raw record (ISO/IEC 17025 7.11.6).
CREATE TABLE transfer_check (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    entry_id BIGINT NOT NULL UNIQUE REFERENCES result_entry (id),
    same BOOLEAN NOT NULL,
    remark TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX transfer_check_at ON transfer_check (at);
CREATE INDEX result_entry_at ON result_entry (at);
CREATE TRIGGER transfer_check_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer_check
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
