//! Profiles of the laboratory's own: made from a real export by pointing at its cells, kept in versions, each with its
//! example as a regression test.
//!
//! The text of a version never changes, so whatever an instrument names reads tomorrow as it reads today; a correction is the
//! next version. What an instrument's `profile` names is looked up in [`named`].

pub mod actions;
pub mod api;
mod carry;
pub mod example;
pub mod in_use;
pub mod named;
pub mod pages;
pub mod state;
mod store;
pub mod workbench;

use crate::domain::refusal::Problem;

/// Another profile has the name.
pub const PROFILE_NAME_TAKEN: Problem = Problem::new("profile-name-taken", 409);
/// The text is no profile (`detail` says where and why).
pub const PROFILE_INVALID: Problem = Problem::new("profile-invalid", 422);
/// The example yields no row.
pub const PROFILE_READS_NOTHING: Problem = Problem::new("profile-reads-nothing", 422);
/// The example yields more rows (`rows`) than are kept with a profile (`limit`).
pub const PROFILE_EXAMPLE_LONG: Problem = Problem::new("profile-example-long", 422);
/// The place that was pointed at cannot be that (`detail`).
pub const PROFILE_CORRECTION: Problem = Problem::new("profile-correction", 422);
/// The example no longer reads as it was stored: the first difference (`place`, `expected`, `found`).
pub const PROFILE_EXAMPLE_DIFFERS: Problem = Problem::new("profile-example-differs", 409);
/// Something in the example is not read (`count`, the first `trouble`).
pub const PROFILE_EXAMPLE_TROUBLED: Problem = Problem::new("profile-example-troubled", 409);
/// The maturity (`state`) does not allow the step.
pub const PROFILE_WRONG_STATE: Problem = Problem::new("profile-wrong-state", 409);
