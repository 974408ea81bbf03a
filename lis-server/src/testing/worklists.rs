//! What open worksheets ask of instruments: the tests that an instrument may ask for, and the sequence file of one sheet. Label
//! codes only.

use serde::{Deserialize, Serialize};

use super::sheet::{Line, Sheet};
use super::state::WorksheetState;
use super::store;
use super::worksheets::require_own;
use super::{WORKSHEET_WITHOUT_INSTRUMENT, WORKSHEET_WRONG_STATE};
use crate::accounts::May;
use crate::accounts::role::EnterResults;
use crate::catalogue::actions as catalogue;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{DispatchId, InstrumentId, WorksheetId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons, Refusal};
use crate::instruments::bench::{self, DispatchView, PlaceToRun, SequenceFile, SheetToRun, Way};

/// Open sheets that are looked at, newest first: more than benches have at one time, and few enough for one statement.
const SHEETS_MOST: i64 = 200;
/// What an instrument measures goes into this input.
const READING: &str = "reading";

/// A test that waits for its instrument, or is wanted no more.
#[derive(Clone, Debug)]
pub struct WaitingTest {
    pub instrument: InstrumentId,
    pub label_code: String,
    /// Key of the analyte.
    pub analyte: String,
    /// Its item was cancelled, or went to another sheet.
    pub cancelled: bool,
}

/// The tests of open sheets whose readings are not complete, and those that were cancelled on them, by the instruments that the sheets were opened for.
pub fn waiting_tests(conn: &mut Conn, instruments: &[InstrumentId]) -> Outcome<Vec<WaitingTest>> {
    let catalogue = catalogue::current(conn)?;
    let ids = open_sheets(conn, instruments)?;
    let sheets = Sheet::load_all(conn, &ids, &catalogue)?;
    let mut waiting = Vec::new();
    for sheet in &sheets {
        let Some(instrument) = sheet.row.instrument_id else { continue };
        let test = |line: &Line, cancelled: bool| WaitingTest {
            instrument,
            label_code: line.position.label_code.clone(),
            analyte: line.analyte().to_owned(),
            cancelled,
        };
        waiting.extend(to_measure(sheet).filter(|line| lacks_reading(sheet, line)).map(|line| test(line, false)));
        let gone = labelled(sheet).filter(|line| !is_still_here(sheet, line));
        waiting.extend(gone.map(|line| test(line, true)));
    }
    Ok(waiting)
}

/// The sequence file of an open sheet: every place of it, whatever was measured already.
///
/// # Errors
/// The sheet is submitted, or was opened for no instrument; whatever the instrument's format refuses.
pub fn sequence_file(conn: &mut Conn, id: WorksheetId, now: Moment) -> Outcome<SequenceFile> {
    let catalogue = catalogue::current(conn)?;
    let sheet = Sheet::load(conn, id, &catalogue)?;
    if sheet.state != WorksheetState::Open {
        return Err(WORKSHEET_WRONG_STATE.reason().with_word("state", sheet.state.word()).into());
    }
    let number = sheet.row.worksheet_no.as_str();
    let instrument = sheet.row.instrument_id.ok_or_else(|| WORKSHEET_WITHOUT_INSTRUMENT.with("worksheet", number))?;
    let places: Vec<PlaceToRun> = to_measure(&sheet).map(place_of).collect();
    let run = SheetToRun { worksheet_no: number, method_key: &sheet.row.method_key, places: &places };
    bench::sequence_file(conn, instrument, &run, now)
}

/// How a sheet goes to its instrument.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SendInput {
    /// `orders` (what still lacks a reading) or `file` (the sequence file of the whole sheet).
    pub way: String,
}

impl SendInput {
    /// # Errors
    /// No way, or none that there is.
    pub fn checked(&self) -> Result<Way, Refusal> {
        let mut check = Checker::new();
        let way = check.parsed("way", &self.way, "expected-dispatch-way", Way::parse);
        check.done(way)
    }
}

/// What sending answers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Dispatched {
    pub id: DispatchId,
}

/// Sends an open sheet of the tester's own to its instrument. What waits already and would be the same is not sent twice.
///
/// # Errors
/// Another tester's sheet, a submitted one, one without an instrument; whatever the instrument refuses.
pub fn send_to_instrument(tx: &mut Tx, by: &May<EnterResults>, id: WorksheetId, way: Way) -> Outcome<Dispatched> {
    let catalogue = catalogue::current(tx.conn)?;
    let sheet = Sheet::load(tx.conn, id, &catalogue)?;
    let mut reasons = Reasons::new();
    require_own(&sheet, by.person, &mut reasons);
    if sheet.state != WorksheetState::Open {
        reasons.add(WORKSHEET_WRONG_STATE.reason().with_word("state", sheet.state.word()));
    }
    let number = sheet.row.worksheet_no.as_str();
    reasons.add_if(sheet.row.instrument_id.is_none(), || WORKSHEET_WITHOUT_INSTRUMENT.with("worksheet", number));
    reasons.none()?;
    let instrument = sheet.row.instrument_id.ok_or(NOT_FOUND)?;
    let places: Vec<PlaceToRun> = match way {
        Way::Orders => to_measure(&sheet).filter(|line| lacks_reading(&sheet, line)).map(place_of).collect(),
        Way::File => to_measure(&sheet).map(place_of).collect(),
    };
    let run = SheetToRun { worksheet_no: number, method_key: &sheet.row.method_key, places: &places };
    let id = bench::send(tx, by, (id, instrument), way, &run)?;
    Ok(Dispatched { id })
}

/// What was sent of a sheet, the newest first.
pub fn dispatches_of(conn: &mut Conn, id: WorksheetId) -> Outcome<Vec<DispatchView>> {
    let catalogue = catalogue::current(conn)?;
    let sheet = Sheet::load(conn, id, &catalogue)?;
    bench::sent_of(conn, id, sheet.state == WorksheetState::Open)
}

/// Open sheets of these instruments, newest first.
pub fn open_sheets(conn: &mut Conn, instruments: &[InstrumentId]) -> Outcome<Vec<WorksheetId>> {
    Ok(store::worksheets_on(conn, instruments, WorksheetState::Open.code(), SHEETS_MOST)?)
}

fn place_of(line: &Line) -> PlaceToRun {
    PlaceToRun {
        place: line.position.place,
        label_code: line.position.label_code.clone(),
        kind: line.position.kind.clone(),
        analyte: line.analyte().to_owned(),
    }
}

fn lacks_reading(sheet: &Sheet, line: &Line) -> bool {
    sheet.missing(line).iter().any(|(field, _)| field == READING)
}

/// Places that a container or a control stands on. An item that went to another sheet or was cancelled is measured no more.
fn to_measure(sheet: &Sheet) -> impl Iterator<Item = &Line> {
    labelled(sheet).filter(move |line| is_still_here(sheet, line))
}

fn labelled(sheet: &Sheet) -> impl Iterator<Item = &Line> {
    sheet.lines.iter().filter(|line| !line.position.label_code.is_empty())
}

fn is_still_here(sheet: &Sheet, line: &Line) -> bool {
    !line.is_cancelled() && line.item.as_ref().is_none_or(|item| item.worksheet_id == Some(sheet.row.id))
}
