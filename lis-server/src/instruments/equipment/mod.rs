//! Instruments as equipment (`quality.md` 6.4): status with its history, calibrations, intermediate checks, the smallest
//! weight of a balance; what is done to it. Nothing of this is overwritten: what held on the day of a reading can be said for
//! ever.
//!
//! `state` is pure and says what the gates find; `certificates` keeps files and confirmations, `upkeep` maintenance and repair,
//! `views` shows all of it; `import` takes spreadsheets before the first day.

pub mod actions;
pub mod api;
pub mod certificates;
pub mod import;
pub mod pages;
pub mod state;
mod store;
pub mod upkeep;
mod views;

use crate::domain::refusal::Problem;

pub const INSTRUMENT_LIMITED: Problem = Problem::new("instrument-limited", 409);
pub const CALIBRATION_OVERDUE: Problem = Problem::new("calibration-overdue", 409);
pub const CALIBRATION_FAILED: Problem = Problem::new("calibration-failed", 409);
pub const CALIBRATION_MISSING: Problem = Problem::new("calibration-missing", 409);
/// The calibration that held on a day has no certificate here: the way of a reading to it is broken.
pub const CERTIFICATE_UNRECORDED: Problem = Problem::new("certificate-unrecorded", 409);
pub const CHECK_OVERDUE: Problem = Problem::new("intermediate-check-overdue", 409);
pub const CHECK_FAILED: Problem = Problem::new("intermediate-check-failed", 409);
pub const WEIGHT_TOO_SMALL: Problem = Problem::new("weight-too-small", 409);
pub const INSTRUMENT_OWN_STEP: Problem = Problem::new("instrument-own-step", 422);
pub const DAY_TO_COME: Problem = Problem::new("day-to-come", 422);
pub const DUE_BEFORE_DONE: Problem = Problem::new("due-before-done", 422);
/// Readings are corrected by a calibration, not by a check between two of them.
pub const CORRECTION_OF_CHECK: Problem = Problem::new("correction-of-check", 422);
/// A certificate's file is a PDF or a picture.
pub const CERTIFICATE_FILE: Problem = Problem::new("certificate-file", 422);
/// Back into service without a check since the newest repair.
pub const RETURN_UNCHECKED: Problem = Problem::new("return-unchecked", 409);
pub const EQUIPMENT_UNKNOWN: Problem = Problem::new("equipment-unknown", 422);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[
    INSTRUMENT_LIMITED,
    CALIBRATION_OVERDUE,
    CALIBRATION_FAILED,
    CALIBRATION_MISSING,
    CERTIFICATE_UNRECORDED,
    CHECK_OVERDUE,
    CHECK_FAILED,
    WEIGHT_TOO_SMALL,
    INSTRUMENT_OWN_STEP,
    DAY_TO_COME,
    DUE_BEFORE_DONE,
    CORRECTION_OF_CHECK,
    CERTIFICATE_FILE,
    RETURN_UNCHECKED,
    EQUIPMENT_UNKNOWN,
];
