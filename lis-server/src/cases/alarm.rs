//! What the laboratory owes in failing cases. T4: failing results that the ordering authority has not acknowledged, whoever else
//! has pulled them. T11: backup samples for which a re-inspection body was named (`workflow.md` 10 and 12). The alarm rises at
//! half of the time, at four fifths, and when it is over.

use chrono::NaiveDate;
use serde::Serialize;

use super::calls;
use super::clocks::{T4, T11, used};
use super::store::{self, ClockRow};
use crate::accounts::Actor;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::deadline::urgency;
use crate::domain::ids::{CaseId, ReportId, SampleId};
use crate::domain::refusal::Outcome;

/// A failing result of which the laboratory owes something: that the ordering authority has it, or the backup sample.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Unacknowledged {
    pub case_id: CaseId,
    pub case_no: String,
    pub sample_no: Option<String>,
    pub sample_name: String,
    pub ordering_name: String,
    pub report_id: ReportId,
    pub report_no: String,
    /// When the limit began, a day in China.
    #[schema(value_type = String, format = Date)]
    pub started_on: NaiveDate,
    /// Its last day.
    #[schema(value_type = String, format = Date)]
    pub due_on: NaiveDate,
    /// The calendar of that year is not announced yet.
    pub provisional: bool,
    /// The share of it that is gone; more than 100: it was missed.
    pub percent: u32,
}

/// Everything that waits for the ordering authority, the most urgent first. Four statements.
pub fn waiting(conn: &mut Conn, now: Moment) -> Outcome<Vec<Unacknowledged>> {
    owed(conn, T4.name, now)
}

/// Cases whose backup sample is to be handed over to the re-inspection body that was named, the most urgent first.
pub fn backups(conn: &mut Conn, now: Moment) -> Outcome<Vec<Unacknowledged>> {
    owed(conn, T11.name, now)
}

fn owed(conn: &mut Conn, name: &'static str, now: Moment) -> Outcome<Vec<Unacknowledged>> {
    let clocks = store::running(conn, name)?;
    let ids: Vec<CaseId> = clocks.iter().map(|clock| clock.case_id).collect();
    let cases = store::cases_by_id(conn, &ids)?;
    let samples = calls::samples(conn, &cases.iter().map(|case| case.sample_id).collect::<Vec<SampleId>>())?;
    let reports = calls::reports(conn, &cases.iter().map(|case| case.report_id).collect::<Vec<ReportId>>())?;
    let of_clock = |clock: &ClockRow| {
        let case = cases.iter().find(|case| case.id == clock.case_id)?;
        let sample = samples.iter().find(|sample| sample.id == case.sample_id)?;
        let report = reports.iter().find(|report| report.id == case.report_id)?;
        Some(Unacknowledged {
            case_id: case.id,
            case_no: case.case_no.clone(),
            sample_no: sample.sample_no.clone(),
            sample_name: sample.sample_name.clone(),
            ordering_name: sample.ordering_name.clone(),
            report_id: report.id,
            report_no: report.report_no.clone(),
            started_on: clock.started_on,
            due_on: clock.due_on,
            provisional: clock.provisional,
            percent: used(clock, now),
        })
    };
    Ok(clocks.iter().filter_map(of_clock).collect())
}

/// How many of which half of T4 is gone, and not yet four fifths.
pub fn count_half(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count(conn, now, "clock-half")
}

/// How many of which four fifths of T4 are gone, and not yet all.
pub fn count_most(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count(conn, now, "clock-most")
}

/// How many of which T4 is over.
pub fn count_over(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count(conn, now, "clock-over")
}

/// How many are this urgent, by the key of [`urgency`].
pub fn count(conn: &mut Conn, now: Moment, wanted: &str) -> Outcome<i64> {
    let clocks = store::running(conn, T4.name)?;
    let urgent = clocks.iter().filter(|clock| urgency(used(clock, now)) == wanted).count();
    Ok(i64::try_from(urgent).unwrap_or(i64::MAX))
}

/// How many backup samples are to be handed over, with at least half of T11 left.
pub fn count_backups(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count_backups_with(conn, now, |urgency| urgency == "clock-running")
}

/// Those of which half of T11 is gone.
pub fn count_backups_urgent(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count_backups_with(conn, now, |urgency| ["clock-half", "clock-most"].contains(&urgency))
}

/// Those of which T11 is over.
pub fn count_backups_over(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count_backups_with(conn, now, |urgency| urgency == "clock-over")
}

fn count_backups_with(conn: &mut Conn, now: Moment, wanted: impl Fn(&str) -> bool) -> Outcome<i64> {
    let clocks = store::running(conn, T11.name)?;
    Ok(i64::try_from(clocks.iter().filter(|clock| wanted(urgency(used(clock, now)))).count()).unwrap_or(i64::MAX))
}
