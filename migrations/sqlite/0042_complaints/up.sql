-- Complaints (ISO/IEC 17025 7.9): from receipt to the outcome that was told.
CREATE TABLE complaint (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    complaint_no TEXT NOT NULL UNIQUE,
    -- received, acknowledged, decided, told
    state TEXT NOT NULL,
    complainant TEXT NOT NULL,
    contact TEXT NOT NULL,
    sample_id BIGINT REFERENCES sample (id),
    report_id BIGINT REFERENCES report (id),
    content TEXT NOT NULL,
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
    decision TEXT NOT NULL,
    outcome TEXT NOT NULL,
    decided_at TIMESTAMP,
    told_at TIMESTAMP,
    told_how TEXT NOT NULL
);
CREATE INDEX complaint_state ON complaint (state, id);
CREATE INDEX complaint_received ON complaint (received_at, id);
