//! What this room asks of others: where a reading belongs, and what a printed name of an analyte means.

use std::collections::{BTreeMap, HashMap};

use crate::accounts::Actor;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, PersonId, PositionId, WorksheetId};
use crate::domain::refusal::{Fact, Outcome};
use crate::testing;

pub use crate::testing::FILED_MARK;
pub use crate::testing::actions::{Applied, Filing, Finding, Foreseen, HeldReason, Reading, WaitingTest};

/// Files readings into the worksheets that wait for them, each or held with its reason, in the order given.
pub fn file_readings(tx: &mut Tx, by: &Actor, readings: &[Reading]) -> Outcome<Vec<Filing>> {
    testing::actions::file_readings(tx, by, readings)
}

/// What filing these readings would do, and nothing done: the cells of each, or why it would stay held.
pub fn foresee_readings(
    conn: &mut Conn,
    readings: &[Reading],
    at: Moment,
) -> Outcome<Vec<Result<Vec<Foreseen>, HeldReason>>> {
    testing::actions::foresee_readings(conn, readings, at)
}

/// Label codes that no worksheet has, each with the reason for which its readings are held.
pub fn unplaced(conn: &mut Conn, codes: &[String]) -> Outcome<BTreeMap<String, HeldReason>> {
    testing::actions::unplaced(conn, codes)
}

/// Whether a label is that of a standard on a worksheet of the laboratory.
pub fn is_standard_label(label: &str) -> bool {
    testing::actions::is_standard_label(label)
}

/// Those of the texts that are the code of some container.
pub fn known_labels(conn: &mut Conn, codes: &[String]) -> Outcome<Vec<String>> {
    crate::samples::actions::known_labels(conn, codes)
}

/// The catalogue's key of an analyte by its key or exactly one of its names; `None` when none or several have it.
pub fn analyte_key(conn: &mut Conn, name: &str) -> Outcome<Option<String>> {
    let catalogue = crate::catalogue::actions::current(conn)?;
    if let Some(analyte) = catalogue.analytes.get(name) {
        return Ok(Some(analyte.key.clone()));
    }
    let mut found = catalogue.analytes.find(name);
    match (found.next(), found.next()) {
        (Some(analyte), None) => Ok(Some(analyte.key.clone())),
        _ => Ok(None),
    }
}

/// The name of an analyte, by its key.
pub fn analyte_name(conn: &mut Conn, key: &str) -> Outcome<Fact> {
    let catalogue = crate::catalogue::actions::current(conn)?;
    let (chinese, english) = catalogue.analyte_name(key);
    Ok(Fact::named(chinese, english))
}

/// The names of analytes, by their keys.
pub fn analyte_names<'k>(conn: &mut Conn, keys: impl Iterator<Item = &'k str>) -> Outcome<HashMap<String, Fact>> {
    let catalogue = crate::catalogue::actions::current(conn)?;
    let named = |key: &'k str| {
        let (chinese, english) = catalogue.analyte_name(key);
        (key.to_owned(), Fact::named(chinese, english))
    };
    Ok(keys.map(named).collect())
}

/// The label code of a cell that waits for a value and that this tester may fill.
pub fn cell_to_fill(
    conn: &mut Conn,
    person: PersonId,
    position: PositionId,
    field: &str,
    replicate: i64,
) -> Outcome<String> {
    testing::actions::cell_to_fill(conn, person, position, field, replicate)
}

/// The tests of open worksheets that wait for these instruments.
pub fn waiting_tests(conn: &mut Conn, instruments: &[InstrumentId]) -> Outcome<Vec<WaitingTest>> {
    testing::actions::waiting_tests(conn, instruments)
}

/// Those of these instruments' worksheets that are open.
pub fn open_sheets(conn: &mut Conn, instruments: &[InstrumentId]) -> Outcome<Vec<WorksheetId>> {
    testing::actions::open_sheets(conn, instruments)
}

/// The names of people.
pub fn names_of(conn: &mut Conn, people: &[PersonId]) -> Outcome<HashMap<PersonId, String>> {
    crate::accounts::actions::names_of(conn, people)
}

/// The label code of a worksheet's position.
pub fn label_of(conn: &mut Conn, position: PositionId) -> Outcome<Option<String>> {
    testing::actions::label_of(conn, position)
}
