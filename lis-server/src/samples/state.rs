//! States of a sample and of its parts (`workflow.md` 3), pure. Progress, custody and retention are separate axes; a hold is a
//! flag beside progress. Every pair of state and event is named, so that a new one does not compile until someone decides.

use super::words::codes;
use crate::domain::states::{Named, StateTable, table};

/// The tables of this room, for the reference.
pub fn tables() -> Vec<StateTable> {
    vec![
        table(
            "entity-sample",
            (SampleState::ALL, |state| Named::new(state.code(), state.word())),
            (SampleEvent::ALL, |event| Named::new(event.code(), event.word())),
            |state, event| state.after(event).ok(),
        ),
        table(
            "entity-custody",
            (Custody::ALL, |state| Named::new(state.code(), state.word())),
            (CustodyEvent::ALL, |event| Named::new(event.code(), event.word())),
            |state, event| state.after(event).ok(),
        ),
        table(
            "entity-retention",
            (Retention::ALL, |state| Named::new(state.code(), state.word())),
            (RetentionEvent::ALL, |event| Named::new(event.code(), event.word())),
            |state, event| state.after(event).ok(),
        ),
    ]
}

codes! {
    /// How far a sample has come.
    SampleState = "sample" {
        Draft = "draft",
        Sealed = "sealed",
        Arrived = "arrived",
        Accepted = "accepted",
        Rejected = "rejected",
        Testing = "testing",
        Tested = "tested",
        Closed = "closed",
        Withdrawn = "withdrawn",
    }
    /// What moves a sample on.
    SampleEvent = "sample-event" {
        Seal = "seal",
        Arrive = "arrive",
        Accept = "accept",
        Reject = "reject",
        StartTesting = "start_testing",
        FinishTesting = "finish_testing",
        Close = "close",
        Abandon = "abandon",
        Withdraw = "withdraw",
    }
    /// Who has a part.
    Custody = "custody" {
        WithSampler = "with_sampler",
        InTransit = "in_transit",
        InLaboratory = "in_laboratory",
        Issued = "issued",
        Returned = "returned",
    }
    /// What happens to a part's custody.
    CustodyEvent = "custody-event" {
        Ship = "ship",
        Receive = "receive",
        Move = "move",
        Issue = "issue",
        TakeBack = "take_back",
        Return = "return",
    }
    /// Whether a part is still kept.
    Retention = "retention" { Kept = "kept", Released = "released", Disposed = "disposed" }
    /// What happens to a part's retention.
    RetentionEvent = "retention-event" { Release = "release", Keep = "keep", Dispose = "dispose" }
}

/// The pair of state and event that the transition table does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoSuchStep;

impl SampleState {
    pub fn after(self, event: SampleEvent) -> Result<Self, NoSuchStep> {
        use {SampleEvent as E, SampleState as S};
        Ok(match (self, event) {
            (S::Draft, E::Seal) => S::Sealed,
            (S::Sealed, E::Arrive) => S::Arrived,
            // Arrived and not decided yet is held; the decision follows.
            (S::Arrived, E::Accept) => S::Accepted,
            (S::Arrived, E::Reject) => S::Rejected,
            // An item ordered again brings a tested sample back to testing, until its report is authorized.
            (S::Accepted | S::Tested, E::StartTesting) => S::Testing,
            (S::Testing, E::FinishTesting) => S::Tested,
            (S::Tested, E::Close) => S::Closed,
            // Every test of it was cancelled: there is nothing to report.
            (S::Accepted | S::Testing, E::Abandon) => S::Closed,
            // Once testing has begun a sample is reported, never withdrawn.
            (S::Draft | S::Sealed | S::Arrived | S::Accepted, E::Withdraw) => S::Withdrawn,
            (
                S::Draft,
                E::Arrive | E::Accept | E::Reject | E::StartTesting | E::FinishTesting | E::Close | E::Abandon,
            )
            | (
                S::Sealed,
                E::Seal | E::Accept | E::Reject | E::StartTesting | E::FinishTesting | E::Close | E::Abandon,
            )
            | (S::Arrived, E::Seal | E::Arrive | E::StartTesting | E::FinishTesting | E::Close | E::Abandon)
            | (S::Accepted, E::Seal | E::Arrive | E::Accept | E::Reject | E::FinishTesting | E::Close)
            | (S::Testing, E::Seal | E::Arrive | E::Accept | E::Reject | E::StartTesting | E::Close | E::Withdraw)
            | (S::Tested, E::Seal | E::Arrive | E::Accept | E::Reject | E::FinishTesting | E::Abandon | E::Withdraw)
            | (S::Rejected | S::Closed | S::Withdrawn, _) => return Err(NoSuchStep),
        })
    }

    /// Whether the laboratory can still decide about receipt.
    pub fn awaits_receipt(self) -> bool {
        matches!(self, Self::Sealed | Self::Arrived)
    }
}

impl Custody {
    pub fn after(self, event: CustodyEvent) -> Result<Self, NoSuchStep> {
        use {Custody as S, CustodyEvent as E};
        Ok(match (self, event) {
            (S::WithSampler, E::Ship) => S::InTransit,
            (S::WithSampler | S::InTransit, E::Receive) => S::InLaboratory,
            // Moving changes the place, not who has it.
            (S::InLaboratory, E::Move) => S::InLaboratory,
            (S::InLaboratory, E::Issue) => S::Issued,
            (S::Issued, E::TakeBack) => S::InLaboratory,
            (S::InLaboratory, E::Return) => S::Returned,
            (S::WithSampler, E::Move | E::Issue | E::TakeBack | E::Return)
            | (S::InTransit, E::Ship | E::Move | E::Issue | E::TakeBack | E::Return)
            | (S::InLaboratory, E::Ship | E::Receive | E::TakeBack)
            | (S::Issued, E::Ship | E::Receive | E::Move | E::Issue | E::Return)
            | (S::Returned, _) => return Err(NoSuchStep),
        })
    }
}

impl Retention {
    pub fn after(self, event: RetentionEvent) -> Result<Self, NoSuchStep> {
        use {Retention as S, RetentionEvent as E};
        Ok(match (self, event) {
            (S::Kept, E::Release) => S::Released,
            // A case opened: what was released but is still there is kept again.
            (S::Released, E::Keep) => S::Kept,
            (S::Released, E::Dispose) => S::Disposed,
            (S::Kept, E::Keep | E::Dispose) | (S::Released, E::Release) | (S::Disposed, _) => return Err(NoSuchStep),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SampleEvent as E;

    fn walk(events: &[SampleEvent]) -> Result<SampleState, NoSuchStep> {
        events.iter().try_fold(SampleState::Draft, |state, event| state.after(*event))
    }

    fn all_tested() -> [SampleEvent; 5] {
        [E::Seal, E::Arrive, E::Accept, E::StartTesting, E::FinishTesting]
    }

    #[test]
    fn the_way_of_a_sample() {
        let all = [E::Seal, E::Arrive, E::Accept, E::StartTesting, E::FinishTesting, E::Close];
        assert_eq!(walk(&all), Ok(SampleState::Closed));
        assert_eq!(walk(&[E::Seal, E::Arrive, E::Reject]), Ok(SampleState::Rejected));
        assert_eq!(walk(&all[..5]).unwrap().after(E::StartTesting), Ok(SampleState::Testing));
        assert_eq!(walk(&[E::Seal, E::Withdraw]), Ok(SampleState::Withdrawn));
        assert_eq!(walk(&[E::Seal, E::Arrive, E::Accept, E::Abandon]), Ok(SampleState::Closed));
        assert_eq!(walk(&[E::Seal, E::Arrive, E::Accept, E::StartTesting, E::Abandon]), Ok(SampleState::Closed));
    }

    #[test]
    fn no_step_is_left_out() {
        assert_eq!(walk(&[E::Seal, E::Accept]), Err(NoSuchStep), "accepted without arriving");
        assert_eq!(walk(&[E::Seal, E::Arrive, E::Accept, E::Reject]), Err(NoSuchStep), "rejected after acceptance");
        assert_eq!(walk(&[E::Seal, E::Arrive, E::Accept, E::StartTesting, E::Withdraw]), Err(NoSuchStep));
        assert_eq!(walk(&all_tested()).unwrap().after(E::Abandon), Err(NoSuchStep), "what is tested is reported");
        for end in [SampleState::Rejected, SampleState::Closed, SampleState::Withdrawn] {
            for event in SampleEvent::ALL {
                assert_eq!(end.after(*event), Err(NoSuchStep), "{end:?} {event:?}");
            }
        }
    }

    #[test]
    fn a_part_is_issued_once_and_comes_back() {
        use {Custody as C, CustodyEvent as V};
        assert_eq!(C::InTransit.after(V::Receive), Ok(C::InLaboratory));
        assert_eq!(C::InLaboratory.after(V::Issue), Ok(C::Issued));
        assert_eq!(C::Issued.after(V::Issue), Err(NoSuchStep));
        assert_eq!(C::Issued.after(V::TakeBack), Ok(C::InLaboratory));
        assert_eq!(C::InLaboratory.after(V::Move), Ok(C::InLaboratory));
        assert_eq!(C::Issued.after(V::Move), Err(NoSuchStep));
        assert_eq!(Retention::Kept.after(RetentionEvent::Dispose), Err(NoSuchStep), "disposed without release");
    }
}
