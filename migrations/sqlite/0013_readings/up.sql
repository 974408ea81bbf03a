-- Each time that a message was read, by which profile, and what was found. A later reading adds rows; earlier rows stay.
CREATE TABLE message_reading (
    message_id BIGINT NOT NULL REFERENCES instrument_message (id),
    reading_no BIGINT NOT NULL,
    profile TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    trouble_count BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (message_id, reading_no)
);
CREATE TRIGGER message_reading_no_update BEFORE UPDATE ON message_reading
BEGIN SELECT RAISE(ABORT, 'message_reading is append-only'); END;
CREATE TRIGGER message_reading_no_delete BEFORE DELETE ON message_reading
BEGIN SELECT RAISE(ABORT, 'message_reading is append-only'); END;
ALTER TABLE observation ADD COLUMN reading_no BIGINT NOT NULL DEFAULT 1;
