//! The environment of the laboratory (设施和环境; `quality.md` Q63-1): rooms, fridges and incubators with their limits, every
//! reading of them, what lay outside, and what falls into that time.

pub mod actions;
pub mod api;
mod drawing;
pub mod excursions;
pub mod import;
pub mod on_sheet;
pub mod pages;
pub mod places;
pub mod readings;
pub mod state;
mod store;
pub mod views;

use crate::domain::refusal::Problem;

pub const ROOM_CODE_TAKEN: Problem = Problem::new("room-code-taken", 409);
pub const ROOM_UNKNOWN: Problem = Problem::new("room-unknown", 422);
pub const ROOM_LIMITS: Problem = Problem::new("room-limits", 422);
/// Limits are set for days to come.
pub const LIMITS_FROM_PAST: Problem = Problem::new("limits-from-past", 422);
/// Nobody who could get a mail has this username.
pub const ROOM_RECIPIENT: Problem = Problem::new("room-recipient", 422);
pub const READING_EMPTY: Problem = Problem::new("reading-empty", 422);
pub const READING_TO_COME: Problem = Problem::new("reading-to-come", 422);
pub const READING_DIFFERS: Problem = Problem::new("reading-differs", 409);
pub const ROOM_UNREAD: Problem = Problem::new("room-unread", 409);
pub const ROOM_OUTSIDE: Problem = Problem::new("room-outside-limits", 409);
pub const PLACE_TAKEN: Problem = Problem::new("place-taken", 409);
/// What lay in a room of one kind is not brought into one of the other.
pub const PLACES_INCOMPATIBLE: Problem = Problem::new("places-incompatible", 409);
pub const SEPARATION_UNCONFIRMED: Problem = Problem::new("separation-unconfirmed", 409);
pub const SEPARATION_SAME: Problem = Problem::new("separation-same", 422);
pub const EXCURSION_GOES_ON: Problem = Problem::new("excursion-goes-on", 409);
pub const EXCURSION_HANDLED: Problem = Problem::new("excursion-handled", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[
    ROOM_CODE_TAKEN,
    ROOM_UNKNOWN,
    ROOM_LIMITS,
    LIMITS_FROM_PAST,
    ROOM_RECIPIENT,
    READING_EMPTY,
    READING_TO_COME,
    READING_DIFFERS,
    ROOM_UNREAD,
    ROOM_OUTSIDE,
    PLACE_TAKEN,
    PLACES_INCOMPATIBLE,
    SEPARATION_UNCONFIRMED,
    SEPARATION_SAME,
    EXCURSION_GOES_ON,
    EXCURSION_HANDLED,
];
