//! What is said before a value and a limit are compared: the limit after scaling, and the opening sentences.

use crate::domain::decimal::Decimal;
use crate::judgement::error::JudgementError;
use crate::judgement::explain::{Step, StepKey};
use crate::judgement::limit::{Bound, Comparison, LimitRule, MethodFacts};
use crate::judgement::measured::{Measured, MeasuredValue};
use crate::judgement::number::{Ratio, one, plain, scaled_text};

/// The limit after scaling, as text.
pub(super) fn scaled_limit(limit: &LimitRule) -> Result<String, JudgementError> {
    let Some(times) = &limit.times else {
        return Ok(limit.bound.written());
    };
    let scaled = |value: &Decimal| value.to_ratio() * times.value();
    let ends: Vec<Ratio> = match &limit.bound {
        Bound::Max { value } | Bound::Min { value } => vec![scaled(value)],
        Bound::Range { low, high } => vec![scaled(low), scaled(high)],
        Bound::NotDetectable | Bound::NotPermitted | Bound::Gmp | Bound::NoLimit => {
            return Ok(limit.bound.written());
        }
    };
    if times.value() <= &Ratio::default() {
        return Err(JudgementError::refused("limit.times", format!("{} is not above zero", times.as_str())));
    }
    let finite = ends.iter().all(|end| Decimal::from_ratio_finite(end).is_some());
    if !finite && limit.comparison == Comparison::Rounded {
        let why = "the scaled limit has no finite digits to round to; compare by full value";
        return Err(JudgementError::refused("limit.times", why));
    }
    Ok(ends.iter().map(plain).collect::<Vec<_>>().join("~"))
}

/// Decimals of a limit text; of a range the larger number.
pub(super) fn finite_decimals(limit: &str) -> usize {
    limit.split('~').map(|end| end.split_once('.').map_or(0, |(_, fraction)| fraction.len())).max().unwrap_or(0)
}

/// The sentences before the comparison: result, conversion, limit, detection limits.
pub(super) fn steps(
    measured: &Measured,
    limit: &LimitRule,
    method: &MethodFacts,
    factor: &Ratio,
    limit_text: &str,
) -> Vec<Step> {
    let unit = |unit: &Option<String>| unit.clone().unwrap_or_default();
    let mut steps =
        vec![Step::new(StepKey::Result, [("value", measured.value.to_string()), ("unit", unit(&measured.unit))])];
    if let (MeasuredValue::Number(value), true) = (&measured.value, factor != &one()) {
        let args = [
            ("value", value.to_string()),
            ("from", unit(&measured.unit)),
            ("factor", plain(factor)),
            ("result", scaled_text(value, factor)),
            ("to", unit(&limit.unit)),
        ];
        steps.push(Step::new(StepKey::Converted, args));
    }
    steps.push(Step::new(StepKey::Limit, [("limit", signed_limit(limit)), ("unit", unit(&limit.unit))]));
    if let Some(times) = &limit.times {
        let args =
            [("limit", limit.bound.written()), ("times", times.as_str().to_owned()), ("result", limit_text.to_owned())];
        steps.push(Step::new(StepKey::LimitScaled, args));
    }
    let text = |value: &Option<Decimal>| value.as_ref().map_or_else(|| "—".to_owned(), Decimal::to_string);
    if method.lod.is_some() || method.loq.is_some() {
        steps.push(Step::new(StepKey::DetectionLimits, [("lod", text(&method.lod)), ("loq", text(&method.loq))]));
    }
    if limit.region().is_some() && limit.comparison == Comparison::Full {
        steps.push(Step::new(StepKey::FullValue, []));
    }
    steps
}

/// The limit with its sign, as a person reads it.
fn signed_limit(limit: &LimitRule) -> String {
    let sign = match (&limit.bound, limit.exclusive) {
        (Bound::Max { .. }, false) => "≤ ",
        (Bound::Max { .. }, true) => "< ",
        (Bound::Min { .. }, false) => "≥ ",
        (Bound::Min { .. }, true) => "> ",
        _ => "",
    };
    format!("{sign}{}", limit.bound.written())
}
