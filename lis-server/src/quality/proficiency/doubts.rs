//! Methods in doubt: an unsatisfactory proficiency test stops the next assignment and authorization of its method until its
//! corrective action is done (`quality.md` Q77-5), as far as the gate says so.

use chrono::NaiveDate;

use super::actions::code;
use super::{ROUND_UNCORRECTED, store};
use crate::db::Conn;
use crate::domain::refusal::{Outcome, Reason};
use crate::judgement::qc::Proficiency;
use crate::quality::gates::state::{Finding, Gate, Mode, Settings};
use crate::quality::state::WorkState;

/// An unsatisfactory round.
#[derive(Clone, Debug)]
struct Unsatisfactory {
    scheme: String,
    method: String,
    score: String,
    /// The work that was opened on it, with its state.
    work: Option<(String, String)>,
}

impl Unsatisfactory {
    /// Its corrective action worked. Work that nobody opened corrects nothing.
    fn is_corrected(&self) -> bool {
        let state = self.work.as_ref().and_then(|(_, state)| WorkState::parse(state));
        matches!(state, Some(WorkState::Effective | WorkState::Closed))
    }

    fn reason(&self) -> Reason {
        let work = self.work.as_ref().map_or("/", |(number, _)| number.as_str());
        let reason = ROUND_UNCORRECTED.with("method", &self.method).with("scheme", &self.scheme);
        reason.with("score", &self.score).with("work", work)
    }
}

/// The methods in doubt on a day.
#[derive(Clone, Debug)]
pub struct Doubts {
    mode: Mode,
    on: NaiveDate,
    rounds: Vec<Unsatisfactory>,
}

impl Doubts {
    /// No statement where nobody looks.
    pub fn on(conn: &mut Conn, settings: &Settings, on: NaiveDate) -> Outcome<Self> {
        let mode = settings.mode(Gate::Proficiency, on);
        if mode == Mode::Off {
            return Ok(Self { mode, on, rounds: Vec::new() });
        }
        let found = store::of_verdict(conn, code(Proficiency::Unsatisfactory))?;
        let rounds =
            found.into_iter().map(|(scheme, method, score, work)| Unsatisfactory { scheme, method, score, work });
        Ok(Self { mode, on, rounds: rounds.filter(|round| !round.is_corrected()).collect() })
    }

    /// Why a method is not assigned. What only warns is met by who signs.
    pub fn block(&self, method: &str) -> Option<Reason> {
        let against = self.rounds.iter().find(|round| round.method == method);
        against.filter(|_| self.mode == Mode::Block).map(Unsatisfactory::reason)
    }

    /// What the gate finds of the methods of a report.
    pub fn findings<'m>(&self, methods: impl Iterator<Item = &'m str>) -> Vec<Finding> {
        let methods: Vec<&str> = methods.collect();
        let against = self.rounds.iter().filter(|round| methods.contains(&round.method.as_str()));
        against.map(|round| Finding { gate: Gate::Proficiency, on: self.on, reason: round.reason() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(method: &str, state: Option<&str>) -> Unsatisfactory {
        let work = state.map(|state| ("N2611-0001".to_owned(), state.to_owned()));
        Unsatisfactory { scheme: "PT-1".into(), method: method.into(), score: "-3".into(), work }
    }

    // Requirement: Q77-5
    #[test]
    fn the_corrective_action_lifts_the_doubt() {
        let corrected = |state: Option<&str>| round("GB 5009.15", state).is_corrected();
        assert!(!corrected(None) && !corrected(Some("open")) && !corrected(Some("correcting")));
        assert!(corrected(Some("effective")) && corrected(Some("closed")));
    }

    // Requirement: Q77-5
    #[test]
    fn only_its_own_method_is_in_doubt() {
        let on: NaiveDate = "2026-11-27".parse().unwrap();
        let doubts = |mode| Doubts { mode, on, rounds: vec![round("GB 5009.15", None)] };
        assert!(doubts(Mode::Block).block("GB 5009.15").is_some());
        assert!(doubts(Mode::Block).block("GB 5009.12").is_none());
        assert!(doubts(Mode::Warn).block("GB 5009.15").is_none(), "the signer confirms");
        let found = |methods: &[&str]| doubts(Mode::Warn).findings(methods.iter().copied()).len();
        assert_eq!((found(&["GB 5009.12", "GB 5009.15"]), found(&["GB 5009.12"])), (1, 0));
    }
}
