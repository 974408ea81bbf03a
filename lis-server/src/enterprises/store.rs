//! Queries of the registry, nothing else.

use diesel::prelude::*;

use crate::db::schema::enterprise;
use crate::db::{Conn, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::EnterpriseId;

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = enterprise)]
pub struct EnterpriseRow {
    pub id: EnterpriseId,
    pub version: i64,
    pub name: String,
    pub uscc: Option<String>,
    pub licence_no: String,
    pub stage: String,
    pub venue: String,
    pub address: String,
    pub region_code: String,
    pub contact: String,
    pub phone: String,
    pub email: String,
    pub language: String,
    pub risk_grade: String,
    pub baobao_tier: String,
    pub active: bool,
}

#[derive(Insertable)]
#[diesel(table_name = enterprise, treat_none_as_default_value = false)]
pub struct NewEnterprise<'a> {
    pub version: i64,
    pub name: &'a str,
    pub uscc: Option<&'a str>,
    pub licence_no: &'a str,
    pub stage: &'a str,
    pub venue: &'a str,
    pub address: &'a str,
    pub region_code: &'a str,
    pub contact: &'a str,
    pub phone: &'a str,
    pub email: &'a str,
    pub language: &'a str,
    pub risk_grade: &'a str,
    pub baobao_tier: &'a str,
    pub active: bool,
    pub created_at: Moment,
}

#[derive(AsChangeset)]
#[diesel(table_name = enterprise, treat_none_as_null = true)]
pub struct EnterpriseChange<'a> {
    pub name: &'a str,
    pub uscc: Option<&'a str>,
    pub licence_no: &'a str,
    pub stage: &'a str,
    pub venue: &'a str,
    pub address: &'a str,
    pub region_code: &'a str,
    pub contact: &'a str,
    pub phone: &'a str,
    pub email: &'a str,
    pub language: &'a str,
    pub risk_grade: &'a str,
    pub baobao_tier: &'a str,
    pub active: bool,
}

pub fn insert(conn: &mut Conn, row: &NewEnterprise) -> QueryResult<EnterpriseId> {
    diesel::insert_into(enterprise::table).values(row).returning(enterprise::id).get_result(conn)
}

/// Rows of one statement: 16 values each, below the limits of both databases.
const ROWS_OF_A_STATEMENT: usize = 1_000;

pub fn insert_all(conn: &mut Conn, rows: &[NewEnterprise]) -> QueryResult<()> {
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        each!(conn, c => diesel::insert_into(enterprise::table).values(rows).execute(c))?;
    }
    Ok(())
}

pub fn change(conn: &mut Conn, id: EnterpriseId, seen: i64, change: &EnterpriseChange) -> QueryResult<bool> {
    let at = enterprise::table.filter(enterprise::id.eq(id)).filter(enterprise::version.eq(seen));
    Ok(diesel::update(at).set((change, enterprise::version.eq(seen + 1))).execute(conn)? == 1)
}

/// Takes the words about a unit's contact away.
pub fn erase_contact(conn: &mut Conn, id: EnterpriseId, next_version: i64) -> QueryResult<()> {
    diesel::update(enterprise::table.find(id.0))
        .set((
            enterprise::contact.eq(""),
            enterprise::phone.eq(""),
            enterprise::email.eq(""),
            enterprise::version.eq(next_version),
        ))
        .execute(conn)?;
    Ok(())
}

pub fn one(conn: &mut Conn, id: EnterpriseId) -> QueryResult<Option<EnterpriseRow>> {
    enterprise::table.find(id.0).select(cols::<EnterpriseRow>()).first(conn).optional()
}

pub fn several(conn: &mut Conn, ids: &[EnterpriseId]) -> QueryResult<Vec<EnterpriseRow>> {
    let mut found: Vec<EnterpriseRow> = in_pieces(ids, |ids| {
        enterprise::table
            .filter(enterprise::id.eq_any(ids.iter().map(|id| id.0)))
            .select(cols::<EnterpriseRow>())
            .load(conn)
    })?;
    found.sort_unstable_by_key(|unit| unit.id);
    Ok(found)
}

/// Active units of a region and everything below it, in order of id.
pub fn active_in_region(conn: &mut Conn, region: &str) -> QueryResult<Vec<EnterpriseRow>> {
    enterprise::table
        .filter(enterprise::active.eq(true))
        .filter(enterprise::region_code.like(format!("{region}%")))
        .order(enterprise::id)
        .select(cols::<EnterpriseRow>())
        .load(conn)
}

/// Units with one of these credit codes or licence numbers, in order of id.
pub fn by_identifiers(conn: &mut Conn, usccs: &[String], licences: &[String]) -> QueryResult<Vec<EnterpriseRow>> {
    enterprise::table
        .filter(enterprise::uscc.eq_any(usccs).or(enterprise::licence_no.eq_any(licences)))
        .order(enterprise::id)
        .select(cols::<EnterpriseRow>())
        .load(conn)
}

/// Those of the credit codes that are registered, with their ids.
pub fn registered(conn: &mut Conn, usccs: &[String]) -> QueryResult<Vec<(EnterpriseId, Option<String>)>> {
    in_pieces(usccs, |usccs| {
        enterprise::table.filter(enterprise::uscc.eq_any(usccs)).select((enterprise::id, enterprise::uscc)).load(conn)
    })
}

/// Ids of rows made after another one, for the log of an import.
pub fn made_after(conn: &mut Conn, id: i64) -> QueryResult<Vec<(EnterpriseId, String)>> {
    enterprise::table
        .filter(enterprise::id.gt(id))
        .order(enterprise::id)
        .select((enterprise::id, enterprise::name))
        .load(conn)
}

pub fn last_id(conn: &mut Conn) -> QueryResult<i64> {
    let last: Option<i64> = enterprise::table.select(diesel::dsl::max(enterprise::id)).first(conn)?;
    Ok(last.unwrap_or(0))
}

/// What a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name, or a whole credit code or licence number.
    pub text: String,
    /// A region and everything below it.
    pub region: String,
    pub stage: String,
    pub after: i64,
}

/// Rows in order of id, from an id on (exclusive).
pub fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> QueryResult<Vec<EnterpriseRow>> {
    let mut query = enterprise::table.filter(enterprise::id.gt(filter.after)).into_boxed();
    if !filter.text.is_empty() {
        let part = format!("%{}%", escaped(&filter.text));
        query = query.filter(
            enterprise::name
                .like(part)
                .escape('\\')
                .or(enterprise::uscc.eq(filter.text.clone()))
                .or(enterprise::licence_no.eq(filter.text.clone())),
        );
    }
    if !filter.region.is_empty() {
        query = query.filter(enterprise::region_code.like(format!("{}%", escaped(&filter.region))).escape('\\'));
    }
    if !filter.stage.is_empty() {
        query = query.filter(enterprise::stage.eq(filter.stage.clone()));
    }
    query.order(enterprise::id).limit(limit).select(cols::<EnterpriseRow>()).load(conn)
}

/// A typed text in which `%` and `_` stand for themselves.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
