-- Comparisons between persons, methods and laboratories, and repeats of retained samples (quality.md Q77-1): planned with a
-- due day and a criterion, then their result.
CREATE TABLE comparison (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    -- person, method, laboratory, retained_sample
    kind TEXT NOT NULL,
    -- Standard number without edition.
    method_standard TEXT NOT NULL,
    analyte TEXT NOT NULL,
    unit TEXT NOT NULL,
    -- Who or what is compared.
    first_side TEXT NOT NULL,
    second_side TEXT NOT NULL,
    -- Largest difference between both values, an exact decimal.
    allowed_difference TEXT NOT NULL,
    due_on DATE NOT NULL,
    planned_by BIGINT NOT NULL REFERENCES person (id),
    planned_at TIMESTAMP NOT NULL,
    -- Empty until the result is there.
    first_value TEXT NOT NULL,
    second_value TEXT NOT NULL,
    difference TEXT NOT NULL,
    -- agrees, differs
    verdict TEXT NOT NULL,
    performed_on DATE,
    remark TEXT NOT NULL,
    recorded_by BIGINT REFERENCES person (id),
    recorded_at TIMESTAMP
);
CREATE INDEX comparison_due ON comparison (due_on, id);
