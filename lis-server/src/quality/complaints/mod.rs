//! Complaints (ISO/IEC 17025 7.9, `quality.md` Q79-1): received, acknowledged, decided by somebody who did none of the work
//! that they are about, and told.

pub mod actions;
pub mod api;
pub mod pages;
pub mod state;
mod store;

use crate::domain::refusal::Problem;

pub const COMPLAINT_WRONG_STATE: Problem = Problem::new("complaint-wrong-state", 409);
pub const HANDLER_INVOLVED: Problem = Problem::new("complaint-handler-involved", 403);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[COMPLAINT_WRONG_STATE, HANDLER_INVOLVED];
