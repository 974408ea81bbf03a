-- Training, supervision and evaluation of people by method (quality.md Q62-1, Q62-5), and what they declared (Q62-6).
CREATE TABLE competence_record (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    -- education, training, supervision, evaluation
    kind TEXT COLLATE "C" NOT NULL,
    -- Method standard without edition; empty: no single method.
    method_standard TEXT COLLATE "C" NOT NULL,
    performed_on DATE NOT NULL,
    -- Who trained, supervised or evaluated.
    performed_by TEXT COLLATE "C" NOT NULL,
    -- competent, not_competent; empty: nothing was judged.
    result TEXT COLLATE "C" NOT NULL,
    -- Last day before which the next one of its kind is done; empty: none is due.
    next_due DATE,
    remark TEXT COLLATE "C" NOT NULL,
    recorded_by BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX competence_record_person ON competence_record (person_id, id);
CREATE TRIGGER competence_record_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON competence_record
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TABLE declaration (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    person_id BIGINT NOT NULL UNIQUE REFERENCES person (id),
    -- The words that were declared.
    wording TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER declaration_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON declaration
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
