//! Complaints: received, acknowledged, decided, told. Each step is one transaction with its line in the log; who complained
//! and what he wrote stand in the row alone, because the log keeps no personal words.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::HANDLER_INVOLVED;
use super::state::{ComplaintEvent, ComplaintState, Decision};
use super::store::{self, ComplaintRow, Decided, NewComplaint};
use crate::accounts::actions::names_of;
use crate::accounts::role::HandleComplaints;
use crate::accounts::{Actor, May};
use crate::catalogue::actions::current;
use crate::config::Config;
use crate::db::{Conn, Tx, series};
use crate::domain::calendar::{Due, IfRestDay, Moment as Day, PeriodUnit, WorkingCalendar};
use crate::domain::clock::Moment;
use crate::domain::ids::{ComplaintId, PersonId, ReportId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

/// What was received.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ComplaintInput {
    /// Who complains.
    pub complainant: String,
    /// Telephone or address for the answer.
    pub contact: String,
    /// Number of the sample that it is about; may be empty.
    pub sample_no: String,
    /// Number of the issued report that it is about; may be empty.
    pub report_no: String,
    pub content: String,
    /// RFC 3339, or as typed in China: `2026-11-16 08:00`.
    pub received_at: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ComplaintFacts {
    complainant: String,
    contact: String,
    sample_no: String,
    report_no: String,
    content: String,
    received_at: Moment,
}

/// Longest name, contact or number, in characters.
const NAME_MOST: usize = 200;
/// Longest text, in characters.
const TEXT_MOST: usize = 2000;

impl ComplaintInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ComplaintFacts, Refusal> {
        let mut check = Checker::new();
        let complainant = check.text("complainant", &self.complainant, NAME_MOST);
        let contact = check.text("contact", &self.contact, NAME_MOST);
        let sample_no = check.optional_text("sample_no", &self.sample_no, NAME_MOST);
        let report_no = check.optional_text("report_no", &self.report_no, NAME_MOST);
        let content = check.text("content", &self.content, TEXT_MOST);
        let received_at = check.moment("received_at", &self.received_at);
        check.done(received_at.map(|received_at| ComplaintFacts {
            complainant,
            contact,
            sample_no,
            report_no,
            content,
            received_at,
        }))
    }
}

/// Working days until a complaint is acknowledged and answered.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    acknowledge: u32,
    answer: u32,
}

impl Limits {
    pub fn of(config: &Config) -> Self {
        Self { acknowledge: config.complaint_acknowledge_days, answer: config.complaint_answer_days }
    }
}

/// The last of so many working days after a day, and whether that is provisional.
fn ends(calendar: &WorkingCalendar, start: NaiveDate, days: u32) -> Outcome<(NaiveDate, bool)> {
    let due = calendar.due(Day::Date(start), days, PeriodUnit::WorkingDay, IfRestDay::Next).map_err(Fault::broken)?;
    match due {
        Due { due: Day::Date(on), provisional } => Ok((on, provisional)),
        Due { due: Day::Instant(_), .. } => Err(Fault::broken("working days end at an instant")),
    }
}

/// What a step of a complaint answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ComplaintSaved {
    pub id: ComplaintId,
    pub complaint_no: String,
    pub version: i64,
    pub state: String,
}

/// Takes a complaint; its deadlines run from the day on which it came.
pub fn receive(
    tx: &mut Tx,
    by: &May<HandleComplaints>,
    limits: Limits,
    facts: &ComplaintFacts,
) -> Outcome<ComplaintSaved> {
    if facts.received_at > tx.now {
        return Err(FIELD_INVALID.at("received_at").with_word("expected", "expected-past-time").into());
    }
    let (sample_id, report_id) = about(tx.conn, facts)?;
    let catalogue = current(tx.conn)?;
    let received_on = facts.received_at.date_in_china();
    let (acknowledge_by, first) = ends(&catalogue.calendar, received_on, limits.acknowledge)?;
    let (answer_by, second) = ends(&catalogue.calendar, received_on, limits.answer)?;
    let year = tx.now.in_china().format("%Y").to_string();
    let serial = series::take(tx, &format!("complaint-{year}"), 1)?;
    let complaint_no = format!("TS-{year}-{serial:04}");
    let state = ComplaintState::Received;
    let row = NewComplaint {
        version: 1,
        complaint_no: &complaint_no,
        state: state.code(),
        complainant: &facts.complainant,
        contact: &facts.contact,
        sample_id,
        report_id,
        content: &facts.content,
        received_at: facts.received_at,
        received_by: by.person,
        acknowledge_by,
        answer_by,
        due_provisional: first || second,
        decision: "",
        outcome: "",
        told_how: "",
    };
    let id = store::insert(tx.conn, &row)?;
    tx.log(
        by.entry("complaint", id.0, 1, "complaint-received")
            .set("complaint_no", complaint_no.as_str())
            .set("sample", sample_id.map(|id| id.0))
            .set("report", report_id.map(|id| id.0))
            .set("answer_by", answer_by.to_string()),
    );
    Ok(ComplaintSaved { id, complaint_no, version: 1, state: state.code().to_owned() })
}

/// The sample and the report that are named. A report brings its sample.
fn about(conn: &mut Conn, facts: &ComplaintFacts) -> Outcome<(Option<SampleId>, Option<ReportId>)> {
    let mut reasons = Reasons::new();
    let mut sample = None;
    if !facts.sample_no.is_empty() {
        sample = store::sample_of_number(conn, &facts.sample_no)?;
        reasons
            .add_if(sample.is_none(), || FIELD_INVALID.at("sample_no").with_word("expected", "expected-sample-number"));
    }
    let mut report = None;
    if !facts.report_no.is_empty() {
        let found = store::report_of_number(conn, &facts.report_no)?;
        let fits = found.is_some_and(|(_, of)| sample.is_none_or(|sample| sample == of));
        reasons.add_if(!fits, || FIELD_INVALID.at("report_no").with_word("expected", "expected-report-number"));
        report = found.map(|(report, _)| report);
        sample = sample.or(found.map(|(_, of)| of));
    }
    reasons.none()?;
    Ok((sample, report))
}

/// A complaint before a step.
struct Step {
    row: ComplaintRow,
    seen: i64,
    next: ComplaintState,
}

impl Step {
    fn load(tx: &mut Tx, id: ComplaintId, seen: i64, event: ComplaintEvent) -> Outcome<Self> {
        let (row, ..) = store::complaint(tx.conn, id)?.ok_or(NOT_FOUND)?;
        let state = ComplaintState::parse(&row.state)
            .ok_or_else(|| Fault::broken(format!("complaint in state {}", row.state)))?;
        let next = state.after(event).map_err(|why| why.with("complaint", &row.complaint_no))?;
        Ok(Self { row, seen, next })
    }

    /// Logs the step when its row was still as it was seen.
    fn done(
        self,
        tx: &mut Tx,
        by: &Actor,
        changed: bool,
        (event, words): (&'static str, &[(&'static str, &str)]),
    ) -> Outcome<ComplaintSaved> {
        if !changed {
            return Err(STALE_VERSION.with("version", self.row.version).into());
        }
        let version = self.seen + 1;
        let entry = by.entry("complaint", self.row.id.0, version, event);
        let entry = entry.change("state", self.row.state.as_str(), self.next.code());
        tx.log(words.iter().fold(entry, |entry, (field, word)| entry.set(*field, *word)));
        let Self { row, next, .. } = self;
        Ok(ComplaintSaved { id: row.id, complaint_no: row.complaint_no, version, state: next.code().to_owned() })
    }
}

/// Who complained knows that it came and is looked into.
pub fn acknowledge(tx: &mut Tx, by: &May<HandleComplaints>, id: ComplaintId, seen: i64) -> Outcome<ComplaintSaved> {
    let step = Step::load(tx, id, seen, ComplaintEvent::Acknowledge)?;
    let changed = store::acknowledge(tx.conn, id, seen, tx.now)?;
    step.done(tx, by, changed, ("complaint-acknowledged", &[]))
}

/// What was decided.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ComplaintDecisionInput {
    /// justified, unjustified
    pub decision: String,
    /// What was found and what follows.
    pub outcome: String,
}

impl ComplaintDecisionInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<(Decision, String), Refusal> {
        let mut check = Checker::new();
        let decision = check.parsed("decision", &self.decision, "expected-complaint-decision", Decision::parse);
        let outcome = check.text("outcome", &self.outcome, TEXT_MOST);
        check.done(decision.map(|decision| (decision, outcome)))
    }
}

/// Decides a complaint: by nobody who tested, decided about a verdict, checked, reviewed or authorized what it is about.
pub fn decide(
    tx: &mut Tx,
    by: &May<HandleComplaints>,
    id: ComplaintId,
    seen: i64,
    (decision, outcome): &(Decision, String),
) -> Outcome<ComplaintSaved> {
    let step = Step::load(tx, id, seen, ComplaintEvent::Decide)?;
    if let Some(sample) = step.row.sample_id
        && involved(tx.conn, sample)?.contains(&by.person)
    {
        return Err(HANDLER_INVOLVED.with("complaint", &step.row.complaint_no).into());
    }
    let decided = Decided { by: by.person, decision: *decision, outcome, at: tx.now };
    let changed = store::decide(tx.conn, id, seen, &decided)?;
    let words = [("decision", decision.code()), ("outcome", outcome.as_str())];
    step.done(tx, by, changed, ("complaint-decided", &words))
}

/// Everybody who did the work on a sample.
fn involved(conn: &mut Conn, sample: SampleId) -> Outcome<Vec<PersonId>> {
    let mut pairs = store::testers_of(conn, sample)?;
    pairs.extend(store::signers_of(conn, sample)?);
    let mut people = store::makers_of(conn, sample)?;
    people.extend(pairs.into_iter().flat_map(|(one, other)| [one, other]).flatten());
    Ok(people)
}

/// How the outcome was told.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TellInput {
    pub how: String,
}

impl TellInput {
    /// # Errors
    /// When it is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let how = check.text("how", &self.how, NAME_MOST);
        check.done(Some(how))
    }
}

/// Who complained knows the outcome.
pub fn tell(tx: &mut Tx, by: &May<HandleComplaints>, id: ComplaintId, seen: i64, how: &str) -> Outcome<ComplaintSaved> {
    let step = Step::load(tx, id, seen, ComplaintEvent::Tell)?;
    let changed = store::tell(tx.conn, id, seen, how, tx.now)?;
    step.done(tx, by, changed, ("complaint-told", &[("how", how)]))
}

/// A complaint as its handlers see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ComplaintView {
    pub id: i64,
    pub version: i64,
    pub complaint_no: String,
    /// received, acknowledged, decided, told
    pub state: String,
    pub complainant: String,
    pub contact: String,
    pub sample_id: Option<i64>,
    pub sample_no: String,
    pub report_id: Option<i64>,
    pub report_no: String,
    pub content: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Moment,
    pub received_by: String,
    #[schema(value_type = String, format = Date)]
    pub acknowledge_by: NaiveDate,
    #[schema(value_type = String, format = Date)]
    pub answer_by: NaiveDate,
    /// A deadline passes through a year whose calendar is not announced yet.
    pub due_provisional: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Moment>,
    pub handler: String,
    /// justified, unjustified; empty before.
    pub decision: String,
    pub outcome: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub told_at: Option<Moment>,
    pub told_how: String,
    /// Applications for re-inspection and objections about the sample; empty in lists.
    pub applications: Vec<ComplaintApplication>,
}

/// An application for re-inspection or an objection about the sample of a complaint.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ComplaintApplication {
    /// Of the failing case.
    pub case_no: String,
    /// reinspection, objection_sampling, objection_authenticity, objection_method, objection_standard
    pub kind: String,
    /// applied, accepted, refused, upheld, reversed
    pub state: String,
    #[schema(value_type = String, format = DateTime)]
    pub applied_at: Moment,
}

impl ComplaintView {
    /// Whether the deadline that runs has passed by this day.
    pub fn is_late(&self, today: &NaiveDate) -> bool {
        match self.state.as_str() {
            "received" => self.acknowledge_by < *today,
            "acknowledged" | "decided" => self.answer_by < *today,
            _ => false,
        }
    }
}

/// Complaints, newest first. Two statements.
pub fn complaints(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<ComplaintView>> {
    let lines = store::complaints(conn, before, limit)?;
    views(conn, lines)
}

pub fn complaint(conn: &mut Conn, id: ComplaintId) -> Outcome<ComplaintView> {
    let line = store::complaint(conn, id)?.ok_or(NOT_FOUND)?;
    let sample = line.0.sample_id;
    let view = views(conn, vec![line])?.pop().ok_or(NOT_FOUND)?;
    let applications = match sample {
        Some(sample) => applications_of(conn, sample)?,
        None => Vec::new(),
    };
    Ok(ComplaintView { applications, ..view })
}

fn applications_of(conn: &mut Conn, sample: SampleId) -> Outcome<Vec<ComplaintApplication>> {
    let cases = store::cases_of(conn, sample)?;
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = cases.iter().map(|(id, _)| *id).collect();
    let case_no = |id: i64| cases.iter().find(|(case, _)| *case == id).map(|(_, no)| no.clone()).unwrap_or_default();
    let rows = store::applications_of(conn, &ids)?;
    let application =
        |(case, kind, state, applied_at)| ComplaintApplication { case_no: case_no(case), kind, state, applied_at };
    Ok(rows.into_iter().map(application).collect())
}

fn views(conn: &mut Conn, lines: Vec<store::Line>) -> Outcome<Vec<ComplaintView>> {
    let people: Vec<PersonId> =
        lines.iter().flat_map(|(row, ..)| [Some(row.received_by), row.handler_id]).flatten().collect();
    let names = names_of(conn, &people)?;
    let name = |id: Option<PersonId>| id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
    let view = |(row, sample_no, report_no): store::Line| ComplaintView {
        id: row.id.0,
        version: row.version,
        received_by: name(Some(row.received_by)),
        handler: name(row.handler_id),
        complaint_no: row.complaint_no,
        state: row.state,
        complainant: row.complainant,
        contact: row.contact,
        sample_id: row.sample_id.map(|id| id.0),
        sample_no: sample_no.unwrap_or_default(),
        report_id: row.report_id.map(|id| id.0),
        report_no: report_no.unwrap_or_default(),
        content: row.content,
        received_at: row.received_at,
        acknowledge_by: row.acknowledge_by,
        answer_by: row.answer_by,
        due_provisional: row.due_provisional,
        acknowledged_at: row.acknowledged_at,
        decision: row.decision,
        outcome: row.outcome,
        decided_at: row.decided_at,
        told_at: row.told_at,
        told_how: row.told_how,
        applications: Vec::new(),
    };
    Ok(lines.into_iter().map(view).collect())
}

/// Complaints whose outcome was not told yet, for the page of waiting work.
pub fn count_open(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_open(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::{CalendarException, DayKind};

    #[test]
    fn deadlines_count_working_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let calendar = WorkingCalendar::new([
            CalendarException { date: day("2026-10-01"), kind: DayKind::Off },
            CalendarException { date: day("2026-10-02"), kind: DayKind::Off },
        ])
        .unwrap();
        // Wednesday 30 September; Thursday and Friday are off, then a weekend: Monday, Tuesday, Wednesday.
        assert_eq!(ends(&calendar, day("2026-09-30"), 3).unwrap(), (day("2026-10-07"), false));
        assert!(ends(&calendar, day("2026-12-30"), 3).unwrap().1, "2027 has no calendar");
    }
}
