//! Quality: non-conforming work (ISO/IEC 17025 7.10), worksheets that a failed control holds, gates, control charts, lots.

pub mod actions;
pub mod api;
pub mod charts;
pub mod gates;
pub mod lots;
pub mod pages;
pub mod state;
mod store;

use crate::domain::refusal::Problem;

pub const WORK_CLOSED: Problem = Problem::new("work-closed", 409);

/// Codes declared in this room.
pub const PROBLEMS: &[Problem] = &[WORK_CLOSED];
