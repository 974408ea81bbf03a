-- What the laboratory is accredited for (quality.md, Scope): the lines of the annexes, each with its first and last day.
CREATE TABLE accredited_scope (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    -- CMA, CNAS
    scheme TEXT COLLATE "C" NOT NULL,
    certificate_no TEXT COLLATE "C" NOT NULL,
    -- Analytes or groups of them, separated by `;`; `*`: all of the method.
    analytes TEXT COLLATE "C" NOT NULL,
    -- With or without edition.
    method_standard TEXT COLLATE "C" NOT NULL,
    -- Empty: every procedure.
    procedure_name TEXT COLLATE "C" NOT NULL,
    -- Classes of food, separated by `;`; empty: all.
    food_categories TEXT COLLATE "C" NOT NULL,
    restrictions TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    created_at TIMESTAMP NOT NULL
);
