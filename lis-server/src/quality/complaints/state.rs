//! The life of a complaint, pure.

use super::COMPLAINT_WRONG_STATE;
use crate::domain::refusal::Reason;
use crate::domain::states::{Named, StateTable, table};
use crate::quality::state::codes;

/// For the reference.
pub fn table_of_complaints() -> StateTable {
    table(
        "entity-complaint",
        (ComplaintState::ALL, |state| Named::new(state.code(), state.word())),
        (ComplaintEvent::ALL, |event| Named::new(event.code(), event.word())),
        |state, event| state.after(event).ok(),
    )
}

codes!(
    /// Where a complaint is.
    ComplaintState {
        Received = "received",
        /// Who complained knows that it is being looked into.
        Acknowledged = "acknowledged",
        /// Somebody not involved has said whether it is justified, and what follows.
        Decided = "decided",
        /// Who complained knows the outcome.
        Told = "told",
    }
);

codes!(
    ComplaintEvent {
        Acknowledge = "acknowledge",
        Decide = "decide",
        Tell = "tell",
    }
);

impl ComplaintEvent {
    /// The key of the event's name in the message files.
    pub fn word(self) -> String {
        format!("complaint-event-{}", self.code())
    }
}

impl ComplaintState {
    /// The key of the state's name in the message files.
    pub fn word(self) -> String {
        format!("complaint-{}", self.code())
    }

    /// # Errors
    /// `complaint-wrong-state`: each step once, in order.
    pub fn after(self, event: ComplaintEvent) -> Result<Self, Reason> {
        use {ComplaintEvent as E, ComplaintState as S};
        match (self, event) {
            (S::Received, E::Acknowledge) => Ok(S::Acknowledged),
            (S::Acknowledged, E::Decide) => Ok(S::Decided),
            (S::Decided, E::Tell) => Ok(S::Told),
            (S::Received, E::Decide | E::Tell)
            | (S::Acknowledged, E::Acknowledge | E::Tell)
            | (S::Decided, E::Acknowledge | E::Decide)
            | (S::Told, _) => {
                Err(COMPLAINT_WRONG_STATE.reason().with_word("state", self.word()).with_word("step", event.word()))
            }
        }
    }
}

codes!(
    /// What was decided.
    Decision {
        Justified = "justified",
        Unjustified = "unjustified",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q79-1
    #[test]
    fn a_complaint_goes_one_way() {
        let mut found = Vec::new();
        for state in ComplaintState::ALL {
            for event in ComplaintEvent::ALL {
                if let Ok(next) = state.after(*event) {
                    found.push((state.code(), event.code(), next.code()));
                }
            }
        }
        let stated = [
            ("received", "acknowledge", "acknowledged"),
            ("acknowledged", "decide", "decided"),
            ("decided", "tell", "told"),
        ];
        assert_eq!(found, stated);
    }
}
