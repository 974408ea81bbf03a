//! States of test items and worksheets (`workflow.md` 3), pure.

use super::{ITEM_WRONG_STATE, WORKSHEET_WRONG_STATE};
use crate::domain::refusal::Reason;
use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![
        table(
            "entity-item",
            (ItemState::ALL, |state| Named::new(state.code(), state.word())),
            (ItemEvent::ALL, |event| Named::new(event.code(), event.word())),
            |state, event| state.after(event).ok(),
        ),
        table(
            "entity-worksheet",
            (WorksheetState::ALL, |state| Named::new(state.code(), state.word())),
            (WorksheetEvent::ALL, |event| Named::new(event.code(), event.word())),
            |state, event| state.after(event).ok(),
        ),
    ]
}

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),+];

            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

coded!(
    /// Progress of one test item.
    ItemState {
        Planned = "planned",
        Assigned = "assigned",
        InBatch = "in_batch",
        Measured = "measured",
        Calculated = "calculated",
        Checked = "checked",
        Final = "final",
        RepeatOrdered = "repeat_ordered",
        Subcontracted = "subcontracted",
        Cancelled = "cancelled",
    }
);

coded!(
    ItemEvent {
        /// To a tester; also to another one.
        Assign = "assign",
        PutInBatch = "put_in_batch",
        /// Everything that the calculation needs has been entered.
        Measure = "measure",
        Calculate = "calculate",
        Check = "check",
        /// At the report's authorization.
        Finalize = "finalize",
        OrderRepeat = "order_repeat",
        /// Its report was recalled: the result did not hold (ISO/IEC 17025 7.10).
        Reopen = "reopen",
        /// An entry it rests on was corrected: a new version of the result, to be checked again.
        Recompute = "recompute",
        /// A verdict that was open is decided: a new version of the result, to be checked again.
        Decide = "decide",
        /// To another laboratory.
        Subcontract = "subcontract",
        /// Back from the other laboratory, which does not test it after all.
        TakeBack = "take_back",
        /// The other laboratory's report came: its result is judged here.
        ReceiveResult = "receive_result",
        /// It is tested no more; what is calculated is reported or repeated.
        Cancel = "cancel",
    }
);

impl ItemEvent {
    /// The key of the event's name in the message files.
    pub fn word(self) -> String {
        format!("item-event-{}", self.code().replace('_', "-"))
    }
}

impl ItemState {
    /// The key of the state's name in the message files.
    pub fn word(self) -> String {
        format!("item-{}", self.code().replace('_', "-"))
    }

    /// # Errors
    /// `item-wrong-state`, which names the state.
    pub fn after(self, event: ItemEvent) -> Result<ItemState, Reason> {
        use {ItemEvent as E, ItemState as S};
        Ok(match (self, event) {
            (S::Planned | S::Assigned | S::RepeatOrdered, E::Assign) => S::Assigned,
            // A repeat goes back to the tester it was assigned to.
            (S::Assigned | S::RepeatOrdered, E::PutInBatch) => S::InBatch,
            (S::InBatch | S::Measured, E::Measure) => S::Measured,
            (S::Measured, E::Calculate) => S::Calculated,
            (S::Calculated, E::Check) => S::Checked,
            (S::Checked, E::Finalize) => S::Final,
            // Before the report is authorized a doubtful result may be repeated; afterwards it is amended.
            (S::Calculated | S::Checked, E::OrderRepeat) | (S::Final, E::Reopen) => S::RepeatOrdered,
            (S::Calculated | S::Checked | S::Final, E::Recompute) => S::Calculated,
            (S::Calculated | S::Checked, E::Decide) => S::Calculated,
            (S::Planned | S::Assigned | S::RepeatOrdered, E::Subcontract) => S::Subcontracted,
            (S::Subcontracted, E::TakeBack) => S::Planned,
            (S::Subcontracted, E::ReceiveResult) => S::Calculated,
            (S::Planned | S::Assigned | S::InBatch | S::Measured | S::RepeatOrdered | S::Subcontracted, E::Cancel) => {
                S::Cancelled
            }
            (
                S::Planned,
                E::PutInBatch
                | E::Measure
                | E::Calculate
                | E::Check
                | E::Finalize
                | E::OrderRepeat
                | E::Reopen
                | E::Recompute
                | E::Decide,
            )
            | (
                S::Assigned,
                E::Measure
                | E::Calculate
                | E::Check
                | E::Finalize
                | E::OrderRepeat
                | E::Reopen
                | E::Recompute
                | E::Decide,
            )
            | (
                S::InBatch,
                E::Assign
                | E::PutInBatch
                | E::Calculate
                | E::Check
                | E::Finalize
                | E::OrderRepeat
                | E::Reopen
                | E::Recompute
                | E::Decide
                | E::Subcontract,
            )
            | (
                S::Measured,
                E::Assign
                | E::PutInBatch
                | E::Check
                | E::Finalize
                | E::OrderRepeat
                | E::Reopen
                | E::Recompute
                | E::Decide
                | E::Subcontract,
            )
            | (
                S::Calculated,
                E::Assign
                | E::PutInBatch
                | E::Measure
                | E::Calculate
                | E::Finalize
                | E::Reopen
                | E::Subcontract
                | E::Cancel,
            )
            | (
                S::Checked,
                E::Assign
                | E::PutInBatch
                | E::Measure
                | E::Calculate
                | E::Check
                | E::Reopen
                | E::Subcontract
                | E::Cancel,
            )
            | (
                S::Final,
                E::Assign
                | E::PutInBatch
                | E::Measure
                | E::Calculate
                | E::Check
                | E::Finalize
                | E::OrderRepeat
                | E::Decide
                | E::Subcontract
                | E::Cancel,
            )
            | (
                S::RepeatOrdered,
                E::Measure
                | E::Calculate
                | E::Check
                | E::Finalize
                | E::OrderRepeat
                | E::Reopen
                | E::Recompute
                | E::Decide,
            )
            | (
                S::Subcontracted,
                E::Assign
                | E::PutInBatch
                | E::Measure
                | E::Calculate
                | E::Check
                | E::Finalize
                | E::OrderRepeat
                | E::Reopen
                | E::Recompute
                | E::Decide
                | E::Subcontract,
            )
            | (
                S::Planned
                | S::Assigned
                | S::InBatch
                | S::Measured
                | S::Calculated
                | S::Checked
                | S::Final
                | S::RepeatOrdered,
                E::TakeBack | E::ReceiveResult,
            )
            | (S::Cancelled, _) => {
                return Err(ITEM_WRONG_STATE.reason().with_word("state", self.word()).with_word("step", event.word()));
            }
        })
    }
}

coded!(
    /// Progress of a worksheet. QC decides between submitted and held.
    WorksheetState {
        Open = "open",
        Submitted = "submitted",
        /// A control failed: nothing of the sheet may be checked.
        Held = "held",
        /// A control failed and the quality officer released the sheet, with cause and action.
        Released = "released",
    }
);

coded!(
    WorksheetEvent {
        SubmitAccepted = "submit_accepted",
        SubmitRejected = "submit_rejected",
        /// Recalculated after a correction.
        CorrectAccepted = "correct_accepted",
        CorrectRejected = "correct_rejected",
        Release = "release",
    }
);

impl WorksheetEvent {
    /// The key of the event's name in the message files.
    pub fn word(self) -> String {
        format!("worksheet-event-{}", self.code().replace('_', "-"))
    }
}

impl WorksheetState {
    /// The key of the state's name in the message files.
    pub fn word(self) -> String {
        format!("worksheet-{}", self.code())
    }

    /// # Errors
    /// `worksheet-wrong-state`, which names the state.
    pub fn after(self, event: WorksheetEvent) -> Result<WorksheetState, Reason> {
        use {WorksheetEvent as E, WorksheetState as S};
        Ok(match (self, event) {
            (S::Open, E::SubmitAccepted) => S::Submitted,
            (S::Open, E::SubmitRejected) => S::Held,
            (S::Submitted | S::Held | S::Released, E::CorrectAccepted) => S::Submitted,
            (S::Submitted | S::Held | S::Released, E::CorrectRejected) => S::Held,
            (S::Held, E::Release) => S::Released,
            (S::Open, E::CorrectAccepted | E::CorrectRejected | E::Release)
            | (S::Submitted | S::Released, E::SubmitAccepted | E::SubmitRejected | E::Release)
            | (S::Held, E::SubmitAccepted | E::SubmitRejected) => {
                return Err(WORKSHEET_WRONG_STATE.reason().with_word("state", self.word()));
            }
        })
    }

    /// Whether results of the sheet may be used.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Submitted | Self::Released)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table of items, written by hand: every pair that is not here is refused.
    const ITEM_STEPS: &[(&str, &str, &str)] = &[
        ("planned", "assign", "assigned"),
        ("planned", "subcontract", "subcontracted"),
        ("planned", "cancel", "cancelled"),
        ("assigned", "assign", "assigned"),
        ("assigned", "put_in_batch", "in_batch"),
        ("assigned", "subcontract", "subcontracted"),
        ("assigned", "cancel", "cancelled"),
        ("in_batch", "measure", "measured"),
        ("in_batch", "cancel", "cancelled"),
        ("measured", "measure", "measured"),
        ("measured", "calculate", "calculated"),
        ("measured", "cancel", "cancelled"),
        ("calculated", "check", "checked"),
        ("calculated", "order_repeat", "repeat_ordered"),
        ("calculated", "recompute", "calculated"),
        ("calculated", "decide", "calculated"),
        ("checked", "finalize", "final"),
        ("checked", "order_repeat", "repeat_ordered"),
        ("checked", "recompute", "calculated"),
        ("checked", "decide", "calculated"),
        ("final", "reopen", "repeat_ordered"),
        ("final", "recompute", "calculated"),
        ("repeat_ordered", "assign", "assigned"),
        ("repeat_ordered", "put_in_batch", "in_batch"),
        ("repeat_ordered", "subcontract", "subcontracted"),
        ("repeat_ordered", "cancel", "cancelled"),
        ("subcontracted", "take_back", "planned"),
        ("subcontracted", "receive_result", "calculated"),
        ("subcontracted", "cancel", "cancelled"),
    ];

    #[test]
    fn items_move_along_the_table_only() {
        let mut found = Vec::new();
        for state in ItemState::ALL {
            for event in ItemEvent::ALL {
                if let Ok(next) = state.after(*event) {
                    found.push((state.code(), event.code(), next.code()));
                }
            }
        }
        assert_eq!(found, ITEM_STEPS);
        for state in ItemState::ALL {
            assert_eq!(ItemState::parse(state.code()), Some(*state));
        }
    }

    const SHEET_STEPS: &[(&str, &str, &str)] = &[
        ("open", "submit_accepted", "submitted"),
        ("open", "submit_rejected", "held"),
        ("submitted", "correct_accepted", "submitted"),
        ("submitted", "correct_rejected", "held"),
        ("held", "correct_accepted", "submitted"),
        ("held", "correct_rejected", "held"),
        ("held", "release", "released"),
        ("released", "correct_accepted", "submitted"),
        ("released", "correct_rejected", "held"),
    ];

    #[test]
    fn worksheets_move_along_the_table_only() {
        let mut found = Vec::new();
        for state in WorksheetState::ALL {
            for event in WorksheetEvent::ALL {
                if let Ok(next) = state.after(*event) {
                    found.push((state.code(), event.code(), next.code()));
                }
            }
        }
        assert_eq!(found, SHEET_STEPS);
    }
}
