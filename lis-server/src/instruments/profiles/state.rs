//! How far a version of a profile is to be trusted.

use crate::domain::states::{Named, StateTable, table};

/// The table of this room, for the reference.
pub fn states() -> StateTable {
    table(
        "entity-profile",
        (Maturity::ALL, |state| Named::new(state.code(), state.word())),
        (MaturityEvent::ALL, |event| Named::new(event.code(), event.word())),
        Maturity::after,
    )
}

/// The maturity of a version. Its text never changes, whatever the maturity is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Maturity {
    /// Made, not yet looked at by a second pair of eyes. Instruments may try it.
    Draft,
    /// Reads its example completely.
    Candidate,
    /// In use, compared with the instrument's own printout.
    Proven,
    /// A draft that no instrument used when a newer version came.
    Replaced,
}

/// What happens to a version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MaturityEvent {
    /// The technical manager trusts it more; its example reads as stored.
    Promote,
    /// A newer version was saved, and no instrument names this one.
    Supersede,
}

impl MaturityEvent {
    pub const ALL: &[Self] = &[Self::Promote, Self::Supersede];

    pub fn code(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Supersede => "supersede",
        }
    }

    pub fn word(self) -> String {
        format!("profile-event-{}", self.code())
    }
}

impl Maturity {
    pub const ALL: &[Self] = &[Self::Draft, Self::Candidate, Self::Proven, Self::Replaced];

    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Candidate => "candidate",
            Self::Proven => "proven",
            Self::Replaced => "replaced",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The key of the state's name in the message files.
    pub fn word(self) -> String {
        format!("maturity-{}", self.code())
    }

    /// The maturity after an event; `None` where the event has no place.
    pub fn after(self, event: MaturityEvent) -> Option<Self> {
        use MaturityEvent as E;
        match (self, event) {
            (Self::Draft, E::Promote) => Some(Self::Candidate),
            (Self::Candidate, E::Promote) => Some(Self::Proven),
            (Self::Draft, E::Supersede) => Some(Self::Replaced),
            (Self::Candidate, E::Supersede) | (Self::Proven | Self::Replaced, E::Promote | E::Supersede) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_ripens_step_by_step_and_only_a_draft_is_replaced() {
        use MaturityEvent as E;
        assert_eq!(Maturity::Draft.after(E::Promote), Some(Maturity::Candidate));
        assert_eq!(Maturity::Candidate.after(E::Promote), Some(Maturity::Proven));
        assert_eq!(Maturity::Proven.after(E::Promote), None);
        assert_eq!(Maturity::Draft.after(E::Supersede), Some(Maturity::Replaced));
        for kept in [Maturity::Candidate, Maturity::Proven] {
            assert_eq!(kept.after(E::Supersede), None);
        }
        assert_eq!(Maturity::Replaced.after(E::Promote), None);
    }
}
