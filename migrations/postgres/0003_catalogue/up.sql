-- Reference data: each imported set is kept as the text that was imported, so that a verdict can name its rows for ever.
CREATE TABLE catalogue_set (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    row_count BIGINT NOT NULL,
    imported_by TEXT COLLATE "C" NOT NULL,
    imported_at TIMESTAMP NOT NULL
);
CREATE INDEX catalogue_set_newest ON catalogue_set (kind, id);
CREATE TRIGGER catalogue_set_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON catalogue_set
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
