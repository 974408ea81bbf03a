//! From a complete worksheet to results.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::compute::{self, Record};
use super::controls::SheetVerdict;
use super::correcting::{changes, follow_up};
use super::dependencies::{Offered, add_dependents, needs_of, without_lod};
use super::entering::{Typist, append};
use super::following::follow;
use super::gating::{Bench, Submission};
use super::planning::state_of;
use super::sheet::Sheet;
use super::species::follow_totals;
use super::state::{ItemEvent, ItemState, WorksheetEvent, WorksheetState};
use super::store::{self, ItemRow, NewResultRow};
use super::worksheets::require_own;
use super::{CALCULATION_FAILED, ITEM_CHANGED, RECORD_EDITION_UNKNOWN, TAKEN_WAITING};
use crate::accounts::role::EnterResults;
use crate::accounts::{Actor, May};
use crate::catalogue::Catalogue;
use crate::db::{Conn, Tx};
use crate::domain::ids::{CatalogueSetId, ItemId, PersonId, ResultEntryId, ResultId, WorksheetId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::quality::charts::submitted::{self, MethodLimits};
use crate::quality::gates::WARNINGS_UNCONFIRMED;
use crate::quality::gates::actions::keep_confirmation;

/// What submitting made.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WorksheetSubmitted)]
pub struct Submitted {
    pub version: i64,
    /// submitted, or held by a failed control
    pub state: String,
    pub results: Vec<i64>,
}

/// Saves what is still unsaved in the cells, calculates and judges every item of a sheet and gives the controls their
/// verdict, each for itself and in its chart. Five statements and the log, one more where anything is saved, and where a chart
/// of the method has limits: what the bench must know was read before the write. Cells that cannot be saved refuse alone,
/// since nothing is known of the sheet without them. Warnings of gates are confirmed with a reason, which is kept; what blocks
/// refuses beside all other reasons.
pub fn submit(
    tx: &mut Tx,
    by: &May<EnterResults>,
    bench: &Bench,
    (id, seen): (WorksheetId, i64),
    submission: &Submission,
) -> Outcome<Submitted> {
    let catalogue: &Catalogue = &bench.catalogue;
    let confirmation = submission.confirmation.as_str();
    let mut sheet = Sheet::with_entries(tx.conn, &bench.lines, catalogue)?;
    // Before all that is said about the values: they may have come or gone since the page was read.
    require_version(&sheet, seen)?;
    if !bench.has_seen(&sheet) {
        return Err(stale(&sheet).into());
    }
    let mut reasons = Reasons::new();
    require_own(&sheet, by.person, &mut reasons);
    let submitted = sheet.state.after(WorksheetEvent::SubmitAccepted);
    let is_open = submitted.is_ok();
    reasons.extend(submitted.err());
    if !submission.entries.is_empty() {
        let typed = Typist {
            person: by.person,
            now: tx.now,
            late_hours: submission.late_hours,
            on_connected: bench.on_connected,
        };
        let rows = typed.checked(tx.conn, &sheet, &submission.entries, std::mem::take(&mut reasons))?;
        // The items go on to their results at once.
        append(tx, by, std::slice::from_mut(&mut sheet), rows)?;
    }
    let today = tx.now.date_in_china();
    let passage = bench.passage(by.person, &by.name, &sheet, today);
    reasons.extend(passage.blocks);
    let unconfirmed = !passage.warnings.is_empty() && confirmation.is_empty();
    let mut of_values = Reasons::new();
    sheet.require_complete(&mut of_values);
    sheet.require_readable(&mut of_values)?;
    // Whatever else stands against it: what cannot be calculated belongs to the same answer, as far as all of it is there.
    let made = if of_values.is_empty() && is_open {
        let offered = Offered::to(tx.conn, &sheet)?;
        calculated(&sheet, &offered, (catalogue, today), &mut of_values)?
    } else {
        Vec::new()
    };
    reasons.take(of_values);
    if unconfirmed {
        reasons.extend(passage.warnings.iter().map(|warning| warning.clone().at("confirmation")));
        reasons.add(WARNINGS_UNCONFIRMED.at("confirmation"));
    }
    reasons.none()?;
    sheet.taken = made.iter().map(|one| (one.item.id, one.record.asked.from.clone())).collect();
    let verdict = in_charts(tx, &sheet, &bench.limits, sheet.verdict(catalogue)?)?;
    let event = if verdict.accepted { WorksheetEvent::SubmitAccepted } else { WorksheetEvent::SubmitRejected };
    let state = move_sheet(tx, &sheet, seen, event)?;
    let results = store_results(tx, by, &made, "submitted", "", ItemEvent::Calculate)?;
    recompute_dependents(tx, by, catalogue, (Some(id), sheet.row.worksheet_no.as_str()), made)?;
    keep_verdict(tx, by, &sheet, (seen, state), &verdict)?;
    if !passage.warnings.is_empty() {
        keep_confirmation(tx, by, id, seen + 1, &passage.warnings, confirmation)?;
    }
    Ok(Submitted {
        version: seen + 1,
        state: state.code().to_owned(),
        results: results.iter().map(|id| id.0).collect(),
    })
}

/// The results of a sheet's items: those that rest on others of the sheet after them.
fn calculated(
    sheet: &Sheet,
    offered: &Offered,
    (catalogue, today): (&Catalogue, NaiveDate),
    reasons: &mut Reasons,
) -> Outcome<Vec<Made>> {
    let mut made: Vec<Made> = Vec::new();
    let mut waiting = sheet.items();
    while !waiting.is_empty() {
        let mut later = Vec::new();
        for line in &waiting {
            let Some(item) = &line.item else { continue };
            // Where nothing is entered, as of a sum, nothing has said yet that all of it is there.
            let measured = state_of(item).after(ItemEvent::Measure);
            if let Err(reason) = measured.and_then(|state| state.after(ItemEvent::Calculate)) {
                reasons.add(reason.with("item", item.name()));
                continue;
            }
            let needs = needs_of(&line.rule, &item.analyte, catalogue);
            match offered.take(item, &needs, &made) {
                Ok(Some(from)) => {
                    let (asked, entries) = match sheet.asked(line, item, (catalogue, today), from) {
                        Err(Fault::Refused(refusal)) => {
                            reasons.extend(refusal.reasons);
                            continue;
                        }
                        asked => asked?,
                    };
                    if let Some(reason) = without_lod(item, &asked, catalogue) {
                        reasons.add(reason);
                        continue;
                    }
                    let version_no = line.newest_version + 1;
                    match compute::compute(asked) {
                        Ok(record) => made.push(Made { item: item.clone(), version_no, record, entries }),
                        Err(why) => {
                            reasons.add(CALCULATION_FAILED.with("label", &line.position.label_code).with("why", why));
                        }
                    }
                }
                Ok(None) => later.push(*line),
                Err(Fault::Refused(refusal)) => reasons.extend(refusal.reasons),
                Err(fault) => return Err(fault),
            }
        }
        if later.len() == waiting.len() {
            // What they wait for could not be calculated, which is said, or they wait for each other.
            for (line, item) in later.iter().filter_map(|line| Some((line, line.item.as_ref()?))) {
                let needs = needs_of(&line.rule, &item.analyte, catalogue);
                let analytes: Vec<&str> = needs.iter().map(|need| need.analyte.as_str()).collect();
                let reason = TAKEN_WAITING.with("item", item.name()).with("analyte", analytes.join(", "));
                reasons.add(reason.with_word("state", ItemState::Measured.word()));
            }
            break;
        }
        waiting = later;
    }
    Ok(made)
}

/// Calculates again what rests on results that were tested anew: as new versions, listed as non-conforming work, with a
/// successor for each report that was issued on them; nothing of that where every result is the first of its item. Then
/// makes what the results ask for beside themselves. `number`: of the worksheet, or of another laboratory's report.
pub(super) fn recompute_dependents(
    tx: &mut Tx,
    by: &Actor,
    catalogue: &Catalogue,
    (worksheet, number): (Option<WorksheetId>, &str),
    mut made: Vec<Made>,
) -> Outcome<()> {
    let own = made.len();
    let is_first = made.iter().all(|one| one.version_no == 1);
    let old = if is_first { Vec::new() } else { add_dependents(tx.conn, catalogue, &mut made)? };
    let dependents = &made[own..];
    if !dependents.is_empty() {
        let new = store_results(tx, by, dependents, "recomputed", number, ItemEvent::Recompute)?;
        follow_up(tx, by, worksheet, (number, number), &changes(dependents, &old, &new))?;
    }
    follow(tx, by, catalogue, &made)?;
    follow_totals(tx, by, catalogue, &made)
}

/// One result on its way into the table.
pub(super) struct Made {
    pub item: ItemRow,
    pub version_no: i64,
    pub record: Record,
    pub entries: Vec<ResultEntryId>,
}

/// Inserts the versions and points the items to them: two statements.
pub(super) fn store_results(
    tx: &mut Tx,
    by: &Actor,
    made: &[Made],
    cause: &'static str,
    reason: &str,
    event: ItemEvent,
) -> Outcome<Vec<ResultId>> {
    if made.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<NewResultRow> = made
        .iter()
        .map(|one| {
            let answered = &one.record.answered;
            let (set, key) = one.record.asked.limit.source();
            let entries: Vec<String> = one.entries.iter().map(ToString::to_string).collect();
            NewResultRow {
                item_id: one.item.id,
                version_no: one.version_no,
                entries: entries.join(" "),
                value: answered.value.clone(),
                unit: answered.unit.clone(),
                reported: answered.reported.clone(),
                verdict: one.record.verdict().name().to_owned(),
                record: one.record.bytes(),
                limit_set_id: set.map(CatalogueSetId),
                limit_key: key,
                method_key: one.record.asked.method.key.clone(),
                cause,
                reason: reason.to_owned(),
                person_id: by.person,
                at: tx.now,
            }
        })
        .collect();
    let ids = store::insert_results(tx.conn, &rows)?;
    let seen: Vec<(ItemId, i64)> = made.iter().map(|one| (one.item.id, one.item.version)).collect();
    if !store::take_newest_results(tx.conn, &seen, ItemState::Calculated.code())? {
        return Err(ITEM_CHANGED.with("item", "").with("version", "").into());
    }
    for ((one, row), id) in made.iter().zip(&rows).zip(&ids) {
        let event = if event == ItemEvent::Calculate { "item-calculated" } else { "item-recomputed" };
        tx.log(
            by.entry("test_item", one.item.id.0, one.item.version + 1, event)
                .change("state", one.item.state.as_str(), ItemState::Calculated.code())
                .set("result", id.0)
                .set("reported", row.reported.as_str())
                .set("verdict", row.verdict.as_str())
                .set("limit_key", row.limit_key.as_str()),
        );
    }
    Ok(ids)
}

/// The verdict over the controls with what their charts say.
pub(super) fn in_charts(
    tx: &mut Tx,
    sheet: &Sheet,
    limits: &MethodLimits,
    verdict: SheetVerdict,
) -> Outcome<SheetVerdict> {
    let submitted = submitted::Submitted {
        worksheet: sheet.row.id,
        worksheet_no: &sheet.row.worksheet_no,
        method: &sheet.row.method_key,
        at: tx.now,
    };
    submitted::judge(tx.conn, &submitted, limits, verdict)
}

fn require_version(sheet: &Sheet, seen: i64) -> Result<(), Refusal> {
    if sheet.row.version == seen { Ok(()) } else { Err(stale(sheet)) }
}

fn stale(sheet: &Sheet) -> Refusal {
    stale_at(sheet, sheet.row.version)
}

fn stale_at(sheet: &Sheet, version: i64) -> Refusal {
    let current = serde_json::json!({"id": sheet.row.id, "version": version});
    Refusal::from(STALE_VERSION.with("version", version)).with_current(current)
}

/// Moves the sheet and stores the controls' verdict: two statements.
pub(super) fn close_sheet(
    tx: &mut Tx,
    by: &Actor,
    sheet: &Sheet,
    seen: i64,
    verdict: &SheetVerdict,
    event: WorksheetEvent,
) -> Outcome<WorksheetState> {
    let state = move_sheet(tx, sheet, seen, event)?;
    keep_verdict(tx, by, sheet, (seen, state), verdict)?;
    Ok(state)
}

/// Moves the sheet at the version that was seen: one statement. Of a sheet that was read before the write it comes before all
/// that is made of it: whoever was faster holds it.
fn move_sheet(tx: &mut Tx, sheet: &Sheet, seen: i64, event: WorksheetEvent) -> Outcome<WorksheetState> {
    let state = sheet.state.after(event)?;
    if store::set_worksheet_state(tx.conn, sheet.row.id, seen, state.code())? {
        return Ok(state);
    }
    let version = store::worksheet_version(tx.conn, sheet.row.id)?.ok_or(NOT_FOUND)?;
    Err(stale_at(sheet, version).into())
}

/// Stores the controls' verdict of a sheet that was moved: one statement.
fn keep_verdict(
    tx: &mut Tx,
    by: &Actor,
    sheet: &Sheet,
    (seen, state): (i64, WorksheetState),
    verdict: &SheetVerdict,
) -> Outcome<()> {
    let record = serde_json::to_string(verdict).map_err(Fault::broken)?;
    // The sheet's version numbers its verdicts: it rises with each of them.
    let qc = store::insert_qc(tx.conn, sheet.row.id, seen + 1, verdict.code(), &record, tx.now)?;
    tx.log(
        by.entry("worksheet", sheet.row.id.0, seen + 1, "worksheet-judged")
            .change("state", sheet.state.code(), state.code())
            .set("qc_verdict", qc.0)
            .set("accepted", verdict.accepted),
    );
    Ok(())
}

/// Longest cause, action and reason, in characters.
pub(super) const TEXT_MOST: usize = 1000;

/// Whether the rules that made the stored result give it again, byte for byte.
///
/// # Errors
/// `record-edition-unknown`: only a newer program has those rules.
pub fn replay(conn: &mut Conn, id: ResultId) -> Outcome<bool> {
    let row = store::result(conn, id)?.ok_or(NOT_FOUND)?;
    compute::replays(&row.record).map_err(|unknown| RECORD_EDITION_UNKNOWN.with("edition", unknown.0).into())
}

/// The tester of a sheet.
pub(super) fn tester_of(sheet: Option<&store::WorksheetRow>, item: &ItemRow) -> Option<PersonId> {
    sheet.map(|row| row.tester_id).or(item.tester_id)
}
