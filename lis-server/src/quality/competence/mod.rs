//! What people have learned and how they were evaluated, by method (`quality.md` Q62-1), what is due (Q62-5), and the
//! declaration of confidentiality and impartiality that comes before the first access (Q62-6).

pub mod actions;
pub mod api;
pub mod declaring;
pub mod import;
pub mod pages;
pub mod state;
mod store;

use crate::domain::refusal::Problem;

pub const COMPETENCE_DUE_FIRST: Problem = Problem::new("competence-due-before-done", 422);
pub const COMPETENCE_TO_COME: Problem = Problem::new("competence-to-come", 422);
pub const DECLARATION_MISSING: Problem = Problem::new("declaration-missing", 403);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[COMPETENCE_DUE_FIRST, COMPETENCE_TO_COME, DECLARATION_MISSING];
