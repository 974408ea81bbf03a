//! The check (校核): somebody else recomputes and compares, signs, or sends the item back. And what other rooms see of
//! items.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::authorizations::{CHECK, Coverage};
use super::compute::{LimitAsked, Record};
use super::confirming::{Checking, Warned, check_confirmations};
use super::controls::{Control, SheetVerdict};
use super::judged::{Judged, judged};
use super::planning::state_of;
use super::results::tester_of;
use super::state::{ItemEvent, ItemState, WorksheetState};
use super::store::{self, EntryRow, ItemChange, ItemRow, ItemWithResult, QcRow, ResultRow, SourceRow, WorksheetRow};
use super::{AT_ONCE_MOST, CHECKER_IS_TESTER, ITEM_CHANGED, NOTHING_CHOSEN, QC_HELD, RESULT_INCOMPLETE, TOO_MANY};
use crate::accounts::actions::names_of;
use crate::accounts::role::CheckItems;
use crate::accounts::signing::{self, Meaning};
use crate::accounts::{Actor, May};
use crate::catalogue::actions as catalogue;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, ObservationId, PersonId, QcVerdictId, ResultId, SampleId, WorksheetId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reason, Reasons};
use crate::instruments::bench::{self, Document};
use crate::judgement::Verdict;
use crate::quality::gates::actions::ConfirmationView;
use crate::quality::gates::state::{Finding, Gate};
use crate::reports::actions::{self as reports, ToReport};
use crate::samples::actions as samples;
use crate::samples::state::SampleEvent;

/// An item to check, at the version that was seen.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemSeen {
    pub id: i64,
    pub version: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ItemsChecked)]
pub struct Checked {
    pub items: Vec<i64>,
    /// Samples whose last item this was.
    pub samples_done: usize,
}

/// What a signature stands under.
struct SignedObject {
    pub item: ItemId,
    pub version: i64,
    pub hash: String,
}

/// Checks items under an open signing grant, all or none; a refusal names every reason of every item. What gates only warn
/// of is confirmed with a reason, which is kept. Four statements and the log, and four more when samples are done with it,
/// however many they are; one more where some of these were reported before.
pub fn check(
    tx: &mut Tx,
    by: &May<CheckItems>,
    before: &Checking,
    wanted: &[ItemSeen],
    real: Moment,
) -> Outcome<Checked> {
    if wanted.is_empty() {
        return Err(NOTHING_CHOSEN.into());
    }
    if wanted.len() > AT_ONCE_MOST {
        return Err(TOO_MANY.with("limit", AT_ONCE_MOST).into());
    }
    let ids: Vec<ItemId> = wanted.iter().map(|one| ItemId(one.id)).collect();
    let all = store::items_with_siblings(tx.conn, &ids)?;
    let today = tx.now.date_in_china();
    let (coverage, grant) = Coverage::with_grant(tx.conn, by.person, CHECK, today, Meaning::Checked, real)?;
    let held = held_by(
        tx.conn,
        all.iter().filter(|(item, ..)| ids.contains(&item.id)).filter_map(|(_, sheet, _)| sheet.as_ref()),
    )?;
    let mut reasons = Reasons::new();
    let (mut signed, mut warned) = (Vec::new(), Vec::new());
    for one in wanted {
        let field = format!("item-{}", one.id);
        match all.iter().find(|(item, ..)| item.id.0 == one.id) {
            None => reasons.add(NOT_FOUND.at(field)),
            Some(found) => {
                require_checkable(found, one.version, by, &field, &mut reasons);
                let (item, _, result) = found;
                let gap = coverage.gap(by.person, &by.name, &item.method_standard);
                let passage = before.passage(findings(found, gap, &held, today));
                reasons.extend(passage.blocks.into_iter().map(|reason| reason.at(&field)));
                let version = item.version + 1;
                if !passage.warnings.is_empty() {
                    warned.push(Warned { item: item.id, version, warnings: passage.warnings });
                }
                if let Some(result) = result {
                    signed.push(SignedObject { item: item.id, version, hash: hash_of(result) });
                }
            }
        }
    }
    before.add_unconfirmed(&warned, &mut reasons);
    reasons.add_if(grant.is_none(), || signing::missing(Meaning::Checked));
    reasons.none()?;
    let grant = grant.ok_or_else(|| signing::missing(Meaning::Checked))?;
    let seen: Vec<(ItemId, i64)> = wanted.iter().map(|one| (ItemId(one.id), one.version)).collect();
    let change = ItemChange {
        state: Some(ItemState::Checked.code()),
        checker_id: Some(Some(by.person)),
        ..ItemChange::default()
    };
    if !store::change_items(tx.conn, &seen, &change)? {
        return Err(ITEM_CHANGED.with("item", "").with("version", "").into());
    }
    let objects: Vec<(i64, i64, String)> =
        signed.iter().map(|one| (one.item.0, one.version, one.hash.clone())).collect();
    signing::sign(tx, by, Meaning::Checked, grant, "test_item", &objects)?;
    for object in &signed {
        tx.log(
            by.entry("test_item", object.item.0, object.version, "item-checked")
                .change("state", ItemState::Calculated.code(), ItemState::Checked.code())
                .set("hash", object.hash.as_str()),
        );
    }
    before.keep(tx, by, &warned)?;
    let samples_done = report_done(tx, by, &all, &ids)?;
    Ok(Checked { items: wanted.iter().map(|one| one.id).collect(), samples_done })
}

/// Moves on the samples that are done once these items are, and makes the reports of those that get one now; how many there
/// are. Four statements when there are any, however many they are; one more where some of them were reported before.
pub(super) fn report_done(tx: &mut Tx, by: &Actor, all: &[ItemWithResult], items: &[ItemId]) -> Outcome<usize> {
    let done = samples_done(all, items);
    let done = without_report(tx, by, &done)?;
    let to_report: Vec<ToReport> = done.iter().map(|sample| ToReport { sample: *sample, amends: None }).collect();
    reports::compile(tx, by, &to_report)?;
    Ok(done.len())
}

/// Of samples that are done those that get a report now: those that were in testing until now, and those that were closed
/// with a report that was recalled. A report that is being amended has its successor already.
fn without_report(tx: &mut Tx, by: &Actor, done: &[SampleId]) -> Outcome<Vec<SampleId>> {
    if done.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = samples::progress_all(tx, by, done, SampleEvent::FinishTesting)?;
    let others: Vec<SampleId> = done.iter().copied().filter(|sample| !found.contains(sample)).collect();
    found.extend(reports::withdrawn_among(tx.conn, &others)?);
    Ok(found)
}

fn require_checkable(
    (item, sheet, result): &ItemWithResult,
    seen: i64,
    by: &Actor,
    field: &str,
    reasons: &mut Reasons,
) {
    let named = |reason: Reason| reason.with("item", item.name()).at(field);
    reasons.add_if(item.version != seen, || named(ITEM_CHANGED.with("version", item.version)));
    if let Err(reason) = state_of(item).after(ItemEvent::Check) {
        reasons.add(named(reason));
    }
    let tested = [tester_of(sheet.as_ref(), item), result.as_ref().map(|result| result.person_id)];
    reasons.add_if(tested.contains(&Some(by.person)), || named(CHECKER_IS_TESTER.reason()));
    if result.as_ref().is_some_and(|result| verdict_of(&result.verdict) == Verdict::Incomplete) {
        reasons.add(named(RESULT_INCOMPLETE.reason()));
    }
}

/// What the gates find against a check: that nothing authorizes the checker, and that a control which failed holds the item.
fn findings((item, sheet, _): &ItemWithResult, gap: Option<Reason>, held: &[Held], today: NaiveDate) -> Vec<Finding> {
    let gap = gap.map(|reason| Finding { gate: Gate::Competence, on: today, reason });
    let holding = sheet.as_ref().filter(|sheet| is_held(sheet, item.id, held)).map(|sheet| {
        let reason = QC_HELD.with("worksheet", &sheet.worksheet_no).with("item", item.name());
        Finding { gate: Gate::Controls, on: today, reason }
    });
    gap.into_iter().chain(holding).collect()
}

/// The newest verdict of a sheet whose controls did not all pass and that nobody released as a whole.
struct Held {
    sheet: WorksheetId,
    verdict: SheetVerdict,
    /// Places of the controls that were released by themselves.
    released: Vec<i64>,
}

/// The newest verdicts of such sheets. Two statements where there are any, otherwise none.
fn held_by<'s>(conn: &mut Conn, sheets: impl Iterator<Item = &'s WorksheetRow>) -> Outcome<Vec<Held>> {
    let mut ids: Vec<WorksheetId> = sheets.filter(|sheet| !is_good(sheet)).map(|sheet| sheet.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() { Ok(Vec::new()) } else { verdicts_of(conn, &ids) }
}

/// The newest verdicts of sheets.
fn verdicts_of(conn: &mut Conn, sheets: &[WorksheetId]) -> Outcome<Vec<Held>> {
    let mut newest: Vec<QcRow> = store::qc_of(conn, sheets)?.into_iter().map(|(row, _)| row).collect();
    newest.dedup_by_key(|row| row.worksheet_id);
    let verdicts: Vec<QcVerdictId> = newest.iter().map(|row| row.id).collect();
    let releases = store::control_releases(conn, &verdicts)?;
    let held = |row: QcRow| -> Outcome<Held> {
        let own = releases.iter().filter(|release| release.qc_verdict_id == row.id);
        Ok(Held {
            sheet: row.worksheet_id,
            verdict: serde_json::from_str(&row.record).map_err(Fault::broken)?,
            released: own.map(|release| release.place).collect(),
        })
    };
    newest.into_iter().map(held).collect()
}

fn is_good(sheet: &WorksheetRow) -> bool {
    WorksheetState::parse(&sheet.state).is_some_and(WorksheetState::is_good)
}

/// Whether a control that failed speaks for an item, or nothing is known about the controls yet.
fn is_held(sheet: &WorksheetRow, item: ItemId, held: &[Held]) -> bool {
    let own = held.iter().find(|held| held.sheet == sheet.id);
    !is_good(sheet) && own.is_none_or(|held| held.verdict.holds(item, &held.released))
}

/// The controls that hold worksheets, with their places, for who may release them.
pub fn failed_controls(conn: &mut Conn, sheets: &[&WorksheetRow]) -> Outcome<Vec<(WorksheetId, Vec<(i64, Control)>)>> {
    let failed = |held: Held| {
        let controls = held.verdict.failed(&held.released).map(|(place, control)| (place, control.clone()));
        (held.sheet, controls.collect())
    };
    Ok(held_by(conn, sheets.iter().copied())?.into_iter().map(failed).collect())
}

/// The controls that hold a held worksheet, for those who work on it.
pub fn failed_of(conn: &mut Conn, id: WorksheetId) -> Outcome<Vec<Control>> {
    let held = verdicts_of(conn, &[id])?;
    let failed = held.iter().flat_map(|held| held.verdict.failed(&held.released));
    Ok(failed.map(|(_, control)| control.clone()).collect())
}

/// What is signed: the stored record of the result in force.
pub(super) fn hash_of(result: &ResultRow) -> String {
    hex::encode(Sha256::digest(result.record.as_bytes()))
}

/// Samples with no item left that has to be tested or checked, once these are checked or cancelled.
fn samples_done(all: &[ItemWithResult], these: &[ItemId]) -> Vec<SampleId> {
    let samples: BTreeSet<SampleId> = all.iter().map(|(item, ..)| item.sample_id).collect();
    let is_done = |item: &ItemRow| {
        these.contains(&item.id)
            || matches!(state_of(item), ItemState::Checked | ItemState::Final | ItemState::Cancelled)
    };
    let done =
        |sample: &SampleId| all.iter().filter(|(item, ..)| item.sample_id == *sample).all(|(item, ..)| is_done(item));
    samples.into_iter().filter(done).collect()
}

/// The items of a sample are final: called when its report is authorized.
pub fn finalize(tx: &mut Tx, by: &Actor, seen: &[(ItemId, i64)]) -> Outcome<()> {
    let change = ItemChange { state: Some(ItemState::Final.code()), ..ItemChange::default() };
    if !store::change_items(tx.conn, seen, &change)? {
        return Err(ITEM_CHANGED.with("item", "").with("version", "").into());
    }
    for (id, version) in seen {
        tx.log(by.entry("test_item", id.0, version + 1, "item-final").change(
            "state",
            ItemState::Checked.code(),
            ItemState::Final.code(),
        ));
    }
    Ok(())
}

/// An item as reports and cases see it.
#[derive(Clone, Debug, Serialize)]
pub struct ItemFacts {
    pub id: ItemId,
    pub version: i64,
    pub sample_id: SampleId,
    pub seq: i64,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub method_standard: String,
    pub method_key: String,
    /// With edition and procedure, as printed.
    pub method_text: String,
    /// As reports print it: `≤ 0.2 mg/kg`; empty without a limit.
    pub limit_text: String,
    pub unit: String,
    pub state: ItemState,
    pub tester_id: Option<PersonId>,
    pub tester_name: String,
    pub checker_id: Option<PersonId>,
    pub checker_name: String,
    pub result_id: Option<ResultId>,
    pub reported: String,
    /// INCOMPLETE before there is a result.
    pub verdict: Verdict,
    /// Standard of the limit with its edition.
    pub limit_standard: String,
    /// The stored record of the result; null before.
    pub record: serde_json::Value,
    pub tested_from: Option<NaiveDate>,
    pub tested_to: Option<NaiveDate>,
    /// The controls of its sheet passed, or the sheet was released, or another laboratory tested it.
    pub qc_ok: bool,
}

/// The items of samples in their order, by two statements and the catalogue's.
pub fn items_of(conn: &mut Conn, samples: &[SampleId]) -> Outcome<Vec<ItemFacts>> {
    let rows = store::items_of_samples(conn, samples)?;
    let people: Vec<PersonId> =
        rows.iter().flat_map(|(item, sheet, _)| [tester_of(sheet.as_ref(), item), item.checker_id]).flatten().collect();
    let names = names_of(conn, &people)?;
    let held = held_by(conn, rows.iter().filter_map(|(_, sheet, _)| sheet.as_ref()))?;
    let catalogue = catalogue::current(conn)?;
    let name = |id: Option<PersonId>| id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|(item, sheet, result)| {
            let record: Option<Record> = result.as_ref().and_then(|row| serde_json::from_str(&row.record).ok());
            let limit = record.as_ref().and_then(|record| match &record.asked.limit {
                LimitAsked::Row(row) => Some((record.limit_text(), row.standard.clone())),
                _ => None,
            });
            let (limit_text, limit_standard) = limit.unwrap_or_default();
            let method_text = match &record {
                Some(record) => record.asked.method.text.clone(),
                None => {
                    catalogue.method(&item.method_key).map_or_else(|| item.method_standard.clone(), |row| row.text())
                }
            };
            let tester_id = tester_of(sheet.as_ref(), &item);
            let other = record.as_ref().and_then(|record| record.subcontract.as_ref());
            let here_from = sheet.as_ref().filter(|_| result.is_some()).map(|sheet| sheet.created_at.date_in_china());
            let here_to = result.as_ref().map(|row| tested_at(record.as_ref(), row).date_in_china());
            ItemFacts {
                state: state_of(&item),
                tester_name: name(tester_id),
                tester_id,
                checker_name: name(item.checker_id),
                checker_id: item.checker_id,
                verdict: result.as_ref().map_or(Verdict::Incomplete, |row| verdict_of(&row.verdict)),
                reported: result.as_ref().map(|row| row.reported.clone()).unwrap_or_default(),
                unit: result.as_ref().map_or(item.unit, |row| row.unit.clone()),
                record: result
                    .as_ref()
                    .and_then(|row| serde_json::from_str(&row.record).ok())
                    .unwrap_or(serde_json::Value::Null),
                tested_from: other.map(|other| other.sent_on).or(here_from),
                tested_to: other.map(|other| other.reported_on).or(here_to),
                qc_ok: item.derived
                    || other.is_some()
                    || sheet.as_ref().is_some_and(|sheet| !is_held(sheet, item.id, &held)),
                result_id: item.result_id,
                id: item.id,
                version: item.version,
                sample_id: item.sample_id,
                seq: item.seq,
                analyte: item.analyte,
                analyte_zh: item.analyte_zh,
                analyte_en: item.analyte_en,
                method_standard: item.method_standard,
                method_key: item.method_key,
                method_text,
                limit_text,
                limit_standard,
            }
        })
        .collect())
}

/// When a result was measured and calculated; a decision about it came later.
fn tested_at(record: Option<&Record>, row: &ResultRow) -> Moment {
    record.and_then(|record| record.decision.as_ref()).map_or(row.at, |decision| decision.tested_at)
}

/// A stored verdict; one that is not known counts as not done.
pub(super) fn verdict_of(name: &str) -> Verdict {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).unwrap_or(Verdict::Incomplete)
}

/// Everything a checker needs beside the value.
pub struct Evidence {
    pub item: ItemRow,
    pub label_code: String,
    pub sheet: Option<WorksheetRow>,
    pub tester: String,
    /// Versions of the result, newest first.
    pub results: Vec<ResultRow>,
    /// The record of the newest version.
    pub record: Option<Record>,
    /// The entries that the newest version rests on.
    pub entries: Vec<(EntryRow, String)>,
    /// Where the instrument's entries came from.
    pub sources: Vec<SourceRow>,
    /// Of these, message and number of the reading, those that were read with a draft.
    pub drafts: BTreeSet<(i64, i64)>,
    /// Documents of instruments beside the values.
    pub documents: Vec<Document>,
    /// The verdict over the controls of its sheet.
    pub qc: Option<Judged>,
    pub signatures: Vec<(String, String, Moment)>,
    /// Warnings that its checkers went past.
    pub confirmations: Vec<ConfirmationView>,
    /// Whether the rules of its edition give the same bytes; `None`: only a newer program has those rules.
    pub reproduces: Option<bool>,
}

pub fn evidence(conn: &mut Conn, id: ItemId) -> Outcome<Evidence> {
    let items = store::items(conn, &[id])?;
    let item = items.first().ok_or(NOT_FOUND)?.clone();
    let results = store::results_of(conn, &[id])?;
    let newest = results.first();
    let used: Vec<i64> =
        newest.map(|row| row.entries.split(' ').filter_map(|id| id.parse().ok()).collect()).unwrap_or_default();
    let entries = store::entries_by_id(conn, &used)?;
    let observations: Vec<ObservationId> = entries.iter().filter_map(|entry| entry.observation_id).collect();
    let sources = if observations.is_empty() { Vec::new() } else { store::sources(conn, &observations)? };
    let readings: BTreeSet<(i64, i64)> = sources.iter().map(|source| (source.message, source.reading_no)).collect();
    let drafts = bench::draft_readings(conn, &readings)?;
    let sheets = match item.worksheet_id {
        Some(sheet) => store::sheet(conn, sheet)?,
        None => Vec::new(),
    };
    let sheet = sheets.first().map(|line| line.0.clone());
    let labels = |entry: &EntryRow| {
        sheets
            .iter()
            .find(|line| line.1.id == entry.position_id)
            .map(|line| line.1.label_code.clone())
            .unwrap_or_default()
    };
    let qc = match &sheet {
        Some(sheet) => judged(conn, sheet.id)?,
        None => None,
    };
    let signatures = signing::signatures_on(conn, "test_item", id.0)?;
    let mut people: Vec<PersonId> = signatures.iter().map(|(person, ..)| *person).collect();
    people.extend(tester_of(sheet.as_ref(), &item));
    let names = names_of(conn, &people)?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let parts: Vec<_> = item.part_id.into_iter().collect();
    let record: Option<Record> = newest.and_then(|row| serde_json::from_str(&row.record).ok());
    let reproduces = newest.map_or(Some(false), ResultRow::reproduces);
    Ok(Evidence {
        label_code: samples::labels_of(conn, &parts)?.into_values().next().unwrap_or_default(),
        tester: tester_of(sheet.as_ref(), &item).map(name).unwrap_or_default(),
        entries: entries.into_iter().map(|entry| (entry.clone(), labels(&entry))).collect(),
        qc,
        signatures: signatures.into_iter().map(|(person, meaning, at)| (name(person), meaning, at)).collect(),
        item,
        sheet,
        results,
        record,
        sources,
        drafts,
        documents: bench::documents_of(conn, &[id])?,
        confirmations: check_confirmations(conn, id)?,
        reproduces,
    })
}
