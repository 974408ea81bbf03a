-- From the sampling form to storage. Progress of the sample, custody and retention of its parts are separate axes.
CREATE TABLE form_import (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    file_name TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL UNIQUE,
    mapping TEXT COLLATE "C" NOT NULL,
    row_count BIGINT NOT NULL,
    imported_by BIGINT NOT NULL REFERENCES person (id),
    imported_at TIMESTAMP NOT NULL
);
CREATE TRIGGER form_import_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON form_import
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE sampling_form (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    form_no TEXT COLLATE "C" NOT NULL UNIQUE,
    -- import, on_site, entrusted
    source TEXT COLLATE "C" NOT NULL,
    client_uuid TEXT COLLATE "C" UNIQUE,
    import_id BIGINT REFERENCES form_import (id),
    plan_line_id BIGINT REFERENCES plan_line (id),
    draw_id BIGINT REFERENCES random_draw (id),
    task_category TEXT COLLATE "C" NOT NULL,
    ordering_name TEXT COLLATE "C" NOT NULL,
    ordering_region TEXT COLLATE "C" REFERENCES region (code),
    unit_id BIGINT REFERENCES enterprise (id),
    unit_name TEXT COLLATE "C" NOT NULL,
    unit_region TEXT COLLATE "C" REFERENCES region (code),
    producer_id BIGINT REFERENCES enterprise (id),
    producer_name TEXT COLLATE "C" NOT NULL,
    producer_region TEXT COLLATE "C" REFERENCES region (code),
    platform_region TEXT COLLATE "C" REFERENCES region (code),
    sample_name TEXT COLLATE "C" NOT NULL,
    -- Class of the yearly rules, `tree:id` of the catalogue's food categories.
    food_category TEXT COLLATE "C" NOT NULL,
    production_date DATE,
    expiry_date DATE,
    batch_no TEXT COLLATE "C" NOT NULL,
    sampled_at TIMESTAMP,
    -- The whole form, checked, as JSON (records.md 2).
    document TEXT COLLATE "C" NOT NULL,
    done_at TIMESTAMP NOT NULL,
    entered_at TIMESTAMP NOT NULL,
    entered_by BIGINT NOT NULL REFERENCES person (id)
);

CREATE TABLE sample (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    form_id BIGINT NOT NULL UNIQUE REFERENCES sampling_form (id),
    sample_no TEXT COLLATE "C" UNIQUE,
    -- supervision, campaign, entrusted, rapid_test, risk_monitoring
    sample_type TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    hold_reason TEXT COLLATE "C" NOT NULL,
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
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    parent_id BIGINT REFERENCES part (id),
    -- test, backup, microbiology
    role TEXT COLLATE "C" NOT NULL,
    label_code TEXT COLLATE "C" NOT NULL UNIQUE,
    quantity TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    seal_no TEXT COLLATE "C" NOT NULL,
    location TEXT COLLATE "C" NOT NULL,
    custody TEXT COLLATE "C" NOT NULL,
    holder_id BIGINT REFERENCES person (id),
    retention TEXT COLLATE "C" NOT NULL,
    keep_until DATE,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX part_sample ON part (sample_id, id);

CREATE TABLE custody_event (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    event TEXT COLLATE "C" NOT NULL,
    from_state TEXT COLLATE "C" NOT NULL,
    to_state TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    holder_id BIGINT REFERENCES person (id),
    location TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX custody_event_part ON custody_event (part_id, id);
CREATE TRIGGER custody_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON custody_event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE sample_receipt (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    receipt_no TEXT COLLATE "C" NOT NULL UNIQUE,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    decision TEXT COLLATE "C" NOT NULL,
    reason_code TEXT COLLATE "C" NOT NULL,
    reason_text TEXT COLLATE "C" NOT NULL,
    -- The checks of the record, as JSON (records.md 3).
    document TEXT COLLATE "C" NOT NULL,
    custodian_id BIGINT NOT NULL REFERENCES person (id),
    arrived_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX sample_receipt_sample ON sample_receipt (sample_id);
CREATE TRIGGER sample_receipt_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON sample_receipt
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
