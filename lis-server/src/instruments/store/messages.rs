//! Queries of messages and their streams, nothing else.

use diesel::prelude::*;
use diesel::sql_types::Text;
use instrument_drivers::observation::Status;

use super::super::state::{MessageState, ObservationState};
use crate::db::schema::{agent_stream, instrument_message, message_content, observation};
use crate::db::{Conn, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::MessageId;

pub fn highest_seq(conn: &mut Conn, agent: &str, stream: &str) -> QueryResult<Option<i64>> {
    agent_stream::table.find((agent, stream)).select(agent_stream::highest_seq).first(conn).optional()
}

/// What tells a stored message from another of the same number: number, SHA-256, instrument, time of receipt.
pub type Known = (i64, String, String, Moment);

/// The stored messages of a stream between two numbers.
pub fn known_between(conn: &mut Conn, agent: &str, stream: &str, (first, last): (i64, i64)) -> QueryResult<Vec<Known>> {
    instrument_message::table
        .filter(instrument_message::agent.eq(agent))
        .filter(instrument_message::stream.eq(stream))
        .filter(instrument_message::seq.between(first, last))
        .select((
            instrument_message::seq,
            instrument_message::sha256,
            instrument_message::instrument_code,
            instrument_message::received_at,
        ))
        .load(conn)
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
    pub came_at: Option<Moment>,
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

/// Those of the messages that are there.
pub fn messages_by_id(conn: &mut Conn, ids: &[MessageId]) -> QueryResult<Vec<MessageRow>> {
    in_pieces(ids, |ids| {
        instrument_message::table
            .filter(instrument_message::id.eq_any(ids.iter().map(|id| id.0)))
            .select(cols::<MessageRow>())
            .load(conn)
    })
}

pub fn content(conn: &mut Conn, id: MessageId) -> QueryResult<String> {
    message_content::table.find(id.0).select(message_content::content).first(conn)
}

/// The first so many characters of the same.
pub fn content_head(conn: &mut Conn, id: MessageId, characters: usize) -> QueryResult<String> {
    let head = diesel::dsl::sql::<Text>(&format!("substr(content, 1, {characters})"));
    each!(conn, c => message_content::table.find(id.0).select(head).first(c))
}

/// Those of messages that came at a moment or later, by the server's clock.
pub fn came_since(conn: &mut Conn, ids: &[MessageId], from: Moment) -> QueryResult<Vec<MessageId>> {
    in_pieces(ids, |ids| {
        instrument_message::table
            .filter(instrument_message::id.eq_any(ids.iter().map(|id| id.0)))
            .filter(instrument_message::came_at.ge(Some(from)))
            .select(instrument_message::id)
            .load(conn)
    })
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
    pub number: Option<String>,
    pub unit: String,
    pub source_place: String,
    pub measured_at: String,
}

/// Below the number of values that both databases allow in one statement.
pub const SAMPLES_OF_A_STATEMENT: usize = 10_000;

/// Qualifiers of results that are not final.
fn not_final() -> [&'static str; 5] {
    [Status::Preliminary, Status::Doubtful, Status::NoResult, Status::Unknown, Status::Practice].map(Status::name)
}

/// What earlier messages of the same instrument said of samples, and what earlier readings of this one have filed: what they
/// left waiting was set aside for this one. A result that was not final yet makes no repeat of the one that is. `again`: the
/// message was read before.
pub fn earlier_rows(conn: &mut Conn, of: &MessageRow, samples: &[&str], again: bool) -> QueryResult<Vec<EarlierRow>> {
    let mut rows = Vec::new();
    // The first reading of a long message does not walk through its own earlier pieces: one sample may be in all of them.
    let newest = if again { of.id } else { MessageId(of.id.0 - 1) };
    for samples in samples.chunks(SAMPLES_OF_A_STATEMENT) {
        // Found by their samples: asked for the instrument too, SQLite would walk through all that it ever sent.
        let found: Vec<(String, EarlierRow)> = observation::table
            .inner_join(instrument_message::table)
            .filter(observation::sample_ref.eq_any(samples.to_vec()))
            .filter(observation::message_id.le(newest))
            .filter(observation::message_id.ne(of.id).or(observation::state.eq(ObservationState::Filed.code())))
            .filter(observation::qualifier.ne_all(not_final()))
            .select((
                instrument_message::instrument_code,
                (
                    observation::message_id,
                    instrument_message::file_name,
                    observation::sample_ref,
                    observation::analyte_ref,
                    observation::value,
                    observation::number,
                    observation::unit,
                    observation::source_place,
                    observation::measured_at,
                ),
            ))
            .load(conn)?;
        rows.extend(found.into_iter().filter(|(code, _)| *code == of.instrument_code).map(|(_, row)| row));
    }
    Ok(rows)
}

/// Messages behind one that nobody has read yet, oldest first, without their bytes: each of them may be large.
pub fn unread(conn: &mut Conn, behind: MessageId, limit: i64) -> QueryResult<Vec<MessageRow>> {
    instrument_message::table
        .filter(instrument_message::state.eq(MessageState::Received.code()))
        .filter(instrument_message::id.gt(behind))
        .order(instrument_message::id)
        .limit(limit)
        .select(cols::<MessageRow>())
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
