//! What the laboratory judges by: food categories, analytes, methods and limits, each with its edition and validity.
//!
//! `reference` holds the starter set that the program ships; `import` reads the laboratory's own tables in the same
//! shapes; `search` finds the limits that hold for a sample, `methods` the items, method editions and detection limits.
//! `whole` is the catalogue that they make together, `evaluator` what it answers the judgement. All of this is pure: no
//! database, no web. `store` keeps each imported set in the database as text, `actions` gives the catalogue in force and
//! takes new sets, `pages` and `api` show it.

pub mod actions;
pub mod api;
mod called;
pub mod categories;
pub mod editions;
mod evaluator;
mod fields;
mod fitting;
pub mod import;
mod incoming;
pub mod methods;
pub mod names;
pub mod pages;
pub mod reference;
pub mod refusing;
pub mod search;
pub mod store;
pub mod table;
mod whole;

pub use whole::Catalogue;

use crate::domain::refusal::Problem;

/// An imported table has a header and nothing below it.
pub const SET_EMPTY: Problem = Problem::new("catalogue-set-empty", 422);

/// Codes declared in this room.
pub const PROBLEMS: &[Problem] = &[SET_EMPTY];
