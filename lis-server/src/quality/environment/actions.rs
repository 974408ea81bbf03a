//! Rooms as they are set up, readings as they come, and what the gate finds of a worksheet's rooms.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::state::{Band, Excursion, Reading, Room};
use super::store::{self, NewReading, ReadingRow, RoomChange, RoomRow, TouchedSheet};
use super::{READING_DIFFERS, READING_EMPTY, READING_TO_COME, ROOM_CODE_TAKEN, ROOM_LIMITS, ROOM_UNKNOWN};
use crate::accounts::actions::names_of;
use crate::accounts::actor::Entrance;
use crate::accounts::role::{LogEnvironment, ManageCatalogue};
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{PersonId, RoomId, WorksheetId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Refusal, STALE_VERSION};
use crate::quality::gates::state::Finding;
use crate::quality::lots::actions::codes_of;

/// Longest texts, in characters.
const CODE_MOST: usize = 40;
const NAME_MOST: usize = 100;
const TEXT_MOST: usize = 500;

/// A room as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoomInput {
    pub code: String,
    pub name: String,
    /// Degrees Celsius, exact decimals; empty: no limit. The limits themselves are within.
    pub temperature_least: String,
    pub temperature_most: String,
    /// Per cent relative humidity.
    pub humidity_least: String,
    pub humidity_most: String,
    /// Method standards that demand the limits, separated by `;`; `*`: every method.
    pub methods: String,
    /// Codes of the instruments that stand in it, separated by `;`.
    pub instruments: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct RoomFacts {
    code: String,
    name: String,
    temperature: Band,
    humidity: Band,
    methods: String,
    instruments: String,
}

impl RoomInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<RoomFacts, Refusal> {
        let mut check = Checker::new();
        let code = check.text("code", &self.code, CODE_MOST);
        let name = check.text("name", &self.name, NAME_MOST);
        let temperature = Band {
            least: check.optional_decimal("temperature_least", &self.temperature_least),
            most: check.optional_decimal("temperature_most", &self.temperature_most),
        };
        check.add_if(temperature.is_empty(), || ROOM_LIMITS.at("temperature_most"));
        let humidity = Band {
            least: check.optional_decimal("humidity_least", &self.humidity_least),
            most: check.optional_decimal("humidity_most", &self.humidity_most),
        };
        check.add_if(humidity.is_empty(), || ROOM_LIMITS.at("humidity_most"));
        let methods = codes_of(&check.optional_text("methods", &self.methods, TEXT_MOST)).join(";");
        let instruments = codes_of(&check.optional_text("instruments", &self.instruments, TEXT_MOST)).join(";");
        check.done(Some(RoomFacts { code, name, temperature, humidity, methods, instruments }))
    }
}

impl RoomFacts {
    fn row(&self, version: i64) -> RoomChange<'_> {
        RoomChange {
            version,
            code: &self.code,
            name: &self.name,
            temperature_least: self.temperature.least.as_ref().map(Decimal::as_str),
            temperature_most: self.temperature.most.as_ref().map(Decimal::as_str),
            humidity_least: self.humidity.least.as_ref().map(Decimal::as_str),
            humidity_most: self.humidity.most.as_ref().map(Decimal::as_str),
            methods: &self.methods,
            instruments: &self.instruments,
        }
    }

    /// The columns that may change, by name.
    fn columns(&self) -> [(&'static str, &str); 8] {
        fn text(value: Option<&Decimal>) -> &str {
            value.map_or("", Decimal::as_str)
        }
        [
            ("code", self.code.as_str()),
            ("name", self.name.as_str()),
            ("temperature_least", text(self.temperature.least.as_ref())),
            ("temperature_most", text(self.temperature.most.as_ref())),
            ("humidity_least", text(self.humidity.least.as_ref())),
            ("humidity_most", text(self.humidity.most.as_ref())),
            ("methods", self.methods.as_str()),
            ("instruments", self.instruments.as_str()),
        ]
    }
}

/// What adding or changing a room answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RoomSaved {
    pub id: i64,
    pub version: i64,
}

/// Adds a room.
///
/// # Errors
/// `room-code-taken`.
pub fn add_room(tx: &mut Tx, by: &May<ManageCatalogue>, facts: &RoomFacts) -> Outcome<RoomSaved> {
    if store::by_code(tx.conn, &facts.code)?.is_some() {
        return Err(ROOM_CODE_TAKEN.with("code", &facts.code).at("code").into());
    }
    let id = store::insert_room(tx.conn, &facts.row(1), tx.now)?;
    let mut entry = by.entry("room", id.0, 1, "room-added");
    for (name, value) in facts.columns() {
        entry = entry.set(name, value);
    }
    tx.log(entry);
    Ok(RoomSaved { id: id.0, version: 1 })
}

/// Changes a room: its limits hold for what is submitted from now on.
///
/// # Errors
/// `room-code-taken`; `stale-version`.
pub fn change_room(
    tx: &mut Tx,
    by: &May<ManageCatalogue>,
    id: RoomId,
    seen: i64,
    facts: &RoomFacts,
) -> Outcome<RoomSaved> {
    let before = store::room(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let stale = || Refusal::from(STALE_VERSION.with("version", before.version));
    if before.version != seen {
        return Err(stale().into());
    }
    if store::by_code(tx.conn, &facts.code)?.is_some_and(|other| other.id != id) {
        return Err(ROOM_CODE_TAKEN.with("code", &facts.code).at("code").into());
    }
    if !store::change_room(tx.conn, id, seen, &facts.row(seen + 1))? {
        return Err(stale().into());
    }
    let old = [
        before.code.as_str(),
        &before.name,
        before.temperature_least.as_deref().unwrap_or_default(),
        before.temperature_most.as_deref().unwrap_or_default(),
        before.humidity_least.as_deref().unwrap_or_default(),
        before.humidity_most.as_deref().unwrap_or_default(),
        &before.methods,
        &before.instruments,
    ];
    let mut entry = by.entry("room", id.0, seen + 1, "room-changed");
    for ((name, new), old) in facts.columns().into_iter().zip(old) {
        if new != old {
            entry = entry.change(name, old, new);
        }
    }
    tx.log(entry);
    Ok(RoomSaved { id: id.0, version: seen + 1 })
}

/// A reading as a form, a program or a file describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoomReadingInput {
    /// As typed in China or in RFC 3339.
    pub read_at: String,
    /// Degrees Celsius, as read.
    pub temperature: String,
    /// Per cent relative humidity, as read.
    pub humidity: String,
    /// Name of the sensor; empty: a person read it.
    pub sensor: String,
    pub remark: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ReadingFacts {
    read_at: Moment,
    temperature: Option<Decimal>,
    humidity: Option<Decimal>,
    sensor: String,
    remark: String,
}

impl RoomReadingInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ReadingFacts, Refusal> {
        let mut check = Checker::new();
        let read_at = check.moment("read_at", &self.read_at);
        let temperature = check.optional_decimal("temperature", &self.temperature);
        let humidity = check.optional_decimal("humidity", &self.humidity);
        let nothing = self.temperature.trim().is_empty() && self.humidity.trim().is_empty();
        check.add_if(nothing, || READING_EMPTY.at("temperature"));
        let sensor = check.optional_text("sensor", &self.sensor, CODE_MOST);
        let remark = check.optional_text("remark", &self.remark, TEXT_MOST);
        let facts = read_at.map(|read_at| ReadingFacts { read_at, temperature, humidity, sensor, remark });
        check.done(facts)
    }
}

/// What a reading answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RoomReadingSaved {
    pub id: i64,
    /// It lies within the limits of today.
    pub within: bool,
}

/// Adds a reading. The same reading once more is the same reading.
///
/// # Errors
/// `reading-to-come`; `reading-differs` when another value is known of that moment.
pub fn add_reading(
    tx: &mut Tx,
    by: &May<LogEnvironment>,
    id: RoomId,
    facts: &ReadingFacts,
) -> Outcome<RoomReadingSaved> {
    let room = store::room(tx.conn, id)?.ok_or(NOT_FOUND)?;
    add(tx, by, &room, facts).map(|(saved, _)| saved)
}

/// The same of a file, where a room is named by its code; whether the reading is new.
pub(super) fn add_by_code(tx: &mut Tx, by: &Actor, code: &str, facts: &ReadingFacts) -> Outcome<bool> {
    let room = store::by_code(tx.conn, code)?.ok_or_else(|| ROOM_UNKNOWN.with("code", code).at("room"))?;
    add(tx, by, &room, facts).map(|(_, is_new)| is_new)
}

fn add(tx: &mut Tx, by: &Actor, row: &RoomRow, facts: &ReadingFacts) -> Outcome<(RoomReadingSaved, bool)> {
    if facts.read_at > tx.now {
        return Err(READING_TO_COME.with("now", tx.now).at("read_at").into());
    }
    let reading =
        Reading { at: facts.read_at, temperature: facts.temperature.clone(), humidity: facts.humidity.clone() };
    let within = room_of(row)?.is_within(&reading);
    let (temperature, humidity) =
        (facts.temperature.as_ref().map(Decimal::as_str), facts.humidity.as_ref().map(Decimal::as_str));
    if let Some(known) = store::reading_at(tx.conn, row.id, facts.read_at, &facts.sensor)? {
        if known.temperature.as_deref() == temperature && known.humidity.as_deref() == humidity {
            return Ok((RoomReadingSaved { id: known.id.0, within }, false));
        }
        return Err(READING_DIFFERS.with("room", &row.code).with("at", facts.read_at).at("read_at").into());
    }
    let new = NewReading {
        room_id: row.id,
        read_at: facts.read_at,
        temperature,
        humidity,
        sensor: &facts.sensor,
        remark: &facts.remark,
        // The command line on the server is nobody's.
        person_id: (by.entrance != Entrance::System).then_some(by.person),
        at: tx.now,
    };
    let id = store::insert_reading(tx.conn, &new)?;
    tx.log(
        by.entry("room_reading", id.0, 1, "room-read")
            .set("room", row.code.as_str())
            .set("read_at", facts.read_at.rfc3339())
            .set("temperature", temperature.unwrap_or_default())
            .set("humidity", humidity.unwrap_or_default())
            .set("sensor", facts.sensor.as_str())
            .set("within", within),
    );
    Ok((RoomReadingSaved { id: id.0, within }, true))
}

/// What the gate finds of the rooms of a sheet: by its method, its instruments with the days on which they were used.
pub fn found(
    conn: &mut Conn,
    method: &str,
    used: &[(String, Vec<NaiveDate>)],
    today: NaiveDate,
) -> Outcome<Vec<Finding>> {
    let mut findings = Vec::new();
    for row in store::rooms(conn)? {
        let room = room_of(&row)?;
        if !room.demands(method) {
            continue;
        }
        for day in room.days(used, today) {
            findings.extend(room.found(day, &readings_of_day(conn, row.id, day)?));
        }
    }
    Ok(findings)
}

fn readings_of_day(conn: &mut Conn, id: RoomId, day: NaiveDate) -> Outcome<Vec<Reading>> {
    let midnight = |day: NaiveDate| Moment::parse_in_china(&format!("{day} 00:00"));
    let Some((from, until)) = midnight(day).zip(day.succ_opt().and_then(midnight)) else {
        return Ok(Vec::new());
    };
    store::readings_between(conn, id, from, until)?.iter().map(reading_of).collect()
}

pub(super) fn room_of(row: &RoomRow) -> Outcome<Room> {
    let bound = |text: &Option<String>| text.as_deref().map(Decimal::parse).transpose().map_err(Fault::broken);
    Ok(Room {
        code: row.code.clone(),
        temperature: Band { least: bound(&row.temperature_least)?, most: bound(&row.temperature_most)? },
        humidity: Band { least: bound(&row.humidity_least)?, most: bound(&row.humidity_most)? },
        methods: codes_of(&row.methods),
        instruments: codes_of(&row.instruments),
    })
}

fn reading_of(row: &ReadingRow) -> Outcome<Reading> {
    let value = |text: &Option<String>| text.as_deref().map(Decimal::parse).transpose().map_err(Fault::broken);
    Ok(Reading { at: row.read_at, temperature: value(&row.temperature)?, humidity: value(&row.humidity)? })
}

/// A room as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoomView {
    pub id: i64,
    pub version: i64,
    pub code: String,
    pub name: String,
    /// Empty: no limit.
    pub temperature_least: String,
    pub temperature_most: String,
    pub humidity_least: String,
    pub humidity_most: String,
    pub methods: Vec<String>,
    pub instruments: Vec<String>,
    /// The newest reading, if there is one.
    pub newest: Option<RoomReadingView>,
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
pub fn rooms(conn: &mut Conn) -> Outcome<Vec<RoomView>> {
    let rows = store::rooms(conn)?;
    let mut views = Vec::new();
    for row in rows {
        let newest = store::newest_readings(conn, row.id, 1)?;
        views.push(room_view(conn, row, newest)?.0);
    }
    Ok(views)
}

/// One room.
pub fn room(conn: &mut Conn, id: RoomId, now: Moment) -> Outcome<RoomDetail> {
    let row = store::room(conn, id)?.ok_or(NOT_FOUND)?;
    let rows = store::newest_readings(conn, id, READINGS_SHOWN)?;
    let known = room_of(&row)?;
    let in_order = rows.iter().rev().map(reading_of).collect::<Outcome<Vec<Reading>>>()?;
    let mut excursions = Vec::new();
    for excursion in known.excursions(&in_order).into_iter().rev() {
        excursions.push(with_sheets(conn, &known, excursion, now)?);
    }
    let (room, readings) = room_view(conn, row, rows)?;
    Ok(RoomDetail { room, readings, excursions })
}

/// A room, and its readings as they are shown; the first is the newest.
fn room_view(conn: &mut Conn, row: RoomRow, readings: Vec<ReadingRow>) -> Outcome<(RoomView, Vec<RoomReadingView>)> {
    let known = room_of(&row)?;
    let people: Vec<PersonId> = readings.iter().filter_map(|one| one.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |one: ReadingRow| reading_view(&known, one, &names);
    let readings = readings.into_iter().map(view).collect::<Outcome<Vec<RoomReadingView>>>()?;
    let room = RoomView {
        id: row.id.0,
        version: row.version,
        code: row.code,
        name: row.name,
        temperature_least: row.temperature_least.unwrap_or_default(),
        temperature_most: row.temperature_most.unwrap_or_default(),
        humidity_least: row.humidity_least.unwrap_or_default(),
        humidity_most: row.humidity_most.unwrap_or_default(),
        methods: known.methods,
        instruments: known.instruments,
        newest: readings.first().cloned(),
    };
    Ok((room, readings))
}

/// A reading as it is shown.
pub(super) fn reading_view(
    room: &Room,
    one: ReadingRow,
    names: &HashMap<PersonId, String>,
) -> Outcome<RoomReadingView> {
    Ok(RoomReadingView {
        within: room.is_within(&reading_of(&one)?),
        id: one.id.0,
        read_at: one.read_at,
        temperature: one.temperature.unwrap_or_default(),
        humidity: one.humidity.unwrap_or_default(),
        sensor: one.sensor,
        remark: one.remark,
        by: one.person_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
    })
}

/// An excursion with the sheets whose time, from their beginning to their last result, falls into it.
fn with_sheets(conn: &mut Conn, room: &Room, excursion: Excursion, now: Moment) -> Outcome<ExcursionView> {
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
