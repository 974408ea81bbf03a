//! When the program looks: every day after the hour that is set, and at the clock every minute; and once a day it forgets
//! what it keeps for a time only. Each look runs outside of
//! any transaction on the thread of this queue; what came of it is written at its end.

use std::sync::{Mutex, PoisonError};

use chrono::{NaiveDate, TimeDelta};
use tracing::{error, info};

use super::actions::{self, Anchor, RunToKeep};
use super::checks::{Looked, look_at};
use super::{Kind, store};
use crate::accounts::Actor;
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::UpkeepRunId;
use crate::domain::refusal::Outcome;

/// How often it is asked whether something is due, and how often the clock is compared.
const LOOK_EVERY: TimeDelta = TimeDelta::minutes(1);
/// A laboratory that has just begun has nothing that must be looked at before the next hour that is set.
const NEW_FOR: TimeDelta = TimeDelta::hours(1);
/// What is looked at every day, in this order: the backup holds what was found to be right.
const DAILY: &[Kind] = &[Kind::Files, Kind::Log, Kind::Backup];

/// When this process began to look, and when it looked last; since when the time source is silent.
#[derive(Default, Debug)]
pub struct Watch {
    looks: Mutex<Option<(Moment, Moment)>>,
    silent: Mutex<Option<Moment>>,
    forgot: Mutex<Option<NaiveDate>>,
}

impl Watch {
    /// The moment of the first look, when it is time for another.
    fn turn(&self, real: Moment) -> Option<Moment> {
        let mut held = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let first = match *held {
            // A clock that was set back is no reason to wait.
            Some((_, last)) if real >= last && real.since(last) < LOOK_EVERY => return None,
            Some((first, _)) => first,
            None => real,
        };
        *held = Some((first, real));
        Some(first)
    }

    /// Whether nothing was forgotten yet on this day, which is so once.
    fn forgets_on(&self, day: NaiveDate) -> bool {
        let mut held = self.forgot.lock().unwrap_or_else(PoisonError::into_inner);
        held.replace(day) != Some(day)
    }

    /// How long the time source has been silent, after a look at which it answered or did not.
    pub(super) fn silent_for(&self, answered: bool, real: Moment) -> TimeDelta {
        let mut held = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        if answered {
            *held = None;
            return TimeDelta::zero();
        }
        real.since(*held.get_or_insert(real))
    }
}

/// Looks at everything that is due.
pub fn look(lis: &Lis) -> Outcome<bool> {
    let Some(hour) = lis.config.upkeep_hour else { return Ok(false) };
    let real = lis.clock.real();
    let Some(first) = lis.watch.turn(real) else { return Ok(false) };
    let scheduled = last_scheduled(real, hour);
    let wanted = DAILY.iter().filter(|kind| **kind != Kind::Backup || lis.config.backup_to.is_some());
    for kind in wanted {
        let last = lis.db.read_now(|conn| Ok(store::last_began(conn, *kind)?))?;
        if is_due(last, scheduled, real.since(first)) {
            run(lis, *kind, scheduled.date_in_china())?;
        }
    }
    watch_clock(lis, real)?;
    Ok(false)
}

/// Forgets the keys of commands that are kept no longer: with the first look of every day, also where the server does not
/// look after files and log. Two processes that do it at once take away the same.
pub fn forget(lis: &Lis) -> Outcome<bool> {
    let real = lis.clock.real();
    if !lis.watch.forgets_on(real.date_in_china()) {
        return Ok(false);
    }
    let mut keys = 0;
    loop {
        let gone = lis.forget_keys(real)?;
        if gone == 0 {
            break;
        }
        keys += gone;
    }
    if keys > 0 {
        info!(keys, "Forgot the keys of commands that are kept no longer");
    }
    Ok(false)
}

/// The newest moment at which the hour that is set began.
fn last_scheduled(real: Moment, hour: u32) -> Moment {
    let today = real.date_in_china();
    let at = |day: NaiveDate| Moment::parse_in_china(&format!("{day} {hour:02}:00")).unwrap_or(real);
    if at(today) <= real { at(today) } else { at(today).plus(TimeDelta::days(-1)) }
}

/// Whether a look is due: it was not made since the hour that is set; where there was none yet, after a while.
fn is_due(last: Option<Moment>, scheduled: Moment, running_for: TimeDelta) -> bool {
    last.map_or(running_for >= NEW_FOR, |last| last < scheduled)
}

/// The clock is kept when it is wrong, once a day.
fn watch_clock(lis: &Lis, real: Moment) -> Outcome<()> {
    let looked = look_at(lis, Kind::Clock);
    if looked.good {
        return Ok(());
    }
    let day = real.date_in_china();
    let last = lis.db.read_now(|conn| Ok(store::last_began(conn, Kind::Clock)?))?;
    if last.is_none_or(|last| last.date_in_china() != day) {
        keep(lis, Kind::Clock, day, real, looked)?;
    }
    Ok(())
}

/// Looks at one thing for a day and keeps what came of it; `None` when another process was faster.
pub fn run(lis: &Lis, kind: Kind, day: NaiveDate) -> Outcome<Option<UpkeepRunId>> {
    let began_at = lis.clock.real();
    let looked = look_at(lis, kind);
    keep(lis, kind, day, began_at, looked)
}

fn keep(lis: &Lis, kind: Kind, day: NaiveDate, began_at: Moment, looked: Looked) -> Outcome<Option<UpkeepRunId>> {
    let (good, count) = (looked.good, looked.count);
    if good {
        info!(kind = kind.code(), count, "Looked, and all was right");
    } else {
        let found: Vec<String> = looked.findings.iter().map(|one| format!("{} {}", one.what, one.about)).collect();
        error!(kind = kind.code(), count, found = found.join("; "), "Looked, and something is wrong");
    }
    let anchor = lis.config.log_root_to.as_ref().zip(looked.head.clone()).map(|(recipient, head)| Anchor {
        recipient: recipient.clone(),
        laboratory: lis.config.laboratory_name.clone(),
        head,
    });
    let run = RunToKeep { kind, day, began_at, at: lis.clock.real(), looked, anchor };
    let by = Actor::system("upkeep", kind.code());
    let kept = lis.db.write_now(move |tx| actions::keep(tx, &by, &run))?;
    // It may have queued a mail.
    lis.bell.ring();
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse_in_china(text).unwrap()
    }

    #[test]
    fn the_hour_of_today_counts_when_it_has_come() {
        assert_eq!(last_scheduled(at("2026-11-17 02:00"), 2), at("2026-11-17 02:00"));
        assert_eq!(last_scheduled(at("2026-11-17 01:59"), 2), at("2026-11-16 02:00"));
        assert_eq!(last_scheduled(at("2026-11-17 23:59"), 0), at("2026-11-17 00:00"));
    }

    #[test]
    fn a_day_is_looked_at_once_and_a_night_without_power_is_made_up_for() {
        let scheduled = at("2026-11-17 02:00");
        let long = TimeDelta::hours(5);
        assert!(is_due(Some(at("2026-11-16 02:00")), scheduled, TimeDelta::zero()));
        assert!(!is_due(Some(at("2026-11-17 02:00")), scheduled, long));
        assert!(!is_due(Some(at("2026-11-17 09:30")), scheduled, long), "made up for in the morning");
        assert!(!is_due(None, scheduled, TimeDelta::minutes(59)), "a new laboratory");
        assert!(is_due(None, scheduled, TimeDelta::hours(1)));
    }

    #[test]
    fn a_time_source_is_silent_since_its_last_answer() {
        let watch = Watch::default();
        let after = |minutes: i64| at("2026-11-17 02:00").plus(TimeDelta::minutes(minutes));
        assert_eq!(watch.silent_for(true, after(0)), TimeDelta::zero());
        assert_eq!(watch.silent_for(false, after(1)), TimeDelta::zero());
        assert_eq!(watch.silent_for(false, after(31)), TimeDelta::minutes(30));
        assert_eq!(watch.silent_for(true, after(32)), TimeDelta::zero());
        assert_eq!(watch.silent_for(false, after(33)), TimeDelta::zero());
    }

    #[test]
    fn it_is_forgotten_once_a_day() {
        let watch = Watch::default();
        let day = |text: &str| watch.forgets_on(text.parse().unwrap());
        assert_eq!([day("2026-11-17"), day("2026-11-17"), day("2026-11-18")], [true, false, true]);
    }

    #[test]
    fn it_is_looked_once_a_minute() {
        let watch = Watch::default();
        let first = at("2026-11-17 02:00");
        assert_eq!(watch.turn(first), Some(first));
        assert_eq!(watch.turn(first.plus(TimeDelta::seconds(59))), None);
        assert_eq!(watch.turn(first.plus(TimeDelta::seconds(60))), Some(first));
        assert_eq!(watch.turn(first.plus(TimeDelta::hours(-1))), Some(first), "the clock was set back");
    }
}
