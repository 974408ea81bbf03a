//! Automatic transfers compared by hand (ISO/IEC 17025 7.11.6; `quality.md` Q711-6): of every ten values that came from an
//! instrument into a worksheet one is drawn, and a person compares it with the raw record.

pub mod actions;
pub mod api;
pub mod choosing;
pub mod pages;
mod store;

use crate::domain::refusal::Problem;

/// Somebody has compared it already.
pub const TRANSFER_COMPARED: Problem = Problem::new("transfer-compared", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[TRANSFER_COMPARED];
