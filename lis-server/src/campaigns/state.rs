//! States of a campaign and of a sampling plan: one table each, knowing neither the web nor the database.

use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![
        table(
            "entity-campaign",
            (CampaignState::ALL, |state| Named::new(state.code(), state.word())),
            (CampaignEvent::ALL, |event| Named::new(event.code(), event.word())),
            CampaignState::after,
        ),
        table(
            "entity-plan",
            (PlanState::ALL, |state| Named::new(state.code(), state.word())),
            (PlanEvent::ALL, |event| Named::new(event.code(), event.word())),
            PlanState::after,
        ),
    ]
}

/// A campaign on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CampaignState {
    /// The questionnaire may still be changed; nobody outside sees it.
    Draft,
    /// Answers are collected within the window.
    Open,
    /// The tally is frozen.
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CampaignEvent {
    Change,
    Open,
    Reject,
    Close,
    DraftPlan,
}

impl CampaignEvent {
    pub const ALL: &[Self] = &[Self::Change, Self::Open, Self::Reject, Self::Close, Self::DraftPlan];

    pub fn code(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Open => "open",
            Self::Reject => "reject",
            Self::Close => "close",
            Self::DraftPlan => "draft_plan",
        }
    }

    pub fn word(self) -> String {
        format!("campaign-event-{}", self.code().replace('_', "-"))
    }
}

impl CampaignState {
    pub const ALL: &[Self] = &[Self::Draft, Self::Open, Self::Closed];

    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The key of the state's name in the message files.
    pub fn word(self) -> String {
        format!("campaign-{}", self.code())
    }

    /// The state after an event; `None` when the event has no place here.
    pub fn after(self, event: CampaignEvent) -> Option<Self> {
        use CampaignEvent as E;
        match (self, event) {
            (Self::Draft, E::Change) => Some(Self::Draft),
            (Self::Draft, E::Open) => Some(Self::Open),
            (Self::Draft, E::Reject | E::Close | E::DraftPlan) => None,
            (Self::Open, E::Reject) => Some(Self::Open),
            (Self::Open, E::Close) => Some(Self::Closed),
            (Self::Open, E::Change | E::Open | E::DraftPlan) => None,
            (Self::Closed, E::DraftPlan) => Some(Self::Closed),
            (Self::Closed, E::Change | E::Open | E::Reject | E::Close) => None,
        }
    }
}

/// A plan between its drafter and its approver.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanState {
    Draft,
    Approved,
    Refused,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanEvent {
    Approve,
    Refuse,
    DrawVenues,
}

impl PlanEvent {
    pub const ALL: &[Self] = &[Self::Approve, Self::Refuse, Self::DrawVenues];

    pub fn code(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::DrawVenues => "draw_venues",
        }
    }

    pub fn word(self) -> String {
        format!("plan-event-{}", self.code().replace('_', "-"))
    }
}

impl PlanState {
    pub const ALL: &[Self] = &[Self::Draft, Self::Approved, Self::Refused];

    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    pub fn word(self) -> String {
        format!("plan-{}", self.code())
    }

    pub fn after(self, event: PlanEvent) -> Option<Self> {
        use PlanEvent as E;
        match (self, event) {
            (Self::Draft, E::Approve) => Some(Self::Approved),
            (Self::Draft, E::Refuse) => Some(Self::Refused),
            (Self::Draft, E::DrawVenues) => None,
            (Self::Approved, E::DrawVenues) => Some(Self::Approved),
            (Self::Approved, E::Approve | E::Refuse) => None,
            (Self::Refused, E::Approve | E::Refuse | E::DrawVenues) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_opens_once_and_closes_once() {
        use {CampaignEvent as E, CampaignState as S};
        assert_eq!(S::Draft.after(E::Open), Some(S::Open));
        assert_eq!(S::Open.after(E::Close), Some(S::Closed));
        assert_eq!(S::Draft.after(E::Close), None);
        assert_eq!(S::Open.after(E::Change), None, "the questionnaire is fixed once open");
        assert_eq!(S::Closed.after(E::Open), None);
        assert_eq!(S::Closed.after(E::Reject), None, "the tally is frozen");
        assert_eq!(S::Open.after(E::DraftPlan), None);
        assert_eq!(S::Closed.after(E::DraftPlan), Some(S::Closed));
    }

    #[test]
    fn a_plan_is_decided_once() {
        use {PlanEvent as E, PlanState as S};
        assert_eq!(S::Draft.after(E::Approve), Some(S::Approved));
        assert_eq!(S::Approved.after(E::Refuse), None);
        assert_eq!(S::Refused.after(E::Approve), None);
        assert_eq!(S::Draft.after(E::DrawVenues), None);
        assert_eq!(S::Approved.after(E::DrawVenues), Some(S::Approved));
    }

    #[test]
    fn codes_come_back() {
        assert!(CampaignState::ALL.iter().all(|state| CampaignState::parse(state.code()) == Some(*state)));
        assert!(PlanState::ALL.iter().all(|state| PlanState::parse(state.code()) == Some(*state)));
        assert_eq!(CampaignState::parse("OPEN"), None);
    }
}
