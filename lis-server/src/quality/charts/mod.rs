//! Control charts (`quality.md` Q77-3): the controls of all worksheets of a method as points in time, limits of mean and
//! standard deviation that a quality officer freezes in versions, and the Westgard rules across worksheets.
//!
//! A point is never stored twice: it is a control of a stored verdict. `points` and `rules` are pure, `drawing` makes the SVG,
//! `submitted` judges a new worksheet, `switching` sets what each rule does.

pub mod actions;
pub mod api;
mod drawing;
pub mod pages;
pub mod points;
pub mod rules;
mod store;
pub mod submitted;
pub mod switching;

use crate::domain::refusal::Problem;

pub const CHART_TOO_FEW: Problem = Problem::new("chart-too-few-points", 409);
pub const CHART_NO_SPREAD: Problem = Problem::new("chart-no-spread", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[CHART_TOO_FEW, CHART_NO_SPREAD];
