//! From what was entered to a judged result, purely: no database, no clock. A [`Record`] holds everything that was asked
//! and what was answered; asking again by the rules of its edition gives the same bytes.

use std::collections::BTreeMap;

use num_traits::One;
use serde::Deserialize;

use super::curves::CurveAsked;
use super::established::{CARRY_OVER_OPEN, FINDING_UNCONFIRMED, Open};
use super::portions::{PortionValue, decimal_of, portion_value};
use super::taken::{Taken, with_taken};
use super::uncertainty::{UNCERTAINTY_DECIDES, UNCERTAINTY_UNKNOWN};
use crate::catalogue::import::{Evaluation, FormulaRow};
use crate::domain::decimal::Decimal;
use crate::judgement::basis::{Portions, scaled_detection_limit};
use crate::judgement::explain::{LONGEST_WRITTEN, Step, StepKey};
use crate::judgement::limit::{Bound, LimitRule, MethodFacts};
use crate::judgement::measured::{Measured, MeasuredValue};
use crate::judgement::micro::MicroPlan;
use crate::judgement::number::{Fraction, Ratio, scaled_text};
use crate::judgement::record::{self, Answer, JudgementRecord, Question, Sources};
use crate::judgement::rounding::{self, Digits, digits_for};
use crate::judgement::{JudgementError, Verdict, units};

mod asked;
mod claimed;
mod counted;
mod edition;
mod residue;
mod several;
mod told;

pub use asked::{Answered, Asked, Decision, LimitAsked, LimitRowAsked, MethodAsked, Portion, Record, Subcontract};
pub(super) use edition::{CURRENT, Edition};
pub use edition::{UnknownEdition, replays};
use residue::RESIDUE_ALONE;

/// Codes of notes, each a message key `note-CODE`.
pub const NOTES: &[&str] = &[
    LIMIT_UNKNOWN,
    LIMIT_CONDITION,
    LIMITS_SEVERAL,
    LIMIT_BASIS,
    LABEL_CLAIM_OPEN,
    SCREENING_POSITIVE,
    PARALLELS_MIXED,
    PORTIONS_SEVERAL,
    DISPLAY_DIFFERS,
    FINDING_WITHOUT_NUMBER,
    SUM_BOUNDS,
    PROPORTION_SEVERAL,
    UNCERTAINTY_UNKNOWN,
    UNCERTAINTY_DECIDES,
    FINDING_UNCONFIRMED,
    CARRY_OVER_OPEN,
    RESIDUE_ALONE,
];
pub const LIMIT_UNKNOWN: &str = "limit-unknown";
pub const LIMIT_CONDITION: &str = "limit-condition";
pub const LIMITS_SEVERAL: &str = "limits-several";
pub const LIMIT_BASIS: &str = "limit-basis";
/// The result could not be compared with what the label claims.
const LABEL_CLAIM_OPEN: &str = "label-claim-open";
pub const SCREENING_POSITIVE: &str = "screening-positive";
pub(super) const PARALLELS_MIXED: &str = "parallels-mixed";
const PORTIONS_SEVERAL: &str = "portions-several";
const DISPLAY_DIFFERS: &str = "display-differs";
const FINDING_WITHOUT_NUMBER: &str = "finding-without-number";
/// What is not detected decides: as zero and as its LOD it leads to different verdicts.
const SUM_BOUNDS: &str = "sum-bounds";
/// An additive of a sum of proportions is tested several times, and its results disagree.
const PROPORTION_SEVERAL: &str = "proportion-several";

/// Calculates and judges.
///
/// # Errors
/// Inputs that cannot be read, formulas that cannot be evaluated, units that do not fit: with the field that is wrong.
pub fn compute(asked: Asked) -> Result<Record, JudgementError> {
    compute_by(CURRENT, asked)
}

fn compute_by(edition: Edition, asked: Asked) -> Result<Record, JudgementError> {
    let answered = asked.answer(edition)?;
    Ok(Record { record: edition.number(), asked, answered, decision: None, subcontract: None })
}

impl Record {
    /// The text that is stored and compared.
    pub fn bytes(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether the rules of its edition give the same bytes. What a person decided and who tested stand beside what the
    /// rules answer.
    ///
    /// # Errors
    /// An edition that this program does not know, of the record or of a judgement in it.
    pub fn replay(&self) -> Result<bool, UnknownEdition> {
        let edition = Edition::of(self.record)?;
        let answered = &self.answered;
        let decisions = answered.uncertainty.iter().flat_map(|one| &one.decisions);
        let mut judgements = answered.calculations.iter().chain([&answered.judgement]).chain(decisions);
        if let Some(newer) = judgements.find(|one| !one.is_known()) {
            return Err(UnknownEdition(newer.rules));
        }
        let again = compute_by(edition, self.asked.clone());
        let beside =
            |again: Self| Self { decision: self.decision.clone(), subcontract: self.subcontract.clone(), ..again };
        Ok(again.is_ok_and(|again| beside(again).bytes() == self.bytes()))
    }

    #[cfg(test)]
    pub fn reproduces(&self) -> bool {
        self.replay() == Ok(true)
    }

    /// How the result came about: the calculations, which judge nothing, and the judgement.
    pub fn steps(&self) -> Vec<Step> {
        let calculated = self.answered.calculations.iter().flat_map(JudgementRecord::steps);
        let calculated = calculated.filter(|step| step.key != StepKey::VerdictIs).chain(self.told());
        let calculated = calculated.chain(self.governs()).chain(self.factor_stated());
        let judged = self.answered.judgement.steps().into_iter().chain(self.residue_alone());
        calculated.chain(judged).chain(self.claimed_steps()).collect()
    }

    /// Which of several standards governs, or that nothing says so.
    fn governs(&self) -> Option<Step> {
        let LimitAsked::Row(row) = &self.asked.limit else { return None };
        let (standard, others) = (row.standard.clone(), row.beside.join("; "));
        let disputed = row.doubts.iter().any(|doubt| doubt == LIMITS_SEVERAL);
        let key = if disputed { StepKey::StandardsDisagree } else { StepKey::Governs };
        (!others.is_empty()).then(|| Step::new(key, [("standard", standard), ("others", others)]))
    }

    fn claimed_steps(&self) -> Vec<Step> {
        let Some((claim, judged)) = self.asked.claim.as_ref().zip(self.answered.claim.as_ref()) else {
            return Vec::new();
        };
        let steps = judged.steps().into_iter();
        [Step::new(StepKey::LabelClaim, [("claim", claim.to_string())])].into_iter().chain(steps).collect()
    }

    /// The whole reasoning: how the result came about, and what the client's guard band says of it.
    pub fn reasoning(&self) -> Vec<Step> {
        let decisions = self.answered.uncertainty.iter().flat_map(|one| &one.decisions);
        self.steps().into_iter().chain(decisions.flat_map(JudgementRecord::steps)).collect()
    }

    /// The verdict that holds: a person's decision, else what the rules answer.
    pub fn verdict(&self) -> Verdict {
        self.decision.as_ref().map_or(self.answered.verdict, |decision| decision.verdict)
    }
}

/// Why a person still has to look at a stored record, without the rest of it: nothing once somebody has decided.
pub fn notes_of(record: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Noted {
        answered: Notes,
        decision: Option<serde::de::IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Notes {
        notes: Vec<String>,
    }
    match serde_json::from_str::<Noted>(record) {
        Ok(Noted { answered, decision: None }) => answered.notes,
        _ => Vec::new(),
    }
}

impl Asked {
    /// The rule of calculation that this was asked by; what a record does not keep (tolerances, controls) is that of
    /// another.
    pub fn rule_over(&self, other: &FormulaRow) -> FormulaRow {
        let determinations = self.portions.iter().map(|portion| portion.determinations.len()).max().unwrap_or(1);
        FormulaRow {
            version: self.formula_version,
            evaluation: self.evaluation.clone(),
            inputs: self.inputs.clone(),
            from: self.from.iter().filter_map(Taken::as_input).collect(),
            curve: self.curve.as_ref().map(|curve| curve.rule.clone()),
            unit: self.unit.clone(),
            parallel: other.parallel.max(u32::try_from(determinations).unwrap_or(1)),
            ..other.clone()
        }
    }

    fn answer(&self, edition: Edition) -> Result<Answered, JudgementError> {
        match self.evaluation {
            Evaluation::Sum => return Ok(self.claimed(self.by_sum(Vec::new(), (None, None), edition)?, edition)),
            Evaluation::Proportion => return self.by_proportion(edition),
            Evaluation::Formula { .. }
            | Evaluation::Plates { .. }
            | Evaluation::Tubes
            | Evaluation::Detection
            | Evaluation::Direct => {}
        }
        let curve = self.curve.as_ref().map(CurveAsked::fitted).transpose()?;
        let mut values = Vec::new();
        for portion in &self.portions {
            let portion = with_taken(portion, &self.from);
            let rule = (&self.evaluation, self.inputs.as_slice());
            values.push(portion_value(rule, &portion, curve.as_ref(), (edition, &self.from))?);
        }
        let (lod, loq) = self.detection_limits(edition)?;
        let mut answered = match &self.limit {
            _ if self.from.iter().any(Taken::is_part) => self.by_sum(values, (lod, loq), edition)?,
            LimitAsked::Row(LimitRowAsked { plan: Some(plan), .. }) => self.by_plan(plan, values, edition)?,
            LimitAsked::Row(row) if row.species.is_some() => self.by_species(row, values, (lod, loq), edition)?,
            _ => self.by_rule(values, (lod, loq), edition)?,
        };
        if let Some(curve) = &curve {
            answered.calculations.insert(0, curve.record(&self.portions, edition.rules(), self.sources(edition))?);
        }
        for (place, corrected) in self.corrections.iter().enumerate() {
            answered.calculations.insert(place, corrected.record(edition.rules(), self.sources(edition))?);
        }
        Ok(self.claimed(answered, edition))
    }

    /// LOD and LOQ for the portion used, in the result's unit: of several determinations those of the one that sees least.
    fn detection_limits(&self, edition: Edition) -> Result<(Option<Decimal>, Option<Decimal>), JudgementError> {
        let method = &self.method;
        if method.lod.is_none() && method.loq.is_none() {
            return Ok((None, None));
        }
        let factor = units::factor(&method.lod_unit, &self.unit)?;
        let looked_at = if edition >= Edition::Third { usize::MAX } else { 1 };
        let given = self.portions.iter().take(looked_at).flat_map(|portion| &portion.determinations);
        let mut used: Vec<Option<Portions>> = given.take(looked_at).map(|given| self.used(given)).collect();
        if used.is_empty() {
            used.push(None);
        }
        let scaled = |limit: &Option<Decimal>| -> Result<Option<Decimal>, JudgementError> {
            let Some(limit) = limit else { return Ok(None) };
            let of_used = |used: &Option<Portions>| match used {
                Some(portions) => scaled_detection_limit(limit, portions),
                None => Ok(limit.to_ratio()),
            };
            let all = used.iter().map(of_used).collect::<Result<Vec<Ratio>, _>>()?;
            let exact = all.into_iter().max().unwrap_or_default() * &factor;
            Ok(Some(match edition {
                Edition::First | Edition::Second => Decimal::from_ratio_finite(&exact)
                    .unwrap_or_else(|| rounding::to_significant(&exact, LIMIT_FIGURES).value),
                Edition::Third | Edition::Fourth | Edition::Fifth | Edition::Sixth => decimal_of(&exact),
            }))
        };
        Ok((scaled(&method.lod)?, scaled(&method.loq)?))
    }

    /// Mass and volume of a determination beside those that LOD and LOQ belong to.
    fn used(&self, given: &BTreeMap<String, String>) -> Option<Portions> {
        let used = |name: &str| Decimal::parse(given.get(name)?.trim()).ok();
        Some(Portions {
            mass_method: self.method.portion_g.clone()?,
            volume_method: self.method.volume_ml.clone()?,
            mass_used: used("mass")?,
            volume_used: used("volume")?,
        })
    }

    /// All units against a sampling plan; the report prints every unit in order, without a mean.
    fn by_plan(
        &self,
        plan: &MicroPlan,
        values: Vec<PortionValue>,
        edition: Edition,
    ) -> Result<Answered, JudgementError> {
        let judge = |units: Vec<Option<MeasuredValue>>| {
            record::judge_by(edition.rules(), Question::Plan { plan: plan.clone(), units }, self.sources(edition))
        };
        let judgement = judge(values.iter().map(|value| Some(value.value.clone())).collect())?;
        let printed: Vec<String> =
            values.iter().map(|value| value.printed.clone().unwrap_or_else(|| value.text.clone())).collect();
        let mut notes = Vec::new();
        if let (Evaluation::Tubes, LimitAsked::Row(row)) = (&self.evaluation, &self.limit)
            && !row.unit.is_empty()
            && !units::factor(&self.unit, &row.unit)?.is_one()
        {
            return Err(JudgementError::refused(
                "unit",
                format!("the plan counts in {}, the table in {}", row.unit, self.unit),
            ));
        }
        if matches!(self.evaluation, Evaluation::Plates { .. }) {
            // Judged are the full counts; where the printed ones would say something else a person decides.
            let rounded = printed.iter().map(|text| MeasuredValue::parse(text).ok()).collect();
            if judge(rounded)?.verdict() != judgement.verdict() {
                notes.push(DISPLAY_DIFFERS);
            }
        }
        self.answered(values, printed.join(", "), judgement, (None, None), notes)
    }

    fn by_rule(
        &self,
        values: Vec<PortionValue>,
        (lod, loq): (Option<Decimal>, Option<Decimal>),
        edition: Edition,
    ) -> Result<Answered, JudgementError> {
        let first = values.first().ok_or_else(|| JudgementError::refused("portions", "there is nothing to judge"))?;
        let mut notes = if values.len() > 1 { vec![PORTIONS_SEVERAL] } else { Vec::new() };
        let rule = match &self.limit {
            // A finding has no number: that it is there says nothing about how much is there.
            LimitAsked::Row(LimitRowAsked { rule: Some(rule), .. })
                if self.is_found(&values) && rule.region().is_some() =>
            {
                notes.push(FINDING_WITHOUT_NUMBER);
                LimitRule::new(Bound::NoLimit, Some(&self.unit))
            }
            LimitAsked::Row(LimitRowAsked { rule: Some(rule), .. }) => self.scaled(rule),
            _ => LimitRule::new(Bound::NoLimit, Some(&self.unit)),
        };
        let digits = self.digits(&first.value);
        let measured = match edition {
            Edition::First => Measured::new(first.value.clone(), Some(&self.unit)),
            Edition::Second | Edition::Third | Edition::Fourth | Edition::Fifth | Edition::Sixth => {
                self.measured(first.value.clone(), &rule.bound)
            }
        };
        let shown = |limit: &Option<Decimal>| match edition {
            Edition::First | Edition::Second => limit.clone(),
            Edition::Third | Edition::Fourth | Edition::Fifth | Edition::Sixth => {
                limit.as_ref().map(|limit| limit_shown(&limit.to_ratio()))
            }
        };
        let limits_shown = (shown(&lod), shown(&loq));
        let facts = MethodFacts { lod, loq, digits };
        let question = Question::Item { measured, limit: rule, method: facts };
        let judgement = record::judge_by(edition.rules(), question, self.sources(edition))?;
        // What the table prints is per gram or millilitre; the limit may be of another amount.
        let printed = first.printed.as_ref().filter(|_| self.evaluation != Evaluation::Tubes);
        let reported = match (&judgement.answer, printed) {
            (_, Some(printed)) => printed.clone(),
            (Answer::Item(judged), None) => judged.reported.clone(),
            (_, None) => first.text.clone(),
        };
        let asked = self.uncertainty.as_ref();
        let judged = asked.map(|asked| asked.judged(&judgement, first.exact.as_ref(), &reported, edition));
        let (uncertainty, doubt) = judged.transpose()?.unwrap_or_default();
        notes.extend(doubt);
        if edition >= Edition::Second {
            notes.extend(Open::of(&judgement).map(Open::note));
        }
        if edition >= Edition::Sixth && self.leaves_sum_open(&judgement) {
            notes.push(RESIDUE_ALONE);
        }
        let exact = first.exact.as_ref().and_then(Fraction::of);
        Ok(Answered { uncertainty, exact, ..self.answered(values, reported, judgement, limits_shown, notes)? })
    }

    /// Whether a qualitative method found something.
    fn is_found(&self, values: &[PortionValue]) -> bool {
        matches!(self.evaluation, Evaluation::Detection)
            && values.iter().any(|value| value.value != MeasuredValue::NotDetected)
    }

    /// How the method reports this value. A calculated value whose method says nothing is given with three figures.
    fn digits(&self, value: &MeasuredValue) -> Option<Digits> {
        const FIGURES_WITHOUT_RULE: u32 = 3;
        /// Of the table of most probable numbers.
        const FIGURES_OF_TUBES: u32 = 2;
        let MeasuredValue::Number(number) = value else { return None };
        let given = digits_for(&self.method.digits, &number.to_ratio()).cloned();
        let otherwise = Some(Digits::Significant(FIGURES_WITHOUT_RULE));
        match self.evaluation {
            Evaluation::Formula { .. } | Evaluation::Sum => given.or(otherwise),
            Evaluation::Direct if self.from.iter().any(Taken::is_part) => given.or(otherwise),
            Evaluation::Direct => given,
            Evaluation::Tubes => Some(Digits::Significant(FIGURES_OF_TUBES)),
            Evaluation::Plates { .. } | Evaluation::Detection | Evaluation::Proportion => None,
        }
    }

    fn answered(
        &self,
        values: Vec<PortionValue>,
        reported: String,
        judgement: JudgementRecord,
        (lod, loq): (Option<Decimal>, Option<Decimal>),
        more: Vec<&'static str>,
    ) -> Result<Answered, JudgementError> {
        let judged = judgement.verdict().unwrap_or(Verdict::Incomplete);
        let mut notes: Vec<String> =
            values.iter().flat_map(|value| value.notes.iter()).chain(&more).map(|note| (*note).to_owned()).collect();
        let unit = match &self.limit {
            LimitAsked::Row(row) => {
                notes.extend(row.doubts.iter().cloned());
                if row.unit.is_empty() { self.unit.clone() } else { row.unit.clone() }
            }
            LimitAsked::Unknown { .. } => {
                notes.push(LIMIT_UNKNOWN.to_owned());
                self.unit.clone()
            }
            LimitAsked::NotJudged | LimitAsked::Absent { .. } => self.unit.clone(),
        };
        // Whatever the limit says, and also where nothing is judged: it is no result before it is confirmed
        // (`workflow.md` 8).
        let unconfirmed = more.contains(&FINDING_UNCONFIRMED);
        if self.method.screening && (judged == Verdict::Fail || unconfirmed || self.is_found(&values)) {
            notes.retain(|note| note != FINDING_UNCONFIRMED);
            notes.push(SCREENING_POSITIVE.to_owned());
        }
        let decided = matches!(judged, Verdict::Pass | Verdict::Fail | Verdict::NoLimit);
        let verdict = if decided && !notes.is_empty() { Verdict::Review } else { judged };
        let text = values.iter().map(|value| value.text.as_str()).collect::<Vec<_>>().join(", ");
        Ok(Answered {
            value: text,
            reported,
            unit,
            verdict,
            lod: lod.map(|lod| lod.to_string()),
            loq: loq.map(|loq| loq.to_string()),
            notes,
            calculations: values.into_iter().flat_map(|value| value.calculations).collect(),
            judgement,
            uncertainty: None,
            claim: None,
            exact: None,
        })
    }

    fn sources(&self, edition: Edition) -> Sources {
        let row = match &self.limit {
            LimitAsked::Row(row) => Some(row),
            _ => None,
        };
        let named = Sources {
            limit_standard: row.map(|row| row.standard.clone()),
            method: Some(self.method.text.clone()),
            formula_version: Some(format!("{}/{}", self.method.key, self.formula_version)),
            ..Sources::default()
        };
        match edition {
            Edition::First => named,
            Edition::Second | Edition::Third | Edition::Fourth | Edition::Fifth | Edition::Sixth => Sources {
                // The sum of proportions has a limit that stands in no set.
                limit_row: row.filter(|row| !row.key.is_empty()).map(|row| format!("{}/{}", row.set, row.key)),
                method_row: Some(self.method.key.clone()),
                ..named
            },
        }
    }
}

/// An LOD or LOQ as it is shown.
fn limit_shown(exact: &Ratio) -> Decimal {
    Decimal::from_ratio_finite(exact)
        .filter(|finite| finite.as_str().len() <= LONGEST_WRITTEN)
        .unwrap_or_else(|| rounding::to_significant(exact, LIMIT_FIGURES).value)
}

/// Figures of an LOD that has no finite decimal.
const LIMIT_FIGURES: u32 = 6;

/// A value as it was typed or printed, in another unit of the same kind; digits are kept.
///
/// # Errors
/// Units of different kinds.
pub fn in_unit(typed: &str, from: &str, to: &str) -> Result<String, JudgementError> {
    if from == to || from.is_empty() {
        return Ok(typed.to_owned());
    }
    let factor = units::factor(from, to)?;
    let trimmed = typed.trim();
    let (sign, number) = match trimmed.strip_prefix(['<', '>']) {
        Some(rest) => (&trimmed[..1], rest),
        None => ("", trimmed),
    };
    match Decimal::parse(number) {
        Ok(number) => Ok(format!("{sign}{}", scaled_text(&number, &factor))),
        Err(_) => Ok(typed.to_owned()),
    }
}

#[cfg(test)]
#[path = "compute_tests.rs"]
mod tests;
