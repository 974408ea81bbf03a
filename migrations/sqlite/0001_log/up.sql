-- The one log: audit, evidence, history and the regulators' feed (design 4a).
CREATE TABLE audit_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    device TEXT NOT NULL,
    cause TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BIGINT NOT NULL,
    object_version BIGINT NOT NULL,
    event TEXT NOT NULL,
    regions TEXT NOT NULL,
    body TEXT NOT NULL,
    entry_hash TEXT NOT NULL
);
CREATE INDEX audit_entry_object ON audit_entry (object_kind, object_id, id);

CREATE TABLE audit_pending (
    entry_id BIGINT PRIMARY KEY NOT NULL REFERENCES audit_entry (id)
);

CREATE TABLE log_head (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    log_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    chain_hash TEXT NOT NULL
);

CREATE TABLE log_link (
    position BIGINT PRIMARY KEY NOT NULL,
    entry_id BIGINT NOT NULL UNIQUE REFERENCES audit_entry (id),
    chain_hash TEXT NOT NULL
);

CREATE TABLE feed_index (
    region_code TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES log_link (position),
    PRIMARY KEY (region_code, position)
);

CREATE TRIGGER audit_entry_pending AFTER INSERT ON audit_entry
BEGIN INSERT INTO audit_pending (entry_id) VALUES (NEW.id); END;

CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;
CREATE TRIGGER log_link_no_update BEFORE UPDATE ON log_link
BEGIN SELECT RAISE(ABORT, 'log_link is append-only'); END;
CREATE TRIGGER log_link_no_delete BEFORE DELETE ON log_link
BEGIN SELECT RAISE(ABORT, 'log_link is append-only'); END;
CREATE TRIGGER feed_index_no_update BEFORE UPDATE ON feed_index
BEGIN SELECT RAISE(ABORT, 'feed_index is append-only'); END;
CREATE TRIGGER feed_index_no_delete BEFORE DELETE ON feed_index
BEGIN SELECT RAISE(ABORT, 'feed_index is append-only'); END;
