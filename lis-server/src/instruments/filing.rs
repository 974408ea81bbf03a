//! Where a row belongs: what its instrument calls sample, analyte, unit and finding becomes what the laboratory calls them, and
//! the worksheet takes it or says why not.

use instrument_drivers::profile::findings::Findings;

use super::calls::{self, Filing, Reading};
use super::equipment::actions as equipment;
use super::findings;
use super::profiles::named;
use super::state::{ObservationEvent, ObservationState};
use super::store::{self, InstrumentRow, Mapping, ObservationRow};
use crate::accounts::Actor;
use crate::db::Tx;
use crate::domain::ids::{InstrumentId, MessageId, ObservationId};
use crate::domain::refusal::{Fault, Outcome};
use crate::judgement::measured::MeasuredValue;
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode};

/// Files rows of one instrument; says how many found their cell. The others stay held with their reason.
pub(super) fn file_rows(
    tx: &mut Tx,
    by: &Actor,
    instrument: &InstrumentRow,
    rows: &[ObservationRow],
) -> Outcome<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    let mappings = store::mappings(tx.conn, instrument.id)?;
    let words = named::words(tx.conn, &instrument.profile)?;
    let known = Known { instrument: instrument.id, words: words.as_ref(), mappings: &mappings };
    let mut reasons = blocked(tx, instrument, &mappings, rows)?;
    let rows: Vec<&ObservationRow> = rows.iter().filter(|row| reasons.iter().all(|(id, _)| *id != row.id)).collect();
    if rows.is_empty() {
        settle_by_reason(tx, &reasons)?;
        return Ok(0);
    }
    let mut target = capture_target(tx, instrument)?;
    let had_target = target.is_some();
    let readings: Vec<Reading> = rows
        .iter()
        .map(|&row| match target.take() {
            // The bench said what lies on the balance: its next weight belongs there, once.
            Some(target) => reading(row, &known, target),
            None => {
                let cell = Cell {
                    label: mapped(&mappings, "sample", &row.sample_ref),
                    analyte: mapped(&mappings, "analyte", &row.analyte_ref),
                    field: READING_FIELD.to_owned(),
                    replicate: NEXT_FREE,
                };
                reading(row, &known, cell)
            }
        })
        .collect();
    let mut filed = Vec::new();
    for (row, filing) in rows.iter().zip(calls::file_readings(tx, by, &readings)?) {
        match filing {
            Filing::Filed { .. } => filed.push(row.id),
            Filing::Held { reason } => reasons.push((row.id, reason.code())),
        }
    }
    if had_target && !filed.is_empty() {
        store::clear_capture_target(tx.conn, instrument.id)?;
    }
    settle(tx, &filed, ObservationEvent::File, "")?;
    settle_by_reason(tx, &reasons)?;
    Ok(filed.len())
}

/// Rows that a gate keeps from every cell, each with its reason: on the day on which its message came the instrument was
/// stopped or out of calibration, or the weight lies below what the balance may weigh. What a gate only warns of is filed;
/// the warning meets the tester when he submits the sheet.
fn blocked(
    tx: &mut Tx,
    instrument: &InstrumentRow,
    mappings: &[Mapping],
    rows: &[ObservationRow],
) -> Outcome<Vec<(ObservationId, &'static str)>> {
    let settings = gates::settings(tx.conn)?;
    let Some(known) = equipment::equipment(tx.conn, &[instrument.id], &[])?.pop() else { return Ok(Vec::new()) };
    let mut messages: Vec<MessageId> = rows.iter().map(|row| row.message_id).collect();
    messages.sort_unstable();
    messages.dedup();
    let received = equipment::received(tx.conn, &messages)?;
    let reason = |row: &ObservationRow| {
        let (_, at) = received.iter().find(|(id, _)| *id == row.message_id)?;
        let on = at.date_in_china();
        let blocks = |gate: Gate| settings.mode(gate, on) == Mode::Block;
        let findings = known.found(on, None);
        let found = |gate: Gate| blocks(gate) && findings.iter().any(|one| one.gate == gate);
        if found(Gate::Equipment) {
            return Some((row.id, "instrument_stopped"));
        }
        if found(Gate::Calibration) {
            return Some((row.id, "not_calibrated"));
        }
        let is_too_small = known.is_too_small(&cell_text(row), &mapped(mappings, "unit", &row.unit));
        (blocks(Gate::Equipment) && is_too_small).then_some((row.id, "below_minimum_weight"))
    };
    Ok(rows.iter().filter_map(reason).collect())
}

/// Moves those of the rows that are held on by one statement; how many they were.
pub(super) fn settle(tx: &mut Tx, ids: &[ObservationId], event: ObservationEvent, reason: &str) -> Outcome<usize> {
    let next = ObservationState::Held.after(event);
    let next = next.ok_or_else(|| Fault::broken(format!("a held row knows no {}", event.code())))?;
    Ok(store::settle(tx.conn, ids, next.code(), reason)?)
}

/// What an instrument measures goes into this input of the method's calculation.
const READING_FIELD: &str = "reading";
/// The next free determination of the sample.
const NEXT_FREE: i64 = 0;

/// Where a row wants to go.
struct Cell {
    label: String,
    analyte: String,
    field: String,
    replicate: i64,
}

/// The target that a printed text is mapped to, or the text itself.
fn mapped(mappings: &[Mapping], kind: &str, source: &str) -> String {
    let found = mappings.iter().find(|(known, text, _)| known == kind && text == source);
    found.map_or_else(|| source.to_owned(), |(_, _, target)| target.clone())
}

/// What is known of an instrument's words.
struct Known<'k> {
    instrument: InstrumentId,
    words: Option<&'k Findings>,
    mappings: &'k [Mapping],
}

fn reading(row: &ObservationRow, known: &Known<'_>, cell: Cell) -> Reading {
    Reading {
        label_code: cell.label,
        analyte: cell.analyte,
        field: cell.field,
        replicate: cell.replicate,
        value: cell_text(row),
        unit: mapped(known.mappings, "unit", &row.unit),
        finding: findings::finding(row, known.words, known.mappings),
        observation_id: Some(row.id),
        instrument_id: Some(known.instrument),
        // One observation makes one entry, however often it is replayed.
        client_uuid: format!("observation-{}", row.id),
    }
}

/// What goes into the cell: the value as printed. Where the instrument prints its numbers in another way than people here
/// write them (decimal comma, thousands, exponent), it is the exact decimal of the print, which stays in the row.
fn cell_text(row: &ObservationRow) -> String {
    match &row.number {
        Some(number) if MeasuredValue::parse(&row.value).is_err() => number.clone(),
        _ => row.value.clone(),
    }
}

fn capture_target(tx: &mut Tx, instrument: &InstrumentRow) -> Outcome<Option<Cell>> {
    let Some((position, field, replicate)) = store::capture_target(tx.conn, instrument.id)? else { return Ok(None) };
    let label = calls::label_of(tx.conn, position)?;
    Ok(label.map(|label| Cell { label, analyte: String::new(), field, replicate }))
}

fn settle_by_reason(tx: &mut Tx, reasons: &[(ObservationId, &'static str)]) -> Outcome<()> {
    let mut kinds: Vec<&'static str> = reasons.iter().map(|(_, reason)| *reason).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let ids: Vec<ObservationId> = reasons.iter().filter(|(_, reason)| *reason == kind).map(|(id, _)| *id).collect();
        settle(tx, &ids, ObservationEvent::HoldAgain, kind)?;
    }
    Ok(())
}
