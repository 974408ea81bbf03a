//! The verdict of one item: a measured value against a limit (`judgement.md` 5 and 6).
//!
//! The order of work: convert the value to the limit's unit; see what the method can say about it (not detected, below
//! the LOQ, quantified); compare, by full value unless the limit says otherwise; round for display; add digits until the
//! display agrees with the verdict.

use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::{Decimal, ten_to};

use super::Verdict;
use super::edition::Rules;
use super::error::JudgementError;
use super::explain::{LONGEST_WRITTEN, Step, StepKey};
use super::limit::{Bound, Comparison, LimitRule, MethodFacts, Region};
use super::measured::{CarryOver, Measured, MeasuredValue};
use super::number::{Ratio, one, plain, scaled_text};
use super::rounding::{self, Digits};
use super::units::{self, Unit, UnitError};

/// The answer, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    pub verdict: Verdict,
    /// As printed on the report, in the limit's unit: `0.205`, `ND`, `<0.01`.
    pub reported: String,
    /// What was compared with the limit: the full or the rounded value, or `ND`, `<a`, `>a`.
    pub compared: String,
    /// The limit after scaling, in the form of the catalogue: `0.2`, `18~33`, `ND`.
    pub limit: String,
    /// The sentence that decided.
    pub reason: Step,
    pub steps: Vec<Step>,
}

/// Judges one value against one limit.
///
/// Errors: units of different dimensions, a limit with no finite digits under rounded-value comparison, an LOD above the
/// LOQ, digits that make no sense.
pub fn judge(measured: &Measured, limit: &LimitRule, method: &MethodFacts) -> Result<Judged, JudgementError> {
    judge_by(Rules::CURRENT, measured, limit, method)
}

/// The same by the rules of an edition.
pub fn judge_by(
    rules: Rules,
    measured: &Measured,
    limit: &LimitRule,
    method: &MethodFacts,
) -> Result<Judged, JudgementError> {
    let case = Case::prepare(rules, measured, limit, method)?;
    let (verdict, compared, reason) = match limit.region() {
        Some(region) => case.against(&region)?,
        None => case.without_number(measured),
    };
    let (reported, display) = case.reported(limit.region().as_ref(), verdict)?;
    let mut steps = case.steps;
    steps.extend(display);
    steps.push(reason.clone());
    steps.push(Step::new(StepKey::VerdictIs, [("zh", verdict.zh().into()), ("en", verdict.name().into())]));
    Ok(Judged { verdict, reported, compared, limit: case.limit_text, reason, steps })
}

/// One value and one limit in the same unit.
struct Case<'a> {
    rules: Rules,
    limit: &'a LimitRule,
    digits: Option<&'a Digits>,
    finding: Finding,
    /// In the limit's unit.
    lod: Option<Ratio>,
    loq: Option<Ratio>,
    loq_text: String,
    limit_text: String,
    steps: Vec<Step>,
}

/// What the method says about the value. Texts keep the printed digits.
enum Finding {
    NotDetected,
    /// Detected, but below the LOQ.
    BelowLoq,
    Quantified {
        x: Ratio,
        text: String,
    },
    Below {
        x: Ratio,
        text: String,
    },
    Above {
        x: Ratio,
        text: String,
    },
}

impl<'a> Case<'a> {
    fn prepare(
        rules: Rules,
        measured: &Measured,
        limit: &'a LimitRule,
        method: &'a MethodFacts,
    ) -> Result<Self, JudgementError> {
        if let (Some(lod), Some(loq)) = (&method.lod, &method.loq)
            && lod.cmp_value(loq).is_gt()
        {
            return Err(JudgementError::refused("lod", format!("the LOD {lod} is above the LOQ {loq}")));
        }
        let factor = factor_to_limit(measured, limit)?;
        let converted = |value: &Decimal| value.to_ratio() * &factor;
        let text = |value: &Decimal| scaled_text(value, &factor);
        let finding = match &measured.value {
            MeasuredValue::NotDetected => Finding::NotDetected,
            MeasuredValue::Below(a) => Finding::Below { x: converted(a), text: format!("<{}", text(a)) },
            MeasuredValue::Above(a) => Finding::Above { x: converted(a), text: format!(">{}", text(a)) },
            MeasuredValue::Number(value) => {
                let size = size(rules, value, limit);
                let below = |border: &Option<Decimal>| border.as_ref().is_some_and(|border| size < border.to_ratio());
                let is_nothing = value.is_zero() || (rules >= Rules::Second && value.is_negative());
                let nothing = matches!(limit.bound, Bound::NotDetectable | Bound::NotPermitted) && is_nothing;
                if below(&method.lod) || nothing {
                    Finding::NotDetected
                } else if below(&method.loq) {
                    Finding::BelowLoq
                } else {
                    Finding::Quantified { x: converted(value), text: text(value) }
                }
            }
        };
        let limit_text = opening::scaled_limit(limit)?;
        let loq_text = method.loq.as_ref().map(text).unwrap_or_default();
        let steps = opening::steps(measured, limit, method, &factor, &limit_text);
        let (lod, loq) = (method.lod.as_ref().map(converted), method.loq.as_ref().map(converted));
        Ok(Self { rules, limit, digits: method.digits.as_ref(), finding, lod, loq, loq_text, limit_text, steps })
    }

    /// Maximum, minimum or range.
    fn against(&self, region: &Region) -> Result<(Verdict, String, Step), JudgementError> {
        let answer = |verdict, compared: &str, key| Ok((verdict, compared.to_owned(), self.reason(key, compared)));
        match &self.finding {
            Finding::Quantified { x, text } => {
                let (x, text) = match self.limit.comparison {
                    Comparison::Full => (x.clone(), text.clone()),
                    Comparison::Rounded => self.rounded_to_limit(x)?,
                };
                match region.contains(&x) {
                    true => answer(Verdict::Pass, &text, StepKey::Inside),
                    false => answer(Verdict::Fail, &text, StepKey::Outside),
                }
            }
            Finding::NotDetected => {
                let (verdict, key) = match (self.rules, &self.lod, &self.loq) {
                    (Rules::Second, None, Some(loq)) => not_detected_below_loq(region, loq),
                    // Where a method states its LOQ alone, what is not detected is at least below that.
                    _ => not_detected(region, self.lod.as_ref().or(self.loq.as_ref())),
                };
                answer(verdict, "ND", key)
            }
            Finding::BelowLoq => {
                let (verdict, key) = self.below_loq(region);
                answer(verdict, &self.below_loq_text(), key)
            }
            Finding::Below { x, text } => {
                let (verdict, key) = self.below(region, x);
                answer(verdict, text, key)
            }
            Finding::Above { x, text } => {
                let (verdict, key) = above(region, x);
                answer(verdict, text, key)
            }
        }
    }

    /// Limits without a number: 不得检出, 不得使用, 按生产需要, none.
    fn without_number(&self, measured: &Measured) -> (Verdict, String, Step) {
        let compared = match &self.finding {
            Finding::NotDetected => "ND".to_owned(),
            Finding::BelowLoq => self.below_loq_text(),
            Finding::Quantified { text, .. } | Finding::Below { text, .. } | Finding::Above { text, .. } => {
                text.clone()
            }
        };
        let (verdict, key) = match self.limit.bound {
            Bound::NotDetectable => self.not_detectable(measured),
            Bound::NotPermitted => self.not_permitted(measured),
            _ => (Verdict::NoLimit, StepKey::NoNumericLimit),
        };
        let reason = self.reason(key, &compared);
        (verdict, compared, reason)
    }

    /// 不得检出. 1. Not detected at the method's LOD passes. 2. Below the LOQ, or not confirmed: REVIEW. 3. At or above
    /// the LOQ any finding fails.
    fn not_detectable(&self, measured: &Measured) -> (Verdict, StepKey) {
        let fails = if measured.confirmed {
            (Verdict::Fail, StepKey::AbsentFound)
        } else {
            (Verdict::Review, StepKey::AbsentUnconfirmed)
        };
        match &self.finding {
            Finding::NotDetected => (Verdict::Pass, StepKey::AbsentConforms),
            Finding::Below { x, .. } if self.is_within_lod(x) => (Verdict::Pass, StepKey::AbsentConforms),
            Finding::Quantified { .. } => fails,
            Finding::Above { x, .. } if self.loq.as_ref().is_none_or(|loq| x >= loq) => fails,
            Finding::BelowLoq | Finding::Above { .. } => (Verdict::Review, StepKey::AbsentBelowLoq),
            Finding::Below { .. } => (Verdict::Review, StepKey::AbsentUnconfirmed),
        }
    }

    /// 不得使用. 1. Not detected passes. 2. A finding is REVIEW until carry-over and natural background were looked into;
    /// then it fails (excluded) or passes (shown). 3. An unconfirmed finding is REVIEW.
    fn not_permitted(&self, measured: &Measured) -> (Verdict, StepKey) {
        match &self.finding {
            Finding::NotDetected => return (Verdict::Pass, StepKey::AbsentConforms),
            Finding::Below { x, .. } if self.is_within_lod(x) => {
                return (Verdict::Pass, StepKey::AbsentConforms);
            }
            Finding::Below { .. } => return (Verdict::Review, StepKey::UseToBeExplained),
            Finding::BelowLoq | Finding::Quantified { .. } | Finding::Above { .. } => {}
        }
        match measured.carry_over {
            CarryOver::Shown => (Verdict::Pass, StepKey::CarryOverShown),
            _ if !measured.confirmed => (Verdict::Review, StepKey::AbsentUnconfirmed),
            CarryOver::Excluded => (Verdict::Fail, StepKey::UseProven),
            CarryOver::Unknown => (Verdict::Review, StepKey::UseToBeExplained),
        }
    }

    /// Between LOD and LOQ. 1. An LOD above the maximum: the method cannot show conformity. 2. The LOQ decides: not above
    /// the maximum passes, not above the minimum fails. 3. Otherwise a method with a lower LOQ is needed.
    fn below_loq(&self, region: &Region) -> (Verdict, StepKey) {
        let at_most = |value: &Option<Ratio>, border: &Option<Ratio>| matches!((value, border), (Some(value), Some(border)) if value <= border);
        let lod_above =
            |border: &Option<Ratio>| matches!((&self.lod, border), (Some(lod), Some(border)) if lod > border);
        if lod_above(&region.high) {
            (Verdict::Block, StepKey::MethodTooWeak)
        } else if at_most(&self.loq, &region.low) {
            (Verdict::Fail, StepKey::BelowLoqBelowMinimum)
        } else if at_most(&self.loq, &region.high) && (region.low.is_none() || at_most(&region.low, &self.lod)) {
            (Verdict::Pass, StepKey::BelowLoqConforms)
        } else if self.rules >= Rules::Second && self.is_detected_above_minimum(region) {
            (Verdict::Pass, StepKey::DetectedAboveMinimum)
        } else {
            (Verdict::Review, StepKey::LimitBelowLoq)
        }
    }

    /// What is detected lies at or above the LOD; where that reaches the minimum, the value does.
    fn is_detected_above_minimum(&self, region: &Region) -> bool {
        match (&self.lod, &region.low, &region.high) {
            (Some(lod), Some(low), None) => lod > low || (lod == low && !region.exclusive),
            _ => false,
        }
    }

    /// A result typed as `<a`: decided when every value below a lies on one side, else for a person to look at. Whether a is
    /// the method's own LOD or somebody's estimate cannot be told from the text, so the method is not blamed.
    fn below(&self, region: &Region, a: &Ratio) -> (Verdict, StepKey) {
        match (&region.low, &region.high) {
            (Some(low), _) if a <= low => (Verdict::Fail, StepKey::CensoredOutside),
            (None, Some(high)) if a <= high => (Verdict::Pass, StepKey::CensoredInside),
            _ => (Verdict::Review, StepKey::CensoredUnknown),
        }
    }

    fn is_within_lod(&self, a: &Ratio) -> bool {
        self.lod.as_ref().is_some_and(|lod| a <= lod)
    }

    /// An LOQ that was scaled by the portion and has no finite decimal is printed with a few figures.
    fn below_loq_text(&self) -> String {
        match Decimal::parse(&self.loq_text) {
            Ok(loq) if self.loq_text.len() > LONGEST_WRITTEN => {
                format!("<{}", rounding::to_significant(&loq.to_ratio(), LOQ_FIGURES).value)
            }
            _ => format!("<{}", self.loq_text),
        }
    }

    /// Rounded once to the digits of the limit as written.
    fn rounded_to_limit(&self, x: &Ratio) -> Result<(Ratio, String), JudgementError> {
        let decimals = self.limit.bound.written_decimals().max(opening::finite_decimals(&self.limit_text));
        let interval = Decimal::from_scaled(&1.into(), decimals);
        let rounded = rounding::to_interval(x, &interval)?;
        Ok((rounded.value.to_ratio(), rounded.value.into()))
    }

    /// The text for the report, and the sentences that explain it.
    fn reported(&self, region: Option<&Region>, verdict: Verdict) -> Result<(String, Vec<Step>), JudgementError> {
        let step = |reported: &str| vec![Step::new(StepKey::Reported, [("reported", reported.to_owned())])];
        let (x, given) = match &self.finding {
            Finding::NotDetected => return Ok(("ND".into(), step("ND"))),
            Finding::BelowLoq => return Ok((self.below_loq_text(), step(&self.below_loq_text()))),
            Finding::Below { text, .. } | Finding::Above { text, .. } => {
                return Ok((text.clone(), step(text)));
            }
            Finding::Quantified { x, text } => (x, text),
        };
        if region.is_some() && self.limit.comparison == Comparison::Rounded {
            let (_, rounded) = self.rounded_to_limit(x)?;
            let args = [("value", given.clone()), ("rounded", rounded.clone())];
            return Ok((rounded, vec![Step::new(StepKey::RoundedValue, args)]));
        }
        let Some(digits) = self.digits else {
            return Ok((given.clone(), step(given)));
        };
        let plain_display = rounding::to_digits(x, digits)?.value;
        let Some(region) = region else {
            return Ok((plain_display.to_string(), step(plain_display.as_str())));
        };
        let agrees = |display: &Decimal| Verdict::from_conforms(region.contains(&display.to_ratio())) == verdict;
        if agrees(&plain_display) {
            return Ok((plain_display.to_string(), step(plain_display.as_str())));
        }
        let reported = finer_displays(x, digits).find(agrees).map_or_else(|| given.clone(), String::from);
        let args = [("plain", plain_display.to_string()), ("reported", reported.clone())];
        Ok((reported, vec![Step::new(StepKey::DigitsAdded, args)]))
    }

    fn reason(&self, key: StepKey, compared: &str) -> Step {
        let (zh_en, _) = key.templates();
        let known = [
            ("compared", compared.to_owned()),
            ("limit", self.limit_text.clone()),
            ("lod", self.lod.as_ref().map(plain).unwrap_or_default()),
            ("loq", self.loq_text.clone()),
        ];
        let used = known.into_iter().filter(|(name, _)| zh_en.contains(&format!("{{{name}}}")));
        Step { key, args: used.map(|(name, value)| (name.to_owned(), value)).collect() }
    }
}

/// Not detected: the value lies between zero and the LOD. 1. Maximum: passes if the LOD is not above it. 2. Minimum:
/// fails if the LOD is not above it. 3. Otherwise the method cannot show anything: BLOCK. Without an LOD or LOQ: REVIEW.
fn not_detected(region: &Region, lod: Option<&Ratio>) -> (Verdict, StepKey) {
    let Some(lod) = lod else {
        return (Verdict::Review, StepKey::LodMissing);
    };
    let zero = Ratio::default();
    match (&region.low, &region.high) {
        (Some(low), _) if lod <= low => (Verdict::Fail, StepKey::NotDetectedBelowMinimum),
        (Some(low), _) if low > &zero => (Verdict::Block, StepKey::MethodTooWeak),
        (_, Some(high)) if lod <= high => (Verdict::Pass, StepKey::NotDetectedConforms),
        _ => (Verdict::Block, StepKey::MethodTooWeak),
    }
}

/// Not detected by a method that states its LOQ alone: the value is below that, and nothing more is known. It passes a maximum
/// that is not below the LOQ; of anything else nobody can tell.
fn not_detected_below_loq(region: &Region, loq: &Ratio) -> (Verdict, StepKey) {
    match (&region.low, &region.high) {
        (None, Some(high)) if loq <= high => (Verdict::Pass, StepKey::NotDetectedBelowLoq),
        _ => (Verdict::Review, StepKey::LodMissing),
    }
}

/// What is compared with LOD and LOQ: the value, and its size where the limit has a negative end (a freezing point).
fn size(rules: Rules, value: &Decimal, limit: &LimitRule) -> Ratio {
    let is_negative = |end: &Option<Ratio>| end.as_ref().is_some_and(Signed::is_negative);
    let is_signed = limit.region().is_some_and(|region| is_negative(&region.low) || is_negative(&region.high));
    let exact = value.to_ratio();
    if rules >= Rules::Second && is_signed { exact.abs() } else { exact }
}

/// A result typed as `>a`.
fn above(region: &Region, a: &Ratio) -> (Verdict, StepKey) {
    match (&region.low, &region.high) {
        (_, Some(high)) if a >= high => (Verdict::Fail, StepKey::CensoredOutside),
        (Some(low), None) if a >= low => (Verdict::Pass, StepKey::CensoredInside),
        _ => (Verdict::Review, StepKey::CensoredUnknown),
    }
}

/// The value with one figure more, two more, …
fn finer_displays<'x>(x: &'x Ratio, digits: &Digits) -> impl Iterator<Item = Decimal> + 'x {
    let digits = digits.clone();
    (1..=MAX_ADDED_FIGURES).filter_map(move |added| {
        let finer = match &digits {
            Digits::Significant(figures) => {
                return Some(rounding::to_significant(x, figures + added).value);
            }
            Digits::Interval(interval) => {
                // Hundreds become tens before they become tenths.
                let (unscaled, added) = (interval.unscaled(), added as usize);
                let is_whole = |tens: &usize| interval.decimals() == 0 && (&unscaled % ten_to(*tens)).is_zero();
                let tens = (0..=added).rev().find(is_whole).unwrap_or(0);
                Decimal::from_scaled(&(&unscaled / ten_to(tens)), interval.decimals() + added - tens)
            }
        };
        rounding::to_interval(x, &finer).ok().map(|rounded| rounded.value)
    })
}

/// The factor from the result's unit to the limit's, whatever the limit asks for: the report prints every result in the
/// unit of its limit.
///
/// # Errors
/// Units of different dimensions. A number without unit against a limit with one, or the other way round: nobody can
/// tell by which power of ten they differ.
pub fn factor_to_limit(measured: &Measured, limit: &LimitRule) -> Result<Ratio, JudgementError> {
    let named = |unit: &Option<String>| unit.clone().filter(|unit| !unit.trim().is_empty());
    match (named(&measured.unit), named(&limit.unit)) {
        (None, None) => Ok(one()),
        (Some(from), Some(to)) => Ok(units::factor(&from, &to)?),
        // A limit that has no number is met or not in any unit.
        _ if limit.region().is_none() => Ok(one()),
        // A number without unit is a number: `ratio`.
        (Some(known), None) | (None, Some(known)) => match Unit::parse(&known) {
            Ok(unit) if unit == Unit::number() => Ok(one()),
            _ => Err(UnitError::Missing(known).into()),
        },
    }
}

/// Figures that are added at most before the value is shown as given. A value and a limit that agree in 60 figures more
/// than the method reports do not occur.
const MAX_ADDED_FIGURES: u32 = 60;

/// Figures of an LOQ that has no end.
const LOQ_FIGURES: u32 = 6;

mod opening;
#[cfg(test)]
mod tests;
