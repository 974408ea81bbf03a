//! The laboratory's own validation file (ISO/IEC 17025 7.11.2): questions with the answers that its people worked out, put to
//! the program before a change of the program or of the catalogue goes into force; and the runs that there were.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

use crate::domain::refusal::Problem;

/// A line of the file is no question with an expected answer.
pub const VALIDATION_LINE: Problem = Problem::new("validation-line", 422);
pub const VALIDATION_EMPTY: Problem = Problem::new("validation-empty", 422);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[VALIDATION_LINE, VALIDATION_EMPTY];
