//! Double-random spot checks (双随机): units drawn by their risk, a pair of samplers drawn by lot, and a record with
//! which anybody can repeat the draw (`workflow.md` 5.1). [`draw`] is the algorithm, [`record`] what is kept.

pub mod actions;
pub mod api;
mod calls;
pub mod draw;
pub mod pages;
pub mod paper;
pub mod record;
pub mod store;

use crate::domain::refusal::Problem;

pub const DRAW_REGION_UNKNOWN: Problem = Problem::new("draw-region-unknown", 422);
pub const DRAW_TOO_FEW_UNITS: Problem = Problem::new("draw-too-few-units", 409);
pub const DRAW_TOO_FEW_SAMPLERS: Problem = Problem::new("draw-too-few-samplers", 409);
pub const DRAW_NO_VENUES: Problem = Problem::new("draw-no-venues", 409);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[DRAW_REGION_UNKNOWN, DRAW_TOO_FEW_UNITS, DRAW_TOO_FEW_SAMPLERS, DRAW_NO_VENUES];
