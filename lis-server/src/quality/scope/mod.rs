//! The accredited scope (认可、资质认定范围; `quality.md`, Scope): the lines of the laboratory's annexes, by scheme. The day on
//! which a report is authorized decides which lines hold; the marks on it follow from them.

pub mod actions;
pub mod api;
pub mod import;
pub mod pages;
pub mod state;
mod store;

use crate::domain::refusal::Problem;

pub const SCOPE_LINE_KNOWN: Problem = Problem::new("scope-line-known", 409);
pub const SCOPE_DATES: Problem = Problem::new("scope-dates", 422);
pub const SCOPE_ENDED: Problem = Problem::new("scope-ended", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[SCOPE_LINE_KNOWN, SCOPE_DATES, SCOPE_ENDED];
