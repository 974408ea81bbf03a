//! Queries of how the ports of instruments are set up, nothing else.

use diesel::prelude::*;

use crate::db::schema::{instrument_message, link_settings, message_reading};
use crate::db::{Conn, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{LinkSettingsId, MessageId};

/// How an agent had set up the ports of an instrument from a moment on.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = link_settings)]
pub struct LinkSettingsRow {
    pub id: LinkSettingsId,
    pub agent: String,
    pub instrument_code: String,
    pub program_version: String,
    /// JSON.
    pub ports: String,
    pub valid_from: Moment,
    pub reported_at: Moment,
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = link_settings, treat_none_as_default_value = false)]
pub struct NewLinkSettings {
    pub agent: String,
    pub instrument_code: String,
    pub program_version: String,
    pub ports: String,
    pub valid_from: Moment,
    pub reported_at: Moment,
}

/// Everything that was ever said of instruments, oldest first.
pub fn link_settings(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<LinkSettingsRow>> {
    link_settings::table
        .filter(link_settings::instrument_code.eq_any(codes.to_vec()))
        .order(link_settings::id)
        .select(cols::<LinkSettingsRow>())
        .load(conn)
}

/// Inserts what is new; each id with the code of its instrument.
pub fn insert_link_settings(conn: &mut Conn, rows: &[NewLinkSettings]) -> QueryResult<Vec<(LinkSettingsId, String)>> {
    each!(conn, c => diesel::insert_into(link_settings::table)
        .values(rows)
        .returning((link_settings::id, link_settings::instrument_code))
        .get_results(c))
}

/// Agent, code of the instrument and time of receipt of messages.
pub fn origins(conn: &mut Conn, messages: &[MessageId]) -> QueryResult<Vec<(MessageId, String, String, Moment)>> {
    in_pieces(messages, |piece| {
        instrument_message::table
            .filter(instrument_message::id.eq_any(piece.iter().map(|id| id.0)))
            .order(instrument_message::id)
            .select((
                instrument_message::id,
                instrument_message::agent,
                instrument_message::instrument_code,
                instrument_message::received_at,
            ))
            .load(conn)
    })
}

/// With which profile messages were read, reading by reading.
pub fn profiles_read_with(conn: &mut Conn, messages: &[MessageId]) -> QueryResult<Vec<(MessageId, i64, String)>> {
    in_pieces(messages, |piece| {
        message_reading::table
            .filter(message_reading::message_id.eq_any(piece.iter().map(|id| id.0)))
            .order((message_reading::message_id, message_reading::reading_no))
            .select((message_reading::message_id, message_reading::reading_no, message_reading::profile))
            .load(conn)
    })
}
