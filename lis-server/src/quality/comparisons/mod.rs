//! Comparisons between persons, methods and laboratories, and repeats of retained samples (`quality.md` Q77-1): planned with a
//! due day and a criterion; the result is judged by it, exactly.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

use crate::domain::refusal::Problem;

pub const COMPARISON_DONE: Problem = Problem::new("comparison-done", 409);
pub const COMPARISON_TO_COME: Problem = Problem::new("comparison-to-come", 422);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[COMPARISON_DONE, COMPARISON_TO_COME];
