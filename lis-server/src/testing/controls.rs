//! Controls of a worksheet and their verdicts (`quality.md` Q77-2 and Q77-4), pure.

use serde::{Deserialize, Serialize};

use super::portions::PortionValue;
use crate::catalogue::import::{Evaluation, FormulaRow};
use crate::catalogue::reference::{ByLevel, MethodRow};
use crate::domain::decimal::Decimal;
use crate::domain::ids::ItemId;
use crate::judgement::measured::MeasuredValue;
use crate::judgement::number::{Fraction, Ratio};
use crate::judgement::qc::{self, Proficiency, QcVerdict};
use crate::judgement::{JudgementError, units};

/// What a control position is about and must give.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// Key of the analyte.
    pub analyte: String,
    /// Spike: what was added, in the result's unit.
    pub added: Option<Decimal>,
    /// Reference material: certified value and its expanded uncertainty, in the result's unit.
    pub certified: Option<Decimal>,
    pub uncertainty: Option<Decimal>,
    /// The standard deviation by which its z is reckoned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sigma: Option<Decimal>,
    /// Check standard in the middle of the curve: what it holds, in the unit of the reading.
    /// Standard of the curve: the same, in the unit of the concentrations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nominal: Option<Decimal>,
    /// Standard of the curve: code of its lot.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub lot: String,
}

/// The verdict over one control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// blank, duplicate, parallel, spike, reference, check, curve
    pub kind: String,
    pub label_code: String,
    pub analyte: String,
    pub found: String,
    /// What it was compared with.
    pub expected: String,
    /// Difference or recovery in percent, where there is one.
    pub figure: String,
    /// What the figure may be, in percent: `20`, `80–120`. Empty where it is not judged, and in records of before it was kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub allowed: String,
    pub verdict: QcVerdict,
    /// What its chart draws, exactly, where the text that is shown of it was rounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Fraction>,
    /// Why it could not be compared: a code of [`NOTES`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Westgard rules that hold at its point of the control chart, and the version of the limits that it was compared with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits_version: Option<i64>,
    /// Ids of the items that it speaks for; empty: all of the worksheet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<i64>,
}

/// A difference or recovery in percent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// As it is shown; empty: there is none.
    pub text: String,
    /// What it may be, in percent.
    pub allowed: String,
    pub exact: Option<Ratio>,
}

impl Figure {
    fn shown(text: String, allowed: String, exact: Ratio) -> Self {
        Self { text, allowed, exact: Some(exact) }
    }
}

/// Kinds of controls whose chart draws what was found, and not the figure in percent.
const DRAWN_BY_FOUND: [&str; 2] = ["blank", "reference"];

impl Control {
    pub fn draws_found(&self) -> bool {
        DRAWN_BY_FOUND.contains(&self.kind.as_str())
    }

    /// The text of what its chart draws.
    pub fn drawn(&self) -> &str {
        if self.draws_found() { &self.found } else { &self.figure }
    }

    /// The same with the exact value of what its chart draws, where the text does not say it all.
    pub fn with_exact(mut self, drawn: Option<Ratio>) -> Self {
        let shown = Decimal::parse(self.drawn()).ok();
        self.exact = drawn.zip(shown).and_then(|(exact, shown)| Fraction::beside(&exact, Some(&shown)));
        self
    }
}

/// Codes of notes of controls, each a message key `control-note-CODE`.
pub const NOTES: &[&str] = &[AMOUNT_MISSING, SAMPLE_MISSING, WESTGARD];
/// It passed, and a Westgard rule rejects its point of the control chart.
pub const WESTGARD: &str = "westgard";
pub const AMOUNT_MISSING: &str = "amount-missing";
pub const SAMPLE_MISSING: &str = "sample-missing";

/// The verdict over a sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SheetVerdict {
    pub accepted: bool,
    pub controls: Vec<Control>,
}

impl SheetVerdict {
    pub fn of(controls: Vec<Control>) -> Self {
        Self { accepted: controls.iter().all(|control| control.verdict == QcVerdict::Accept), controls }
    }

    /// The controls that failed, with their places, from 0; those that were released are left out.
    pub fn failed(&self, released: &[i64]) -> impl Iterator<Item = (i64, &Control)> {
        let placed = (0_i64..).zip(&self.controls);
        placed.filter(move |(place, control)| control.verdict != QcVerdict::Accept && !released.contains(place))
    }

    /// Whether a control that failed and was not released speaks for an item.
    pub fn holds(&self, item: ItemId, released: &[i64]) -> bool {
        let speaks = |control: &Control| control.items.is_empty() || control.items.contains(&item.0);
        self.failed(released).any(|(_, control)| speaks(control))
    }

    /// As stored. A sheet without controls shows nothing of its method.
    pub fn code(&self) -> &'static str {
        match self.accepted {
            _ if self.controls.is_empty() => "none",
            true => "accept",
            false => "reject",
        }
    }
}

/// The message key of what is said over all controls: whether they were accepted, and whether there are none.
pub fn word_over_all(accepted: bool, is_empty: bool) -> &'static str {
    match accepted {
        _ if is_empty => "qc-none",
        true => "qc-accept",
        false => "qc-reject",
    }
}

/// The items that a control speaks for, of those of its analyte in their order on the worksheet with their matrices. `own`:
/// the item that it was taken from; `alike`: those of all controls of the kind and analyte.
pub fn bracket(kind: &str, own: Option<ItemId>, items: &[(ItemId, &str)], alike: &[ItemId]) -> Vec<ItemId> {
    let place = own.and_then(|own| items.iter().position(|(item, _)| *item == own));
    let (own, place) = match (own, place) {
        (Some(own), Some(place)) => (own, place),
        // A blank, a reference material and a check standard speak for everything that was measured with them.
        _ => return items.iter().map(|(item, _)| *item).collect(),
    };
    let matrix = items[place].1;
    let others = items.iter().enumerate().map(|(other, (item, food))| (other, *item, *food));
    let spoken = |(other, item, food): &(usize, ItemId, &str)| match kind {
        "parallel" => *item == own,
        // From the sample that was measured twice to the next one that was.
        "duplicate" => {
            let next = items.iter().skip(place + 1).position(|(item, _)| alike.contains(item));
            *other >= place && next.is_none_or(|next| *other <= place + next)
        }
        // With one spike for all matrices it speaks for all.
        "spike" => alike.len() < 2 || *food == matrix,
        _ => true,
    };
    others.filter(spoken).map(|(_, item, _)| item).collect()
}

/// The items that a mid-point check speaks for, of those of its analyte with their places on the worksheet: what was
/// measured since the check before it, which it closes, and what came until the next one, which it opens. A check that failed
/// holds both. The only check of an analyte speaks for all of them.
pub fn beside_check(own: i64, checks: &[i64], items: &[(i64, ItemId)]) -> Vec<ItemId> {
    let before = checks.iter().copied().filter(|place| *place < own).max();
    let after = checks.iter().copied().filter(|place| *place > own).min();
    let is_own = |place: i64| before.is_none_or(|before| place > before) && after.is_none_or(|after| place < after);
    let mut spoken: Vec<ItemId> = items.iter().filter(|(place, _)| is_own(*place)).map(|(_, item)| *item).collect();
    spoken.sort_unstable();
    spoken.dedup();
    spoken
}

/// Recovery accepted when the method gives no range, in percent (`quality.md` Q77-4); from below at trace level
/// (GB/T 27404).
const RECOVERY_LOW: i64 = 80;
const RECOVERY_LOW_OF_TRACES: i64 = 60;
const RECOVERY_HIGH: i64 = 120;
/// What is added below this is a trace, in µg/kg: 0.1 mg/kg, the lowest step of the scale of GB/T 27404.
const TRACE: i64 = 100;
/// Difference of duplicates accepted when the method gives none, in percent of the mean: the usual repeatability.
const TOLERANCE: i64 = 20;

/// A blank: nothing may grow or be detected; a calculated blank lies below the LOD or below a tenth of the lowest sample.
pub fn blank(
    rule: &FormulaRow,
    found: &PortionValue,
    lod: Option<&Decimal>,
    lowest: Option<&PortionValue>,
) -> (String, QcVerdict) {
    let zero = Decimal::from(0);
    let accept = |good: bool| if good { QcVerdict::Accept } else { QcVerdict::RejectBatch };
    match (&rule.evaluation, &found.value) {
        (_, MeasuredValue::NotDetected) => (String::new(), QcVerdict::Accept),
        (Evaluation::Detection, _) => ("ND".to_owned(), QcVerdict::RejectBatch),
        // No growth is printed as `<1 x` the lowest dilution, without a positive tube as less than the table's first number.
        (Evaluation::Plates { .. } | Evaluation::Tubes, value) => {
            ("0".to_owned(), accept(matches!(value, MeasuredValue::Below(_))))
        }
        (_, MeasuredValue::Below(_)) => (String::new(), QcVerdict::Accept),
        (_, MeasuredValue::Above(_)) => (String::new(), QcVerdict::RejectBatch),
        (_, MeasuredValue::Number(value)) => {
            let expected = match (lod, lowest) {
                (Some(lod), _) => format!("< {lod}"),
                (None, Some(lowest)) => format!("< 10 % × {}", lowest.text),
                (None, None) => "≤ 0".to_owned(),
            };
            if !value.cmp_value(&zero).is_gt() {
                return (expected, QcVerdict::Accept);
            }
            let number = found.number().unwrap_or_default();
            let lowest = lowest.and_then(PortionValue::number);
            (expected, qc::blank(&number, lod.unwrap_or(&zero), lowest.as_ref()))
        }
    }
}

/// How far two determinations may lie apart in percent of their mean: by the method at the level of the mean, else by the
/// rule of calculation, else by the usual repeatability. A level in a unit that the mean cannot be compared with leaves open
/// which side holds: then the stricter one does.
pub fn tolerance(method: Option<&MethodRow>, rule: &FormulaRow, first: &Ratio, second: &Ratio) -> Decimal {
    let by_level = match method.and_then(|method| method.tolerance_percent.as_ref()) {
        None => None,
        Some(ByLevel::Always(percent)) => Some(percent),
        Some(ByLevel::Split { unit, below, from }) => Some(match units::factor(unit, &rule.unit) {
            Ok(factor) => {
                // Twice the mean against twice the level: nothing is divided.
                let is_below = |at: &Decimal| {
                    let level = at.to_ratio() * &factor;
                    first + second < &level + &level
                };
                below.iter().find(|(at, _)| is_below(at)).map_or(from, |(_, percent)| percent)
            }
            Err(_) => {
                let all = below.iter().map(|(_, percent)| percent).chain([from]);
                all.min_by(|one, other| one.cmp_value(other)).unwrap_or(from)
            }
        }),
    };
    by_level.or(rule.tolerance_percent.as_ref()).cloned().unwrap_or_else(|| Decimal::from(TOLERANCE))
}

/// The two of several determinations that lie furthest apart; what has no number is lower than every number.
pub fn furthest(values: &[PortionValue]) -> Option<(&PortionValue, &PortionValue)> {
    // No number stands before every number.
    let order = |one: &&PortionValue, other: &&PortionValue| one.number().cmp(&other.number());
    let several = values.len() > 1;
    values.iter().min_by(order).zip(values.iter().max_by(order)).filter(|_| several)
}

/// Two determinations of one sample. Both not detected agree; one detected and one not do not.
pub fn duplicate(
    method: Option<&MethodRow>,
    rule: &FormulaRow,
    first: &PortionValue,
    second: &PortionValue,
) -> Result<(Figure, QcVerdict), JudgementError> {
    match (first.number(), second.number()) {
        (Some(first), Some(second)) => {
            let allowed = tolerance(method, rule, &first, &second);
            let result = qc::duplicate(&first, &second, &allowed)?;
            Ok((Figure::shown(result.percent, allowed.to_string(), result.exact), result.verdict))
        }
        (None, None) => Ok((Figure::default(), QcVerdict::Accept)),
        (Some(_), None) | (None, Some(_)) => Ok((Figure::default(), QcVerdict::Repeat)),
    }
}

/// Recovery of what was added; a native sample in which nothing was found counts as zero.
pub fn spike(
    rule: &FormulaRow,
    native: &PortionValue,
    spiked: &PortionValue,
    added: &Decimal,
) -> Result<(Figure, QcVerdict), JudgementError> {
    let low = rule.recovery_low.clone().unwrap_or_else(|| Decimal::from(least_recovery(added, &rule.unit)));
    let high = rule.recovery_high.clone().unwrap_or_else(|| Decimal::from(RECOVERY_HIGH));
    let (native, spiked) = (native.number().unwrap_or_default(), spiked.number().unwrap_or_default());
    let result = qc::recovery(&native, &spiked, added, &low, &high)?;
    Ok((Figure::shown(result.percent, format!("{low}–{high}"), result.exact), result.verdict))
}

/// The least recovery accepted of an amount, where the method says nothing: a unit that is no mass in a mass knows no traces.
fn least_recovery(added: &Decimal, unit: &str) -> i64 {
    let in_micrograms = units::factor(unit, "µg/kg").map(|factor| added.to_ratio() * factor);
    let is_trace = in_micrograms.is_ok_and(|amount| amount < Decimal::from(TRACE).to_ratio());
    if is_trace { RECOVERY_LOW_OF_TRACES } else { RECOVERY_LOW }
}

/// Reference material within the uncertainty of its certificate, or with |z| ≤ 2 where its standard deviation is stated.
pub fn reference(
    found: &PortionValue,
    certified: &Decimal,
    uncertainty: &Decimal,
    sigma: Option<&Decimal>,
) -> Result<(Figure, QcVerdict), JudgementError> {
    let Some(found) = found.number() else {
        return Ok((Figure::default(), QcVerdict::RejectBatch));
    };
    let result = qc::crm(&found, certified, uncertainty)?;
    let by_z = sigma.map(|sigma| qc::z_score(&found, certified, sigma)).transpose()?;
    let is_near = by_z.is_some_and(|score| score.proficiency == Proficiency::Satisfactory);
    // Its chart draws what was found.
    let figure = Figure { text: result.difference, ..Figure::default() };
    Ok((figure, if is_near { QcVerdict::Accept } else { result.verdict }))
}

/// Largest drift of a mid-point check in percent of what it holds, where the method gives none (`quality.md` Q77-4).
const DRIFT: i64 = 10;

/// A check standard in the middle of the curve, read between samples.
pub fn mid_point(
    rule: &FormulaRow,
    found: &PortionValue,
    nominal: &Decimal,
) -> Result<(Figure, QcVerdict), JudgementError> {
    let Some(found) = found.number() else {
        return Ok((Figure::default(), QcVerdict::RejectBatch));
    };
    let own = rule.controls.iter().find_map(|control| control.drift.clone());
    let allowed = own.unwrap_or_else(|| Decimal::from(DRIFT));
    let result = qc::drift(&found, nominal, &allowed)?;
    Ok((Figure::shown(result.percent, allowed.to_string(), result.exact), result.verdict))
}

#[cfg(test)]
#[path = "controls_tests.rs"]
mod tests;
