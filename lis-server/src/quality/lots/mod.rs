//! Reference materials, standards, reagents, media and solutions, lot by lot (`quality.md` Q64-7). A solution names the lots
//! that it was made of, and never outlives them; a worksheet names the lots that it used.

pub mod actions;
pub mod api;
pub mod import;
pub mod pages;
pub mod receipts;
mod store;
pub mod tracing;

use crate::domain::refusal::Problem;

pub const LOT_CODE_TAKEN: Problem = Problem::new("lot-code-taken", 409);
pub const LOT_UNKNOWN: Problem = Problem::new("lot-unknown", 422);
pub const LOT_DATES: Problem = Problem::new("lot-dates", 422);
pub const LOT_OUTLIVES_PARENT: Problem = Problem::new("lot-outlives-parent", 422);
pub const LOT_OPENED: Problem = Problem::new("lot-opened", 409);
pub const LOT_EXPIRED: Problem = Problem::new("lot-expired", 409);
pub const LOTS_UNNAMED: Problem = Problem::new("lots-unnamed", 409);
/// Neither a certificate nor lots that it was made of: the way to a certified value ends here.
pub const LOT_UNTRACEABLE: Problem = Problem::new("lot-untraceable", 409);

/// It was checked when it came, and did not pass.
pub const LOT_REJECTED: Problem = Problem::new("lot-rejected", 409);
pub const LOT_UNCHECKED: Problem = Problem::new("lot-unchecked", 409);
pub const LOT_MADE_HERE: Problem = Problem::new("lot-made-here", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[
    LOT_CODE_TAKEN,
    LOT_UNKNOWN,
    LOT_DATES,
    LOT_OUTLIVES_PARENT,
    LOT_OPENED,
    LOT_EXPIRED,
    LOTS_UNNAMED,
    LOT_UNTRACEABLE,
    LOT_REJECTED,
    LOT_UNCHECKED,
    LOT_MADE_HERE,
];
