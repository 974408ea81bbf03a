//! Queries of documents and the items that they are evidence of, nothing else.

use diesel::prelude::*;

use super::messages::MessageRow;
use super::observations::ObservationRow;
use crate::db::schema::{evidence_link, instrument_message, observation, result_entry, worksheet, worksheet_position};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, ItemId, MessageId, PersonId};

#[derive(Insertable, Debug)]
#[diesel(table_name = evidence_link, treat_none_as_default_value = false)]
pub struct NewLink {
    pub message_id: MessageId,
    pub item_id: ItemId,
    pub label_code: String,
    pub event: &'static str,
    pub reason: String,
    pub person_id: Option<PersonId>,
    pub at: Moment,
}

pub fn insert_links(conn: &mut Conn, rows: &[NewLink]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(evidence_link::table).values(rows).execute(c))?;
    Ok(())
}

/// Nobody else links this document before this write ends: of two people who pick a sample at once the second finds the
/// first one's link, which is a row of its own and changes nothing that has a version. SQLite has one writer anyway.
pub fn lock_document(conn: &mut Conn, id: MessageId) -> QueryResult<()> {
    if let Conn::Postgres(c) = conn {
        instrument_message::table.find(id.0).select(instrument_message::id).for_update().first::<i64>(c).optional()?;
    }
    Ok(())
}

/// What happened between a document and an item.
#[derive(Queryable, Clone, PartialEq, Eq, Debug)]
pub struct LinkRow {
    pub message_id: MessageId,
    pub item_id: ItemId,
    pub label_code: String,
    pub event: String,
    /// Code of the instrument that the document came from, and when it came.
    pub instrument_code: String,
    pub received_at: Moment,
}

/// Everything that happened to the links of a document, oldest first.
pub fn links_of_message(conn: &mut Conn, id: MessageId) -> QueryResult<Vec<LinkRow>> {
    evidence_link::table
        .inner_join(instrument_message::table)
        .filter(evidence_link::message_id.eq(id))
        .order(evidence_link::id)
        .select((
            evidence_link::message_id,
            evidence_link::item_id,
            evidence_link::label_code,
            evidence_link::event,
            instrument_message::instrument_code,
            instrument_message::received_at,
        ))
        .load(conn)
}

/// The same of the documents of items.
pub fn links_of_items(conn: &mut Conn, ids: &[ItemId]) -> QueryResult<Vec<LinkRow>> {
    evidence_link::table
        .inner_join(instrument_message::table)
        .filter(evidence_link::item_id.eq_any(ids.iter().map(|id| id.0)))
        .order(evidence_link::id)
        .select((
            evidence_link::message_id,
            evidence_link::item_id,
            evidence_link::label_code,
            evidence_link::event,
            instrument_message::instrument_code,
            instrument_message::received_at,
        ))
        .load(conn)
}

/// The items of a container that are on an instrument: their sheet was opened for it, or a value of theirs came from it.
pub fn items_on(conn: &mut Conn, label: &str, instrument: InstrumentId, code: &str) -> QueryResult<Vec<ItemId>> {
    let mut found: Vec<Option<ItemId>> = worksheet_position::table
        .inner_join(worksheet::table.on(worksheet_position::worksheet_id.eq(worksheet::id)))
        .filter(worksheet_position::label_code.eq(label))
        .filter(worksheet::instrument_id.eq(instrument))
        .select(worksheet_position::item_id)
        .load(conn)?;
    let measured: Vec<Option<ItemId>> = worksheet_position::table
        .inner_join(result_entry::table.on(result_entry::position_id.eq(worksheet_position::id)))
        .inner_join(observation::table.on(result_entry::observation_id.eq(observation::id.nullable())))
        .inner_join(instrument_message::table.on(observation::message_id.eq(instrument_message::id)))
        .filter(worksheet_position::label_code.eq(label))
        .filter(instrument_message::instrument_code.eq(code))
        .select(worksheet_position::item_id)
        .load(conn)?;
    found.extend(measured);
    let mut items: Vec<ItemId> = found.into_iter().flatten().collect();
    items.sort_unstable();
    items.dedup();
    Ok(items)
}

/// The newest row of a role in a message.
pub fn row_of_role(conn: &mut Conn, of: MessageId, role: &str) -> QueryResult<Option<ObservationRow>> {
    observation::table
        .filter(observation::message_id.eq(of))
        .filter(observation::role.eq(role))
        .order(observation::ordinal.desc())
        .select(cols::<ObservationRow>())
        .first(conn)
        .optional()
}

/// Whether an earlier message of the same instrument with the same bytes has a row of a role.
pub fn came_before(conn: &mut Conn, of: &MessageRow, role: &str) -> QueryResult<bool> {
    let found: Option<MessageId> = observation::table
        .inner_join(instrument_message::table)
        .filter(instrument_message::instrument_code.eq(&of.instrument_code))
        .filter(instrument_message::sha256.eq(&of.sha256))
        .filter(instrument_message::id.lt(of.id))
        .filter(observation::role.eq(role))
        .select(observation::message_id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}
