-- Who supplies calibrations, reagents, maintenance and the like, approved from when until when (quality.md Q66-1); and what the
-- receipt check of a delivered lot found.
CREATE TABLE supplier (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- calibration, materials, maintenance, proficiency, subcontracting
    provides TEXT NOT NULL,
    approved_from DATE NOT NULL,
    -- Last day of the approval.
    approved_until DATE NOT NULL,
    evaluated_on DATE NOT NULL,
    -- What the evaluation looked at and found.
    evaluation TEXT NOT NULL,
    evaluated_by BIGINT NOT NULL REFERENCES person (id),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (name, provides)
);

CREATE TABLE lot_receipt (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    lot_id BIGINT NOT NULL REFERENCES lot (id),
    accepted BOOLEAN NOT NULL,
    -- What was looked at: certificate, package, growth test, comparison with the lot before.
    checked TEXT NOT NULL,
    -- Why it was rejected; empty: it was not.
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX lot_receipt_lot ON lot_receipt (lot_id, id);
CREATE TRIGGER lot_receipt_no_update BEFORE UPDATE ON lot_receipt
BEGIN SELECT RAISE(ABORT, 'lot_receipt is append-only'); END;
CREATE TRIGGER lot_receipt_no_delete BEFORE DELETE ON lot_receipt
BEGIN SELECT RAISE(ABORT, 'lot_receipt is append-only'); END;
