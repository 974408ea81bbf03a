-- Since when the words about a person are gone.
ALTER TABLE person ADD COLUMN erased_at TIMESTAMP;

-- Personal words that were erased: whose, on which ground, what stays. Never the words.
CREATE TABLE erasure (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    -- person, enterprise
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject_id BIGINT NOT NULL,
    -- purpose, ended, withdrawn, unlawful, other (PIPL 47)
    ground TEXT COLLATE "C" NOT NULL,
    -- File number of the request, not its words.
    reference TEXT COLLATE "C" NOT NULL,
    -- The name stays with the records that it is part of.
    name_kept BOOLEAN NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER erasure_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON erasure
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
