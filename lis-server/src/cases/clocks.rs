//! The legal clocks of a case (`workflow.md` 10). How far one has run: `domain/deadline.rs`.

use chrono::{Days, NaiveDate, TimeDelta};

use super::store::ClockRow;
use crate::config::Config;
use crate::domain::calendar::{Due, IfRestDay, Moment as Day, PeriodUnit, WorkingCalendar};
use crate::domain::clock::Moment;
use crate::domain::deadline::{percent, percent_of_hours};
use crate::domain::refusal::{Fault, Outcome};

/// A limit: its name in `workflow.md` 10, its length and unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    pub name: &'static str,
    pub length: u32,
    pub unit: PeriodUnit,
}

const fn working(name: &'static str, length: u32) -> Limit {
    Limit { name, length, unit: PeriodUnit::WorkingDay }
}

/// Failing conclusion to the ordering authority.
pub const T4: Limit = working("T4", 2);
/// Report and notice served on the operator.
pub const T6: Limit = working("T6", 5);
/// Application for re-inspection, from the operator's own service.
pub const T7: Limit = working("T7", 7);
/// Application for re-inspection accepted or refused, from the receipt of the papers.
pub const T8: Limit = working("T8", 5);
/// The re-inspection body named at random, from the acceptance; longer where there is a reason.
pub const T9: Limit = working("T9", 5);
pub const T9_LONG: Limit = working("T9", 10);
/// A named body that cannot act says so, from being named.
pub const T10: Limit = working("T10", 2);
/// The backup sample handed over by the first laboratory, from the naming of the body; longer with consent.
pub const T11: Limit = working("T11", 3);
pub const T11_LONG: Limit = working("T11", 6);
/// The conclusion of the re-inspection, from the receipt of the backup sample, unless another day is agreed.
pub const T12: Limit = working("T12", 10);
/// Applicant and home authority told, from the receipt of that conclusion.
pub const T13: Limit = working("T13", 5);
/// Objection to the sampling, from the end of sampling.
pub const T14: Limit = working("T14", 7);
/// Other objections, from the operator's own service.
pub const T15: Limit = working("T15", 7);
/// What is missing of an objection's papers listed once, from their receipt.
pub const T16: Limit = working("T16", 5);
/// Objection accepted or refused, from the receipt of the papers.
pub const T17: Limit = working("T17", 5);
/// Objection to the sampling decided, from its acceptance.
pub const T18: Limit = working("T18", 20);
/// Other objections decided, from their acceptance; time spent asking other bodies does not count.
pub const T19: Limit = working("T19", 30);
/// Handling finished, from the receipt of the conclusion.
pub const T20: Limit = Limit { name: "T20", length: 3, unit: PeriodUnit::Month };

/// Re-test asked for against a rapid test of farm produce, from the receipt of its result (FSL 88, APL 51).
pub const T21: Limit = Limit { name: "T21", length: 4, unit: PeriodUnit::Hour };
/// Re-test of farm produce that an agriculture department had sampled asked for (APL 51), from the operator's own service.
pub const T22: Limit = working("T22", 5);
/// The report of that re-test, from the receipt of its sample.
pub const T23: Limit = working("T23", 7);

/// Recall started, from learning of the risk, and finished, from the public notice: how long the classes 1 to 3 have is set
/// (`LIS_RECALL_START_HOURS`, `LIS_RECALL_FINISH_DAYS`), because the regulation's figures are not all verified in `workflow.md`.
pub const T24: &str = "T24";
pub const T25: &str = "T25";

/// Seizure (Reg, article 61): at most 30 days, once prolonged by at most 45.
pub const SEIZURE: Limit = Limit { name: "R61", length: 30, unit: PeriodUnit::Day };
pub const SEIZURE_LONG: Limit = Limit { name: "R61", length: 75, unit: PeriodUnit::Day };

/// Days in which somebody may act, and need not: nobody is late when they are over.
pub const PERIODS: [&str; 4] = ["T7", "T10", "T15", "T22"];

/// The limits of a recall by its class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecallLimits {
    pub start_hours: [u32; 3],
    pub finish_days: [u32; 3],
}

impl RecallLimits {
    /// As they are set.
    pub fn of(config: &Config) -> Self {
        Self { start_hours: config.recall_start_hours, finish_days: config.recall_finish_days }
    }

    /// T24 of a class, as an index: 0 to 2.
    pub fn start(self, class: usize) -> Limit {
        Limit { name: T24, length: self.start_hours[class], unit: PeriodUnit::Hour }
    }

    /// T25 of a class.
    pub fn finish(self, class: usize) -> Limit {
        working(T25, self.finish_days[class])
    }
}

/// When a limit ends, and whether that is provisional.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ends {
    pub on: NaiveDate,
    pub provisional: bool,
}

/// The last day of a limit that starts on a day. What an operator bears for so many days at most is not made longer by a
/// rest day.
pub fn ends(calendar: &WorkingCalendar, limit: Limit, start: NaiveDate) -> Outcome<Ends> {
    let rest = if limit.unit == PeriodUnit::Day { IfRestDay::Keep } else { IfRestDay::Next };
    let due = calendar.due(Day::Date(start), limit.length, limit.unit, rest).map_err(Fault::broken)?;
    match due {
        Due { due: Day::Date(on), provisional } => Ok(Ends { on, provisional }),
        Due { due: Day::Instant(_), .. } => Err(Fault::broken(format!("{} ends at an instant", limit.name))),
    }
}

/// The last moment of a limit in clock hours; `None`: it counts days.
pub fn ends_at(limit: Limit, start: Moment) -> Option<Moment> {
    (limit.unit == PeriodUnit::Hour).then(|| start.plus(TimeDelta::hours(i64::from(limit.length))))
}

/// The share of a clock that is used: of one that ended, until then, so that a missed limit stays missed; while its time does
/// not count it stands still.
pub fn used(row: &ClockRow, now: Moment) -> u32 {
    let at = row.ended_at.unwrap_or(now);
    let at = row.stopped_at.map_or(at, |stopped| stopped.min(at));
    match (row.started_at, row.due_at) {
        (Some(from), Some(to)) => percent_of_hours(from, to, at),
        _ => {
            let not_counted = Days::new(u64::try_from(row.stopped_days).unwrap_or_default());
            percent(row.started_on.checked_add_days(not_counted).unwrap_or(row.started_on), row.due_on, at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::{CalendarException, DayKind};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Exceptions of the State Council office around the vectors used here.
    fn calendar() -> WorkingCalendar {
        let off = |date: &str| CalendarException { date: day(date), kind: DayKind::Off };
        let work = |date: &str| CalendarException { date: day(date), kind: DayKind::Work };
        let spring = ["2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-23"].map(off);
        let autumn = ["2026-09-25", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"].map(off);
        let dragon = ["2026-06-19"].map(off);
        let worked = ["2026-02-14", "2026-02-28", "2026-09-20", "2026-10-10"].map(work);
        WorkingCalendar::new(spring.into_iter().chain(autumn).chain(dragon).chain(worked)).unwrap()
    }

    /// Rows of `workday_vectors.csv`.
    #[test]
    fn limits_end_as_in_the_vectors() {
        let ends = |limit, start| ends(&calendar(), limit, day(start)).unwrap();
        assert_eq!(ends(T4, "2026-02-13"), Ends { on: day("2026-02-24"), provisional: false });
        assert_eq!(ends(T4, "2026-09-30"), Ends { on: day("2026-10-09"), provisional: false });
        assert_eq!(ends(T7, "2026-09-18").on, day("2026-09-29"));
        assert_eq!(ends(T7, "2026-09-28").on, day("2026-10-13"));
        assert_eq!(ends(T15, "2026-06-15").on, day("2026-06-25"));
        // Friday 18 September: Sunday 20 is worked, so that the fifth working day is Thursday 24 and, Friday 25 being off,
        // the seventh Tuesday 29.
        assert_eq!(ends(T22, "2026-09-18").on, day("2026-09-24"));
        assert_eq!(ends(T23, "2026-09-18").on, day("2026-09-29"));
        assert!(ends(T7, "2026-12-29").provisional, "2027 has no calendar yet");
        // Seized on Monday 16 November: 30 days end on Wednesday 16 December, 75 on Saturday 30 January and not on Monday.
        assert_eq!(ends(SEIZURE, "2026-11-16").on, day("2026-12-16"));
        assert_eq!(ends(SEIZURE_LONG, "2026-11-16").on, day("2027-01-30"));
    }
}
