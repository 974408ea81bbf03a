//! Working days and legal time limits (`workflow.md` 10, "Counting").
//!
//! 1. The first day is not counted; the period ends on the last counted day (Civil Code 201).
//! 2. A working day is Monday to Friday that is no public holiday, or a Saturday or Sunday declared a make-up workday
//!    (调休上班). So a Saturday can be a working day.
//! 3. A period in days or months that ends on a rest day moves to the first working day after it (Civil Code 203);
//!    retention periods do not move.
//! 4. A month period ends on the day of the same number, or on the last day of a shorter month.
//! 5. Hours run through nights and holidays.
//! 6. The yearly calendar is announced by the State Council office. A due date that passes through a year without one
//!    is provisional.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, SecondsFormat, TimeDelta, Weekday};
use serde::{Deserialize, Serialize, Serializer};

/// One announced exception: a weekday that is off, or a weekend day that is worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarException {
    pub date: NaiveDate,
    pub kind: DayKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// Public holiday.
    Off,
    /// Make-up workday.
    Work,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodUnit {
    WorkingDay,
    Day,
    Month,
    /// Clock hours: starts and ends at an instant, not at a date.
    Hour,
}

/// What happens when a period in days or months ends on a rest day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfRestDay {
    /// Stays: retention periods.
    Keep,
    /// Moves to the next working day: time limits (Civil Code 203).
    Next,
}

/// A date, or an instant with its zone as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Moment {
    Date(NaiveDate),
    Instant(DateTime<FixedOffset>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub due: Moment,
    /// Some day from start to due lies in a year whose calendar is not known yet.
    pub provisional: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("{0} is both a holiday and a make-up workday in the calendar; correct the calendar's rows")]
    Contradiction(NaiveDate),
    #[error("\"{0}\" is neither a date (2026-02-10) nor an instant with its zone (2026-02-10T08:30:00+08:00)")]
    NotAMoment(String),
    #[error("a period in days or months starts at a date; take the date of {0} in Asia/Shanghai")]
    NeedsDate(String),
    #[error("a period in hours starts at an instant with its zone, for example {0}T08:30:00+08:00")]
    NeedsInstant(NaiveDate),
    #[error("a period of {length} is too long; the longest counted here is {MAX_LENGTH}")]
    TooLong { length: u32 },
    #[error("the period that starts at {0} ends beyond the last date that can be written")]
    BeyondCalendar(NaiveDate),
}

/// The weekly rhythm with the announced exceptions.
#[derive(Clone, Debug, Default)]
pub struct WorkingCalendar {
    exceptions: BTreeMap<NaiveDate, DayKind>,
    years: BTreeSet<i32>,
}

impl WorkingCalendar {
    /// A calendar that knows every year that has at least one row.
    pub fn new(rows: impl IntoIterator<Item = CalendarException>) -> Result<Self, CalendarError> {
        let mut calendar = Self::default();
        for row in rows {
            let before = calendar.exceptions.insert(row.date, row.kind);
            if before.is_some_and(|kind| kind != row.kind) {
                return Err(CalendarError::Contradiction(row.date));
            }
            calendar.years.insert(row.date.year());
        }
        Ok(calendar)
    }

    /// When a period ends. `if_rest_day` matters for days and months only: working days end on a working day, hours
    /// run on.
    pub fn due(
        &self,
        start: Moment,
        length: u32,
        unit: PeriodUnit,
        if_rest_day: IfRestDay,
    ) -> Result<Due, CalendarError> {
        if length > MAX_LENGTH {
            return Err(CalendarError::TooLong { length });
        }
        match (unit, start) {
            (PeriodUnit::Hour, Moment::Instant(start)) => self.due_instant(start, length),
            (PeriodUnit::Hour, Moment::Date(date)) => Err(CalendarError::NeedsInstant(date)),
            (_, Moment::Instant(instant)) => Err(CalendarError::NeedsDate(instant.to_rfc3339())),
            (_, Moment::Date(start)) => self.due_date(start, length, unit, if_rest_day),
        }
    }

    /// Monday to Friday without holidays, plus the make-up workdays. In a year without a calendar: Monday to Friday.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        match self.exceptions.get(&date) {
            Some(kind) => *kind == DayKind::Work,
            None => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// Whether the calendar of this date's year has been announced.
    pub fn knows(&self, date: NaiveDate) -> bool {
        self.years.contains(&date.year())
    }

    fn due_instant(&self, start: DateTime<FixedOffset>, hours: u32) -> Result<Due, CalendarError> {
        let first = in_china(start);
        let due =
            start.checked_add_signed(TimeDelta::hours(i64::from(hours))).ok_or(CalendarError::BeyondCalendar(first))?;
        if due.year() > LAST_YEAR || in_china(due).year() > LAST_YEAR {
            return Err(CalendarError::BeyondCalendar(first));
        }
        Ok(Due { due: Moment::Instant(due), provisional: self.is_provisional(first, in_china(due)) })
    }

    fn due_date(
        &self,
        start: NaiveDate,
        length: u32,
        unit: PeriodUnit,
        if_rest_day: IfRestDay,
    ) -> Result<Due, CalendarError> {
        let beyond = CalendarError::BeyondCalendar(start);
        let end = match unit {
            PeriodUnit::WorkingDay => (0..length).try_fold(start, |day, _| self.next_working_day(day)),
            PeriodUnit::Month => start.checked_add_months(Months::new(length)),
            PeriodUnit::Day | PeriodUnit::Hour => start.checked_add_days(Days::new(u64::from(length))),
        }
        .ok_or(beyond.clone())?;
        let moves = unit != PeriodUnit::WorkingDay && if_rest_day == IfRestDay::Next && !self.is_working_day(end);
        let due = if moves { self.next_working_day(end).ok_or(beyond.clone())? } else { end };
        if due.year() > LAST_YEAR {
            return Err(beyond);
        }
        Ok(Due { due: Moment::Date(due), provisional: self.is_provisional(start, due) })
    }

    /// The first working day after this one.
    fn next_working_day(&self, date: NaiveDate) -> Option<NaiveDate> {
        let mut day = date.succ_opt()?;
        while !self.is_working_day(day) {
            day = day.succ_opt()?;
        }
        Some(day)
    }

    fn is_provisional(&self, start: NaiveDate, due: NaiveDate) -> bool {
        (start.year()..=due.year()).any(|year| !self.years.contains(&year))
    }
}

/// A date is written with four digits of its year.
const LAST_YEAR: i32 = 9999;

impl Moment {
    /// `2026-02-10`, or RFC 3339 with zone.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let not_a_moment = || CalendarError::NotAMoment(text.to_owned());
        if text.len() == "2026-02-10".len() {
            return NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self::Date).map_err(|_| not_a_moment());
        }
        DateTime::parse_from_rfc3339(text).map(Self::Instant).map_err(|_| not_a_moment())
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::Instant(instant) => f.write_str(&instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The date in China, where the holidays are. One zone, no summer time since 1991.
fn in_china(instant: DateTime<FixedOffset>) -> NaiveDate {
    (instant.naive_utc() + TimeDelta::hours(CHINA_OFFSET_HOURS)).date()
}

/// Asia/Shanghai is UTC+8 the whole year.
const CHINA_OFFSET_HOURS: i64 = 8;
/// Longest period in its unit. The longest legal one is 30 working days; records are kept for years; the bound keeps
/// a mistyped number from counting for minutes.
const MAX_LENGTH: u32 = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn off(text: &str) -> CalendarException {
        CalendarException { date: date(text), kind: DayKind::Off }
    }

    /// A toy year: one holiday on Thursday 1 January, its make-up workday on Sunday 4 January.
    fn toy() -> WorkingCalendar {
        let make_up = CalendarException { date: date("2026-01-04"), kind: DayKind::Work };
        WorkingCalendar::new([off("2026-01-01"), make_up]).unwrap()
    }

    fn due(start: &str, length: u32, unit: PeriodUnit, if_rest_day: IfRestDay) -> (String, bool) {
        let due = toy().due(Moment::parse(start).unwrap(), length, unit, if_rest_day).unwrap();
        (due.due.to_string(), due.provisional)
    }

    #[test]
    fn counts_working_days_without_the_first() {
        use {IfRestDay::Next, PeriodUnit::WorkingDay};
        // 1 January is off, Friday 2 is worked, Sunday 4 is a make-up day.
        assert_eq!(due("2026-01-01", 1, WorkingDay, Next), ("2026-01-02".into(), false));
        assert_eq!(due("2026-01-01", 2, WorkingDay, Next), ("2026-01-04".into(), false));
        assert_eq!(due("2026-01-01", 3, WorkingDay, Next), ("2026-01-05".into(), false));
        // The 31st of December lies in a year without a calendar.
        assert_eq!(due("2025-12-31", 1, WorkingDay, Next), ("2026-01-02".into(), true));
        assert_eq!(due("2026-12-31", 1, WorkingDay, Next), ("2027-01-01".into(), true));
    }

    #[test]
    fn days_and_months_end_on_a_working_day_unless_kept() {
        use {
            IfRestDay::{Keep, Next},
            PeriodUnit::{Day, Month},
        };
        assert_eq!(due("2026-01-05", 5, Day, Next), ("2026-01-12".into(), false));
        assert_eq!(due("2026-01-05", 5, Day, Keep), ("2026-01-10".into(), false));
        assert_eq!(due("2026-01-31", 1, Month, Keep), ("2026-02-28".into(), false));
        assert_eq!(due("2026-01-31", 1, Month, Next), ("2026-03-02".into(), false));
        assert_eq!(due("2028-01-31", 1, Month, Keep), ("2028-02-29".into(), true));
    }

    #[test]
    fn hours_keep_their_zone() {
        use {IfRestDay::Keep, PeriodUnit::Hour};
        assert_eq!(due("2026-01-01T22:00:00+08:00", 24, Hour, Keep), ("2026-01-02T22:00:00+08:00".into(), false));
        assert_eq!(due("2026-01-01T22:00:00Z", 4, Hour, Keep), ("2026-01-02T02:00:00Z".into(), false));
        // 2026-12-31T15:00Z is 23:00 in China; four hours later China is in 2027.
        assert_eq!(due("2026-12-31T15:00:00Z", 4, Hour, Keep), ("2026-12-31T19:00:00Z".into(), true));
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        let calendar = toy();
        let ask = |start: &str, length, unit| calendar.due(Moment::parse(start)?, length, unit, IfRestDay::Next);
        assert!(matches!(ask("2026-01-01", 4, PeriodUnit::Hour), Err(CalendarError::NeedsInstant(_))));
        assert!(matches!(ask("2026-01-01T00:00:00Z", 4, PeriodUnit::Day), Err(CalendarError::NeedsDate(_))));
        assert!(matches!(ask("2026-02-30", 4, PeriodUnit::Day), Err(CalendarError::NotAMoment(_))));
        assert!(matches!(ask("2026-01-01T00:00:00", 4, PeriodUnit::Hour), Err(CalendarError::NotAMoment(_))));
        let beyond =
            |start: &str, length, unit| matches!(ask(start, length, unit), Err(CalendarError::BeyondCalendar(_)));
        assert!(beyond("9999-12-31", 1, PeriodUnit::Day) && beyond("9999-12-31", 1, PeriodUnit::WorkingDay));
        assert!(beyond("9999-06-30", 12, PeriodUnit::Month) && beyond("9999-12-31T23:00:00Z", 2, PeriodUnit::Hour));
        assert!(ask("9999-12-30", 1, PeriodUnit::WorkingDay).is_ok());
        assert!(matches!(ask("2026-01-01", 100_001, PeriodUnit::WorkingDay), Err(CalendarError::TooLong { .. })));
        let both = [off("2026-01-01"), CalendarException { date: date("2026-01-01"), kind: DayKind::Work }];
        assert!(matches!(WorkingCalendar::new(both), Err(CalendarError::Contradiction(_))));
    }

    /// Periods of the law over the holidays of 2025 and 2026, counted by hand on the published calendars (first day not
    /// counted, Civil Code 201; make-up workdays count): first day, length, last day.
    const PERIODS: [(&str, u32, PeriodUnit, &str); 18] = {
        use PeriodUnit::{Month, WorkingDay};
        [
            // Report after receipt.
            ("2026-01-30", 20, WorkingDay, "2026-03-05"),
            ("2026-02-10", 20, WorkingDay, "2026-03-16"),
            ("2026-04-13", 20, WorkingDay, "2026-05-13"),
            ("2026-09-14", 20, WorkingDay, "2026-10-16"),
            ("2025-09-19", 20, WorkingDay, "2025-10-23"),
            // Failing result to the authority.
            ("2026-02-13", 2, WorkingDay, "2026-02-24"),
            ("2026-09-30", 2, WorkingDay, "2026-10-09"),
            ("2026-04-30", 2, WorkingDay, "2026-05-07"),
            // Passing result to the authority; ends on a Saturday that is worked.
            ("2026-02-12", 7, WorkingDay, "2026-02-28"),
            // Application for re-inspection.
            ("2026-09-18", 7, WorkingDay, "2026-09-29"),
            ("2026-09-28", 7, WorkingDay, "2026-10-13"),
            ("2026-06-15", 7, WorkingDay, "2026-06-25"),
            // Sample to the laboratory.
            ("2026-05-06", 5, WorkingDay, "2026-05-12"),
            // Notice to the operator.
            ("2026-01-01", 5, WorkingDay, "2026-01-08"),
            // Decision on an objection.
            ("2026-01-20", 30, WorkingDay, "2026-03-09"),
            // Decision whether an application is accepted.
            ("2025-09-26", 5, WorkingDay, "2025-10-10"),
            // Backup part after a passing conclusion.
            ("2026-11-30", 3, Month, "2027-02-28"),
            // Backup part after a failing conclusion.
            ("2026-08-31", 6, Month, "2027-02-28"),
        ]
    };

    #[test]
    fn periods_over_the_holidays_of_2025_and_2026() {
        let shipped = include_bytes!("../../assets/reference/calendar.csv");
        let exceptions = csv::Reader::from_reader(shipped.as_slice()).into_deserialize();
        let calendar = WorkingCalendar::new(exceptions.map(Result::unwrap)).unwrap();
        for (first, length, unit, last) in PERIODS {
            let due = calendar.due(Moment::parse(first).unwrap(), length, unit, IfRestDay::Keep).unwrap();
            assert_eq!(due.due.to_string(), last, "{length} from {first}");
            // 2027 has no calendar yet.
            assert_eq!(due.provisional, last.starts_with("2027"), "{length} from {first}");
        }
    }
}
