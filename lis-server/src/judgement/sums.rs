//! Several results judged as one (`judgement.md` 6 and 7): sums with residue factors, total before species.
//! The proportion rule of GB 2760 is in [`super::proportion`].

use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::Verdict;
use super::edition::Rules;
use super::error::JudgementError;
use super::explain::{Step, StepKey};
use super::item;
use super::limit::{Bound, LimitRule, MethodFacts};
use super::measured::{Measured, MeasuredValue};
use super::number::{Factor, MAX_PARTS, Ratio, one, plain};

/// One component of a sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SumPart {
    pub value: MeasuredValue,
    #[serde(default)]
    pub lod: Option<Decimal>,
    /// Converts a metabolite to the substance the residue is expressed as: `221.26/237.25`.
    #[serde(default)]
    pub factor: Option<Factor>,
    /// The exact number, where `value` had to be cut. It is summed with and never stored.
    #[serde(skip)]
    pub exact: Option<Ratio>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SumJudged {
    /// What is not detected counts as zero: the reported sum.
    pub lower: String,
    /// What is not detected counts as its LOD; `None` when a part is only known as `>a`.
    pub upper: Option<String>,
    pub verdict: Verdict,
    pub steps: Vec<Step>,
}

/// The sum against a maximum. Both bounds are judged; when they differ the verdict is REVIEW.
///
/// A number below its own LOD counts as not detected. Not detected without LOD is refused: the upper bound is unknown.
pub fn sum(parts: &[SumPart], limit: Option<&Decimal>) -> Result<SumJudged, JudgementError> {
    let (lower, upper) = bounds(parts)?;
    let mut steps = Vec::new();
    for part in parts {
        let factor = part.factor.as_ref().map_or("1", Factor::as_str).to_owned();
        steps.push(Step::new(StepKey::SumPart, [("value", part.value.to_string()), ("factor", factor)]));
    }
    let verdict = limit.map_or(Verdict::NoLimit, |limit| sum_verdict(&lower, upper.as_ref(), &limit.to_ratio()));
    let (lower, upper) = (plain(&lower), upper.as_ref().map(plain));
    let shown = upper.clone().unwrap_or_else(|| "—".to_owned());
    steps.push(Step::new(StepKey::SumBounds, [("lower", lower.clone()), ("upper", shown)]));
    if let Some(limit) = limit {
        steps.push(Step::new(StepKey::Limit, [("limit", limit.to_string()), ("unit", String::new())]));
    }
    if verdict == Verdict::Review {
        steps.push(Step::new(StepKey::SumBoundsDiffer, []));
    }
    steps.push(verdict_step(verdict));
    Ok(SumJudged { lower, upper, verdict, steps })
}

/// Both bounds of a sum, exactly: what is not detected as zero, and as its LOD. No upper one when a part is only known as `>a`.
pub fn bounds(parts: &[SumPart]) -> Result<(Ratio, Option<Ratio>), JudgementError> {
    if parts.is_empty() || parts.len() > MAX_PARTS {
        let why = format!("a sum has one to {MAX_PARTS} parts");
        return Err(JudgementError::refused("parts", why));
    }
    let (mut lower, mut upper) = (Ratio::zero(), Some(Ratio::zero()));
    for (index, part) in parts.iter().enumerate() {
        let (low, high) = part.bounds(index)?;
        lower += low;
        upper = upper.zip(high).map(|(sum, high)| sum + high);
    }
    Ok((lower, upper))
}

/// Both bounds against a maximum. Without upper bound the sum lies strictly above the lower one.
pub(super) fn sum_verdict(lower: &Ratio, upper: Option<&Ratio>, limit: &Ratio) -> Verdict {
    match upper {
        Some(upper) if upper <= limit => Verdict::Pass,
        None if lower >= limit => Verdict::Fail,
        _ if lower > limit => Verdict::Fail,
        _ => Verdict::Review,
    }
}

impl SumPart {
    /// Not detected, or a number below its own LOD, which is the same.
    pub fn is_not_detected(&self) -> bool {
        match (&self.value, &self.lod) {
            (MeasuredValue::NotDetected, _) => true,
            (MeasuredValue::Number(value), Some(lod)) => value.cmp_value(lod).is_lt(),
            _ => false,
        }
    }

    fn bounds(&self, index: usize) -> Result<(Ratio, Option<Ratio>), JudgementError> {
        let factor = self.factor.as_ref().map_or_else(one, |factor| factor.value().clone());
        if !factor.is_positive() {
            return Err(JudgementError::refused(format!("parts[{index}].factor"), "it is not above zero"));
        }
        let scaled = |value: &Decimal| value.to_ratio() * &factor;
        Ok(match (&self.value, &self.lod) {
            (MeasuredValue::NotDetected, Some(lod)) => (Ratio::zero(), Some(scaled(lod))),
            (MeasuredValue::NotDetected, None) => {
                let why = "not detected needs its LOD, for the upper bound of the sum";
                return Err(JudgementError::refused(format!("parts[{index}].lod"), why));
            }
            (MeasuredValue::Number(value), Some(lod)) if value.cmp_value(lod).is_lt() => {
                (Ratio::zero(), Some(scaled(lod)))
            }
            (MeasuredValue::Number(value), _) => {
                let sum = self.exact.as_ref().map_or_else(|| scaled(value), |exact| exact * &factor);
                (sum.clone(), Some(sum))
            }
            (MeasuredValue::Below(a), _) => (Ratio::zero(), Some(scaled(a))),
            (MeasuredValue::Above(a), _) => (scaled(a), None),
        })
    }
}

/// On which result a verdict rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgedOn {
    Total,
    Species,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeciesJudged {
    pub verdict: Verdict,
    /// `None` while the species is still to be measured.
    pub judged_on: Option<JudgedOn>,
    pub steps: Vec<Step>,
}

/// Total before species (inorganic arsenic, methyl mercury).
///
/// 1. A total that conforms to the limit of the species conforms without the second test.
/// 2. Otherwise the species is judged.
/// 3. Without it: INCOMPLETE, never FAIL.
///
/// `lod` is that of whichever of them was not detected; without it what was not detected is nothing.
pub fn species(
    total: &MeasuredValue,
    species: Option<&MeasuredValue>,
    limit: &Decimal,
    lod: Option<&Decimal>,
) -> Result<SpeciesJudged, JudgementError> {
    species_by(Rules::CURRENT, (total, species), limit, lod)
}

/// The same by the rules of an edition.
pub fn species_by(
    rules: Rules,
    (total, species): (&MeasuredValue, Option<&MeasuredValue>),
    limit: &Decimal,
    lod: Option<&Decimal>,
) -> Result<SpeciesJudged, JudgementError> {
    let rule = LimitRule::new(Bound::Max { value: limit.clone() }, None);
    let method = MethodFacts { lod: lod.cloned(), ..MethodFacts::default() };
    let verdict_of = |value: &MeasuredValue| match (value, lod) {
        (MeasuredValue::NotDetected, None) if rules >= Rules::Second => Ok(Verdict::Pass),
        _ => item::judge_by(rules, &Measured::new(value.clone(), None), &rule, &method).map(|judged| judged.verdict),
    };
    let args = |name, value: &MeasuredValue| [(name, value.to_string()), ("limit", limit.to_string())];
    if verdict_of(total)? == Verdict::Pass {
        let steps = vec![Step::new(StepKey::TotalConforms, args("total", total)), verdict_step(Verdict::Pass)];
        return Ok(SpeciesJudged { verdict: Verdict::Pass, judged_on: Some(JudgedOn::Total), steps });
    }
    let needed = Step::new(StepKey::SpeciesNeeded, args("total", total));
    let Some(value) = species else {
        let steps = vec![needed, verdict_step(Verdict::Incomplete)];
        return Ok(SpeciesJudged { verdict: Verdict::Incomplete, judged_on: None, steps });
    };
    let verdict = verdict_of(value)?;
    let steps = vec![needed, Step::new(StepKey::SpeciesJudged, args("species", value)), verdict_step(verdict)];
    Ok(SpeciesJudged { verdict, judged_on: Some(JudgedOn::Species), steps })
}

pub(super) fn verdict_step(verdict: Verdict) -> Step {
    Step::new(StepKey::VerdictIs, [("zh", verdict.zh().into()), ("en", verdict.name().into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Fail, Incomplete, NoLimit, Pass, Review};

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn v(text: &str) -> MeasuredValue {
        MeasuredValue::parse(text).unwrap()
    }

    fn part(value: &str, lod: Option<&str>, factor: Option<&str>) -> SumPart {
        SumPart {
            value: v(value),
            lod: lod.map(d),
            factor: factor.map(|factor| Factor::parse(factor).unwrap()),
            exact: None,
        }
    }

    #[test]
    fn sums_keep_both_bounds() {
        let check = |parts: &[SumPart], limit: &str, lower: &str, upper: Option<&str>, verdict| {
            let limit = Decimal::parse(limit).ok();
            let judged = sum(parts, limit.as_ref()).unwrap();
            assert_eq!((judged.lower.as_str(), judged.upper.as_deref(), judged.verdict), (lower, upper, verdict));
        };
        let parts = [part("ND", Some("0.5"), None), part("1.2", None, Some("221.26/237.25"))];
        // 1.2 x 221.26 / 237.25 = 1.11912328767...
        check(&parts, "20", "1.11912328767", Some("1.61912328767"), Pass);
        check(&parts, "1.5", "1.11912328767", Some("1.61912328767"), Review);
        check(&parts, "1", "1.11912328767", Some("1.61912328767"), Fail);
        check(&parts, "", "1.11912328767", Some("1.61912328767"), NoLimit);
        check(&[part("<0.5", None, None), part("0.3", Some("0.4"), Some("2"))], "1.3", "0", Some("1.3"), Pass);
        check(&[part(">4.9", None, None)], "5", "4.9", None, Review);
        check(&[part(">5", None, None)], "5", "5", None, Fail);
        assert!(sum(&[part("ND", None, None)], None).unwrap_err().to_string().contains("parts[0].lod"));
        assert!(sum(&[part("1", None, Some("0"))], None).is_err());
        assert!(sum(&[], None).is_err());
    }

    #[test]
    fn the_total_comes_first() {
        let check = |total: &str, second: Option<&str>, verdict, on| {
            let judged = species(&v(total), second.map(v).as_ref(), &d("0.2"), None).unwrap();
            assert_eq!((judged.verdict, judged.judged_on), (verdict, on));
        };
        check("0.2", None, Pass, Some(JudgedOn::Total));
        check("0.18", Some("0.3"), Pass, Some(JudgedOn::Total));
        check("0.26", Some("0.12"), Pass, Some(JudgedOn::Species));
        check("0.26", Some("0.21"), Fail, Some(JudgedOn::Species));
        check("0.26", None, Incomplete, None);
        let not_detected = species(&v("ND"), None, &d("0.2"), Some(&d("0.01"))).unwrap();
        assert_eq!((not_detected.verdict, not_detected.judged_on), (Pass, Some(JudgedOn::Total)));
        // Without an LOD it is nothing; with one above the limit nobody can tell.
        check("0.26", Some("ND"), Pass, Some(JudgedOn::Species));
        check("ND", None, Pass, Some(JudgedOn::Total));
        let weak = species(&v("0.26"), Some(&v("ND")), &d("0.2"), Some(&d("0.3"))).unwrap();
        assert_eq!((weak.verdict, weak.judged_on), (Verdict::Block, Some(JudgedOn::Species)));
    }
}
