//! How often one address may knock at the doors that stand open to everybody: the sign-in, polls, the comparison of files.
//! A laboratory, a village or an office stands behind one address, so what is braked at the sign-in is failures and not
//! people. Counted in the process, so several processes behind one address allow as many times the limit.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::TOO_MANY_FROM_ADDRESS;
use super::pace::seconds_at_least;
use crate::domain::clock::Moment;
use crate::domain::refusal::Reason;

/// Failures of an address are forgotten after so long without another.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(1);
/// The first wait; each further failure doubles it up to the longest. Short enough that a laboratory that shares its address
/// with the guesser goes on working.
const FIRST_WAIT_S: i64 = 1;
const LONGEST_WAIT_S: i64 = 300;
/// So many addresses are remembered before those that are no longer braked are swept out.
const REMEMBERED: usize = 10_000;
/// Answers to a poll that takes none any more are kept, as invalid; one address may bring a tenth as many of them.
const LATE_SHARE: u32 = 10;

/// What each address has left.
pub struct Doors {
    sign_ins: Brake,
    answers: Limit,
    late_answers: Limit,
    files: Limit,
}

impl Doors {
    /// Failed sign-ins of an address that are free in an hour; answers, and files to be compared, of an address in an hour.
    pub fn new(free_failures: NonZeroU32, public_per_hour: NonZeroU32) -> Self {
        let late = NonZeroU32::new(public_per_hour.get() / LATE_SHARE).unwrap_or(NonZeroU32::MIN);
        Self {
            sign_ins: Brake::new(free_failures),
            answers: Limit::new(public_per_hour),
            late_answers: Limit::new(late),
            files: Limit::new(public_per_hour),
        }
    }

    /// # Errors
    /// `too-many-from-address` while the address waits after failed sign-ins.
    pub fn sign_in(&self, address: Option<IpAddr>, real: Moment) -> Result<(), Reason> {
        self.sign_ins.check(network(address), real)
    }

    /// Notes a failed sign-in.
    pub fn sign_in_failed(&self, address: Option<IpAddr>, real: Moment) {
        self.sign_ins.failed(network(address), real);
    }

    /// Counts an answer to a poll that takes answers, or that takes none.
    ///
    /// # Errors
    /// `too-many-from-address` with the whole seconds until the next one is welcome.
    pub fn answer(&self, address: Option<IpAddr>, running: bool) -> Result<(), Reason> {
        let limit = if running { &self.answers } else { &self.late_answers };
        limit.count(network(address))
    }

    /// Counts a file that is brought to be compared.
    ///
    /// # Errors
    /// `too-many-from-address` with the whole seconds until the next one is welcome.
    pub fn file(&self, address: Option<IpAddr>) -> Result<(), Reason> {
        self.files.count(network(address))
    }
}

/// Whom an address stands for: of IPv6 the whole network of 64 bits, within which everybody may choose his own. Where no
/// address is known, all share one.
fn network(address: Option<IpAddr>) -> IpAddr {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V6(six)) => IpAddr::V6(Ipv6Addr::from(u128::from(six) & !u128::from(u64::MAX))),
        Some(four) => four,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

/// So much in an hour, which may come at once; afterwards it comes back evenly.
struct Limit {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Limit {
    fn new(per_hour: NonZeroU32) -> Self {
        Self { limiter: DefaultKeyedRateLimiter::keyed(Quota::per_hour(per_hour)), clock: DefaultClock::default() }
    }

    fn count(&self, address: IpAddr) -> Result<(), Reason> {
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&address).map_err(|early| {
            let wait = early.wait_time_from(self.clock.now());
            TOO_MANY_FROM_ADDRESS.with("seconds", seconds_at_least(wait))
        })
    }
}

/// Failures of addresses, on the machine's time.
struct Brake {
    free: i64,
    failures: Mutex<HashMap<IpAddr, Failures>>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: i64,
    last: Moment,
}

impl Failures {
    fn is_forgotten(&self, real: Moment) -> bool {
        real.since(self.last) >= FORGOTTEN_AFTER
    }
}

impl Brake {
    fn new(free: NonZeroU32) -> Self {
        Self { free: i64::from(free.get()), failures: Mutex::default() }
    }

    fn check(&self, address: IpAddr, real: Moment) -> Result<(), Reason> {
        let held = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(failures) = held.get(&address).filter(|failures| !failures.is_forgotten(real)) else {
            return Ok(());
        };
        let waits_until = failures.last.plus(self.wait_after(failures.count));
        if waits_until <= real {
            return Ok(());
        }
        Err(TOO_MANY_FROM_ADDRESS.with("seconds", waits_until.since(real).num_seconds().max(1)))
    }

    fn failed(&self, address: IpAddr, real: Moment) {
        let mut held = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() > REMEMBERED {
            held.retain(|_, failures| !failures.is_forgotten(real));
        }
        let before = held.get(&address).filter(|failures| !failures.is_forgotten(real)).map_or(0, |known| known.count);
        held.insert(address, Failures { count: before + 1, last: real });
    }

    fn wait_after(&self, count: i64) -> TimeDelta {
        let beyond = count - self.free;
        if beyond <= 0 {
            return TimeDelta::zero();
        }
        let doublings = u32::try_from(beyond - 1).unwrap_or(u32::MAX).min(16);
        TimeDelta::seconds((FIRST_WAIT_S << doublings).min(LONGEST_WAIT_S))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(free: u32, public: u32) -> Doors {
        Doors::new(NonZeroU32::new(free).unwrap(), NonZeroU32::new(public).unwrap())
    }

    fn at(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn noon() -> Moment {
        Moment::parse_in_china("2026-11-16 12:00").unwrap()
    }

    fn waits(doors: &Doors, address: &str, real: Moment) -> Option<Reason> {
        doors.sign_in(at(address), real).err()
    }

    #[test]
    fn only_failures_beyond_the_free_ones_are_braked_and_the_wait_doubles() {
        let doors = doors(3, 1);
        for _ in 0..3 {
            doors.sign_in_failed(at("10.0.0.1"), noon());
            assert_eq!(waits(&doors, "10.0.0.1", noon()), None);
        }
        doors.sign_in_failed(at("10.0.0.1"), noon());
        assert_eq!(waits(&doors, "10.0.0.1", noon()), Some(TOO_MANY_FROM_ADDRESS.with("seconds", 1)));
        assert_eq!(waits(&doors, "10.0.0.2", noon()), None, "the neighbour");
        let later = noon().plus(TimeDelta::seconds(1));
        assert_eq!(waits(&doors, "10.0.0.1", later), None);
        doors.sign_in_failed(at("10.0.0.1"), later);
        assert_eq!(waits(&doors, "10.0.0.1", later), Some(TOO_MANY_FROM_ADDRESS.with("seconds", 2)));
        for _ in 0..40 {
            doors.sign_in_failed(at("10.0.0.1"), later);
        }
        assert_eq!(waits(&doors, "10.0.0.1", later), Some(TOO_MANY_FROM_ADDRESS.with("seconds", 300)));
        assert_eq!(waits(&doors, "10.0.0.1", later.plus(TimeDelta::hours(1))), None);
        doors.sign_in_failed(at("10.0.0.1"), later.plus(TimeDelta::hours(1)));
        assert_eq!(waits(&doors, "10.0.0.1", later.plus(TimeDelta::hours(1))), None, "counted from the beginning");
    }

    #[test]
    fn a_poll_that_is_over_takes_a_tenth() {
        let doors = doors(1, 20);
        for _ in 0..2 {
            assert!(doors.answer(at("10.0.0.1"), false).is_ok());
        }
        let refused = doors.answer(at("10.0.0.1"), false).unwrap_err();
        assert_eq!(refused.problem, TOO_MANY_FROM_ADDRESS);
        assert!(doors.answer(at("10.0.0.1"), true).is_ok(), "a running one has its own count");
        assert!(doors.answer(at("10.0.0.2"), false).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_place() {
        let same = |a: &str, b: &str| network(at(a)) == network(at(b));
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:10.0.0.1", "10.0.0.1"));
        assert!(!same("10.0.0.1", "10.0.0.2"));
    }
}
