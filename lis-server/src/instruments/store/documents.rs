//! Queries of documents and the items that they are evidence of, nothing else.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::messages::MessageRow;
use super::observations::ObservationRow;
use crate::db::schema::{evidence_link, instrument_message, observation, result_entry, worksheet, worksheet_position};
use crate::db::{Conn, VALUES_OF_A_STATEMENT, cols, each, in_pieces};
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
    for rows in rows.chunks(VALUES_OF_A_STATEMENT / LINK_VALUES) {
        each!(conn, c => diesel::insert_into(evidence_link::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Values of a [`NewLink`].
const LINK_VALUES: usize = 7;

/// Nobody else links this document before this write ends: of two people who pick a sample at once the second finds the
/// first one's link, which is a row of its own and changes nothing that has a version. SQLite has one writer anyway.
pub fn lock_document(conn: &mut Conn, id: MessageId) -> QueryResult<()> {
    lock_documents(conn, &[id])
}

/// The same of many, locked in the order of their ids, so that two who lock some of them do not wait for each other.
pub fn lock_documents(conn: &mut Conn, ids: &[MessageId]) -> QueryResult<()> {
    let Conn::Postgres(c) = conn else { return Ok(()) };
    let mut ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    in_pieces(&ids, |ids| {
        instrument_message::table
            .filter(instrument_message::id.eq_any(ids.to_vec()))
            .order(instrument_message::id)
            .select(instrument_message::id)
            .for_update()
            .load::<i64>(c)
    })?;
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

/// The columns of a [`LinkRow`].
const LINK: (
    evidence_link::message_id,
    evidence_link::item_id,
    evidence_link::label_code,
    evidence_link::event,
    instrument_message::instrument_code,
    instrument_message::received_at,
) = (
    evidence_link::message_id,
    evidence_link::item_id,
    evidence_link::label_code,
    evidence_link::event,
    instrument_message::instrument_code,
    instrument_message::received_at,
);

/// Everything that happened to the links of a document, oldest first.
pub fn links_of_message(conn: &mut Conn, id: MessageId) -> QueryResult<Vec<LinkRow>> {
    links_of_messages(conn, &[id])
}

/// The same of many documents; the links of each oldest first.
pub fn links_of_messages(conn: &mut Conn, ids: &[MessageId]) -> QueryResult<Vec<LinkRow>> {
    in_pieces(ids, |ids| {
        evidence_link::table
            .inner_join(instrument_message::table)
            .filter(evidence_link::message_id.eq_any(ids.iter().map(|id| id.0)))
            .order(evidence_link::id)
            .select(LINK)
            .load(conn)
    })
}

/// The same of the documents of items.
pub fn links_of_items(conn: &mut Conn, ids: &[ItemId]) -> QueryResult<Vec<LinkRow>> {
    evidence_link::table
        .inner_join(instrument_message::table)
        .filter(evidence_link::item_id.eq_any(ids.iter().map(|id| id.0)))
        .order(evidence_link::id)
        .select(LINK)
        .load(conn)
}

/// The items of containers that are on an instrument, by label code: their sheet was opened for it, or a value of theirs came
/// from it. A container with none is not among them.
pub fn items_on(
    conn: &mut Conn,
    labels: &[String],
    instrument: InstrumentId,
    code: &str,
) -> QueryResult<BTreeMap<String, Vec<ItemId>>> {
    let mut found: Vec<(String, Option<ItemId>)> = in_pieces(labels, |labels| {
        worksheet_position::table
            .inner_join(worksheet::table.on(worksheet_position::worksheet_id.eq(worksheet::id)))
            .filter(worksheet_position::label_code.eq_any(labels.to_vec()))
            .filter(worksheet::instrument_id.eq(instrument))
            .select((worksheet_position::label_code, worksheet_position::item_id))
            .load(conn)
    })?;
    let measured: Vec<(String, Option<ItemId>)> = in_pieces(labels, |labels| {
        worksheet_position::table
            .inner_join(result_entry::table.on(result_entry::position_id.eq(worksheet_position::id)))
            .inner_join(observation::table.on(result_entry::observation_id.eq(observation::id.nullable())))
            .inner_join(instrument_message::table.on(observation::message_id.eq(instrument_message::id)))
            .filter(worksheet_position::label_code.eq_any(labels.to_vec()))
            .filter(instrument_message::instrument_code.eq(code))
            .select((worksheet_position::label_code, worksheet_position::item_id))
            .load(conn)
    })?;
    found.extend(measured);
    let mut items: BTreeMap<String, Vec<ItemId>> = BTreeMap::new();
    for (label, item) in found {
        items.entry(label).or_default().extend(item);
    }
    for of_label in items.values_mut() {
        of_label.sort_unstable();
        of_label.dedup();
    }
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
