//! Values that are typed long after they were made: an observation is recorded when it is made (`quality.md` Q75-1). Pure.

use chrono::TimeDelta;

use super::entering::EntryInput;
use super::sheet::Sheet;
use super::{ENTRY_LATE, ENTRY_TO_COME};
use crate::domain::clock::Moment;
use crate::domain::input::Checker;
use crate::domain::refusal::Reasons;

/// When a value was made that is typed more than some hours later: when its tester says, else when an instrument last gave
/// something to the worksheet. `None`: it is in time, or nothing tells when it was made. A late one needs its reason.
pub fn late_since(
    sheet: &Sheet,
    input: &EntryInput,
    (now, hours): (Moment, u32),
    reasons: &mut Reasons,
) -> Option<Moment> {
    let mut check = Checker::new();
    let stated = check.optional_moment("made_at", &input.made_at);
    let stated = match check.done(Some(stated)) {
        Ok(stated) => stated,
        Err(refusal) => {
            reasons.extend(refusal.reasons);
            return None;
        }
    };
    reasons.add_if(stated.is_some_and(|made| made > now), || ENTRY_TO_COME.with("now", now.to_string()).at("made_at"));
    let by_instrument = sheet.entries.iter().filter(|entry| entry.source == "instrument").map(|entry| entry.at).max();
    let made = stated.or(by_instrument).filter(|made| is_late(*made, now, hours))?;
    reasons.add_if(input.reason.trim().is_empty(), || {
        ENTRY_LATE.with("made", made.to_string()).with("hours", hours).at("reason")
    });
    Some(made)
}

/// To the hour it is in time.
fn is_late(made: Moment, now: Moment, hours: u32) -> bool {
    now.since(made) > TimeDelta::hours(i64::from(hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q75-1
    #[test]
    fn an_entry_is_late_when_more_than_the_hours_have_passed() {
        let at = |text: &str| Moment::parse_in_china(text).unwrap();
        let now = at("2026-11-27 09:00");
        assert!(!is_late(at("2026-11-26 09:00"), now, 24));
        assert!(is_late(at("2026-11-26 08:59"), now, 24));
        assert!(!is_late(at("2026-11-26 08:59"), now, 48));
        assert!(!is_late(at("2026-11-27 10:00"), now, 24), "what is still to come is refused for itself");
    }
}
