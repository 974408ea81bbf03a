//! Queries of worksheets and their positions.

use diesel::prelude::*;

use super::items::ItemRow;
use crate::db::schema::{instrument, result_version, test_item, worksheet, worksheet_position};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, ItemId, PersonId, PositionId, WorksheetId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = worksheet)]
pub struct WorksheetRow {
    pub id: WorksheetId,
    pub version: i64,
    pub worksheet_no: String,
    pub method_standard: String,
    pub method_key: String,
    pub tester_id: PersonId,
    pub instrument_id: Option<InstrumentId>,
    pub state: String,
    pub created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = worksheet, treat_none_as_default_value = false)]
pub struct NewWorksheetRow<'a> {
    pub version: i64,
    pub worksheet_no: &'a str,
    pub method_standard: &'a str,
    pub method_key: &'a str,
    pub tester_id: PersonId,
    pub instrument_id: Option<InstrumentId>,
    pub state: &'a str,
    pub created_at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = worksheet_position)]
pub struct PositionRow {
    pub id: PositionId,
    pub worksheet_id: WorksheetId,
    pub place: i64,
    pub kind: String,
    pub item_id: Option<ItemId>,
    pub label_code: String,
    pub target: String,
}

#[derive(Insertable)]
#[diesel(table_name = worksheet_position, treat_none_as_default_value = false)]
pub struct NewPositionRow {
    pub worksheet_id: WorksheetId,
    pub place: i64,
    pub kind: &'static str,
    pub item_id: Option<ItemId>,
    pub label_code: String,
    pub target: String,
}

pub fn insert_worksheet(conn: &mut Conn, row: &NewWorksheetRow) -> QueryResult<WorksheetId> {
    diesel::insert_into(worksheet::table).values(row).returning(worksheet::id).get_result(conn)
}

pub fn insert_positions(conn: &mut Conn, rows: &[NewPositionRow]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(worksheet_position::table).values(rows).execute(c))?;
    Ok(())
}

pub fn worksheets(conn: &mut Conn, states: &[&'static str], before: i64, limit: i64) -> QueryResult<Vec<WorksheetRow>> {
    worksheet::table
        .filter(worksheet::state.eq_any(states.to_vec()))
        .filter(worksheet::id.lt(before))
        .order(worksheet::id.desc())
        .limit(limit)
        .select(cols::<WorksheetRow>())
        .load(conn)
}

/// Sheets in a state that were opened for one of these instruments, newest first.
pub fn worksheets_on(
    conn: &mut Conn,
    instruments: &[InstrumentId],
    state: &'static str,
    limit: i64,
) -> QueryResult<Vec<WorksheetId>> {
    worksheet::table
        .filter(worksheet::state.eq(state))
        .filter(worksheet::instrument_id.eq_any(instruments.iter().map(|id| Some(id.0))))
        .order(worksheet::id.desc())
        .limit(limit)
        .select(worksheet::id)
        .load(conn)
}

/// A sheet's positions with their items and the number of each item's newest result, in order of place.
pub type SheetLine = (WorksheetRow, PositionRow, Option<ItemRow>, Option<i64>);

pub fn sheet(conn: &mut Conn, id: WorksheetId) -> QueryResult<Vec<SheetLine>> {
    sheets(conn, &[id])
}

/// The same of several sheets, one after the other.
pub fn sheets(conn: &mut Conn, ids: &[WorksheetId]) -> QueryResult<Vec<SheetLine>> {
    worksheet_position::table
        .inner_join(worksheet::table.on(worksheet_position::worksheet_id.eq(worksheet::id)))
        .left_join(test_item::table.on(worksheet_position::item_id.eq(test_item::id.nullable())))
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(worksheet_position::worksheet_id.eq_any(ids.iter().map(|id| id.0)))
        .order((worksheet_position::worksheet_id, worksheet_position::place))
        .select((
            cols::<WorksheetRow>(),
            cols::<PositionRow>(),
            cols::<Option<ItemRow>>(),
            result_version::version_no.nullable(),
        ))
        .load(conn)
}

/// Positions that carry one of the codes, with sheet and item, newest sheet first.
pub fn positions_by_label(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<SheetLine>> {
    worksheet_position::table
        .inner_join(worksheet::table.on(worksheet_position::worksheet_id.eq(worksheet::id)))
        .left_join(test_item::table.on(worksheet_position::item_id.eq(test_item::id.nullable())))
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(worksheet_position::label_code.eq_any(codes.to_vec()))
        .order((worksheet_position::worksheet_id.desc(), worksheet_position::place))
        .select((
            cols::<WorksheetRow>(),
            cols::<PositionRow>(),
            cols::<Option<ItemRow>>(),
            result_version::version_no.nullable(),
        ))
        .load(conn)
}

/// Positions in the order of their sheets: kind and label code.
pub fn places(conn: &mut Conn, ids: &[PositionId]) -> QueryResult<Vec<(PositionId, String, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    worksheet_position::table
        .filter(worksheet_position::id.eq_any(ids.iter().map(|id| id.0)))
        .order((worksheet_position::worksheet_id, worksheet_position::place))
        .select((worksheet_position::id, worksheet_position::kind, worksheet_position::label_code))
        .load(conn)
}

pub fn worksheet_version(conn: &mut Conn, id: WorksheetId) -> QueryResult<Option<i64>> {
    worksheet::table.find(id.0).select(worksheet::version).first(conn).optional()
}

pub fn label_of_position(conn: &mut Conn, id: PositionId) -> QueryResult<Option<String>> {
    worksheet_position::table.find(id.0).select(worksheet_position::label_code).first(conn).optional()
}

pub fn worksheet_of_position(conn: &mut Conn, id: PositionId) -> QueryResult<Option<WorksheetId>> {
    worksheet_position::table.find(id.0).select(worksheet_position::worksheet_id).first(conn).optional()
}

pub fn set_worksheet_state(conn: &mut Conn, id: WorksheetId, seen: i64, state: &str) -> QueryResult<bool> {
    let changed = diesel::update(worksheet::table.filter(worksheet::id.eq(id)).filter(worksheet::version.eq(seen)))
        .set((worksheet::state.eq(state), worksheet::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Worksheets in a state; of one tester, where one is named.
pub fn count_worksheets(conn: &mut Conn, state: &'static str, tester: Option<PersonId>) -> QueryResult<i64> {
    let sheets = worksheet::table.filter(worksheet::state.eq(state));
    match tester {
        Some(tester) => sheets.filter(worksheet::tester_id.eq(tester)).count().get_result(conn),
        None => sheets.count().get_result(conn),
    }
}

pub fn instrument_exists(conn: &mut Conn, id: InstrumentId) -> QueryResult<bool> {
    let found: Option<i64> = instrument::table.find(id.0).select(instrument::id).first(conn).optional()?;
    Ok(found.is_some())
}
