-- Training, supervision and evaluation of people by method (quality.md Q62-1, Q62-5), and what they declared (Q62-6).
CREATE TABLE competence_record (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    -- education, training, supervision, evaluation
    kind TEXT NOT NULL,
    -- Method standard without edition; empty: no single method.
    method_standard TEXT NOT NULL,
    performed_on DATE NOT NULL,
    -- Who trained, supervised or evaluated.
    performed_by TEXT NOT NULL,
    -- competent, not_competent; empty: nothing was judged.
    result TEXT NOT NULL,
    -- Last day before which the next one of its kind is done; empty: none is due.
    next_due DATE,
    remark TEXT NOT NULL,
    recorded_by BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX competence_record_person ON competence_record (person_id, id);
CREATE TRIGGER competence_record_no_update BEFORE UPDATE ON competence_record
BEGIN SELECT RAISE(ABORT, 'competence_record is append-only'); END;
CREATE TRIGGER competence_record_no_delete BEFORE DELETE ON competence_record
BEGIN SELECT RAISE(ABORT, 'competence_record is append-only'); END;
CREATE TABLE declaration (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL UNIQUE REFERENCES person (id),
    -- The words that were declared.
    wording TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER declaration_no_update BEFORE UPDATE ON declaration
BEGIN SELECT RAISE(ABORT, 'declaration is append-only'); END;
CREATE TRIGGER declaration_no_delete BEFORE DELETE ON declaration
BEGIN SELECT RAISE(ABORT, 'declaration is append-only'); END;
