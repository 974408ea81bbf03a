-- What persons send to instruments: the orders of a worksheet, or its sequence file, as they were when they were sent.
CREATE TABLE instrument_dispatch (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- orders, file
    way TEXT NOT NULL,
    -- Empty for orders.
    file_name TEXT NOT NULL,
    -- Orders as JSON; a file in base64.
    content TEXT NOT NULL,
    requested_by BIGINT NOT NULL REFERENCES person (id),
    requested_at TIMESTAMP NOT NULL
);
CREATE INDEX instrument_dispatch_worksheet ON instrument_dispatch (worksheet_id, id);
-- How it went, as the agent beside the instrument says; none yet: it waits.
CREATE TABLE dispatch_outcome (
    dispatch_id BIGINT PRIMARY KEY NOT NULL REFERENCES instrument_dispatch (id),
    -- delivered, refused
    state TEXT NOT NULL,
    agent TEXT NOT NULL,
    detail TEXT NOT NULL,
    -- By the agent's clock, where that can be right.
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER instrument_dispatch_no_update BEFORE UPDATE ON instrument_dispatch
BEGIN SELECT RAISE(ABORT, 'instrument_dispatch is append-only'); END;
CREATE TRIGGER instrument_dispatch_no_delete BEFORE DELETE ON instrument_dispatch
BEGIN SELECT RAISE(ABORT, 'instrument_dispatch is append-only'); END;
CREATE TRIGGER dispatch_outcome_no_update BEFORE UPDATE ON dispatch_outcome
BEGIN SELECT RAISE(ABORT, 'dispatch_outcome is append-only'); END;
CREATE TRIGGER dispatch_outcome_no_delete BEFORE DELETE ON dispatch_outcome
BEGIN SELECT RAISE(ABORT, 'dispatch_outcome is append-only'); END;
