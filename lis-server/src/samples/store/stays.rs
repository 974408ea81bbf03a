//! Queries of the stays of parts in rooms.

use diesel::prelude::*;

use crate::db::schema::part_stay;
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{PartId, RoomId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = part_stay)]
pub struct StayRow {
    pub part_id: PartId,
    pub room_id: RoomId,
    pub place: String,
    pub began_at: Moment,
    pub ended_at: Option<Moment>,
}

#[derive(Insertable)]
#[diesel(table_name = part_stay)]
pub struct NewStay<'a> {
    pub part_id: PartId,
    pub room_id: RoomId,
    pub place: &'a str,
    pub began_at: Moment,
}

pub fn insert_stays(conn: &mut Conn, rows: &[NewStay]) -> QueryResult<()> {
    if !rows.is_empty() {
        each!(conn, c => diesel::insert_into(part_stay::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Ends what stays of parts are open.
pub fn end_stays(conn: &mut Conn, of: &[PartId], at: Moment) -> QueryResult<()> {
    let open = part_stay::table
        .filter(part_stay::part_id.eq_any(of.iter().map(|id| id.0)))
        .filter(part_stay::ended_at.is_null());
    diesel::update(open).set(part_stay::ended_at.eq(at)).execute(conn)?;
    Ok(())
}

/// Stays of parts, in the order in which they began.
pub fn stays(conn: &mut Conn, of: &[PartId]) -> QueryResult<Vec<StayRow>> {
    part_stay::table
        .filter(part_stay::part_id.eq_any(of.iter().map(|id| id.0)))
        .order(part_stay::id)
        .select(cols::<StayRow>())
        .load(conn)
}
