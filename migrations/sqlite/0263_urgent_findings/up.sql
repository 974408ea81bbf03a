-- Findings of possible serious harm (workflow.md 10, T5): the ordering authority is told within hours of their confirmation.
CREATE TABLE urgent_finding (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    ground TEXT NOT NULL,
    confirmed_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    told_at TIMESTAMP,
    -- Who was told, and how.
    told_how TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX urgent_finding_sample ON urgent_finding (sample_id);
