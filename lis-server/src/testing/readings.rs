//! Readings of instruments find their cell by label code, analyte and field. What cannot be placed with certainty is held
//! for a person, with the reason; nothing is guessed and nothing arrives twice.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::corrections::Applied;
use super::entering::{is_readable, store_entries};
use super::portions::finding_word;
use super::sheet::{Line, Sheet};
use super::state::WorksheetState;
use super::store::{self, NewEntryRow, SheetLine};
use super::worksheets::require_own;
use super::{CELL_FILLED, FIELD_UNKNOWN, WORKSHEET_WRONG_STATE};
use crate::accounts::Actor;
use crate::catalogue::import::Evaluation;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, ObservationId, PersonId, PositionId, ResultEntryId, WorksheetId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons};
use crate::judgement::units;
use crate::samples::actions as samples;

/// One value of an instrument.
#[derive(Clone, Debug)]
pub struct Reading {
    pub label_code: String,
    /// Key or name; empty where the field belongs to the portion and not to an analyte (a weighing).
    pub analyte: String,
    /// reading, mass, volume, …
    pub field: String,
    /// From 1; 0: the next free determination.
    pub replicate: i64,
    /// As printed, or what the print means where people here write it in another way; empty: nothing that is certain.
    pub value: String,
    pub unit: String,
    /// What the instrument says of presence, in a word that is declared for it.
    pub finding: Option<Finding>,
    /// What the certificate of the instrument did to what was printed: `value` is corrected.
    pub correction: Option<Applied>,
    pub observation_id: Option<ObservationId>,
    pub instrument_id: Option<InstrumentId>,
    pub client_uuid: String,
}

/// A qualitative result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finding {
    Detected,
    NotDetected,
}

impl Finding {
    /// As it stands in a cell and on the report; the printed word stays in the instrument's row.
    fn mark(self) -> &'static str {
        match self {
            Self::Detected => "+",
            Self::NotDetected => "ND",
        }
    }
}

/// What became of a reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "filing", rename_all = "snake_case")]
pub enum Filing {
    Filed { entry: ResultEntryId, position: PositionId },
    Held { reason: HeldReason },
}

/// Why a reading waits for a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldReason {
    /// No container carries the code.
    UnknownSample,
    UnknownAnalyte,
    /// The sample is known, but no worksheet waits for this.
    NotOnWorksheet,
    /// The sheet was submitted before the value came.
    WorksheetClosed,
    UnknownField,
    UnknownUnit,
    /// The cell waits for a finding, and the instrument printed no word that is declared to be one.
    UnknownFinding,
    /// The value is no number, bound or finding.
    Unreadable,
    /// The same reading came before; nothing changes.
    Duplicate,
    /// The cell holds another value already.
    Conflict,
}

impl HeldReason {
    pub const ALL: &[HeldReason] = &[
        Self::UnknownSample,
        Self::UnknownAnalyte,
        Self::NotOnWorksheet,
        Self::WorksheetClosed,
        Self::UnknownField,
        Self::UnknownUnit,
        Self::UnknownFinding,
        Self::Unreadable,
        Self::Duplicate,
        Self::Conflict,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownSample => "unknown_sample",
            Self::UnknownAnalyte => "unknown_analyte",
            Self::NotOnWorksheet => "not_on_worksheet",
            Self::WorksheetClosed => "worksheet_closed",
            Self::UnknownField => "unknown_field",
            Self::UnknownUnit => "unknown_unit",
            Self::UnknownFinding => "unknown_finding",
            Self::Unreadable => "unreadable",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
        }
    }

    /// The key of its name in the message files.
    pub fn word(self) -> String {
        format!("held-{}", self.code().replace('_', "-"))
    }
}

/// The label code of a position, for whoever aims a balance at it.
pub fn label_of(conn: &mut Conn, position: PositionId) -> Outcome<Option<String>> {
    Ok(store::label_of_position(conn, position)?)
}

/// The label code of a cell that a balance is to be aimed at.
///
/// # Errors
/// Every reason against it: another tester's sheet, one that is submitted, no such input, a value that is there already.
pub fn cell_to_fill(
    conn: &mut Conn,
    person: PersonId,
    position: PositionId,
    field: &str,
    replicate: i64,
) -> Outcome<String> {
    let catalogue = catalogue::current(conn)?;
    let id = store::worksheet_of_position(conn, position)?.ok_or_else(|| NOT_FOUND.at("position"))?;
    let sheet = Sheet::load(conn, id, &catalogue)?;
    let line = sheet.line(position).ok_or_else(|| NOT_FOUND.at("position"))?;
    let mut reasons = Reasons::new();
    require_own(&sheet, person, &mut reasons);
    if sheet.state != WorksheetState::Open {
        reasons.add(WORKSHEET_WRONG_STATE.reason().with_word("state", sheet.state.word()));
    }
    let known = line.inputs().iter().any(|input| input.name == field) && (1..=line.replicates()).contains(&replicate);
    reasons.add_if(!known, || FIELD_UNKNOWN.with("field", field).with("replicate", replicate).at("field"));
    if let Some(entry) = sheet.newest(position, field, replicate) {
        reasons.add(CELL_FILLED.with("label", &line.position.label_code).with("value", &entry.value));
    }
    reasons.none()?;
    Ok(line.position.label_code.clone())
}

/// Files one reading.
pub fn file_reading(tx: &mut Tx, by: &Actor, reading: &Reading) -> Outcome<Filing> {
    let filings = file_readings(tx, by, std::slice::from_ref(reading))?;
    filings.first().copied().ok_or_else(|| Fault::broken("a reading was lost"))
}

/// Files readings in their order; each has its own answer. Statements grow neither with the readings nor with the sheets
/// that they belong to.
pub fn file_readings(tx: &mut Tx, by: &Actor, readings: &[Reading]) -> Outcome<Vec<Filing>> {
    let Plan { mut sheets, held, places, rows } = plan(tx.conn, readings, tx.now)?;
    let mut filings: Vec<Option<Filing>> =
        held.into_iter().map(|reason| reason.map(|reason| Filing::Held { reason })).collect();
    let positions: Vec<PositionId> = rows.iter().map(|row| row.position_id).collect();
    let stored = store_entries(tx, by, &mut sheets, rows)?;
    for ((place, entry), position) in places.into_iter().zip(stored.entries).zip(positions) {
        filings[place].get_or_insert(Filing::Filed { entry, position });
    }
    filings.into_iter().map(|filing| filing.ok_or_else(|| Fault::broken("a reading was lost"))).collect()
}

/// A cell that a reading would go into, in the bench's words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ForeseenCell)]
pub struct Foreseen {
    pub worksheet_no: String,
    pub label_code: String,
    /// Key of the catalogue's analyte.
    pub analyte: String,
    pub field: String,
    /// Determination, from 1.
    pub replicate: i64,
    /// What would stand in the cell.
    pub value: String,
    pub unit: String,
}

/// What [`file_readings`] would do with readings, and nothing done: their cells, or why they would stay held.
pub fn foresee_readings(
    conn: &mut Conn,
    readings: &[Reading],
    at: Moment,
) -> Outcome<Vec<Result<Vec<Foreseen>, HeldReason>>> {
    let Plan { sheets, held, places, rows } = plan(conn, readings, at)?;
    let mut found: Vec<Result<Vec<Foreseen>, HeldReason>> =
        held.into_iter().map(|reason| reason.map_or_else(|| Ok(Vec::new()), Err)).collect();
    for (place, row) in places.into_iter().zip(rows) {
        let line = sheets.iter().find_map(|sheet| sheet.line(row.position_id).map(|line| (sheet, line)));
        let (sheet, line) = line.ok_or_else(|| Fault::broken("a reading's cell is on no sheet"))?;
        if let Some(Ok(cells)) = found.get_mut(place) {
            cells.push(Foreseen {
                worksheet_no: sheet.row.worksheet_no.clone(),
                label_code: line.position.label_code.clone(),
                analyte: line.analyte().to_owned(),
                field: row.field,
                replicate: row.replicate,
                value: row.value,
                unit: row.unit,
            });
        }
    }
    Ok(found)
}

/// Where readings go, before anything is stored.
struct Plan {
    sheets: Vec<Sheet>,
    /// Of each reading why it stays held; `None`: it goes into a cell.
    held: Vec<Option<HeldReason>>,
    /// The reading that each of the entries is of.
    places: Vec<usize>,
    rows: Vec<NewEntryRow>,
}

fn plan(conn: &mut Conn, readings: &[Reading], at: Moment) -> Outcome<Plan> {
    let catalogue = catalogue::current(conn)?;
    let mut codes: Vec<String> = readings.iter().map(|reading| reading.label_code.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let found = store::positions_by_label(conn, &codes)?;
    let known = samples::known_labels(conn, &codes)?;
    let mut ids: Vec<WorksheetId> = found.iter().map(|(sheet, ..)| sheet.id).collect();
    ids.dedup();
    let sheets = Sheet::load_all(conn, &ids, &catalogue)?;
    let (mut held, mut places, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (place, reading) in readings.iter().enumerate() {
        match target_of(reading, &catalogue, &found, &known, &sheets, &rows) {
            Ok(targets) => {
                for (number, target) in targets.into_iter().enumerate() {
                    places.push(place);
                    rows.push(entry_row(reading, target, number, at));
                }
                held.push(None);
            }
            Err(reason) => held.push(Some(reason)),
        }
    }
    Ok(Plan { sheets, held, places, rows })
}

/// Of label codes those that no worksheet has, each with the reason for which [`file_readings`] holds its readings. It
/// spares a long export the way through the sheets, row by row.
pub fn unplaced(conn: &mut Conn, codes: &[String]) -> Outcome<BTreeMap<String, HeldReason>> {
    let found = store::positions_by_label(conn, codes)?;
    let placed: BTreeSet<&str> = found.iter().map(|(_, position, ..)| position.label_code.as_str()).collect();
    let known: BTreeSet<String> = samples::known_labels(conn, codes)?.into_iter().collect();
    let rest = codes.iter().filter(|code| !placed.contains(code.as_str()));
    Ok(rest.map(|code| (code.clone(), without_position(known.contains(code)))).collect())
}

/// Why a reading whose label no worksheet has is held.
fn without_position(on_container: bool) -> HeldReason {
    if on_container { HeldReason::NotOnWorksheet } else { HeldReason::UnknownSample }
}

/// The entry of a reading in one of its cells, numbered from 0.
fn entry_row(reading: &Reading, target: Target, number: usize, at: Moment) -> NewEntryRow {
    let client_uuid = match number {
        0 => reading.client_uuid.clone(),
        _ => format!("{}/{number}", reading.client_uuid),
    };
    NewEntryRow {
        position_id: target.position,
        field: reading.field.clone(),
        replicate: target.replicate,
        entry_no: 1,
        value: target.value,
        unit: target.unit,
        source: "instrument",
        reason: String::new(),
        observation_id: reading.observation_id,
        person_id: None,
        client_uuid,
        at,
        run_at: None,
        correction: reading.correction.as_ref().map(as_json).unwrap_or_default(),
    }
}

/// As it is stored with the entry.
fn as_json(applied: &Applied) -> String {
    serde_json::to_string(applied).unwrap_or_default()
}

/// A cell that a reading goes into, and what goes in.
struct Target {
    position: PositionId,
    replicate: i64,
    value: String,
    unit: String,
}

fn target_of(
    reading: &Reading,
    catalogue: &Catalogue,
    found: &[SheetLine],
    known: &[String],
    sheets: &[Sheet],
    waiting: &[NewEntryRow],
) -> Result<Vec<Target>, HeldReason> {
    let same = |uuid: &str| uuid == reading.client_uuid;
    if sheets.iter().any(|sheet| sheet.entries.iter().any(|entry| same(&entry.client_uuid)))
        || waiting.iter().any(|row| same(&row.client_uuid))
    {
        return Err(HeldReason::Duplicate);
    }
    let labelled: Vec<&SheetLine> =
        found.iter().filter(|(_, position, ..)| position.label_code == reading.label_code).collect();
    if labelled.is_empty() {
        return Err(without_position(known.contains(&reading.label_code)));
    }
    let analytes: Vec<&str> = match reading.analyte.trim() {
        "" => Vec::new(),
        name => {
            let keys: Vec<&str> = match catalogue.analytes.get(name) {
                Some(row) => vec![row.key.as_str()],
                None => catalogue.analytes.find(name).map(|row| row.key.as_str()).collect(),
            };
            if keys.is_empty() {
                return Err(HeldReason::UnknownAnalyte);
            }
            keys
        }
    };
    let mut lines: Vec<(&Sheet, &Line)> = Vec::new();
    let mut closed = false;
    for (_, position, ..) in labelled {
        for sheet in sheets {
            let Some(line) = sheet.line(position.id) else { continue };
            if !analytes.is_empty() && !analytes.contains(&line.analyte()) {
                continue;
            }
            if sheet.state == WorksheetState::Open {
                lines.push((sheet, line));
            } else {
                closed = true;
            }
        }
    }
    if lines.is_empty() {
        return Err(if closed { HeldReason::WorksheetClosed } else { HeldReason::NotOnWorksheet });
    }
    lines.retain(|(_, line)| line.inputs().iter().any(|input| input.name == reading.field));
    if lines.is_empty() {
        return Err(HeldReason::UnknownField);
    }
    // A value of an analyte has one place; a weighing serves every item of the container.
    if reading.field == "reading" && lines.len() > 1 {
        return Err(HeldReason::Conflict);
    }
    lines.into_iter().map(|(sheet, line)| cell_of(reading, line, sheet, waiting)).collect()
}

fn cell_of(reading: &Reading, line: &Line, sheet: &Sheet, waiting: &[NewEntryRow]) -> Result<Target, HeldReason> {
    let wanted = line.unit_of(&reading.field);
    let unit = match reading.unit.trim() {
        "" if line.has_units() && wanted != "1" => return Err(HeldReason::UnknownUnit),
        "" => String::new(),
        given if !line.has_units() => given.to_owned(),
        given => {
            units::factor(given, wanted).map_err(|_| HeldReason::UnknownUnit)?;
            given.to_owned()
        }
    };
    let value = value_for(reading, line)?;
    if !is_readable(line, &reading.field, value) {
        return Err(HeldReason::Unreadable);
    }
    let held = |replicate: i64| {
        let entered = sheet.newest(line.position.id, &reading.field, replicate).map(|entry| entry.value.as_str());
        let coming = waiting.iter().find(|row| {
            row.position_id == line.position.id && row.field == reading.field && row.replicate == replicate
        });
        entered.or(coming.map(|row| row.value.as_str()))
    };
    let replicate = match reading.replicate {
        0 => match (1..=line.replicates()).find(|replicate| held(*replicate).is_none()) {
            Some(free) => free,
            // A file that comes again says nothing new about cells that are full.
            None if (1..=line.replicates()).any(|replicate| held(replicate) == Some(value)) => {
                return Err(HeldReason::Duplicate);
            }
            None => return Err(HeldReason::Conflict),
        },
        given if (1..=line.replicates()).contains(&given) => given,
        _ => return Err(HeldReason::UnknownField),
    };
    match held(replicate) {
        Some(there) if there == value => Err(HeldReason::Duplicate),
        Some(_) => Err(HeldReason::Conflict),
        None => Ok(Target { position: line.position.id, replicate, value: value.to_owned(), unit }),
    }
}

/// What a cell takes of a reading: the value as printed, or of a qualitative result its mark. An index or any other number
/// beside the word is no finding, however large it is.
fn value_for<'r>(reading: &'r Reading, line: &Line) -> Result<&'r str, HeldReason> {
    let printed = reading.value.trim();
    if !matches!(line.rule.evaluation, Evaluation::Detection) {
        return Ok(printed);
    }
    match reading.finding {
        Some(finding) => Ok(finding.mark()),
        None if finding_word(printed).is_some() => Ok(printed),
        None => Err(HeldReason::UnknownFinding),
    }
}
