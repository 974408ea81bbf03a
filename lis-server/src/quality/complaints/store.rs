//! Queries of complaints, nothing else. Who did the work is read across rooms (decision 0012).

use chrono::NaiveDate;
use diesel::prelude::*;

use super::state::{ComplaintState, Decision};
use crate::db::schema::{
    case_application, complaint, failing_case, report, result_version, sample, test_item, worksheet,
};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{ComplaintId, PersonId, ReportId, SampleId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = complaint)]
pub struct ComplaintRow {
    pub id: ComplaintId,
    pub version: i64,
    pub complaint_no: String,
    pub state: String,
    pub complainant: String,
    pub contact: String,
    pub sample_id: Option<SampleId>,
    pub report_id: Option<ReportId>,
    pub content: String,
    pub received_at: Moment,
    pub received_by: PersonId,
    pub acknowledge_by: NaiveDate,
    pub answer_by: NaiveDate,
    pub due_provisional: bool,
    pub acknowledged_at: Option<Moment>,
    pub handler_id: Option<PersonId>,
    pub decision: String,
    pub outcome: String,
    pub decided_at: Option<Moment>,
    pub told_at: Option<Moment>,
    pub told_how: String,
}

#[derive(Insertable)]
#[diesel(table_name = complaint, treat_none_as_default_value = false)]
pub struct NewComplaint<'a> {
    pub version: i64,
    pub complaint_no: &'a str,
    pub state: &'a str,
    pub complainant: &'a str,
    pub contact: &'a str,
    pub sample_id: Option<SampleId>,
    pub report_id: Option<ReportId>,
    pub content: &'a str,
    pub received_at: Moment,
    pub received_by: PersonId,
    pub acknowledge_by: NaiveDate,
    pub answer_by: NaiveDate,
    pub due_provisional: bool,
    pub decision: &'a str,
    pub outcome: &'a str,
    pub told_how: &'a str,
}

pub fn insert(conn: &mut Conn, row: &NewComplaint) -> QueryResult<ComplaintId> {
    diesel::insert_into(complaint::table).values(row).returning(complaint::id).get_result(conn)
}

/// A complaint with the numbers of its sample and its report.
pub type Line = (ComplaintRow, Option<String>, Option<String>);

/// Complaints, newest first, before an id (exclusive).
pub fn complaints(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<Line>> {
    complaint::table
        .left_join(sample::table.on(complaint::sample_id.eq(sample::id.nullable())))
        .left_join(report::table.on(complaint::report_id.eq(report::id.nullable())))
        .filter(complaint::id.lt(before))
        .order(complaint::id.desc())
        .limit(limit)
        .select((cols::<ComplaintRow>(), sample::sample_no.nullable(), report::report_no.nullable()))
        .load(conn)
}

pub fn complaint(conn: &mut Conn, id: ComplaintId) -> QueryResult<Option<Line>> {
    complaint::table
        .left_join(sample::table.on(complaint::sample_id.eq(sample::id.nullable())))
        .left_join(report::table.on(complaint::report_id.eq(report::id.nullable())))
        .filter(complaint::id.eq(id))
        .select((cols::<ComplaintRow>(), sample::sample_no.nullable(), report::report_no.nullable()))
        .first(conn)
        .optional()
}

pub fn sample_of_number(conn: &mut Conn, number: &str) -> QueryResult<Option<SampleId>> {
    sample::table.filter(sample::sample_no.eq(number)).select(sample::id).first(conn).optional()
}

/// An issued report with its sample.
pub fn report_of_number(conn: &mut Conn, number: &str) -> QueryResult<Option<(ReportId, SampleId)>> {
    report::table
        .filter(report::report_no.eq(number))
        .filter(report::issued_at.is_not_null())
        .select((report::id, report::sample_id))
        .first(conn)
        .optional()
}

/// The cases of a sample: id and number.
pub fn cases_of(conn: &mut Conn, sample: SampleId) -> QueryResult<Vec<(i64, String)>> {
    failing_case::table
        .filter(failing_case::sample_id.eq(sample))
        .order(failing_case::id)
        .select((failing_case::id, failing_case::case_no))
        .load(conn)
}

/// Applications for re-inspection and objections of cases: case, kind, state, when it came.
pub fn applications_of(conn: &mut Conn, cases: &[i64]) -> QueryResult<Vec<(i64, String, String, Moment)>> {
    case_application::table
        .filter(case_application::case_id.eq_any(cases.to_vec()))
        .order(case_application::id)
        .select((
            case_application::case_id,
            case_application::kind,
            case_application::state,
            case_application::applied_at,
        ))
        .load(conn)
}

/// Who tested and who checked the items of a sample.
pub fn testers_of(conn: &mut Conn, sample: SampleId) -> QueryResult<Vec<(Option<PersonId>, Option<PersonId>)>> {
    test_item::table
        .left_join(worksheet::table.on(test_item::worksheet_id.eq(worksheet::id.nullable())))
        .filter(test_item::sample_id.eq(sample))
        .select((worksheet::tester_id.nullable(), test_item::checker_id))
        .load(conn)
}

/// Who submitted results of a sample, also such as were replaced since, or decided about their verdicts.
pub fn makers_of(conn: &mut Conn, sample: SampleId) -> QueryResult<Vec<PersonId>> {
    test_item::table
        .inner_join(result_version::table.on(result_version::item_id.eq(test_item::id)))
        .filter(test_item::sample_id.eq(sample))
        .select(result_version::person_id)
        .distinct()
        .load(conn)
}

/// Who reviewed and who authorized the reports of a sample.
pub fn signers_of(conn: &mut Conn, sample: SampleId) -> QueryResult<Vec<(Option<PersonId>, Option<PersonId>)>> {
    report::table.filter(report::sample_id.eq(sample)).select((report::reviewer_id, report::signatory_id)).load(conn)
}

/// A step of a complaint at the version that was seen; `false` when someone was faster.
macro_rules! step {
    ($conn:expr, $id:expr, $seen:expr, $next:expr, $($change:expr),+ $(,)?) => {{
        let seen = complaint::table.filter(complaint::id.eq($id)).filter(complaint::version.eq($seen));
        let changes = (complaint::version.eq($seen + 1), complaint::state.eq($next.code()), $($change),+);
        Ok(diesel::update(seen).set(changes).execute($conn)? == 1)
    }};
}

pub fn acknowledge(conn: &mut Conn, id: ComplaintId, seen: i64, at: Moment) -> QueryResult<bool> {
    step!(conn, id, seen, ComplaintState::Acknowledged, complaint::acknowledged_at.eq(at))
}

/// Who decided what.
pub struct Decided<'a> {
    pub by: PersonId,
    pub decision: Decision,
    pub outcome: &'a str,
    pub at: Moment,
}

pub fn decide(conn: &mut Conn, id: ComplaintId, seen: i64, decided: &Decided) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        ComplaintState::Decided,
        complaint::handler_id.eq(decided.by),
        complaint::decision.eq(decided.decision.code()),
        complaint::outcome.eq(decided.outcome),
        complaint::decided_at.eq(decided.at),
    )
}

pub fn tell(conn: &mut Conn, id: ComplaintId, seen: i64, how: &str, at: Moment) -> QueryResult<bool> {
    step!(conn, id, seen, ComplaintState::Told, complaint::told_at.eq(at), complaint::told_how.eq(how),)
}

/// Complaints whose outcome was not told yet.
pub fn count_open(conn: &mut Conn) -> QueryResult<i64> {
    complaint::table.filter(complaint::state.ne(ComplaintState::Told.code())).count().get_result(conn)
}
