//! Suppliers of calibrations, materials, maintenance and the like (`quality.md` Q66-1): approved from a day until a day, evaluated
//! by whoever keeps the register. A lot in use is held against it, and against the check that it was received with.

pub mod actions;
pub mod api;
pub mod import;
pub mod pages;
mod store;

use crate::domain::refusal::Problem;

pub const SUPPLIER_NAMED: Problem = Problem::new("supplier-named", 409);
pub const SUPPLIER_DATES: Problem = Problem::new("supplier-dates", 422);
/// Nobody of the register who supplies materials and was approved on the day bears the name that a lot gives.
pub const SUPPLIER_UNAPPROVED: Problem = Problem::new("supplier-unapproved", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[SUPPLIER_NAMED, SUPPLIER_DATES, SUPPLIER_UNAPPROVED];
