//! Queries of lots, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{lot, lot_parent, lot_receipt};
use crate::db::{Conn, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{LotId, PersonId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = lot)]
pub struct LotRow {
    pub id: LotId,
    pub version: i64,
    pub code: String,
    pub kind: String,
    pub name: String,
    pub lot_no: String,
    pub supplier: String,
    pub certificate_no: String,
    pub concentration: Option<String>,
    pub unit: String,
    pub received_on: NaiveDate,
    pub opened_on: Option<NaiveDate>,
    pub expires_on: NaiveDate,
    pub prepared_by: String,
    pub purity: String,
    pub storage: String,
}

#[derive(Insertable)]
#[diesel(table_name = lot, treat_none_as_default_value = false)]
pub struct NewLot<'a> {
    pub version: i64,
    pub code: &'a str,
    pub kind: &'a str,
    pub name: &'a str,
    pub lot_no: &'a str,
    pub supplier: &'a str,
    pub certificate_no: &'a str,
    pub concentration: Option<&'a str>,
    pub unit: &'a str,
    pub received_on: NaiveDate,
    pub opened_on: Option<NaiveDate>,
    pub expires_on: NaiveDate,
    pub prepared_by: &'a str,
    pub purity: &'a str,
    pub storage: &'a str,
    pub created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = lot_parent)]
pub struct NewParent {
    pub lot_id: LotId,
    pub parent_id: LotId,
}

pub fn by_codes(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<LotRow>> {
    in_pieces(codes, |codes| {
        lot::table.filter(lot::code.eq_any(codes.to_vec())).order(lot::id).select(cols::<LotRow>()).load(conn)
    })
}

pub fn by_ids(conn: &mut Conn, ids: &[LotId]) -> QueryResult<Vec<LotRow>> {
    lot::table.filter(lot::id.eq_any(ids.iter().map(|id| id.0))).order(lot::id).select(cols::<LotRow>()).load(conn)
}

/// Lots, newest first.
pub fn lots(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<LotRow>> {
    lot::table.filter(lot::id.lt(before)).order(lot::id.desc()).limit(limit).select(cols::<LotRow>()).load(conn)
}

/// Lots with the lots that they were made of.
pub fn parents(conn: &mut Conn, of: &[LotId]) -> QueryResult<Vec<(LotId, LotId)>> {
    lot_parent::table
        .filter(lot_parent::lot_id.eq_any(of.iter().map(|id| id.0)))
        .order((lot_parent::lot_id, lot_parent::parent_id))
        .select((lot_parent::lot_id, lot_parent::parent_id))
        .load(conn)
}

/// Lots with the lots that were made of them.
pub fn children(conn: &mut Conn, of: &[LotId]) -> QueryResult<Vec<(LotId, LotId)>> {
    lot_parent::table
        .filter(lot_parent::parent_id.eq_any(of.iter().map(|id| id.0)))
        .order((lot_parent::parent_id, lot_parent::lot_id))
        .select((lot_parent::parent_id, lot_parent::lot_id))
        .load(conn)
}

/// Rows of one statement: sixteen values each, of the 32,766 that SQLite takes.
const ROWS_OF_A_STATEMENT: usize = 1_000;

/// Stores lots; their codes and ids, in no particular order.
pub fn insert(conn: &mut Conn, rows: &[NewLot]) -> QueryResult<Vec<(String, LotId)>> {
    let mut stored = Vec::new();
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        let ids: Vec<(String, LotId)> = each!(conn, c => diesel::insert_into(lot::table)
            .values(rows)
            .returning((lot::code, lot::id))
            .get_results(c))?;
        stored.extend(ids);
    }
    Ok(stored)
}

pub fn insert_parents(conn: &mut Conn, rows: &[NewParent]) -> QueryResult<()> {
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        each!(conn, c => diesel::insert_into(lot_parent::table).values(rows).execute(c))?;
    }
    Ok(())
}

pub fn open(conn: &mut Conn, id: LotId, seen: i64, on: NaiveDate) -> QueryResult<bool> {
    let changed = diesel::update(lot::table.filter(lot::id.eq(id)).filter(lot::version.eq(seen)))
        .set((lot::opened_on.eq(on), lot::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// The check of a lot when it came.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = lot_receipt)]
pub struct ReceiptRow {
    pub lot_id: LotId,
    pub accepted: bool,
    pub checked: String,
    pub reason: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = lot_receipt)]
pub struct NewReceipt<'a> {
    pub lot_id: LotId,
    pub accepted: bool,
    pub checked: &'a str,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// The checks of lots, in the order in which they were made.
pub fn receipts(conn: &mut Conn, of: &[LotId]) -> QueryResult<Vec<ReceiptRow>> {
    lot_receipt::table
        .filter(lot_receipt::lot_id.eq_any(of.iter().map(|id| id.0)))
        .order(lot_receipt::id)
        .select(cols::<ReceiptRow>())
        .load(conn)
}

pub fn insert_receipt(conn: &mut Conn, row: &NewReceipt) -> QueryResult<()> {
    diesel::insert_into(lot_receipt::table).values(row).execute(conn)?;
    Ok(())
}

/// Moves a lot on to its next version, if it is still at the one that was seen.
pub fn touch(conn: &mut Conn, id: LotId, seen: i64) -> QueryResult<bool> {
    let changed = diesel::update(lot::table.filter(lot::id.eq(id)).filter(lot::version.eq(seen)))
        .set(lot::version.eq(seen + 1))
        .execute(conn)?;
    Ok(changed == 1)
}
