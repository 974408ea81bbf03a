//! Queries of suppliers, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::supplier;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, SupplierId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = supplier)]
pub struct SupplierRow {
    pub id: SupplierId,
    pub version: i64,
    pub name: String,
    pub provides: String,
    pub approved_from: NaiveDate,
    pub approved_until: NaiveDate,
    pub evaluated_on: NaiveDate,
    pub evaluation: String,
    pub evaluated_by: PersonId,
}

/// What is said of a supplier at an evaluation.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = supplier)]
pub struct Evaluated<'a> {
    pub name: &'a str,
    pub provides: &'a str,
    pub approved_from: NaiveDate,
    pub approved_until: NaiveDate,
    pub evaluated_on: NaiveDate,
    pub evaluation: &'a str,
    pub evaluated_by: PersonId,
}

/// The register in order of id.
pub fn suppliers(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<SupplierRow>> {
    supplier::table
        .filter(supplier::id.gt(after))
        .order(supplier::id)
        .limit(limit)
        .select(cols::<SupplierRow>())
        .load(conn)
}

pub fn supplier(conn: &mut Conn, id: SupplierId) -> QueryResult<Option<SupplierRow>> {
    supplier::table.filter(supplier::id.eq(id)).select(cols::<SupplierRow>()).first(conn).optional()
}

/// Those who bear one of the names.
pub fn named(conn: &mut Conn, names: &[String]) -> QueryResult<Vec<SupplierRow>> {
    supplier::table
        .filter(supplier::name.eq_any(names.to_vec()))
        .order(supplier::id)
        .select(cols::<SupplierRow>())
        .load(conn)
}

pub fn insert(conn: &mut Conn, said: &Evaluated, at: Moment) -> QueryResult<SupplierId> {
    diesel::insert_into(supplier::table)
        .values((said, supplier::version.eq(1_i64), supplier::created_at.eq(at)))
        .returning(supplier::id)
        .get_result(conn)
}

/// Changes a supplier that is still at the version seen.
pub fn evaluate(conn: &mut Conn, id: SupplierId, seen: i64, said: &Evaluated) -> QueryResult<bool> {
    let at = supplier::table.filter(supplier::id.eq(id)).filter(supplier::version.eq(seen));
    let changed = diesel::update(at).set((said, supplier::version.eq(seen + 1))).execute(conn)?;
    Ok(changed == 1)
}
