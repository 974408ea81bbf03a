//! What is read in a message becomes rows: filed, held or set aside. They are inserted some at a time.

use std::borrow::Cow;

use instrument_drivers::observation::{Qualifier, Reading as Read, Role as RowRole, Seen, Sink, Status, Trouble};
use instrument_drivers::profile::{Context, Profile};

use super::super::MESSAGE_WRONG_STATE;
use super::super::calls;
use super::super::damaged;
use super::super::filing::Filer;
use super::super::repeats;
use super::super::state::{MessageEvent, MessageState, ObservationState};
use super::super::store::{self, InstrumentRow, MessageRow, NewObservation, ROWS_OF_A_STATEMENT};
use super::super::unreadable::Unreadable;
use super::documents::take_in_document;
use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::ids::MessageId;
use crate::domain::refusal::{Fault, Outcome, STALE_VERSION};

/// A message that can be taken in.
pub struct ReadMessage {
    pub message: MessageRow,
    pub instrument: InstrumentRow,
    pub rows: Rows,
    /// What the profile itself writes for the sample of a source that names none.
    pub own_samples: Vec<String>,
    /// The earlier message whose bytes this one repeats or continues.
    pub repeated: Option<MessageId>,
}

/// Where the rows of a message come from.
pub enum Rows {
    /// Reading is work, and is done before the write begins.
    Read(Read),
    /// The rows of a long export would fill the memory, and a write of all of them would hold up everybody: they are handed
    /// on while they are read, piece by piece.
    Long { profile: Box<Profile>, bytes: Vec<u8>, context: Context },
    /// A document holds no values; what of its name may name its sample.
    Document { names: Vec<String> },
}

/// A longer message goes in piece by piece, in bytes: 1 MiB are some 20,000 rows, which one write stores in a tenth of a second.
const LONG_BYTES: usize = 1 << 20;

impl Rows {
    pub fn of(profile: Profile, bytes: Vec<u8>, context: Context) -> Self {
        if bytes.len() > LONG_BYTES {
            return Self::Long { profile: Box::new(profile), bytes, context };
        }
        Self::Read(profile.read(&bytes, &context))
    }

    /// The message is taken in piece by piece.
    pub fn are_many(&self) -> bool {
        matches!(self, Self::Long { .. })
    }
}

/// Keeps what is read and files what can be filed. However many rows there are, the log gets one entry for the message,
/// and one for each value that goes into a cell.
pub fn take_in(tx: &mut Tx, by: &Actor, read: &ReadMessage) -> Outcome<()> {
    let reading = match &read.rows {
        Rows::Document { names } => return take_in_document(tx, by, read, names),
        Rows::Long { .. } => return Err(Fault::broken("a long message goes in piece by piece")),
        Rows::Read(reading) => reading,
    };
    let (reading_no, behind) = next_reading(tx.conn, read.message.id)?;
    let filer = Filer::new(tx.conn, &read.instrument)?;
    let mut intake = Intake::new(tx, read, filer, (reading_no, behind));
    reading.pour(&mut intake);
    let (mut filer, taken) = intake.finish()?;
    conclude(tx, by, read, &mut filer, (reading_no, behind, taken))
}

/// Keeps that a message was read, files what can be filed of the rows behind a place, and moves the message on.
pub(super) fn conclude(
    tx: &mut Tx,
    by: &Actor,
    read: &ReadMessage,
    filer: &mut Filer<'_>,
    (reading_no, behind, taken): (i64, i64, Taken),
) -> Outcome<()> {
    keep_reading(tx, read, reading_no, (taken.rows, taken.troubles))?;
    let filed = if taken.to_file > 0 { file_all(tx, by, filer, (read.message.id, behind))? } else { 0 };
    let event = if taken.held == filed { MessageEvent::ReadWhole } else { MessageEvent::ReadWithHeld };
    move_on(tx, by, &read.message, event, "")
}

/// Stores rows that are not filed yet; how many of them are held, and how many may find a cell.
pub(super) fn store_rows(
    conn: &mut Conn,
    read: &ReadMessage,
    filer: &Filer<'_>,
    rows: &mut [NewObservation],
) -> Outcome<(usize, usize)> {
    let ReadMessage { message, own_samples, repeated, .. } = read;
    repeats::mark(conn, message, (*repeated, own_samples), rows)?;
    filer.hold(conn, rows, message.received_at.date_in_china())?;
    store::insert_observations(conn, rows)?;
    let held = rows.iter().filter(|row| row.state == ObservationState::Held.code()).count();
    Ok((held, rows.iter().filter(|row| row.waits_to_be_filed()).count()))
}

/// The place of the last row that has been read: what is being read now is no reading yet.
pub fn read_up_to(conn: &mut Conn, message: &MessageRow) -> Outcome<i64> {
    if message.state != MessageState::Received.code() {
        return Ok(i64::MAX);
    }
    Ok(next_reading(conn, message.id)?.1)
}

/// The number of the next reading of a message, and how many places its earlier readings took: ordinals go on behind them.
pub(super) fn next_reading(conn: &mut Conn, id: MessageId) -> Outcome<(i64, i64)> {
    let before = store::readings(conn, id)?;
    let behind: i64 = before.iter().map(|reading| reading.row_count + reading.trouble_count).sum();
    Ok((before.last().map_or(1, |reading| reading.reading_no + 1), behind))
}

/// Keeps that a message was read, by which profile, and how many rows and troubles were found.
pub(super) fn keep_reading(
    tx: &mut Tx,
    read: &ReadMessage,
    reading_no: i64,
    (row_count, trouble_count): (i64, i64),
) -> Outcome<()> {
    let reading = store::ReadingRow {
        message_id: read.message.id,
        reading_no,
        profile: read.instrument.profile.clone(),
        row_count,
        trouble_count,
        at: tx.now,
    };
    Ok(store::insert_reading(tx.conn, &reading)?)
}

/// Files the rows of a message behind a place, some at a time; how many found their cell.
fn file_all(tx: &mut Tx, by: &Actor, filer: &mut Filer<'_>, (id, mut behind): (MessageId, i64)) -> Outcome<usize> {
    let mut filed = 0;
    loop {
        let rows = store::observations_to_file(tx.conn, id, behind)?;
        filed += filer.file(tx, by, &rows.iter().collect::<Vec<_>>())?;
        match rows.last() {
            Some(last) if rows.len() == ROWS_OF_A_STATEMENT => behind = last.ordinal,
            _ => return Ok(filed),
        }
    }
}

/// How much was taken in.
#[derive(Clone, Copy, Default, Debug)]
pub struct Taken {
    pub rows: i64,
    pub troubles: i64,
    pub held: usize,
    /// Of the held rows those that may find a cell.
    pub to_file: usize,
}

/// Takes rows while they are read: [`ROWS_OF_A_STATEMENT`] are kept, and the troubles, which stand behind them.
struct Intake<'r, 't, 'c> {
    tx: &'t mut Tx<'c>,
    read: &'r ReadMessage,
    filer: Filer<'r>,
    reading_no: i64,
    next_ordinal: i64,
    rows: Vec<NewObservation>,
    troubles: Vec<Trouble>,
    taken: Taken,
    /// What went wrong: a reader cannot be stopped, so what comes after it is passed over.
    fault: Option<Fault>,
}

impl<'r, 't, 'c> Intake<'r, 't, 'c> {
    fn new(tx: &'t mut Tx<'c>, read: &'r ReadMessage, filer: Filer<'r>, (reading_no, behind): (i64, i64)) -> Self {
        Self {
            tx,
            read,
            filer,
            reading_no,
            next_ordinal: behind + 1,
            rows: Vec::new(),
            troubles: Vec::new(),
            taken: Taken::default(),
            fault: None,
        }
    }

    /// The row that stands next in the message, without its content.
    fn blank(&mut self) -> NewObservation {
        let ordinal = self.next_ordinal;
        self.next_ordinal += 1;
        NewObservation { reading_no: self.reading_no, ..blank(self.read.message.id, ordinal) }
    }

    fn push(&mut self, row: NewObservation) {
        self.rows.push(row);
        if self.rows.len() == ROWS_OF_A_STATEMENT {
            self.fault = self.store().err();
        }
    }

    /// Inserts the rows that are kept.
    fn store(&mut self) -> Outcome<()> {
        let mut rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let (held, to_file) = store_rows(self.tx.conn, self.read, &self.filer, &mut rows)?;
        self.taken.held += held;
        self.taken.to_file += to_file;
        Ok(())
    }

    /// Puts the troubles behind the rows and inserts what is left.
    fn finish(mut self) -> Outcome<(Filer<'r>, Taken)> {
        for trouble in std::mem::take(&mut self.troubles) {
            if self.fault.is_none() {
                self.taken.troubles += 1;
                let row = NewObservation {
                    reason: damaged::kept(&trouble.reason),
                    source_place: trouble.position,
                    ..self.blank()
                };
                self.push(row);
            }
        }
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => {
                self.store()?;
                Ok((self.filer, self.taken))
            }
        }
    }
}

impl Sink for Intake<'_, '_, '_> {
    fn observation(&mut self, one: Seen<'_>) {
        if self.fault.is_none() {
            self.taken.rows += 1;
            let row = of_row(self.blank(), one);
            self.push(row);
        }
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.troubles.push(trouble);
    }
}

/// Says that a message cannot be read, and why.
pub fn set_unreadable(tx: &mut Tx, by: &Actor, message: &MessageRow, why: &Unreadable) -> Outcome<()> {
    move_on(tx, by, message, MessageEvent::CannotBeRead, &why.to_string())
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

pub(in super::super) fn blank(message_id: MessageId, ordinal: i64) -> NewObservation {
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
        bound: None,
    }
}

/// What was seen, in a row. What is no result of a sample is set aside at once.
pub(in super::super) fn of_row(blank: NewObservation, row: Seen<'_>) -> NewObservation {
    let (state, reason) = first_state(&row);
    NewObservation {
        sample_ref: row.match_sample.into_owned(),
        analyte_ref: row.match_analyte.into_owned(),
        value: row.value.into_owned(),
        number: row.number.map(Cow::into_owned),
        qualifier: qualifier_code(row.status, row.qualifier),
        bound: row.bound.map(Cow::into_owned),
        unit: row.unit.into_owned(),
        flag: row.flag.into_owned(),
        role: row.role.name().to_owned(),
        source_place: row.position.into_owned(),
        measured_at: row.completed_at.map(Cow::into_owned).unwrap_or_default(),
        state: state.code(),
        reason: reason.to_owned(),
        ..blank
    }
}

/// Why the value is no plain result: how far it has come, else what is printed.
fn qualifier_code(status: Status, qualifier: Option<Qualifier>) -> String {
    if !status.is_final() {
        return status.name().to_owned();
    }
    qualifier
        .and_then(|qualifier| serde_json::to_value(qualifier).ok())
        .and_then(|code| code.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Reasons of values that are never filed, however often they are tried: the instrument has none, or one to come.
pub(super) const NEVER_FILED: &[&str] = &["no-value", "preliminary", "doubtful", "unknown-status", "practice"];

/// Orders, queries, an instrument's own standards and statistics are no results; a value that the instrument itself calls
/// unusable or not final waits for a person. Everything else may be filed, the standards of a worksheet's curve too.
fn first_state(row: &Seen<'_>) -> (ObservationState, &'static str) {
    match (row.role, row.qualifier) {
        (RowRole::Order | RowRole::Query, _) => (ObservationState::Ignored, "no-result"),
        (RowRole::Standard, _) if !calls::is_standard_label(&row.match_sample) => {
            (ObservationState::Ignored, "standard")
        }
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
        _ => match row.status {
            Status::Final | Status::Corrected => (ObservationState::Held, ""),
            Status::NoResult => (ObservationState::Held, "no-value"),
            Status::Preliminary => (ObservationState::Held, "preliminary"),
            Status::Doubtful => (ObservationState::Held, "doubtful"),
            Status::Unknown => (ObservationState::Held, "unknown-status"),
            Status::Practice => (ObservationState::Held, "practice"),
        },
    }
}
