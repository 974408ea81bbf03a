//! What instruments are to do: the tests that wait for one that asks, and the file in which another takes a worksheet. Samples
//! are known by their label codes, tests by what the instrument calls them: its mapped codes, read backwards.

use instrument_drivers::observation::Role;
use instrument_drivers::profile::worklist::{Run, RunPlace, WorklistError};
use instrument_drivers::work::{Work, WorkList};

use super::calls::{self, WaitingTest};
use super::dispatching;
use super::profiles::PROFILE_INVALID;
use super::profiles::named;
use super::store::{self, TestCode};
use super::{
    WORKLIST_CODE_MISSING, WORKLIST_CODES_SEVERAL, WORKLIST_NO_FORMAT, WORKLIST_TEXT_UNFIT, WORKLIST_TRAY_FULL,
};
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::InstrumentId;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason, Reasons};

/// The kind of a mapping that says what an instrument calls an analyte in its work lists, where it prints another name or
/// several.
pub const KIND: &str = "test";

/// What an instrument calls an analyte.
#[derive(PartialEq, Eq, Debug)]
enum Called<'c> {
    So(&'c str),
    /// Nobody has mapped a code of it.
    Unknown,
    /// It prints several names, and nobody has said which one is to be ordered.
    Several(Vec<&'c str>),
}

/// A code that was mapped for work lists counts, the newest of several; else the only one that is printed.
fn called<'c>(codes: &'c [TestCode], instrument: InstrumentId, analyte: &str) -> Called<'c> {
    let own = || codes.iter().filter(move |code| code.instrument == instrument && code.target == analyte);
    if let Some(named) = own().rfind(|code| code.kind == KIND) {
        return Called::So(&named.source);
    }
    let printed: Vec<&str> = own().map(|code| code.source.as_str()).collect();
    match printed.len() {
        0 => Called::Unknown,
        1 => Called::So(printed[0]),
        _ => Called::Several(printed),
    }
}

/// What waits at instruments that may ask: at one by its code, or at every one. Statements do not grow with them.
pub fn work_lists(conn: &mut Conn, code: Option<&str>) -> Outcome<Vec<WorkList>> {
    let instruments = match code {
        Some(code) => vec![store::instrument_by_code(conn, code)?.ok_or_else(|| NOT_FOUND.at("instrument"))?],
        None => store::instruments(conn)?,
    };
    let ids: Vec<InstrumentId> = instruments.iter().map(|instrument| instrument.id).collect();
    let waiting = calls::waiting_tests(conn, &ids)?;
    let codes = store::test_codes(conn, &ids)?;
    let mut sent = dispatching::waiting(conn, &ids)?;
    let list = |instrument: store::InstrumentRow| WorkList {
        samples: work_of(instrument.id, &waiting, &codes),
        dispatches: sent.remove(&instrument.id).unwrap_or_default(),
        instrument: instrument.code,
    };
    Ok(instruments.into_iter().map(list).collect())
}

/// Tests by container, in the order of the worksheets.
fn work_of(instrument: InstrumentId, waiting: &[WaitingTest], codes: &[TestCode]) -> Vec<Work> {
    let mut samples: Vec<Work> = Vec::new();
    let own = |cancelled: bool| waiting.iter().filter(move |t| t.instrument == instrument && t.cancelled == cancelled);
    for test in own(false) {
        let work = work_on(&mut samples, &test.label_code);
        let (names, name) = match called(codes, instrument, &test.analyte) {
            Called::So(code) => (&mut work.tests, code),
            Called::Unknown | Called::Several(_) => (&mut work.unnamed, test.analyte.as_str()),
        };
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    // An item that went to another sheet is cancelled on one and waits on the other: it waits.
    for test in own(true) {
        let Called::So(code) = called(codes, instrument, &test.analyte) else { continue };
        let work = work_on(&mut samples, &test.label_code);
        if !work.tests.iter().chain(&work.cancelled).any(|known| known == code) {
            work.cancelled.push(code.to_owned());
        }
    }
    samples
}

/// What is to be done with a container; nothing yet where it is not on the list.
fn work_on<'s>(samples: &'s mut Vec<Work>, label_code: &str) -> &'s mut Work {
    let known = samples.iter().position(|work| work.label_code == label_code);
    let place = known.unwrap_or_else(|| {
        samples.push(Work { label_code: label_code.to_owned(), ..Work::default() });
        samples.len() - 1
    });
    &mut samples[place]
}

/// A worksheet on its way to an instrument's software.
pub struct SheetToRun<'a> {
    pub worksheet_no: &'a str,
    pub method_key: &'a str,
    /// In order of place.
    pub places: &'a [PlaceToRun],
}

/// One test of one container, or a control.
pub struct PlaceToRun {
    pub place: i64,
    pub label_code: String,
    /// `sample`, `blank`, `duplicate`, `spike`, `reference`, `check` or `standard`.
    pub kind: String,
    /// Key of the analyte.
    pub analyte: String,
}

/// A file for an instrument's software.
pub struct SequenceFile {
    /// ASCII, without anything that a file system or a header minds.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The sequence file of a worksheet, in the format that the instrument's profile declares.
///
/// # Errors
/// The profile declares none; every analyte that the instrument has no name for, or several; what does not fit into the file.
pub fn sequence_file(conn: &mut Conn, id: InstrumentId, sheet: &SheetToRun<'_>, now: Moment) -> Outcome<SequenceFile> {
    let instrument = store::instrument(conn, id)?.ok_or(NOT_FOUND)?;
    let profile = named::load(conn, &instrument.profile)?
        .map_err(|why| PROFILE_INVALID.with("detail", why.said(&instrument.profile)))?;
    let rules = profile
        .worklist
        .as_ref()
        .ok_or_else(|| WORKLIST_NO_FORMAT.with("instrument", &instrument.code).with("profile", &instrument.profile))?;
    let codes = if rules.names_tests() { store::test_codes(conn, &[id])? } else { Vec::new() };
    let mut reasons = Reasons::new();
    let mut refused: Vec<&str> = Vec::new();
    let mut places: Vec<RunPlace> = Vec::new();
    for place in sheet.places {
        let test = match called(&codes, id, &place.analyte) {
            Called::So(code) => code,
            _ if !rules.names_tests() => "",
            missing => {
                if !refused.contains(&place.analyte.as_str()) {
                    refused.push(&place.analyte);
                    reasons.add(no_code(&missing, &instrument.code, &place.analyte));
                }
                ""
            }
        };
        places.push(RunPlace {
            place: place.place,
            label: place.label_code.clone(),
            kind: place.kind.clone(),
            role: role_of(&place.kind),
            test: test.to_owned(),
        });
    }
    reasons.none()?;
    let at = now.in_china().naive_local();
    let run = Run { worksheet: sheet.worksheet_no, method: sheet.method_key, at, places: &places };
    let bytes = rules.write(&run).map_err(|error| unwritable(&error))?;
    Ok(SequenceFile { name: plain(&rules.file_name(&run)), bytes })
}

/// The places of a worksheet as orders, each test as the instrument calls it.
///
/// # Errors
/// Every analyte that the instrument has no name for, or several.
pub(super) fn orders_of(
    conn: &mut Conn,
    instrument: &store::InstrumentRow,
    sheet: &SheetToRun<'_>,
) -> Outcome<Vec<Work>> {
    let codes = store::test_codes(conn, &[instrument.id])?;
    let mut reasons = Reasons::new();
    let mut refused: Vec<&str> = Vec::new();
    let mut samples: Vec<Work> = Vec::new();
    for place in sheet.places {
        match called(&codes, instrument.id, &place.analyte) {
            Called::So(code) => {
                let work = work_on(&mut samples, &place.label_code);
                if !work.tests.iter().any(|known| known == code) {
                    work.tests.push(code.to_owned());
                }
            }
            missing if !refused.contains(&place.analyte.as_str()) => {
                refused.push(&place.analyte);
                reasons.add(no_code(&missing, &instrument.code, &place.analyte));
            }
            _ => {}
        }
    }
    reasons.none()?;
    Ok(samples)
}

fn no_code(called: &Called<'_>, instrument: &str, analyte: &str) -> Reason {
    match called {
        Called::Several(codes) => WORKLIST_CODES_SEVERAL
            .with("instrument", instrument)
            .with("analyte", analyte)
            .with("codes", codes.join(", ")),
        Called::So(_) | Called::Unknown => {
            WORKLIST_CODE_MISSING.with("instrument", instrument).with("analyte", analyte)
        }
    }
}

fn unwritable(error: &WorklistError) -> Reason {
    match error {
        WorklistError::Unfit { column, text } => WORKLIST_TEXT_UNFIT.with("text", text).with("column", column),
        WorklistError::TrayFull { places, lines } => WORKLIST_TRAY_FULL.with("places", places).with("lines", lines),
    }
}

/// What a place is to the instrument. A duplicate and a spiked portion are measured like any sample; what they must give only
/// the laboratory knows. So is a standard of the worksheet: its curve is drawn here.
fn role_of(kind: &str) -> Role {
    match kind {
        "blank" => Role::Blank,
        "reference" => Role::Control,
        _ => Role::Sample,
    }
}

fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ICP: InstrumentId = InstrumentId(1);
    const GC: InstrumentId = InstrumentId(2);

    fn code(instrument: InstrumentId, kind: &str, source: &str, target: &str) -> TestCode {
        TestCode { instrument, kind: kind.to_owned(), source: source.to_owned(), target: target.to_owned() }
    }

    /// In the order in which they were mapped.
    fn codes() -> Vec<TestCode> {
        vec![
            code(ICP, "analyte", "Pb 220.353", "pb"),
            code(ICP, "analyte", "Cd 228.802", "cd"),
            code(ICP, "analyte", "Cd 214.439", "cd"),
            code(ICP, "analyte", "As 193.759", "as"),
            code(ICP, "test", "As_old", "as"),
            code(ICP, "test", "As", "as"),
            code(GC, "analyte", "lead", "pb"),
        ]
    }

    #[test]
    fn an_analyte_has_the_name_that_was_mapped_for_it() {
        let codes = codes();
        assert_eq!(called(&codes, ICP, "pb"), Called::So("Pb 220.353"));
        assert_eq!(called(&codes, GC, "pb"), Called::So("lead"));
        assert_eq!(called(&codes, ICP, "as"), Called::So("As"), "the newest that was mapped for work lists");
        assert_eq!(called(&codes, ICP, "cd"), Called::Several(vec!["Cd 228.802", "Cd 214.439"]));
        assert_eq!(called(&codes, GC, "cd"), Called::Unknown);
    }

    #[test]
    fn tests_are_gathered_by_container_and_the_nameless_are_said() {
        let waiting = |instrument, label: &str, analyte: &str| WaitingTest {
            instrument,
            label_code: label.to_owned(),
            analyte: analyte.to_owned(),
            cancelled: false,
        };
        let all = [
            waiting(ICP, "100", "pb"),
            waiting(GC, "100", "pb"),
            waiting(ICP, "200", "cd"),
            waiting(ICP, "100", "as"),
            waiting(ICP, "100", "pb"),
        ];
        let work = work_of(ICP, &all, &codes());
        let shown: Vec<_> =
            work.iter().map(|one| (one.label_code.as_str(), one.tests.join(" "), one.unnamed.join(" "))).collect();
        assert_eq!(
            shown,
            [("100", "Pb 220.353 As".to_owned(), String::new()), ("200", String::new(), "cd".to_owned())]
        );
    }

    #[test]
    fn a_cancelled_test_is_said_unless_another_sheet_wants_it() {
        let test = |label: &str, analyte: &str, cancelled| WaitingTest {
            instrument: ICP,
            label_code: label.to_owned(),
            analyte: analyte.to_owned(),
            cancelled,
        };
        let all = [
            test("100", "pb", true),
            test("100", "as", false),
            test("200", "pb", true),
            test("200", "pb", false),
            test("300", "hg", true),
            test("400", "as", true),
        ];
        let work = work_of(ICP, &all, &codes());
        let shown: Vec<_> =
            work.iter().map(|one| (one.label_code.as_str(), one.tests.join(" "), one.cancelled.join(" "))).collect();
        assert_eq!(
            shown,
            [
                ("100", "As".to_owned(), "Pb 220.353".to_owned()),
                ("200", "Pb 220.353".to_owned(), String::new()),
                ("400", String::new(), "As".to_owned()),
            ],
            "what the instrument has no name for it was never told of"
        );
    }

    #[test]
    fn a_file_s_name_is_plain() {
        assert_eq!(plain("W2603-0007 铅\"\r\n.csv"), "W2603-0007_____.csv");
    }
}
