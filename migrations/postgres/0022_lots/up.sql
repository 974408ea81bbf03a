-- Reference materials, standards, reagents, media and solutions, lot by lot (quality.md Q64-7), and what a worksheet used.
CREATE TABLE lot (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    -- The laboratory's own number, on the bottle.
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    -- reference_material, standard, reagent, medium, solution
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    -- The maker's number.
    lot_no TEXT COLLATE "C" NOT NULL,
    supplier TEXT COLLATE "C" NOT NULL,
    certificate_no TEXT COLLATE "C" NOT NULL,
    concentration TEXT COLLATE "C",
    unit TEXT COLLATE "C" NOT NULL,
    -- Received, or of a solution prepared.
    received_on DATE NOT NULL,
    opened_on DATE,
    -- Last day of use.
    expires_on DATE NOT NULL,
    prepared_by TEXT COLLATE "C" NOT NULL,
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
