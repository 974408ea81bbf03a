//! What was read in the rooms of a worksheet while it was worked on, for its raw record.

use chrono::NaiveDate;
use serde::Serialize;

use super::actions::known;
use super::state::Room;
use super::store::{self, RoomRow};
use super::views::{RoomReadingView, reading_view};
use crate::accounts::actions::names_of;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, RoomId};
use crate::domain::refusal::Outcome;

/// A room in which a sheet was worked on.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = WorksheetRoomView)]
pub struct SheetRoom {
    pub code: String,
    pub name: String,
    /// Of the days on which something was entered, oldest first.
    pub readings: Vec<RoomReadingView>,
}

/// The rooms that a method makes demands on and that house a sheet's instruments, with their readings of some days. Four
/// statements, one where there are no rooms.
pub fn read_on(conn: &mut Conn, method: &str, instruments: &[String], days: &[NaiveDate]) -> Outcome<Vec<SheetRoom>> {
    let midnight = |day: NaiveDate| Moment::parse_in_china(&format!("{day} 00:00"));
    let first = days.iter().min().copied().and_then(midnight);
    let end = days.iter().max().and_then(NaiveDate::succ_opt).and_then(midnight);
    let Some((from, until)) = first.zip(end) else { return Ok(Vec::new()) };
    let rows = store::rooms(conn)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let rooms = known(conn, &rows)?;
    let own: Vec<(RoomRow, Room)> =
        rows.into_iter().zip(rooms).filter(|(_, room)| room.demands(method) && room.houses(instruments)).collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RoomId> = own.iter().map(|(row, _)| row.id).collect();
    let mut readings = store::readings_of(conn, &ids, from, until)?;
    readings.retain(|one| days.contains(&one.read_at.date_in_china()));
    let people: Vec<PersonId> = readings.iter().filter_map(|one| one.person_id).collect();
    let names = names_of(conn, &people)?;
    let with_readings = |(row, room): (RoomRow, Room)| -> Outcome<SheetRoom> {
        let own = readings.iter().filter(|one| one.room_id == row.id);
        let views = own.map(|one| reading_view(&room, one.clone(), &names));
        Ok(SheetRoom { readings: views.collect::<Outcome<Vec<RoomReadingView>>>()?, code: row.code, name: row.name })
    };
    own.into_iter().map(with_readings).collect()
}
