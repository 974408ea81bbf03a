-- What became of the parts of a sample: who released them, who had them disposed of and how (workflow.md 7).
CREATE TABLE retention_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    -- release, keep, dispose
    event TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    -- Of a disposal: how; else empty.
    method TEXT NOT NULL,
    remark TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX retention_event_part ON retention_event (part_id, id);
CREATE INDEX part_retention ON part (retention, id);
CREATE TRIGGER retention_event_no_update BEFORE UPDATE ON retention_event
BEGIN SELECT RAISE(ABORT, 'retention_event is append-only'); END;
CREATE TRIGGER retention_event_no_delete BEFORE DELETE ON retention_event
BEGIN SELECT RAISE(ABORT, 'retention_event is append-only'); END;
