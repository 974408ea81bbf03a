//! The laboratory's own validation file (ISO/IEC 17025 7.11.2): questions with the answers that its people worked out, put to
//! the program before a change of the program or of the catalogue goes into force; the runs that there were; and the
//! validation of the program as it stands, which the technical manager signs on such a run (`program`).

pub mod actions;
pub mod api;
pub mod pages;
pub mod paper;
pub mod program;
mod program_api;
mod program_pages;
mod store;

use crate::domain::refusal::Problem;

/// A line of the file is no question with an expected answer.
pub const VALIDATION_LINE: Problem = Problem::new("validation-line", 422);
pub const VALIDATION_EMPTY: Problem = Problem::new("validation-empty", 422);

/// The program, its tables, the catalogue or a profile changed since the signer saw them.
pub const VALIDATION_CHANGED: Problem = Problem::new("validation-changed", 409);
/// The run (`file`) was of another program or another catalogue.
pub const VALIDATION_RUN_OTHER: Problem = Problem::new("validation-run-other", 409);
/// Questions of the run were answered in another way (`count`).
pub const VALIDATION_DIFFERS: Problem = Problem::new("validation-differs", 409);
/// Profiles in use whose example reads differently from what was stored (`profiles`).
pub const VALIDATION_PROFILES: Problem = Problem::new("validation-profiles", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[
    VALIDATION_LINE,
    VALIDATION_EMPTY,
    VALIDATION_CHANGED,
    VALIDATION_RUN_OTHER,
    VALIDATION_DIFFERS,
    VALIDATION_PROFILES,
];
