//! What of a queue could not be done and is tried again later, so that it holds up nothing behind it. In memory: a restart
//! tries everything at once, and another process finds out for itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use super::state::wait_after;
use crate::domain::clock::Moment;

/// The wait doubles up to this failure: about ten minutes.
const WAIT_GROWS_TO: i64 = 8;
/// What was not tried for so long is gone: another process has done it.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// Failures in a row, and when the next try is due, by id.
#[derive(Default, Debug)]
pub struct PutOff(Mutex<HashMap<i64, (i64, Moment)>>);

impl PutOff {
    pub fn is_due(&self, id: i64, real: Moment) -> bool {
        self.held().get(&id).is_none_or(|(_, due)| *due <= real)
    }

    /// Puts it off once more; how often it has failed by now.
    pub fn failed(&self, id: i64, real: Moment) -> i64 {
        let mut held = self.held();
        held.retain(|_, (_, due)| real.since(*due) < FORGOTTEN_AFTER);
        let (failures, due) = held.entry(id).or_insert((0, real));
        *failures += 1;
        *due = real.plus(wait_after((*failures).min(WAIT_GROWS_TO)).unwrap_or_default());
        *failures
    }

    /// It is done, or somebody else's.
    pub fn forget(&self, id: i64) {
        self.held().remove(&id);
    }

    fn held(&self) -> MutexGuard<'_, HashMap<i64, (i64, Moment)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5 s after the first failure, 10 s after the second (`wait_after`).
    #[test]
    fn the_wait_grows_with_each_failure_and_ends_with_success() {
        let at =
            |seconds: i64| Moment::parse_rfc3339("2026-11-16T00:00:00Z").unwrap().plus(TimeDelta::seconds(seconds));
        let put_off = PutOff::default();
        assert!(put_off.is_due(7, at(0)));
        assert_eq!(put_off.failed(7, at(0)), 1);
        assert!(!put_off.is_due(7, at(4)) && put_off.is_due(7, at(5)) && put_off.is_due(8, at(0)));
        assert_eq!(put_off.failed(7, at(5)), 2);
        assert!(!put_off.is_due(7, at(14)) && put_off.is_due(7, at(15)));
        put_off.forget(7);
        assert!(put_off.is_due(7, at(14)));
    }
}
