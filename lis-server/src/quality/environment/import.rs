//! Rooms, and readings from a sensor's file or a spreadsheet (CSV or XLSX): columns bear the names of the fields; for a
//! reading `room` is the code of a room that is there. Every bad row is named; all rows are stored or none. A file of readings
//! that is taken twice changes nothing.

use std::collections::{BTreeMap, HashMap};

use super::ROOM_UNKNOWN;
use super::actions::{RoomFacts, RoomInput, insert, mailed, used_codes};
use super::readings::{Given, ReadingFacts, RoomReadingInput, add_all};
use super::store::{self, RoomRow};
use crate::accounts::Actor;
use crate::catalogue::refusing::{self, ROW_REPEATED};
use crate::catalogue::table::File;
use crate::db::Tx;
use crate::domain::refusal::{FIELD_MISSING, Outcome, Reasons, Refusal};

pub const ROOM_REQUIRED: &[&str] = &["code", "name"];
pub const ROOM_OPTIONAL: &[&str] = &[
    "kind",
    "places",
    "temperature_least",
    "temperature_most",
    "humidity_least",
    "humidity_most",
    "limits_from",
    "methods",
    "instruments",
    "recipients",
];

pub const REQUIRED: &[&str] = &["room", "read_at"];
pub const OPTIONAL: &[&str] = &["temperature", "humidity", "sensor", "remark"];

/// Checked rows of a file, each with the row it came from.
pub struct RoomRows(Vec<(u64, RoomFacts)>);

/// Reads a list of rooms.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_rooms(file: File<'_>) -> Result<RoomRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    if let Some(table) = refusing::opened(file, ROOM_REQUIRED, ROOM_OPTIONAL, &mut reasons) {
        for row in table.rows() {
            let cell = |column: &str| table.cell(row, column).to_owned();
            let input = RoomInput {
                code: cell("code"),
                name: cell("name"),
                kind: cell("kind"),
                places: cell("places"),
                temperature_least: cell("temperature_least"),
                temperature_most: cell("temperature_most"),
                humidity_least: cell("humidity_least"),
                humidity_most: cell("humidity_most"),
                limits_from: cell("limits_from"),
                methods: cell("methods"),
                instruments: cell("instruments"),
                recipients: cell("recipients"),
            };
            match input.checked() {
                Ok(facts) => {
                    let first = *seen.entry(facts.code.clone()).or_insert(row.number);
                    reasons.add_if(first != row.number, || {
                        ROW_REPEATED.with("earlier", first).at("code").in_row(row.number)
                    });
                    rows.push((row.number, facts));
                }
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| RoomRows(rows))
}

/// Stores all rooms, if none of them is there already; how many they were.
pub fn keep_rooms(tx: &mut Tx, by: &Actor, rows: &RoomRows) -> Outcome<usize> {
    let facts: Vec<&RoomFacts> = rows.0.iter().map(|(_, facts)| facts).collect();
    let (mut used, mailed) = (used_codes(tx.conn, None)?, mailed(tx.conn, &facts)?);
    let mut reasons = Reasons::new();
    for (number, facts) in &rows.0 {
        reasons.extend(facts.taken(&used).into_iter().map(|reason| reason.in_row(*number)));
        used.extend(facts.codes().map(|(_, code)| code.to_owned()));
        reasons.extend(facts.unreachable(&mailed).into_iter().map(|reason| reason.in_row(*number)));
    }
    reasons.none()?;
    insert(tx, by, &facts, &mailed)?;
    Ok(facts.len())
}

/// Checked rows of a file: the row it came from, the code of the room, the reading.
pub struct ReadingRows(Vec<(u64, String, ReadingFacts)>);

/// Reads a list of readings.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_environment(file: File<'_>) -> Result<ReadingRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, OPTIONAL, &mut reasons) {
        for row in table.rows() {
            let cell = |column: &str| table.cell(row, column).to_owned();
            let input = RoomReadingInput {
                read_at: cell("read_at"),
                temperature: cell("temperature"),
                humidity: cell("humidity"),
                sensor: cell("sensor"),
                remark: cell("remark"),
            };
            let room = cell("room");
            reasons.add_if(room.is_empty(), || FIELD_MISSING.at("room").in_row(row.number));
            match input.checked() {
                Ok(facts) => rows.push((row.number, room, facts)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| ReadingRows(rows))
}

/// Stores all readings or none; how many of them are new. Some statements for each room, however many readings it has.
pub fn keep_environment(tx: &mut Tx, by: &Actor, rows: &ReadingRows) -> Outcome<usize> {
    let rooms: HashMap<String, RoomRow> =
        store::rooms(tx.conn)?.into_iter().map(|row| (row.code.clone(), row)).collect();
    let (mut reasons, mut new) = (Reasons::new(), 0);
    let mut by_room: BTreeMap<&str, Vec<Given>> = BTreeMap::new();
    for (number, code, facts) in &rows.0 {
        let known = rooms.contains_key(code);
        reasons.add_if(!known, || ROOM_UNKNOWN.with("code", code).at("room").in_row(*number));
        by_room.entry(code.as_str()).or_default().push(Given { row: Some(*number), facts });
    }
    for (code, given) in by_room {
        if let Some(room) = rooms.get(code) {
            new += add_all(tx, by, room, &given, &mut reasons)?.new;
        }
    }
    reasons.none()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_row_of_rooms_is_named() {
        let text = "code,name,temperature_least,temperature_most,limits_from\nB-101,天平室,15,25,2026-11-01\n\
                    ,天平室,15,25,\nB-102,冰箱,8,2,2026-02-30\nB-101,天平室,,,\n";
        let Err(refusal) = read_rooms(File::new("t.csv", text.as_bytes())) else { panic!("this is refused") };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[3].code", "field-missing"),
                ("rows[4].temperature_most", "room-limits"),
                ("rows[4].limits_from", "field-invalid"),
                ("rows[5].code", "row-repeated"),
            ]
        );
    }

    #[test]
    fn every_bad_row_is_named() {
        let text = "room,read_at,temperature,humidity\nB-101,2026-11-27 08:00,20.1,45\n,2026-11-27 08:00,20.1,45\n\
                    B-101,yesterday,20.1,45\nB-101,2026-11-27 08:00,\"20,1\",45\nB-101,2026-11-27 08:00,,\n";
        let Err(refusal) = read_environment(File::new("t.csv", text.as_bytes())) else { panic!("this is refused") };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[3].room", "field-missing"),
                ("rows[4].read_at", "field-invalid"),
                ("rows[5].temperature", "field-invalid"),
                ("rows[6].temperature", "reading-empty"),
            ]
        );
    }
}
