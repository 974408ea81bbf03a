//! States of a message and of an observation.

use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![
        table(
            "entity-message",
            (MessageState::ALL, |state| Named::new(state.code(), format!("message-{}", state.code()))),
            (MessageEvent::ALL, |event| Named::new(event.code(), event.word())),
            MessageState::after,
        ),
        table(
            "entity-observation",
            (ObservationState::ALL, |state| Named::new(state.code(), state.word())),
            (ObservationEvent::ALL, |event| Named::new(event.code(), event.word())),
            ObservationState::after,
        ),
        super::profiles::state::states(),
    ]
}

/// How far a message has come. Its bytes never change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageState {
    /// Stored; not read yet.
    Received,
    /// Read; some rows wait for a person.
    Held,
    /// Read; every row is filed or was set aside by a person.
    Done,
    /// The profile could not read it, or there is no such instrument.
    Unreadable,
}

/// What happens to a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageEvent {
    /// Reading left no row waiting.
    ReadWhole,
    /// Reading left rows waiting.
    ReadWithHeld,
    CannotBeRead,
    /// A person settled the last waiting row.
    Settled,
    /// Read again with a newer profile or a new instrument.
    ReadAgain,
}

impl MessageEvent {
    pub const ALL: &[Self] = &[Self::ReadWhole, Self::ReadWithHeld, Self::CannotBeRead, Self::Settled, Self::ReadAgain];

    pub fn code(self) -> &'static str {
        match self {
            Self::ReadWhole => "read_whole",
            Self::ReadWithHeld => "read_with_held",
            Self::CannotBeRead => "cannot_be_read",
            Self::Settled => "settled",
            Self::ReadAgain => "read_again",
        }
    }

    pub fn word(self) -> String {
        format!("message-event-{}", self.code().replace('_', "-"))
    }
}

impl MessageState {
    pub const ALL: &[MessageState] = &[Self::Received, Self::Held, Self::Done, Self::Unreadable];

    pub fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Held => "held",
            Self::Done => "done",
            Self::Unreadable => "unreadable",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The state after an event; `None` where the event has no place.
    pub fn after(self, event: MessageEvent) -> Option<Self> {
        use MessageEvent as E;
        match (self, event) {
            (Self::Received, E::ReadWhole) | (Self::Held, E::Settled) => Some(Self::Done),
            (Self::Received, E::ReadWithHeld) => Some(Self::Held),
            (Self::Received, E::CannotBeRead) => Some(Self::Unreadable),
            // What is filed stays filed; a new reading adds what the earlier one missed.
            (Self::Held | Self::Done | Self::Unreadable, E::ReadAgain) => Some(Self::Received),
            (Self::Received, E::Settled | E::ReadAgain)
            | (Self::Held, E::ReadWhole | E::ReadWithHeld | E::CannotBeRead)
            | (Self::Done, E::ReadWhole | E::ReadWithHeld | E::CannotBeRead | E::Settled)
            | (Self::Unreadable, E::ReadWhole | E::ReadWithHeld | E::CannotBeRead | E::Settled) => None,
        }
    }
}

/// Where a row of a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObservationState {
    Held,
    Filed,
    /// A person said that it belongs nowhere, or it is no result (an order, a query, a statistic).
    Ignored,
}

/// What happens to a row that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObservationEvent {
    /// It found its cell.
    File,
    /// Tried again, and it still has none; the reason may be another.
    HoldAgain,
    /// A person says that it belongs nowhere.
    SetAside,
}

impl ObservationEvent {
    pub const ALL: &[Self] = &[Self::File, Self::HoldAgain, Self::SetAside];

    pub fn code(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::HoldAgain => "hold_again",
            Self::SetAside => "set_aside",
        }
    }

    pub fn word(self) -> String {
        format!("observation-event-{}", self.code().replace('_', "-"))
    }
}

impl ObservationState {
    pub const ALL: &[Self] = &[Self::Held, Self::Filed, Self::Ignored];

    pub fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Filed => "filed",
            Self::Ignored => "ignored",
        }
    }

    /// The key of the state's name in the message files.
    pub fn word(self) -> String {
        format!("observation-{}", self.code())
    }

    /// The state after an event; `None` where the event has no place: what is filed or set aside stays so.
    pub fn after(self, event: ObservationEvent) -> Option<Self> {
        use ObservationEvent as E;
        match (self, event) {
            (Self::Held, E::File) => Some(Self::Filed),
            (Self::Held, E::HoldAgain) => Some(Self::Held),
            (Self::Held, E::SetAside) => Some(Self::Ignored),
            (Self::Filed | Self::Ignored, E::File | E::HoldAgain | E::SetAside) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_once_and_settled_by_people() {
        use MessageEvent as E;
        assert_eq!(MessageState::Received.after(E::ReadWhole), Some(MessageState::Done));
        assert_eq!(MessageState::Received.after(E::ReadWithHeld), Some(MessageState::Held));
        assert_eq!(MessageState::Held.after(E::Settled), Some(MessageState::Done));
        for read in [MessageState::Unreadable, MessageState::Held, MessageState::Done] {
            assert_eq!(read.after(E::ReadAgain), Some(MessageState::Received));
        }
        for event in [E::ReadWhole, E::ReadWithHeld, E::CannotBeRead, E::Settled] {
            assert_eq!(MessageState::Done.after(event), None, "{event:?}");
        }
    }

    #[test]
    fn a_row_is_settled_once() {
        use ObservationEvent as E;
        assert_eq!(ObservationState::Held.after(E::File), Some(ObservationState::Filed));
        assert_eq!(ObservationState::Held.after(E::SetAside), Some(ObservationState::Ignored));
        assert_eq!(ObservationState::Filed.after(E::SetAside), None);
        assert_eq!(ObservationState::Ignored.after(E::File), None);
    }
}
