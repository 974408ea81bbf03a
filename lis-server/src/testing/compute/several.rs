//! Results over several items of a sample: a sum with both bounds, the proportions of additives, a total before its species.

use super::super::portions::{PortionValue, number_problem};
use super::super::taken::{Taken, Use, sum_of};
use super::{
    Answered, Asked, Edition, LimitAsked, LimitRowAsked, PORTIONS_SEVERAL, PROPORTION_SEVERAL, SUM_BOUNDS, in_unit,
};
use crate::domain::decimal::Decimal;
use crate::judgement::edition::Rules;
use crate::judgement::limit::{Bound, LimitRule};
use crate::judgement::measured::MeasuredValue;
use crate::judgement::proportion::{self, RatioPart};
use crate::judgement::record::{self, Answer, Question};
use crate::judgement::sums::JudgedOn;
use crate::judgement::{JudgementError, Verdict};

impl Asked {
    /// The sum of its parts, judged by both bounds: reported is the lower one, for which nothing counts that was not detected
    /// (`judgement.md` 6). Where the item measures the parent compound itself, that is the first part.
    pub(super) fn by_sum(
        &self,
        own: Vec<PortionValue>,
        (lod, loq): (Option<Decimal>, Option<Decimal>),
        edition: Edition,
    ) -> Result<Answered, JudgementError> {
        let several = own.len() > 1;
        let own = own.into_iter().next();
        // Where the method states its LOQ alone, what is not detected lies at least below that.
        let is_nothing = own.as_ref().is_some_and(|own| own.value == MeasuredValue::NotDetected);
        let lod = lod.or(loq.filter(|_| is_nothing));
        let (mut lower, upper) = sum_of(own, lod, &self.from, edition)?;
        if several {
            lower.notes.push(PORTIONS_SEVERAL);
        }
        let judged = |value: PortionValue| -> Result<Option<Verdict>, JudgementError> {
            Ok(self.by_rule(vec![value], (None, None), edition)?.judgement.verdict())
        };
        // That something may be there below its LOD is no finding of what must not be there.
        let is_absent = edition >= Edition::Fifth && lower.printed.is_some() && self.must_be_absent();
        let differs = match upper {
            _ if is_absent => false,
            Some(upper) => judged(upper)? != judged(lower.clone())?,
            None => matches!(self.limit, LimitAsked::Row(_)),
        };
        if differs {
            lower.notes.push(SUM_BOUNDS);
        }
        self.by_rule(vec![lower], (None, None), edition)
    }

    fn must_be_absent(&self) -> bool {
        let LimitAsked::Row(LimitRowAsked { rule: Some(rule), .. }) = &self.limit else { return false };
        matches!(rule.bound, Bound::NotDetectable | Bound::NotPermitted)
    }

    /// The additives of one group that are permitted in the food (`judgement.md` 7). Where fewer than two are found there is
    /// nothing to report, and no verdict.
    pub(super) fn by_proportion(&self, edition: Edition) -> Result<Answered, JudgementError> {
        let share = |taken: &Taken| {
            let part = taken.as_share()?;
            Some(RatioPart { exact: part.exact.filter(|_| edition >= Edition::Fourth), ..part })
        };
        let parts: Vec<RatioPart> = self.from.iter().filter_map(share).collect();
        let judged = proportion::ratio(&parts)?;
        let judgement = record::judge_by(edition.rules(), Question::Ratio { parts }, self.sources(edition))?;
        let maxima = self.from.iter().filter_map(|taken| taken.max.as_ref()).filter(|_| judged.reportable);
        let mut notes: Vec<String> = maxima.flat_map(|max| max.doubts.iter().cloned()).collect();
        if judged.reportable && self.from.iter().any(Taken::is_disputed) {
            notes.push(PROPORTION_SEVERAL.to_owned());
        }
        notes.sort_unstable();
        notes.dedup();
        let verdict = match judged.verdict {
            _ if !judged.reportable => Verdict::NoLimit,
            Verdict::Pass | Verdict::Fail if !notes.is_empty() => Verdict::Review,
            verdict => verdict,
        };
        Ok(Answered {
            value: judged.sum.clone(),
            reported: judged.reported(),
            unit: String::new(),
            verdict,
            lod: None,
            loq: None,
            notes,
            calculations: Vec::new(),
            judgement,
            uncertainty: None,
            claim: None,
            exact: None,
        })
    }

    /// A total against the limit of its species (`judgement.md` 7): not above it, it settles the matter; above it the species
    /// does, and before that is measured nothing is complete. Where the total is no plain number (below its LOQ, say), what
    /// its own comparison says holds.
    pub(super) fn by_species(
        &self,
        row: &LimitRowAsked,
        values: Vec<PortionValue>,
        (lod, loq): (Option<Decimal>, Option<Decimal>),
        edition: Edition,
    ) -> Result<Answered, JudgementError> {
        let total = self.by_rule(values, (lod.clone(), loq), edition)?;
        let Some(LimitRule { bound: Bound::Max { value: limit }, .. }) = &row.rule else { return Ok(total) };
        let Question::Item { measured, .. } = &total.judgement.question else { return Ok(total) };
        let value = in_unit(&measured.value.to_string(), &self.unit, &row.unit)?;
        let value = MeasuredValue::parse(&value).map_err(|problem| number_problem("total", problem))?;
        let species = self.from.iter().find(|taken| taken.need.used_as == Use::Species);
        let lod = match (species, lod) {
            (Some(species), _) => species.lod.clone(),
            (None, Some(lod)) => Decimal::parse(&in_unit(lod.as_str(), &self.unit, &row.unit)?).ok(),
            (None, None) => None,
        };
        let species = species.map(|taken| taken.value.clone());
        // Of a species that is not detected and whose LOD nobody has stated a person decides: the first rules say so.
        let is_open = species == Some(MeasuredValue::NotDetected) && lod.is_none();
        let rules = if is_open { Rules::First } else { edition.rules() };
        let question = Question::Species { total: value, species, limit: limit.clone(), lod };
        let judgement = record::judge_by(rules, question, self.sources(edition))?;
        let Answer::Species(judged) = &judgement.answer else { return Ok(total) };
        let conforms = total.judgement.verdict() == Some(Verdict::Pass);
        if conforms != (judged.judged_on == Some(JudgedOn::Total)) {
            return Ok(total);
        }
        let verdict = match judged.verdict {
            Verdict::Pass | Verdict::Fail if !total.notes.is_empty() => Verdict::Review,
            verdict => verdict,
        };
        let mut calculations = total.calculations;
        calculations.push(total.judgement);
        Ok(Answered { verdict, calculations, judgement, ..total })
    }
}
