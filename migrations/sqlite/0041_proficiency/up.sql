-- Proficiency tests and interlaboratory comparisons (quality.md Q77-5): one row for each analyte of a round.
CREATE TABLE proficiency_round (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    provider TEXT NOT NULL,
    scheme TEXT NOT NULL,
    analyte TEXT NOT NULL,
    matrix TEXT NOT NULL,
    -- Standard number without edition.
    method_standard TEXT NOT NULL,
    unit TEXT NOT NULL,
    -- Exact decimals as the provider and the laboratory printed them.
    assigned_value TEXT NOT NULL,
    sigma_pt TEXT NOT NULL,
    own_result TEXT NOT NULL,
    -- (own - assigned) / sigma_pt, exact or with 12 significant digits; the verdict is that of the exact value.
    z_score TEXT NOT NULL,
    -- satisfactory, questionable, unsatisfactory
    verdict TEXT NOT NULL,
    reported_on DATE NOT NULL,
    -- The non-conforming work that was opened on it.
    work_id BIGINT REFERENCES nonconforming_work (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX proficiency_round_day ON proficiency_round (reported_on, id);
