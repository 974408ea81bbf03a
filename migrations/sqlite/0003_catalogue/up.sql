-- Reference data: each imported set is kept as the text that was imported, so that a verdict can name its rows for ever.
CREATE TABLE catalogue_set (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    imported_by TEXT NOT NULL,
    imported_at TIMESTAMP NOT NULL
);
CREATE INDEX catalogue_set_newest ON catalogue_set (kind, id);
CREATE TRIGGER catalogue_set_no_update BEFORE UPDATE ON catalogue_set
BEGIN SELECT RAISE(ABORT, 'catalogue_set is append-only'); END;
CREATE TRIGGER catalogue_set_no_delete BEFORE DELETE ON catalogue_set
BEGIN SELECT RAISE(ABORT, 'catalogue_set is append-only'); END;
