-- Limits of control charts, frozen in versions (quality.md Q77-3). Points are the controls of qc_verdict.
CREATE TABLE chart_limits (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    method_key TEXT NOT NULL,
    analyte TEXT NOT NULL,
    -- blank, duplicate, parallel, spike, reference
    kind TEXT NOT NULL,
    material TEXT NOT NULL,
    version_no BIGINT NOT NULL,
    mean TEXT NOT NULL,
    sd TEXT NOT NULL,
    point_count BIGINT NOT NULL,
    -- Numbers of the worksheets that the limits rest on, separated by blanks.
    basis TEXT NOT NULL,
    reason TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (method_key, analyte, kind, material, version_no)
);
CREATE TRIGGER chart_limits_no_update BEFORE UPDATE ON chart_limits
BEGIN SELECT RAISE(ABORT, 'chart_limits is append-only'); END;
CREATE TRIGGER chart_limits_no_delete BEFORE DELETE ON chart_limits
BEGIN SELECT RAISE(ABORT, 'chart_limits is append-only'); END;
