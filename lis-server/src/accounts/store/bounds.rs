//! Queries of the boxes around regions.

use diesel::prelude::*;

use crate::db::schema::region;
use crate::db::{Conn, cols};

/// A region with its box, where it has one.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = region)]
pub struct BoundsRow {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub south: Option<String>,
    pub west: Option<String>,
    pub north: Option<String>,
    pub east: Option<String>,
}

pub fn bounds(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<BoundsRow>> {
    region::table.filter(region::code.eq_any(codes)).select(cols::<BoundsRow>()).load(conn)
}

/// The regions that have a box, in order of code.
pub fn all_bounds(conn: &mut Conn) -> QueryResult<Vec<BoundsRow>> {
    region::table.filter(region::south.is_not_null()).order(region::code).select(cols::<BoundsRow>()).load(conn)
}

/// South, west, north, east; `None`: no box.
pub fn bound_region(conn: &mut Conn, code: &str, edges: Option<[&str; 4]>) -> QueryResult<()> {
    let [south, west, north, east] = edges.map_or([None; 4], |edges| edges.map(Some));
    let change = (region::south.eq(south), region::west.eq(west), region::north.eq(north), region::east.eq(east));
    diesel::update(region::table.find(code)).set(change).execute(conn)?;
    Ok(())
}
