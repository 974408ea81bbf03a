//! Queries of what was sent to instruments and how it went, nothing else.

use diesel::prelude::*;

use crate::db::schema::{dispatch_outcome, instrument_dispatch};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{DispatchId, InstrumentId, PersonId, WorksheetId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = instrument_dispatch)]
pub struct DispatchRow {
    pub id: DispatchId,
    pub instrument_id: InstrumentId,
    /// `orders` or `file`.
    pub way: String,
    pub file_name: String,
    /// Orders as JSON; a file in base64.
    pub content: String,
    pub requested_by: PersonId,
    pub requested_at: Moment,
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = instrument_dispatch, treat_none_as_default_value = false)]
pub struct NewDispatch {
    pub worksheet_id: WorksheetId,
    pub instrument_id: InstrumentId,
    pub way: &'static str,
    pub file_name: String,
    pub content: String,
    pub requested_by: PersonId,
    pub requested_at: Moment,
}

/// How it went.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = dispatch_outcome, treat_none_as_default_value = false)]
pub struct OutcomeRow {
    pub dispatch_id: DispatchId,
    /// `delivered` or `refused`.
    pub state: String,
    pub agent: String,
    pub detail: String,
    pub at: Moment,
}

pub fn insert_dispatch(conn: &mut Conn, row: &NewDispatch) -> QueryResult<DispatchId> {
    each!(conn, c => diesel::insert_into(instrument_dispatch::table)
        .values(row)
        .returning(instrument_dispatch::id)
        .get_result(c))
}

/// What was sent of worksheets, the newest first.
pub fn dispatches(conn: &mut Conn, sheets: &[WorksheetId], limit: i64) -> QueryResult<Vec<DispatchRow>> {
    instrument_dispatch::table
        .filter(instrument_dispatch::worksheet_id.eq_any(sheets.iter().map(|id| id.0)))
        .order(instrument_dispatch::id.desc())
        .limit(limit)
        .select(cols::<DispatchRow>())
        .load(conn)
}

pub fn dispatches_by_id(conn: &mut Conn, ids: &[DispatchId]) -> QueryResult<Vec<DispatchRow>> {
    instrument_dispatch::table
        .filter(instrument_dispatch::id.eq_any(ids.iter().map(|id| id.0)))
        .order(instrument_dispatch::id)
        .select(cols::<DispatchRow>())
        .load(conn)
}

pub fn outcomes(conn: &mut Conn, ids: &[DispatchId]) -> QueryResult<Vec<OutcomeRow>> {
    dispatch_outcome::table
        .filter(dispatch_outcome::dispatch_id.eq_any(ids.iter().map(|id| id.0)))
        .order(dispatch_outcome::dispatch_id)
        .select(cols::<OutcomeRow>())
        .load(conn)
}

pub fn insert_outcomes(conn: &mut Conn, rows: &[OutcomeRow]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(dispatch_outcome::table).values(rows).execute(c))?;
    Ok(())
}
