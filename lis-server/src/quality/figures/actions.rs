//! The numbers of a quality report.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::period::Period;
use super::store::{self, Issued, Judged};
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::WorksheetId;
use crate::domain::refusal::{Fault, Outcome};
use crate::judgement::number::{fixed, whole};
use crate::quality::charts::actions::rules_fired;
use crate::samples::state::SampleState;
use crate::testing::actions::authorizations_ending;

/// A number with what it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NamedCount {
    pub name: String,
    pub count: i64,
}

/// Worksheets of a method by the verdict over their controls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QcOfMethod {
    pub method: String,
    pub accepted: i64,
    pub rejected: i64,
    /// Rejected of all in percent, one decimal.
    pub rejected_percent: String,
}

/// Worksheets of an instrument or a person by the verdict over their controls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QcCount {
    /// Code of the instrument, name of the person.
    pub name: String,
    pub accepted: i64,
    pub rejected: i64,
    /// Rejected of all in percent, one decimal.
    pub rejected_percent: String,
}

/// A score of a proficiency test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PtScore {
    pub scheme: String,
    pub analyte: String,
    pub method: String,
    pub z_score: String,
    pub verdict: String,
}

/// From acceptance to issue, of first reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Turnaround {
    pub reports: i64,
    /// Days with one decimal; empty without reports.
    pub median_days: String,
    pub longest_days: String,
    /// Issued after the day that the client or the plan was promised.
    pub late: i64,
}

/// The quality report of a period.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct QualityReport {
    /// `2026-11` or `2026`.
    pub period: String,
    #[schema(value_type = String, format = DateTime)]
    pub counted_at: Moment,
    pub samples_received: i64,
    pub samples_rejected: i64,
    /// Items whose result was made in the period, by verdict: PASS, FAIL, …
    pub items: Vec<NamedCount>,
    pub turnaround: Turnaround,
    /// Reports issued in place of others.
    pub amendments: i64,
    /// Reports of the period that are withdrawn by now.
    pub withdrawn: i64,
    pub qc: Vec<QcOfMethod>,
    /// The same by instrument: the one that a worksheet was opened for, and those that filled its cells.
    pub qc_by_instrument: Vec<QcCount>,
    /// The same by the person who tested.
    pub qc_by_person: Vec<QcCount>,
    /// Points of control charts at which a Westgard rule held, by rule.
    pub chart_rules: Vec<NamedCount>,
    /// By subject: entry, instrument, lot, person, proficiency, overturned.
    pub works_opened: Vec<NamedCount>,
    pub works_closed: i64,
    /// By decision; empty: not decided yet.
    pub complaints: Vec<NamedCount>,
    pub proficiency: Vec<PtScore>,
    /// Instruments in use whose calibration had ended by the end of the period, at the latest today.
    pub overdue_calibrations: i64,
    /// Authorizations in force at the end of the period, at the latest today, that end within 30 days and that no longer one follows.
    pub authorizations_due: i64,
    /// Values that came from instruments into worksheets.
    pub transfers: i64,
    /// Of such values those that a person compared with the raw record in the period, and those that differed.
    pub transfers_compared: i64,
    pub transfers_different: i64,
}

impl QualityReport {
    pub fn works_opened_count(&self) -> i64 {
        self.works_opened.iter().map(|one| one.count).sum()
    }

    pub fn complaints_count(&self) -> i64 {
        self.complaints.iter().map(|one| one.count).sum()
    }
}

/// Days ahead in which an authorization that ends is one to be renewed.
const AUTHORIZATIONS_AHEAD_DAYS: u64 = 30;

/// Counts everything: eighteen statements, however much there is.
pub fn quality_report(conn: &mut Conn, period: Period, now: Moment) -> Outcome<QualityReport> {
    let span = period.moments().ok_or_else(|| Fault::broken(format!("no midnight in {}", period.text())))?;
    let samples = store::samples(conn, span)?;
    let rejected = |state: &str| state == SampleState::Rejected.code();
    let issued = store::reports(conn, span)?;
    let (first, end) = period.days();
    let until = end.min(now.date_in_china());
    let soon = until.checked_add_days(Days::new(AUTHORIZATIONS_AHEAD_DAYS)).unwrap_or(until);
    let compared = store::transfers_compared(conn, span)?;
    let judged = newest_of(store::verdicts(conn, span)?);
    let used = store::instruments(conn, span)?;
    Ok(QualityReport {
        period: period.text(),
        counted_at: now,
        samples_received: samples.iter().map(|(_, count)| count).sum(),
        samples_rejected: samples.iter().filter(|(state, _)| rejected(state)).map(|(_, count)| count).sum(),
        items: counted(store::items(conn, span)?),
        turnaround: turnaround(&issued),
        amendments: count(issued.iter().filter(|one| one.amends.is_some())),
        withdrawn: count(issued.iter().filter(|one| one.state == "withdrawn")),
        qc: by_method(&judged),
        qc_by_instrument: by_instrument(&judged, used),
        qc_by_person: tallied(judged.values().map(|one| (one.tester.clone(), is_accepted(one)))),
        chart_rules: counted(rules_fired(conn, span)?),
        works_opened: counted(store::works_opened(conn, span)?),
        works_closed: store::works_closed(conn, span)?,
        complaints: counted(store::complaints(conn, span)?),
        proficiency: store::rounds(conn, (first, end))?.into_iter().map(pt_score).collect(),
        overdue_calibrations: store::overdue_calibrations(conn, until)?,
        authorizations_due: count(authorizations_ending(conn, until, soon)?.into_iter()),
        transfers: store::transfers(conn, span)?,
        transfers_compared: compared.iter().map(|(_, count)| count).sum(),
        transfers_different: compared.iter().filter(|(same, _)| !same).map(|(_, count)| count).sum(),
    })
}

fn counted(mut rows: Vec<(String, i64)>) -> Vec<NamedCount> {
    rows.sort();
    rows.into_iter().map(|(name, count)| NamedCount { name, count }).collect()
}

fn count<T>(of: impl Iterator<Item = T>) -> i64 {
    i64::try_from(of.count()).unwrap_or(i64::MAX)
}

fn pt_score((scheme, analyte, method, z_score, verdict): store::Scored) -> PtScore {
    PtScore { scheme, analyte, method, z_score, verdict }
}

/// The newest verdict over each sheet.
fn newest_of(oldest_first: Vec<Judged>) -> BTreeMap<WorksheetId, Judged> {
    oldest_first.into_iter().map(|one| (one.sheet, one)).collect()
}

fn is_accepted(one: &Judged) -> bool {
    one.verdict == "accept"
}

fn by_method(judged: &BTreeMap<WorksheetId, Judged>) -> Vec<QcOfMethod> {
    let of_method = |QcCount { name, accepted, rejected, rejected_percent }| QcOfMethod {
        method: name,
        accepted,
        rejected,
        rejected_percent,
    };
    tallied(judged.values().map(|one| (one.method.clone(), is_accepted(one)))).into_iter().map(of_method).collect()
}

/// A sheet counts once for each of its instruments.
fn by_instrument(judged: &BTreeMap<WorksheetId, Judged>, used: Vec<(WorksheetId, String)>) -> Vec<QcCount> {
    let used: BTreeSet<(WorksheetId, String)> = used.into_iter().collect();
    tallied(used.into_iter().filter_map(|(sheet, code)| Some((code, is_accepted(judged.get(&sheet)?)))))
}

/// Sheets whose controls were accepted and rejected, by name.
fn tallied(sheets: impl Iterator<Item = (String, bool)>) -> Vec<QcCount> {
    let mut names: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (name, accepted) in sheets {
        let counts = names.entry(name).or_default();
        if accepted { counts.0 += 1 } else { counts.1 += 1 }
    }
    names
        .into_iter()
        .map(|(name, (accepted, rejected))| QcCount {
            name,
            accepted,
            rejected,
            rejected_percent: fixed(&(whole(rejected * 100) / whole(accepted + rejected)), 1),
        })
        .collect()
}

/// Seconds of a day.
const DAY_S: i64 = 86_400;

fn turnaround(issued: &[Issued]) -> Turnaround {
    let first: Vec<&Issued> = issued.iter().filter(|one| one.amends.is_none()).collect();
    let mut seconds: Vec<i64> =
        first.iter().filter_map(|one| Some(one.issued_at?.since(one.accepted_at?).num_seconds())).collect();
    seconds.sort_unstable();
    let days = |doubled: i64| fixed(&(whole(doubled) / whole(2 * DAY_S)), 1);
    let middle = seconds.len() / 2;
    let median = match (seconds.len() % 2, seconds.get(middle)) {
        (_, None) => String::new(),
        (1, Some(one)) => days(2 * one),
        (_, Some(upper)) => days(seconds[middle - 1] + upper),
    };
    Turnaround {
        reports: count(first.iter()),
        median_days: median,
        longest_days: seconds.last().map(|one| days(2 * one)).unwrap_or_default(),
        late: count(first.iter().filter(|one| is_late(one.issued_at, one.due_on))),
    }
}

fn is_late(issued_at: Option<Moment>, due_on: Option<NaiveDate>) -> bool {
    issued_at.zip(due_on).is_some_and(|(issued, due)| issued.date_in_china() > due)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ReportId;

    fn at(text: &str) -> Option<Moment> {
        Moment::parse_in_china(text)
    }

    fn issued(accepted: &str, issued: &str, due: &str, amends: Option<i64>) -> Issued {
        Issued {
            amends: amends.map(ReportId),
            state: "issued".into(),
            accepted_at: at(accepted),
            due_on: due.parse().ok(),
            issued_at: at(issued),
        }
    }

    // Requirement: Q77-6
    #[test]
    fn turnaround_is_of_first_reports() {
        assert_eq!(turnaround(&[]), Turnaround::default());
        let reports = [
            issued("2026-11-02 08:00", "2026-11-04 20:00", "2026-11-05", None),
            issued("2026-11-02 08:00", "2026-11-06 08:00", "2026-11-05", None),
            issued("2026-11-02 08:00", "2026-11-30 08:00", "2026-11-05", Some(1)),
        ];
        // 2.5 and 4 days: the middle is 3.25, half to even 3.2.
        let stated = Turnaround { reports: 2, median_days: "3.2".into(), longest_days: "4.0".into(), late: 1 };
        assert_eq!(turnaround(&reports), stated);
        assert_eq!(turnaround(&reports[..1]).median_days, "2.5");
    }

    /// Four sheets of two people; the first was corrected.
    fn verdicts() -> Vec<Judged> {
        let row = |method: &str, sheet: i64, tester: &str, verdict: &str| Judged {
            sheet: WorksheetId(sheet),
            method: method.into(),
            tester: tester.into(),
            verdict: verdict.into(),
        };
        vec![
            row("GB 5009.12", 1, "Li", "accept"),
            row("GB 5009.12", 2, "Li", "accept"),
            row("GB 5009.12", 1, "Li", "reject"),
            row("GB 5009.12", 3, "Wang", "accept"),
            row("GB 5009.15", 4, "Wang", "accept"),
        ]
    }

    // Requirement: Q77-6
    #[test]
    fn failures_are_counted_by_instrument_and_person() {
        let judged = newest_of(verdicts());
        let count = |name: &str, accepted, rejected, percent: &str| QcCount {
            name: name.into(),
            accepted,
            rejected,
            rejected_percent: percent.into(),
        };
        let people = tallied(judged.values().map(|one| (one.tester.clone(), is_accepted(one))));
        assert_eq!(people, [count("Li", 1, 1, "50.0"), count("Wang", 2, 0, "0.0")]);
        let used = [(1, "AAS-01"), (1, "BAL-01"), (1, "AAS-01"), (3, "BAL-01"), (9, "AAS-01")];
        let used = used.map(|(sheet, code)| (WorksheetId(sheet), code.to_owned())).to_vec();
        // The first sheet counts once for each of its instruments; the ninth has no verdict.
        assert_eq!(by_instrument(&judged, used), [count("AAS-01", 0, 1, "100.0"), count("BAL-01", 1, 1, "50.0")]);
    }

    #[test]
    fn a_corrected_sheet_counts_once_with_its_newest_verdict() {
        let found = by_method(&newest_of(verdicts()));
        let of = |method: &str, accepted, rejected, percent: &str| QcOfMethod {
            method: method.into(),
            accepted,
            rejected,
            rejected_percent: percent.into(),
        };
        // One of three is 33.33… %.
        assert_eq!(found, [of("GB 5009.12", 2, 1, "33.3"), of("GB 5009.15", 1, 0, "0.0")]);
    }
}
