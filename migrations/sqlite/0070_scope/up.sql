-- What the laboratory is accredited for (quality.md, Scope): the lines of the annexes, each with its first and last day.
CREATE TABLE accredited_scope (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    -- CMA, CNAS
    scheme TEXT NOT NULL,
    certificate_no TEXT NOT NULL,
    -- Analytes or groups of them, separated by `;`; `*`: all of the method.
    analytes TEXT NOT NULL,
    -- With or without edition.
    method_standard TEXT NOT NULL,
    -- Empty: every procedure.
    procedure_name TEXT NOT NULL,
    -- Classes of food, separated by `;`; empty: all.
    food_categories TEXT NOT NULL,
    restrictions TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    created_at TIMESTAMP NOT NULL
);
