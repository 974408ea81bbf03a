//! Opening non-conforming work: by the correction of a value, or by anybody who finds that an instrument, a lot or a
//! person's work was not what it should be (`quality.md` Q710-1).
//!
//! An instrument is known by the sheets that it had a part in: opened for it, filled by it, or naming it in the raw record. Its
//! last good check is, for each of their methods, the last accepted control on them, or its own calibration or intermediate check
//! where that came later; what was measured before is covered by it. Where its newest calibration or check failed, only the good one
//! before that counts. For a lot and for a person there is no such check in the records: who
//! opens the work names the moment since when. A lot of the register is known by the sheets that used it, or anything made of
//! it, so that a moment is needed of a lot in words alone.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::lots::tracing;
use super::state::{Effect, Risk, Subject, WorkState};
use super::store::{self, NewWorkItem, NewWorkRow, ResultInForce, Whose};
use crate::accounts::actions::names_of;
use crate::accounts::actor::Entrance;
use crate::accounts::role::OpenWork;
use crate::accounts::{Actor, May};
use crate::catalogue::actions as catalogue;
use crate::catalogue::import::FieldKind;
use crate::db::{Conn, Tx, series};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, ItemId, LotId, PersonId, ReportId, ResultId, SampleId, WorkId, WorksheetId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, NOT_FOUND, Outcome, Refusal};
use crate::instruments::equipment::actions::equipment;
use crate::instruments::equipment::state::ShownGood;

/// One item that a correction has calculated again.
#[derive(Clone, Debug)]
pub struct AffectedItem {
    pub item: ItemId,
    /// The report that was issued with the old result.
    pub report: Option<ReportId>,
    pub old_result: Option<ResultId>,
    pub new_result: Option<ResultId>,
}

/// Opens non-conforming work on a corrected value. Its results are calculated again already and its reports are being
/// amended, so nothing waits: what is left is to say how bad it is and what is done that it does not happen again.
pub fn open_work(
    tx: &mut Tx,
    by: &Actor,
    worksheet: Option<WorksheetId>,
    description: &str,
    affected: &[AffectedItem],
) -> Outcome<WorkId> {
    let about = About { worksheet, ..About::new(Subject::Entry, description) };
    let items: Vec<Listed> = affected
        .iter()
        .map(|one| Listed {
            item: one.item,
            report: one.report,
            old_result: one.old_result,
            new_result: one.new_result,
            effect: Effect::Affected.code(),
        })
        .collect();
    Ok(insert(tx, by, WorkState::Resumed, &about, &items)?.id)
}

/// Opens non-conforming work on a proficiency test. Whose results are concerned is for the evaluation to say.
pub fn open_on_proficiency(tx: &mut Tx, by: &Actor, scheme: &str, description: &str) -> Outcome<WorkOpened> {
    let about =
        About { name: scheme.to_owned(), risk: Some(Risk::Medium), ..About::new(Subject::Proficiency, description) };
    insert(tx, by, WorkState::Open, &about, &[])
}

/// Opens non-conforming work on a failing conclusion that an authority overturned (`workflow.md` 11), with the failing items of
/// the report that it stood on. How bad it is, and whether the laboratory or the sample was at fault, is for the evaluation to
/// say. `name`: the number of the case.
pub fn open_on_overturned(
    tx: &mut Tx,
    by: &Actor,
    name: &str,
    (sample, report): (SampleId, ReportId),
    description: &str,
) -> Outcome<WorkOpened> {
    let about = About { name: name.to_owned(), ..About::new(Subject::Overturned, description) };
    let failing = store::failing_results(tx.conn, sample)?;
    let items: Vec<Listed> = failing
        .into_iter()
        .map(|(item, result)| Listed { item, report: Some(report), old_result: result, new_result: None, effect: "" })
        .collect();
    insert(tx, by, WorkState::Open, &about, &items)
}

/// What somebody found.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WorkInput {
    /// instrument, lot, person
    pub subject: String,
    /// Id of the instrument; else empty.
    pub instrument: String,
    /// Id of a lot of the register: results that rest on it, or on anything made of it, are listed; else empty.
    pub lot_id: String,
    /// A lot that the register does not have, as its label says; else empty.
    pub lot: String,
    /// Of a lot in words: the standard that it was used with, without edition; else empty.
    pub method: String,
    /// Id of the person; else empty.
    pub person: String,
    /// Results after this moment are listed; needed for a lot in words and a person. Of an instrument empty: after each
    /// method's last accepted control, or after its own last good calibration or check; of a lot of the register: all.
    pub since: String,
    /// low, medium, high
    pub risk: String,
    pub description: String,
    /// Whether the items stand in no report until they are evaluated: on, off.
    pub hold: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct Found {
    matter: Matter,
    since: Option<Moment>,
    /// `None`: a person says it before the work is closed.
    risk: Option<Risk>,
    description: String,
    hold: bool,
}

/// What the work is about.
#[derive(Clone, Debug)]
enum Matter {
    Instrument(InstrumentId),
    /// A lot of the register, and everything that was made of it.
    Lot(LotId),
    /// A lot in words, and the standard that it was used with.
    LotInWords(String, String),
    Person(PersonId),
}

/// Longest description, in characters.
const DESCRIPTION_MOST: usize = 1000;
/// Longest name of a lot or a method, in characters.
const NAME_MOST: usize = 100;

impl WorkInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<Found, Refusal> {
        let mut check = Checker::new();
        let subject = check.parsed("subject", &self.subject, "expected-work-subject", Subject::parse);
        let since = check.optional_moment("since", &self.since);
        let risk = check.parsed("risk", &self.risk, "expected-work-risk", Risk::parse);
        let description = check.text("description", &self.description, DESCRIPTION_MOST);
        let hold = !self.hold.trim().is_empty() && check.switch("hold", Some(self.hold.as_str()));
        let lot = check.optional_text("lot", &self.lot, NAME_MOST);
        let method = check.optional_text("method", &self.method, NAME_MOST);
        let instrument = check.optional("instrument", &self.instrument, "expected-whole-number", |id| id.parse().ok());
        let person = check.optional("person", &self.person, "expected-whole-number", |id| id.parse().ok());
        let lot_id = check.optional("lot_id", &self.lot_id, "expected-whole-number", |id| id.parse().ok());
        let in_words = self.lot_id.trim().is_empty();
        if !in_words && subject != Some(Subject::Lot) {
            check.invalid("lot_id", "expected-with-lot");
        }
        let matter = match subject {
            Some(Subject::Instrument) => {
                check.add_if(self.instrument.trim().is_empty(), || FIELD_MISSING.at("instrument"));
                instrument.map(|id| Matter::Instrument(InstrumentId(id)))
            }
            Some(Subject::Lot) if in_words => {
                check.add_if(self.lot.trim().is_empty(), || FIELD_MISSING.at("lot"));
                check.add_if(self.method.trim().is_empty(), || FIELD_MISSING.at("method"));
                Some(Matter::LotInWords(lot, method))
            }
            Some(Subject::Lot) => lot_id.map(|id| Matter::Lot(LotId(id))),
            Some(Subject::Person) => {
                check.add_if(self.person.trim().is_empty(), || FIELD_MISSING.at("person"));
                person.map(|id| Matter::Person(PersonId(id)))
            }
            Some(Subject::Entry | Subject::Proficiency | Subject::Overturned) => {
                // These are opened where they are found: by a correction, on the page of proficiency tests, by an authority.
                check.invalid("subject", "expected-work-subject");
                None
            }
            None => None,
        };
        let needs_since = subject == Some(Subject::Person) || (subject == Some(Subject::Lot) && in_words);
        check.add_if(needs_since && self.since.trim().is_empty(), || FIELD_MISSING.at("since"));
        let found = matter.zip(risk).map(|(matter, risk)| Found { matter, since, risk: Some(risk), description, hold });
        check.done(found)
    }
}

/// What opening answers. Not which items: who opens it may be somebody who knows samples by their labels only.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkOpened {
    pub id: WorkId,
    pub work_no: String,
    pub version: i64,
    pub state: String,
    /// Results listed.
    pub items: usize,
}

/// Opens work on an instrument, a lot or a person, with every result in force since the last good check.
pub fn open(tx: &mut Tx, by: &May<OpenWork>, found: &Found) -> Outcome<WorkOpened> {
    open_found(tx, by, found)
}

/// Opens work on an instrument that was found not to be good, in the write that says so (`quality.md` Q64-4): it lists the
/// results since the day on which the instrument was shown to be good, and without such a day since each method's last accepted
/// control.
pub fn open_on_instrument(
    tx: &mut Tx,
    by: &Actor,
    instrument: InstrumentId,
    since: Option<NaiveDate>,
    description: &str,
) -> Outcome<WorkOpened> {
    let since = since.and_then(|day| Moment::parse_in_china(&format!("{day} 00:00")));
    let (matter, description) = (Matter::Instrument(instrument), description.to_owned());
    open_found(tx, by, &Found { matter, since, risk: None, description, hold: false })
}

fn open_found(tx: &mut Tx, by: &Actor, found: &Found) -> Outcome<WorkOpened> {
    let (subject, name) = named(tx.conn, found)?;
    let results = results_of(tx.conn, found, tx.now)?;
    let mut samples: Vec<SampleId> = results.iter().map(|one| one.sample).collect();
    samples.dedup();
    let standing = store::reports_of(tx.conn, &samples, store::STANDING)?;
    let reports: HashMap<SampleId, ReportId> =
        standing.into_iter().map(|(sample, report, _)| (sample, report)).collect();
    let items: Vec<Listed> = results
        .iter()
        .map(|one| Listed {
            item: one.item,
            report: reports.get(&one.sample).copied(),
            old_result: Some(one.result),
            new_result: None,
            effect: "",
        })
        .collect();
    let mut about = About { name, since: found.since, risk: found.risk, ..About::new(subject, &found.description) };
    match &found.matter {
        Matter::Instrument(id) => about.instrument = Some(*id),
        Matter::Lot(id) => about.lot = Some(*id),
        Matter::Person(id) => about.person = Some(*id),
        Matter::LotInWords(..) => {}
    }
    insert(tx, by, if found.hold { WorkState::Held } else { WorkState::Open }, &about, &items)
}

fn named(conn: &mut Conn, found: &Found) -> Outcome<(Subject, String)> {
    Ok(match &found.matter {
        Matter::Instrument(id) => {
            let code = store::instrument_code(conn, *id)?.ok_or_else(|| NOT_FOUND.at("instrument"))?;
            (Subject::Instrument, code)
        }
        Matter::Lot(id) => {
            let code = tracing::codes(conn, &[*id])?.pop().ok_or_else(|| NOT_FOUND.at("lot_id"))?;
            (Subject::Lot, code)
        }
        Matter::Person(id) => {
            let name = names_of(conn, &[*id])?.remove(id).ok_or_else(|| NOT_FOUND.at("person"))?;
            (Subject::Person, name)
        }
        Matter::LotInWords(lot, _) => (Subject::Lot, lot.clone()),
    })
}

/// The results in force that the work concerns, in order of their items.
fn results_of(conn: &mut Conn, found: &Found, now: Moment) -> Outcome<Vec<ResultInForce>> {
    let whose = match &found.matter {
        Matter::Instrument(id) => {
            let sheets = sheets_using(conn, *id)?;
            if found.since.is_none() {
                let known = equipment(conn, &[*id], &[])?;
                let shown = known.first().and_then(|one| one.last_shown_good(now.date_in_china()));
                return since_last_good_checks(conn, sheets, now, shown);
            }
            Whose::Sheets(sheets)
        }
        Matter::Lot(id) => Whose::Sheets(sheets_resting_on(conn, *id)?),
        Matter::LotInWords(_, method) => Whose::Method(method.clone()),
        Matter::Person(id) => Whose::Person(*id),
    };
    Ok(store::results_since(conn, &whose, found.since)?)
}

/// The sheets that used a lot or anything made of it: their testers named it, or typed it into the raw record.
fn sheets_resting_on(conn: &mut Conn, lot: LotId) -> Outcome<Vec<WorksheetId>> {
    let lots = tracing::with_descendants(conn, lot)?;
    let mut sheets = store::sheets_naming(conn, &lots)?;
    let codes = tracing::codes(conn, &lots)?;
    sheets.extend(sheets_recording(conn, FieldKind::Lot, &codes)?);
    Ok(once(sheets))
}

/// The sheets that an instrument had a part in: they were opened for it, it filled cells of theirs, or the raw record names it (a
/// balance, an oven, a burette).
fn sheets_using(conn: &mut Conn, id: InstrumentId) -> Outcome<Vec<WorksheetId>> {
    let code = store::instrument_code(conn, id)?.ok_or_else(|| NOT_FOUND.at("instrument"))?;
    let mut sheets = store::sheets_of_instrument(conn, id, &code)?;
    sheets.extend(sheets_recording(conn, FieldKind::Equipment, &[code])?);
    Ok(once(sheets))
}

/// The sheets in whose raw record one of these codes was ever typed into a field of a kind.
fn sheets_recording(conn: &mut Conn, kind: FieldKind, codes: &[String]) -> Outcome<Vec<WorksheetId>> {
    let catalogue = catalogue::current(conn)?;
    let is_of_kind = |method: &str, cell: &str| {
        catalogue.record_form(method).iter().any(|field| field.kind == kind && field.cell() == cell)
    };
    let recorded = store::sheets_holding(conn, codes)?;
    Ok(recorded.into_iter().filter(|(_, method, cell)| is_of_kind(method, cell)).map(|(sheet, ..)| sheet).collect())
}

fn once(mut sheets: Vec<WorksheetId>) -> Vec<WorksheetId> {
    sheets.sort_unstable();
    sheets.dedup();
    sheets
}

/// The results of an instrument's sheets that came after the last good check of their method on them, or of the instrument.
fn since_last_good_checks(
    conn: &mut Conn,
    sheets: Vec<WorksheetId>,
    now: Moment,
    shown: Option<ShownGood>,
) -> Outcome<Vec<ResultInForce>> {
    let mut checks: HashMap<String, Option<Moment>> = HashMap::new();
    for (method, at) in store::last_good_checks(conn, &sheets, now)? {
        let newest = checks.entry(method).or_default();
        *newest = at.max(*newest);
    }
    checks.values_mut().for_each(|good| *good = last_good(*good, shown));
    // A method that was never checked has no moment from which on it could be trusted.
    let earliest = checks.values().copied().collect::<Option<Vec<Moment>>>().and_then(|all| all.into_iter().min());
    let mut results = store::results_since(conn, &Whose::Sheets(sheets), earliest)?;
    results.retain(|one| is_since(one.at, checks.get(&one.method_key).copied().flatten()));
    Ok(results)
}

/// The last good check of a method on an instrument: its last accepted control, or what was shown of the instrument itself. A day
/// counts from its first moment: what was measured on it may have come before the check.
fn last_good(control: Option<Moment>, shown: Option<ShownGood>) -> Option<Moment> {
    let day = shown.and_then(|shown| Moment::parse_in_china(&format!("{} 00:00", shown.day)));
    if shown.is_some_and(|shown| shown.failed_since) { day } else { control.max(day) }
}

/// Whether a result came after its method's last good check. One made together with the check is covered by it.
fn is_since(at: Moment, last_good: Option<Moment>) -> bool {
    last_good.is_none_or(|good| at > good)
}

/// What a work is about.
struct About<'a> {
    subject: Subject,
    name: String,
    worksheet: Option<WorksheetId>,
    instrument: Option<InstrumentId>,
    lot: Option<LotId>,
    person: Option<PersonId>,
    since: Option<Moment>,
    /// `None`: a person says it before the work is closed.
    risk: Option<Risk>,
    description: &'a str,
}

impl<'a> About<'a> {
    fn new(subject: Subject, description: &'a str) -> Self {
        Self {
            subject,
            name: String::new(),
            worksheet: None,
            instrument: None,
            lot: None,
            person: None,
            since: None,
            risk: None,
            description,
        }
    }
}

struct Listed {
    item: ItemId,
    report: Option<ReportId>,
    old_result: Option<ResultId>,
    new_result: Option<ResultId>,
    effect: &'static str,
}

fn insert(tx: &mut Tx, by: &Actor, state: WorkState, about: &About, items: &[Listed]) -> Outcome<WorkOpened> {
    let month = tx.now.date_in_china().format("%y%m").to_string();
    let number = series::take(tx, &format!("nonconforming-{month}"), 1)?;
    let work_no = format!("N{month}-{number:04}");
    let risk = about.risk.map_or("", Risk::code);
    let row = NewWorkRow {
        version: 1,
        work_no: &work_no,
        worksheet_id: about.worksheet,
        description: about.description,
        state: state.code(),
        // The command line on the server is nobody's.
        opened_by: (by.entrance != Entrance::System).then_some(by.person),
        opened_at: tx.now,
        subject: about.subject.code(),
        subject_name: &about.name,
        instrument_id: about.instrument,
        person_id: about.person,
        lot_id: about.lot,
        since: about.since,
        risk,
    };
    let id = store::insert_work(tx.conn, &row)?;
    let rows: Vec<NewWorkItem> = items
        .iter()
        .map(|one| NewWorkItem {
            work_id: id,
            item_id: one.item,
            report_id: one.report,
            old_result_id: one.old_result,
            new_result_id: one.new_result,
            on_hold: state == WorkState::Held,
            effect: one.effect,
        })
        .collect();
    store::insert_items(tx.conn, &rows)?;
    let ids: Vec<i64> = items.iter().map(|one| one.item.0).collect();
    tx.log(
        by.entry("nonconforming_work", id.0, 1, "work-opened")
            .set("work_no", work_no.as_str())
            .set("description", about.description)
            .set("subject", about.subject.code())
            .set("risk", risk)
            .set("state", state.code())
            .set("items", ids),
    );
    Ok(WorkOpened { id, work_no, version: 1, state: state.code().to_owned(), items: items.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> Moment {
        Moment::parse_rfc3339(&format!("2026-11-20T02:{minute:02}:00Z")).unwrap()
    }

    // Requirement: Q710-1
    #[test]
    fn a_result_is_listed_after_the_last_good_check_of_its_method() {
        assert!(is_since(at(5), Some(at(4))));
        // The control of the same sheet is stored in the same moment as its results.
        assert!(!is_since(at(4), Some(at(4))));
        assert!(!is_since(at(3), Some(at(4))));
        assert!(is_since(at(3), None), "a method without an accepted control was never shown to be good");
    }

    // Requirement: Q64-4, Q710-1
    #[test]
    fn calibrations_and_intermediate_checks_count_beside_the_controls() {
        let shown = |day: &str, failed_since: bool| Some(ShownGood { day: day.parse().unwrap(), failed_since });
        // 10:05 of the 20th in China; its day began at 16:00 UTC of the 19th.
        let control = Some(at(5));
        let begun = Moment::parse_rfc3339("2026-11-19T16:00:00Z");
        assert_eq!(last_good(control, shown("2026-11-20", false)), control, "the control came later on the day");
        assert_eq!(last_good(None, shown("2026-11-20", false)), begun);
        let later = Moment::parse_rfc3339("2026-11-20T16:00:00Z");
        assert_eq!(last_good(control, shown("2026-11-21", false)), later, "checked after the control");
        assert_eq!(last_good(control, shown("2026-11-20", true)), begun, "controls after it show nothing");
        assert_eq!(last_good(control, None), control);
    }

    #[test]
    fn what_is_missing_depends_on_the_subject() {
        let fields = |input: WorkInput| -> Vec<String> {
            let refusal = input.checked().unwrap_err();
            refusal.reasons.into_iter().filter_map(|reason| reason.field).collect()
        };
        let of = |subject: &str| WorkInput {
            subject: subject.into(),
            risk: "high".into(),
            description: "空白值漂移".into(),
            ..WorkInput::default()
        };
        assert_eq!(fields(of("instrument")), ["instrument"]);
        assert_eq!(fields(of("lot")), ["lot", "method", "since"]);
        assert_eq!(fields(of("person")), ["person", "since"]);
        assert_eq!(fields(of("entry")), ["subject"]);
        let good = WorkInput { person: "2".into(), since: "2026-11-01 00:00".into(), ..of("person") };
        assert!(matches!(good.checked().unwrap().matter, Matter::Person(PersonId(2))));
        let lot = WorkInput { lot_id: "7".into(), ..of("lot") };
        assert!(matches!(lot.checked().unwrap().matter, Matter::Lot(LotId(7))), "it says itself what used it");
    }
}
