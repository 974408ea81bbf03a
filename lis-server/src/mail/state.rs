//! The life of a mail, and when it is tried again.

use chrono::TimeDelta;

use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![table(
        "entity-mail",
        (MailState::ALL, |state| Named::new(state.code(), format!("delivery-{}", state.code()))),
        (MailEvent::ALL, |event| Named::new(event.code(), event.word())),
        MailState::after,
    )]
}

/// Where a mail is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailState {
    Queued,
    /// Taken by the mail server.
    Sent,
    /// Not tried again by itself.
    Failed,
}

/// What can happen to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailEvent {
    Accepted,
    /// The server or the way to it failed; `attempts` so far.
    Delayed {
        attempts: i64,
    },
    /// The server refused it for good (5xx).
    Refused,
    /// A person wants it tried again.
    Retry,
}

impl MailEvent {
    /// One of each, and the failure that is the last one.
    const ALL: &[Self] = &[
        Self::Accepted,
        Self::Delayed { attempts: 1 },
        Self::Delayed { attempts: ATTEMPTS_MOST },
        Self::Refused,
        Self::Retry,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Delayed { attempts } if wait_after(attempts).is_some() => "delayed",
            Self::Delayed { .. } => "given_up",
            Self::Refused => "refused",
            Self::Retry => "retry",
        }
    }

    fn word(self) -> String {
        format!("delivery-event-{}", self.code().replace('_', "-"))
    }
}

impl MailState {
    pub const ALL: &[MailState] = &[Self::Queued, Self::Sent, Self::Failed];

    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The state after an event; `None` where the event cannot happen.
    pub fn after(self, event: MailEvent) -> Option<Self> {
        use {MailEvent as E, MailState as S};
        match (self, event) {
            (S::Queued, E::Accepted) => Some(S::Sent),
            (S::Queued, E::Delayed { attempts }) => {
                Some(if wait_after(attempts).is_some() { S::Queued } else { S::Failed })
            }
            (S::Queued, E::Refused) => Some(S::Failed),
            (S::Failed, E::Retry) => Some(S::Queued),
            // A sent mail cannot be called back, and sending it again is a new mail with a key of its own.
            (S::Sent, _) | (S::Failed, E::Accepted | E::Delayed { .. } | E::Refused) | (S::Queued, E::Retry) => None,
        }
    }
}

/// The first wait after a failure; each further failure doubles it.
const FIRST_WAIT_MIN: i64 = 1;
/// And the longest: a mail server that is down over a weekend is tried every four hours.
const LONGEST_WAIT_MIN: i64 = 4 * 60;
/// Failures until staff must look: the waits add up to eleven hours, so that a failure of the night is seen in the
/// morning.
const ATTEMPTS_MOST: i64 = 10;

/// The wait after a number of failures in a row; `None`: failed for good.
pub fn wait_after(attempts: i64) -> Option<TimeDelta> {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(20);
    (attempts < ATTEMPTS_MOST).then(|| TimeDelta::minutes((FIRST_WAIT_MIN << doublings).min(LONGEST_WAIT_MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_a_minute_to_four_hours() {
        let waits: Vec<Option<i64>> =
            (1..=11).map(|attempts| wait_after(attempts).map(|wait| wait.num_minutes())).collect();
        let expected =
            [Some(1), Some(2), Some(4), Some(8), Some(16), Some(32), Some(64), Some(128), Some(240), None, None];
        assert_eq!(waits, expected);
    }

    #[test]
    fn a_mail_is_sent_once_and_a_failed_one_waits_for_a_person() {
        use MailEvent::*;
        assert_eq!(MailState::Queued.after(Accepted), Some(MailState::Sent));
        assert_eq!(MailState::Queued.after(Delayed { attempts: 9 }), Some(MailState::Queued));
        assert_eq!(MailState::Queued.after(Delayed { attempts: 10 }), Some(MailState::Failed));
        assert_eq!(MailState::Queued.after(Refused), Some(MailState::Failed));
        assert_eq!(MailState::Failed.after(Retry), Some(MailState::Queued));
        for event in [Accepted, Refused, Retry, Delayed { attempts: 1 }] {
            assert_eq!(MailState::Sent.after(event), None, "{event:?}");
        }
        assert_eq!(MailState::Queued.after(Retry), None);
    }
}
