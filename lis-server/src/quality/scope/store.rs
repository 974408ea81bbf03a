//! Queries of the accredited scope, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::accredited_scope;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::ScopeId;

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = accredited_scope)]
pub struct ScopeRow {
    pub id: ScopeId,
    pub version: i64,
    pub scheme: String,
    pub certificate_no: String,
    pub analytes: String,
    pub method_standard: String,
    pub procedure_name: String,
    pub food_categories: String,
    pub restrictions: String,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = accredited_scope)]
pub struct NewScopeRow<'a> {
    pub version: i64,
    pub scheme: &'a str,
    pub certificate_no: &'a str,
    pub analytes: &'a str,
    pub method_standard: &'a str,
    pub procedure_name: &'a str,
    pub food_categories: &'a str,
    pub restrictions: &'a str,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub created_at: Moment,
}

/// Lines that hold on a day.
pub fn on(conn: &mut Conn, on: NaiveDate) -> QueryResult<Vec<ScopeRow>> {
    accredited_scope::table
        .filter(accredited_scope::valid_from.le(on))
        .filter(accredited_scope::valid_until.ge(on))
        .order(accredited_scope::id)
        .select(cols::<ScopeRow>())
        .load(conn)
}

/// Lines, newest first.
pub fn lines(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<ScopeRow>> {
    accredited_scope::table
        .filter(accredited_scope::id.lt(before))
        .order(accredited_scope::id.desc())
        .limit(limit)
        .select(cols::<ScopeRow>())
        .load(conn)
}

pub fn line(conn: &mut Conn, id: ScopeId) -> QueryResult<Option<ScopeRow>> {
    accredited_scope::table.filter(accredited_scope::id.eq(id)).select(cols::<ScopeRow>()).first(conn).optional()
}

/// Whether the same line of the same certificate is there from the same day on.
pub fn is_known(conn: &mut Conn, row: &NewScopeRow) -> QueryResult<bool> {
    let found = accredited_scope::table
        .filter(accredited_scope::scheme.eq(row.scheme))
        .filter(accredited_scope::certificate_no.eq(row.certificate_no))
        .filter(accredited_scope::analytes.eq(row.analytes))
        .filter(accredited_scope::method_standard.eq(row.method_standard))
        .filter(accredited_scope::procedure_name.eq(row.procedure_name))
        .filter(accredited_scope::food_categories.eq(row.food_categories))
        .filter(accredited_scope::valid_from.eq(row.valid_from))
        .count()
        .get_result::<i64>(conn)?;
    Ok(found > 0)
}

pub fn insert(conn: &mut Conn, row: &NewScopeRow) -> QueryResult<ScopeId> {
    diesel::insert_into(accredited_scope::table).values(row).returning(accredited_scope::id).get_result(conn)
}

pub fn end(conn: &mut Conn, id: ScopeId, seen: i64, last_day: NaiveDate) -> QueryResult<bool> {
    let row = accredited_scope::table.filter(accredited_scope::id.eq(id)).filter(accredited_scope::version.eq(seen));
    let changed = diesel::update(row)
        .set((accredited_scope::valid_until.eq(last_day), accredited_scope::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}
