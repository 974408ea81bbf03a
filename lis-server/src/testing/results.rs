//! From a complete worksheet to results: submitting, releasing a held sheet, correcting what was entered wrongly.

use serde::{Deserialize, Serialize};

use super::compute::{self, Record};
use super::controls::SheetVerdict;
use super::gating::Bench;
use super::planning::state_of;
use super::record_form::{self, TEXT_MOST as VALUE_MOST};
use super::sheet::{Line, Sheet};
use super::state::{ItemEvent, ItemState, WorksheetEvent, WorksheetState};
use super::store::{self, ItemRow, NewEntryRow, NewResultRow, ReleaseRow};
use super::worksheets::{EntryInput, check_entry, entry_row, require_own, store_entries};
use super::{CALCULATION_FAILED, ENTRY_CONFLICT, ITEM_CHANGED, RELEASER_IS_TESTER};
use crate::accounts::role::{EnterResults, ManageQuality};
use crate::accounts::{Actor, May};
use crate::catalogue::Catalogue;
use crate::db::{Conn, Tx};
use crate::domain::ids::{
    CatalogueSetId, ItemId, PersonId, PositionId, ResultEntryId, ResultId, SampleId, WorksheetId,
};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::quality::actions::{AffectedItem, open_work};
use crate::quality::charts::submitted::{self, MethodLimits};
use crate::quality::gates::WARNINGS_UNCONFIRMED;
use crate::quality::gates::actions::keep_confirmation;
use crate::reports::actions::{self as reports, Amends, ToReport};

/// What submitting or correcting made.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WorksheetSubmitted)]
pub struct Submitted {
    pub version: i64,
    /// submitted, or held by a failed control
    pub state: String,
    pub results: Vec<i64>,
}

/// Calculates and judges every item of a sheet and gives the controls their verdict, each for itself and in its chart. Six
/// statements and the log, one more where a chart of the method has limits: what the bench must know was read before the
/// write. Warnings of gates are confirmed with a reason, which is kept; what blocks refuses beside all other reasons.
pub fn submit(
    tx: &mut Tx,
    by: &May<EnterResults>,
    bench: &Bench,
    (id, seen): (WorksheetId, i64),
    confirmation: &str,
) -> Outcome<Submitted> {
    let catalogue = &bench.catalogue;
    let sheet = Sheet::load(tx.conn, id, catalogue)?;
    // Before all that is said about the values: they may have come or gone since the page was read.
    require_version(&sheet, seen)?;
    if !bench.has_seen(&sheet) {
        return Err(stale(&sheet).into());
    }
    let mut reasons = Reasons::new();
    require_own(&sheet, by.person, &mut reasons);
    if let Err(reason) = sheet.state.after(WorksheetEvent::SubmitAccepted) {
        reasons.add(reason);
    }
    let today = tx.now.date_in_china();
    let passage = bench.passage(by.person, &by.name, &sheet, today);
    reasons.extend(passage.blocks);
    let unconfirmed = !passage.warnings.is_empty() && confirmation.is_empty();
    sheet.require_complete(&mut reasons);
    let mut made = Vec::new();
    if reasons.is_empty() {
        for line in sheet.items() {
            let Some(item) = &line.item else { continue };
            if let Err(reason) = state_of(item).after(ItemEvent::Calculate) {
                reasons.add(reason.with("item", &item.analyte_zh));
                continue;
            }
            let (asked, entries) = sheet.asked(line, item, catalogue, today)?;
            match compute::compute(asked) {
                Ok(record) => made.push(Made { line, item, record, entries }),
                Err(why) => {
                    reasons.add(CALCULATION_FAILED.with("label", &line.position.label_code).with("why", why));
                }
            }
        }
    }
    if unconfirmed {
        reasons.extend(passage.warnings.iter().map(|warning| warning.clone().at("confirmation")));
        reasons.add(WARNINGS_UNCONFIRMED.at("confirmation"));
    }
    reasons.none()?;
    let verdict = in_charts(tx, &sheet, &bench.limits, sheet.verdict(catalogue)?)?;
    let event = if verdict.accepted { WorksheetEvent::SubmitAccepted } else { WorksheetEvent::SubmitRejected };
    let results = store_results(tx, by, &made, "submitted", "", ItemEvent::Calculate)?;
    let state = close_sheet(tx, by, &sheet, seen, &verdict, event)?;
    if !passage.warnings.is_empty() {
        keep_confirmation(tx, by, id, seen + 1, &passage.warnings, confirmation)?;
    }
    Ok(Submitted {
        version: seen + 1,
        state: state.code().to_owned(),
        results: results.iter().map(|id| id.0).collect(),
    })
}

/// One result on its way into the table.
struct Made<'s> {
    line: &'s Line,
    item: &'s ItemRow,
    record: Record,
    entries: Vec<ResultEntryId>,
}

/// Inserts the versions and points the items to them: two statements.
fn store_results(
    tx: &mut Tx,
    by: &Actor,
    made: &[Made<'_>],
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
                version_no: one.line.newest_version + 1,
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
fn in_charts(tx: &mut Tx, sheet: &Sheet, limits: &MethodLimits, verdict: SheetVerdict) -> Outcome<SheetVerdict> {
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
    let current = serde_json::json!({"id": sheet.row.id, "version": sheet.row.version});
    Refusal::from(STALE_VERSION.with("version", sheet.row.version)).with_current(current)
}

/// Stores the controls' verdict and moves the sheet: two statements.
fn close_sheet(
    tx: &mut Tx,
    by: &Actor,
    sheet: &Sheet,
    seen: i64,
    verdict: &SheetVerdict,
    event: WorksheetEvent,
) -> Outcome<WorksheetState> {
    let state = sheet.state.after(event)?;
    let record = serde_json::to_string(verdict).map_err(Fault::broken)?;
    // The sheet's version numbers its verdicts: it rises with each of them.
    let qc = store::insert_qc(tx.conn, sheet.row.id, seen + 1, verdict.code(), &record, tx.now)?;
    if !store::set_worksheet_state(tx.conn, sheet.row.id, seen, state.code())? {
        return Err(stale(sheet).into());
    }
    tx.log(
        by.entry("worksheet", sheet.row.id.0, seen + 1, "worksheet-judged")
            .change("state", sheet.state.code(), state.code())
            .set("qc_verdict", qc.0)
            .set("accepted", verdict.accepted),
    );
    Ok(state)
}

/// Why a held sheet may be used after all.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseInput {
    pub cause: String,
    pub action: String,
}

/// Longest cause, action and reason, in characters.
const TEXT_MOST: usize = 1000;

impl ReleaseInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<(String, String), Refusal> {
        let mut check = Checker::new();
        let cause = check.text("cause", &self.cause, TEXT_MOST);
        let action = check.text("action", &self.action, TEXT_MOST);
        check.done(Some((cause, action)))
    }
}

/// The quality officer releases a held sheet with cause and action (`quality.md` Q77-2), never one that he tested himself.
pub fn release(
    tx: &mut Tx,
    by: &May<ManageQuality>,
    id: WorksheetId,
    seen: i64,
    (cause, action): &(String, String),
) -> Outcome<i64> {
    let qc = store::qc_of(tx.conn, &[id])?;
    let (newest, _) = qc.first().ok_or(NOT_FOUND)?;
    let lines = store::sheet(tx.conn, id)?;
    let row = &lines.first().ok_or(NOT_FOUND)?.0;
    let state = WorksheetState::parse(&row.state).ok_or_else(|| Fault::broken("unknown worksheet state"))?;
    let next = state.after(WorksheetEvent::Release)?;
    if row.tester_id == by.person {
        return Err(RELEASER_IS_TESTER.with("worksheet", &row.worksheet_no).into());
    }
    let release = ReleaseRow {
        qc_verdict_id: newest.id,
        cause: cause.clone(),
        action: action.clone(),
        person_id: by.person,
        at: tx.now,
    };
    store::insert_release(tx.conn, &release)?;
    if !store::set_worksheet_state(tx.conn, id, seen, next.code())? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(
        by.entry("worksheet", id.0, seen + 1, "worksheet-released")
            .change("state", state.code(), next.code())
            .set("cause", cause.as_str())
            .set("action", action.as_str()),
    );
    Ok(seen + 1)
}

/// The correction of one value after its sheet was submitted.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CorrectionInput {
    pub position: i64,
    pub field: String,
    pub replicate: i64,
    pub value: String,
    /// Number of the entry that was seen.
    pub seen: i64,
    pub reason: String,
    pub uuid: String,
}

impl CorrectionInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<EntryInput, Refusal> {
        let mut check = Checker::new();
        let value = check.text("value", &self.value, VALUE_MOST);
        let reason = check.text("reason", &self.reason, TEXT_MOST);
        let (position, field, replicate) = (self.position, self.field.clone(), self.replicate);
        check.done(Some(EntryInput {
            position,
            field,
            replicate,
            value,
            seen: self.seen,
            reason,
            uuid: self.uuid.clone(),
        }))
    }
}

/// What a correction brought about.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = EntryCorrected)]
pub struct Corrected {
    pub version: i64,
    pub state: String,
    /// The non-conforming work that lists everything affected; none: no result rests on the value.
    pub work: Option<i64>,
    pub results: Vec<i64>,
    /// New reports in compilation, each amending an issued one.
    pub reports: Vec<i64>,
}

/// Corrects a value of a submitted sheet. Everything that rests on it is calculated again by the rules of its first
/// judgement, as new versions; the old ones stay. Non-conforming work lists every item, sample and report, and each
/// issued report gets a successor to be reviewed and authorized.
pub fn correct_entry(
    tx: &mut Tx,
    by: &May<EnterResults>,
    catalogue: &Catalogue,
    id: WorksheetId,
    input: &EntryInput,
) -> Outcome<Corrected> {
    let mut sheet = Sheet::load(tx.conn, id, catalogue)?;
    let in_force = results_in_force(tx.conn, &sheet)?;
    sheet.as_judged(&in_force.iter().map(|one| (one.item, &one.record.asked)).collect::<Vec<_>>());
    let mut reasons = Reasons::new();
    require_own(&sheet, by.person, &mut reasons);
    if let Err(reason) = sheet.state.after(WorksheetEvent::CorrectAccepted) {
        reasons.add(reason);
    }
    let line = sheet.line(PositionId(input.position)).ok_or_else(|| NOT_FOUND.at("position"))?;
    check_entry(&sheet, line, input, false, &mut reasons);
    let current = sheet.newest(line.position.id, &input.field, input.replicate);
    let (number, old) = current.map_or((0, String::new()), |entry| (entry.entry_no, entry.value.clone()));
    if number != input.seen {
        reasons.add(ENTRY_CONFLICT.with("yours", &input.value).with("now", &old).at("value"));
    }
    let row = entry_row(&sheet, line, input, number + 1, "correction", by.person, tx.now);
    record_form::require_known(tx.conn, &sheet, std::slice::from_ref(&row), &mut reasons)?;
    reasons.none()?;
    if sheet.extra(line, &input.field).is_some() {
        return correct_record(tx, by, &mut sheet, row);
    }
    let label = line.position.label_code.clone();
    let affected = affected_by(&sheet, line);
    let corrected = line.item.as_ref().map(|item| item.id).filter(|_| line.position.kind == "sample");
    store_entries(tx, by, std::slice::from_mut(&mut sheet), vec![row])?;

    let (old_results, made) = recomputed(&sheet, &affected, &in_force)?;
    let (own, dependent): (Vec<Made<'_>>, Vec<Made<'_>>) =
        made.into_iter().partition(|one| Some(one.item.id) == corrected);
    let mut new_results = store_results(tx, by, &own, "corrected", &input.reason, ItemEvent::Recompute)?;
    new_results.extend(store_results(tx, by, &dependent, "recomputed", &input.reason, ItemEvent::Recompute)?);
    let limits = MethodLimits::of(tx.conn, id)?;
    let verdict = in_charts(tx, &sheet, &limits, sheet.verdict(catalogue)?)?;
    let event = if verdict.accepted { WorksheetEvent::CorrectAccepted } else { WorksheetEvent::CorrectRejected };
    let version = sheet.row.version;
    let state = close_sheet(tx, by, &sheet, version, &verdict, event)?;

    let items: Vec<&ItemRow> = own.iter().chain(&dependent).map(|one| one.item).collect();
    let mut samples: Vec<SampleId> = items.iter().map(|item| item.sample_id).collect();
    samples.sort_unstable();
    samples.dedup();
    let issued = reports::issued_of(tx.conn, &samples)?;
    let listed: Vec<AffectedItem> = items
        .iter()
        .zip(&new_results)
        .map(|(item, new)| AffectedItem {
            item: item.id,
            report: issued.iter().rev().find(|(sample, _)| *sample == item.sample_id).map(|(_, report)| *report),
            old_result: old_results.iter().find(|(of, _)| *of == item.id).map(|(_, result)| *result),
            new_result: Some(*new),
        })
        .collect();
    let description = format!(
        "{} {label} {} {old} → {}: {}",
        sheet.row.worksheet_no,
        input.field,
        input.value.trim(),
        input.reason.trim()
    );
    let work = open_work(tx, by, Some(id), &description, &listed)?;
    let amended = samples.into_iter().filter_map(|sample| {
        let (_, report) = issued.iter().rev().find(|(of, _)| *of == sample)?;
        let amends = Amends { report: *report, reason: input.reason.clone() };
        Some(ToReport { sample, amends: Some(amends) })
    });
    let successors = reports::compile(tx, by, &amended.collect::<Vec<_>>())?;
    Ok(Corrected {
        version: version + 1,
        state: state.code().to_owned(),
        work: Some(work.0),
        results: new_results.iter().map(|id| id.0).collect(),
        reports: successors.into_iter().map(|id| id.0).collect(),
    })
}

/// Corrects a field that only the raw record keeps: no result and no control rests on it.
fn correct_record(tx: &mut Tx, by: &Actor, sheet: &mut Sheet, row: NewEntryRow) -> Outcome<Corrected> {
    let (version, state) = (sheet.row.version, sheet.state.code().to_owned());
    store_entries(tx, by, std::slice::from_mut(sheet), vec![row])?;
    Ok(Corrected { version, state, work: None, results: Vec::new(), reports: Vec::new() })
}

/// Items whose results rest on a position: a blank serves all items of its analyte, a sample's position its own.
fn affected_by(sheet: &Sheet, line: &Line) -> Vec<ItemId> {
    let items = sheet.items().into_iter();
    let rests = |other: &&Line| match line.position.kind.as_str() {
        "blank" => other.rule.needs_blank() && other.analyte() == line.analyte(),
        "sample" => other.item.as_ref().map(|item| item.id) == line.item.as_ref().map(|item| item.id),
        _ => false,
    };
    items.filter(rests).filter_map(|other| other.item.as_ref().map(|item| item.id)).collect()
}

/// The result of an item that is in force, with everything that it was asked and answered.
struct InForce {
    item: ItemId,
    result: ResultId,
    record: Record,
}

/// The results of a sheet's items that are in force, with their records. One statement.
fn results_in_force(conn: &mut Conn, sheet: &Sheet) -> Outcome<Vec<InForce>> {
    let items: Vec<&ItemRow> = sheet.items().into_iter().filter_map(|line| line.item.as_ref()).collect();
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    let newest = |row: &store::ResultRow| items.iter().any(|item| item.result_id == Some(row.id));
    let rows = store::results_of(conn, &ids)?.into_iter().filter(newest);
    rows.map(|row| {
        let record: Record = serde_json::from_str(&row.record).map_err(Fault::broken)?;
        Ok(InForce { item: row.item_id, result: row.id, record })
    })
    .collect()
}

/// The results that were in force, and the new ones: asked as before, with the entries of now.
type Recomputed<'s> = (Vec<(ItemId, ResultId)>, Vec<Made<'s>>);

fn recomputed<'s>(sheet: &'s Sheet, affected: &[ItemId], in_force: &[InForce]) -> Outcome<Recomputed<'s>> {
    let mut old = Vec::new();
    let mut made = Vec::new();
    for line in sheet.items() {
        let Some(item) = line.item.as_ref().filter(|item| affected.contains(&item.id)) else { continue };
        // An item that was sent back for repetition, or cancelled, has nothing in force that could change.
        if state_of(item).after(ItemEvent::Recompute).is_err() {
            continue;
        }
        let Some(before) = in_force.iter().find(|one| one.item == item.id) else { continue };
        let (portions, entries) = sheet.portions(item.id)?;
        let record = compute::compute(compute::Asked { portions, ..before.record.asked.clone() })
            .map_err(|why| CALCULATION_FAILED.with("label", &line.position.label_code).with("why", why))?;
        old.push((item.id, before.result));
        made.push(Made { line, item, record, entries });
    }
    Ok((old, made))
}

/// Whether the program of today gives the stored result again, byte for byte.
pub fn replay(conn: &mut Conn, id: ResultId) -> Outcome<bool> {
    let row = store::result(conn, id)?.ok_or(NOT_FOUND)?;
    let record: Record = serde_json::from_str(&row.record).map_err(Fault::broken)?;
    Ok(record.bytes() == row.record && record.reproduces())
}

/// The tester of a sheet.
pub(super) fn tester_of(sheet: Option<&store::WorksheetRow>, item: &ItemRow) -> Option<PersonId> {
    sheet.map(|row| row.tester_id).or(item.tester_id)
}
