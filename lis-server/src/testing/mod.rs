//! Testing: items, assignment, worksheets, results and their versions, the check.
//!
//! An item is planned when its sample is accepted, assigned to an authorized tester, put on a worksheet with controls,
//! measured, calculated and judged, and checked by somebody else. Benches know label codes only. What was measured is
//! never updated: an entry is followed by an entry, a result by a result.
//!
//! `state` has the maps; `compute`, `portions`, `curves`, `taken`, `corrections`, `precedence` and `controls` the pure rules; `sheet` a
//! worksheet in memory, `views` what is shown of it, `traceability` what a result rests on, `record_form` what the raw-record
//! form of a procedure adds to a sheet, `judged` what was made of its entries, `raw_record` all of it and `paper` the same as
//! it is printed; `planning`, `choosing`, `ordering`, `cancelling`, `worksheets`, `worklists`, `readings`, `gating`,
//! `results`, `releasing`, `dependencies`, `following`, `species`, `correcting`, `deciding` (with what a person
//! `established`), `concentrating`, `checking`, `repeating` and `replaying` are the use cases ([`actions`] lists them); `subcontracting` is a room of its
//! own within this one.

pub mod actions;
pub mod api;
mod asking;
mod authorizations;
mod before_check;
mod cancelling;
mod checking;
mod choosing;
pub mod compute;
pub mod concentrating;
mod confirming;
pub mod controls;
mod correcting;
mod corrections;
mod curve_chart;
pub mod curves;
mod deciding;
mod dependencies;
pub mod deviating;
mod entering;
pub mod established;
mod following;
mod gating;
mod judged;
mod lateness;
mod ordering;
pub mod pages;
mod paper;
mod places;
mod planned;
mod planning;
pub mod portions;
mod precedence;
mod raw_record;
mod readings;
mod record_form;
mod releasing;
mod repeating;
mod replaying;
mod results;
mod sheet;
mod sheet_controls;
mod sheet_curves;
mod species;
mod standards;
pub mod state;
pub mod store;
pub mod subcontracting;
pub mod taken;
mod traceability;
mod typed;
mod uncertainty;
mod views;
pub mod waiting;
mod worklists;
mod worksheets;

use crate::domain::refusal::Problem;

pub const ITEM_WRONG_STATE: Problem = Problem::new("item-wrong-state", 409);
pub const WORKSHEET_WRONG_STATE: Problem = Problem::new("worksheet-wrong-state", 409);
/// The sheet was opened for no instrument.
pub const WORKSHEET_WITHOUT_INSTRUMENT: Problem = Problem::new("worksheet-without-instrument", 409);
pub const PLAN_EMPTY: Problem = Problem::new("plan-empty", 422);
pub const ANALYTE_UNKNOWN: Problem = Problem::new("analyte-unknown", 422);
pub const METHOD_UNKNOWN: Problem = Problem::new("method-unknown", 422);
/// None of the methods that the implementing rules permit for the item.
pub const METHOD_NOT_PERMITTED: Problem = Problem::new("method-not-permitted", 422);
/// The procedure is for other foods.
pub const METHOD_OUTSIDE: Problem = Problem::new("method-outside-matrix", 422);
/// Tested by an edition of the method that is not in force, and no deviation says so.
pub const EDITION_PASSED: Problem = Problem::new("edition-passed", 409);
pub const AUTHORIZATION_MISSING: Problem = Problem::new("authorization-missing", 409);
pub const AUTHORIZATION_EXPIRED: Problem = Problem::new("authorization-expired", 409);
pub const AUTHORIZATION_NOT_YET: Problem = Problem::new("authorization-not-yet", 409);
pub const AUTHORIZATION_DATES: Problem = Problem::new("authorization-dates", 422);
pub const AUTHORIZATION_ENDED: Problem = Problem::new("authorization-ended", 409);
pub const NOT_A_TESTER: Problem = Problem::new("not-a-tester", 422);
pub const TESTER_SAMPLED: Problem = Problem::new("tester-sampled", 409);
pub const TESTER_RECEIVED: Problem = Problem::new("tester-received", 409);
pub const NOTHING_CHOSEN: Problem = Problem::new("nothing-chosen", 422);
/// Items that are assigned or checked by one request at most: twice the longest list, and far below what one statement takes.
pub(crate) const AT_ONCE_MOST: usize = 1_000;
/// A lot is said to have been used before the sheet was opened.
pub const USED_BEFORE_SHEET: Problem = Problem::new("lots-used-before-worksheet", 422);
pub const TOO_MANY: Problem = Problem::new("too-many", 422);
pub const NOT_YOUR_ITEM: Problem = Problem::new("not-your-item", 409);
pub const NOT_YOUR_WORKSHEET: Problem = Problem::new("not-your-worksheet", 409);
pub const METHODS_DIFFER: Problem = Problem::new("methods-differ", 422);
pub const FIELD_UNKNOWN: Problem = Problem::new("input-unknown", 422);
pub const VALUE_UNREADABLE: Problem = Problem::new("value-unreadable", 422);
/// Outside of what the raw-record form calls plausible, without a reason.
pub const VALUE_IMPLAUSIBLE: Problem = Problem::new("value-implausible", 422);
pub const ENTRY_CONFLICT: Problem = Problem::new("entry-conflict", 409);
/// Another entry bears the mark of the sender, and says something else.
pub const ENTRY_MARK_TAKEN: Problem = Problem::new("entry-mark-taken", 422);
/// What the marks of entries from instruments begin with.
pub const FILED_MARK: &str = "observation-";
pub const CELL_FILLED: Problem = Problem::new("cell-filled", 409);
pub const REASON_MISSING: Problem = Problem::new("typed-reason-missing", 422);
/// Typed long after it was made, without a reason.
pub const ENTRY_LATE: Problem = Problem::new("entry-late", 422);
/// Made at a time that is still to come.
pub const ENTRY_TO_COME: Problem = Problem::new("entry-to-come", 422);
pub const INPUT_MISSING: Problem = Problem::new("input-missing", 422);
pub const CALCULATION_FAILED: Problem = Problem::new("calculation-failed", 422);
pub const QC_HELD: Problem = Problem::new("qc-held", 409);
pub const CHECKER_IS_TESTER: Problem = Problem::new("checker-is-tester", 409);
pub const ITEM_CHANGED: Problem = Problem::new("item-changed", 412);
pub const RESULT_INCOMPLETE: Problem = Problem::new("result-incomplete", 409);
pub const VERDICT_DECIDED: Problem = Problem::new("verdict-decided", 409);
pub const DECIDER_IS_TESTER: Problem = Problem::new("decider-is-tester", 409);
/// A finding of what must not be detected fails once it is confirmed.
pub const FINDING_NOT_CONFIRMED: Problem = Problem::new("finding-not-confirmed", 409);
/// An additive that is not permitted was found: carry-over is shown or excluded first.
pub const CARRY_OVER_UNDECIDED: Problem = Problem::new("carry-over-undecided", 409);
/// The rules ask nobody about this finding, or about something else.
pub const FINDING_NOT_ASKED: Problem = Problem::new("finding-not-asked", 409);
pub const LIMIT_FACTOR_NOT_ASKED: Problem = Problem::new("limit-factor-not-asked", 409);
/// A person has decided the verdict that the factor would change, or the item is tested no more.
pub const LIMIT_FACTOR_TOO_LATE: Problem = Problem::new("limit-factor-too-late", 409);
/// The rules answer otherwise by what was established.
pub const VERDICT_CONTRADICTS: Problem = Problem::new("verdict-contradicts", 409);
/// The record was made by the rules of a newer program.
pub const RECORD_EDITION_UNKNOWN: Problem = Problem::new("record-edition-unknown", 409);
/// Non-conforming work holds the item.
pub const ITEM_ON_HOLD: Problem = Problem::new("item-on-hold", 409);
pub const RELEASER_IS_TESTER: Problem = Problem::new("releaser-is-tester", 409);
pub const SCREENING_UNCONFIRMED: Problem = Problem::new("screening-unconfirmed", 409);
/// What a rapid test found is tested again, and not by another one (FSL 88, APL 51).
pub const RAPID_AGAIN: Problem = Problem::new("rapid-again", 409);
pub const CONTROL_AMOUNT_MISSING: Problem = Problem::new("control-amount-missing", 422);
/// Nobody tests it: it is calculated from other items, which can be repeated.
pub const ITEM_DERIVED: Problem = Problem::new("item-derived", 409);
/// Microbes are not spread evenly and do not keep: a second test says nothing about the first (GB 4789.1).
pub const REPEAT_OF_MICROBIOLOGY: Problem = Problem::new("repeat-of-microbiology", 409);
/// Cancelled, the item would leave its sample's report empty.
/// The item is checked: what was done stands in its record.
pub const DEVIATION_TOO_LATE: Problem = Problem::new("deviation-too-late", 409);
pub const LAST_OF_REPORT: Problem = Problem::new("item-last-of-report", 409);
/// Another method would throw away what was done by this one.
pub const ORDER_ITEM_STARTED: Problem = Problem::new("order-item-started", 409);
pub const SUBCONTRACTOR_NAMED: Problem = Problem::new("subcontractor-named", 409);
pub const SUBCONTRACTOR_DATES: Problem = Problem::new("subcontractor-dates", 422);
pub const SUBCONTRACTOR_EXPIRED: Problem = Problem::new("subcontractor-expired", 409);
pub const SUBCONTRACTOR_OUTSIDE_SCOPE: Problem = Problem::new("subcontractor-outside-scope", 409);
pub const SUBCONTRACT_CONSENT_MISSING: Problem = Problem::new("subcontract-consent-missing", 409);
/// The container is none of the item's sample.
pub const PART_OF_ANOTHER: Problem = Problem::new("part-of-another", 422);
pub const SUBCONTRACT_REPORT_DATE: Problem = Problem::new("subcontract-report-date", 422);
pub const SUBCONTRACT_VALUES: Problem = Problem::new("subcontract-values", 422);
pub const NOT_A_PDF: Problem = Problem::new("not-a-pdf", 422);

/// Fewer different standards than the method's curve asks for.
pub const CURVE_LEVELS: Problem = Problem::new("curve-levels", 422);
/// A standard of zero on a curve with the weight 1/x.
pub const CURVE_ZERO: Problem = Problem::new("curve-zero", 422);
pub const CURVE_NOT_ASKED: Problem = Problem::new("curve-not-asked", 422);
pub const STANDARD_WITHOUT_CONCENTRATION: Problem = Problem::new("standard-without-concentration", 422);
pub const CURVE_UNFIT: Problem = Problem::new("curve-unfit", 422);
pub const CURVE_ABOVE: Problem = Problem::new("curve-above", 422);
pub const CURVE_BELOW: Problem = Problem::new("curve-below", 422);

/// A result takes that of another item of its sample: there is none, several, none yet, or one without a number.
pub const TAKEN_UNKNOWN: Problem = Problem::new("taken-unknown", 409);
pub const TAKEN_SEVERAL: Problem = Problem::new("taken-several", 409);
pub const TAKEN_WAITING: Problem = Problem::new("taken-waiting", 409);
pub const TAKEN_WITHOUT_LOD: Problem = Problem::new("taken-without-lod", 409);
pub const TAKEN_WITHOUT_NUMBER: Problem = Problem::new("taken-without-number", 409);

/// Nothing says what a result was measured with.
pub const TRACE_INSTRUMENT_UNNAMED: Problem = Problem::new("trace-instrument-unnamed", 409);
pub const TRACE_RESULT_MISSING: Problem = Problem::new("trace-result-missing", 409);

/// Codes declared in this room.
pub const PROBLEMS: &[Problem] = &[
    ITEM_WRONG_STATE,
    WORKSHEET_WRONG_STATE,
    WORKSHEET_WITHOUT_INSTRUMENT,
    PLAN_EMPTY,
    ANALYTE_UNKNOWN,
    METHOD_UNKNOWN,
    METHOD_NOT_PERMITTED,
    METHOD_OUTSIDE,
    EDITION_PASSED,
    AUTHORIZATION_MISSING,
    AUTHORIZATION_EXPIRED,
    AUTHORIZATION_NOT_YET,
    AUTHORIZATION_DATES,
    AUTHORIZATION_ENDED,
    NOT_A_TESTER,
    TESTER_SAMPLED,
    TESTER_RECEIVED,
    NOTHING_CHOSEN,
    USED_BEFORE_SHEET,
    TOO_MANY,
    NOT_YOUR_ITEM,
    NOT_YOUR_WORKSHEET,
    METHODS_DIFFER,
    FIELD_UNKNOWN,
    VALUE_UNREADABLE,
    VALUE_IMPLAUSIBLE,
    ENTRY_CONFLICT,
    ENTRY_MARK_TAKEN,
    CELL_FILLED,
    REASON_MISSING,
    ENTRY_LATE,
    ENTRY_TO_COME,
    INPUT_MISSING,
    CALCULATION_FAILED,
    QC_HELD,
    CHECKER_IS_TESTER,
    ITEM_CHANGED,
    RESULT_INCOMPLETE,
    VERDICT_DECIDED,
    DECIDER_IS_TESTER,
    FINDING_NOT_CONFIRMED,
    CARRY_OVER_UNDECIDED,
    FINDING_NOT_ASKED,
    LIMIT_FACTOR_NOT_ASKED,
    LIMIT_FACTOR_TOO_LATE,
    VERDICT_CONTRADICTS,
    RECORD_EDITION_UNKNOWN,
    ITEM_ON_HOLD,
    RELEASER_IS_TESTER,
    SCREENING_UNCONFIRMED,
    RAPID_AGAIN,
    CONTROL_AMOUNT_MISSING,
    ITEM_DERIVED,
    REPEAT_OF_MICROBIOLOGY,
    DEVIATION_TOO_LATE,
    LAST_OF_REPORT,
    ORDER_ITEM_STARTED,
    SUBCONTRACTOR_NAMED,
    SUBCONTRACTOR_DATES,
    SUBCONTRACTOR_EXPIRED,
    SUBCONTRACTOR_OUTSIDE_SCOPE,
    SUBCONTRACT_CONSENT_MISSING,
    PART_OF_ANOTHER,
    SUBCONTRACT_REPORT_DATE,
    SUBCONTRACT_VALUES,
    NOT_A_PDF,
    CURVE_LEVELS,
    CURVE_ZERO,
    CURVE_NOT_ASKED,
    STANDARD_WITHOUT_CONCENTRATION,
    CURVE_UNFIT,
    CURVE_ABOVE,
    CURVE_BELOW,
    TAKEN_UNKNOWN,
    TAKEN_SEVERAL,
    TAKEN_WAITING,
    TAKEN_WITHOUT_LOD,
    TAKEN_WITHOUT_NUMBER,
    TRACE_INSTRUMENT_UNNAMED,
    TRACE_RESULT_MISSING,
];

#[cfg(test)]
mod tests;
