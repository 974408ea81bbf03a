//! Readings as they come, one by one or as a file: each is judged once, by the limits of its day.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::actions::{known, reading_of, writer};
use super::excursions::follow;
use super::state::{Placed, Reading, Room};
use super::store::{self, NewReading, ReadingRow, RoomRow};
use super::{READING_DIFFERS, READING_EMPTY, READING_TO_COME};
use crate::accounts::role::LogEnvironment;
use crate::accounts::{Actor, May};
use crate::db::Tx;
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{RoomId, RoomReadingId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reason, Reasons, Refusal};

/// Longest texts, in characters.
const SENSOR_MOST: usize = 40;
const REMARK_MOST: usize = 500;
/// What a thermometer between a freezer and a furnace can show, in °C, and a hygrometer, in %: sensors overshoot a little. The
/// rest is a slip of the key or a broken sensor.
const TEMPERATURES: (i64, i64) = (-273, 1000);
const HUMIDITIES: (i64, i64) = (0, 110);

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
        let temperature =
            check.optional_within("temperature", &self.temperature, TEMPERATURES, "expected-celsius-read");
        let humidity = check.optional_within("humidity", &self.humidity, HUMIDITIES, "expected-humidity");
        let nothing = self.temperature.trim().is_empty() && self.humidity.trim().is_empty();
        check.add_if(nothing, || READING_EMPTY.at("temperature"));
        let sensor = check.optional_text("sensor", &self.sensor, SENSOR_MOST);
        let remark = check.optional_text("remark", &self.remark, REMARK_MOST);
        let facts = read_at.map(|read_at| ReadingFacts { read_at, temperature, humidity, sensor, remark });
        check.done(facts)
    }
}

/// What a reading answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RoomReadingSaved {
    pub id: i64,
    /// It lies within the limits of its day.
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
    let mut reasons = Reasons::new();
    let added = add_all(tx, by, &room, &[Given { row: None, facts }], &mut reasons)?;
    reasons.none()?;
    added.saved.into_iter().next().ok_or_else(|| Fault::broken("a reading was neither kept nor refused"))
}

/// A reading of a room, and the row of the file that it stands in.
pub(super) struct Given<'a> {
    pub row: Option<u64>,
    pub facts: &'a ReadingFacts,
}

impl Given<'_> {
    fn refused(&self, reason: Reason) -> Reason {
        match self.row {
            Some(row) => reason.in_row(row),
            None => reason,
        }
    }
}

/// Readings that are kept, in the order in which they were given, and how many of them are new.
#[derive(Default)]
pub(super) struct Added {
    pub saved: Vec<RoomReadingSaved>,
    pub new: usize,
}

/// Adds readings of a room: as many statements for a thousand as for one. What is refused goes to the reasons, with which the
/// caller takes everything back.
pub(super) fn add_all(
    tx: &mut Tx,
    by: &Actor,
    row: &RoomRow,
    given: &[Given],
    reasons: &mut Reasons,
) -> Outcome<Added> {
    let moments = given.iter().map(|one| one.facts.read_at);
    let (Some(first), Some(last)) = (moments.clone().min(), moments.max()) else {
        return Ok(Added::default());
    };
    let room = known(tx.conn, std::slice::from_ref(row))?.remove(0);
    let stored = store::readings_around(tx.conn, row.id, first, last)?;
    let (kept, new) = sorted_out(tx.now, row, &stored, given, reasons);
    let ids = insert(tx, by, row, &room, &new)?;
    follow(tx, by, row, &around(&room, &stored, &ids, &new)?)?;
    let before: HashMap<(Moment, &str), &ReadingRow> =
        stored.iter().map(|one| ((one.read_at, one.sensor.as_str()), one)).collect();
    let mut saved = Vec::new();
    for facts in kept {
        saved.push(match before.get(&(facts.read_at, facts.sensor.as_str())) {
            Some(one) => RoomReadingSaved { id: one.id.0, within: reading_of(&room, one)?.within },
            None => RoomReadingSaved { id: id_of(&ids, facts)?.0, within: facts.is_within(&room) },
        });
    }
    Ok(Added { saved, new: new.len() })
}

/// Stored readings and new ones, in the order of time.
fn around(room: &Room, stored: &[ReadingRow], ids: &Ids, new: &[&ReadingFacts]) -> Outcome<Vec<Placed>> {
    let mut placed = Vec::new();
    for row in stored {
        placed.push(Placed { id: row.id, reading: reading_of(room, row)?, is_new: false });
    }
    for facts in new {
        placed.push(Placed { id: id_of(ids, facts)?, reading: facts.reading(room), is_new: true });
    }
    placed.sort_by_key(|one| (one.reading.at, one.id));
    Ok(placed)
}

/// What is kept of the given readings, and what of that is new.
fn sorted_out<'a>(
    now: Moment,
    room: &RoomRow,
    stored: &'a [ReadingRow],
    given: &[Given<'a>],
    reasons: &mut Reasons,
) -> (Vec<&'a ReadingFacts>, Vec<&'a ReadingFacts>) {
    let mut values: HashMap<(Moment, &str), [Option<&str>; 2]> = stored
        .iter()
        .map(|row| ((row.read_at, row.sensor.as_str()), [row.temperature.as_deref(), row.humidity.as_deref()]))
        .collect();
    let (mut kept, mut new) = (Vec::new(), Vec::new());
    for one in given {
        let facts = one.facts;
        if facts.read_at > now {
            reasons.add(one.refused(READING_TO_COME.with("now", now).at("read_at")));
            continue;
        }
        match values.get(&(facts.read_at, facts.sensor.as_str())) {
            Some(known) if *known == facts.values() => kept.push(facts),
            Some(_) => {
                let reason = READING_DIFFERS.with("room", &room.code).with("at", facts.read_at);
                reasons.add(one.refused(reason.at("read_at")));
            }
            None => {
                values.insert((facts.read_at, facts.sensor.as_str()), facts.values());
                kept.push(facts);
                new.push(facts);
            }
        }
    }
    (kept, new)
}

/// Ids of new readings by moment and sensor.
type Ids = HashMap<(Moment, String), RoomReadingId>;

fn id_of(ids: &Ids, facts: &ReadingFacts) -> Outcome<RoomReadingId> {
    let id = ids.get(&(facts.read_at, facts.sensor.clone())).copied();
    id.ok_or_else(|| Fault::broken("a new reading has no id"))
}

/// Stores new readings with their entries in the log.
fn insert(tx: &mut Tx, by: &Actor, row: &RoomRow, room: &Room, new: &[&ReadingFacts]) -> Outcome<Ids> {
    let rows: Vec<NewReading> = new.iter().map(|facts| facts.row(row.id, room, by, tx.now)).collect();
    let stored = store::insert_readings(tx.conn, &rows)?;
    let ids: Ids = stored.into_iter().map(|(id, at, sensor)| ((at, sensor), id)).collect();
    for facts in new {
        let id = id_of(&ids, facts)?;
        let [temperature, humidity] = facts.values();
        tx.log(
            by.entry("room_reading", id.0, 1, "room-read")
                .set("room", row.code.as_str())
                .set("read_at", facts.read_at.rfc3339())
                .set("temperature", temperature.unwrap_or_default())
                .set("humidity", humidity.unwrap_or_default())
                .set("sensor", facts.sensor.as_str())
                .set("within", facts.is_within(room)),
        );
    }
    Ok(ids)
}

impl ReadingFacts {
    /// As read: temperature and humidity.
    fn values(&self) -> [Option<&str>; 2] {
        [self.temperature.as_ref().map(Decimal::as_str), self.humidity.as_ref().map(Decimal::as_str)]
    }

    /// By the limits of its day.
    fn is_within(&self, room: &Room) -> bool {
        let limits = room.limits_on(self.read_at.date_in_china());
        limits.is_none_or(|limits| limits.hold(self.temperature.as_ref(), self.humidity.as_ref()))
    }

    fn reading(&self, room: &Room) -> Reading {
        Reading {
            at: self.read_at,
            temperature: self.temperature.clone(),
            humidity: self.humidity.clone(),
            within: self.is_within(room),
        }
    }

    fn row(&self, room_id: RoomId, room: &Room, by: &Actor, at: Moment) -> NewReading<'_> {
        let [temperature, humidity] = self.values();
        NewReading {
            room_id,
            read_at: self.read_at,
            temperature,
            humidity,
            sensor: &self.sensor,
            remark: &self.remark,
            person_id: writer(by),
            at,
            limits_id: room.limits_on(self.read_at.date_in_china()).map(|limits| limits.id),
        }
    }
}
