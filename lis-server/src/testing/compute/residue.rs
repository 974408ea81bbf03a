//! A residue whose definition is a sum, of which the compound alone was measured (`judgement.md` 7): it may pass by itself and
//! fail with what belongs to it.

use std::collections::BTreeMap;

use super::super::taken::Taken;
use super::{Asked, Edition, Record};
use crate::catalogue::import::READING;
use crate::judgement::Verdict;
use crate::judgement::explain::{Step, StepKey};
use crate::judgement::limit::Bound;
use crate::judgement::measured::MeasuredValue;
use crate::judgement::proportion::Named;
use crate::judgement::record::{JudgementRecord, Question};

/// Other parts of the residue's definition were not added.
pub(super) const RESIDUE_ALONE: &str = "residue-alone";

impl Asked {
    /// Whether the sum may get another verdict than the compound alone. It is never less, unless it is expressed as another compound:
    /// what lies above a maximum or must not be there fails, what reaches a minimum passes, and a method that cannot see the limit cannot
    /// see it either way.
    pub(super) fn leaves_sum_open(&self, judgement: &JudgementRecord) -> bool {
        let Question::Item { limit, .. } = &judgement.question else { return false };
        if self.unadded.is_empty() {
            return false;
        }
        match (&limit.bound, judgement.verdict()) {
            (Bound::Gmp | Bound::NoLimit, _) => false,
            (Bound::Max { .. } | Bound::NotDetectable | Bound::NotPermitted, Some(Verdict::Pass)) => true,
            (Bound::Min { .. }, Some(Verdict::Fail)) => true,
            (Bound::Range { .. }, Some(Verdict::Pass | Verdict::Fail)) => true,
            (Bound::Max { .. }, Some(Verdict::Fail)) | (Bound::Min { .. }, Some(Verdict::Pass)) => self.converted,
            (_, Some(Verdict::Review)) => true,
            _ => false,
        }
    }

    /// What a sum has of it that was not detected and of which neither LOD nor LOQ is stated: how much of it may be there is not known,
    /// and the sum has no upper bound. By key.
    pub(in crate::testing) fn parts_without_lod(&self) -> Vec<&str> {
        let parts: Vec<&Taken> = self.from.iter().filter(|taken| taken.is_part()).collect();
        let is_stated = self.method.lod.is_some() || self.method.loq.is_some();
        let own = (!parts.is_empty() && !is_stated && self.reads_nothing()).then_some(self.analyte.as_str());
        let is_open = |part: &&Taken| part.value == MeasuredValue::NotDetected && part.lod.is_none();
        own.into_iter().chain(parts.into_iter().filter(is_open).map(|part| part.need.analyte.as_str())).collect()
    }

    /// In no determination anything was detected.
    fn reads_nothing(&self) -> bool {
        let mut read = self.portions.iter().flat_map(|portion| &portion.determinations).peekable();
        let is_nothing = |given: &BTreeMap<String, String>| {
            given.get(READING).is_some_and(|typed| MeasuredValue::parse(typed) == Ok(MeasuredValue::NotDetected))
        };
        read.peek().is_some() && read.all(is_nothing)
    }
}

impl Record {
    /// What is missing of the residue, and what the verdict is worth without it. `None`: nothing is missing, or nothing follows from it.
    pub(super) fn residue_alone(&self) -> Option<Step> {
        let judged = self.answered.judgement.verdict();
        let key = if self.answered.notes.iter().any(|note| note == RESIDUE_ALONE) {
            StepKey::ResidueAlone
        } else if judged == Some(Verdict::Fail) && !self.asked.converted {
            StepKey::ResidueFailsAlone
        } else {
            return None;
        };
        let unadded = &self.asked.unadded;
        let named =
            |name: fn(&Named) -> &str, between: &str| unadded.iter().map(name).collect::<Vec<_>>().join(between);
        let (zh, en) = (named(|part| part.zh.as_str(), "、"), named(|part| part.en.as_str(), ", "));
        (!unadded.is_empty()).then(|| Step::new(key, [("zh", zh), ("en", en)]))
    }

    /// Whether it is known what was added and what was not: a record that was made before this was asked says so by the parts that it
    /// has.
    pub(in crate::testing) fn says_what_is_added(&self) -> bool {
        Edition::of(self.record).is_ok_and(|edition| edition >= Edition::Sixth)
            || self.asked.from.iter().any(Taken::is_part)
    }
}
