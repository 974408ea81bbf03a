//! The laboratory's own verification of its methods (`quality.md` Q72-2): that it can do by a procedure what the standard
//! promises, with figures and the record itself, before the procedure goes live.

pub mod actions;
pub mod api;
pub mod import;
pub mod pages;
mod store;

use crate::domain::refusal::Problem;

/// A gate's finding: no record says that the laboratory masters the procedure.
pub const METHOD_UNVERIFIED: Problem = Problem::new("method-unverified", 409);
pub const VERIFICATION_TO_COME: Problem = Problem::new("verification-to-come", 422);
pub const VERIFICATION_NO_PDF: Problem = Problem::new("verification-no-pdf", 422);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[METHOD_UNVERIFIED, VERIFICATION_TO_COME, VERIFICATION_NO_PDF];
