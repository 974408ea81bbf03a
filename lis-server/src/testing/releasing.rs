//! Releasing what failed controls hold (`quality.md` Q77-2): each for itself with what it speaks for, or all that hold a sheet at once.

use serde::{Deserialize, Serialize};

use super::RELEASER_IS_TESTER;
use super::controls::{Control, SheetVerdict};
use super::results::TEXT_MOST;
use super::state::{WorksheetEvent, WorksheetState};
use super::store::{self, ControlReleaseRow, ReleaseRow};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::db::Tx;
use crate::domain::ids::WorksheetId;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Refusal, STALE_VERSION};

/// Why what a control holds may be used after all.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseInput {
    /// Place of the control among those of the sheet's verdict, from 0; empty: every control that holds the sheet.
    pub control: String,
    pub cause: String,
    pub action: String,
}

/// The same, checked.
#[derive(Clone, Debug, Default)]
pub struct ReleaseFacts {
    pub control: Option<i64>,
    pub cause: String,
    pub action: String,
}

impl ReleaseInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ReleaseFacts, Refusal> {
        let mut check = Checker::new();
        let control = match self.control.trim() {
            "" => None,
            place => check.whole("control", place, 0, i64::MAX),
        };
        let cause = check.text("cause", &self.cause, TEXT_MOST);
        let action = check.text("action", &self.action, TEXT_MOST);
        check.done(Some(ReleaseFacts { control, cause, action }))
    }
}

/// What a release answers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Released {
    pub version: i64,
    /// Nothing holds the sheet any more.
    pub whole: bool,
}

/// The quality officer releases what a failed control speaks for with cause and action; with the last one the sheet is
/// released. Never a sheet that he tested himself.
///
/// # Errors
/// `releaser-is-tester`; a control that does not hold the sheet.
pub fn release(
    tx: &mut Tx,
    by: &May<ManageQuality>,
    id: WorksheetId,
    seen: i64,
    facts: &ReleaseFacts,
) -> Outcome<Released> {
    let qc = store::qc_of(tx.conn, &[id])?;
    let (newest, _) = qc.first().ok_or(NOT_FOUND)?;
    let lines = store::sheet(tx.conn, id)?;
    let row = &lines.first().ok_or(NOT_FOUND)?.0;
    let state = WorksheetState::parse(&row.state).ok_or_else(|| Fault::broken("unknown worksheet state"))?;
    let next = state.after(WorksheetEvent::Release)?;
    if row.tester_id == by.person {
        return Err(RELEASER_IS_TESTER.with("worksheet", &row.worksheet_no).into());
    }
    let verdict: SheetVerdict = serde_json::from_str(&newest.record).map_err(Fault::broken)?;
    let earlier = store::control_releases(tx.conn, &[newest.id])?;
    let earlier: Vec<i64> = earlier.iter().map(|release| release.place).collect();
    let open: Vec<(i64, &Control)> = verdict.failed(&earlier).collect();
    let chosen: Vec<(i64, &Control)> =
        open.iter().filter(|(place, _)| facts.control.is_none_or(|wanted| wanted == *place)).copied().collect();
    if facts.control.is_some() && chosen.is_empty() {
        return Err(FIELD_INVALID.at("control").with_word("expected", "expected-holding-control").into());
    }
    let whole = chosen.len() == open.len();
    let next = if whole { next } else { state };
    if !store::set_worksheet_state(tx.conn, id, seen, next.code())? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    let rows = chosen.iter().map(|(place, _)| ControlReleaseRow {
        qc_verdict_id: newest.id,
        place: *place,
        cause: facts.cause.clone(),
        action: facts.action.clone(),
        person_id: by.person,
        at: tx.now,
    });
    let rows: Vec<ControlReleaseRow> = rows.collect();
    if !rows.is_empty() {
        store::insert_control_releases(tx.conn, &rows)?;
    }
    if whole {
        let release = ReleaseRow {
            qc_verdict_id: newest.id,
            cause: facts.cause.clone(),
            action: facts.action.clone(),
            person_id: by.person,
            at: tx.now,
        };
        store::insert_release(tx.conn, &release)?;
    }
    let labels: Vec<&str> = chosen.iter().map(|(_, control)| control.label_code.as_str()).collect();
    tx.log(
        by.entry("worksheet", id.0, seen + 1, if whole { "worksheet-released" } else { "control-released" })
            .change("state", state.code(), next.code())
            .set("controls", labels.join(" "))
            .set("cause", facts.cause.as_str())
            .set("action", facts.action.as_str()),
    );
    Ok(Released { version: seen + 1, whole })
}
