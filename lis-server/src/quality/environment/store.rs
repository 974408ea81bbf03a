//! Queries of rooms and their readings, nothing else. What a time outside the limits touches is read across rooms
//! (decision 0012).

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{
    instrument, part, part_stay, person, result_version, room, room_excursion, room_limits, room_reading,
    room_recipient, room_separation, sample, test_item, worksheet,
};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{ExcursionId, ItemId, PersonId, RoomId, RoomLimitsId, RoomReadingId, SampleId, WorksheetId};
use crate::testing::state::WorksheetState;

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = room)]
pub struct RoomRow {
    pub id: RoomId,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub methods: String,
    pub instruments: String,
    pub kind: String,
    pub places: String,
}

/// What is written of a room that changes.
#[derive(AsChangeset)]
#[diesel(table_name = room)]
pub struct RoomChange<'a> {
    pub version: i64,
    pub code: &'a str,
    pub name: &'a str,
    pub methods: &'a str,
    pub instruments: &'a str,
    pub kind: &'a str,
    pub places: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = room)]
pub struct NewRoom<'a> {
    pub version: i64,
    pub code: &'a str,
    pub name: &'a str,
    pub methods: &'a str,
    pub instruments: &'a str,
    pub created_at: Moment,
    pub kind: &'a str,
    pub places: &'a str,
}

impl<'a> NewRoom<'a> {
    pub fn of(room: RoomChange<'a>, at: Moment) -> Self {
        let RoomChange { version, code, name, methods, instruments, kind, places } = room;
        Self { version, code, name, methods, instruments, created_at: at, kind, places }
    }
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = room_limits)]
pub struct LimitsRow {
    pub id: RoomLimitsId,
    pub room_id: RoomId,
    pub valid_from: NaiveDate,
    pub temperature_least: Option<String>,
    pub temperature_most: Option<String>,
    pub humidity_least: Option<String>,
    pub humidity_most: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = room_limits, treat_none_as_default_value = false)]
pub struct NewLimits<'a> {
    pub room_id: RoomId,
    pub valid_from: NaiveDate,
    pub temperature_least: Option<&'a str>,
    pub temperature_most: Option<&'a str>,
    pub humidity_least: Option<&'a str>,
    pub humidity_most: Option<&'a str>,
    pub person_id: Option<PersonId>,
    pub at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = room_reading)]
pub struct ReadingRow {
    pub id: RoomReadingId,
    pub room_id: RoomId,
    pub read_at: Moment,
    pub temperature: Option<String>,
    pub humidity: Option<String>,
    pub sensor: String,
    pub remark: String,
    pub person_id: Option<PersonId>,
    pub limits_id: Option<RoomLimitsId>,
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
    pub limits_id: Option<RoomLimitsId>,
}

/// Rows of one statement: nine values each, of the 32,766 that SQLite takes.
const ROWS_OF_A_STATEMENT: usize = 1_000;

/// Every room, in order of code; a laboratory has a few dozen.
pub fn rooms(conn: &mut Conn) -> QueryResult<Vec<RoomRow>> {
    room::table.order(room::code).select(cols::<RoomRow>()).load(conn)
}

pub fn room(conn: &mut Conn, id: RoomId) -> QueryResult<Option<RoomRow>> {
    room::table.filter(room::id.eq(id)).select(cols::<RoomRow>()).first(conn).optional()
}

/// Stores rooms; their codes and ids, in no particular order.
pub fn insert_rooms(conn: &mut Conn, rows: &[NewRoom]) -> QueryResult<Vec<(String, RoomId)>> {
    let mut stored = Vec::new();
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        let ids: Vec<(String, RoomId)> = each!(conn, c => diesel::insert_into(room::table)
            .values(rows)
            .returning((room::code, room::id))
            .get_results(c))?;
        stored.extend(ids);
    }
    Ok(stored)
}

pub fn change_room(conn: &mut Conn, id: RoomId, seen: i64, row: &RoomChange) -> QueryResult<bool> {
    let changed =
        diesel::update(room::table.filter(room::id.eq(id)).filter(room::version.eq(seen))).set(row).execute(conn)?;
    Ok(changed == 1)
}

/// Limits of rooms, by room and their first day; those of one day in the order in which they were set.
pub fn limits(conn: &mut Conn, of: &[RoomId]) -> QueryResult<Vec<LimitsRow>> {
    room_limits::table
        .filter(room_limits::room_id.eq_any(of.iter().map(|id| id.0)))
        .order((room_limits::room_id, room_limits::valid_from, room_limits::id))
        .select(cols::<LimitsRow>())
        .load(conn)
}

pub fn insert_limits(conn: &mut Conn, rows: &[NewLimits]) -> QueryResult<()> {
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        each!(conn, c => diesel::insert_into(room_limits::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// The newest moment at which each room was read.
fn last_read(conn: &mut Conn) -> QueryResult<Vec<(RoomId, Option<Moment>)>> {
    room_reading::table
        .group_by(room_reading::room_id)
        .select((room_reading::room_id, diesel::dsl::max(room_reading::read_at)))
        .load(conn)
}

/// The newest reading of each room that was read; of several of one moment the one that came last.
pub fn newest_of_each(conn: &mut Conn) -> QueryResult<Vec<ReadingRow>> {
    let last = last_read(conn)?;
    let moments: Vec<Moment> = last.iter().filter_map(|(_, at)| *at).collect();
    let mut rows: Vec<ReadingRow> = room_reading::table
        .filter(room_reading::read_at.eq_any(moments))
        .order((room_reading::room_id, room_reading::id.desc()))
        .select(cols::<ReadingRow>())
        .load(conn)?;
    rows.retain(|row| last.contains(&(row.room_id, Some(row.read_at))));
    rows.dedup_by_key(|row| row.room_id);
    Ok(rows)
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
pub fn readings_of(conn: &mut Conn, rooms: &[RoomId], from: Moment, until: Moment) -> QueryResult<Vec<ReadingRow>> {
    room_reading::table
        .filter(room_reading::room_id.eq_any(rooms.iter().map(|id| id.0)))
        .filter(room_reading::read_at.ge(from))
        .filter(room_reading::read_at.lt(until))
        .order((room_reading::room_id, room_reading::read_at, room_reading::id))
        .select(cols::<ReadingRow>())
        .load(conn)
}

/// Readings of a room from a moment to another (both included) with the one before and the one after, oldest first.
pub fn readings_around(conn: &mut Conn, of: RoomId, first: Moment, last: Moment) -> QueryResult<Vec<ReadingRow>> {
    let mut rows: Vec<ReadingRow> = room_reading::table
        .filter(room_reading::room_id.eq(of))
        .filter(room_reading::read_at.lt(first))
        .order((room_reading::read_at.desc(), room_reading::id.desc()))
        .limit(1)
        .select(cols::<ReadingRow>())
        .load(conn)?;
    let between: Vec<ReadingRow> = room_reading::table
        .filter(room_reading::room_id.eq(of))
        .filter(room_reading::read_at.ge(first))
        .filter(room_reading::read_at.le(last))
        .order((room_reading::read_at, room_reading::id))
        .select(cols::<ReadingRow>())
        .load(conn)?;
    let after: Vec<ReadingRow> = room_reading::table
        .filter(room_reading::room_id.eq(of))
        .filter(room_reading::read_at.gt(last))
        .order((room_reading::read_at, room_reading::id))
        .limit(1)
        .select(cols::<ReadingRow>())
        .load(conn)?;
    rows.extend(between);
    rows.extend(after);
    Ok(rows)
}

/// Stores readings; their ids with moment and sensor, in no particular order.
pub fn insert_readings(conn: &mut Conn, rows: &[NewReading]) -> QueryResult<Vec<(RoomReadingId, Moment, String)>> {
    let mut stored = Vec::new();
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        let ids: Vec<(RoomReadingId, Moment, String)> = each!(conn, c => diesel::insert_into(room_reading::table)
            .values(rows)
            .returning((room_reading::id, room_reading::read_at, room_reading::sensor))
            .get_results(c))?;
        stored.extend(ids);
    }
    Ok(stored)
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = room_excursion)]
pub struct ExcursionRow {
    pub id: ExcursionId,
    pub version: i64,
    pub room_id: RoomId,
    pub began_at: Moment,
    pub from_at: Moment,
    pub until_at: Option<Moment>,
    pub handling: String,
    pub handled_by: Option<PersonId>,
    pub handled_at: Option<Moment>,
}

#[derive(Insertable)]
#[diesel(table_name = room_excursion, treat_none_as_default_value = false)]
pub struct NewExcursion {
    pub version: i64,
    pub room_id: RoomId,
    pub reading_id: RoomReadingId,
    pub began_at: Moment,
    pub from_at: Moment,
    pub until_at: Option<Moment>,
    pub opened_at: Moment,
    pub handling: &'static str,
}

/// Stores excursions; their ids with their first readings, in no particular order.
pub fn insert_excursions(conn: &mut Conn, rows: &[NewExcursion]) -> QueryResult<Vec<(RoomReadingId, ExcursionId)>> {
    let mut stored = Vec::new();
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        let ids: Vec<(RoomReadingId, ExcursionId)> = each!(conn, c => diesel::insert_into(room_excursion::table)
            .values(rows)
            .returning((room_excursion::reading_id, room_excursion::id))
            .get_results(c))?;
        stored.extend(ids);
    }
    Ok(stored)
}

/// Excursions, newest first, before an id (exclusive).
pub fn excursions(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<ExcursionRow>> {
    room_excursion::table
        .filter(room_excursion::id.lt(before))
        .order(room_excursion::id.desc())
        .limit(limit)
        .select(cols::<ExcursionRow>())
        .load(conn)
}

pub fn excursion(conn: &mut Conn, id: ExcursionId) -> QueryResult<Option<ExcursionRow>> {
    room_excursion::table.filter(room_excursion::id.eq(id)).select(cols::<ExcursionRow>()).first(conn).optional()
}

/// Excursions of a room that were not over at a moment, as far as was known.
pub fn excursions_after(conn: &mut Conn, of: RoomId, at: Moment) -> QueryResult<Vec<ExcursionRow>> {
    let goes_on = room_excursion::until_at.is_null().or(room_excursion::until_at.gt(at));
    room_excursion::table
        .filter(room_excursion::room_id.eq(of))
        .filter(goes_on.assume_not_null())
        .order(room_excursion::id)
        .select(cols::<ExcursionRow>())
        .load(conn)
}

pub fn end_excursion(conn: &mut Conn, id: ExcursionId, until: Moment) -> QueryResult<()> {
    diesel::update(room_excursion::table.filter(room_excursion::id.eq(id)))
        .set(room_excursion::until_at.eq(until))
        .execute(conn)?;
    Ok(())
}

pub fn handle_excursion(
    conn: &mut Conn,
    id: ExcursionId,
    seen: i64,
    handling: &str,
    (by, at): (PersonId, Moment),
) -> QueryResult<bool> {
    let row = room_excursion::table.filter(room_excursion::id.eq(id)).filter(room_excursion::version.eq(seen));
    let changed = diesel::update(row)
        .set((
            room_excursion::handling.eq(handling),
            room_excursion::handled_by.eq(by),
            room_excursion::handled_at.eq(at),
            room_excursion::version.eq(seen + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Excursions of rooms that were not over at a moment, oldest first.
pub fn excursions_of(conn: &mut Conn, of: &[RoomId], from: Moment) -> QueryResult<Vec<ExcursionRow>> {
    let goes_on = room_excursion::until_at.is_null().or(room_excursion::until_at.gt(from));
    room_excursion::table
        .filter(room_excursion::room_id.eq_any(of.iter().map(|id| id.0)))
        .filter(goes_on.assume_not_null())
        .order(room_excursion::id)
        .select(cols::<ExcursionRow>())
        .load(conn)
}

/// A part that lay in a room, with its sample: sample, its number, label code, place, from, until.
pub type KeptPart = (SampleId, Option<String>, String, String, Moment, Option<Moment>);

/// Parts that lay in a room at some time from a moment to another, by sample.
pub fn kept_parts(conn: &mut Conn, of: RoomId, from: Moment, until: Moment) -> QueryResult<Vec<KeptPart>> {
    let stayed = part_stay::ended_at.is_null().or(part_stay::ended_at.gt(from));
    part_stay::table
        .inner_join(part::table.inner_join(sample::table))
        .filter(part_stay::room_id.eq(of))
        .filter(part_stay::began_at.le(until))
        .filter(stayed.assume_not_null())
        .order((sample::id, part::id, part_stay::id))
        .select((
            sample::id,
            sample::sample_no,
            part::label_code,
            part_stay::place,
            part_stay::began_at,
            part_stay::ended_at,
        ))
        .load(conn)
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = room_separation)]
pub struct SeparationRow {
    pub from_kind: String,
    pub into_kind: String,
    pub mode: String,
    pub reason: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = room_separation)]
pub struct NewSeparation<'a> {
    pub from_kind: &'a str,
    pub into_kind: &'a str,
    pub mode: &'a str,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// Every change of every pair of kinds, in the order in which they were made.
pub fn separations(conn: &mut Conn) -> QueryResult<Vec<SeparationRow>> {
    room_separation::table.order(room_separation::id).select(cols::<SeparationRow>()).load(conn)
}

pub fn insert_separation(conn: &mut Conn, row: &NewSeparation) -> QueryResult<i64> {
    diesel::insert_into(room_separation::table).values(row).returning(room_separation::id).get_result(conn)
}

/// Excursions that nobody has handled.
pub fn count_unhandled(conn: &mut Conn) -> QueryResult<i64> {
    room_excursion::table.filter(room_excursion::handled_at.is_null()).count().get_result(conn)
}

/// Who is told of rooms, with their usernames: by room and username.
pub fn recipients(conn: &mut Conn, of: &[RoomId]) -> QueryResult<Vec<(RoomId, PersonId, String)>> {
    room_recipient::table
        .inner_join(person::table)
        .filter(room_recipient::room_id.eq_any(of.iter().map(|id| id.0)))
        .order((room_recipient::room_id, person::username))
        .select((room_recipient::room_id, person::id, person::username))
        .load(conn)
}

#[derive(Insertable)]
#[diesel(table_name = room_recipient)]
pub struct NewRecipient {
    pub room_id: RoomId,
    pub person_id: PersonId,
}

pub fn insert_recipients(conn: &mut Conn, rows: &[NewRecipient]) -> QueryResult<()> {
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        each!(conn, c => diesel::insert_into(room_recipient::table).values(rows).execute(c))?;
    }
    Ok(())
}

pub fn forget_recipients(conn: &mut Conn, of: RoomId) -> QueryResult<()> {
    diesel::delete(room_recipient::table.filter(room_recipient::room_id.eq(of))).execute(conn)?;
    Ok(())
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
