//! What is typed into the cells of a worksheet: whether it may stand there, and how it is kept.

use serde::{Deserialize, Serialize};

use super::lateness::late_since;
use super::places::STANDARD;
use super::planning::state_of;
use super::portions::finding;
use super::record_form::{self, TEXT_MOST};
use super::sheet::{Line, Sheet};
use super::state::{ItemState, WorksheetState};
use super::store::{self, EntryRow, ItemChange, NewEntryRow};
use super::typed::{entry_row, is_an_instrument_s, is_repeat, mark_taken};
use super::worksheets::require_own;
use super::{
    ENTRY_CONFLICT, FIELD_UNKNOWN, ITEM_CHANGED, REASON_MISSING, VALUE_IMPLAUSIBLE, VALUE_UNREADABLE,
    WORKSHEET_WRONG_STATE,
};
use crate::accounts::role::EnterResults;
use crate::accounts::{Actor, May};
use crate::catalogue::Catalogue;
use crate::catalogue::import::{Evaluation, READING};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{ItemId, PersonId, PositionId, ResultEntryId, WorksheetId};
use crate::domain::refusal::{FIELD_INVALID, FIELD_TOO_LONG, NOT_FOUND, Outcome, Reasons};
use crate::instruments::bench;
use crate::judgement::measured::MeasuredValue;
use crate::judgement::mpn::Tubes;
use crate::judgement::plates::Plate;

/// Longest value and reason, in characters.
const VALUE_MOST: usize = 60;
const REASON_MOST: usize = 500;
/// Longest mark of a sender, in characters: a UUID has 36.
const UUID_MOST: usize = 64;

/// One typed cell.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EntryInput {
    pub position: i64,
    /// Named input of the method (reading, mass, volume, count_1, …) or field of its raw-record form.
    pub field: String,
    pub replicate: i64,
    /// As typed: nothing is rounded or completed.
    pub value: String,
    /// Number of the entry that was seen in the cell; 0: it was empty.
    pub seen: i64,
    /// Why a value is typed though the instrument is connected, or why it holds though it is not plausible.
    pub reason: String,
    /// Made by the sender; the same one again changes nothing.
    pub uuid: String,
    /// When the value was made, where it is not typed at once: `2026-11-27 09:30`; empty: nothing is said.
    pub made_at: String,
}

impl EntryInput {
    /// What its cell is called in forms and refusals.
    fn cell(&self) -> String {
        format!("v-{}-{}-{}", self.position, self.field, self.replicate)
    }
}

/// What was saved.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = EntriesSaved)]
pub struct Saved {
    /// New entries; a repeated one is not counted.
    pub saved: usize,
    /// Items that have everything now.
    pub measured: usize,
}

/// Appends typed values to a sheet, all or nothing. Where someone was faster both values are shown and nothing is lost. What
/// is typed more than `late_hours` after it was made needs a reason and is marked.
pub fn save_entries(
    tx: &mut Tx,
    by: &May<EnterResults>,
    catalogue: &Catalogue,
    id: WorksheetId,
    (inputs, late_hours): (&[EntryInput], u32),
) -> Outcome<Saved> {
    let mut sheet = Sheet::load(tx.conn, id, catalogue)?;
    let mut reasons = Reasons::new();
    require_own(&sheet, by.person, &mut reasons);
    if sheet.state != WorksheetState::Open {
        reasons.add(WORKSHEET_WRONG_STATE.reason().with_word("state", sheet.state.word()));
    }
    let on_connected = is_typed_beside_instrument(tx.conn, &sheet, inputs)?;
    let typed = Typist { person: by.person, now: tx.now, late_hours, on_connected };
    let rows = typed.checked(tx.conn, &sheet, inputs, reasons)?;
    let stored = store_entries(tx, by, std::slice::from_mut(&mut sheet), rows)?;
    Ok(Saved { saved: stored.entries.len(), measured: stored.measured })
}

/// Who types, when, and what is asked of it.
pub(super) struct Typist {
    pub person: PersonId,
    pub now: Moment,
    /// What is typed more hours after it was made is late.
    pub late_hours: u32,
    /// The sheet's instrument is connected, whatever the rule says.
    pub on_connected: bool,
}

impl Typist {
    /// What is typed, as new entries; what stands on the sheet already is left out. `reasons`: what stands against it anyway.
    ///
    /// # Errors
    /// Every reason of every cell, by the cell's name; where someone was faster both values.
    pub(super) fn checked(
        &self,
        conn: &mut Conn,
        sheet: &Sheet,
        inputs: &[EntryInput],
        mut reasons: Reasons,
    ) -> Outcome<Vec<NewEntryRow>> {
        let mut rows: Vec<NewEntryRow> = Vec::new();
        let mut conflicts = Vec::new();
        for input in inputs {
            let Some((line, current)) = changed(sheet, &rows, input, &mut reasons) else { continue };
            check_entry(sheet, line, input, self.on_connected, &mut reasons);
            let number = current.map_or(0, |entry| entry.entry_no);
            if number != input.seen {
                let now = current.map_or("", |entry| entry.value.as_str());
                reasons.add(ENTRY_CONFLICT.with("yours", input.value.trim()).with("now", now).at(input.cell()));
                conflicts.push(serde_json::json!({
                    "position": input.position, "field": input.field, "replicate": input.replicate,
                    "yours": input.value.trim(), "now": now, "entry_no": number,
                }));
            }
            let run_at = late_since(sheet, input, (self.now, self.late_hours), &mut reasons);
            let row = entry_row(sheet, line, input, number + 1, "typed", self.person, self.now);
            rows.push(NewEntryRow { run_at, ..row });
        }
        record_form::require_known(conn, sheet, &rows, &mut reasons)?;
        match reasons.none() {
            Ok(()) => Ok(rows),
            Err(refusal) if !conflicts.is_empty() => {
                Err(refusal.with_current(serde_json::Value::Array(conflicts)).into())
            }
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// The place of a typed value and the entry that its cell shows, where it says anything new.
fn changed<'s>(
    sheet: &'s Sheet,
    waiting: &[NewEntryRow],
    input: &EntryInput,
    reasons: &mut Reasons,
) -> Option<(&'s Line, Option<&'s EntryRow>)> {
    let value = input.value.trim();
    if value.is_empty() {
        return None;
    }
    match is_repeat(sheet, waiting, input) {
        Ok(false) => {}
        Ok(true) => return None,
        Err(reason) => {
            reasons.add(reason);
            return None;
        }
    }
    let Some(line) = sheet.line(PositionId(input.position)) else {
        reasons.add(NOT_FOUND.at(input.cell()));
        return None;
    };
    let current = sheet.newest(line.position.id, &input.field, input.replicate);
    let is_there = current.is_some_and(|entry| entry.value == value && entry.entry_no >= input.seen);
    (!is_there).then_some((line, current))
}

/// Puts what is typed on a sheet in memory, as if it were saved: for what looks at the sheet before the write.
pub(super) fn foresee(sheet: &mut Sheet, inputs: &[EntryInput], (person, now): (PersonId, Moment)) {
    // What cannot be saved is named by the write.
    let mut ignored = Reasons::new();
    for (input, number) in inputs.iter().zip(1..) {
        let Some((line, current)) = changed(sheet, &[], input, &mut ignored) else { continue };
        let entry_no = current.map_or(0, |entry| entry.entry_no) + 1;
        let row = entry_row(sheet, line, input, entry_no, "typed", person, now);
        // No stored entry has such an id.
        let row = row.stored(ResultEntryId(-number));
        sheet.entries.push(row);
    }
}

/// Whether readings are typed without a reason on a sheet whose instrument is connected. The instrument is asked for only
/// then.
pub(super) fn is_typed_beside_instrument(conn: &mut Conn, sheet: &Sheet, inputs: &[EntryInput]) -> Outcome<bool> {
    let is_silent =
        |input: &EntryInput| input.field == READING && !input.value.trim().is_empty() && input.reason.trim().is_empty();
    match sheet.row.instrument_id {
        Some(id) if inputs.iter().any(is_silent) => bench::is_connected(conn, id),
        _ => Ok(false),
    }
}

/// What storing entries brought.
#[derive(Default)]
pub(super) struct Stored {
    /// In the order of the rows.
    pub entries: Vec<ResultEntryId>,
    /// Items that have everything now.
    pub measured: usize,
}

/// Inserts checked entries of sheets and moves the items that are complete now; the sheets in memory follow. Two
/// statements and the log, however many sheets there are.
pub(super) fn store_entries(tx: &mut Tx, by: &Actor, sheets: &mut [Sheet], rows: Vec<NewEntryRow>) -> Outcome<Stored> {
    if rows.is_empty() {
        return Ok(Stored::default());
    }
    let ids = append(tx, by, sheets, rows)?;
    let done: Vec<(ItemId, i64)> = sheets.iter().flat_map(just_measured).collect();
    if !done.is_empty() {
        let change = ItemChange { state: Some(ItemState::Measured.code()), ..ItemChange::default() };
        if !store::change_items(tx.conn, &done, &change)? {
            return Err(ITEM_CHANGED.with("item", "").with("version", "").into());
        }
        for (id, version) in &done {
            let entry = by.entry("test_item", id.0, version + 1, "item-measured");
            tx.log(entry.change("state", ItemState::InBatch.code(), ItemState::Measured.code()));
        }
    }
    Ok(Stored { entries: ids, measured: done.len() })
}

/// Inserts checked entries of sheets by one statement; the sheets in memory follow. Items do not move.
pub(super) fn append(
    tx: &mut Tx,
    by: &Actor,
    sheets: &mut [Sheet],
    rows: Vec<NewEntryRow>,
) -> Outcome<Vec<ResultEntryId>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = store::insert_entries(tx.conn, &rows)?;
    if let Some((row, _)) = rows.iter().zip(&ids).find(|(_, id)| id.is_none()) {
        // On another sheet: here it would have been found.
        return Err(mark_taken(&row.client_uuid).into());
    }
    let ids: Vec<ResultEntryId> = ids.into_iter().flatten().collect();
    for (entry, row) in ids.iter().zip(&rows) {
        tx.log(
            by.entry("result_entry", entry.0, row.entry_no, "value-entered")
                .set("position", row.position_id.0)
                .set("field", row.field.as_str())
                .set("replicate", row.replicate)
                .set("value", row.value.as_str())
                .set("source", row.source)
                .set("run_at", row.run_at.map(|at| at.rfc3339()).unwrap_or_default()),
        );
    }
    for (id, row) in ids.iter().zip(rows) {
        if let Some(sheet) = sheets.iter_mut().find(|sheet| sheet.line(row.position_id).is_some()) {
            sheet.entries.push(row.stored(*id));
        }
    }
    Ok(ids)
}

/// Items in the batch that have everything now, with the versions that were seen.
fn just_measured(sheet: &Sheet) -> Vec<(ItemId, i64)> {
    let items = sheet.items().into_iter().filter_map(|line| line.item.as_ref());
    items
        .filter(|item| state_of(item) == ItemState::InBatch && sheet.is_measured(item.id))
        .map(|item| (item.id, item.version))
        .collect()
}

/// Whether a value may stand in a cell at all. `on_connected`: the sheet's instrument is connected, whatever the rule says.
pub(super) fn check_entry(sheet: &Sheet, line: &Line, input: &EntryInput, on_connected: bool, reasons: &mut Reasons) {
    let field = input.cell();
    let extra = sheet.extra(line, &input.field);
    let is_input = line.inputs().iter().any(|known| known.name == input.field);
    let times = match extra {
        Some(own) => record_form::times(own, line),
        None if is_input => line.replicates(),
        None => 0,
    };
    if !(1..=times).contains(&input.replicate) {
        reasons.add(FIELD_UNKNOWN.with("field", &input.field).with("replicate", input.replicate).at(&field));
        return;
    }
    let value = input.value.trim();
    let most = if extra.is_some() { TEXT_MOST } else { VALUE_MOST };
    if value.chars().count() > most {
        reasons.add(FIELD_TOO_LONG.with("limit", most).at(&field));
        return;
    }
    reasons
        .add_if(input.reason.chars().count() > REASON_MOST, || FIELD_TOO_LONG.with("limit", REASON_MOST).at("reason"));
    reasons.add_if(input.reason.chars().any(char::is_control), || {
        FIELD_INVALID.at("reason").with_word("expected", "expected-printable")
    });
    reasons.add_if(input.uuid.chars().any(char::is_control), || {
        FIELD_INVALID.at("uuid").with_word("expected", "expected-printable")
    });
    reasons.add_if(is_an_instrument_s(&input.uuid), || FIELD_INVALID.at("uuid").with_word("expected", "expected-uuid"));
    reasons.add_if(input.uuid.chars().count() > UUID_MOST, || FIELD_TOO_LONG.with("limit", UUID_MOST).at("uuid"));
    let known = sheet.field_of(&input.field);
    let unreadable = match extra {
        Some(own) => record_form::unreadable(own, value),
        None if !is_readable(line, &input.field, value) => Some(VALUE_UNREADABLE.with("value", value)),
        None => known.and_then(|fed| record_form::unlisted(fed, value)),
    };
    reasons.extend(unreadable.map(|reason| reason.at(&field)));
    let is_silent = input.reason.trim().is_empty();
    if let Some(own) = known.filter(|own| is_silent && record_form::is_implausible(own, value)) {
        reasons.add(VALUE_IMPLAUSIBLE.with("value", value).with("range", record_form::range(own)).at(&field));
    }
    let by_instrument = (line.rule.connected || on_connected) && input.field == READING && is_silent;
    if by_instrument {
        // The sheet has one field for the reason: one sentence names all positions.
        reasons.gather(REASON_MISSING.at("reason"), "label", &line.position.label_code);
    }
}

/// Whether the calculation will be able to read a value.
pub(super) fn is_readable(line: &Line, field: &str, value: &str) -> bool {
    match line.rule.evaluation {
        Evaluation::Plates { .. } => Plate::try_from(value.to_owned()).is_ok(),
        Evaluation::Tubes => Tubes::try_from(value.to_owned()).is_ok(),
        Evaluation::Detection => finding(value).is_some(),
        Evaluation::Sum | Evaluation::Proportion => false,
        Evaluation::Formula { .. } if field != "reading" => Decimal::parse(value).is_ok(),
        Evaluation::Formula { .. } if line.position.kind == STANDARD => Decimal::parse(value).is_ok(),
        // A bound of a signal says nothing about a concentration.
        Evaluation::Formula { .. } if line.rule.curve.is_some() => {
            matches!(MeasuredValue::parse(value), Ok(MeasuredValue::Number(_) | MeasuredValue::NotDetected))
        }
        Evaluation::Formula { .. } if line.position.kind == "blank" => Decimal::parse(value).is_ok(),
        Evaluation::Formula { .. } | Evaluation::Direct => MeasuredValue::parse(value).is_ok(),
    }
}
