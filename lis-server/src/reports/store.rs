//! Queries of reports.

pub mod concerned;
pub mod confirmed;
pub mod evidence;
pub mod gathered;

use diesel::prelude::*;

use super::number::SERIES;
use super::state::ReportState;
use crate::db::schema::{audit_entry, enterprise, number_series, report, sample, test_item};
use crate::db::{Conn, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{EnterpriseId, PersonId, ReportId, SampleId};

/// A report as other rooms see it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = report)]
pub struct ReportRow {
    pub id: ReportId,
    pub version: i64,
    pub report_no: String,
    pub sample_id: SampleId,
    pub state: String,
    pub amends_id: Option<ReportId>,
    pub amendment_reason: String,
    pub language: String,
    /// `pass`, `fail`, `data_only`; empty before authorization.
    pub conclusion: String,
    pub verification_code: String,
    pub reviewer_id: Option<PersonId>,
    pub reviewed_at: Option<Moment>,
    pub signatory_id: Option<PersonId>,
    pub authorized_at: Option<Moment>,
    pub issued_at: Option<Moment>,
    pub file_sha256: Option<String>,
    pub created_at: Moment,
    /// Empty: it bears none.
    pub opinion: String,
    pub opinion_basis: String,
    pub opinion_by: Option<PersonId>,
    pub opinion_at: Option<Moment>,
}

impl ReportRow {
    /// A state that this program does not know is none in which anything may happen.
    pub fn state(&self) -> ReportState {
        ReportState::parse(&self.state).unwrap_or(ReportState::Withdrawn)
    }

    /// The message key of its state.
    pub fn word(&self) -> String {
        self.state().word()
    }
}

#[derive(Insertable)]
#[diesel(table_name = report, treat_none_as_default_value = false)]
pub struct NewReport<'a> {
    pub version: i64,
    pub report_no: String,
    pub sample_id: SampleId,
    pub state: &'a str,
    pub amends_id: Option<ReportId>,
    pub amendment_reason: &'a str,
    pub language: &'a str,
    pub conclusion: &'a str,
    pub document: &'a str,
    pub verification_code: String,
    pub created_at: Moment,
}

/// Inserts reports, one of a sample; their ids with their samples, in no particular order.
pub fn insert(conn: &mut Conn, rows: &[NewReport]) -> QueryResult<Vec<(SampleId, ReportId)>> {
    each!(conn, c => diesel::insert_into(report::table)
        .values(rows)
        .returning((report::sample_id, report::id))
        .get_results(c))
}

pub fn report(conn: &mut Conn, id: ReportId) -> QueryResult<Option<ReportRow>> {
    report::table.filter(report::id.eq(id)).select(cols::<ReportRow>()).first(conn).optional()
}

/// These reports, in order of id.
pub fn reports(conn: &mut Conn, ids: &[ReportId]) -> QueryResult<Vec<ReportRow>> {
    let mut found: Vec<ReportRow> = in_pieces(ids, |ids| {
        report::table.filter(report::id.eq_any(ids.iter().map(|id| id.0))).select(cols::<ReportRow>()).load(conn)
    })?;
    found.sort_unstable_by_key(|report| report.id);
    Ok(found)
}

pub fn by_code(conn: &mut Conn, code: &str) -> QueryResult<Option<ReportRow>> {
    report::table.filter(report::verification_code.eq(code)).select(cols::<ReportRow>()).first(conn).optional()
}

/// The report that replaced this one.
pub fn successor(conn: &mut Conn, id: ReportId) -> QueryResult<Option<ReportRow>> {
    report::table
        .filter(report::amends_id.eq(id))
        .order(report::id.desc())
        .select(cols::<ReportRow>())
        .first(conn)
        .optional()
}

pub fn of_samples(conn: &mut Conn, ids: &[SampleId]) -> QueryResult<Vec<ReportRow>> {
    report::table
        .filter(report::sample_id.eq_any(ids.iter().map(|id| id.0)))
        .order((report::sample_id, report::id))
        .select(cols::<ReportRow>())
        .load(conn)
}

/// The log's entries about the withdrawal of reports, as they were hashed: the words of who withdrew them stand there alone.
pub fn withdrawals(conn: &mut Conn, ids: &[ReportId]) -> QueryResult<Vec<(i64, String)>> {
    audit_entry::table
        .filter(audit_entry::object_kind.eq("report"))
        .filter(audit_entry::object_id.eq_any(ids.iter().map(|id| id.0)))
        .filter(audit_entry::event.eq("report-withdrawn"))
        .select((audit_entry::object_id, audit_entry::body))
        .load(conn)
}

/// The series of report numbers of a year with the first and the last number that each gave, in order of name.
pub fn series_of_year(conn: &mut Conn, year: i32) -> QueryResult<Vec<(String, i64, i64)>> {
    number_series::table
        .filter(number_series::name.like(format!("{SERIES}%-{year}-_")))
        .order(number_series::name)
        .select((number_series::name, number_series::begins_at, number_series::last))
        .load(conn)
}

/// Every report number of a year.
pub fn numbers_of_year(conn: &mut Conn, year: i32) -> QueryResult<Vec<String>> {
    report::table.filter(report::report_no.like(format!("%-{year}-%"))).select(report::report_no).load(conn)
}

/// Reports with a number of a year in some states, in order of the number.
pub fn void_of_year(conn: &mut Conn, year: i32, states: &[ReportState], limit: i64) -> QueryResult<Vec<ListRow>> {
    report::table
        .inner_join(sample::table)
        .filter(report::report_no.like(format!("%-{year}-%")))
        .filter(report::state.eq_any(states.iter().map(|state| state.code())))
        .order(report::report_no)
        .limit(limit)
        .select((cols::<ReportRow>(), sample::sample_no))
        .load(conn)
}

/// The reports that amend these, in order of id.
pub fn successors(conn: &mut Conn, ids: &[ReportId]) -> QueryResult<Vec<ReportRow>> {
    report::table
        .filter(report::amends_id.eq_any(ids.iter().map(|id| Some(id.0))))
        .order(report::id)
        .select(cols::<ReportRow>())
        .load(conn)
}

/// What compiling needs of a sample, with its newest report.
#[derive(Queryable)]
pub struct ToCompile {
    pub sample: SampleId,
    pub sample_no: Option<String>,
    pub sample_type: String,
    /// Language of the client, where there is one.
    pub language: Option<String>,
    /// Id, version, state and number of the newest report.
    pub newest: Option<(ReportId, i64, String, String)>,
}

/// The samples among these that exist, in order of id, by one statement.
pub fn to_compile(conn: &mut Conn, ids: &[SampleId]) -> QueryResult<Vec<ToCompile>> {
    let mut found: Vec<ToCompile> = sample::table
        .left_join(enterprise::table)
        .left_join(report::table)
        .filter(sample::id.eq_any(ids.iter().map(|id| id.0)))
        .order((sample::id, report::id.desc()))
        .select((
            sample::id,
            sample::sample_no,
            sample::sample_type,
            enterprise::language.nullable(),
            (report::id, report::version, report::state, report::report_no).nullable(),
        ))
        .load(conn)?;
    found.dedup_by_key(|one| one.sample);
    Ok(found)
}

pub fn document(conn: &mut Conn, id: ReportId) -> QueryResult<String> {
    report::table.filter(report::id.eq(id)).select(report::document).first(conn)
}

/// A step of a report at the version that was seen; `false` when someone was faster.
macro_rules! step {
    ($conn:expr, $id:expr, $seen:expr, $($change:expr),+ $(,)?) => {{
        let seen = report::table.filter(report::id.eq($id)).filter(report::version.eq($seen));
        let changed = diesel::update(seen).set((report::version.eq($seen + 1), $($change),+)).execute($conn)?;
        Ok(changed == 1)
    }};
}

pub fn set_reviewed(conn: &mut Conn, id: ReportId, seen: i64, by: PersonId, at: Moment) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        report::state.eq(ReportState::Reviewed.code()),
        report::reviewer_id.eq(by),
        report::reviewed_at.eq(at),
    )
}

pub fn set_compiling(conn: &mut Conn, id: ReportId, seen: i64) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        report::state.eq(ReportState::Compiling.code()),
        report::reviewer_id.eq(None::<PersonId>),
        report::reviewed_at.eq(None::<Moment>),
    )
}

/// What a report says beyond its results.
pub struct NewOpinion<'a> {
    pub text: &'a str,
    pub basis: &'a str,
    pub by: Option<PersonId>,
    pub at: Option<Moment>,
}

pub fn set_opinion(conn: &mut Conn, id: ReportId, seen: i64, opinion: &NewOpinion) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        report::opinion.eq(opinion.text),
        report::opinion_basis.eq(opinion.basis),
        report::opinion_by.eq(opinion.by),
        report::opinion_at.eq(opinion.at),
    )
}

/// Sends reports back to their reviewers, each at the version that was seen; `false` when someone was faster.
pub fn send_all_back(conn: &mut Conn, seen: &[(ReportId, i64)]) -> QueryResult<bool> {
    let rows = report::table
        .filter(report::id.eq_any(seen.iter().map(|(id, _)| id.0)))
        .filter(report::state.eq(ReportState::Reviewed.code()));
    let changed = diesel::update(rows)
        .set((
            report::version.eq(report::version + 1),
            report::state.eq(ReportState::Compiling.code()),
            report::reviewer_id.eq(None::<PersonId>),
            report::reviewed_at.eq(None::<Moment>),
        ))
        .returning((report::id, report::version))
        .get_results(conn)?;
    Ok(are_next(seen, changed))
}

/// Moves reports from one state to another, each at the version that was seen; `false` when someone was faster.
pub fn move_all(conn: &mut Conn, seen: &[(ReportId, i64)], from: ReportState, to: ReportState) -> QueryResult<bool> {
    let rows =
        report::table.filter(report::id.eq_any(seen.iter().map(|(id, _)| id.0))).filter(report::state.eq(from.code()));
    let changed = diesel::update(rows)
        .set((report::version.eq(report::version + 1), report::state.eq(to.code())))
        .returning((report::id, report::version))
        .get_results(conn)?;
    Ok(are_next(seen, changed))
}

/// Whether rows were changed that had the versions seen, all of them.
fn are_next(seen: &[(ReportId, i64)], mut changed: Vec<(ReportId, i64)>) -> bool {
    let mut expected: Vec<(ReportId, i64)> = seen.iter().map(|(id, version)| (*id, version + 1)).collect();
    expected.sort_unstable();
    changed.sort_unstable();
    expected == changed
}

/// What is fixed at authorization.
pub struct Fixed<'a> {
    pub conclusion: &'a str,
    pub document: &'a str,
    pub signatory: PersonId,
    pub at: Moment,
}

pub fn set_authorized(conn: &mut Conn, id: ReportId, seen: i64, fixed: &Fixed) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        report::state.eq(ReportState::Authorized.code()),
        report::conclusion.eq(fixed.conclusion),
        report::document.eq(fixed.document),
        report::signatory_id.eq(fixed.signatory),
        report::authorized_at.eq(fixed.at),
    )
}

/// Takes back what was fixed at authorization.
pub fn set_stopped(conn: &mut Conn, id: ReportId, seen: i64, state: ReportState) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        report::state.eq(state.code()),
        report::reviewer_id.eq(None::<PersonId>),
        report::reviewed_at.eq(None::<Moment>),
        report::conclusion.eq(""),
        report::document.eq(""),
        report::signatory_id.eq(None::<PersonId>),
        report::authorized_at.eq(None::<Moment>),
    )
}

pub fn set_issued(conn: &mut Conn, id: ReportId, seen: i64, sha256: &str, at: Moment) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        report::state.eq(ReportState::Issued.code()),
        report::file_sha256.eq(sha256),
        report::issued_at.eq(at),
    )
}

pub fn set_state(conn: &mut Conn, id: ReportId, seen: i64, state: ReportState) -> QueryResult<bool> {
    step!(conn, id, seen, report::state.eq(state.code()))
}

/// A line of the list: the report with its sample's number.
pub type ListRow = (ReportRow, Option<String>);

/// Reports, newest first, before an id (exclusive), of some states or all.
pub fn list(conn: &mut Conn, states: &[ReportState], before: Option<i64>, limit: i64) -> QueryResult<Vec<ListRow>> {
    let mut query = report::table.inner_join(sample::table).into_boxed();
    if !states.is_empty() {
        query = query.filter(report::state.eq_any(states.iter().map(|state| state.code())));
    }
    if let Some(before) = before {
        query = query.filter(report::id.lt(before));
    }
    query.order(report::id.desc()).limit(limit).select((cols::<ReportRow>(), sample::sample_no)).load(conn)
}

/// Issued reports of an enterprise's own entrusted samples, newest first, before an id (exclusive).
pub fn entrusted_by(
    conn: &mut Conn,
    client: EnterpriseId,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<ListRow>> {
    report::table
        .inner_join(sample::table)
        .filter(sample::client_id.eq(client))
        .filter(report::issued_at.is_not_null())
        .filter(report::id.lt(before.unwrap_or(i64::MAX)))
        .order(report::id.desc())
        .limit(limit)
        .select((cols::<ReportRow>(), sample::sample_no))
        .load(conn)
}

/// Issued reports of these samples, newest first, before an id (exclusive).
pub fn issued_among(conn: &mut Conn, ids: &[SampleId], before: Option<i64>, limit: i64) -> QueryResult<Vec<ListRow>> {
    report::table
        .inner_join(sample::table)
        .filter(report::sample_id.eq_any(ids.iter().map(|id| id.0)))
        .filter(report::issued_at.is_not_null())
        .filter(report::id.lt(before.unwrap_or(i64::MAX)))
        .order(report::id.desc())
        .limit(limit)
        .select((cols::<ReportRow>(), sample::sample_no))
        .load(conn)
}

/// Reports in a state.
/// Reports in a state that a person may sign as far as his own part in them goes: he tested none of their items and has not
/// reviewed them.
pub fn count_for(conn: &mut Conn, state: ReportState, person: PersonId) -> QueryResult<i64> {
    let tested = test_item::table
        .filter(test_item::sample_id.eq(report::sample_id))
        .filter(test_item::tester_id.eq(person))
        .select(test_item::id);
    report::table
        .filter(report::state.eq(state.code()))
        .filter(report::reviewer_id.is_null().or(report::reviewer_id.ne(person)))
        .filter(diesel::dsl::not(diesel::dsl::exists(tested)))
        .count()
        .get_result(conn)
}

/// Reports of an enterprise's own samples that were issued since a moment and still hold.
pub fn count_issued_since(conn: &mut Conn, client: EnterpriseId, since: Moment) -> QueryResult<i64> {
    report::table
        .inner_join(sample::table)
        .filter(sample::client_id.eq(client))
        .filter(report::state.eq(ReportState::Issued.code()))
        .filter(report::issued_at.ge(since))
        .count()
        .get_result(conn)
}
