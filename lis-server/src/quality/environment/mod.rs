//! The environment of the laboratory (设施和环境; `quality.md` Q63-1): rooms, fridges and incubators with their limits, every
//! reading of them, what lay outside, and the worksheets whose time falls into it.

pub mod actions;
pub mod api;
mod drawing;
pub mod import;
pub mod on_sheet;
pub mod pages;
pub mod state;
mod store;

use crate::domain::refusal::Problem;

pub const ROOM_CODE_TAKEN: Problem = Problem::new("room-code-taken", 409);
pub const ROOM_UNKNOWN: Problem = Problem::new("room-unknown", 422);
pub const ROOM_LIMITS: Problem = Problem::new("room-limits", 422);
pub const READING_EMPTY: Problem = Problem::new("reading-empty", 422);
pub const READING_TO_COME: Problem = Problem::new("reading-to-come", 422);
pub const READING_DIFFERS: Problem = Problem::new("reading-differs", 409);
pub const ROOM_UNREAD: Problem = Problem::new("room-unread", 409);
pub const ROOM_OUTSIDE: Problem = Problem::new("room-outside-limits", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[
    ROOM_CODE_TAKEN,
    ROOM_UNKNOWN,
    ROOM_LIMITS,
    READING_EMPTY,
    READING_TO_COME,
    READING_DIFFERS,
    ROOM_UNREAD,
    ROOM_OUTSIDE,
];
