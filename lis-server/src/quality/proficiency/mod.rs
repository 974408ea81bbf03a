//! Proficiency tests and interlaboratory comparisons (`quality.md` Q77-5): rounds with the provider's assigned value and
//! standard deviation, the laboratory's own result, the z-score and its verdict, computed by `judgement/qc`.

pub mod actions;
pub mod api;
pub mod doubts;
pub mod pages;
mod store;

use crate::domain::refusal::Problem;

pub const ROUND_SATISFACTORY: Problem = Problem::new("proficiency-not-unsatisfactory", 409);
pub const ROUND_HAS_WORK: Problem = Problem::new("proficiency-has-work", 409);
/// An unsatisfactory round whose corrective action is not done.
pub const ROUND_UNCORRECTED: Problem = Problem::new("proficiency-uncorrected", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[ROUND_SATISFACTORY, ROUND_HAS_WORK, ROUND_UNCORRECTED];
