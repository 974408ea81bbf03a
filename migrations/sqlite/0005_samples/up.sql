-- From the sampling form to storage. Progress of the sample, custody and retention of its parts are separate axes.
CREATE TABLE form_import (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    mapping TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    imported_by BIGINT NOT NULL REFERENCES person (id),
    imported_at TIMESTAMP NOT NULL
);
CREATE TRIGGER form_import_no_update BEFORE UPDATE ON form_import
BEGIN SELECT RAISE(ABORT, 'form_import is append-only'); END;
CREATE TRIGGER form_import_no_delete BEFORE DELETE ON form_import
BEGIN SELECT RAISE(ABORT, 'form_import is append-only'); END;

CREATE TABLE sampling_form (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    form_no TEXT NOT NULL UNIQUE,
    -- import, on_site, entrusted
    source TEXT NOT NULL,
    client_uuid TEXT UNIQUE,
    import_id BIGINT REFERENCES form_import (id),
    plan_line_id BIGINT REFERENCES plan_line (id),
    draw_id BIGINT REFERENCES random_draw (id),
    task_category TEXT NOT NULL,
    ordering_name TEXT NOT NULL,
    ordering_region TEXT REFERENCES region (code),
    unit_id BIGINT REFERENCES enterprise (id),
    unit_name TEXT NOT NULL,
    unit_region TEXT REFERENCES region (code),
    producer_id BIGINT REFERENCES enterprise (id),
    producer_name TEXT NOT NULL,
    producer_region TEXT REFERENCES region (code),
    platform_region TEXT REFERENCES region (code),
    sample_name TEXT NOT NULL,
    -- Class of the yearly rules, `tree:id` of the catalogue's food categories.
    food_category TEXT NOT NULL,
    production_date DATE,
    expiry_date DATE,
    batch_no TEXT NOT NULL,
    sampled_at TIMESTAMP,
    -- The whole form, checked, as JSON (records.md 2).
    document TEXT NOT NULL,
    done_at TIMESTAMP NOT NULL,
    entered_at TIMESTAMP NOT NULL,
    entered_by BIGINT NOT NULL REFERENCES person (id)
);

CREATE TABLE sample (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    form_id BIGINT NOT NULL UNIQUE REFERENCES sampling_form (id),
    sample_no TEXT UNIQUE,
    -- supervision, campaign, entrusted, rapid_test, risk_monitoring
    sample_type TEXT NOT NULL,
    state TEXT NOT NULL,
    hold_reason TEXT NOT NULL,
    client_id BIGINT REFERENCES enterprise (id),
    arrived_at TIMESTAMP,
    accepted_at TIMESTAMP,
    due_on DATE,
    due_provisional BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX sample_state ON sample (state, id);
CREATE INDEX sample_client ON sample (client_id, id);

CREATE TABLE part (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    parent_id BIGINT REFERENCES part (id),
    -- test, backup, microbiology
    role TEXT NOT NULL,
    label_code TEXT NOT NULL UNIQUE,
    quantity TEXT NOT NULL,
    unit TEXT NOT NULL,
    seal_no TEXT NOT NULL,
    location TEXT NOT NULL,
    custody TEXT NOT NULL,
    holder_id BIGINT REFERENCES person (id),
    retention TEXT NOT NULL,
    keep_until DATE,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX part_sample ON part (sample_id, id);

CREATE TABLE custody_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    event TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    holder_id BIGINT REFERENCES person (id),
    location TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX custody_event_part ON custody_event (part_id, id);
CREATE TRIGGER custody_event_no_update BEFORE UPDATE ON custody_event
BEGIN SELECT RAISE(ABORT, 'custody_event is append-only'); END;
CREATE TRIGGER custody_event_no_delete BEFORE DELETE ON custody_event
BEGIN SELECT RAISE(ABORT, 'custody_event is append-only'); END;

CREATE TABLE sample_receipt (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    receipt_no TEXT NOT NULL UNIQUE,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    decision TEXT NOT NULL,
    reason_code TEXT NOT NULL,
    reason_text TEXT NOT NULL,
    -- The checks of the record, as JSON (records.md 3).
    document TEXT NOT NULL,
    custodian_id BIGINT NOT NULL REFERENCES person (id),
    arrived_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX sample_receipt_sample ON sample_receipt (sample_id);
CREATE TRIGGER sample_receipt_no_update BEFORE UPDATE ON sample_receipt
BEGIN SELECT RAISE(ABORT, 'sample_receipt is append-only'); END;
CREATE TRIGGER sample_receipt_no_delete BEFORE DELETE ON sample_receipt
BEGIN SELECT RAISE(ABORT, 'sample_receipt is append-only'); END;
