-- The review of an entrusted order (ISO/IEC 17025 7.1) as a record: the first version stands in the receipt, one here for every
-- change of what was agreed. The newest version of a sample holds.
CREATE TABLE order_review (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    version_no BIGINT NOT NULL,
    -- In yuan, exact; empty: not agreed yet.
    price TEXT,
    -- Where the client's written answer to what was pointed out is found.
    consent TEXT NOT NULL,
    -- Why the order was changed; empty at acceptance.
    reason TEXT NOT NULL,
    -- Items with their methods and what was pointed out about them, and the terms, as JSON.
    document TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (sample_id, version_no)
);
CREATE TRIGGER order_review_no_update BEFORE UPDATE ON order_review
BEGIN SELECT RAISE(ABORT, 'order_review is append-only'); END;
CREATE TRIGGER order_review_no_delete BEFORE DELETE ON order_review
BEGIN SELECT RAISE(ABORT, 'order_review is append-only'); END;
