//! The statements of the quality report: one for each number or table of numbers, read across rooms (decision 0012).

use chrono::NaiveDate;
use diesel::prelude::*;

use super::super::store::WITHOUT_CONTROLS;
use crate::db::Conn;
use crate::db::schema::{
    complaint, instrument, instrument_message, nonconforming_work, observation, person, proficiency_round, qc_verdict,
    report, result_entry, result_version, sample, test_item, transfer_check, worksheet, worksheet_position,
};
use crate::domain::clock::Moment;
use crate::domain::ids::{ReportId, WorksheetId};

/// A span of time, without its end.
pub type Span = (Moment, Moment);

/// Samples that arrived, by what became of them.
pub fn samples(conn: &mut Conn, (from, to): Span) -> QueryResult<Vec<(String, i64)>> {
    sample::table
        .filter(sample::arrived_at.ge(from))
        .filter(sample::arrived_at.lt(to))
        .group_by(sample::state)
        .select((sample::state, diesel::dsl::count_star()))
        .load(conn)
}

/// Items whose result in force was made, by verdict.
pub fn items(conn: &mut Conn, (from, to): Span) -> QueryResult<Vec<(String, i64)>> {
    test_item::table
        .inner_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(result_version::at.ge(from))
        .filter(result_version::at.lt(to))
        .group_by(test_item::verdict)
        .select((test_item::verdict, diesel::dsl::count_star()))
        .load(conn)
}

/// A report that was issued.
#[derive(Queryable, Clone, Debug)]
pub struct Issued {
    /// The report that it replaces.
    pub amends: Option<ReportId>,
    pub state: String,
    pub accepted_at: Option<Moment>,
    pub due_on: Option<NaiveDate>,
    pub issued_at: Option<Moment>,
}

pub fn reports(conn: &mut Conn, (from, to): Span) -> QueryResult<Vec<Issued>> {
    report::table
        .inner_join(sample::table)
        .filter(report::issued_at.ge(from))
        .filter(report::issued_at.lt(to))
        .order(report::id)
        .select((report::amends_id, report::state, sample::accepted_at, sample::due_on, report::issued_at))
        .load(conn)
}

/// A verdict over the controls of a worksheet.
#[derive(Queryable, Clone, Debug)]
pub struct Judged {
    pub sheet: WorksheetId,
    pub method: String,
    pub tester: String,
    pub verdict: String,
}

/// Verdicts over the controls of worksheets, oldest first. A corrected sheet has several, one without controls none.
pub fn verdicts(conn: &mut Conn, (from, to): Span) -> QueryResult<Vec<Judged>> {
    qc_verdict::table
        .inner_join(worksheet::table.inner_join(person::table))
        .filter(qc_verdict::at.ge(from))
        .filter(qc_verdict::at.lt(to))
        .filter(qc_verdict::record.not_like(WITHOUT_CONTROLS))
        .order(qc_verdict::id)
        .select((worksheet::id, worksheet::method_standard, person::name, qc_verdict::verdict))
        .load(conn)
}

/// The instruments of worksheets with a verdict, by code: those that they were opened for, and those that filled their
/// cells. Two statements.
pub fn instruments(conn: &mut Conn, (from, to): Span) -> QueryResult<Vec<(WorksheetId, String)>> {
    let mut used: Vec<(WorksheetId, String)> = qc_verdict::table
        .inner_join(worksheet::table.inner_join(instrument::table))
        .filter(qc_verdict::at.ge(from))
        .filter(qc_verdict::at.lt(to))
        .select((worksheet::id, instrument::code))
        .distinct()
        .load(conn)?;
    let filling: Vec<(WorksheetId, String)> = qc_verdict::table
        .inner_join(worksheet_position::table.on(worksheet_position::worksheet_id.eq(qc_verdict::worksheet_id)))
        .inner_join(result_entry::table.on(result_entry::position_id.eq(worksheet_position::id)))
        .inner_join(observation::table.on(result_entry::observation_id.eq(observation::id.nullable())))
        .inner_join(instrument_message::table.on(observation::message_id.eq(instrument_message::id)))
        .filter(qc_verdict::at.ge(from))
        .filter(qc_verdict::at.lt(to))
        .select((qc_verdict::worksheet_id, instrument_message::instrument_code))
        .distinct()
        .load(conn)?;
    used.extend(filling);
    Ok(used)
}

/// Non-conforming work that was opened, by subject.
pub fn works_opened(conn: &mut Conn, (from, to): Span) -> QueryResult<Vec<(String, i64)>> {
    nonconforming_work::table
        .filter(nonconforming_work::opened_at.ge(from))
        .filter(nonconforming_work::opened_at.lt(to))
        .group_by(nonconforming_work::subject)
        .select((nonconforming_work::subject, diesel::dsl::count_star()))
        .load(conn)
}

pub fn works_closed(conn: &mut Conn, (from, to): Span) -> QueryResult<i64> {
    nonconforming_work::table
        .filter(nonconforming_work::closed_at.ge(from))
        .filter(nonconforming_work::closed_at.lt(to))
        .count()
        .get_result(conn)
}

/// Complaints that were received, by decision; empty: not decided yet.
pub fn complaints(conn: &mut Conn, (from, to): Span) -> QueryResult<Vec<(String, i64)>> {
    complaint::table
        .filter(complaint::received_at.ge(from))
        .filter(complaint::received_at.lt(to))
        .group_by(complaint::decision)
        .select((complaint::decision, diesel::dsl::count_star()))
        .load(conn)
}

/// Scheme, analyte, method, score and verdict of the rounds that providers reported on.
pub type Scored = (String, String, String, String, String);

pub fn rounds(conn: &mut Conn, (first, end): (NaiveDate, NaiveDate)) -> QueryResult<Vec<Scored>> {
    proficiency_round::table
        .filter(proficiency_round::reported_on.ge(first))
        .filter(proficiency_round::reported_on.lt(end))
        .order((proficiency_round::reported_on, proficiency_round::id))
        .select((
            proficiency_round::scheme,
            proficiency_round::analyte,
            proficiency_round::method_standard,
            proficiency_round::z_score,
            proficiency_round::verdict,
        ))
        .load(conn)
}

/// Instruments in use whose calibration had ended before a day.
pub fn overdue_calibrations(conn: &mut Conn, day: NaiveDate) -> QueryResult<i64> {
    instrument::table
        .filter(instrument::status.ne("stopped"))
        .filter(instrument::calibrated_until.lt(day))
        .count()
        .get_result(conn)
}

/// Values that came from instruments into worksheets.
pub fn transfers(conn: &mut Conn, (from, to): Span) -> QueryResult<i64> {
    result_entry::table
        .filter(result_entry::at.ge(from))
        .filter(result_entry::at.lt(to))
        .filter(result_entry::observation_id.is_not_null())
        .count()
        .get_result(conn)
}

/// Comparisons of such values with the raw record that were made, by whether they were the same.
pub fn transfers_compared(conn: &mut Conn, (from, to): Span) -> QueryResult<Vec<(bool, i64)>> {
    transfer_check::table
        .filter(transfer_check::at.ge(from))
        .filter(transfer_check::at.lt(to))
        .group_by(transfer_check::same)
        .select((transfer_check::same, diesel::dsl::count_star()))
        .load(conn)
}
