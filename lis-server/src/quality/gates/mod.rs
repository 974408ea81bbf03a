//! Gates of the quality system (`quality.md`, "Gates have modes"): each is off, warns or blocks, as the technical manager
//! sets it from a day on, with a reason. The day of the act decides which setting applied.
//!
//! `state` is pure: settings and findings in, every block and every warning out. What is found of a person, an instrument
//! or a lot says the room that knows it.

pub mod actions;
pub mod api;
pub mod pages;
pub mod state;
mod store;

use crate::domain::clock::Moment;
use crate::domain::ids::PersonId;
use crate::domain::refusal::Problem;

/// A confirmation as it is kept: the warnings as text, the reason, who, when.
pub type Kept = (String, String, PersonId, Moment);

pub const GATE_BACKDATED: Problem = Problem::new("gate-backdated", 422);
pub const WARNINGS_UNCONFIRMED: Problem = Problem::new("warnings-unconfirmed", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[GATE_BACKDATED, WARNINGS_UNCONFIRMED];
