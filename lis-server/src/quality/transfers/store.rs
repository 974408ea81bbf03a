//! Queries of transfers, nothing else. Entries, observations and messages are read across rooms (decision 0012).

use diesel::prelude::*;

use crate::db::schema::{instrument_message, log_head, observation, result_entry, transfer_check, worksheet_position};
use crate::db::{Conn, cols, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{MessageId, ObservationId, PersonId, ResultEntryId, TransferCheckId};

/// Entries that came from an instrument within a span of time, in order.
pub fn transfers(conn: &mut Conn, (from, to): (Moment, Moment)) -> QueryResult<Vec<i64>> {
    result_entry::table
        .filter(result_entry::at.ge(from))
        .filter(result_entry::at.lt(to))
        .filter(result_entry::observation_id.is_not_null())
        .order(result_entry::id)
        .select(result_entry::id)
        .load(conn)
}

/// The identity of this laboratory's log, which nobody chose.
pub fn log_id(conn: &mut Conn) -> QueryResult<String> {
    log_head::table.select(log_head::log_id).first(conn)
}

/// A value on a worksheet beside what the instrument wrote.
#[derive(Queryable, Clone, Debug)]
pub struct TransferRow {
    pub id: ResultEntryId,
    pub at: Moment,
    pub label_code: String,
    pub field: String,
    pub replicate: i64,
    pub value: String,
    pub unit: String,
    pub observation: ObservationId,
    pub printed: String,
    pub printed_unit: String,
    pub place: String,
    pub message: MessageId,
    pub instrument_code: String,
    pub file_name: String,
}

/// Transfers by the ids of their entries, in order.
pub fn rows(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<TransferRow>> {
    in_pieces(ids, |ids| {
        result_entry::table
            .inner_join(observation::table.on(result_entry::observation_id.eq(observation::id.nullable())))
            .inner_join(instrument_message::table.on(observation::message_id.eq(instrument_message::id)))
            .inner_join(worksheet_position::table.on(result_entry::position_id.eq(worksheet_position::id)))
            .filter(result_entry::id.eq_any(ids.to_vec()))
            .order(result_entry::id)
            .select((
                result_entry::id,
                result_entry::at,
                worksheet_position::label_code,
                result_entry::field,
                result_entry::replicate,
                result_entry::value,
                result_entry::unit,
                observation::id,
                observation::value,
                observation::unit,
                observation::source_place,
                instrument_message::id,
                instrument_message::instrument_code,
                instrument_message::file_name,
            ))
            .load(conn)
    })
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = transfer_check)]
pub struct CheckRow {
    pub entry_id: ResultEntryId,
    pub same: bool,
    pub remark: String,
    pub person_id: PersonId,
    pub at: Moment,
}

/// What was compared of some transfers.
pub fn checks(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<CheckRow>> {
    in_pieces(ids, |ids| {
        transfer_check::table
            .filter(transfer_check::entry_id.eq_any(ids.to_vec()))
            .select(cols::<CheckRow>())
            .load(conn)
    })
}

#[derive(Insertable)]
#[diesel(table_name = transfer_check, treat_none_as_default_value = false)]
pub struct NewCheck<'a> {
    pub entry_id: ResultEntryId,
    pub same: bool,
    pub remark: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_check(conn: &mut Conn, row: &NewCheck) -> QueryResult<TransferCheckId> {
    diesel::insert_into(transfer_check::table).values(row).returning(transfer_check::id).get_result(conn)
}
