//! How often the programs behind tokens may ask: one that runs wild must not slow the workstations. Counted in the
//! process, so several processes behind one address allow as many times the limit.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::TOO_MANY_REQUESTS;
use crate::domain::ids::TokenId;
use crate::domain::refusal::Reason;

/// What every token has left.
pub struct Pace {
    limiter: DefaultKeyedRateLimiter<TokenId>,
    clock: DefaultClock,
    per_minute: NonZeroU32,
}

impl Pace {
    /// A minute's requests may come at once; afterwards they come back evenly.
    pub fn new(per_minute: NonZeroU32) -> Self {
        let clock = DefaultClock::default();
        Self { limiter: DefaultKeyedRateLimiter::keyed(Quota::per_minute(per_minute)), clock, per_minute }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// `too-many-requests` with the whole seconds until the next one is welcome.
    pub fn check(&self, token: TokenId) -> Result<(), Reason> {
        self.limiter.check_key(&token).map_err(|early| {
            let wait = early.wait_time_from(self.clock.now());
            TOO_MANY_REQUESTS.with("limit", self.per_minute).with("seconds", seconds_at_least(wait))
        })
    }
}

/// Rounded up: who comes back then is not refused again.
pub(super) fn seconds_at_least(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_has_a_pace_of_its_own() {
        let pace = Pace::new(NonZeroU32::new(2).unwrap());
        let (busy, quiet) = (TokenId(1), TokenId(2));
        assert!(pace.check(busy).is_ok() && pace.check(busy).is_ok());
        let refused = pace.check(busy).unwrap_err();
        assert_eq!(refused, TOO_MANY_REQUESTS.with("limit", 2).with("seconds", 30));
        assert!(pace.check(quiet).is_ok());
    }

    #[test]
    fn a_wait_is_never_rounded_down() {
        assert_eq!(seconds_at_least(Duration::from_millis(1001)), 2);
        assert_eq!(seconds_at_least(Duration::from_secs(3)), 3);
    }
}
