//! States of non-conforming work (ISO/IEC 17025 7.10), pure.

use super::WORK_CLOSED;
use crate::domain::refusal::Problem;
use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![table(
        "entity-work",
        (WorkState::ALL, |state| Named::new(state.code(), state.word())),
        (WorkEvent::ALL, |event| Named::new(event.code(), event.word())),
        |state, event| state.after(event).ok(),
    )]
}

/// Where non-conforming work is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkState {
    /// Found; everything that it concerns is listed.
    Open,
    /// The corrective action stands in the log.
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorkEvent {
    Close,
}

impl WorkEvent {
    pub const ALL: &[Self] = &[Self::Close];

    pub fn code(self) -> &'static str {
        match self {
            Self::Close => "close",
        }
    }

    pub fn word(self) -> String {
        format!("work-event-{}", self.code())
    }
}

impl WorkState {
    pub const ALL: &[Self] = &[Self::Open, Self::Closed];

    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The key of the state's name in the message files.
    pub fn word(self) -> String {
        format!("work-{}", self.code())
    }

    /// # Errors
    /// `work-closed`: what was done about it is not changed afterwards; new findings are new work.
    pub fn after(self, event: WorkEvent) -> Result<Self, Problem> {
        match (self, event) {
            (Self::Open, WorkEvent::Close) => Ok(Self::Closed),
            (Self::Closed, WorkEvent::Close) => Err(WORK_CLOSED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_closed_once() {
        assert_eq!(WorkState::Open.after(WorkEvent::Close), Ok(WorkState::Closed));
        assert_eq!(WorkState::Closed.after(WorkEvent::Close), Err(WORK_CLOSED));
        assert!(WorkState::ALL.iter().all(|state| WorkState::parse(state.code()) == Some(*state)));
    }
}
