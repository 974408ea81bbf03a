//! What benches ask of instruments: which there are, which of them weigh, the cells that wait for a weight, and the documents
//! that are evidence of items.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::equipment::state::STOPPED;
use super::profiles::named;
use super::{INSTRUMENT_STOPPED, documents, store};
use crate::db::Conn;
use crate::domain::ids::{InstrumentId, ItemId, MessageId, PositionId};
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode};

pub use super::dispatching::{DispatchView, Way, send, sent_of, ways};
pub use super::store::{Aimed, LinkRow as Document};
pub use super::worklists::{PlaceToRun, SequenceFile, SheetToRun, sequence_file};

/// An instrument to choose.
#[derive(Clone, Debug)]
pub struct BenchInstrument {
    pub id: InstrumentId,
    pub code: String,
    pub name: String,
    /// A balance: its next weight can be aimed at a cell.
    pub weighs: bool,
}

/// Instruments that may be used on a day, in order of code: stopped ones only where the gate lets them through.
pub fn usable(conn: &mut Conn, on: NaiveDate) -> Outcome<Vec<BenchInstrument>> {
    let strict = gates::settings(conn)?.mode(Gate::Equipment, on) == Mode::Block;
    let rows = store::instruments(conn)?.into_iter().filter(|row| !strict || row.status != STOPPED);
    rows.map(|row| {
        let weighs = named::weighs(conn, &row.profile)?;
        Ok(BenchInstrument { id: row.id, weighs, code: row.code, name: row.name })
    })
    .collect()
}

/// A worksheet names an instrument that is there and may be used.
///
/// # Errors
/// `not-found`, or `instrument-stopped` where the gate blocks, at `instrument_id`.
pub fn require_usable(conn: &mut Conn, id: InstrumentId, gate: Mode) -> Outcome<()> {
    let row = store::instrument(conn, id)?.ok_or_else(|| NOT_FOUND.at("instrument_id"))?;
    if gate == Mode::Block && row.status == STOPPED {
        return Err(INSTRUMENT_STOPPED.with("code", row.code).at("instrument_id").into());
    }
    Ok(())
}

/// Whether an instrument sends what it measures: it has a profile.
pub fn is_connected(conn: &mut Conn, id: InstrumentId) -> Outcome<bool> {
    Ok(store::instrument(conn, id)?.is_some_and(|row| !row.profile.is_empty()))
}

/// The instrument that a worksheet was opened for.
pub struct SheetInstrument {
    pub code: String,
    /// Code and name.
    pub title: String,
    /// It sends what it measures.
    pub is_connected: bool,
    /// Its profile says how its software takes a work list.
    pub takes_sequences: bool,
}

pub fn of_sheet(conn: &mut Conn, id: InstrumentId) -> Outcome<Option<SheetInstrument>> {
    let Some(row) = store::instrument(conn, id)? else { return Ok(None) };
    let takes_sequences = named::takes_sequences(conn, &row.profile)?;
    Ok(Some(SheetInstrument {
        title: format!("{} {}", row.code, row.name),
        is_connected: !row.profile.is_empty(),
        takes_sequences,
        code: row.code,
    }))
}

/// The cells of positions that wait for a balance, by one statement.
pub fn aimed(conn: &mut Conn, positions: &[PositionId]) -> Outcome<Vec<Aimed>> {
    Ok(store::aimed(conn, positions)?)
}

/// The documents that are evidence of items, by one statement.
pub fn documents_of(conn: &mut Conn, items: &[ItemId]) -> Outcome<Vec<Document>> {
    Ok(documents::standing(&store::links_of_items(conn, items)?))
}

/// Those of readings of messages (a message, the number of its reading) whose profile is a draft today.
pub fn draft_readings(conn: &mut Conn, readings: &BTreeSet<(i64, i64)>) -> Outcome<BTreeSet<(i64, i64)>> {
    let messages: BTreeSet<i64> = readings.iter().map(|(message, _)| *message).collect();
    let mut drafts = BTreeSet::new();
    for message in messages {
        for reading in store::readings(conn, MessageId(message))? {
            let one = (message, reading.reading_no);
            if readings.contains(&one) && named::is_draft(conn, &reading.profile)? {
                drafts.insert(one);
            }
        }
    }
    Ok(drafts)
}
