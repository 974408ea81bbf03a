//! What open worksheets ask of instruments: the tests that an instrument may ask for, and the sequence file of one sheet. Label
//! codes only.

use super::sheet::{Line, Sheet};
use super::state::WorksheetState;
use super::store;
use super::{WORKSHEET_WITHOUT_INSTRUMENT, WORKSHEET_WRONG_STATE};
use crate::catalogue::actions as catalogue;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, WorksheetId};
use crate::domain::refusal::Outcome;
use crate::instruments::bench::{self, PlaceToRun, SequenceFile, SheetToRun};

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
    let ids = store::worksheets_on(conn, instruments, WorksheetState::Open.code(), SHEETS_MOST)?;
    let sheets = Sheet::load_all(conn, &ids, &catalogue)?;
    let mut waiting = Vec::new();
    for sheet in &sheets {
        let Some(instrument) = sheet.row.instrument_id else { continue };
        let lacks_reading = |line: &&Line| sheet.missing(line).iter().any(|(field, _)| field == READING);
        let test = |line: &Line, cancelled: bool| WaitingTest {
            instrument,
            label_code: line.position.label_code.clone(),
            analyte: line.analyte().to_owned(),
            cancelled,
        };
        waiting.extend(to_measure(sheet).filter(lacks_reading).map(|line| test(line, false)));
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
    let places: Vec<PlaceToRun> = to_measure(&sheet)
        .map(|line| PlaceToRun {
            place: line.position.place,
            label_code: line.position.label_code.clone(),
            kind: line.position.kind.clone(),
            analyte: line.analyte().to_owned(),
        })
        .collect();
    let run = SheetToRun { worksheet_no: number, method_key: &sheet.row.method_key, places: &places };
    bench::sequence_file(conn, instrument, &run, now)
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
