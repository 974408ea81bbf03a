-- Complaints (ISO/IEC 17025 7.9): from receipt to the outcome that was told.
CREATE TABLE complaint (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    complaint_no TEXT COLLATE "C" NOT NULL UNIQUE,
    -- received, acknowledged, decided, told
    state TEXT COLLATE "C" NOT NULL,
    complainant TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    sample_id BIGINT REFERENCES sample (id),
    report_id BIGINT REFERENCES report (id),
    content TEXT COLLATE "C" NOT NULL,
    received_at TIMESTAMP NOT NULL,
    received_by BIGINT NOT NULL REFERENCES person (id),
    acknowledge_by DATE NOT NULL,
    answer_by DATE NOT NULL,
    -- A deadline passes through a year whose calendar is not announced yet.
    due_provisional BOOLEAN NOT NULL,
    acknowledged_at TIMESTAMP,
    -- Who decided; nobody who did the work that it is about.
    handler_id BIGINT REFERENCES person (id),
    -- justified, unjustified; empty before
    decision TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    decided_at TIMESTAMP,
    told_at TIMESTAMP,
    told_how TEXT COLLATE "C" NOT NULL
);
CREATE INDEX complaint_state ON complaint (state, id);
CREATE INDEX complaint_received ON complaint (received_at, id);
