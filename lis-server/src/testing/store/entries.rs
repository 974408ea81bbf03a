//! Queries of entries and of the observations that they came from.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use crate::db::schema::{instrument_message, observation, result_entry, worksheet_position};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, ObservationId, PersonId, PositionId, ResultEntryId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = result_entry)]
pub struct EntryRow {
    pub id: ResultEntryId,
    pub position_id: PositionId,
    pub field: String,
    pub replicate: i64,
    pub entry_no: i64,
    pub value: String,
    pub unit: String,
    pub source: String,
    pub reason: String,
    pub observation_id: Option<ObservationId>,
    pub person_id: Option<PersonId>,
    pub client_uuid: String,
    pub at: Moment,
    /// When it was made, where it was typed late.
    pub run_at: Option<Moment>,
    /// What was done to what the instrument printed, as JSON; empty: nothing.
    pub correction: String,
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = result_entry, treat_none_as_default_value = false)]
pub struct NewEntryRow {
    pub position_id: PositionId,
    pub field: String,
    pub replicate: i64,
    pub entry_no: i64,
    pub value: String,
    pub unit: String,
    pub source: &'static str,
    pub reason: String,
    pub observation_id: Option<ObservationId>,
    pub person_id: Option<PersonId>,
    pub client_uuid: String,
    pub at: Moment,
    /// When it was made, where it was typed late.
    pub run_at: Option<Moment>,
    pub correction: String,
}

impl NewEntryRow {
    /// The row as it is read again.
    pub fn stored(self, id: ResultEntryId) -> EntryRow {
        EntryRow {
            id,
            position_id: self.position_id,
            field: self.field,
            replicate: self.replicate,
            entry_no: self.entry_no,
            value: self.value,
            unit: self.unit,
            source: self.source.to_owned(),
            reason: self.reason,
            observation_id: self.observation_id,
            person_id: self.person_id,
            client_uuid: self.client_uuid,
            at: self.at,
            run_at: self.run_at,
            correction: self.correction,
        }
    }
}

/// All entries of positions, in order of cell and number.
pub fn entries(conn: &mut Conn, positions: &[PositionId]) -> QueryResult<Vec<EntryRow>> {
    result_entry::table
        .filter(result_entry::position_id.eq_any(positions.iter().map(|id| id.0)))
        .order((result_entry::position_id, result_entry::field, result_entry::replicate, result_entry::entry_no))
        .select(cols::<EntryRow>())
        .load(conn)
}

pub fn entries_by_id(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<EntryRow>> {
    result_entry::table
        .filter(result_entry::id.eq_any(ids.to_vec()))
        .order(result_entry::id)
        .select(cols::<EntryRow>())
        .load(conn)
}

/// Of items those with a value on one of their places that was typed late.
pub fn items_typed_late(conn: &mut Conn, items: &[ItemId]) -> QueryResult<BTreeSet<ItemId>> {
    if items.is_empty() {
        return Ok(BTreeSet::new());
    }
    let late: Vec<Option<ItemId>> = result_entry::table
        .inner_join(worksheet_position::table)
        .filter(worksheet_position::item_id.eq_any(items.iter().map(|id| Some(id.0))))
        .filter(result_entry::run_at.is_not_null())
        .select(worksheet_position::item_id)
        .load(conn)?;
    Ok(late.into_iter().flatten().collect())
}

/// Inserts entries; their ids in the order of the rows, `None` where another entry bears the mark of the sender.
pub fn insert_entries(conn: &mut Conn, rows: &[NewEntryRow]) -> QueryResult<Vec<Option<ResultEntryId>>> {
    let made: Vec<(String, ResultEntryId)> = each!(conn, c => diesel::insert_into(result_entry::table)
        .values(rows)
        .on_conflict(result_entry::client_uuid)
        .do_nothing()
        .returning((result_entry::client_uuid, result_entry::id))
        .get_results(c))?;
    let made: HashMap<String, ResultEntryId> = made.into_iter().collect();
    Ok(rows.iter().map(|row| made.get(&row.client_uuid).copied()).collect())
}

/// Where observations came from: instrument, file, place in it.
#[derive(Queryable, Clone, Debug)]
pub struct SourceRow {
    pub observation: ObservationId,
    pub message: i64,
    pub instrument_code: String,
    pub file_name: String,
    pub source_place: String,
    pub value: String,
    pub flag: String,
    pub sha256: String,
    pub received_at: Moment,
    /// Which reading of the message the row is of.
    pub reading_no: i64,
}

pub fn sources(conn: &mut Conn, observations: &[ObservationId]) -> QueryResult<Vec<SourceRow>> {
    observation::table
        .inner_join(instrument_message::table)
        .filter(observation::id.eq_any(observations.iter().map(|id| id.0)))
        .order(observation::id)
        .select((
            observation::id,
            instrument_message::id,
            instrument_message::instrument_code,
            instrument_message::file_name,
            observation::source_place,
            observation::value,
            observation::flag,
            instrument_message::sha256,
            instrument_message::received_at,
            observation::reading_no,
        ))
        .load(conn)
}
