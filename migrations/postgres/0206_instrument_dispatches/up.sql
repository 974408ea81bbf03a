-- What persons send to instruments: the orders of a worksheet, or its sequence file, as they were when they were sent.
CREATE TABLE instrument_dispatch (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    instrument_id BIGINT NOT NULL REFERENCES instrument (id),
    -- orders, file
    way TEXT COLLATE "C" NOT NULL,
    -- Empty for orders.
    file_name TEXT COLLATE "C" NOT NULL,
    -- Orders as JSON; a file in base64.
    content TEXT COLLATE "C" NOT NULL,
    requested_by BIGINT NOT NULL REFERENCES person (id),
    requested_at TIMESTAMP NOT NULL
);
CREATE INDEX instrument_dispatch_worksheet ON instrument_dispatch (worksheet_id, id);
-- How it went, as the agent beside the instrument says; none yet: it waits.
CREATE TABLE dispatch_outcome (
    dispatch_id BIGINT PRIMARY KEY NOT NULL REFERENCES instrument_dispatch (id),
    -- delivered, refused
    state TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    -- By the agent's clock, where that can be right.
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER instrument_dispatch_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON instrument_dispatch
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dispatch_outcome_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_outcome
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
