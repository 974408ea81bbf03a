-- Since when the words about a person are gone.
ALTER TABLE person ADD COLUMN erased_at TIMESTAMP;

-- Personal words that were erased: whose, on which ground, what stays. Never the words.
CREATE TABLE erasure (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- person, enterprise
    subject_kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    -- purpose, ended, withdrawn, unlawful, other (PIPL 47)
    ground TEXT NOT NULL,
    -- File number of the request, not its words.
    reference TEXT NOT NULL,
    -- The name stays with the records that it is part of.
    name_kept BOOLEAN NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER erasure_no_update BEFORE UPDATE ON erasure
BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END;
CREATE TRIGGER erasure_no_delete BEFORE DELETE ON erasure
BEGIN SELECT RAISE(ABORT, 'erasure is append-only'); END;
