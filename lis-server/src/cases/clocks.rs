//! The legal clocks of a case (`workflow.md` 10). How far one has run: `domain/deadline.rs`.

use chrono::NaiveDate;

use crate::domain::calendar::{Due, IfRestDay, Moment as Day, PeriodUnit, WorkingCalendar};
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
/// Objection to the sampling, from the end of sampling.
pub const T14: Limit = working("T14", 7);
/// Other objections, from the operator's own service.
pub const T15: Limit = working("T15", 7);
/// Objection accepted or refused, from the receipt of the papers.
pub const T17: Limit = working("T17", 5);
/// Handling finished, from the receipt of the conclusion.
pub const T20: Limit = Limit { name: "T20", length: 3, unit: PeriodUnit::Month };

/// When a limit ends, and whether that is provisional.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ends {
    pub on: NaiveDate,
    pub provisional: bool,
}

/// The last day of a limit that starts on a day.
pub fn ends(calendar: &WorkingCalendar, limit: Limit, start: NaiveDate) -> Outcome<Ends> {
    let due = calendar.due(Day::Date(start), limit.length, limit.unit, IfRestDay::Next).map_err(Fault::broken)?;
    match due {
        Due { due: Day::Date(on), provisional } => Ok(Ends { on, provisional }),
        Due { due: Day::Instant(_), .. } => Err(Fault::broken(format!("{} ends at an instant", limit.name))),
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
        assert!(ends(T7, "2026-12-29").provisional, "2027 has no calendar yet");
    }
}
