-- Controlled documents edition by edition (quality.md Q711-5, Q711-7): procedures, manuals, forms, contracts of supplied systems.
CREATE TABLE controlled_document (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    -- Of the document; its editions share it.
    number TEXT NOT NULL,
    edition TEXT NOT NULL,
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    -- sop, manual, form, contract
    kind TEXT NOT NULL,
    valid_from DATE NOT NULL,
    -- Last day; empty: until it is replaced.
    valid_until DATE,
    file_sha256 TEXT NOT NULL REFERENCES stored_file (sha256),
    -- brought, approved, refused
    state TEXT NOT NULL,
    brought_by BIGINT NOT NULL REFERENCES person (id),
    brought_at TIMESTAMP NOT NULL,
    -- Another person than who brought it.
    decided_by BIGINT REFERENCES person (id),
    decided_at TIMESTAMP,
    -- Why it was refused, or what was said when it was approved.
    reason TEXT NOT NULL
);
CREATE UNIQUE INDEX controlled_document_edition ON controlled_document (number, edition) WHERE state <> 'refused';
