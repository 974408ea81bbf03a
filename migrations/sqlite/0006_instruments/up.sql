-- Instruments and what they sent. A message is the instrument's own bytes; observations are what its profile read in it.
CREATE TABLE instrument (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    maker TEXT NOT NULL,
    model TEXT NOT NULL,
    serial_no TEXT NOT NULL,
    profile TEXT NOT NULL,
    -- qualified, limited, stopped
    status TEXT NOT NULL,
    calibrated_until DATE,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE agent_stream (
    agent TEXT NOT NULL,
    stream TEXT NOT NULL,
    highest_seq BIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (agent, stream)
);

CREATE TABLE instrument_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    agent TEXT NOT NULL,
    stream TEXT NOT NULL,
    seq BIGINT NOT NULL,
    instrument_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    stored_at TIMESTAMP NOT NULL,
    sha256 TEXT NOT NULL,
    byte_count BIGINT NOT NULL,
    -- received, read, held, done, unreadable
    state TEXT NOT NULL,
    trouble TEXT NOT NULL,
    UNIQUE (agent, stream, seq)
);
CREATE INDEX instrument_message_state ON instrument_message (state, id);
CREATE INDEX instrument_message_code ON instrument_message (instrument_code, id);

-- The bytes, in Base64; kept apart so that lists stay light. Never changed.
CREATE TABLE message_content (
    message_id BIGINT PRIMARY KEY NOT NULL REFERENCES instrument_message (id),
    content TEXT NOT NULL
);
CREATE TRIGGER message_content_no_update BEFORE UPDATE ON message_content
BEGIN SELECT RAISE(ABORT, 'message_content is append-only'); END;
CREATE TRIGGER message_content_no_delete BEFORE DELETE ON message_content
BEGIN SELECT RAISE(ABORT, 'message_content is append-only'); END;

CREATE TABLE code_mapping (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- analyte, unit, sample
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    mapped_by BIGINT NOT NULL REFERENCES person (id),
    mapped_at TIMESTAMP NOT NULL,
    UNIQUE (instrument_id, kind, source)
);

-- A port is opened by one process at a time.
CREATE TABLE port_lease (
    port TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    token TEXT NOT NULL,
    until TIMESTAMP NOT NULL
);
