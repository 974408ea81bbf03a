//! The life of non-conforming work (ISO/IEC 17025 7.10, `quality.md` Q710-1 and Q710-2), pure.

use super::{WORK_CLOSED, WORK_WRONG_STATE};
use crate::domain::refusal::Reason;
use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    let work = table(
        "entity-work",
        (WorkState::ALL, |state| Named::new(state.code(), state.word())),
        (WorkEvent::ALL, |event| Named::new(event.code(), event.word())),
        |state, event| state.after(event).ok(),
    );
    vec![work, super::complaints::state::table_of_complaints()]
}

/// An enum of codes: the name in the database, and back.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(super) use codes;

codes!(
    /// Where non-conforming work is.
    WorkState {
        /// Found; everything that it concerns is listed.
        Open = "open",
        /// Its items stand in no report until they are evaluated.
        Held = "held",
        /// Of every item it is said whether its result is affected.
        Evaluated = "evaluated",
        /// Work goes on: what is not affected is free, what is affected is tested again.
        Resumed = "resumed",
        /// Cause and corrective action stand, with a date.
        Correcting = "correcting",
        /// The corrective action worked.
        Effective = "effective",
        Closed = "closed",
    }
);

codes!(
    WorkEvent {
        Hold = "hold",
        /// The last item was evaluated.
        Evaluate = "evaluate",
        /// Reports that stand on affected results are recalled.
        Recall = "recall",
        Resume = "resume",
        /// Cause, action and date are set, also anew.
        Correct = "correct",
        Confirm = "confirm",
        /// The action did not work: another one is needed.
        Doubt = "doubt",
        Close = "close",
    }
);

impl WorkEvent {
    /// The key of the event's name in the message files.
    pub fn word(self) -> String {
        format!("work-event-{}", self.code())
    }
}

impl WorkState {
    /// The key of the state's name in the message files.
    pub fn word(self) -> String {
        format!("work-state-{}", self.code())
    }

    /// # Errors
    /// `work-closed`: what was done about it is not changed afterwards; new findings are new work. `work-wrong-state`: the
    /// step comes too early or too late.
    pub fn after(self, event: WorkEvent) -> Result<Self, Reason> {
        use {WorkEvent as E, WorkState as S};
        Ok(match (self, event) {
            (S::Open, E::Hold) => S::Held,
            (S::Open | S::Held, E::Evaluate) => S::Evaluated,
            // A wrong report is recalled as soon as it is known to be wrong.
            (S::Open | S::Held | S::Evaluated, E::Recall) => self,
            (S::Evaluated, E::Resume) => S::Resumed,
            (S::Resumed | S::Correcting, E::Correct) => S::Correcting,
            (S::Correcting, E::Confirm) => S::Effective,
            (S::Correcting, E::Doubt) => S::Correcting,
            (S::Resumed | S::Effective, E::Close) => S::Closed,
            (S::Closed, _) => return Err(WORK_CLOSED.reason()),
            (S::Open, E::Resume | E::Correct | E::Confirm | E::Doubt | E::Close)
            | (S::Held, E::Hold | E::Resume | E::Correct | E::Confirm | E::Doubt | E::Close)
            | (S::Evaluated, E::Hold | E::Evaluate | E::Correct | E::Confirm | E::Doubt | E::Close)
            | (S::Resumed, E::Hold | E::Evaluate | E::Recall | E::Resume | E::Confirm | E::Doubt)
            | (S::Correcting, E::Hold | E::Evaluate | E::Recall | E::Resume | E::Close)
            | (S::Effective, E::Hold | E::Evaluate | E::Recall | E::Resume | E::Correct | E::Confirm | E::Doubt) => {
                return Err(WORK_WRONG_STATE.reason().with_word("state", self.word()).with_word("step", event.word()));
            }
        })
    }
}

codes!(
    /// What non-conforming work is about.
    Subject {
        /// A value that was corrected after its sheet was submitted.
        Entry = "entry",
        Instrument = "instrument",
        /// A lot of a reagent, medium or standard.
        Lot = "lot",
        Person = "person",
        /// A proficiency test that was not satisfactory.
        Proficiency = "proficiency",
        /// A failing conclusion that fell by a re-inspection or an objection (`workflow.md` 11).
        Overturned = "overturned",
    }
);

codes!(
    /// How likely it is to happen again, and how bad that would be.
    Risk {
        /// It cannot recur: the correction is enough (ISO/IEC 17025 7.10.3).
        Low = "low",
        Medium = "medium",
        High = "high",
    }
);

impl Risk {
    pub fn needs_corrective_action(self) -> bool {
        matches!(self, Self::Medium | Self::High)
    }
}

codes!(
    /// What non-conforming work means for one result.
    Effect {
        None = "none",
        Affected = "affected",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table, written by hand: every pair that is not here is refused.
    const STEPS: &[(&str, &str, &str)] = &[
        ("open", "hold", "held"),
        ("open", "evaluate", "evaluated"),
        ("open", "recall", "open"),
        ("held", "evaluate", "evaluated"),
        ("held", "recall", "held"),
        ("evaluated", "recall", "evaluated"),
        ("evaluated", "resume", "resumed"),
        ("resumed", "correct", "correcting"),
        ("resumed", "close", "closed"),
        ("correcting", "correct", "correcting"),
        ("correcting", "confirm", "effective"),
        ("correcting", "doubt", "correcting"),
        ("effective", "close", "closed"),
    ];

    // Requirement: Q710-1
    #[test]
    fn work_moves_along_the_table_only() {
        let mut found = Vec::new();
        for state in WorkState::ALL {
            for event in WorkEvent::ALL {
                if let Ok(next) = state.after(*event) {
                    found.push((state.code(), event.code(), next.code()));
                }
            }
            assert_eq!(WorkState::parse(state.code()), Some(*state));
        }
        assert_eq!(found, STEPS);
    }

    #[test]
    fn work_is_closed_once() {
        let again = WorkState::Closed.after(WorkEvent::Close);
        assert_eq!(again.map_err(|reason| reason.problem), Err(WORK_CLOSED));
        let early = WorkState::Open.after(WorkEvent::Close);
        assert_eq!(early.map_err(|reason| reason.problem), Err(WORK_WRONG_STATE));
    }
}
