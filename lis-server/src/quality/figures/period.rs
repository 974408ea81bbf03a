//! A month or a year in China, pure.

use chrono::{Datelike, NaiveDate};

use crate::domain::clock::Moment;

/// `2026-11` or `2026`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    first: NaiveDate,
    /// The day after the last one.
    end: NaiveDate,
}

/// Years that a laboratory has records of.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

impl Period {
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = match text.trim().split_once('-') {
            None => (text.trim(), None),
            Some((year, month)) => (year, Some(month)),
        };
        let digits = |part: &str, length: usize| -> Option<u32> {
            let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse().ok() } else { None }
        };
        let year = i32::try_from(digits(year, 4)?).ok().filter(|year| YEARS.contains(year))?;
        match month {
            None => Self::between((year, 1), (year + 1, 1)),
            Some(month) => Self::of_month(year, digits(month, 2)?),
        }
    }

    /// The month of a day.
    pub fn around(day: NaiveDate) -> Option<Self> {
        Self::of_month(day.year(), day.month())
    }

    fn of_month(year: i32, month: u32) -> Option<Self> {
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        Self::between((year, month), next)
    }

    fn between(first: (i32, u32), end: (i32, u32)) -> Option<Self> {
        let day = |(year, month)| NaiveDate::from_ymd_opt(year, month, 1);
        Some(Self { first: day(first)?, end: day(end)? })
    }

    pub fn days(self) -> (NaiveDate, NaiveDate) {
        (self.first, self.end)
    }

    /// From the first midnight on, to the last one, which does not belong to it.
    pub fn moments(self) -> Option<(Moment, Moment)> {
        let midnight = |day: NaiveDate| Moment::parse_in_china(&format!("{day} 00:00"));
        Some((midnight(self.first)?, midnight(self.end)?))
    }

    /// As it is asked for.
    pub fn text(self) -> String {
        let is_year = self.end.year() > self.first.year() && self.first.month() == 1;
        self.first.format(if is_year { "%Y" } else { "%Y-%m" }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_years() {
        let of = |text: &str| {
            Period::parse(text).map(|period| {
                let (first, end) = period.days();
                (first.to_string(), end.to_string(), period.text())
            })
        };
        let stated = |first: &str, end: &str, text: &str| Some((first.to_owned(), end.to_owned(), text.to_owned()));
        assert_eq!(of("2026-11"), stated("2026-11-01", "2026-12-01", "2026-11"));
        assert_eq!(of("2026-12"), stated("2026-12-01", "2027-01-01", "2026-12"));
        assert_eq!(of(" 2026 "), stated("2026-01-01", "2027-01-01", "2026"));
        for wrong in ["", "26", "2026-13", "2026-0", "2026-1", "2026-11-01", "1999", "-2026", "November"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
        let (from, to) = Period::parse("2026-11").and_then(Period::moments).unwrap();
        // Midnight in China is four in the afternoon of the day before in UTC.
        assert_eq!(
            (from.rfc3339().as_str(), to.rfc3339().as_str()),
            ("2026-10-31T16:00:00.000Z", "2026-11-30T16:00:00.000Z")
        );
    }
}
