-- The review of an entrusted order (ISO/IEC 17025 7.1) as a record: the first version stands in the receipt, one here for every
-- change of what was agreed. The newest version of a sample holds.
CREATE TABLE order_review (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    version_no BIGINT NOT NULL,
    -- In yuan, exact; empty: not agreed yet.
    price TEXT COLLATE "C",
    -- Where the client's written answer to what was pointed out is found.
    consent TEXT COLLATE "C" NOT NULL,
    -- Why the order was changed; empty at acceptance.
    reason TEXT COLLATE "C" NOT NULL,
    -- Items with their methods and what was pointed out about them, and the terms, as JSON.
    document TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (sample_id, version_no)
);
CREATE TRIGGER order_review_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON order_review
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
