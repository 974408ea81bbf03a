//! Queries of readings and their rows, nothing else.

use diesel::prelude::*;

use crate::db::schema::{instrument_message, message_reading, observation};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{MessageId, ObservationId, PositionId};

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = observation, treat_none_as_default_value = false)]
pub struct NewObservation {
    pub version: i64,
    pub message_id: MessageId,
    pub ordinal: i64,
    pub sample_ref: String,
    pub analyte_ref: String,
    pub value: String,
    pub number: Option<String>,
    pub qualifier: String,
    pub unit: String,
    pub flag: String,
    pub role: String,
    pub source_place: String,
    pub measured_at: String,
    pub state: &'static str,
    pub reason: String,
    pub position_id: Option<PositionId>,
    pub reading_no: i64,
    pub bound: Option<String>,
}

impl NewObservation {
    /// Held, and nobody has said yet why.
    pub fn waits_to_be_filed(&self) -> bool {
        self.state == super::super::state::ObservationState::Held.code() && self.reason.is_empty()
    }
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = observation)]
pub struct ObservationRow {
    pub id: ObservationId,
    pub version: i64,
    pub message_id: MessageId,
    /// Place among the rows of the message, from 1.
    pub ordinal: i64,
    pub sample_ref: String,
    pub analyte_ref: String,
    pub value: String,
    /// Its exact decimal, when the print is a number and nothing else.
    pub number: Option<String>,
    /// Why the print is no plain number, as a code; or how far the result has come, where it is not final.
    pub qualifier: String,
    pub unit: String,
    pub flag: String,
    pub role: String,
    pub source_place: String,
    pub state: String,
    pub reason: String,
    pub reading_no: i64,
    /// The exact decimal behind `<`, `>`.
    pub bound: Option<String>,
}

/// Rows that one statement settles or loads. It is also what a reading keeps in memory.
pub const ROWS_OF_A_STATEMENT: usize = 1_000;

/// Rows that one statement of SQLite inserts. Of this number the statement is always the same and stays prepared: to compile
/// one anew took a third of the time of inserting. More rows gain nothing and hold more memory.
const ROWS_OF_A_PREPARED_STATEMENT: usize = 50;

/// Inserts observations of one reading, however many.
pub fn insert_observations(conn: &mut Conn, rows: &[NewObservation]) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => {
            let (groups, rest) = rows.as_chunks::<ROWS_OF_A_PREPARED_STATEMENT>();
            for group in groups {
                diesel::insert_into(observation::table).values(group).execute(c)?;
            }
            if !rest.is_empty() {
                diesel::insert_into(observation::table).values(rest).execute(c)?;
            }
        }
        // No statement to plan for every row.
        Conn::Postgres(c) => {
            diesel::copy_from(observation::table).from_insertable(rows).execute(c)?;
        }
    }
    Ok(())
}

/// One reading of a message.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = message_reading)]
pub struct ReadingRow {
    pub message_id: MessageId,
    pub reading_no: i64,
    /// Name of the profile.
    pub profile: String,
    pub row_count: i64,
    pub trouble_count: i64,
    pub at: Moment,
}

pub fn insert_reading(conn: &mut Conn, row: &ReadingRow) -> QueryResult<()> {
    diesel::insert_into(message_reading::table).values(row).execute(conn)?;
    Ok(())
}

/// The readings of a message, oldest first.
pub fn readings(conn: &mut Conn, of: MessageId) -> QueryResult<Vec<ReadingRow>> {
    message_reading::table
        .filter(message_reading::message_id.eq(of))
        .order(message_reading::reading_no)
        .select(cols::<ReadingRow>())
        .load(conn)
}

/// The rows of one reading, in order.
pub fn observations_of_reading(conn: &mut Conn, of: MessageId, reading_no: i64) -> QueryResult<Vec<ObservationRow>> {
    observation::table
        .filter(observation::message_id.eq(of))
        .filter(observation::reading_no.eq(reading_no))
        .order(observation::ordinal)
        .select(cols::<ObservationRow>())
        .load(conn)
}

/// Rows of a message behind a place that wait without a reason to be filed, in order, at most [`ROWS_OF_A_STATEMENT`].
pub fn observations_to_file(conn: &mut Conn, of: MessageId, behind: i64) -> QueryResult<Vec<ObservationRow>> {
    observation::table
        .filter(observation::message_id.eq(of))
        .filter(observation::ordinal.gt(behind))
        .filter(observation::state.eq(super::super::state::ObservationState::Held.code()))
        .filter(observation::reason.eq(""))
        .order(observation::ordinal)
        .limit(i64::try_from(ROWS_OF_A_STATEMENT).unwrap_or(i64::MAX))
        .select(cols::<ObservationRow>())
        .load(conn)
}

/// Sets aside what earlier readings of a message left waiting.
pub fn set_waiting_aside(conn: &mut Conn, of: MessageId, reason: &str) -> QueryResult<usize> {
    diesel::update(
        observation::table
            .filter(observation::message_id.eq(of))
            .filter(observation::state.eq(super::super::state::ObservationState::Held.code())),
    )
    .set((
        observation::state.eq(super::super::state::ObservationState::Ignored.code()),
        observation::reason.eq(reason),
        observation::version.eq(observation::version + 1),
    ))
    .execute(conn)
}

/// Rows of a message from behind one place up to another, of one state where asked, in order.
pub fn observations_behind(
    conn: &mut Conn,
    of: MessageId,
    (behind, most): (i64, i64),
    state: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<ObservationRow>> {
    let mut query = observation::table.into_boxed();
    query = query.filter(observation::message_id.eq(of));
    query = query.filter(observation::ordinal.gt(behind)).filter(observation::ordinal.le(most));
    if let Some(state) = state {
        query = query.filter(observation::state.eq(state.to_owned()));
    }
    query.order(observation::ordinal).limit(limit).select(cols::<ObservationRow>()).load(conn)
}

/// Places of the rows of a message up to one place, of one state where asked, from there backwards.
pub fn places_up_to(
    conn: &mut Conn,
    of: MessageId,
    most: i64,
    state: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let mut query = observation::table.into_boxed();
    query = query.filter(observation::message_id.eq(of)).filter(observation::ordinal.le(most));
    if let Some(state) = state {
        query = query.filter(observation::state.eq(state.to_owned()));
    }
    query.order(observation::ordinal.desc()).limit(limit).select(observation::ordinal).load(conn)
}

/// How many rows of the same reading stand before one, at the same place of the message and with the same value.
pub fn count_same_before(conn: &mut Conn, row: &ObservationRow) -> QueryResult<i64> {
    observation::table
        .filter(observation::message_id.eq(row.message_id))
        .filter(observation::reading_no.eq(row.reading_no))
        .filter(observation::ordinal.lt(row.ordinal))
        .filter(observation::source_place.eq(&row.source_place))
        .filter(observation::value.eq(&row.value))
        .count()
        .get_result(conn)
}

pub fn observation(conn: &mut Conn, id: ObservationId) -> QueryResult<Option<ObservationRow>> {
    observation::table.find(id.0).select(cols::<ObservationRow>()).first(conn).optional()
}

/// Held rows of an instrument, oldest first, without those of a message that is being read.
pub fn held_of(conn: &mut Conn, code: &str, limit: i64) -> QueryResult<Vec<ObservationRow>> {
    observation::table
        .inner_join(instrument_message::table)
        .filter(instrument_message::instrument_code.eq(code))
        .filter(instrument_message::state.ne(super::super::state::MessageState::Received.code()))
        .filter(observation::state.eq(super::super::state::ObservationState::Held.code()))
        .order(observation::id)
        .limit(limit)
        .select(cols::<ObservationRow>())
        .load(conn)
}

/// Held rows by instrument.
pub fn held_counts(conn: &mut Conn) -> QueryResult<Vec<(String, i64)>> {
    observation::table
        .inner_join(instrument_message::table)
        .filter(instrument_message::state.ne(super::super::state::MessageState::Received.code()))
        .filter(observation::state.eq(super::super::state::ObservationState::Held.code()))
        .group_by(instrument_message::instrument_code)
        .select((instrument_message::instrument_code, diesel::dsl::count_star()))
        .load(conn)
}

/// The newest message of each instrument.
pub fn last_messages(conn: &mut Conn) -> QueryResult<Vec<(String, Option<Moment>)>> {
    instrument_message::table
        .group_by(instrument_message::instrument_code)
        .select((instrument_message::instrument_code, diesel::dsl::max(instrument_message::received_at)))
        .load(conn)
}

/// Moves held rows on by one statement: all to the same state, reason and no position.
pub fn settle(conn: &mut Conn, ids: &[ObservationId], state: &str, reason: &str) -> QueryResult<usize> {
    diesel::update(
        observation::table
            .filter(observation::id.eq_any(ids.iter().map(|id| id.0)))
            .filter(observation::state.eq(super::super::state::ObservationState::Held.code())),
    )
    .set((
        observation::state.eq(state),
        observation::reason.eq(reason),
        observation::version.eq(observation::version + 1),
    ))
    .execute(conn)
}

pub fn held_in_messages(conn: &mut Conn, ids: &[MessageId]) -> QueryResult<Vec<MessageId>> {
    observation::table
        .filter(observation::message_id.eq_any(ids.iter().map(|id| id.0)))
        .filter(observation::state.eq(super::super::state::ObservationState::Held.code()))
        .select(observation::message_id)
        .distinct()
        .load(conn)
}

/// Rows of an instrument that wait for a person.
pub fn count_held_of(conn: &mut Conn, code: &str) -> QueryResult<i64> {
    observation::table
        .inner_join(instrument_message::table)
        .filter(instrument_message::instrument_code.eq(code))
        .filter(instrument_message::state.ne(super::super::state::MessageState::Received.code()))
        .filter(observation::state.eq(super::super::state::ObservationState::Held.code()))
        .count()
        .get_result(conn)
}

/// Rows that wait for a person.
pub fn count_held(conn: &mut Conn) -> QueryResult<i64> {
    observation::table
        .filter(observation::state.eq(super::super::state::ObservationState::Held.code()))
        .count()
        .get_result(conn)
}
