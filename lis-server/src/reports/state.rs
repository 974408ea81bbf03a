//! The life of a test report (`workflow.md` 3, 9).

use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![table(
        "entity-report",
        (ReportState::ALL, |state| Named::new(state.code(), state.word())),
        (ReportEvent::ALL, |event| Named::new(event.code(), event.word())),
        ReportState::after,
    )]
}

/// Where a report is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ReportState {
    /// The results are checked; the reviewer has to look.
    Compiling,
    Reviewed,
    /// Signed; the document is fixed and its file is being made.
    Authorized,
    Issued,
    /// An error was found after issue; the report that replaces it is in work.
    Amended,
    /// Another report has taken its place.
    Replaced,
    Withdrawn,
}

/// What can happen to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportEvent {
    Review,
    /// The reviewer sends an item back to its tester; the report waits for it.
    ReturnItem,
    /// Back to the reviewer: the content changed, or the signatory does not sign.
    SendBack,
    Authorize,
    /// Something was found against an item before the file was made.
    Stop,
    /// The file is stored.
    Issue,
    OpenAmendment,
    /// The report that amends it is issued.
    Replace,
    Withdraw,
}

impl ReportEvent {
    pub const ALL: &[Self] = &[
        Self::Review,
        Self::ReturnItem,
        Self::SendBack,
        Self::Authorize,
        Self::Stop,
        Self::Issue,
        Self::OpenAmendment,
        Self::Replace,
        Self::Withdraw,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::ReturnItem => "return_item",
            Self::SendBack => "send_back",
            Self::Authorize => "authorize",
            Self::Stop => "stop",
            Self::Issue => "issue",
            Self::OpenAmendment => "open_amendment",
            Self::Replace => "replace",
            Self::Withdraw => "withdraw",
        }
    }

    pub fn word(self) -> String {
        format!("report-event-{}", self.code().replace('_', "-"))
    }
}

impl ReportState {
    pub const ALL: &[ReportState] = &[
        Self::Compiling,
        Self::Reviewed,
        Self::Authorized,
        Self::Issued,
        Self::Amended,
        Self::Replaced,
        Self::Withdrawn,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Compiling => "compiling",
            Self::Reviewed => "reviewed",
            Self::Authorized => "authorized",
            Self::Issued => "issued",
            Self::Amended => "amended",
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The key of its name in the message files.
    pub fn word(self) -> String {
        format!("report-{}", self.code())
    }

    /// It left the laboratory: its number, date and hash are no secret any more.
    pub fn was_issued(self) -> bool {
        match self {
            Self::Issued | Self::Amended | Self::Replaced | Self::Withdrawn => true,
            Self::Compiling | Self::Reviewed | Self::Authorized => false,
        }
    }

    /// The state after an event; `None` where the event is not possible.
    pub fn after(self, event: ReportEvent) -> Option<Self> {
        use {ReportEvent as E, ReportState as S};
        match (self, event) {
            (S::Compiling, E::Review) => Some(S::Reviewed),
            // Tested and checked again, the item finds its report where it was.
            (S::Compiling, E::ReturnItem) => Some(S::Compiling),
            (S::Reviewed, E::SendBack) => Some(S::Compiling),
            (S::Reviewed, E::Authorize) => Some(S::Authorized),
            (S::Authorized, E::Issue) => Some(S::Issued),
            (S::Authorized, E::Stop) => Some(S::Compiling),
            (S::Issued, E::OpenAmendment) => Some(S::Amended),
            (S::Amended, E::Replace) => Some(S::Replaced),
            // Withdrawing is for reports that people have; what was not issued is sent back.
            (S::Issued | S::Amended, E::Withdraw) => Some(S::Withdrawn),
            (
                S::Compiling,
                E::SendBack | E::Authorize | E::Stop | E::Issue | E::OpenAmendment | E::Replace | E::Withdraw,
            )
            | (
                S::Reviewed,
                E::Review | E::ReturnItem | E::Stop | E::Issue | E::OpenAmendment | E::Replace | E::Withdraw,
            )
            | (
                S::Authorized,
                E::Review | E::ReturnItem | E::SendBack | E::Authorize | E::OpenAmendment | E::Replace | E::Withdraw,
            )
            | (S::Issued, E::Review | E::ReturnItem | E::SendBack | E::Authorize | E::Stop | E::Issue | E::Replace)
            | (
                S::Amended,
                E::Review | E::ReturnItem | E::SendBack | E::Authorize | E::Stop | E::Issue | E::OpenAmendment,
            )
            | (S::Replaced | S::Withdrawn, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReportEvent::*;
    use ReportState::*;

    #[test]
    fn the_way_of_a_report() {
        let way = |from: ReportState, events: &[ReportEvent]| {
            events.iter().try_fold(from, |state, event| state.after(*event))
        };
        assert_eq!(way(Compiling, &[Review, Authorize, Issue]), Some(Issued));
        assert_eq!(way(Compiling, &[Review, SendBack, Review, Authorize, Issue]), Some(Issued));
        assert_eq!(way(Issued, &[OpenAmendment, Replace]), Some(Replaced));
        assert_eq!(way(Issued, &[Withdraw]), Some(Withdrawn));
        assert_eq!(way(Compiling, &[Review, Authorize, Stop, Review, Authorize, Issue]), Some(Issued));
    }

    /// Ten of the 63 pairs are possible; every other is refused.
    #[test]
    fn nothing_else_happens() {
        assert_eq!(tables()[0].steps.len(), 10);
        assert_eq!(Compiling.after(ReturnItem), Some(Compiling), "the report waits for its item");
        assert_eq!(Reviewed.after(ReturnItem), None, "what is reviewed is sent back first");
        assert_eq!(Compiling.after(Authorize), None, "nobody authorizes what nobody reviewed");
        assert_eq!(Issued.after(Review), None, "an issued report never changes");
        assert_eq!(Replaced.after(Withdraw), None);
    }
}
