-- What an agent last said of itself, one row for each of its instruments. A reading of the weather and no data: it is written
-- over, and the log knows nothing of it.
CREATE TABLE agent_port (
    agent TEXT NOT NULL,
    instrument_code TEXT NOT NULL,
    -- The server's own time.
    reported_at TIMESTAMP NOT NULL,
    -- Of the agent's program.
    program_version TEXT NOT NULL,
    -- Where the instrument is connected, in words.
    port TEXT NOT NULL,
    connected BOOLEAN NOT NULL,
    -- By the agent's clock.
    last_message_at TIMESTAMP,
    port_error TEXT NOT NULL,
    forward_error TEXT NOT NULL,
    -- Messages of the whole agent: waiting for the server; laid aside because the server did not take them.
    backlog BIGINT NOT NULL,
    withheld BIGINT NOT NULL,
    -- Milliseconds by which the agent's clock is ahead of the server's.
    clock_difference_ms BIGINT,
    PRIMARY KEY (agent, instrument_code)
);

-- Every message of an instrument asks which positions carry the labels that it names.
CREATE INDEX worksheet_position_label ON worksheet_position (label_code);
