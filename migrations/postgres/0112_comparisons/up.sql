-- Comparisons between persons, methods and laboratories, and repeats of retained samples (quality.md Q77-1): planned with a
-- due day and a criterion, then their result.
CREATE TABLE comparison (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    -- person, method, laboratory, retained_sample
    kind TEXT COLLATE "C" NOT NULL,
    -- Standard number without edition.
    method_standard TEXT COLLATE "C" NOT NULL,
    analyte TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    -- Who or what is compared.
    first_side TEXT COLLATE "C" NOT NULL,
    second_side TEXT COLLATE "C" NOT NULL,
    -- Largest difference between both values, an exact decimal.
    allowed_difference TEXT COLLATE "C" NOT NULL,
    due_on DATE NOT NULL,
    planned_by BIGINT NOT NULL REFERENCES person (id),
    planned_at TIMESTAMP NOT NULL,
    -- Empty until the result is there.
    first_value TEXT COLLATE "C" NOT NULL,
    second_value TEXT COLLATE "C" NOT NULL,
    difference TEXT COLLATE "C" NOT NULL,
    -- agrees, differs
    verdict TEXT COLLATE "C" NOT NULL,
    performed_on DATE,
    remark TEXT COLLATE "C" NOT NULL,
    recorded_by BIGINT REFERENCES person (id),
    recorded_at TIMESTAMP
);
CREATE INDEX comparison_due ON comparison (due_on, id);
