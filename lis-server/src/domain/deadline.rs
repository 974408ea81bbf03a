//! How far a legal limit has run (`workflow.md` 10): warned at 50, 80 and 100 percent.

use chrono::{NaiveDate, TimeDelta};

use super::clock::Moment;

/// The share of a limit that is used, in whole percent: from the end of its first day to the end of its last one, in
/// China. More than 100: it was missed.
pub fn percent(started_on: NaiveDate, due_on: NaiveDate, at: Moment) -> u32 {
    let end_of = |day: NaiveDate| day.and_hms_opt(0, 0, 0).map(|midnight| midnight + TimeDelta::days(1));
    let local = at.in_china().naive_local();
    let (Some(from), Some(to)) = (end_of(started_on), end_of(due_on)) else { return 0 };
    share(to - from, local - from)
}

/// The same of a limit in clock hours, which runs through nights and holidays.
pub fn percent_of_hours(from: Moment, to: Moment, at: Moment) -> u32 {
    share(to.since(from), at.since(from))
}

fn share(whole: TimeDelta, used: TimeDelta) -> u32 {
    let share = used.num_minutes().max(0).saturating_mul(100) / whole.num_minutes().max(1);
    // The minute after the end is over the limit, whatever its length.
    let share = if used > whole { share.max(101) } else { share };
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// The message key that says how urgent a share is: warned at 50, 80 and 100 percent.
pub fn urgency(percent: u32) -> &'static str {
    match percent {
        0..50 => "clock-running",
        50..80 => "clock-half",
        80..=100 => "clock-most",
        _ => "clock-over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn shares_are_of_the_counted_days() {
        let at = |text: &str| Moment::parse_in_china(text).unwrap();
        let share = |text: &str| percent(day("2026-11-16"), day("2026-11-18"), at(text));
        assert_eq!(share("2026-11-16 09:00"), 0, "the first day is not counted");
        assert_eq!(share("2026-11-18 00:00"), 50);
        assert_eq!(share("2026-11-18 14:24"), 80);
        assert_eq!(share("2026-11-19 00:00"), 100);
        assert_eq!(share("2026-11-19 00:01"), 101);
        assert_eq!(share("2026-11-20 00:00"), 150);
        let hours = |text: &str| percent_of_hours(at("2026-11-20 16:00"), at("2026-11-21 16:00"), at(text));
        assert_eq!(hours("2026-11-21 03:59"), 49);
        assert_eq!(hours("2026-11-21 04:00"), 50, "the night counts");
        assert_eq!(hours("2026-11-21 11:12"), 80);
        assert_eq!((hours("2026-11-21 16:00"), hours("2026-11-21 16:01")), (100, 101));
        assert_eq!(
            [0, 49, 50, 79, 80, 100, 101].map(urgency).map(|key| &key[6..]),
            ["running", "running", "half", "half", "most", "most", "over"]
        );
    }
}
