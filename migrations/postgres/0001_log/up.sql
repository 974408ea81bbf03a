-- The one log: audit, evidence, history and the regulators' feed (design 4a).
CREATE TABLE audit_entry (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    object_kind TEXT COLLATE "C" NOT NULL,
    object_id BIGINT NOT NULL,
    object_version BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    regions TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    entry_hash TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_entry_object ON audit_entry (object_kind, object_id, id);

CREATE TABLE audit_pending (
    entry_id BIGINT PRIMARY KEY NOT NULL REFERENCES audit_entry (id)
);

CREATE TABLE log_head (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    log_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    chain_hash TEXT COLLATE "C" NOT NULL
);

CREATE TABLE log_link (
    position BIGINT PRIMARY KEY NOT NULL,
    entry_id BIGINT NOT NULL UNIQUE REFERENCES audit_entry (id),
    chain_hash TEXT COLLATE "C" NOT NULL
);

CREATE TABLE feed_index (
    region_code TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL REFERENCES log_link (position),
    PRIMARY KEY (region_code, position)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE FUNCTION audit_entry_pending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_pending (entry_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_entry_pending AFTER INSERT ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_entry_pending();

CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_link_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON log_link
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_index_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON feed_index
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
