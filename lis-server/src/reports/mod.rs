//! Test reports: compiled when the last item of a sample is checked, reviewed, authorized by a signatory within his field,
//! printed by a job and issued. An issued report never changes; an error found later makes a new report that names the
//! old one (ISO/IEC 17025 7.8.8). Anybody can check a paper against the laboratory (`verify`).

pub mod actions;
pub mod api;
mod beside;
mod code;
mod compile;
pub mod document;
pub mod issue;
mod line;
pub mod number;
mod numbering;
mod opinions;
pub mod pages;
mod recalling;
mod returning;
mod scoped;
pub mod state;
pub mod store;
#[cfg(test)]
mod tests;
pub mod verify;

pub use store::ReportRow;

use crate::domain::refusal::Problem;

pub const WRONG_STATE: Problem = Problem::new("report-wrong-state", 409);
pub const EMPTY: Problem = Problem::new("report-empty", 409);
pub const REVIEWER_TESTED: Problem = Problem::new("reviewer-tested", 403);
pub const NOT_CHECKED: Problem = Problem::new("items-not-checked", 409);
pub const QC_HELD: Problem = Problem::new("items-held-by-qc", 409);
pub const ON_HOLD: Problem = Problem::new("items-on-hold", 409);
pub const SIGNATORY_REVIEWED: Problem = Problem::new("signatory-reviewed", 403);
pub const SIGNATORY_TESTED: Problem = Problem::new("signatory-tested", 403);
pub const OUTSIDE_FIELD: Problem = Problem::new("outside-signatory-field", 403);
pub const OUTSIDE_SCOPE: Problem = Problem::new("items-outside-scope", 409);
pub const VERDICT_OPEN: Problem = Problem::new("verdict-open", 409);
pub const CHANGED_SINCE_REVIEW: Problem = Problem::new("report-changed-since-review", 409);
pub const REPORT_EXISTS: Problem = Problem::new("report-exists", 409);
pub const NOT_THE_NEWEST: Problem = Problem::new("report-not-the-newest", 409);
pub const NO_NUMBER: Problem = Problem::new("report-no-number", 409);
pub const FILE_TOO_LARGE: Problem = Problem::new("verify-file-too-large", 413);
pub const FILE_MISSING: Problem = Problem::new("verify-file-missing", 422);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[
    WRONG_STATE,
    EMPTY,
    REVIEWER_TESTED,
    NOT_CHECKED,
    QC_HELD,
    ON_HOLD,
    SIGNATORY_REVIEWED,
    SIGNATORY_TESTED,
    OUTSIDE_FIELD,
    OUTSIDE_SCOPE,
    VERDICT_OPEN,
    CHANGED_SINCE_REVIEW,
    REPORT_EXISTS,
    NOT_THE_NEWEST,
    NO_NUMBER,
    FILE_TOO_LARGE,
    FILE_MISSING,
];
