//! Rooms as they are set up, and what the gate finds of a worksheet's rooms. Readings: `readings.rs`; what is shown:
//! `views.rs`.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::places::kind_of;
use super::state::{Band, Limits, Reading, Room};
use super::store::{self, LimitsRow, NewLimits, NewRecipient, NewRoom, ReadingRow, RoomChange, RoomRow};
use super::{LIMITS_FROM_PAST, PLACE_TAKEN, ROOM_CODE_TAKEN, ROOM_LIMITS, ROOM_RECIPIENT};
use crate::accounts::actions::ids_of_mailed;
use crate::accounts::actor::Entrance;
use crate::accounts::role::ManageCatalogue;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{PersonId, RoomId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reason, Reasons, Refusal, STALE_VERSION};
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
    /// sample_receipt, sample_store, preparation, high_contamination, trace_analysis, microbiology_clean, pcr_preparation,
    /// pcr_amplification, standards_store; empty: none of them.
    pub kind: String,
    /// Codes of the storage places in it, separated by `;`; what lies at one of them, or at the room's own code, lies in it.
    pub places: String,
    /// Degrees Celsius, exact decimals; empty: no limit. The limits themselves are within.
    pub temperature_least: String,
    pub temperature_most: String,
    /// Per cent relative humidity.
    pub humidity_least: String,
    pub humidity_most: String,
    /// First day on which these limits hold, today or later; empty: today. Readings keep the limits that they were judged by.
    pub limits_from: String,
    /// Method standards that demand the limits, separated by `;`; `*`: every method.
    pub methods: String,
    /// Codes of the instruments that stand in it, separated by `;`.
    pub instruments: String,
    /// Usernames of those who get a mail when it lies outside its limits, separated by `;`; empty: the quality officers.
    pub recipients: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct RoomFacts {
    pub(super) code: String,
    name: String,
    kind: &'static str,
    places: String,
    temperature: Band,
    humidity: Band,
    limits_from: Option<NaiveDate>,
    methods: String,
    instruments: String,
    recipients: Vec<String>,
}

impl RoomInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<RoomFacts, Refusal> {
        let mut check = Checker::new();
        let code = check.text("code", &self.code, CODE_MOST);
        let name = check.text("name", &self.name, NAME_MOST);
        let kind = check.optional("kind", &self.kind, "expected-room-kind", kind_of).unwrap_or_default();
        let places = codes_of(&check.optional_text("places", &self.places, TEXT_MOST)).join(";");
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
        let limits_from = check.optional_date("limits_from", &self.limits_from);
        let methods = codes_of(&check.optional_text("methods", &self.methods, TEXT_MOST)).join(";");
        let instruments = codes_of(&check.optional_text("instruments", &self.instruments, TEXT_MOST)).join(";");
        let recipients = codes_of(&check.optional_text("recipients", &self.recipients, TEXT_MOST));
        check.done(Some(RoomFacts {
            code,
            name,
            kind,
            places,
            temperature,
            humidity,
            limits_from,
            methods,
            instruments,
            recipients,
        }))
    }
}

impl RoomFacts {
    fn row(&self, version: i64) -> RoomChange<'_> {
        RoomChange {
            version,
            code: &self.code,
            name: &self.name,
            methods: &self.methods,
            instruments: &self.instruments,
            kind: self.kind,
            places: &self.places,
        }
    }

    /// Its own codes, of the room and of its places.
    pub(super) fn codes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let places = self.places.split(';').filter(|place| !place.is_empty());
        std::iter::once(("code", self.code.as_str())).chain(places.map(|place| ("places", place)))
    }

    /// Those of its codes that a room or a place bears already.
    pub(super) fn taken(&self, used: &HashSet<String>) -> Vec<Reason> {
        let reason = |(field, code): (&'static str, &str)| match field {
            "code" => ROOM_CODE_TAKEN.with("code", code).at(field),
            _ => PLACE_TAKEN.with("code", code).at(field),
        };
        self.codes().filter(|(_, code)| used.contains(*code)).map(reason).collect()
    }

    /// The columns that may change, by name.
    fn columns(&self) -> [(&'static str, &str); 6] {
        [
            ("code", self.code.as_str()),
            ("name", self.name.as_str()),
            ("methods", self.methods.as_str()),
            ("instruments", self.instruments.as_str()),
            ("kind", self.kind),
            ("places", self.places.as_str()),
        ]
    }

    /// Those who are to be told and cannot be.
    pub(super) fn unreachable(&self, mailed: &HashMap<String, PersonId>) -> Vec<Reason> {
        let nobody = self.recipients.iter().filter(|username| !mailed.contains_key(*username));
        nobody.map(|username| ROOM_RECIPIENT.with("username", username).at("recipients")).collect()
    }

    fn recipient_rows(&self, room_id: RoomId, mailed: &HashMap<String, PersonId>) -> Vec<NewRecipient> {
        let ids = self.recipients.iter().filter_map(|username| mailed.get(username));
        ids.map(|id| NewRecipient { room_id, person_id: *id }).collect()
    }

    fn limits_row(&self, room_id: RoomId, valid_from: NaiveDate, by: &Actor, at: Moment) -> NewLimits<'_> {
        NewLimits {
            room_id,
            valid_from,
            temperature_least: self.temperature.least.as_ref().map(Decimal::as_str),
            temperature_most: self.temperature.most.as_ref().map(Decimal::as_str),
            humidity_least: self.humidity.least.as_ref().map(Decimal::as_str),
            humidity_most: self.humidity.most.as_ref().map(Decimal::as_str),
            person_id: writer(by),
            at,
        }
    }
}

/// Who wrote something down; the command line on the server is nobody.
pub(super) fn writer(by: &Actor) -> Option<PersonId> {
    (by.entrance != Entrance::System).then_some(by.person)
}

/// The limits by name, as text.
fn limits_of(temperature: &Band, humidity: &Band) -> [(&'static str, String); 4] {
    let ([coldest, warmest], [driest, dampest]) = (temperature.texts(), humidity.texts());
    [
        ("temperature_least", coldest),
        ("temperature_most", warmest),
        ("humidity_least", driest),
        ("humidity_most", dampest),
    ]
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
/// `room-code-taken`; `place-taken`; `room-recipient`.
pub fn add_room(tx: &mut Tx, by: &May<ManageCatalogue>, facts: &RoomFacts) -> Outcome<RoomSaved> {
    let (used, mailed) = (used_codes(tx.conn, None)?, mailed(tx.conn, &[facts])?);
    let mut reasons = Reasons::new();
    reasons.extend(facts.taken(&used));
    reasons.extend(facts.unreachable(&mailed));
    reasons.none()?;
    let ids = insert(tx, by, &[facts], &mailed)?;
    let id = ids.get(&facts.code).ok_or_else(|| Fault::broken("a new room has no id"))?;
    Ok(RoomSaved { id: id.0, version: 1 })
}

/// Codes of every room and place, without those of one room.
pub(super) fn used_codes(conn: &mut Conn, without: Option<RoomId>) -> Outcome<HashSet<String>> {
    let mut used = HashSet::new();
    for row in store::rooms(conn)?.into_iter().filter(|row| Some(row.id) != without) {
        used.extend(codes_of(&row.places));
        used.insert(row.code);
    }
    Ok(used)
}

/// Those of the people to be told who can get mail, by username.
pub(super) fn mailed(conn: &mut Conn, facts: &[&RoomFacts]) -> Outcome<HashMap<String, PersonId>> {
    let usernames: Vec<String> = facts.iter().flat_map(|one| one.recipients.iter().cloned()).collect();
    if usernames.is_empty() { Ok(HashMap::new()) } else { ids_of_mailed(conn, &usernames) }
}

/// Adds rooms whose codes are free, each with its first limits: as many statements for a hundred as for one. Their ids by
/// code.
pub(super) fn insert(
    tx: &mut Tx,
    by: &Actor,
    facts: &[&RoomFacts],
    mailed: &HashMap<String, PersonId>,
) -> Outcome<HashMap<String, RoomId>> {
    let rows: Vec<NewRoom> = facts.iter().map(|one| NewRoom::of(one.row(1), tx.now)).collect();
    let ids: HashMap<String, RoomId> = store::insert_rooms(tx.conn, &rows)?.into_iter().collect();
    let today = tx.now.date_in_china();
    let (mut limits, mut recipients) = (Vec::new(), Vec::new());
    for one in facts {
        let id = *ids.get(&one.code).ok_or_else(|| Fault::broken("a new room has no id"))?;
        let from = one.limits_from.unwrap_or(today);
        limits.push(one.limits_row(id, from, by, tx.now));
        let mut entry = by.entry("room", id.0, 1, "room-added");
        for (name, value) in one.columns() {
            entry = entry.set(name, value);
        }
        for (name, value) in limits_of(&one.temperature, &one.humidity) {
            entry = entry.set(name, value);
        }
        let told = one.recipient_rows(id, mailed);
        entry =
            entry.set("limits_from", from.to_string()).set("recipients", ids_of(told.iter().map(|one| one.person_id)));
        tx.log(entry);
        recipients.extend(told);
    }
    store::insert_limits(tx.conn, &limits)?;
    store::insert_recipients(tx.conn, &recipients)?;
    Ok(ids)
}

/// Changes a room. Its limits hold from a day on, and for no reading that is there.
///
/// # Errors
/// `room-code-taken`; `place-taken`; `room-recipient`; `limits-from-past`; `stale-version`.
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
    let (used, mailed) = (used_codes(tx.conn, Some(id))?, mailed(tx.conn, &[facts])?);
    let mut reasons = Reasons::new();
    reasons.extend(facts.taken(&used));
    reasons.extend(facts.unreachable(&mailed));
    reasons.none()?;
    if !store::change_room(tx.conn, id, seen, &facts.row(seen + 1))? {
        return Err(stale().into());
    }
    let old = [before.code.as_str(), &before.name, &before.methods, &before.instruments, &before.kind, &before.places];
    let mut entry = by.entry("room", id.0, seen + 1, "room-changed");
    for ((name, new), old) in facts.columns().into_iter().zip(old) {
        if new != old {
            entry = entry.change(name, old, new);
        }
    }
    for (name, old, new) in change_limits(tx, by, &before, facts)? {
        entry = entry.change(name, old, new);
    }
    if let Some((old, new)) = change_recipients(tx, id, &facts.recipient_rows(id, &mailed))? {
        entry = entry.change("recipients", old, new);
    }
    tx.log(entry);
    Ok(RoomSaved { id: id.0, version: seen + 1 })
}

/// Names other people to be told of a room; those before and those after, if they differ.
fn change_recipients(tx: &mut Tx, id: RoomId, rows: &[NewRecipient]) -> Outcome<Option<(String, String)>> {
    let old = ids_of(store::recipients(tx.conn, &[id])?.into_iter().map(|(_, person, _)| person));
    let new = ids_of(rows.iter().map(|row| row.person_id));
    if old == new {
        return Ok(None);
    }
    store::forget_recipients(tx.conn, id)?;
    store::insert_recipients(tx.conn, rows)?;
    Ok(Some((old, new)))
}

/// People as the log names them.
fn ids_of(people: impl Iterator<Item = PersonId>) -> String {
    let mut ids: Vec<PersonId> = people.collect();
    ids.sort_unstable();
    ids.iter().map(PersonId::to_string).collect::<Vec<_>>().join(";")
}

/// Sets the limits of a room from their day on, if others are in force then; what of them is new.
fn change_limits(
    tx: &mut Tx,
    by: &Actor,
    before: &RoomRow,
    facts: &RoomFacts,
) -> Outcome<Vec<(&'static str, String, String)>> {
    let today = tx.now.date_in_china();
    let from = facts.limits_from.unwrap_or(today);
    let rooms = known(tx.conn, std::slice::from_ref(before))?;
    let old = match rooms.iter().find_map(|room| room.limits_on(from)) {
        Some(limits) => limits_of(&limits.temperature, &limits.humidity),
        None => limits_of(&Band::default(), &Band::default()),
    };
    let new = limits_of(&facts.temperature, &facts.humidity);
    let mut changes: Vec<(&'static str, String, String)> = old
        .into_iter()
        .zip(new)
        .filter(|((_, old), (_, new))| old != new)
        .map(|((name, old), (_, new))| (name, old, new))
        .collect();
    if changes.is_empty() {
        return Ok(changes);
    }
    if from < today {
        return Err(LIMITS_FROM_PAST.with("date", today).at("limits_from").into());
    }
    store::insert_limits(tx.conn, &[facts.limits_row(before.id, from, by, tx.now)])?;
    changes.push(("limits_from", String::new(), from.to_string()));
    Ok(changes)
}

/// Rooms with all their limits, in the order of the rows; one statement.
pub(super) fn known(conn: &mut Conn, rows: &[RoomRow]) -> Outcome<Vec<Room>> {
    let ids: Vec<RoomId> = rows.iter().map(|row| row.id).collect();
    let mut limits: HashMap<RoomId, Vec<Limits>> = HashMap::new();
    for row in store::limits(conn, &ids)? {
        limits.entry(row.room_id).or_default().push(limits_of_row(&row)?);
    }
    let room = |row: &RoomRow| Room {
        code: row.code.clone(),
        limits: limits.remove(&row.id).unwrap_or_default(),
        methods: codes_of(&row.methods),
        instruments: codes_of(&row.instruments),
    };
    Ok(rows.iter().map(room).collect())
}

fn limits_of_row(row: &LimitsRow) -> Outcome<Limits> {
    let bound = |text: &Option<String>| text.as_deref().map(Decimal::parse).transpose().map_err(Fault::broken);
    Ok(Limits {
        id: row.id,
        valid_from: row.valid_from,
        temperature: Band { least: bound(&row.temperature_least)?, most: bound(&row.temperature_most)? },
        humidity: Band { least: bound(&row.humidity_least)?, most: bound(&row.humidity_most)? },
    })
}

/// A reading with what was found of it when it came: by the limits that it names, else by the first of its room.
pub(super) fn reading_of(room: &Room, row: &ReadingRow) -> Outcome<Reading> {
    let value = |text: &Option<String>| text.as_deref().map(Decimal::parse).transpose().map_err(Fault::broken);
    let (temperature, humidity) = (value(&row.temperature)?, value(&row.humidity)?);
    let limits = match row.limits_id {
        Some(id) => room.limits.iter().find(|one| one.id == id),
        None => room.limits.iter().min_by_key(|one| one.id),
    };
    let within = limits.is_none_or(|limits| limits.hold(temperature.as_ref(), humidity.as_ref()));
    Ok(Reading { at: row.read_at, temperature, humidity, within })
}

/// What the gate finds of the rooms of a sheet: by its method, its instruments with the days on which they were used.
pub fn found(
    conn: &mut Conn,
    method: &str,
    used: &[(String, Vec<NaiveDate>)],
    today: NaiveDate,
) -> Outcome<Vec<Finding>> {
    let mut findings = Vec::new();
    let rows = store::rooms(conn)?;
    for (row, room) in rows.iter().zip(known(conn, &rows)?) {
        if !room.demands(method) {
            continue;
        }
        for day in room.days(used, today) {
            findings.extend(room.found(day, &readings_of_day(conn, (row.id, &room), day)?));
        }
    }
    Ok(findings)
}

fn readings_of_day(conn: &mut Conn, (id, room): (RoomId, &Room), day: NaiveDate) -> Outcome<Vec<Reading>> {
    let midnight = |day: NaiveDate| Moment::parse_in_china(&format!("{day} 00:00"));
    let Some((from, until)) = midnight(day).zip(day.succ_opt().and_then(midnight)) else {
        return Ok(Vec::new());
    };
    store::readings_between(conn, id, from, until)?.iter().map(|row| reading_of(room, row)).collect()
}
