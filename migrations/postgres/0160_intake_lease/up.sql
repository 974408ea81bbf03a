-- A long message goes in piece by piece; one process at a time takes it in.
CREATE TABLE intake_lease (
    message_id BIGINT PRIMARY KEY NOT NULL REFERENCES instrument_message (id),
    token TEXT COLLATE "C" NOT NULL,
    until TIMESTAMP NOT NULL
);
