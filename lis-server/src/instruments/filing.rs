//! Where a row belongs: what its instrument calls sample, analyte, unit and finding becomes what the laboratory calls them, and
//! the worksheet takes it or says why not. A gate or a flag may be against it before that.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use instrument_drivers::profile::findings::Findings;
use instrument_drivers::profile::words::Words;

use super::calls::{self, Applied, FILED_MARK, Filing, Foreseen, HeldReason, Reading};
use super::equipment::actions as equipment;
use super::gating::{GatesOfDay, Gating};
use super::printed::Printed;
use super::profiles::named;
use super::state::{ObservationEvent, ObservationState};
use super::store::{self, InstrumentRow, Mapping, NewObservation, ObservationRow};
use super::{findings, flags};
use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{MessageId, ObservationId};
use crate::domain::refusal::{Fault, Outcome};
use crate::judgement::correction::Correction;

/// Files held rows of one instrument; says how many found their cell. The others stay held with their reason.
pub(super) fn file_rows(
    tx: &mut Tx,
    by: &Actor,
    instrument: &InstrumentRow,
    rows: &[ObservationRow],
) -> Outcome<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    let mut filer = Filer::new(tx.conn, instrument)?;
    let against = filer.against(tx.conn, rows)?;
    let kept = rows.iter().zip(&against).filter_map(|(row, reason)| reason.map(|reason| (row.id, reason)));
    settle_by_reason(tx, &kept.collect::<Vec<_>>())?;
    filer.file(tx, by, &open(rows, &against))
}

/// What [`file_rows`] would do with rows, were the codes mapped so: of each its cells, or the reason that it would wait for.
pub(super) fn foresee_rows(
    conn: &mut Conn,
    instrument: &InstrumentRow,
    mappings: Vec<Mapping>,
    rows: &[ObservationRow],
    at: Moment,
) -> Outcome<Vec<Result<Vec<Foreseen>, &'static str>>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut filer = Filer::with(conn, instrument, mappings)?;
    let against = filer.against(conn, rows)?;
    let readings = filer.readings(conn, &open(rows, &against))?;
    let mut foreseen = calls::foresee_readings(conn, &readings, at)?.into_iter();
    let of_row = |reason: Option<&'static str>| -> Outcome<Result<Vec<Foreseen>, &'static str>> {
        let Some(reason) = reason else {
            let one = foreseen.next().ok_or_else(|| Fault::broken("a reading was lost"))?;
            return Ok(one.map_err(HeldReason::code));
        };
        Ok(Err(reason))
    };
    against.into_iter().map(of_row).collect()
}

/// Rows that no gate and no flag is against.
fn open<'r>(rows: &'r [ObservationRow], against: &[Option<&'static str>]) -> Vec<&'r ObservationRow> {
    rows.iter().zip(against).filter(|(_, reason)| reason.is_none()).map(|(row, _)| row).collect()
}

/// What is known of an instrument while rows of it are filed.
pub(super) struct Filer<'i> {
    instrument: &'i InstrumentRow,
    mappings: Vec<Mapping>,
    words: Words,
    gating: Gating,
    /// The cell that waits for the next weight: the main reading of what is filed takes it.
    target: Option<Target>,
    /// The row that took it.
    aimed: Option<ObservationId>,
}

impl<'i> Filer<'i> {
    pub(super) fn new(conn: &mut Conn, instrument: &'i InstrumentRow) -> Outcome<Self> {
        let mappings = store::mappings(conn, instrument.id)?;
        Self::with(conn, instrument, mappings)
    }

    /// The same, were the codes mapped so.
    fn with(conn: &mut Conn, instrument: &'i InstrumentRow, mappings: Vec<Mapping>) -> Outcome<Self> {
        let words = named::words(conn, &instrument.profile)?;
        let gating = Gating::of(conn, instrument.id)?;
        let target = capture_target(conn, instrument)?;
        Ok(Self { instrument, mappings, words, gating, target, aimed: None })
    }

    /// Gives rows that are not stored yet the reason for which they would be held, where a gate on the day on which their
    /// message came, their flag or their label alone decides it.
    pub(super) fn hold(&self, conn: &mut Conn, rows: &mut [NewObservation], on: NaiveDate) -> Outcome<()> {
        let gates = self.gating.on(on);
        for row in rows.iter_mut().filter(|row| row.waits_to_be_filed()) {
            let against = gates.against(|| self.value_and_unit(&Printed::new(row), &row.unit));
            if let Some(reason) = against.or_else(|| self.flag_against(&row.flag, row.number.as_deref())) {
                row.reason = reason.to_owned();
            }
        }
        self.hold_unplaced(conn, rows)
    }

    fn hold_unplaced(&self, conn: &mut Conn, rows: &mut [NewObservation]) -> Outcome<()> {
        let mut waiting: Vec<&mut NewObservation> = rows.iter_mut().filter(|row| row.waits_to_be_filed()).collect();
        // The main reading may have a cell without a label.
        let places: Vec<(MessageId, &str)> =
            waiting.iter().map(|row| (row.message_id, row.analyte_ref.as_str())).collect();
        if let Some(at) = self.main_for_target(conn, &places)? {
            waiting.remove(at);
        }
        let mut labels: Vec<&str> = waiting.iter().map(|row| self.label(&row.sample_ref)).collect();
        // The rows of a sample stand together in most exports: few are left to be sorted.
        labels.dedup();
        labels.sort_unstable();
        labels.dedup();
        if labels.is_empty() {
            return Ok(());
        }
        let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        let unplaced = calls::unplaced(conn, &labels)?;
        for row in waiting {
            if let Some(reason) = unplaced.get(self.label(&row.sample_ref)) {
                row.reason = reason.code().to_owned();
            }
        }
        Ok(())
    }

    /// Of stored rows the reason for which a gate, on the day on which its message came, or its flag keeps each from its cell.
    fn against(&self, conn: &mut Conn, rows: &[ObservationRow]) -> Outcome<Vec<Option<&'static str>>> {
        let days = days_of(conn, rows.iter())?;
        let gates: BTreeMap<MessageId, GatesOfDay<'_>> =
            days.into_iter().map(|(id, day)| (id, self.gating.on(day))).collect();
        let reason = |row: &ObservationRow| {
            let of_gate = gates
                .get(&row.message_id)
                .and_then(|gates| gates.against(|| self.value_and_unit(&Printed::of(row), &row.unit)));
            of_gate.or_else(|| self.flag_against(&row.flag, row.number.as_deref()))
        };
        Ok(rows.iter().map(reason).collect())
    }

    /// The place of the row that takes the cell which waits, among some rows with their messages: what people stand there for,
    /// the weight, the pH. Not what came before they said what lies on the balance: rows that are tried or read again, and what waited on
    /// the disk of an agent.
    fn main_for_target(&self, conn: &mut Conn, rows: &[(MessageId, &str)]) -> Outcome<Option<usize>> {
        let Some(target) = &self.target else { return Ok(None) };
        let mut messages: Vec<MessageId> = rows.iter().map(|(message, _)| *message).collect();
        messages.sort_unstable();
        messages.dedup();
        let since = store::came_since(conn, &messages, target.since)?;
        let rows = rows.iter().enumerate().filter(|(_, (message, _))| since.contains(message));
        let places = rows.filter_map(|(at, (_, analyte))| Some((self.words.main_place(analyte)?, at)));
        Ok(places.min().map(|(_, at)| at))
    }

    /// What the laboratory calls a sample.
    fn label<'t>(&'t self, sample: &'t str) -> &'t str {
        target_of(&self.mappings, "sample", sample)
    }

    fn flag_against(&self, flag: &str, number: Option<&str>) -> Option<&'static str> {
        flags::against(flag, number.is_some(), self.words.flags.as_ref(), &self.mappings)
    }

    /// What would go into the cell, in the laboratory's unit.
    fn value_and_unit(&self, printed: &Printed<'_>, unit: &str) -> (String, String) {
        (printed.cell_text().unwrap_or_default(), mapped(&self.mappings, "unit", unit))
    }

    /// Files stored rows that no gate and no flag is against; says how many found their cell.
    pub(super) fn file(&mut self, tx: &mut Tx, by: &Actor, rows: &[&ObservationRow]) -> Outcome<usize> {
        if rows.is_empty() {
            return Ok(0);
        }
        let readings = self.readings(tx.conn, rows)?;
        let mut filed = Vec::new();
        let mut reasons: Vec<(ObservationId, &'static str)> = Vec::new();
        for (row, filing) in rows.iter().zip(calls::file_readings(tx, by, &readings)?) {
            match filing {
                Filing::Filed { .. } => filed.push(row.id),
                Filing::Held { reason } => reasons.push((row.id, reason.code())),
            }
        }
        if self.aimed.take().is_some_and(|aimed| filed.contains(&aimed)) {
            store::clear_capture_target(tx.conn, self.instrument.id)?;
        }
        settle(tx, &filed, ObservationEvent::File, "")?;
        settle_by_reason(tx, &reasons)?;
        Ok(filed.len())
    }

    /// Rows in the laboratory's words, corrected by the certificate that held on the day on which they came.
    fn readings(&mut self, conn: &mut Conn, rows: &[&ObservationRow]) -> Outcome<Vec<Reading>> {
        let corrects = self.gating.corrects();
        let days = if corrects { days_of(conn, rows.iter().copied())? } else { BTreeMap::new() };
        // The bench said what lies on the balance: its next weight belongs there, once, and not the tare beside it.
        let places: Vec<(MessageId, &str)> =
            rows.iter().map(|row| (row.message_id, row.analyte_ref.as_str())).collect();
        let main = self.main_for_target(conn, &places)?;
        let mut target = if main.is_some() { self.target.take() } else { None };
        if target.is_some() {
            self.aimed = main.and_then(|at| rows.get(at)).map(|row| row.id);
        }
        let known =
            Known { instrument: self.instrument, words: self.words.findings.as_ref(), mappings: &self.mappings };
        let gating = &self.gating;
        let readings = rows.iter().enumerate().map(|(at, &row)| {
            let correction = days.get(&row.message_id).and_then(|day| gating.correction_on(*day));
            let aimed = if main == Some(at) { target.take().map(|target| target.cell) } else { None };
            let cell = aimed.unwrap_or_else(|| Cell {
                label: mapped(known.mappings, "sample", &row.sample_ref),
                analyte: mapped(known.mappings, "analyte", &row.analyte_ref),
                field: READING_FIELD.to_owned(),
                replicate: NEXT_FREE,
            });
            reading(row, &known, cell, correction)
        });
        Ok(readings.collect())
    }
}

/// The days on which the messages of rows came.
fn days_of<'r>(
    conn: &mut Conn,
    rows: impl Iterator<Item = &'r ObservationRow>,
) -> Outcome<BTreeMap<MessageId, NaiveDate>> {
    let mut messages: Vec<MessageId> = rows.map(|row| row.message_id).collect();
    messages.sort_unstable();
    messages.dedup();
    let received = equipment::received(conn, &messages)?.into_iter();
    Ok(received.map(|(id, at)| (id, at.date_in_china())).collect())
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

/// A cell that waits, and since when.
struct Target {
    cell: Cell,
    since: Moment,
}

/// The target that a printed text is mapped to, or the text itself.
fn target_of<'t>(mappings: &'t [Mapping], kind: &str, source: &'t str) -> &'t str {
    let found = mappings.iter().find(|(known, text, _)| known == kind && text == source);
    found.map_or(source, |(_, _, target)| target.as_str())
}

fn mapped(mappings: &[Mapping], kind: &str, source: &str) -> String {
    target_of(mappings, kind, source).to_owned()
}

/// What is known of an instrument's words.
struct Known<'k> {
    instrument: &'k InstrumentRow,
    words: Option<&'k Findings>,
    mappings: &'k [Mapping],
}

fn reading(row: &ObservationRow, known: &Known<'_>, cell: Cell, correction: Option<(&Correction, &str)>) -> Reading {
    // What no cell takes for certain is empty, which no cell can read: the row waits.
    let printed = Printed::of(row).cell_text().unwrap_or_default();
    let unit = mapped(known.mappings, "unit", &row.unit);
    let corrected = correction.and_then(|correction| corrected(&known.instrument.code, correction, &printed, &unit));
    let (value, applied) = corrected.map_or((printed, None), |(value, applied)| (value, Some(applied)));
    Reading {
        label_code: cell.label,
        analyte: cell.analyte,
        field: cell.field,
        replicate: cell.replicate,
        value,
        unit,
        finding: findings::finding(row, known.words, known.mappings),
        correction: applied,
        observation_id: Some(row.id),
        instrument_id: Some(known.instrument.id),
        // One observation makes one entry, however often it is replayed.
        client_uuid: format!("{FILED_MARK}{}", row.id),
    }
}

/// What a certificate makes of what was printed. `None`: that is no number, or of another kind of unit than an addition.
fn corrected(
    code: &str,
    (correction, certificate_no): (&Correction, &str),
    printed: &str,
    unit: &str,
) -> Option<(String, Applied)> {
    let raw = Decimal::parse(printed.trim()).ok()?;
    let value = correction.applied(&raw, unit).ok()?.to_string();
    let (instrument, certificate_no) = (code.to_owned(), certificate_no.to_owned());
    Some((value, Applied { raw, correction: correction.clone(), instrument, certificate_no }))
}

fn capture_target(conn: &mut Conn, instrument: &InstrumentRow) -> Outcome<Option<Target>> {
    let Some((position, field, replicate, since)) = store::capture_target(conn, instrument.id)? else {
        return Ok(None);
    };
    let label = calls::label_of(conn, position)?;
    let cell = |label| Cell { label, analyte: String::new(), field, replicate };
    Ok(label.map(|label| Target { cell: cell(label), since }))
}

pub(super) fn settle_by_reason(tx: &mut Tx, reasons: &[(ObservationId, &'static str)]) -> Outcome<()> {
    let mut kinds: Vec<&'static str> = reasons.iter().map(|(_, reason)| *reason).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let ids: Vec<ObservationId> = reasons.iter().filter(|(_, reason)| *reason == kind).map(|(id, _)| *id).collect();
        settle(tx, &ids, ObservationEvent::HoldAgain, kind)?;
    }
    Ok(())
}
