//! How long goods keep (保质期): a number of days, months or years as the label prints it, and the day on which that ends
//! (`records.md` 1, "Label dates"). Pure.

use chrono::{Days, Months, NaiveDate};

use crate::domain::text;

/// A shelf life that was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShelfLife {
    Days(u32),
    /// Years are twelve of them.
    Months(u32),
}

/// A hundred years, longer than any food keeps; the bound keeps a slip of the key from leaving the calendar.
const DAYS_MOST: u32 = 36_500;
const MONTHS_MOST: u32 = 1_200;

/// Words of a unit, as they stand on labels.
const DAYS: &[&str] = &["天", "日", "d", "day", "days"];
const MONTHS: &[&str] = &["个月", "個月", "月", "month", "months"];
const YEARS: &[&str] = &["年", "year", "years"];

impl ShelfLife {
    /// A whole number and a unit, nothing else: `10 天`, `12个月`, `2 years`. What says more (`常温 6 个月，冷冻 12 个月`) or
    /// less is `None`: which of it holds is not guessed.
    pub fn parse(printed: &str) -> Option<Self> {
        let printed = text::code(printed).to_lowercase();
        let digits = printed.chars().take_while(char::is_ascii_digit).count();
        let (count, unit) = printed.split_at(digits);
        let count: u32 = count.parse().ok()?;
        let unit = unit.trim();
        let months = |months: u32| (1..=MONTHS_MOST).contains(&months).then_some(Self::Months(months));
        if DAYS.contains(&unit) {
            (1..=DAYS_MOST).contains(&count).then_some(Self::Days(count))
        } else if MONTHS.contains(&unit) {
            months(count)
        } else if YEARS.contains(&unit) {
            months(count.checked_mul(12)?)
        } else {
            None
        }
    }

    /// The last day of goods made on a day: so many days later, or the day of the same number, which in a shorter month is
    /// its last. `None`: beyond the calendar.
    pub fn ends(self, produced: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Days(count) => produced.checked_add_days(Days::new(u64::from(count))),
            Self::Months(count) => produced.checked_add_months(Months::new(count)),
        }
    }
}

/// Whether a label says nothing of it: left empty, or with the stroke of a printed form.
pub fn is_blank(printed: &str) -> bool {
    matches!(printed.trim(), "" | "/" | "-" | "—" | "——")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_are_read_and_nothing_else() {
        for (printed, read) in [
            ("10 天", Some(ShelfLife::Days(10))),
            ("１８０天", Some(ShelfLife::Days(180))),
            ("30日", Some(ShelfLife::Days(30))),
            ("12个月", Some(ShelfLife::Months(12))),
            ("18 Months", Some(ShelfLife::Months(18))),
            ("2年", Some(ShelfLife::Months(24))),
            ("常温 6 个月，冷冻 12 个月", None),
            ("半年", None),
            ("12", None),
            ("个月", None),
            ("0 天", None),
            ("36501 天", None),
            ("101 年", None),
            ("4294967295 年", None),
            ("-3 天", None),
            ("1.5 年", None),
            ("4 小时", None),
            ("/", None),
        ] {
            assert_eq!(ShelfLife::parse(printed), read, "{printed}");
        }
    }

    #[test]
    fn it_ends_on_the_day_of_the_same_number_or_the_last_of_the_month() {
        let ends = |produced: &str, printed: &str| {
            ShelfLife::parse(printed).unwrap().ends(produced.parse().unwrap()).map(|day| day.to_string())
        };
        let on = |day: &str| Some(day.to_owned());
        assert_eq!(ends("2026-11-10", "10 天"), on("2026-11-20"));
        assert_eq!(ends("2026-11-10", "6个月"), on("2027-05-10"));
        assert_eq!(ends("2026-08-31", "6个月"), on("2027-02-28"));
        assert_eq!(ends("2027-08-31", "6个月"), on("2028-02-29"));
        assert_eq!(ends("2028-02-29", "1年"), on("2029-02-28"));
        assert_eq!(ends("2026-12-31", "1 日"), on("2027-01-01"));
        assert_eq!(ShelfLife::Days(36_500).ends(NaiveDate::MAX), None);
    }
}
