//! Queries of rooms and their readings, nothing else. What a time outside the limits touches is read across rooms
//! (decision 0012).

use diesel::prelude::*;

use crate::db::schema::{instrument, result_version, room, room_reading, test_item, worksheet};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PersonId, RoomId, RoomReadingId, WorksheetId};
use crate::testing::state::WorksheetState;

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = room)]
pub struct RoomRow {
    pub id: RoomId,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub temperature_least: Option<String>,
    pub temperature_most: Option<String>,
    pub humidity_least: Option<String>,
    pub humidity_most: Option<String>,
    pub methods: String,
    pub instruments: String,
}

/// What is written of a room, new or changed.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = room, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RoomChange<'a> {
    pub version: i64,
    pub code: &'a str,
    pub name: &'a str,
    pub temperature_least: Option<&'a str>,
    pub temperature_most: Option<&'a str>,
    pub humidity_least: Option<&'a str>,
    pub humidity_most: Option<&'a str>,
    pub methods: &'a str,
    pub instruments: &'a str,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = room_reading)]
pub struct ReadingRow {
    pub id: RoomReadingId,
    pub read_at: Moment,
    pub temperature: Option<String>,
    pub humidity: Option<String>,
    pub sensor: String,
    pub remark: String,
    pub person_id: Option<PersonId>,
}

#[derive(Insertable)]
#[diesel(table_name = room_reading, treat_none_as_default_value = false)]
pub struct NewReading<'a> {
    pub room_id: RoomId,
    pub read_at: Moment,
    pub temperature: Option<&'a str>,
    pub humidity: Option<&'a str>,
    pub sensor: &'a str,
    pub remark: &'a str,
    pub person_id: Option<PersonId>,
    pub at: Moment,
}

/// Every room, in order of code; a laboratory has a few dozen.
pub fn rooms(conn: &mut Conn) -> QueryResult<Vec<RoomRow>> {
    room::table.order(room::code).select(cols::<RoomRow>()).load(conn)
}

pub fn room(conn: &mut Conn, id: RoomId) -> QueryResult<Option<RoomRow>> {
    room::table.filter(room::id.eq(id)).select(cols::<RoomRow>()).first(conn).optional()
}

pub fn by_code(conn: &mut Conn, code: &str) -> QueryResult<Option<RoomRow>> {
    room::table.filter(room::code.eq(code)).select(cols::<RoomRow>()).first(conn).optional()
}

pub fn insert_room(conn: &mut Conn, row: &RoomChange, at: Moment) -> QueryResult<RoomId> {
    diesel::insert_into(room::table).values((row, room::created_at.eq(at))).returning(room::id).get_result(conn)
}

pub fn change_room(conn: &mut Conn, id: RoomId, seen: i64, row: &RoomChange) -> QueryResult<bool> {
    let changed =
        diesel::update(room::table.filter(room::id.eq(id)).filter(room::version.eq(seen))).set(row).execute(conn)?;
    Ok(changed == 1)
}

/// The newest readings of a room, newest first.
pub fn newest_readings(conn: &mut Conn, of: RoomId, limit: i64) -> QueryResult<Vec<ReadingRow>> {
    room_reading::table
        .filter(room_reading::room_id.eq(of))
        .order((room_reading::read_at.desc(), room_reading::id.desc()))
        .limit(limit)
        .select(cols::<ReadingRow>())
        .load(conn)
}

/// Readings of a room from a moment to another (exclusive), oldest first.
pub fn readings_between(conn: &mut Conn, of: RoomId, from: Moment, until: Moment) -> QueryResult<Vec<ReadingRow>> {
    room_reading::table
        .filter(room_reading::room_id.eq(of))
        .filter(room_reading::read_at.ge(from))
        .filter(room_reading::read_at.lt(until))
        .order((room_reading::read_at, room_reading::id))
        .select(cols::<ReadingRow>())
        .load(conn)
}

/// The same of several rooms, one after the other.
pub fn readings_of(
    conn: &mut Conn,
    rooms: &[RoomId],
    from: Moment,
    until: Moment,
) -> QueryResult<Vec<(RoomId, ReadingRow)>> {
    room_reading::table
        .filter(room_reading::room_id.eq_any(rooms.iter().map(|id| id.0)))
        .filter(room_reading::read_at.ge(from))
        .filter(room_reading::read_at.lt(until))
        .order((room_reading::room_id, room_reading::read_at, room_reading::id))
        .select((room_reading::room_id, cols::<ReadingRow>()))
        .load(conn)
}

/// What a person or a sensor read in a room at a moment.
pub fn reading_at(conn: &mut Conn, of: RoomId, at: Moment, sensor: &str) -> QueryResult<Option<ReadingRow>> {
    room_reading::table
        .filter(room_reading::room_id.eq(of))
        .filter(room_reading::read_at.eq(at))
        .filter(room_reading::sensor.eq(sensor))
        .select(cols::<ReadingRow>())
        .first(conn)
        .optional()
}

pub fn insert_reading(conn: &mut Conn, row: &NewReading) -> QueryResult<RoomReadingId> {
    diesel::insert_into(room_reading::table).values(row).returning(room_reading::id).get_result(conn)
}

/// A worksheet whose time may fall into an excursion: its method and its instrument decide.
#[derive(Queryable, Clone, Debug)]
pub struct TouchedSheet {
    pub id: WorksheetId,
    pub worksheet_no: String,
    pub method_standard: String,
    pub instrument: Option<String>,
}

/// Sheets that were begun by the end of a time and got a result since its beginning, a line for each result.
pub fn with_results(conn: &mut Conn, from: Moment, until: Moment) -> QueryResult<Vec<(TouchedSheet, ItemId)>> {
    result_version::table
        .inner_join(test_item::table.on(result_version::item_id.eq(test_item::id)))
        .inner_join(worksheet::table.on(test_item::worksheet_id.eq(worksheet::id.nullable())))
        .left_join(instrument::table.on(worksheet::instrument_id.eq(instrument::id.nullable())))
        .filter(worksheet::created_at.le(until))
        .filter(result_version::at.ge(from))
        .order((worksheet::id, test_item::id))
        .select((
            (worksheet::id, worksheet::worksheet_no, worksheet::method_standard, instrument::code.nullable()),
            test_item::id,
        ))
        .load(conn)
}

/// Sheets that were begun by a moment and are still open.
pub fn open_sheets(conn: &mut Conn, until: Moment) -> QueryResult<Vec<TouchedSheet>> {
    worksheet::table
        .left_join(instrument::table.on(worksheet::instrument_id.eq(instrument::id.nullable())))
        .filter(worksheet::created_at.le(until))
        .filter(worksheet::state.eq(WorksheetState::Open.code()))
        .order(worksheet::id)
        .select((worksheet::id, worksheet::worksheet_no, worksheet::method_standard, instrument::code.nullable()))
        .load(conn)
}
