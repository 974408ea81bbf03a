-- Documents of instruments (the PDF of a chromatogram) as evidence of test items. The bytes are the message's own. A link that
-- is taken back is a later row: the newest row of a message and an item holds.
CREATE TABLE evidence_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES instrument_message (id),
    item_id BIGINT NOT NULL REFERENCES test_item (id),
    -- The container that the document names, or that a person picked.
    label_code TEXT NOT NULL,
    -- linked, withdrawn
    event TEXT NOT NULL,
    -- Why it was withdrawn.
    reason TEXT NOT NULL,
    -- Who picked or withdrew it; none: the name of the file said so.
    person_id BIGINT REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX evidence_link_item ON evidence_link (item_id);
CREATE INDEX evidence_link_message ON evidence_link (message_id);
CREATE TRIGGER evidence_link_no_update BEFORE UPDATE ON evidence_link
BEGIN SELECT RAISE(ABORT, 'evidence_link is append-only'); END;
CREATE TRIGGER evidence_link_no_delete BEFORE DELETE ON evidence_link
BEGIN SELECT RAISE(ABORT, 'evidence_link is append-only'); END;
