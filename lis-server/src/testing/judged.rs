//! What was made of the entries of a worksheet, for those who read it: the verdict over its controls with what was released
//! of them and why, and the versions of its results with their calculation and who signed them.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::checking::hash_of;
use super::compute::Record;
use super::controls::{Control, SheetVerdict};
use super::deviating::Deviation;
use super::store::{self, ControlReleaseRow, EntryRow, ItemRow, ReleaseRow, ResultRow, SheetLine};
use crate::accounts::actions::names_of;
use crate::accounts::signing;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PersonId, ResultEntryId, WorksheetId};
use crate::domain::refusal::{Fault, Outcome};
use crate::judgement::explain::Lang;
use crate::judgement::qc::QcVerdict;

/// Why what a failed control holds may be used after all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ControlReleased)]
pub struct Release {
    pub cause: String,
    pub action: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// The newest verdict over the controls of a sheet.
#[derive(Clone, Debug)]
pub struct Judged {
    pub at: Moment,
    pub verdict: SheetVerdict,
    /// Of the whole sheet.
    pub release: Option<Release>,
    /// Of single controls, with their places.
    releases: Vec<(i64, Release)>,
}

impl Judged {
    /// Every control with its own release.
    pub fn controls(&self) -> Vec<(&Control, Option<&Release>)> {
        let placed = (0_i64..).zip(&self.verdict.controls);
        let release =
            |wanted: i64| self.releases.iter().find(|(place, _)| *place == wanted).map(|(_, release)| release);
        placed.map(|(place, control)| (control, release(place))).collect()
    }

    /// As programs see it.
    pub fn view(&self) -> ControlsView {
        let view = |(control, release): (&Control, Option<&Release>)| ControlView {
            kind: control.kind.clone(),
            label_code: control.label_code.clone(),
            analyte: control.analyte.clone(),
            found: control.found.clone(),
            expected: control.expected.clone(),
            figure: control.figure.clone(),
            accepted: control.verdict == QcVerdict::Accept,
            note: control.note.clone(),
            rules: control.rules.clone(),
            release: release.cloned(),
        };
        ControlsView {
            accepted: self.verdict.accepted,
            at: self.at,
            controls: self.controls().into_iter().map(view).collect(),
            release: self.release.clone(),
        }
    }
}

/// The verdict over the controls of a sheet.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RawRecordControls)]
pub struct ControlsView {
    pub accepted: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    pub controls: Vec<ControlView>,
    /// Of the whole sheet.
    pub release: Option<Release>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RawRecordControl)]
pub struct ControlView {
    /// blank, duplicate, parallel, spike, reference, check, curve
    pub kind: String,
    pub label_code: String,
    /// Key of the analyte.
    pub analyte: String,
    pub found: String,
    /// What it was compared with.
    pub expected: String,
    /// Difference or recovery in percent, where there is one.
    pub figure: String,
    pub accepted: bool,
    /// Why it could not be compared, a code; empty: it could.
    pub note: String,
    /// Westgard rules that hold at its point of the control chart.
    pub rules: Vec<String>,
    /// Of this control by itself.
    pub release: Option<Release>,
}

/// The newest verdict over a sheet's controls with its releases; three statements, one where all passed. `None` before it was submitted.
pub fn judged(conn: &mut Conn, sheet: WorksheetId) -> Outcome<Option<Judged>> {
    let Some((row, whole)) = store::qc_of(conn, &[sheet])?.into_iter().next() else { return Ok(None) };
    let verdict: SheetVerdict = serde_json::from_str(&row.record).map_err(Fault::broken)?;
    let single = if verdict.accepted { Vec::new() } else { store::control_releases(conn, &[row.id])? };
    let mut people: Vec<PersonId> = single.iter().map(|one| one.person_id).collect();
    people.extend(whole.as_ref().map(|one| one.person_id));
    let names = if people.is_empty() { HashMap::new() } else { names_of(conn, &people)? };
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let of_sheet =
        |one: ReleaseRow| Release { by: name(one.person_id), cause: one.cause, action: one.action, at: one.at };
    let of_control = |one: ControlReleaseRow| {
        (one.place, Release { by: name(one.person_id), cause: one.cause, action: one.action, at: one.at })
    };
    Ok(Some(Judged {
        at: row.at,
        verdict,
        release: whole.map(of_sheet),
        releases: single.into_iter().map(of_control).collect(),
    }))
}

/// A version of an item's result that rests on entries of a sheet.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RawRecordResult)]
pub struct RecordResult {
    pub item_id: i64,
    pub label_code: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub version_no: i64,
    /// As reports print it, with its unit.
    pub reported: String,
    /// PASS, FAIL, …
    pub verdict: String,
    /// submitted, corrected, recomputed, decided
    pub cause: String,
    pub reason: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// The approved deviation from the method: what, why, by whom and when; empty: none.
    pub deviation: String,
    /// A later version of the same item holds instead.
    pub superseded: bool,
    /// The calculation and the judgement, one sentence each.
    pub steps_zh: Vec<String>,
    pub steps_en: Vec<String>,
    /// Who signed this version.
    pub signatures: Vec<RecordSignature>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RawRecordSignature)]
pub struct RecordSignature {
    /// checked
    pub meaning: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// The results that rest on a sheet's entries, item by item in order of place, each version after the one before: also of
/// an item that went to another sheet since. Three statements.
pub fn results_on(conn: &mut Conn, lines: &[SheetLine], entries: &[EntryRow]) -> Outcome<Vec<RecordResult>> {
    let items = items_on(lines);
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ItemId> = items.iter().map(|(item, _)| item.id).collect();
    let own: BTreeSet<ResultEntryId> = entries.iter().map(|entry| entry.id).collect();
    let mut rows = store::results_of(conn, &ids)?;
    rows.retain(|row| row.entries().iter().any(|entry| own.contains(entry)));
    rows.sort_by_key(|row| (ids.iter().position(|id| *id == row.item_id), row.version_no));
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let raw: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let signatures = signing::signatures_on_all(conn, "test_item", &raw)?;
    let mut people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    people.extend(signatures.iter().map(|(_, person, ..)| *person));
    let names = names_of(conn, &people)?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let view = |row: &ResultRow, (item, label_code): (&ItemRow, &str)| {
        let hash = hash_of(row);
        let signed = signatures.iter().filter(|(of, _, _, signed, _)| *of == row.item_id.0 && *signed == hash);
        let steps = serde_json::from_str::<Record>(&row.record).map(|record| record.steps()).unwrap_or_default();
        let said = |lang: Lang| -> Vec<String> { steps.iter().map(|step| step.text(lang)).collect() };
        RecordResult {
            item_id: item.id.0,
            label_code: label_code.to_owned(),
            analyte_zh: item.analyte_zh.clone(),
            analyte_en: item.analyte_en.clone(),
            version_no: row.version_no,
            reported: format!("{} {}", row.reported, row.unit).trim().to_owned(),
            verdict: row.verdict.clone(),
            cause: row.cause.clone(),
            reason: row.reason.clone(),
            by: name(row.person_id),
            at: row.at,
            deviation: Deviation::of(&item.deviation).map(deviated).unwrap_or_default(),
            superseded: item.result_id != Some(row.id),
            steps_zh: said(Lang::Zh),
            steps_en: said(Lang::En),
            signatures: signed
                .map(|(_, person, meaning, _, at)| RecordSignature {
                    meaning: meaning.clone(),
                    by: name(*person),
                    at: *at,
                })
                .collect(),
        }
    };
    let of_item = |row: &ResultRow| items.iter().find(|(item, _)| item.id == row.item_id).copied();
    Ok(rows.iter().filter_map(|row| Some(view(row, of_item(row)?))).collect())
}

fn deviated(own: Deviation) -> String {
    format!("{}: {} ({}, {})", own.description, own.justification, own.by, own.at)
}

/// The items of a sheet, each once with its first label, in order of place.
fn items_on(lines: &[SheetLine]) -> Vec<(&ItemRow, &str)> {
    let mut items: Vec<(&ItemRow, &str)> = Vec::new();
    for (_, position, item, _) in lines.iter().filter(|(_, position, ..)| position.kind == "sample") {
        if let Some(item) = item
            && !items.iter().any(|(known, _)| known.id == item.id)
        {
            items.push((item, position.label_code.as_str()));
        }
    }
    items
}
