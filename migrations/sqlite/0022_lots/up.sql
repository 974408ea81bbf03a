-- Reference materials, standards, reagents, media and solutions, lot by lot (quality.md Q64-7), and what a worksheet used.
CREATE TABLE lot (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    -- The laboratory's own number, on the bottle.
    code TEXT NOT NULL UNIQUE,
    -- reference_material, standard, reagent, medium, solution
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The maker's number.
    lot_no TEXT NOT NULL,
    supplier TEXT NOT NULL,
    certificate_no TEXT NOT NULL,
    concentration TEXT,
    unit TEXT NOT NULL,
    -- Received, or of a solution prepared.
    received_on DATE NOT NULL,
    opened_on DATE,
    -- Last day of use.
    expires_on DATE NOT NULL,
    prepared_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE TABLE lot_parent (
    lot_id BIGINT NOT NULL REFERENCES lot (id),
    parent_id BIGINT NOT NULL REFERENCES lot (id),
    PRIMARY KEY (lot_id, parent_id)
);
CREATE TABLE worksheet_lot (
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    lot_id BIGINT NOT NULL REFERENCES lot (id),
    used_on DATE NOT NULL,
    PRIMARY KEY (worksheet_id, lot_id)
);
