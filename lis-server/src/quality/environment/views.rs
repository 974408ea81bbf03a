//! Rooms as pages and programs see them: their limits, what was read, what lay outside and what falls into it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::Serialize;

use super::actions::{known, reading_of};
use super::state::{Excursion, Limits, Reading, Room, excursions};
use super::store::{self, ReadingRow, RoomRow, TouchedSheet};
use crate::accounts::actions::names_of;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, RoomId, WorksheetId};
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::quality::lots::actions::codes_of;

/// A room as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoomView {
    pub id: i64,
    pub version: i64,
    pub code: String,
    pub name: String,
    /// What it is for; empty: nothing that others are kept apart from.
    pub kind: String,
    /// Storage places in it.
    pub places: Vec<String>,
    /// The limits of today; empty: no limit.
    pub temperature_least: String,
    pub temperature_most: String,
    pub humidity_least: String,
    pub humidity_most: String,
    /// The limits of every time, by the day from which they hold.
    pub limits: Vec<RoomLimitsView>,
    pub methods: Vec<String>,
    pub instruments: Vec<String>,
    /// Usernames of those who are told when it lies outside; none: the quality officers.
    pub recipients: Vec<String>,
    /// The newest reading, if there is one.
    pub newest: Option<RoomReadingView>,
}

/// Limits of a room from a day on; empty: no limit.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoomLimitsView {
    #[schema(value_type = String, format = Date)]
    pub valid_from: NaiveDate,
    pub temperature_least: String,
    pub temperature_most: String,
    pub humidity_least: String,
    pub humidity_most: String,
}

impl RoomLimitsView {
    fn of(limits: &Limits) -> Self {
        let [temperature_least, temperature_most, humidity_least, humidity_most] = limits.texts();
        let valid_from = limits.valid_from;
        Self { valid_from, temperature_least, temperature_most, humidity_least, humidity_most }
    }
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoomReadingView {
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub read_at: Moment,
    /// As read; empty: not read.
    pub temperature: String,
    pub humidity: String,
    pub sensor: String,
    pub remark: String,
    /// Who wrote it down; empty: it came from a file.
    pub by: String,
    /// By the limits that it was judged by when it came.
    pub within: bool,
}

/// A time outside the limits, with what falls into it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ExcursionView {
    /// The last reading within the limits before it, or the first outside.
    #[schema(value_type = String, format = DateTime)]
    pub from: Moment,
    /// The next reading within the limits; none yet: it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Moment>,
    pub readings: usize,
    /// Worksheets of the methods that demand the limits, on instruments of this room or on none.
    pub worksheets: Vec<TouchedSheetView>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct TouchedSheetView {
    pub id: WorksheetId,
    pub worksheet_no: String,
    pub method_standard: String,
    /// Items with a result since the beginning of the time.
    pub items: usize,
}

/// One room with its newest readings, newest first, and the times outside the limits among them.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoomDetail {
    pub room: RoomView,
    pub readings: Vec<RoomReadingView>,
    /// Newest first.
    pub excursions: Vec<ExcursionView>,
}

/// Readings that a room shows: a month, read twice a day by a person or every few hours by a sensor.
const READINGS_SHOWN: i64 = 200;

/// Every room with its newest reading.
pub fn rooms(conn: &mut Conn, today: NaiveDate) -> Outcome<Vec<RoomView>> {
    let rows = store::rooms(conn)?;
    let rooms = known(conn, &rows)?;
    let mut newest: BTreeMap<RoomId, ReadingRow> =
        store::newest_of_each(conn)?.into_iter().map(|row| (row.room_id, row)).collect();
    let names = names_of(conn, &newest.values().filter_map(|row| row.person_id).collect::<Vec<PersonId>>())?;
    let mut recipients = recipients(conn, &rows)?;
    let mut views = Vec::new();
    for (row, room) in rows.into_iter().zip(rooms) {
        let newest = newest.remove(&row.id).map(|reading| reading_view(&room, reading, &names)).transpose()?;
        let told = recipients.remove(&row.id).unwrap_or_default();
        views.push(room_view(row, room, (newest, told), today));
    }
    Ok(views)
}

/// Usernames of those who are told of rooms.
fn recipients(conn: &mut Conn, rows: &[RoomRow]) -> Outcome<HashMap<RoomId, Vec<String>>> {
    let ids: Vec<RoomId> = rows.iter().map(|row| row.id).collect();
    let mut told: HashMap<RoomId, Vec<String>> = HashMap::new();
    for (room, _, username) in store::recipients(conn, &ids)? {
        told.entry(room).or_default().push(username);
    }
    Ok(told)
}

/// One room.
pub fn room(conn: &mut Conn, id: RoomId, now: Moment) -> Outcome<RoomDetail> {
    let row = store::room(conn, id)?.ok_or(NOT_FOUND)?;
    let rows = store::newest_readings(conn, id, READINGS_SHOWN)?;
    let room = known(conn, std::slice::from_ref(&row))?.remove(0);
    let in_order = rows.iter().rev().map(|row| reading_of(&room, row)).collect::<Outcome<Vec<Reading>>>()?;
    let mut found = Vec::new();
    for excursion in excursions(&in_order).into_iter().rev() {
        found.push(with_sheets(conn, &room, excursion, now)?);
    }
    let people: Vec<PersonId> = rows.iter().filter_map(|one| one.person_id).collect();
    let names = names_of(conn, &people)?;
    let readings =
        rows.into_iter().map(|one| reading_view(&room, one, &names)).collect::<Outcome<Vec<RoomReadingView>>>()?;
    let told = recipients(conn, std::slice::from_ref(&row))?.remove(&id).unwrap_or_default();
    let newest = readings.first().cloned();
    Ok(RoomDetail { room: room_view(row, room, (newest, told), now.date_in_china()), readings, excursions: found })
}

fn room_view(
    row: RoomRow,
    room: Room,
    (newest, recipients): (Option<RoomReadingView>, Vec<String>),
    today: NaiveDate,
) -> RoomView {
    let [temperature_least, temperature_most, humidity_least, humidity_most] = match room.limits_on(today) {
        Some(limits) => limits.texts(),
        None => Default::default(),
    };
    RoomView {
        id: row.id.0,
        version: row.version,
        code: row.code,
        name: row.name,
        kind: row.kind,
        places: codes_of(&row.places),
        temperature_least,
        temperature_most,
        humidity_least,
        humidity_most,
        limits: room.limits.iter().map(RoomLimitsView::of).collect(),
        methods: room.methods,
        instruments: room.instruments,
        recipients,
        newest,
    }
}

pub(super) fn reading_view(
    room: &Room,
    row: ReadingRow,
    names: &HashMap<PersonId, String>,
) -> Outcome<RoomReadingView> {
    Ok(RoomReadingView {
        within: reading_of(room, &row)?.within,
        id: row.id.0,
        read_at: row.read_at,
        temperature: row.temperature.unwrap_or_default(),
        humidity: row.humidity.unwrap_or_default(),
        sensor: row.sensor,
        remark: row.remark,
        by: row.person_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
    })
}

/// An excursion with the sheets whose time, from their beginning to their last result, falls into it.
pub(super) fn with_sheets(conn: &mut Conn, room: &Room, excursion: Excursion, now: Moment) -> Outcome<ExcursionView> {
    let until = excursion.until.unwrap_or(now);
    let is_touched = |sheet: &TouchedSheet| {
        let here = |code: &String| room.instruments.contains(code);
        room.demands(&sheet.method_standard)
            && (room.instruments.is_empty() || sheet.instrument.as_ref().is_none_or(here))
    };
    let view = |sheet: TouchedSheet| TouchedSheetView {
        id: sheet.id,
        worksheet_no: sheet.worksheet_no,
        method_standard: sheet.method_standard,
        items: 0,
    };
    let mut sheets: BTreeMap<WorksheetId, TouchedSheetView> = BTreeMap::new();
    let mut seen = None;
    for (sheet, item) in store::with_results(conn, excursion.from, until)? {
        // An item with several results in the time stands there several times, one after the other.
        let is_another = seen.replace(item) != Some(item);
        if is_touched(&sheet) {
            let one = sheets.entry(sheet.id).or_insert_with(|| view(sheet));
            one.items += usize::from(is_another);
        }
    }
    for sheet in store::open_sheets(conn, until)?.into_iter().filter(is_touched) {
        sheets.entry(sheet.id).or_insert_with(|| view(sheet));
    }
    Ok(ExcursionView {
        from: excursion.from,
        until: excursion.until,
        readings: excursion.readings,
        worksheets: sheets.into_values().collect(),
    })
}
