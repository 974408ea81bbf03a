-- Proficiency tests and interlaboratory comparisons (quality.md Q77-5): one row for each analyte of a round.
CREATE TABLE proficiency_round (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    scheme TEXT COLLATE "C" NOT NULL,
    analyte TEXT COLLATE "C" NOT NULL,
    matrix TEXT COLLATE "C" NOT NULL,
    -- Standard number without edition.
    method_standard TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    -- Exact decimals as the provider and the laboratory printed them.
    assigned_value TEXT COLLATE "C" NOT NULL,
    sigma_pt TEXT COLLATE "C" NOT NULL,
    own_result TEXT COLLATE "C" NOT NULL,
    -- (own - assigned) / sigma_pt, exact or with 12 significant digits; the verdict is that of the exact value.
    z_score TEXT COLLATE "C" NOT NULL,
    -- satisfactory, questionable, unsatisfactory
    verdict TEXT COLLATE "C" NOT NULL,
    reported_on DATE NOT NULL,
    -- The non-conforming work that was opened on it.
    work_id BIGINT REFERENCES nonconforming_work (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE INDEX proficiency_round_day ON proficiency_round (reported_on, id);
