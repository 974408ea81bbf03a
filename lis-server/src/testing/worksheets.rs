//! Worksheets: opening one with its controls, and what is typed on it.

use serde::{Deserialize, Serialize};

use super::authorizations::{Coverage, TEST};
use super::lateness::late_since;
use super::places::{Amounts, STANDARD, positions, require_amounts};
use super::planning::state_of;
use super::portions::finding;
use super::record_form::{self, TEXT_MOST};
use super::sheet::{Line, Sheet};
use super::standards::{Standard, concentrations};
use super::state::{ItemEvent, ItemState, WorksheetState};
use super::store::{self, ItemChange, ItemRow, NewEntryRow, NewPositionRow, NewUsedLot, NewWorksheetRow};
use super::typed::{entry_row, is_an_instrument_s, is_repeat, mark_taken};
use super::{
    ENTRY_CONFLICT, FIELD_UNKNOWN, ITEM_CHANGED, METHODS_DIFFER, NOT_YOUR_ITEM, NOT_YOUR_WORKSHEET, NOTHING_CHOSEN,
    REASON_MISSING, TOO_MANY, VALUE_IMPLAUSIBLE, VALUE_UNREADABLE, WORKSHEET_WRONG_STATE,
};
use crate::accounts::May;
use crate::accounts::role::EnterResults;
use crate::catalogue::import::{Evaluation, READING};
use crate::catalogue::reference::AnalyteKind;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::{Conn, Tx, series};
use crate::domain::decimal::Decimal;
use crate::domain::ids::{InstrumentId, ItemId, PartId, PersonId, PositionId, ResultEntryId, SampleId, WorksheetId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_TOO_LONG, NOT_FOUND, Outcome, Reasons, Refusal};
use crate::instruments::bench;
use crate::judgement::measured::MeasuredValue;
use crate::judgement::mpn::Tubes;
use crate::judgement::plates::Plate;
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode};
use crate::quality::lots::actions::{self as lots, LotContent, codes_of};
use crate::samples::actions as samples;

/// Items on one sheet at most: an autosampler's tray.
const ITEMS_MOST: usize = 60;
/// Longest value and reason, in characters.
const VALUE_MOST: usize = 60;
/// Longest list of lots, in characters.
const LOTS_MOST: usize = 500;
const REASON_MOST: usize = 500;
/// Longest mark of a sender, in characters: a UUID has 36.
const UUID_MOST: usize = 64;

/// Opening a sheet.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpenInput {
    /// Ids of assigned items, all of one procedure.
    pub items: Vec<i64>,
    pub instrument_id: Option<i64>,
    /// What is added to a spiked portion of the first sample, in the result's unit; empty: no spike.
    pub spike_added: String,
    /// Certified value of a reference material and its uncertainty; empty: none on the sheet.
    pub certified: String,
    pub uncertainty: String,
    /// Its standard deviation, where |z| ≤ 2 is good enough as well; empty: only within the uncertainty.
    pub sigma: String,
    /// What a check standard in the middle of the curve holds, in the unit of the reading; empty: as the method declares.
    pub nominal: String,
    /// Concentrations of the standards of a calibration curve, separated by `;`, in the unit that the method names.
    pub standards: String,
    /// Codes of lots that are standards of the curve, separated by `;`; they stand for their concentrations.
    pub standard_lots: String,
}

#[derive(Clone, Debug)]
pub struct OpenFacts {
    items: Vec<ItemId>,
    instrument: Option<InstrumentId>,
    amounts: Amounts,
    /// Codes of the lots that are standards of the curve.
    standard_lots: Vec<String>,
}

impl OpenInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<OpenFacts, Refusal> {
        let mut check = Checker::new();
        let number = |text: &str| Decimal::parse(text).ok().filter(|value| !value.is_negative());
        let positive = |text: &str| number(text).filter(|value| !value.is_zero());
        let added = check.optional("spike_added", &self.spike_added, "expected-decimal", positive);
        let nominal = check.optional("nominal", &self.nominal, "expected-decimal", positive);
        let certified = check.optional("certified", &self.certified, "expected-decimal", number);
        let uncertainty = if self.certified.trim().is_empty() {
            None
        } else {
            check.parsed("uncertainty", &self.uncertainty, "expected-decimal", number)
        };
        let sigma = check.optional("sigma", &self.sigma, "expected-decimal", positive);
        let stated = check.optional("standards", &self.standards, "expected-concentrations", concentrations);
        let standard_lots = codes_of(&check.optional_text("standard_lots", &self.standard_lots, LOTS_MOST));
        check.add_if(self.items.is_empty(), || NOTHING_CHOSEN.at("items"));
        check.add_if(self.items.len() > ITEMS_MOST, || TOO_MANY.with("limit", ITEMS_MOST).at("items"));
        let mut items: Vec<ItemId> = self.items.iter().map(|id| ItemId(*id)).collect();
        items.sort_unstable();
        items.dedup();
        let instrument = self.instrument_id.map(InstrumentId);
        let standards = stated.into_iter().flatten().map(Standard::stated).collect();
        let amounts = Amounts { added, reference: certified.zip(uncertainty), sigma, nominal, standards };
        check.done(Some(OpenFacts { items, instrument, amounts, standard_lots }))
    }
}

/// A new sheet.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WorksheetOpened)]
pub struct Opened {
    pub id: i64,
    pub worksheet_no: String,
    pub version: i64,
}

/// Puts assigned items of one procedure on a new sheet, with the controls that the procedure asks for.
pub fn open_worksheet(tx: &mut Tx, by: &May<EnterResults>, facts: &OpenFacts) -> Outcome<Opened> {
    let catalogue = catalogue::current(tx.conn)?;
    let items = store::items(tx.conn, &facts.items)?;
    let today = tx.now.date_in_china();
    let coverage = Coverage::of(tx.conn, &[by.person], TEST, today)?;
    let settings = gates::settings(tx.conn)?;
    // What is no block here is found again when the sheet is submitted.
    let competence = settings.mode(Gate::Competence, today);
    let mut reasons = Reasons::new();
    if let Some(instrument) = facts.instrument
        && !store::instrument_exists(tx.conn, instrument)?
    {
        reasons.add(FIELD_INVALID.at("instrument_id").with_word("expected", "expected-instrument"));
    }
    for id in &facts.items {
        let field = format!("item-{id}");
        let Some(item) = items.iter().find(|item| item.id == *id) else {
            reasons.add(NOT_FOUND.at(field));
            continue;
        };
        if let Err(reason) = state_of(item).after(ItemEvent::PutInBatch) {
            reasons.add(reason.with("item", item.name()).at(&field));
        }
        if item.tester_id != Some(by.person) {
            reasons.add(NOT_YOUR_ITEM.with("item", item.name()).at(&field));
        }
        if items.first().is_some_and(|first| first.method_key != item.method_key) {
            reasons.add(METHODS_DIFFER.with("item", item.name()).with("method", &item.method_key).at(&field));
        }
        if competence == Mode::Block
            && let Err(reason) = coverage.require(by.person, &by.name, &item.method_standard)
        {
            reasons.add(reason.at(&field));
        }
    }
    let lots = lots::contents(tx.conn, &facts.standard_lots, "standard_lots")?;
    let amounts = with_lots(&facts.amounts, &lots);
    require_amounts(&catalogue, &items, &amounts, &mut reasons);
    reasons.none()?;
    if let Some(instrument) = facts.instrument {
        bench::require_usable(tx.conn, instrument, settings.mode(Gate::Equipment, today))?;
    }
    let first = items.first().ok_or(NOT_FOUND)?;
    let month = today.format("%y%m").to_string();
    let number = series::take(tx, &format!("worksheet-{month}"), 1)?;
    let worksheet_no = format!("W{month}-{number:04}");
    let id = store::insert_worksheet(
        tx.conn,
        &NewWorksheetRow {
            version: 1,
            worksheet_no: &worksheet_no,
            method_standard: &first.method_standard,
            method_key: &first.method_key,
            tester_id: by.person,
            instrument_id: facts.instrument,
            state: WorksheetState::Open.code(),
            created_at: tx.now,
        },
    )?;
    let samples = sample_places(tx.conn, &catalogue, &items)?;
    let positions = positions(&catalogue, &worksheet_no, &items, &samples, &amounts);
    let positions: Vec<NewPositionRow> =
        positions.into_iter().zip(1..).map(|(one, place)| one.row(id, place)).collect();
    store::insert_positions(tx.conn, &positions)?;
    if !lots.is_empty() {
        let used = |lot: &LotContent| NewUsedLot { worksheet_id: id, lot_id: lot.id, used_on: today };
        store::set_used_lots(tx.conn, id, &lots.iter().map(used).collect::<Vec<_>>())?;
    }
    let seen: Vec<(ItemId, i64)> = items.iter().map(|item| (item.id, item.version)).collect();
    let change =
        ItemChange { state: Some(ItemState::InBatch.code()), worksheet_id: Some(Some(id)), ..ItemChange::default() };
    if !store::change_items(tx.conn, &seen, &change)? {
        return Err(ITEM_CHANGED.with("item", "").with("version", "").into());
    }
    tx.log(
        by.entry("worksheet", id.0, 1, "worksheet-opened")
            .set("worksheet_no", worksheet_no.as_str())
            .set("method_key", first.method_key.as_str())
            .set("positions", positions.len()),
    );
    for item in &items {
        tx.log(
            by.entry("test_item", item.id.0, item.version + 1, "item-in-batch")
                .change("state", item.state.as_str(), ItemState::InBatch.code())
                .set("worksheet", id.0),
        );
    }
    Ok(Opened { id: id.0, worksheet_no, version: 1 })
}

/// What the tester states, and after it what the lots hold that he names as standards.
fn with_lots(amounts: &Amounts, lots: &[LotContent]) -> Amounts {
    let of_lot = |lot: &LotContent| Standard {
        concentration: lot.concentration.clone(),
        unit: lot.unit.clone(),
        lot: lot.code.clone(),
    };
    let standards = amounts.standards.iter().cloned().chain(lots.iter().map(of_lot)).collect();
    Amounts { standards, ..amounts.clone() }
}

/// The containers of each item: a plan's units each at a place of their own.
fn sample_places(conn: &mut Conn, catalogue: &Catalogue, items: &[ItemRow]) -> Outcome<Vec<(ItemId, String)>> {
    let parts: Vec<PartId> = items.iter().filter_map(|item| item.part_id).collect();
    let labels = samples::labels_of(conn, &parts)?;
    let is_micro = |item: &ItemRow| {
        catalogue.analytes.get(&item.analyte).is_some_and(|analyte| analyte.kind == AnalyteKind::Microbiology)
    };
    let micro: Vec<SampleId> = items.iter().filter(|item| is_micro(item)).map(|item| item.sample_id).collect();
    let units = if micro.is_empty() { Vec::new() } else { samples::micro_labels(conn, &micro)? };
    let mut places = Vec::new();
    for item in items {
        let own = units.iter().filter(|(sample, _)| is_micro(item) && *sample == item.sample_id);
        let own: Vec<(ItemId, String)> = own.map(|(_, code)| (item.id, code.clone())).collect();
        if own.is_empty() {
            let label = item.part_id.and_then(|part| labels.get(&part).cloned()).unwrap_or_default();
            places.push((item.id, label));
        }
        places.extend(own);
    }
    Ok(places)
}

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
    let mut rows: Vec<NewEntryRow> = Vec::new();
    let mut conflicts = Vec::new();
    for input in inputs.iter().filter(|input| !input.value.trim().is_empty()) {
        match is_repeat(&sheet, &rows, input) {
            Ok(false) => {}
            Ok(true) => continue,
            Err(reason) => {
                reasons.add(reason);
                continue;
            }
        }
        let Some(line) = sheet.line(PositionId(input.position)) else {
            reasons.add(NOT_FOUND.at(format!("v-{}-{}-{}", input.position, input.field, input.replicate)));
            continue;
        };
        let current = sheet.newest(line.position.id, &input.field, input.replicate);
        if current.is_some_and(|entry| entry.value == input.value.trim() && entry.entry_no >= input.seen) {
            continue;
        }
        check_entry(&sheet, line, input, on_connected, &mut reasons);
        let number = current.map_or(0, |entry| entry.entry_no);
        if number != input.seen {
            let now = current.map_or("", |entry| entry.value.as_str());
            reasons.add(
                ENTRY_CONFLICT
                    .with("yours", input.value.trim())
                    .with("now", now)
                    .at(format!("v-{}-{}-{}", input.position, input.field, input.replicate)),
            );
            conflicts.push(serde_json::json!({
                "position": input.position, "field": input.field, "replicate": input.replicate,
                "yours": input.value.trim(), "now": now, "entry_no": number,
            }));
        }
        let run_at = late_since(&sheet, input, (tx.now, late_hours), &mut reasons);
        let row = entry_row(&sheet, line, input, number + 1, "typed", by.person, tx.now);
        rows.push(NewEntryRow { run_at, ..row });
    }
    record_form::require_known(tx.conn, &sheet, &rows, &mut reasons)?;
    if !reasons.is_empty() {
        let refusal = match reasons.none() {
            Err(refusal) if !conflicts.is_empty() => refusal.with_current(serde_json::Value::Array(conflicts)),
            Err(refusal) => refusal,
            Ok(()) => NOT_FOUND.into(),
        };
        return Err(refusal.into());
    }
    let stored = store_entries(tx, by, std::slice::from_mut(&mut sheet), rows)?;
    Ok(Saved { saved: stored.entries.len(), measured: stored.measured })
}

/// Whether readings are typed without a reason on a sheet whose instrument is connected. The instrument is asked for only
/// then.
fn is_typed_beside_instrument(conn: &mut Conn, sheet: &Sheet, inputs: &[EntryInput]) -> Outcome<bool> {
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
pub(super) fn store_entries(
    tx: &mut Tx,
    by: &crate::accounts::Actor,
    sheets: &mut [Sheet],
    rows: Vec<NewEntryRow>,
) -> Outcome<Stored> {
    if rows.is_empty() {
        return Ok(Stored::default());
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

/// Items in the batch that have everything now, with the versions that were seen.
fn just_measured(sheet: &Sheet) -> Vec<(ItemId, i64)> {
    let items = sheet.items().into_iter().filter_map(|line| line.item.as_ref());
    items
        .filter(|item| state_of(item) == ItemState::InBatch && sheet.is_measured(item.id))
        .map(|item| (item.id, item.version))
        .collect()
}

pub(super) fn require_own(sheet: &Sheet, person: PersonId, reasons: &mut Reasons) {
    reasons.add_if(sheet.row.tester_id != person, || NOT_YOUR_WORKSHEET.with("worksheet", &sheet.row.worksheet_no));
}

/// Whether a value may stand in a cell at all. `on_connected`: the sheet's instrument is connected, whatever the rule says.
pub(super) fn check_entry(sheet: &Sheet, line: &Line, input: &EntryInput, on_connected: bool, reasons: &mut Reasons) {
    let field = format!("v-{}-{}-{}", input.position, input.field, input.replicate);
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
    reasons.add_if(by_instrument, || REASON_MISSING.with("label", &line.position.label_code).at("reason"));
}

/// Whether the calculation will be able to read a value.
pub(super) fn is_readable(line: &Line, field: &str, value: &str) -> bool {
    match line.rule.evaluation {
        Evaluation::Plates => Plate::try_from(value.to_owned()).is_ok(),
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
