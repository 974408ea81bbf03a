//! Instruments: what is connected, what it sent, what of it could not be filed.
//!
//! A message is the instrument's own bytes, stored before it is read. Reading it with the instrument's profile yields
//! observations; each is filed into the worksheet cell that it belongs to, or held for a person with the reason.
//! Mapping a code replays the held rows; nothing is ever guessed and nothing is dropped.

pub mod actions;
pub mod agents;
pub mod api;
pub mod bench;
mod calls;
mod comparison;
mod damaged;
mod dispatching;
mod documents;
pub mod embedded;
pub mod equipment;
mod evidence;
mod filing;
mod findings;
mod flags;
mod gating;
pub mod link_settings;
mod long;
pub mod pages;
mod printed;
pub mod profiles;
pub mod reader;
mod repeats;
pub mod state;
mod store;
mod unreadable;
pub mod worklists;

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
/// Another message is stored under a number (`seq`).
pub const MESSAGES_DIFFER: Problem = Problem::new("messages-differ", 409);
pub const OBSERVATION_NOT_HELD: Problem = Problem::new("observation-not-held", 409);
pub const MESSAGE_WRONG_STATE: Problem = Problem::new("message-wrong-state", 409);
pub const MAPPING_TARGET_UNKNOWN: Problem = Problem::new("mapping-target-unknown", 422);
/// The instrument's profile (`profile`) does not say how its software takes a work list.
pub const WORKLIST_NO_FORMAT: Problem = Problem::new("worklist-no-format", 409);
/// Nobody has said what the instrument calls an analyte.
pub const WORKLIST_CODE_MISSING: Problem = Problem::new("worklist-code-missing", 409);
/// The instrument has several names for an analyte (`codes`).
pub const WORKLIST_CODES_SEVERAL: Problem = Problem::new("worklist-codes-several", 409);
/// A text has no place in the instrument's format.
pub const WORKLIST_TEXT_UNFIT: Problem = Problem::new("worklist-text-unfit", 409);
pub const WORKLIST_TRAY_FULL: Problem = Problem::new("worklist-tray-full", 409);

/// The agent of the instrument has not said that it can be sent something this way.
pub const DISPATCH_NO_WAY: Problem = Problem::new("dispatch-no-way", 409);
/// Every place of the worksheet has its reading.
pub const DISPATCH_NOTHING_OPEN: Problem = Problem::new("dispatch-nothing-open", 409);

/// What a sequence file can be refused for.
pub const SEQUENCE_PROBLEMS: &[Problem] = &[
    WORKLIST_NO_FORMAT,
    WORKLIST_CODE_MISSING,
    WORKLIST_CODES_SEVERAL,
    WORKLIST_TEXT_UNFIT,
    WORKLIST_TRAY_FULL,
    PROFILE_INVALID,
];

/// Something else would happen by now than the preview showed.
pub const MAPPING_PREVIEW_STALE: Problem = Problem::new("mapping-preview-stale", 412);
pub const DOCUMENT_LINKED: Problem = Problem::new("document-linked", 409);
pub const DOCUMENT_NOT_LINKED: Problem = Problem::new("document-not-linked", 409);
pub const DOCUMENT_SAMPLE_UNKNOWN: Problem = Problem::new("document-sample-unknown", 422);
pub const DOCUMENT_NOT_ON_WORKSHEET: Problem = Problem::new("document-not-on-worksheet", 422);

/// Codes declared in this room, for the reference list.
pub const PROBLEMS: &[Problem] = &[
    INSTRUMENT_CODE_TAKEN,
    INSTRUMENT_STOPPED,
    PROFILE_UNKNOWN,
    MESSAGES_INVALID,
    MESSAGES_HOLE,
    MESSAGES_DIFFER,
    OBSERVATION_NOT_HELD,
    MESSAGE_WRONG_STATE,
    MAPPING_TARGET_UNKNOWN,
    WORKLIST_NO_FORMAT,
    WORKLIST_CODE_MISSING,
    WORKLIST_CODES_SEVERAL,
    WORKLIST_TEXT_UNFIT,
    WORKLIST_TRAY_FULL,
    DISPATCH_NO_WAY,
    DISPATCH_NOTHING_OPEN,
    MAPPING_PREVIEW_STALE,
    DOCUMENT_LINKED,
    DOCUMENT_NOT_LINKED,
    DOCUMENT_SAMPLE_UNKNOWN,
    DOCUMENT_NOT_ON_WORKSHEET,
    PROFILE_NAME_TAKEN,
    PROFILE_INVALID,
    PROFILE_READS_NOTHING,
    PROFILE_EXAMPLE_LONG,
    PROFILE_CORRECTION,
    PROFILE_EXAMPLE_DIFFERS,
    PROFILE_EXAMPLE_TROUBLED,
    PROFILE_WRONG_STATE,
];
