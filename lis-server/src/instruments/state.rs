//! States of a message and of an observation.

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

impl ObservationState {
    pub fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Filed => "filed",
            Self::Ignored => "ignored",
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
}
