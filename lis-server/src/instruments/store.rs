//! Queries of instruments, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{
    agent_stream, capture_target, code_mapping, instrument, instrument_message, message_content, message_reading,
    observation, port_lease,
};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, MessageId, ObservationId, PersonId, PositionId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = instrument)]
pub struct InstrumentRow {
    pub id: InstrumentId,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub maker: String,
    pub model: String,
    pub serial_no: String,
    pub profile: String,
    pub status: String,
    pub calibrated_until: Option<NaiveDate>,
}

#[derive(Insertable, AsChangeset, Clone, Debug)]
#[diesel(table_name = instrument, treat_none_as_null = true)]
pub struct InstrumentFacts {
    pub code: String,
    pub name: String,
    pub maker: String,
    pub model: String,
    pub serial_no: String,
    pub profile: String,
    pub status: String,
    pub calibrated_until: Option<NaiveDate>,
}

pub fn instruments(conn: &mut Conn) -> QueryResult<Vec<InstrumentRow>> {
    instrument::table.order(instrument::code).select(cols::<InstrumentRow>()).load(conn)
}

pub fn instrument(conn: &mut Conn, id: InstrumentId) -> QueryResult<Option<InstrumentRow>> {
    instrument::table.find(id.0).select(cols::<InstrumentRow>()).first(conn).optional()
}

pub fn instrument_by_code(conn: &mut Conn, code: &str) -> QueryResult<Option<InstrumentRow>> {
    instrument::table.filter(instrument::code.eq(code)).select(cols::<InstrumentRow>()).first(conn).optional()
}

pub fn insert_instrument(conn: &mut Conn, facts: &InstrumentFacts, now: Moment) -> QueryResult<InstrumentId> {
    diesel::insert_into(instrument::table)
        .values((facts, instrument::version.eq(1_i64), instrument::created_at.eq(now)))
        .returning(instrument::id)
        .get_result(conn)
}

pub fn change_instrument(conn: &mut Conn, id: InstrumentId, seen: i64, facts: &InstrumentFacts) -> QueryResult<bool> {
    let changed = diesel::update(instrument::table.filter(instrument::id.eq(id)).filter(instrument::version.eq(seen)))
        .set((facts, instrument::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

pub fn highest_seq(conn: &mut Conn, agent: &str, stream: &str) -> QueryResult<Option<i64>> {
    agent_stream::table.find((agent, stream)).select(agent_stream::highest_seq).first(conn).optional()
}

pub fn set_highest_seq(conn: &mut Conn, agent: &str, stream: &str, seq: i64, now: Moment) -> QueryResult<()> {
    let row = (
        agent_stream::agent.eq(agent),
        agent_stream::stream.eq(stream),
        agent_stream::highest_seq.eq(seq),
        agent_stream::last_at.eq(now),
    );
    each!(conn, c => diesel::insert_into(agent_stream::table)
        .values(&row)
        .on_conflict((agent_stream::agent, agent_stream::stream))
        .do_update()
        .set((agent_stream::highest_seq.eq(seq), agent_stream::last_at.eq(now)))
        .execute(c))?;
    Ok(())
}

#[derive(Insertable, Debug)]
#[diesel(table_name = instrument_message, treat_none_as_default_value = false)]
pub struct NewMessage {
    pub version: i64,
    pub agent: String,
    pub stream: String,
    pub seq: i64,
    pub instrument_code: String,
    pub kind: String,
    pub file_name: String,
    pub received_at: Moment,
    pub stored_at: Moment,
    pub sha256: String,
    pub byte_count: i64,
    pub state: &'static str,
    pub trouble: String,
}

#[derive(Insertable, Debug)]
#[diesel(table_name = message_content, treat_none_as_default_value = false)]
pub struct NewContent {
    pub message_id: MessageId,
    pub content: String,
}

/// Inserts messages in order and returns their ids in the same order.
pub fn insert_messages(conn: &mut Conn, rows: &[NewMessage]) -> QueryResult<Vec<MessageId>> {
    let mut ids: Vec<(i64, MessageId)> = each!(conn, c => diesel::insert_into(instrument_message::table)
        .values(rows)
        .returning((instrument_message::seq, instrument_message::id))
        .get_results(c))?;
    ids.sort_unstable();
    Ok(ids.into_iter().map(|(_, id)| id).collect())
}

pub fn insert_contents(conn: &mut Conn, rows: &[NewContent]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(message_content::table).values(rows).execute(c))?;
    Ok(())
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = instrument_message)]
pub struct MessageRow {
    pub id: MessageId,
    pub version: i64,
    pub agent: String,
    pub seq: i64,
    pub instrument_code: String,
    pub kind: String,
    pub file_name: String,
    pub received_at: Moment,
    pub stored_at: Moment,
    pub sha256: String,
    pub byte_count: i64,
    pub state: String,
    pub trouble: String,
}

pub fn message(conn: &mut Conn, id: MessageId) -> QueryResult<Option<MessageRow>> {
    instrument_message::table.find(id.0).select(cols::<MessageRow>()).first(conn).optional()
}

pub fn content(conn: &mut Conn, id: MessageId) -> QueryResult<String> {
    message_content::table.find(id.0).select(message_content::content).first(conn)
}

/// An earlier message of the same instrument with the same bytes.
pub fn same_bytes(conn: &mut Conn, of: &MessageRow) -> QueryResult<Option<MessageId>> {
    instrument_message::table
        .filter(instrument_message::instrument_code.eq(&of.instrument_code))
        .filter(instrument_message::sha256.eq(&of.sha256))
        .filter(instrument_message::id.lt(of.id))
        .order(instrument_message::id.desc())
        .select(instrument_message::id)
        .first(conn)
        .optional()
}

/// A file as it was earlier.
#[derive(Queryable, Debug)]
pub struct EarlierFile {
    pub id: MessageId,
    pub sha256: String,
    /// Bytes.
    pub byte_count: i64,
}

/// Earlier, not longer files of the same name from the same instrument, newest first.
pub fn earlier_files(conn: &mut Conn, of: &MessageRow, limit: i64) -> QueryResult<Vec<EarlierFile>> {
    instrument_message::table
        .filter(instrument_message::instrument_code.eq(&of.instrument_code))
        .filter(instrument_message::file_name.eq(&of.file_name))
        .filter(instrument_message::byte_count.le(of.byte_count))
        .filter(instrument_message::id.lt(of.id))
        .order(instrument_message::id.desc())
        .limit(limit)
        .select((instrument_message::id, instrument_message::sha256, instrument_message::byte_count))
        .load(conn)
}

/// A row of an earlier message.
#[derive(Queryable, Debug)]
pub struct EarlierRow {
    pub message_id: MessageId,
    pub file_name: String,
    pub sample_ref: String,
    pub analyte_ref: String,
    pub value: String,
    pub unit: String,
    pub source_place: String,
    pub measured_at: String,
    pub state: String,
}

/// Below the number of values that both databases allow in one statement.
pub const SAMPLES_OF_A_STATEMENT: usize = 10_000;

/// What earlier messages of the same instrument, and earlier readings of this one, said of samples.
pub fn earlier_rows(conn: &mut Conn, of: &MessageRow, samples: &[String]) -> QueryResult<Vec<EarlierRow>> {
    let mut rows = Vec::new();
    for samples in samples.chunks(SAMPLES_OF_A_STATEMENT) {
        let found: Vec<EarlierRow> = observation::table
            .inner_join(instrument_message::table)
            .filter(observation::sample_ref.eq_any(samples))
            .filter(instrument_message::instrument_code.eq(&of.instrument_code))
            .filter(instrument_message::id.le(of.id))
            .select((
                observation::message_id,
                instrument_message::file_name,
                observation::sample_ref,
                observation::analyte_ref,
                observation::value,
                observation::unit,
                observation::source_place,
                observation::measured_at,
                observation::state,
            ))
            .load(conn)?;
        rows.extend(found);
    }
    Ok(rows)
}

/// Messages in a state, oldest first, with their bytes.
pub fn unread(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(MessageRow, String)>> {
    instrument_message::table
        .inner_join(message_content::table)
        .filter(instrument_message::state.eq(super::state::MessageState::Received.code()))
        .order(instrument_message::id)
        .limit(limit)
        .select((cols::<MessageRow>(), message_content::content))
        .load(conn)
}

/// The newest messages, of one state or instrument where asked.
pub fn messages(
    conn: &mut Conn,
    state: Option<&str>,
    code: Option<&str>,
    before: Option<MessageId>,
    limit: i64,
) -> QueryResult<Vec<MessageRow>> {
    let mut query = instrument_message::table.into_boxed();
    if let Some(state) = state {
        query = query.filter(instrument_message::state.eq(state.to_owned()));
    }
    if let Some(code) = code {
        query = query.filter(instrument_message::instrument_code.eq(code.to_owned()));
    }
    if let Some(before) = before {
        query = query.filter(instrument_message::id.lt(before));
    }
    query.order(instrument_message::id.desc()).limit(limit).select(cols::<MessageRow>()).load(conn)
}

/// Moves a message on, if nobody else has; `false` otherwise.
pub fn set_message_state(conn: &mut Conn, id: MessageId, seen: i64, state: &str, trouble: &str) -> QueryResult<bool> {
    let changed = diesel::update(
        instrument_message::table.filter(instrument_message::id.eq(id)).filter(instrument_message::version.eq(seen)),
    )
    .set((
        instrument_message::state.eq(state),
        instrument_message::trouble.eq(trouble),
        instrument_message::version.eq(seen + 1),
    ))
    .execute(conn)?;
    Ok(changed == 1)
}

/// Moves messages from one state to another; their ids and new versions, in order of id.
pub fn move_messages(conn: &mut Conn, ids: &[MessageId], from: &str, to: &str) -> QueryResult<Vec<(MessageId, i64)>> {
    let rows = instrument_message::table
        .filter(instrument_message::id.eq_any(ids.iter().map(|id| id.0)))
        .filter(instrument_message::state.eq(from));
    let mut moved: Vec<(MessageId, i64)> = diesel::update(rows)
        .set((
            instrument_message::state.eq(to),
            instrument_message::trouble.eq(""),
            instrument_message::version.eq(instrument_message::version + 1),
        ))
        .returning((instrument_message::id, instrument_message::version))
        .get_results(conn)?;
    moved.sort_unstable();
    Ok(moved)
}

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
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = observation)]
pub struct ObservationRow {
    pub id: ObservationId,
    pub version: i64,
    pub message_id: MessageId,
    pub sample_ref: String,
    pub analyte_ref: String,
    pub value: String,
    /// Its exact decimal, when the print is a number and nothing else.
    pub number: Option<String>,
    pub unit: String,
    pub flag: String,
    pub role: String,
    pub source_place: String,
    pub state: String,
    pub reason: String,
}

/// Both databases limit the values of one statement: SQLite to 32,766, and a row has 18.
const ROWS_PER_STATEMENT: usize = 1_000;

/// Inserts the observations of one reading.
pub fn insert_observations(conn: &mut Conn, rows: &[NewObservation]) -> QueryResult<()> {
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        each!(conn, c => diesel::insert_into(observation::table).values(rows).execute(c))?;
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

/// Sets aside what earlier readings of a message left waiting.
pub fn set_waiting_aside(conn: &mut Conn, of: MessageId, reason: &str) -> QueryResult<usize> {
    diesel::update(
        observation::table
            .filter(observation::message_id.eq(of))
            .filter(observation::state.eq(super::state::ObservationState::Held.code())),
    )
    .set((
        observation::state.eq(super::state::ObservationState::Ignored.code()),
        observation::reason.eq(reason),
        observation::version.eq(observation::version + 1),
    ))
    .execute(conn)
}

pub fn observations(conn: &mut Conn, of: MessageId) -> QueryResult<Vec<ObservationRow>> {
    observation::table
        .filter(observation::message_id.eq(of))
        .order(observation::ordinal)
        .select(cols::<ObservationRow>())
        .load(conn)
}

pub fn observation(conn: &mut Conn, id: ObservationId) -> QueryResult<Option<ObservationRow>> {
    observation::table.find(id.0).select(cols::<ObservationRow>()).first(conn).optional()
}

/// Held rows of an instrument, oldest first, with the code of their message's instrument.
pub fn held_of(conn: &mut Conn, code: &str, limit: i64) -> QueryResult<Vec<ObservationRow>> {
    observation::table
        .inner_join(instrument_message::table)
        .filter(instrument_message::instrument_code.eq(code))
        .filter(observation::state.eq(super::state::ObservationState::Held.code()))
        .order(observation::id)
        .limit(limit)
        .select(cols::<ObservationRow>())
        .load(conn)
}

/// Held rows by instrument.
pub fn held_counts(conn: &mut Conn) -> QueryResult<Vec<(String, i64)>> {
    observation::table
        .inner_join(instrument_message::table)
        .filter(observation::state.eq(super::state::ObservationState::Held.code()))
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
            .filter(observation::state.eq(super::state::ObservationState::Held.code())),
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
        .filter(observation::state.eq(super::state::ObservationState::Held.code()))
        .select(observation::message_id)
        .distinct()
        .load(conn)
}

/// Kind, source, target.
pub type Mapping = (String, String, String);

/// Mapped codes of an instrument.
pub fn mappings(conn: &mut Conn, of: InstrumentId) -> QueryResult<Vec<Mapping>> {
    code_mapping::table
        .filter(code_mapping::instrument_id.eq(of))
        .order((code_mapping::kind, code_mapping::source))
        .select((code_mapping::kind, code_mapping::source, code_mapping::target))
        .load(conn)
}

/// Maps a code; the same code again gets the new target.
pub fn set_mapping(
    conn: &mut Conn,
    of: InstrumentId,
    kind: &str,
    source: &str,
    target: &str,
    by: PersonId,
    now: Moment,
) -> QueryResult<()> {
    let row = (
        code_mapping::instrument_id.eq(of),
        code_mapping::kind.eq(kind),
        code_mapping::source.eq(source),
        code_mapping::target.eq(target),
        code_mapping::mapped_by.eq(by),
        code_mapping::mapped_at.eq(now),
    );
    each!(conn, c => diesel::insert_into(code_mapping::table)
        .values(&row)
        .on_conflict((code_mapping::instrument_id, code_mapping::kind, code_mapping::source))
        .do_update()
        .set((
            code_mapping::target.eq(target),
            code_mapping::mapped_by.eq(by),
            code_mapping::mapped_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// The cell that waits for the next reading of a balance: position, field, replicate.
pub fn capture_target(conn: &mut Conn, of: InstrumentId) -> QueryResult<Option<(PositionId, String, i64)>> {
    capture_target::table
        .find(of.0)
        .select((capture_target::position_id, capture_target::field, capture_target::replicate))
        .first(conn)
        .optional()
}

/// A cell that waits for the next reading of an instrument.
#[derive(Queryable, Clone, Debug)]
pub struct Aimed {
    /// Code of the instrument.
    pub instrument: String,
    pub position: PositionId,
    pub field: String,
    pub replicate: i64,
}

/// The waiting cells among these positions.
pub fn aimed(conn: &mut Conn, positions: &[PositionId]) -> QueryResult<Vec<Aimed>> {
    capture_target::table
        .inner_join(instrument::table.on(capture_target::instrument_id.eq(instrument::id)))
        .filter(capture_target::position_id.eq_any(positions.iter().map(|id| id.0)))
        .order(instrument::code)
        .select((instrument::code, capture_target::position_id, capture_target::field, capture_target::replicate))
        .load(conn)
}

pub fn clear_capture_target(conn: &mut Conn, of: InstrumentId) -> QueryResult<()> {
    diesel::delete(capture_target::table.find(of.0)).execute(conn)?;
    Ok(())
}

pub fn set_capture_target(
    conn: &mut Conn,
    of: InstrumentId,
    (position, field, replicate): (PositionId, &str, i64),
    by: PersonId,
    now: Moment,
) -> QueryResult<()> {
    let row = (
        capture_target::instrument_id.eq(of),
        capture_target::position_id.eq(position),
        capture_target::field.eq(field),
        capture_target::replicate.eq(replicate),
        capture_target::person_id.eq(by),
        capture_target::set_at.eq(now),
    );
    each!(conn, c => diesel::insert_into(capture_target::table)
        .values(&row)
        .on_conflict(capture_target::instrument_id)
        .do_update()
        .set((
            capture_target::position_id.eq(position),
            capture_target::field.eq(field),
            capture_target::replicate.eq(replicate),
            capture_target::person_id.eq(by),
            capture_target::set_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Rows that wait for a person.
pub fn count_held(conn: &mut Conn) -> QueryResult<i64> {
    observation::table
        .filter(observation::state.eq(super::state::ObservationState::Held.code()))
        .count()
        .get_result(conn)
}

/// Claims ports that are free, whose lease has ended, or that are claimed by the same token; all or none. Renews what is
/// claimed already.
pub fn claim_ports(
    conn: &mut Conn,
    ports: &[String],
    (holder, token): (&str, &str),
    now: Moment,
    until: Moment,
) -> QueryResult<bool> {
    let taken: i64 = port_lease::table
        .filter(port_lease::port.eq_any(ports))
        .filter(port_lease::token.ne(token))
        .filter(port_lease::until.gt(now))
        .count()
        .get_result(conn)?;
    if taken > 0 {
        return Ok(false);
    }
    let mut claimed = 0;
    for port in ports {
        let row = (
            port_lease::port.eq(port),
            port_lease::holder.eq(holder),
            port_lease::token.eq(token),
            port_lease::until.eq(until),
        );
        // Guarded once more: on PostgreSQL another process may have been between the two statements.
        let own_or_over = port_lease::token.eq(token).or(port_lease::until.le(now));
        claimed += each!(conn, c => diesel::query_dsl::methods::FilterDsl::filter(
            diesel::insert_into(port_lease::table)
                .values(&row)
                .on_conflict(port_lease::port)
                .do_update()
                .set((port_lease::holder.eq(holder), port_lease::token.eq(token), port_lease::until.eq(until))),
            own_or_over,
        )
            .execute(c))?;
    }
    if claimed < ports.len() {
        release_ports(conn, token)?;
        return Ok(false);
    }
    Ok(true)
}

/// Lets go what a token has claimed.
pub fn release_ports(conn: &mut Conn, token: &str) -> QueryResult<usize> {
    diesel::delete(port_lease::table.filter(port_lease::token.eq(token))).execute(conn)
}

/// Ends the leases of a token at a time; how many it had.
#[cfg(test)]
pub fn set_lease_end(conn: &mut Conn, token: &str, until: Moment) -> QueryResult<usize> {
    let own = port_lease::table.filter(port_lease::token.eq(token));
    diesel::update(own).set(port_lease::until.eq(until)).execute(conn)
}
