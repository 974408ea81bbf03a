//! What an act of a case belongs to, and which acts may follow those that were done in it (`workflow.md` 10 and 11).

use super::actions::state_of;
use super::law;
use super::state::{Act, Application, CaseState, Kind};
use super::store::{ActRow, ApplicationRow, CaseRow};
use crate::domain::ids::ApplicationId;
use crate::domain::refusal::{Fault, Outcome};

/// What an act belongs to: an application of a kind in its state, or the case itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Matter {
    Application(Kind, Application),
    Case(CaseState),
}

impl Matter {
    pub fn of(case: &CaseRow, application: Option<&ApplicationRow>) -> Outcome<Self> {
        let Some(row) = application else { return Ok(Self::Case(state_of(case)?)) };
        let kind = Kind::parse(&row.kind).ok_or_else(|| Fault::broken(format!("application of kind {}", row.kind)))?;
        let state = Application::parse(&row.state);
        Ok(Self::Application(kind, state.ok_or_else(|| Fault::broken(format!("application in {}", row.state)))?))
    }
}

/// The acts that may follow those that were done in a matter.
pub fn next(matter: Matter, done: &[Act]) -> Vec<Act> {
    Act::ALL.iter().copied().filter(|act| may_follow(*act, matter, done)).collect()
}

/// The same in a case, by its law.
pub fn next_of(case: &CaseRow, application: Option<&ApplicationRow>, done: &[Act]) -> Outcome<Vec<Act>> {
    let mut acts = next(Matter::of(case, application)?, done);
    acts.retain(|act| law::knows(case, *act));
    Ok(acts)
}

fn may_follow(act: Act, matter: Matter, done: &[Act]) -> bool {
    use Act as A;
    let had = |one: A| done.contains(&one);
    match matter {
        Matter::Application(Kind::Reinspection, Application::Accepted) => {
            // After a body declined, another one is drawn: everything begins anew.
            let round = done.rsplit(|one| *one == A::BodyDeclined).next().unwrap_or_default();
            let has = |one: A| round.contains(&one);
            match act {
                A::BodySearchExtended => !has(A::BodyNamed) && !has(act),
                A::BodyNamed => !has(act),
                A::BodyDeclined | A::BackupHandedOver => has(A::BodyNamed) && !has(A::BackupHandedOver),
                A::HandoverExtended => has(A::BodyNamed) && !has(A::BackupHandedOver) && !has(act),
                A::BackupReceived => has(A::BackupHandedOver) && !has(act),
                A::ConclusionAgreed | A::ConclusionReceived => has(A::BackupReceived) && !has(A::ConclusionReceived),
                A::PartiesTold => has(A::ConclusionReceived) && !has(act),
                _ => false,
            }
        }
        Matter::Application(Kind::Reinspection, Application::Upheld | Application::Reversed) => {
            act == A::PartiesTold && !had(act)
        }
        Matter::Application(kind, Application::Applied) if kind.is_objection() => match act {
            A::PapersMissing => !had(act),
            A::PapersCompleted => had(A::PapersMissing) && !had(act),
            _ => false,
        },
        Matter::Application(kind, Application::Accepted) if kind.is_objection() && kind != Kind::ObjectionSampling => {
            let asking = done.last() == Some(&A::InquiryBegun);
            act == A::InquiryBegun && !asking || act == A::InquiryEnded && asking
        }
        Matter::Application(..) => false,
        Matter::Case(state) => {
            let open = !matches!(state, CaseState::Reversed | CaseState::Closed);
            let owed = recall_class(done).is_some();
            match act {
                A::RecallOwed1 | A::RecallOwed2 | A::RecallOwed3 => open && !owed,
                A::RecallAnnounced => owed && !had(act),
                A::RecallFinished => had(A::RecallAnnounced) && !had(act),
                A::Seized => open && !had(act),
                A::SeizureExtended => had(A::Seized) && !had(act) && !had(A::SeizureLifted),
                A::SeizureLifted => had(A::Seized) && !had(act),
                _ => false,
            }
        }
    }
}

/// The class of a recall that is owed, as an index: 0 to 2.
pub(super) fn recall_class(done: &[Act]) -> Option<usize> {
    [Act::RecallOwed1, Act::RecallOwed2, Act::RecallOwed3].iter().position(|act| done.contains(act))
}

/// The acts of a matter among those of its case, as they were recorded.
pub fn acts_in(rows: &[ActRow], application: Option<ApplicationId>) -> Outcome<Vec<Act>> {
    rows.iter()
        .filter(|row| row.application_id == application)
        .map(|row| Act::parse(&row.act).ok_or_else(|| Fault::broken(format!("act {}", row.act))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(matter: Matter, done: &[Act]) -> Vec<&'static str> {
        next(matter, done).into_iter().map(Act::code).collect()
    }

    #[test]
    fn a_reinspection_goes_step_by_step() {
        use Act as A;
        let accepted = Matter::Application(Kind::Reinspection, Application::Accepted);
        assert_eq!(names(accepted, &[]), ["body_search_extended", "body_named"]);
        assert_eq!(names(accepted, &[A::BodySearchExtended]), ["body_named"], "longer once");
        let named = [A::BodySearchExtended, A::BodyNamed];
        assert_eq!(names(accepted, &named), ["body_declined", "handover_extended", "backup_handed_over"]);
        let declined = [A::BodyNamed, A::BodyDeclined];
        assert_eq!(names(accepted, &declined), ["body_search_extended", "body_named"], "another is drawn");
        let handed = [A::BodyNamed, A::BackupHandedOver];
        assert_eq!(names(accepted, &handed), ["backup_received"]);
        let received = [A::BodyNamed, A::BackupHandedOver, A::BackupReceived];
        assert_eq!(names(accepted, &received), ["conclusion_agreed", "conclusion_received"]);
        let concluded = [A::BodyNamed, A::BackupHandedOver, A::BackupReceived, A::ConclusionReceived];
        assert_eq!(names(accepted, &concluded), ["parties_told"]);
        let upheld = Matter::Application(Kind::Reinspection, Application::Upheld);
        assert_eq!(names(upheld, &concluded), ["parties_told"], "the decision tells nobody by itself");
        assert!(names(Matter::Application(Kind::Reinspection, Application::Applied), &[]).is_empty());
    }

    #[test]
    fn an_objection_has_papers_and_inquiries() {
        use Act as A;
        let applied = Matter::Application(Kind::ObjectionMethod, Application::Applied);
        assert_eq!(names(applied, &[]), ["papers_missing"]);
        assert_eq!(names(applied, &[A::PapersMissing]), ["papers_completed"], "they are listed once");
        assert!(names(applied, &[A::PapersMissing, A::PapersCompleted]).is_empty());
        let accepted = |kind| Matter::Application(kind, Application::Accepted);
        assert_eq!(names(accepted(Kind::ObjectionStandard), &[]), ["inquiry_begun"]);
        assert_eq!(names(accepted(Kind::ObjectionStandard), &[A::InquiryBegun]), ["inquiry_ended"]);
        assert_eq!(names(accepted(Kind::ObjectionMethod), &[A::InquiryBegun, A::InquiryEnded]), ["inquiry_begun"]);
        assert!(names(accepted(Kind::ObjectionSampling), &[]).is_empty(), "the time of T18 does not stop");
    }

    #[test]
    fn recall_and_seizure_go_beside_each_other() {
        use Act as A;
        let served = Matter::Case(CaseState::Served);
        let begin = ["recall_owed_1", "recall_owed_2", "recall_owed_3", "seized"];
        assert_eq!(names(served, &[]), begin);
        assert!(names(Matter::Case(CaseState::Reversed), &[]).is_empty(), "there is nothing to recall");
        assert_eq!(names(served, &[A::RecallOwed2]), ["recall_announced", "seized"]);
        let both = [A::RecallOwed2, A::Seized, A::RecallAnnounced];
        assert_eq!(names(served, &both), ["recall_finished", "seizure_extended", "seizure_lifted"]);
        let longer = [A::Seized, A::SeizureExtended];
        assert_eq!(names(Matter::Case(CaseState::Closed), &longer), ["seizure_lifted"], "once, and it ends");
    }
}
