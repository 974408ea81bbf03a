//! States of a failing case and of an application, relations and parties, as `workflow.md` 3 and 12 name them.

use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![
        table(
            "entity-case",
            (CaseState::ALL, |state| Named::new(state.code(), state.word())),
            (CaseEvent::ALL, |event| Named::new(event.code(), event.word())),
            CaseState::after,
        ),
        table(
            "entity-application",
            (Application::ALL, |state| Named::new(state.code(), state.word())),
            // What is decided about an application is the state that it gets.
            (Application::ALL, |to| Named::new(to.code(), to.word())),
            |from, to| from.may_become(to).then_some(to),
        ),
    ]
}

/// An enumeration with snake_case codes, and the keys of its words under a prefix.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident, $prefix:literal: $($(#[$case:meta])* $variant:ident = $code:literal),* $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$case])* $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            pub fn word(self) -> String {
                format!(concat!($prefix, "-{}"), self.code().replace('_', "-"))
            }
        }
    };
}

coded! {
    /// Progress of a failing case. "Concluded" has two states, because what follows differs.
    CaseState, "case":
    Opened = "opened",
    /// The ordering authority has acknowledged it.
    Reported = "reported",
    Served = "served",
    Reinspection = "reinspection",
    Objection = "objection",
    Upheld = "upheld",
    Reversed = "reversed",
    Handling = "handling",
    Closed = "closed",
}

coded! {
    CaseEvent, "case-event":
    /// A failing report, the first or an amendment.
    Fail = "fail",
    /// A failing report after the conclusion fell.
    FailAgain = "fail_again",
    /// The ordering authority acknowledges.
    Acknowledge = "acknowledge",
    Serve = "serve",
    ApplyReinspection = "apply_reinspection",
    Object = "object",
    /// The last open application was refused at the door.
    Resume = "resume",
    Uphold = "uphold",
    /// By an amended report that does not fail, by a recall, or by the authority.
    Reverse = "reverse",
    Handle = "handle",
    Close = "close",
}

coded! {
    Application, "application":
    Applied = "applied",
    Accepted = "accepted",
    Refused = "refused",
    Upheld = "upheld",
    Reversed = "reversed",
}

coded! {
    /// Why a region is told.
    Relation, "relation":
    Ordering = "ordering",
    SampledAt = "sampled_at",
    MakerAt = "maker_at",
    Platform = "platform",
}

coded! {
    /// Who is served, and may apply.
    Party, "party":
    SampledUnit = "sampled_unit",
    Maker = "maker",
}

coded! {
    /// What is applied for; objections by what they are against (`workflow.md` 11).
    Kind, "application-kind":
    Reinspection = "reinspection",
    ObjectionSampling = "objection_sampling",
    ObjectionAuthenticity = "objection_authenticity",
    ObjectionMethod = "objection_method",
    ObjectionStandard = "objection_standard",
}

coded! {
    /// What is done in a case outside of this program, in the order in which it happens.
    Act, "act":
    BodySearchExtended = "body_search_extended",
    BodyNamed = "body_named",
    BodyDeclined = "body_declined",
    HandoverExtended = "handover_extended",
    BackupHandedOver = "backup_handed_over",
    BackupReceived = "backup_received",
    ConclusionAgreed = "conclusion_agreed",
    ConclusionReceived = "conclusion_received",
    /// Applicant and home authority.
    PartiesTold = "parties_told",
    PapersMissing = "papers_missing",
    PapersCompleted = "papers_completed",
    InquiryBegun = "inquiry_begun",
    InquiryEnded = "inquiry_ended",
    /// The risk is known, by the class of the recall.
    RecallOwed1 = "recall_owed_1",
    RecallOwed2 = "recall_owed_2",
    RecallOwed3 = "recall_owed_3",
    RecallAnnounced = "recall_announced",
    RecallFinished = "recall_finished",
    Seized = "seized",
    SeizureExtended = "seizure_extended",
    SeizureLifted = "seizure_lifted",
}

coded! {
    /// What a rapid test says.
    RapidVerdict, "rapid-verdict":
    Negative = "negative",
    Positive = "positive",
    Suspect = "suspect",
}

impl Act {
    /// Whether the act says nothing without a name, a reason or a list.
    pub fn needs_note(self) -> bool {
        matches!(
            self,
            Self::BodySearchExtended
                | Self::BodyNamed
                | Self::BodyDeclined
                | Self::HandoverExtended
                | Self::PapersMissing
                | Self::InquiryBegun
                | Self::RecallOwed1
                | Self::RecallOwed2
                | Self::RecallOwed3
                | Self::Seized
                | Self::SeizureExtended
        )
    }

    pub fn is_seizure(self) -> bool {
        matches!(self, Self::Seized | Self::SeizureExtended | Self::SeizureLifted)
    }
}

impl CaseState {
    /// The state after an event; `None` when the event has no place here.
    pub fn after(self, event: CaseEvent) -> Option<Self> {
        use CaseEvent as E;
        match (self, event) {
            // A failing amendment keeps the case where it is. Where the conclusion had fallen the case opens anew, also when it
            // was closed meanwhile.
            (Self::Reversed, E::Fail) => None,
            (state, E::Fail) => Some(state),
            (Self::Reversed | Self::Closed, E::FailAgain) => Some(Self::Opened),
            (_, E::FailAgain) => None,
            (Self::Opened, E::Acknowledge) => Some(Self::Reported),
            (state, E::Acknowledge) => Some(state),
            (Self::Opened | Self::Reported | Self::Served, E::Serve) => Some(Self::Served),
            // The second operator is served wherever the first one's matter has got to.
            (Self::Reinspection | Self::Objection | Self::Upheld | Self::Handling, E::Serve) => Some(self),
            (Self::Reversed | Self::Closed, E::Serve) => None,
            // Each operator has its own days from its own service, whatever was decided about another's application. Only who
            // was served may apply; of a case that opened anew that was before.
            (
                Self::Opened | Self::Reported | Self::Served | Self::Objection | Self::Upheld | Self::Handling,
                E::ApplyReinspection,
            ) => Some(Self::Reinspection),
            (Self::Reinspection | Self::Reversed | Self::Closed, E::ApplyReinspection) => None,
            (
                Self::Opened | Self::Reported | Self::Served | Self::Objection | Self::Upheld | Self::Handling,
                E::Object,
            ) => Some(Self::Objection),
            (Self::Reinspection, E::Object) => Some(Self::Reinspection),
            (Self::Reversed | Self::Closed, E::Object) => None,
            (Self::Reinspection | Self::Objection, E::Resume) => Some(Self::Served),
            (Self::Reinspection | Self::Objection, E::Uphold) => Some(Self::Upheld),
            (
                Self::Opened
                | Self::Reported
                | Self::Served
                | Self::Upheld
                | Self::Reversed
                | Self::Handling
                | Self::Closed,
                E::Resume | E::Uphold,
            ) => None,
            (Self::Reversed, E::Reverse) => None,
            (_, E::Reverse) => Some(Self::Reversed),
            (Self::Served | Self::Upheld, E::Handle) => Some(Self::Handling),
            (Self::Handling | Self::Reversed, E::Close) => Some(Self::Closed),
            (_, E::Handle | E::Close) => None,
        }
    }
}

impl Application {
    /// The one way of an application: applied, then accepted or refused, then upheld or reversed.
    pub fn may_become(self, to: Self) -> bool {
        use Application as A;
        matches!((self, to), (A::Applied, A::Accepted | A::Refused) | (A::Accepted, A::Upheld | A::Reversed))
    }
}

impl Kind {
    pub fn is_objection(self) -> bool {
        self != Self::Reinspection
    }

    pub fn event(self) -> CaseEvent {
        if self.is_objection() { CaseEvent::Object } else { CaseEvent::ApplyReinspection }
    }
}

#[cfg(test)]
mod tests {
    use super::{Application as A, CaseEvent as E, CaseState as S};

    fn walk(from: S, events: &[E]) -> Option<S> {
        events.iter().try_fold(from, |state, event| state.after(*event))
    }

    #[test]
    fn the_usual_ways_lead_to_closing() {
        assert_eq!(walk(S::Opened, &[E::Acknowledge, E::Serve, E::Handle, E::Close]), Some(S::Closed));
        let reinspected = [E::Acknowledge, E::Serve, E::Serve, E::ApplyReinspection, E::Uphold, E::Handle, E::Close];
        assert_eq!(walk(S::Opened, &reinspected), Some(S::Closed));
        assert_eq!(walk(S::Opened, &[E::Serve, E::Object, E::Reverse, E::Close]), Some(S::Closed));
        assert_eq!(walk(S::Served, &[E::ApplyReinspection, E::Resume, E::Object]), Some(S::Objection));
    }

    #[test]
    fn steps_out_of_place_are_refused() {
        assert_eq!(S::Reinspection.after(E::ApplyReinspection), None, "one application per conclusion");
        assert_eq!(S::Served.after(E::Uphold), None);
        assert_eq!(S::Reversed.after(E::Reverse), None, "a case is reversed once");
        assert_eq!(S::Reversed.after(E::Handle), None);
        assert_eq!(S::Opened.after(E::Handle), None);
        assert_eq!(S::Served.after(E::Close), None);
        assert_eq!(S::Closed.after(E::Serve), None);
        assert_eq!(S::Closed.after(E::Object), None);
        assert_eq!(S::Reversed.after(E::ApplyReinspection), None, "there is nothing to apply against");
    }

    #[test]
    fn the_second_operator_keeps_its_days() {
        for decided in [S::Upheld, S::Handling] {
            assert_eq!(decided.after(E::Serve), Some(decided));
            assert_eq!(walk(decided, &[E::Object, E::Resume, E::Handle]), Some(S::Handling));
            assert_eq!(walk(decided, &[E::ApplyReinspection, E::Uphold]), Some(S::Upheld));
        }
    }

    #[test]
    fn an_application_is_decided_at_the_door_and_then_in_substance() {
        assert!(A::Applied.may_become(A::Refused) && A::Accepted.may_become(A::Reversed));
        assert!(!A::Applied.may_become(A::Upheld), "not before it was accepted");
        assert!(!A::Refused.may_become(A::Accepted) && !A::Upheld.may_become(A::Reversed));
    }

    #[test]
    fn amendments_find_their_case() {
        assert_eq!(S::Served.after(E::Fail), Some(S::Served));
        assert_eq!(S::Closed.after(E::Fail), Some(S::Closed), "handled, and it fails as before");
        assert_eq!(S::Reversed.after(E::FailAgain), Some(S::Opened));
        assert_eq!(S::Closed.after(E::FailAgain), Some(S::Opened));
        assert_eq!(S::Served.after(E::FailAgain), None, "it did not fall");
        assert_eq!(S::Handling.after(E::Reverse), Some(S::Reversed));
    }
}
