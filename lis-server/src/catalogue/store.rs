//! Queries of the catalogue's sets, nothing else.

use diesel::prelude::*;
use serde::Serialize;

use crate::db::schema::catalogue_set;
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::CatalogueSetId;

/// A set without its content.
#[derive(Queryable, Selectable, Serialize, Clone, Debug, PartialEq, Eq)]
#[diesel(table_name = catalogue_set)]
pub struct SetRow {
    pub id: CatalogueSetId,
    pub kind: String,
    pub name: String,
    pub sha256: String,
    pub row_count: i64,
    pub imported_by: String,
    pub imported_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = catalogue_set, treat_none_as_default_value = false)]
pub struct NewSetRow<'a> {
    pub kind: &'a str,
    pub name: &'a str,
    pub sha256: &'a str,
    pub content: &'a str,
    pub row_count: i64,
    pub imported_by: &'a str,
    pub imported_at: Moment,
}

/// The newest set of each kind, in order of kind.
pub fn newest(conn: &mut Conn) -> QueryResult<Vec<SetRow>> {
    let newer = diesel::alias!(catalogue_set as newer);
    catalogue_set::table
        .filter(diesel::dsl::not(diesel::dsl::exists(
            newer
                .filter(newer.field(catalogue_set::kind).eq(catalogue_set::kind))
                .filter(newer.field(catalogue_set::id).gt(catalogue_set::id))
                .select(newer.field(catalogue_set::id)),
        )))
        .order(catalogue_set::kind)
        .select(cols::<SetRow>())
        .load(conn)
}

/// Every set, newest first, before an id (exclusive).
pub fn sets(conn: &mut Conn, before: Option<i64>, limit: i64) -> QueryResult<Vec<SetRow>> {
    let mut query = catalogue_set::table.into_boxed();
    if let Some(before) = before {
        query = query.filter(catalogue_set::id.lt(before));
    }
    query.order(catalogue_set::id.desc()).limit(limit).select(cols::<SetRow>()).load(conn)
}

pub fn contents(conn: &mut Conn, ids: &[CatalogueSetId]) -> QueryResult<Vec<(CatalogueSetId, String)>> {
    catalogue_set::table
        .filter(catalogue_set::id.eq_any(ids.iter().map(|id| id.0)))
        .select((catalogue_set::id, catalogue_set::content))
        .load(conn)
}

/// The kind and the content of one set.
pub fn table(conn: &mut Conn, id: CatalogueSetId) -> QueryResult<Option<(String, String)>> {
    catalogue_set::table
        .filter(catalogue_set::id.eq(id))
        .select((catalogue_set::kind, catalogue_set::content))
        .first(conn)
        .optional()
}

pub fn insert(conn: &mut Conn, rows: &[NewSetRow]) -> QueryResult<Vec<CatalogueSetId>> {
    each!(conn, c => diesel::insert_into(catalogue_set::table)
        .values(rows)
        .returning(catalogue_set::id)
        .get_results(c))
}
