//! Controlled documents (`quality.md` Q711-5, Q711-7): procedures, manuals, forms, and the contracts by which suppliers of systems
//! promise what the standard asks of the laboratory itself. Everybody inside finds the edition in force; earlier ones are kept.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

use crate::domain::refusal::Problem;

/// The number has this edition already.
pub const DOCUMENT_EDITION_NAMED: Problem = Problem::new("document-edition-named", 409);
pub const DOCUMENT_DATES: Problem = Problem::new("document-dates", 422);
pub const DOCUMENT_NO_PDF: Problem = Problem::new("document-no-pdf", 422);
/// Who brought an edition does not approve it.
pub const DOCUMENT_OWN: Problem = Problem::new("document-own", 409);
pub const DOCUMENT_DECIDED: Problem = Problem::new("document-decided", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] =
    &[DOCUMENT_EDITION_NAMED, DOCUMENT_DATES, DOCUMENT_NO_PDF, DOCUMENT_OWN, DOCUMENT_DECIDED];
