//! What the label claims (明示值), judged beside the standards: each of them has to be met.

use super::edition::Edition;
use super::{
    Answered, Asked, LABEL_CLAIM_OPEN, LIMIT_CONDITION, LIMIT_UNKNOWN, LIMITS_SEVERAL, RESIDUE_ALONE,
    SCREENING_POSITIVE,
};
use crate::catalogue::import::Evaluation;
use crate::judgement::Verdict;
use crate::judgement::claim::Claim;
use crate::judgement::record::{self, JudgementRecord, Question, Sources};

/// What is open about a standard alone, and saves nobody who breaks the word of his own label.
const ABOUT_STANDARDS: [&str; 3] = [LIMIT_UNKNOWN, LIMIT_CONDITION, LIMITS_SEVERAL];

impl Asked {
    /// The same with what the label claims: a claim that is not kept fails the item whatever the standards say; one that is
    /// kept leaves it as it is, or passes it where there is no limit.
    pub(super) fn claimed(&self, mut answered: Answered, edition: Edition) -> Answered {
        let Some(claim) = &self.claim else { return answered };
        let Some(judgement) = self.against(claim, &answered, edition) else {
            if matches!(answered.verdict, Verdict::Pass | Verdict::NoLimit) {
                answered.verdict = Verdict::Review;
            }
            answered.notes.push(LABEL_CLAIM_OPEN.to_owned());
            return answered;
        };
        let verdict = judgement.verdict().unwrap_or(Verdict::Incomplete);
        // What the label says of a residue it says of all of it.
        let is_open =
            edition >= Edition::Sixth && answered.verdict != Verdict::Fail && self.leaves_sum_open(&judgement);
        if is_open && !answered.notes.iter().any(|note| note == RESIDUE_ALONE) {
            answered.notes.push(RESIDUE_ALONE.to_owned());
        }
        if verdict == Verdict::Fail && self.method.screening {
            // It is no result before it is confirmed.
            if !answered.notes.iter().any(|note| note == SCREENING_POSITIVE) {
                answered.notes.push(SCREENING_POSITIVE.to_owned());
            }
            answered.verdict = Verdict::Review;
        } else if verdict == Verdict::Fail {
            let saves_nobody =
                |note: &String| ABOUT_STANDARDS.contains(&note.as_str()) || (note == RESIDUE_ALONE && !is_open);
            let is_measured = answered.notes.iter().all(saves_nobody);
            answered.verdict = if is_measured { Verdict::Fail } else { Verdict::Review };
        } else if matches!(answered.verdict, Verdict::Pass | Verdict::NoLimit) {
            answered.verdict = if is_open { Verdict::Review } else { verdict };
        }
        answered.claim = Some(judgement);
        answered
    }

    /// The value against the claim; `None`: a finding, a plan or a sum of shares has no value of its own, or its unit is of
    /// another kind.
    fn against(&self, claim: &Claim, answered: &Answered, edition: Edition) -> Option<JudgementRecord> {
        let Question::Item { measured, method, .. } = &answered.judgement.question else { return None };
        if matches!(self.evaluation, Evaluation::Detection) {
            return None;
        }
        let question = Question::Item { measured: measured.clone(), limit: claim.rule(), method: method.clone() };
        let sources = Sources { limit_standard: None, ..self.sources(edition) };
        record::judge_by(edition.rules(), question, sources).ok()
    }
}
