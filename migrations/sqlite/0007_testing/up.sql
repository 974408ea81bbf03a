-- Items, worksheets, what was read, what was calculated and judged, who signed. Nothing measured is ever updated.
CREATE TABLE person_authorization (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    -- Standard number without edition; `*` for a signatory of a whole field.
    method_standard TEXT NOT NULL,
    -- sample, test, check, review, authorize
    activity TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE NOT NULL,
    granted_by BIGINT NOT NULL REFERENCES person (id),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX person_authorization_person ON person_authorization (person_id, method_standard);

CREATE TABLE worksheet (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    worksheet_no TEXT NOT NULL UNIQUE,
    method_standard TEXT NOT NULL,
    method_key TEXT NOT NULL,
    tester_id BIGINT NOT NULL REFERENCES person (id),
    instrument_id BIGINT REFERENCES instrument (id),
    state TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE test_item (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    sample_id BIGINT NOT NULL REFERENCES sample (id),
    part_id BIGINT REFERENCES part (id),
    seq BIGINT NOT NULL,
    -- Key of the catalogue's analyte and its names as they were then.
    analyte TEXT NOT NULL,
    analyte_zh TEXT NOT NULL,
    analyte_en TEXT NOT NULL,
    method_standard TEXT NOT NULL,
    -- Key of the method procedure chosen at assignment; empty before.
    method_key TEXT NOT NULL,
    -- Standards that it is judged by, separated by `;`; empty: results only.
    limit_standards TEXT NOT NULL,
    -- The food as the limits name it, `tree:category` or a name; limits follow this and the production date.
    food TEXT NOT NULL,
    -- Production date; the sampling date where the goods carry none.
    produced_on DATE NOT NULL,
    unit TEXT NOT NULL,
    state TEXT NOT NULL,
    tester_id BIGINT REFERENCES person (id),
    worksheet_id BIGINT REFERENCES worksheet (id),
    checker_id BIGINT REFERENCES person (id),
    -- The result in force.
    result_id BIGINT,
    verdict TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (sample_id, seq)
);
CREATE INDEX test_item_state ON test_item (state, id);
CREATE INDEX test_item_tester ON test_item (tester_id, state);
CREATE INDEX test_item_worksheet ON test_item (worksheet_id);

CREATE TABLE worksheet_position (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    place BIGINT NOT NULL,
    -- sample, blank, duplicate, spike, reference
    kind TEXT NOT NULL,
    item_id BIGINT REFERENCES test_item (id),
    label_code TEXT NOT NULL,
    -- What a control must give, as JSON; empty for samples.
    target TEXT NOT NULL,
    UNIQUE (worksheet_id, place)
);
CREATE INDEX worksheet_position_item ON worksheet_position (item_id);

CREATE TABLE observation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version BIGINT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES instrument_message (id),
    ordinal BIGINT NOT NULL,
    sample_ref TEXT NOT NULL,
    analyte_ref TEXT NOT NULL,
    value TEXT NOT NULL,
    number TEXT,
    qualifier TEXT NOT NULL,
    unit TEXT NOT NULL,
    flag TEXT NOT NULL,
    role TEXT NOT NULL,
    source_place TEXT NOT NULL,
    measured_at TEXT NOT NULL,
    -- held, filed, ignored
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    position_id BIGINT REFERENCES worksheet_position (id),
    UNIQUE (message_id, ordinal)
);
CREATE INDEX observation_state ON observation (state, id);

CREATE TABLE result_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    position_id BIGINT NOT NULL REFERENCES worksheet_position (id),
    -- reading, mass, volume, dilution, count, …: a named input of the method's calculation
    field TEXT NOT NULL,
    replicate BIGINT NOT NULL,
    entry_no BIGINT NOT NULL,
    value TEXT NOT NULL,
    unit TEXT NOT NULL,
    -- typed, instrument, correction
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    observation_id BIGINT REFERENCES observation (id),
    person_id BIGINT REFERENCES person (id),
    client_uuid TEXT NOT NULL UNIQUE,
    at TIMESTAMP NOT NULL,
    UNIQUE (position_id, field, replicate, entry_no)
);
CREATE TRIGGER result_entry_no_update BEFORE UPDATE ON result_entry
BEGIN SELECT RAISE(ABORT, 'result_entry is append-only'); END;
CREATE TRIGGER result_entry_no_delete BEFORE DELETE ON result_entry
BEGIN SELECT RAISE(ABORT, 'result_entry is append-only'); END;

CREATE TABLE qc_verdict (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    worksheet_id BIGINT NOT NULL REFERENCES worksheet (id),
    version_no BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    record TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    UNIQUE (worksheet_id, version_no)
);
CREATE TRIGGER qc_verdict_no_update BEFORE UPDATE ON qc_verdict
BEGIN SELECT RAISE(ABORT, 'qc_verdict is append-only'); END;
CREATE TRIGGER qc_verdict_no_delete BEFORE DELETE ON qc_verdict
BEGIN SELECT RAISE(ABORT, 'qc_verdict is append-only'); END;

CREATE TABLE qc_release (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    qc_verdict_id BIGINT NOT NULL UNIQUE REFERENCES qc_verdict (id),
    cause TEXT NOT NULL,
    action TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL
);
CREATE TRIGGER qc_release_no_update BEFORE UPDATE ON qc_release
BEGIN SELECT RAISE(ABORT, 'qc_release is append-only'); END;
CREATE TRIGGER qc_release_no_delete BEFORE DELETE ON qc_release
BEGIN SELECT RAISE(ABORT, 'qc_release is append-only'); END;

CREATE TABLE result_version (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    item_id BIGINT NOT NULL REFERENCES test_item (id),
    version_no BIGINT NOT NULL,
    -- Ids of the entries it used, separated by blanks.
    entries TEXT NOT NULL,
    value TEXT NOT NULL,
    unit TEXT NOT NULL,
    reported TEXT NOT NULL,
    verdict TEXT NOT NULL,
    -- Everything that a replay needs, as JSON: inputs, formula, rounding, limit row, edition, comparison, steps.
    record TEXT NOT NULL,
    limit_set_id BIGINT REFERENCES catalogue_set (id),
    limit_key TEXT NOT NULL,
    method_key TEXT NOT NULL,
    -- submitted, recomputed, corrected
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (item_id, version_no)
);
CREATE TRIGGER result_version_no_update BEFORE UPDATE ON result_version
BEGIN SELECT RAISE(ABORT, 'result_version is append-only'); END;
CREATE TRIGGER result_version_no_delete BEFORE DELETE ON result_version
BEGIN SELECT RAISE(ABORT, 'result_version is append-only'); END;

CREATE TABLE signature (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    meaning TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BIGINT NOT NULL,
    object_version BIGINT NOT NULL,
    object_hash TEXT NOT NULL,
    grant_id BIGINT NOT NULL REFERENCES signing_grant (id),
    signed_at TIMESTAMP NOT NULL
);
CREATE INDEX signature_object ON signature (object_kind, object_id);
CREATE TRIGGER signature_no_update BEFORE UPDATE ON signature
BEGIN SELECT RAISE(ABORT, 'signature is append-only'); END;
CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature
BEGIN SELECT RAISE(ABORT, 'signature is append-only'); END;

-- A balance does not know what lies on it: the bench says to which cell its next stable reading belongs.
CREATE TABLE capture_target (
    instrument_id BIGINT PRIMARY KEY NOT NULL REFERENCES instrument (id),
    position_id BIGINT NOT NULL REFERENCES worksheet_position (id),
    field TEXT NOT NULL,
    replicate BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    set_at TIMESTAMP NOT NULL
);
