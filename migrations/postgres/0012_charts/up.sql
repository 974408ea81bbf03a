-- Limits of control charts, frozen in versions (quality.md Q77-3). Points are the controls of qc_verdict.
CREATE TABLE chart_limits (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    method_key TEXT COLLATE "C" NOT NULL,
    analyte TEXT COLLATE "C" NOT NULL,
    -- blank, duplicate, parallel, spike, reference
    kind TEXT COLLATE "C" NOT NULL,
    material TEXT COLLATE "C" NOT NULL,
    version_no BIGINT NOT NULL,
    mean TEXT COLLATE "C" NOT NULL,
    sd TEXT COLLATE "C" NOT NULL,
    point_count BIGINT NOT NULL,
    -- Numbers of the worksheets that the limits rest on, separated by blanks.
    basis TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    at TIMESTAMP NOT NULL,
    UNIQUE (method_key, analyte, kind, material, version_no)
);
CREATE TRIGGER chart_limits_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON chart_limits
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
