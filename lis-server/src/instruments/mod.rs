//! Instruments: what is connected, what it sent, what of it could not be filed.
//!
//! A message is the instrument's own bytes, stored before it is read. Reading it with the instrument's profile yields
//! observations; each is filed into the worksheet cell that it belongs to, or held for a person with the reason.
//! Mapping a code replays the held rows; nothing is ever guessed and nothing is dropped.

pub mod actions;
pub mod api;
pub mod bench;
mod calls;
pub mod embedded;
pub mod equipment;
mod evidence;
mod filing;
mod findings;
pub mod pages;
pub mod profiles;
pub mod reader;
mod repeats;
pub mod state;
mod store;

use crate::domain::refusal::Problem;
use profiles::{
    PROFILE_CORRECTION, PROFILE_EXAMPLE_DIFFERS, PROFILE_EXAMPLE_LONG, PROFILE_EXAMPLE_TROUBLED, PROFILE_INVALID,
    PROFILE_NAME_TAKEN, PROFILE_READS_NOTHING, PROFILE_WRONG_STATE,
};

pub const INSTRUMENT_CODE_TAKEN: Problem = Problem::new("instrument-code-taken", 409);
pub const INSTRUMENT_STOPPED: Problem = Problem::new("instrument-stopped", 409);
pub const PROFILE_UNKNOWN: Problem = Problem::new("profile-unknown", 422);
pub const MESSAGES_INVALID: Problem = Problem::new("messages-invalid", 422);
pub const MESSAGES_HOLE: Problem = Problem::new("messages-hole", 409);
pub const OBSERVATION_NOT_HELD: Problem = Problem::new("observation-not-held", 409);
pub const MESSAGE_WRONG_STATE: Problem = Problem::new("message-wrong-state", 409);
pub const MAPPING_TARGET_UNKNOWN: Problem = Problem::new("mapping-target-unknown", 422);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[
    INSTRUMENT_CODE_TAKEN,
    INSTRUMENT_STOPPED,
    PROFILE_UNKNOWN,
    MESSAGES_INVALID,
    MESSAGES_HOLE,
    OBSERVATION_NOT_HELD,
    MESSAGE_WRONG_STATE,
    MAPPING_TARGET_UNKNOWN,
    PROFILE_NAME_TAKEN,
    PROFILE_INVALID,
    PROFILE_READS_NOTHING,
    PROFILE_EXAMPLE_LONG,
    PROFILE_CORRECTION,
    PROFILE_EXAMPLE_DIFFERS,
    PROFILE_EXAMPLE_TROUBLED,
    PROFILE_WRONG_STATE,
];
