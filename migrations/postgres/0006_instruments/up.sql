-- Instruments and what they sent. A message is the instrument's own bytes; observations are what its profile read in it.
CREATE TABLE instrument (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    maker TEXT COLLATE "C" NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    serial_no TEXT COLLATE "C" NOT NULL,
    profile TEXT COLLATE "C" NOT NULL,
    -- qualified, limited, stopped
    status TEXT COLLATE "C" NOT NULL,
    calibrated_until DATE,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE agent_stream (
    agent TEXT COLLATE "C" NOT NULL,
    stream TEXT COLLATE "C" NOT NULL,
    highest_seq BIGINT NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (agent, stream)
);

CREATE TABLE instrument_message (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,
    stream TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    instrument_code TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    file_name TEXT COLLATE "C" NOT NULL,
    received_at TIMESTAMP NOT NULL,
    stored_at TIMESTAMP NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    byte_count BIGINT NOT NULL,
    -- received, read, held, done, unreadable
    state TEXT COLLATE "C" NOT NULL,
    trouble TEXT COLLATE "C" NOT NULL,
    UNIQUE (agent, stream, seq)
);
CREATE INDEX instrument_message_state ON instrument_message (state, id);
CREATE INDEX instrument_message_code ON instrument_message (instrument_code, id);

-- The bytes, in Base64; kept apart so that lists stay light. Never changed.
CREATE TABLE message_content (
    message_id BIGINT PRIMARY KEY NOT NULL REFERENCES instrument_message (id),
    content TEXT COLLATE "C" NOT NULL
);
CREATE TRIGGER message_content_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON message_content
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE code_mapping (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- analyte, unit, sample
    kind TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    mapped_by BIGINT NOT NULL REFERENCES person (id),
    mapped_at TIMESTAMP NOT NULL,
    UNIQUE (instrument_id, kind, source)
);

-- A port is opened by one process at a time.
CREATE TABLE port_lease (
    port TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    token TEXT COLLATE "C" NOT NULL,
    until TIMESTAMP NOT NULL
);
