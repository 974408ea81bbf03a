//! What was read in a message becomes rows: filed, held or set aside.

use instrument_drivers::observation::{Observation, Qualifier, Reading as Read, Role as RowRole};

use super::super::MESSAGE_WRONG_STATE;
use super::super::filing::file_rows;
use super::super::repeats;
use super::super::state::{MessageEvent, MessageState, ObservationState};
use super::super::store::{self, InstrumentRow, MessageRow, NewObservation, ObservationRow};
use super::documents::take_in_document;
use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::ids::MessageId;
use crate::domain::refusal::{Fault, Outcome, STALE_VERSION};

/// A message with what its profile read in it: made outside the write, because reading is work.
pub struct ReadMessage {
    pub message: MessageRow,
    pub instrument: InstrumentRow,
    pub read: Read,
    /// What the profile itself writes for the sample of a source that names none.
    pub own_samples: Vec<String>,
    /// Of a document what in its name may name its sample; `None`: a message that holds values.
    pub document: Option<Vec<String>>,
    /// The earlier message whose bytes this one repeats or continues.
    pub repeated: Option<MessageId>,
}

/// Keeps what was read and files what can be filed.
pub fn take_in(tx: &mut Tx, by: &Actor, read: &ReadMessage) -> Outcome<()> {
    if let Some(names) = &read.document {
        return take_in_document(tx, by, read, names);
    }
    let (reading_no, first_ordinal) = next_reading(tx.conn, read.message.id)?;
    let mut rows = new_observations(read, reading_no, first_ordinal);
    repeats::mark(tx.conn, &read.message, (read.repeated, &read.own_samples), &mut rows)?;
    keep_reading(tx, read, reading_no, (read.read.observations.len(), read.read.troubles.len()))?;
    store::insert_observations(tx.conn, &rows)?;
    let fresh = store::observations_of_reading(tx.conn, read.message.id, reading_no)?;
    let held: Vec<ObservationRow> =
        fresh.into_iter().filter(|row| row.state == ObservationState::Held.code() && row.reason.is_empty()).collect();
    let filed = file_rows(tx, by, &read.instrument, &held)?;
    let waiting = rows.iter().filter(|row| row.state == ObservationState::Held.code()).count() - filed;
    let event = if waiting == 0 { MessageEvent::ReadWhole } else { MessageEvent::ReadWithHeld };
    move_on(tx, by, &read.message, event, "")
}

/// The number of the next reading of a message, and of its first row.
pub(super) fn next_reading(conn: &mut Conn, id: MessageId) -> Outcome<(i64, i64)> {
    let before = store::readings(conn, id)?;
    let taken: i64 = before.iter().map(|reading| reading.row_count + reading.trouble_count).sum();
    Ok((before.last().map_or(1, |reading| reading.reading_no + 1), taken + 1))
}

/// Keeps that a message was read, by which profile, and how much was found.
pub(super) fn keep_reading(
    tx: &mut Tx,
    read: &ReadMessage,
    reading_no: i64,
    (rows, troubles): (usize, usize),
) -> Outcome<()> {
    let reading = store::ReadingRow {
        message_id: read.message.id,
        reading_no,
        profile: read.instrument.profile.clone(),
        row_count: i64::try_from(rows).map_err(Fault::broken)?,
        trouble_count: i64::try_from(troubles).map_err(Fault::broken)?,
        at: tx.now,
    };
    Ok(store::insert_reading(tx.conn, &reading)?)
}

/// Says that a message cannot be read, and why.
pub fn set_unreadable(tx: &mut Tx, by: &Actor, message: &MessageRow, why: &str) -> Outcome<()> {
    move_on(tx, by, message, MessageEvent::CannotBeRead, why)
}

pub(super) fn move_on(
    tx: &mut Tx,
    by: &Actor,
    message: &MessageRow,
    event: MessageEvent,
    trouble: &str,
) -> Outcome<()> {
    let wrong = || MESSAGE_WRONG_STATE.reason().with_word("state", format!("message-{}", message.state));
    let state = MessageState::parse(&message.state).ok_or_else(wrong)?;
    let next = state.after(event).ok_or_else(wrong)?;
    if !store::set_message_state(tx.conn, message.id, message.version, next.code(), trouble)? {
        return Err(STALE_VERSION.with("version", message.version + 1).into());
    }
    log_step(tx, by, (message.id, message.version + 1), (state, next), trouble);
    Ok(())
}

pub(super) fn log_step(
    tx: &mut Tx,
    by: &Actor,
    (id, version): (MessageId, i64),
    (before, after): (MessageState, MessageState),
    trouble: &str,
) {
    tx.log(
        by.entry("instrument_message", id.0, version, "message-moved-on")
            .change("state", before.code(), after.code())
            .set("trouble", trouble),
    );
}

/// Rows and troubles in the order of the source. What is no result of a sample is set aside at once.
///
/// Ordinals go on where the earlier readings of the message ended.
fn new_observations(read: &ReadMessage, reading_no: i64, first_ordinal: i64) -> Vec<NewObservation> {
    let observed = read.read.observations.iter().map(|row| (Some(row), None));
    let troubles = read.read.troubles.iter().map(|trouble| (None, Some(trouble)));
    observed
        .chain(troubles)
        .zip(first_ordinal..)
        .map(|((row, trouble), ordinal)| match (row, trouble) {
            (Some(row), _) => of_row(read.message.id, ordinal, row),
            (None, trouble) => NewObservation {
                reason: format!("damaged:{}", trouble.map_or("", |trouble| trouble.reason.as_str())),
                source_place: trouble.map_or_else(String::new, |trouble| trouble.position.clone()),
                ..blank(read.message.id, ordinal)
            },
        })
        .map(|row| NewObservation { reading_no, ..row })
        .collect()
}

pub(super) fn blank(message_id: MessageId, ordinal: i64) -> NewObservation {
    NewObservation {
        version: 1,
        message_id,
        ordinal,
        sample_ref: String::new(),
        analyte_ref: String::new(),
        value: String::new(),
        number: None,
        qualifier: String::new(),
        unit: String::new(),
        flag: String::new(),
        role: RowRole::Sample.name().to_owned(),
        source_place: String::new(),
        measured_at: String::new(),
        state: ObservationState::Held.code(),
        reason: String::new(),
        position_id: None,
        reading_no: 1,
    }
}

fn of_row(message_id: MessageId, ordinal: i64, row: &Observation) -> NewObservation {
    let (state, reason) = first_state(row);
    NewObservation {
        sample_ref: row.match_sample.clone(),
        analyte_ref: row.match_analyte.clone(),
        value: row.value.clone(),
        number: row.number.clone(),
        qualifier: qualifier_code(row.qualifier),
        unit: row.unit.clone(),
        flag: row.flag.clone(),
        role: row.role.name().to_owned(),
        source_place: row.position.clone(),
        measured_at: row.completed_at.clone().unwrap_or_default(),
        state: state.code(),
        reason: reason.to_owned(),
        ..blank(message_id, ordinal)
    }
}

fn qualifier_code(qualifier: Option<Qualifier>) -> String {
    qualifier
        .and_then(|qualifier| serde_json::to_value(qualifier).ok())
        .and_then(|code| code.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Orders, queries, standards and statistics are no results; a value that the instrument itself calls unusable waits
/// for a person. Everything else may be filed.
fn first_state(row: &Observation) -> (ObservationState, &'static str) {
    match (row.role, row.qualifier) {
        (RowRole::Order | RowRole::Query, _) => (ObservationState::Ignored, "no-result"),
        (RowRole::Standard, _) => (ObservationState::Ignored, "standard"),
        _ if !row.reportable => (ObservationState::Ignored, "not-reportable"),
        (
            _,
            Some(
                Qualifier::Missing
                | Qualifier::Invalid
                | Qualifier::Masked
                | Qualifier::OverRange
                | Qualifier::UnderRange,
            ),
        ) => (ObservationState::Held, "no-value"),
        _ if row.value.is_empty() => (ObservationState::Held, "no-value"),
        _ => (ObservationState::Held, ""),
    }
}
