//! The life of a job, and when it is tried again.

use chrono::TimeDelta;

use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![table(
        "entity-job",
        (JobState::ALL, |state| Named::new(state.code(), state.word())),
        (JobEvent::ALL, |event| Named::new(event.code(), event.word())),
        JobState::after,
    )]
}

/// Where a job is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobState {
    /// Waits for a runner, or is in the hands of one.
    Queued,
    Done,
    /// Not tried again by itself.
    Failed,
}

/// How a run ended, and what a person may want.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobEvent {
    Finished,
    /// It broke; runs so far.
    Broke {
        attempts: i64,
    },
    /// A rule refused it: asking again brings the same answer.
    Refused,
    /// A person wants it tried again.
    Retry,
}

impl JobEvent {
    /// One of each, and the failure that is the last one.
    const ALL: &[Self] = &[
        Self::Finished,
        Self::Broke { attempts: 1 },
        Self::Broke { attempts: ATTEMPTS_MOST },
        Self::Refused,
        Self::Retry,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Broke { attempts } if wait_after(attempts).is_some() => "broke",
            Self::Broke { .. } => "given_up",
            Self::Refused => "refused",
            Self::Retry => "retry",
        }
    }

    fn word(self) -> String {
        format!("job-event-{}", self.code().replace('_', "-"))
    }
}

impl JobState {
    pub const ALL: &[Self] = &[Self::Queued, Self::Done, Self::Failed];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn word(self) -> String {
        format!("job-{}", self.code())
    }

    /// The state after an event; `None` where the event cannot happen.
    pub fn after(self, event: JobEvent) -> Option<Self> {
        use {JobEvent as E, JobState as S};
        match (self, event) {
            (S::Queued, E::Finished) => Some(S::Done),
            (S::Queued, E::Broke { attempts }) => {
                Some(if wait_after(attempts).is_some() { S::Queued } else { S::Failed })
            }
            (S::Queued, E::Refused) => Some(S::Failed),
            (S::Failed, E::Retry) => Some(S::Queued),
            (S::Queued, E::Retry) | (S::Failed, E::Finished | E::Broke { .. } | E::Refused) | (S::Done, _) => None,
        }
    }
}

/// The first wait after a failure; each further failure doubles it.
const FIRST_WAIT_S: i64 = 5;
/// And the longest.
const LONGEST_WAIT_S: i64 = 3_600;
/// Failures until a person has to look: about four hours.
const ATTEMPTS_MOST: i64 = 12;

/// The wait after a number of failures in a row; `None`: failed for good.
pub fn wait_after(failures: i64) -> Option<TimeDelta> {
    let doublings = u32::try_from(failures - 1).unwrap_or(0).min(20);
    (failures < ATTEMPTS_MOST).then(|| TimeDelta::seconds((FIRST_WAIT_S << doublings).min(LONGEST_WAIT_S)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour_and_then_a_person_looks() {
        let waits: Vec<Option<i64>> =
            [1, 2, 3, 10, 11, 12, 13].map(|n| wait_after(n).map(|wait| wait.num_seconds())).into();
        assert_eq!(waits, [Some(5), Some(10), Some(20), Some(2_560), Some(3_600), None, None]);
    }

    #[test]
    fn a_job_ends_once_and_only_a_person_brings_a_failed_one_back() {
        use {JobEvent as E, JobState as S};
        assert_eq!(S::Queued.after(E::Broke { attempts: 11 }), Some(S::Queued));
        assert_eq!(S::Queued.after(E::Broke { attempts: 12 }), Some(S::Failed));
        assert_eq!(S::Queued.after(E::Refused), Some(S::Failed));
        assert_eq!(S::Failed.after(E::Retry), Some(S::Queued));
        assert_eq!(S::Done.after(E::Retry), None);
        assert_eq!(S::Queued.after(E::Retry), None);
    }
}
