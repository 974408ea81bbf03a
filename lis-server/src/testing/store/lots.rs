//! Queries of the lots that a worksheet used.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{lot, worksheet_lot};
use crate::db::{Conn, each};
use crate::domain::ids::{LotId, WorksheetId};

/// A lot with the day on which a worksheet used it.
#[derive(Queryable, Clone, Debug)]
pub struct UsedLotRow {
    pub id: LotId,
    pub code: String,
    pub name: String,
    pub expires_on: NaiveDate,
    pub used_on: NaiveDate,
}

#[derive(Insertable)]
#[diesel(table_name = worksheet_lot)]
pub struct NewUsedLot {
    pub worksheet_id: WorksheetId,
    pub lot_id: LotId,
    pub used_on: NaiveDate,
}

/// The lots of a sheet, in order of code.
pub fn used_lots(conn: &mut Conn, of: WorksheetId) -> QueryResult<Vec<UsedLotRow>> {
    worksheet_lot::table
        .inner_join(lot::table)
        .filter(worksheet_lot::worksheet_id.eq(of))
        .order(lot::code)
        .select((lot::id, lot::code, lot::name, lot::expires_on, worksheet_lot::used_on))
        .load(conn)
}

/// Replaces the lots of a sheet.
pub fn set_used_lots(conn: &mut Conn, of: WorksheetId, rows: &[NewUsedLot]) -> QueryResult<()> {
    diesel::delete(worksheet_lot::table.filter(worksheet_lot::worksheet_id.eq(of))).execute(conn)?;
    if !rows.is_empty() {
        each!(conn, c => diesel::insert_into(worksheet_lot::table).values(rows).execute(c))?;
    }
    Ok(())
}
