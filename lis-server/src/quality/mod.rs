//! Quality: non-conforming work (ISO/IEC 17025 7.10), worksheets that a failed control holds, gates, control charts, lots,
//! suppliers, proficiency tests, comparisons, complaints, the accredited scope, the environment, what people have learned and
//! declared, controlled documents, and the quality report that counts all of it; the verification of methods and the validation of the program itself.

pub mod actions;
pub mod api;
pub mod charts;
pub mod comparisons;
pub mod competence;
pub mod complaints;
pub mod documents;
pub mod environment;
pub mod figures;
pub mod gates;
pub mod handling;
pub mod lots;
pub mod opening;
pub mod pages;
pub mod proficiency;
pub mod scope;
pub mod state;
mod store;
pub mod suppliers;
pub mod transfers;
pub mod validation;
pub mod verification;

use crate::domain::refusal::Problem;

pub const WORK_CLOSED: Problem = Problem::new("work-closed", 409);
pub const WORK_WRONG_STATE: Problem = Problem::new("work-wrong-state", 409);
pub const WORK_NOT_LISTED: Problem = Problem::new("work-item-not-listed", 422);
pub const WORK_REPORTS_STAND: Problem = Problem::new("work-reports-stand", 409);
pub const WORK_NOTHING_TO_RECALL: Problem = Problem::new("work-nothing-to-recall", 409);
pub const WORK_NEEDS_ACTION: Problem = Problem::new("work-needs-corrective-action", 409);
/// Nobody has said yet how likely and how bad it is.
pub const WORK_UNCLASSIFIED: Problem = Problem::new("work-unclassified", 409);
pub const WORK_CLASSIFIED: Problem = Problem::new("work-classified-already", 409);
pub const WORK_OPENER_CLOSES: Problem = Problem::new("work-opener-closes", 403);

/// Codes declared in this room.
pub const PROBLEMS: &[Problem] = &[
    WORK_CLOSED,
    WORK_WRONG_STATE,
    WORK_NOT_LISTED,
    WORK_REPORTS_STAND,
    WORK_NOTHING_TO_RECALL,
    WORK_NEEDS_ACTION,
    WORK_UNCLASSIFIED,
    WORK_CLASSIFIED,
    WORK_OPENER_CLOSES,
];
