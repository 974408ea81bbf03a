-- What became of the parts of a sample: who released them, who had them disposed of and how (workflow.md 7).
CREATE TABLE retention_event (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    part_id BIGINT NOT NULL REFERENCES part (id),
    -- release, keep, dispose
    event TEXT COLLATE "C" NOT NULL,
    from_state TEXT COLLATE "C" NOT NULL,
    to_state TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    -- Of a disposal: how; else empty.
    method TEXT COLLATE "C" NOT NULL,
    remark TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX retention_event_part ON retention_event (part_id, id);
CREATE INDEX part_retention ON part (retention, id);
CREATE TRIGGER retention_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON retention_event
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
