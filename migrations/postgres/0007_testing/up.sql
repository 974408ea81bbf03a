-- Items, worksheets, what was read, what was calculated and judged, who signed. Nothing measured is ever updated.
CREATE TABLE person_authorization (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    -- Standard number without edition; `*` for a signatory of a whole field.
    method_standard TEXT COLLATE "C" NOT NULL,
    -- sample, test, check, review, authorize
    activity TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    granted_by BIGINT NOT NULL REFERENCES person (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX person_authorization_person ON person_authorization (person_id, method_standard);

CREATE TABLE worksheet (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    worksheet_no TEXT COLLATE "C" NOT NULL UNIQUE,
    method_standard TEXT COLLATE "C" NOT NULL,
    method_key TEXT COLLATE "C" NOT NULL,
    tester_id BIGINT NOT NULL REFERENCES person (id),
    instrument_id BIGINT REFERENCES instrument (id),
    state TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE test_item (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    part_id BIGINT REFERENCES part (id),
    seq BIGINT NOT NULL,
    -- Key of the catalogue's analyte and its names as they were then.
    analyte TEXT COLLATE "C" NOT NULL,
    analyte_zh TEXT COLLATE "C" NOT NULL,
    analyte_en TEXT COLLATE "C" NOT NULL,
    method_standard TEXT COLLATE "C" NOT NULL,
    -- Key of the method procedure chosen at assignment; empty before.
    method_key TEXT COLLATE "C" NOT NULL,
    -- Standards that it is judged by, separated by `;`; empty: results only.
    limit_standards TEXT COLLATE "C" NOT NULL,
    -- The food as the limits name it, `tree:category` or a name; limits follow this and the production date.
    food TEXT COLLATE "C" NOT NULL,
    -- Production date; the sampling date where the goods carry none.
    produced_on DATE NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    tester_id BIGINT REFERENCES person (id),
    worksheet_id BIGINT REFERENCES worksheet (id),
    checker_id BIGINT REFERENCES person (id),
    -- The result in force.
    result_id BIGINT,
    verdict TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (sample_id, seq)
);
CREATE INDEX test_item_state ON test_item (state, id);
CREATE INDEX test_item_tester ON test_item (tester_id, state);
CREATE INDEX test_item_worksheet ON test_item (worksheet_id);

CREATE TABLE worksheet_position (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    place BIGINT NOT NULL,
    -- sample, blank, duplicate, spike, reference
    kind TEXT COLLATE "C" NOT NULL,
    item_id BIGINT REFERENCES test_item (id),
    label_code TEXT COLLATE "C" NOT NULL,
    -- What a control must give, as JSON; empty for samples.
    target TEXT COLLATE "C" NOT NULL,
    UNIQUE (worksheet_id, place)
);
CREATE INDEX worksheet_position_item ON worksheet_position (item_id);

CREATE TABLE observation (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES instrument_message (id),
    ordinal BIGINT NOT NULL,
    sample_ref TEXT COLLATE "C" NOT NULL,
    analyte_ref TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C",
    qualifier TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    flag TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    source_place TEXT COLLATE "C" NOT NULL,
    measured_at TEXT COLLATE "C" NOT NULL,
    -- held, filed, ignored
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    position_id BIGINT REFERENCES worksheet_position (id),
    UNIQUE (message_id, ordinal)
);
CREATE INDEX observation_state ON observation (state, id);

CREATE TABLE result_entry (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    position_id BIGINT NOT NULL REFERENCES worksheet_position (id),
    -- reading, mass, volume, dilution, count, …: a named input of the method's calculation
    field TEXT COLLATE "C" NOT NULL,
    replicate BIGINT NOT NULL,
    entry_no BIGINT NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    -- typed, instrument, correction
    source TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    observation_id BIGINT REFERENCES observation (id),
    person_id BIGINT REFERENCES person (id),
    client_uuid TEXT COLLATE "C" NOT NULL UNIQUE,
    at TIMESTAMP NOT NULL,
    UNIQUE (position_id, field, replicate, entry_no)
);
CREATE TRIGGER result_entry_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON result_entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE qc_verdict (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    version_no BIGINT NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    record TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP NOT NULL,
    UNIQUE (worksheet_id, version_no)
);
CREATE TRIGGER qc_verdict_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON qc_verdict
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE qc_release (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    qc_verdict_id BIGINT NOT NULL UNIQUE REFERENCES qc_verdict (id),
    cause TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER qc_release_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON qc_release
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE result_version (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    item_id BIGINT NOT NULL REFERENCES test_item (id),
    version_no BIGINT NOT NULL,
    -- Ids of the entries it used, separated by blanks.
    entries TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    reported TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    -- Everything that a replay needs, as JSON: inputs, formula, rounding, limit row, edition, comparison, steps.
    record TEXT COLLATE "C" NOT NULL,
    limit_set_id BIGINT REFERENCES catalogue_set (id),
    limit_key TEXT COLLATE "C" NOT NULL,
    method_key TEXT COLLATE "C" NOT NULL,
    -- submitted, recomputed, corrected
    cause TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (item_id, version_no)
);
CREATE TRIGGER result_version_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON result_version
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE signature (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    meaning TEXT COLLATE "C" NOT NULL,
    object_kind TEXT COLLATE "C" NOT NULL,
    object_id BIGINT NOT NULL,
    object_version BIGINT NOT NULL,
    object_hash TEXT COLLATE "C" NOT NULL,
    grant_id BIGINT NOT NULL REFERENCES signing_grant (id),
    signed_at TIMESTAMP NOT NULL
);
CREATE INDEX signature_object ON signature (object_kind, object_id);
CREATE TRIGGER signature_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON signature
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A balance does not know what lies on it: the bench says to which cell its next stable reading belongs.
CREATE TABLE capture_target (
    instrument_id BIGINT PRIMARY KEY NOT NULL REFERENCES instrument (id),
    position_id BIGINT NOT NULL REFERENCES worksheet_position (id),
    field TEXT COLLATE "C" NOT NULL,
    replicate BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    set_at TIMESTAMP NOT NULL
);
