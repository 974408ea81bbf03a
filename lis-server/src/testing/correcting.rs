//! Correcting what was entered wrongly after its sheet was submitted, and what follows from results that change.

use serde::{Deserialize, Serialize};

use super::compute::{self, Record};
use super::dependencies::{add_dependents, asked_today, without_lod};
use super::entering::{EntryInput, check_entry, store_entries};
use super::following::follow;
use super::places::STANDARD;
use super::planning::state_of;
use super::record_form::{self, TEXT_MOST as VALUE_MOST};
use super::results::{Made, TEXT_MOST, close_sheet, in_charts, store_results};
use super::sheet::{Entered, Line, Sheet};
use super::species::follow_totals;
use super::state::{ItemEvent, WorksheetEvent};
use super::store::{self, ItemRow, NewEntryRow};
use super::typed::entry_row;
use super::worksheets::require_own;
use super::{CALCULATION_FAILED, ENTRY_CONFLICT};
use crate::accounts::role::EnterResults;
use crate::accounts::{Actor, May};
use crate::catalogue::Catalogue;
use crate::db::{Conn, Tx};
use crate::domain::ids::{ItemId, PositionId, ReportId, ResultId, SampleId, WorkId, WorksheetId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal};
use crate::quality::actions::{AffectedItem, open_work};
use crate::quality::charts::submitted::MethodLimits;
use crate::reports::actions::{self as reports, Amends, ToReport};
use crate::web::language::Language;

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
            made_at: String::new(),
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
    let (number, old_value) = current.map_or((0, String::new()), |entry| (entry.entry_no, entry.value.clone()));
    if number != input.seen {
        reasons.add(ENTRY_CONFLICT.with("yours", &input.value).with("now", &old_value).at("value"));
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
    let mut unreadable = Reasons::new();
    sheet.require_readable(&mut unreadable)?;
    unreadable.none()?;

    let (mut old, mut made) = recomputed(&sheet, catalogue, &affected, &in_force)?;
    old.extend(add_dependents(tx.conn, catalogue, &mut made)?);
    let taken = in_force.iter().map(|one| (one.item, &one.record)).filter(|(item, _)| !is_made(&made, *item));
    let taken = taken.chain(made.iter().map(|one| (one.item.id, &one.record)));
    sheet.taken = taken.map(|(item, record)| (item, record.asked.from.clone())).collect();
    let (own, dependent): (Vec<Made>, Vec<Made>) = made.into_iter().partition(|one| Some(one.item.id) == corrected);
    let mut results = store_results(tx, by, &own, "corrected", &input.reason, ItemEvent::Recompute)?;
    results.extend(store_results(tx, by, &dependent, "recomputed", &input.reason, ItemEvent::Recompute)?);
    let limits = MethodLimits::of(tx.conn, id)?;
    let verdict = in_charts(tx, &sheet, &limits, sheet.verdict(catalogue)?)?;
    let event = if verdict.accepted { WorksheetEvent::CorrectAccepted } else { WorksheetEvent::CorrectRejected };
    let version = sheet.row.version;
    let state = close_sheet(tx, by, &sheet, version, &verdict, event)?;

    let all: Vec<Made> = own.into_iter().chain(dependent).collect();
    follow(tx, by, catalogue, &all)?;
    follow_totals(tx, by, catalogue, &all)?;
    // The record of the work is kept in Chinese; a field of the laboratory's own has its own name.
    let word = format!("input-{}", input.field.replace('_', "-"));
    let field = if Language::Chinese.knows(&word) { Language::Chinese.text(&word) } else { input.field.clone() };
    let description = format!(
        "{} {label} {field} {old_value} → {}：{}",
        sheet.row.worksheet_no,
        input.value.trim(),
        input.reason.trim()
    );
    let (work, successors) =
        follow_up(tx, by, Some(id), (description.as_str(), input.reason.as_str()), &changes(&all, &old, &results))?;
    Ok(Corrected {
        version: version + 1,
        state: state.code().to_owned(),
        work: Some(work.0),
        results: results.iter().map(|id| id.0).collect(),
        reports: successors.into_iter().map(|id| id.0).collect(),
    })
}

/// Corrects a field that only the raw record keeps: no result and no control rests on it.
fn correct_record(tx: &mut Tx, by: &Actor, sheet: &mut Sheet, row: NewEntryRow) -> Outcome<Corrected> {
    let (version, state) = (sheet.row.version, sheet.state.code().to_owned());
    store_entries(tx, by, std::slice::from_mut(sheet), vec![row])?;
    Ok(Corrected { version, state, work: None, results: Vec::new(), reports: Vec::new() })
}

fn is_made(made: &[Made], item: ItemId) -> bool {
    made.iter().any(|one| one.item.id == item)
}

/// A result that another one follows.
pub(super) struct Changed {
    item: ItemId,
    sample: SampleId,
    old: Option<ResultId>,
    new: ResultId,
}

/// What was made, with what was in force before and what is in force now.
pub(super) fn changes(made: &[Made], old: &[(ItemId, ResultId)], new: &[ResultId]) -> Vec<Changed> {
    let before = |item: ItemId| old.iter().find(|(of, _)| *of == item).map(|(_, result)| *result);
    let changed = |(one, new): (&Made, &ResultId)| Changed {
        item: one.item.id,
        sample: one.item.sample_id,
        old: before(one.item.id),
        new: *new,
    };
    made.iter().zip(new).map(changed).collect()
}

/// Non-conforming work that lists every result that changed, and for each report that was issued on them a successor to be
/// reviewed and authorized.
pub(super) fn follow_up(
    tx: &mut Tx,
    by: &Actor,
    worksheet: Option<WorksheetId>,
    (description, reason): (&str, &str),
    changed: &[Changed],
) -> Outcome<(WorkId, Vec<ReportId>)> {
    let mut samples: Vec<SampleId> = changed.iter().map(|one| one.sample).collect();
    samples.sort_unstable();
    samples.dedup();
    let issued = reports::issued_of(tx.conn, &samples)?;
    let newest = |sample: SampleId| issued.iter().rev().find(|(of, _)| *of == sample).map(|(_, report)| *report);
    let listed = changed.iter().map(|one| AffectedItem {
        item: one.item,
        report: newest(one.sample),
        old_result: one.old,
        new_result: Some(one.new),
    });
    let work = open_work(tx, by, worksheet, description, &listed.collect::<Vec<_>>())?;
    let amended = samples.iter().filter_map(|sample| {
        let amends = Amends { report: newest(*sample)?, reason: reason.to_owned() };
        Some(ToReport { sample: *sample, amends: Some(amends) })
    });
    let successors = reports::compile(tx, by, &amended.collect::<Vec<_>>())?;
    Ok((work, successors))
}

/// Items whose results rest on a position: a blank and a standard of the curve serve all items of their analyte, a sample's
/// position its own.
fn affected_by(sheet: &Sheet, line: &Line) -> Vec<ItemId> {
    let items = sheet.items().into_iter();
    let rests = |other: &&Line| match line.position.kind.as_str() {
        STANDARD => other.rule.curve.is_some() && other.analyte() == line.analyte(),
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
type Recomputed = (Vec<(ItemId, ResultId)>, Vec<Made>);

fn recomputed(sheet: &Sheet, catalogue: &Catalogue, affected: &[ItemId], in_force: &[InForce]) -> Outcome<Recomputed> {
    let mut old = Vec::new();
    let mut made = Vec::new();
    for line in sheet.items() {
        let Some(item) = line.item.as_ref().filter(|item| affected.contains(&item.id)) else { continue };
        // An item that was sent back for repetition, or cancelled, has nothing in force that could change.
        if state_of(item).after(ItemEvent::Recompute).is_err() {
            continue;
        }
        let Some(before) = in_force.iter().find(|one| one.item == item.id) else { continue };
        let Entered { portions, curve, corrections, entries } = sheet.entered(line, item.id)?;
        let asked = compute::Asked { portions, curve, corrections, ..asked_today(&before.record, catalogue) };
        if let Some(reason) = without_lod(item, &asked, catalogue) {
            return Err(reason.into());
        }
        let record = compute::compute(asked.anew())
            .map_err(|why| CALCULATION_FAILED.with("label", &line.position.label_code).with("why", why))?;
        old.push((item.id, before.result));
        made.push(Made { item: item.clone(), version_no: line.newest_version + 1, record, entries });
    }
    Ok((old, made))
}
