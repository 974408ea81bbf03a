//! Excursions: what lay outside the limits of a room is opened by its first reading, told to those who are named for the room,
//! and waits for the quality officer, who says what it touched and what was done (`quality.md` Q63-1).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::actions::known;
use super::state::{Begun, Excursion, Placed, Reading, begun, over};
use super::store::{self, ExcursionRow, NewExcursion, RoomRow};
use super::views::{TouchedSheetView, with_sheets};
use super::{EXCURSION_GOES_ON, EXCURSION_HANDLED};
use crate::accounts::actions::{Contact, contacts_of, names_of, people_with_role};
use crate::accounts::role::{ManageQuality, Role};
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{ExcursionId, PersonId, RoomId, RoomReadingId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, Fact, Fault, NOT_FOUND, Outcome, Refusal, STALE_VERSION};
use crate::mail::{self, NewMail};

/// Longest account of what was done, in characters.
const HANDLING_MOST: usize = 2_000;

/// What readings that have just come mean for the excursions of a room, among those around them: one that is over gets its
/// end, one that nobody knew of is opened and told.
pub(super) fn follow(tx: &mut Tx, by: &Actor, room: &RoomRow, readings: &[Placed]) -> Outcome<()> {
    end(tx, by, room, readings)?;
    let found = begun(readings);
    if found.is_empty() {
        return Ok(());
    }
    let ids = open(tx, by, room, readings, &found)?;
    tell(tx, room, readings, &found, &ids)
}

fn end(tx: &mut Tx, by: &Actor, room: &RoomRow, readings: &[Placed]) -> Outcome<()> {
    let good = |one: &&Placed| one.is_new && one.reading.within;
    let Some(first) = readings.iter().find(good).map(|one| one.reading.at) else {
        return Ok(());
    };
    for row in store::excursions_after(tx.conn, room.id, first)? {
        if let Some(until) = over(row.began_at, row.until_at, readings) {
            store::end_excursion(tx.conn, row.id, until)?;
            let entry = by.entry("room_excursion", row.id.0, row.version, "room-excursion-over");
            tx.log(entry.set("until", until.rfc3339()));
        }
    }
    Ok(())
}

/// Ids of new excursions by their first readings.
type Ids = HashMap<RoomReadingId, ExcursionId>;

fn id_of(ids: &Ids, first: &Placed) -> Outcome<ExcursionId> {
    ids.get(&first.id).copied().ok_or_else(|| Fault::broken("a new excursion has no id"))
}

fn open(tx: &mut Tx, by: &Actor, room: &RoomRow, readings: &[Placed], found: &[Begun]) -> Outcome<Ids> {
    let row = |one: &Begun| NewExcursion {
        version: 1,
        room_id: room.id,
        reading_id: readings[one.first].id,
        began_at: readings[one.first].reading.at,
        from_at: one.from,
        until_at: one.until,
        opened_at: tx.now,
        handling: "",
    };
    let rows: Vec<NewExcursion> = found.iter().map(row).collect();
    let ids: Ids = store::insert_excursions(tx.conn, &rows)?.into_iter().collect();
    for one in found {
        let first = &readings[one.first];
        let entry = by.entry("room_excursion", id_of(&ids, first)?.0, 1, "room-excursion-opened");
        tx.log(entry.set("room", room.code.as_str()).set("began", first.reading.at.rfc3339()));
    }
    Ok(ids)
}

/// Queues the mails, each in the language of who gets it, once per excursion and person.
fn tell(tx: &mut Tx, room: &RoomRow, readings: &[Placed], found: &[Begun], ids: &Ids) -> Outcome<()> {
    let contacts = contacts(tx.conn, room.id)?;
    let mut mails = Vec::new();
    for one in found {
        let first = &readings[one.first];
        let id = id_of(ids, first)?;
        let facts = mail_facts(room, &first.reading);
        mails.extend(contacts.iter().map(|contact| NewMail {
            key: format!("room-excursion:{id}:{}", contact.person),
            recipient: contact.email.clone(),
            language: contact.language,
            subject: contact.language.text_with("mail-excursion-subject", &facts),
            body: contact.language.text_with("mail-excursion-body", &facts),
            attachment: None,
            about: ("room_excursion", id.0),
        }));
    }
    mail::queue_all(tx, &mails)?;
    Ok(())
}

fn mail_facts(room: &RoomRow, reading: &Reading) -> [(&'static str, Fact); 5] {
    let text = |value: &Option<Decimal>| value.as_ref().map_or("/".to_owned(), Decimal::to_string);
    [
        ("room", room.code.as_str().into()),
        ("name", room.name.as_str().into()),
        ("at", reading.at.into()),
        ("temperature", text(&reading.temperature).into()),
        ("humidity", text(&reading.humidity).into()),
    ]
}

/// Those who are named for a room and can get mail; if there is nobody, the quality officers.
fn contacts(conn: &mut Conn, id: RoomId) -> Outcome<Vec<Contact>> {
    let named: Vec<PersonId> = store::recipients(conn, &[id])?.into_iter().map(|(_, person, _)| person).collect();
    let contacts = contacts_of(conn, &named)?;
    if !contacts.is_empty() {
        return Ok(contacts);
    }
    let officers: Vec<PersonId> =
        people_with_role(conn, Role::QualityOfficer)?.into_iter().map(|(person, _)| person).collect();
    contacts_of(conn, &officers)
}

/// What an excursion touched and what was done about it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExcursionHandlingInput {
    pub handling: String,
}

impl ExcursionHandlingInput {
    /// # Errors
    /// The field, when it is empty or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let handling = check.optional_lines("handling", &self.handling, HANDLING_MOST);
        check.add_if(self.handling.trim().is_empty(), || FIELD_MISSING.at("handling"));
        check.done(Some(handling))
    }
}

/// What handling an excursion answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExcursionSaved {
    pub id: i64,
    pub version: i64,
}

/// Says what an excursion touched and what was done; it waits for nobody any more.
///
/// # Errors
/// `excursion-goes-on`: the room was not read within its limits since; `excursion-handled`; `stale-version`.
pub fn handle(
    tx: &mut Tx,
    by: &May<ManageQuality>,
    id: ExcursionId,
    seen: i64,
    handling: &str,
) -> Outcome<ExcursionSaved> {
    let row = store::excursion(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let stale = || Refusal::from(STALE_VERSION.with("version", row.version));
    if row.version != seen {
        return Err(stale().into());
    }
    if row.handled_at.is_some() {
        return Err(EXCURSION_HANDLED.into());
    }
    if row.until_at.is_none() {
        return Err(EXCURSION_GOES_ON.with("since", row.began_at).into());
    }
    if !store::handle_excursion(tx.conn, id, seen, handling, (by.person, tx.now))? {
        return Err(stale().into());
    }
    tx.log(by.entry("room_excursion", id.0, seen + 1, "room-excursion-handled").set("handling", handling));
    Ok(ExcursionSaved { id: id.0, version: seen + 1 })
}

/// Excursions that nobody has handled, for the page of waiting work.
pub fn count_unhandled(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_unhandled(conn)?)
}

/// An excursion as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoomExcursionView {
    pub id: i64,
    pub version: i64,
    pub room_id: i64,
    /// Code of the room.
    pub room: String,
    pub room_name: String,
    /// The first reading outside.
    #[schema(value_type = String, format = DateTime)]
    pub began: Moment,
    /// The last reading within the limits before it, or the first outside.
    #[schema(value_type = String, format = DateTime)]
    pub from: Moment,
    /// The next reading within the limits; none yet: it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Moment>,
    /// What it touched and what was done; empty: it waits for the quality officer.
    pub handling: String,
    pub handled_by: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub handled_at: Option<Moment>,
}

/// One excursion with what falls into its time.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoomExcursionDetail {
    #[serde(flatten)]
    pub excursion: RoomExcursionView,
    /// Worksheets of the methods that demand the limits, on instruments of this room or on none.
    pub worksheets: Vec<TouchedSheetView>,
    /// Parts of samples that lay in the room meanwhile.
    pub samples: Vec<KeptPartView>,
}

/// A part of a sample that lay in a room.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct KeptPartView {
    pub sample_id: i64,
    pub sample_no: String,
    pub label_code: String,
    pub place: String,
    #[schema(value_type = String, format = DateTime)]
    pub from: Moment,
    /// None: it is still there.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Moment>,
}

impl KeptPartView {
    fn of((sample, sample_no, label_code, place, from, until): store::KeptPart) -> Self {
        let sample_no = sample_no.unwrap_or_default();
        Self { sample_id: sample.0, sample_no, label_code, place, from, until }
    }
}

/// Excursions, newest first, before an id (exclusive).
pub fn excursions(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<RoomExcursionView>> {
    let rows = store::excursions(conn, before, limit)?;
    views(conn, rows)
}

/// One excursion.
pub fn excursion(conn: &mut Conn, id: ExcursionId, now: Moment) -> Outcome<RoomExcursionDetail> {
    let row = store::excursion(conn, id)?.ok_or(NOT_FOUND)?;
    let room = store::room(conn, row.room_id)?.ok_or(NOT_FOUND)?;
    let known = known(conn, std::slice::from_ref(&room))?.remove(0);
    let time = Excursion { from: row.from_at, until: row.until_at, readings: 0 };
    let worksheets = with_sheets(conn, &known, time, now)?.worksheets;
    let kept = store::kept_parts(conn, row.room_id, row.from_at, row.until_at.unwrap_or(now))?;
    let samples = kept.into_iter().map(KeptPartView::of).collect();
    let excursion = views(conn, vec![row])?.remove(0);
    Ok(RoomExcursionDetail { excursion, worksheets, samples })
}

fn views(conn: &mut Conn, rows: Vec<ExcursionRow>) -> Outcome<Vec<RoomExcursionView>> {
    let rooms: HashMap<RoomId, RoomRow> = store::rooms(conn)?.into_iter().map(|room| (room.id, room)).collect();
    let people: Vec<PersonId> = rows.iter().filter_map(|row| row.handled_by).collect();
    let names = names_of(conn, &people)?;
    let view = |row: ExcursionRow| {
        let room = rooms.get(&row.room_id);
        RoomExcursionView {
            id: row.id.0,
            version: row.version,
            room_id: row.room_id.0,
            room: room.map(|room| room.code.clone()).unwrap_or_default(),
            room_name: room.map(|room| room.name.clone()).unwrap_or_default(),
            began: row.began_at,
            from: row.from_at,
            until: row.until_at,
            handling: row.handling,
            handled_by: row.handled_by.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
            handled_at: row.handled_at,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}
