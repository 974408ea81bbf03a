-- Who supplies calibrations, reagents, maintenance and the like, approved from when until when (quality.md Q66-1); and what the
-- receipt check of a delivered lot found.
CREATE TABLE supplier (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- calibration, materials, maintenance, proficiency, subcontracting
    provides TEXT COLLATE "C" NOT NULL,
    approved_from DATE NOT NULL,
    -- Last day of the approval.
    approved_until DATE NOT NULL,
    evaluated_on DATE NOT NULL,
    -- What the evaluation looked at and found.
    evaluation TEXT COLLATE "C" NOT NULL,
    evaluated_by BIGINT NOT NULL REFERENCES person (id),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (name, provides)
);

CREATE TABLE lot_receipt (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    lot_id BIGINT NOT NULL REFERENCES lot (id),
    accepted BOOLEAN NOT NULL,
    -- What was looked at: certificate, package, growth test, comparison with the lot before.
    checked TEXT COLLATE "C" NOT NULL,
    -- Why it was rejected; empty: it was not.
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX lot_receipt_lot ON lot_receipt (lot_id, id);
CREATE TRIGGER lot_receipt_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON lot_receipt
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
