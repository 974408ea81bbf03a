//! Controls of a worksheet and their verdicts (`quality.md` Q77-2 and Q77-4), pure.

use serde::{Deserialize, Serialize};

use super::portions::PortionValue;
use crate::catalogue::import::{Evaluation, FormulaRow};
use crate::catalogue::reference::{ByLevel, MethodRow};
use crate::domain::decimal::Decimal;
use crate::domain::ids::ItemId;
use crate::judgement::measured::MeasuredValue;
use crate::judgement::number::Ratio;
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
    pub verdict: QcVerdict,
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
        (Evaluation::Plates | Evaluation::Tubes, value) => {
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
        Some(ByLevel::Split { at, unit, below, from }) => Some(match units::factor(unit, &rule.unit) {
            Ok(factor) => {
                let level = at.to_ratio() * factor;
                // Twice the mean against twice the level: nothing is divided.
                let is_below = first + second < &level + &level;
                if is_below { below } else { from }
            }
            Err(_) if below.cmp_value(from).is_lt() => below,
            Err(_) => from,
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
) -> Result<(String, QcVerdict), JudgementError> {
    match (first.number(), second.number()) {
        (Some(first), Some(second)) => {
            let result = qc::duplicate(&first, &second, &tolerance(method, rule, &first, &second))?;
            Ok((result.percent, result.verdict))
        }
        (None, None) => Ok((String::new(), QcVerdict::Accept)),
        (Some(_), None) | (None, Some(_)) => Ok((String::new(), QcVerdict::Repeat)),
    }
}

/// Recovery of what was added; a native sample in which nothing was found counts as zero.
pub fn spike(
    rule: &FormulaRow,
    native: &PortionValue,
    spiked: &PortionValue,
    added: &Decimal,
) -> Result<(String, QcVerdict), JudgementError> {
    let low = rule.recovery_low.clone().unwrap_or_else(|| Decimal::from(least_recovery(added, &rule.unit)));
    let high = rule.recovery_high.clone().unwrap_or_else(|| Decimal::from(RECOVERY_HIGH));
    let (native, spiked) = (native.number().unwrap_or_default(), spiked.number().unwrap_or_default());
    let result = qc::recovery(&native, &spiked, added, &low, &high)?;
    Ok((result.percent, result.verdict))
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
) -> Result<(String, QcVerdict), JudgementError> {
    let Some(found) = found.number() else {
        return Ok((String::new(), QcVerdict::RejectBatch));
    };
    let result = qc::crm(&found, certified, uncertainty)?;
    let by_z = sigma.map(|sigma| qc::z_score(&found, certified, sigma)).transpose()?;
    let is_near = by_z.is_some_and(|score| score.proficiency == Proficiency::Satisfactory);
    Ok((result.difference, if is_near { QcVerdict::Accept } else { result.verdict }))
}

/// Largest drift of a mid-point check in percent of what it holds, where the method gives none (`quality.md` Q77-4).
const DRIFT: i64 = 10;

/// A check standard in the middle of the curve, read between samples.
pub fn mid_point(
    rule: &FormulaRow,
    found: &PortionValue,
    nominal: &Decimal,
) -> Result<(String, QcVerdict), JudgementError> {
    let Some(found) = found.number() else {
        return Ok((String::new(), QcVerdict::RejectBatch));
    };
    let own = rule.controls.iter().find_map(|control| control.drift.clone());
    let result = qc::drift(&found, nominal, &own.unwrap_or_else(|| Decimal::from(DRIFT)))?;
    Ok((result.percent, result.verdict))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::import::ControlRule;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn value(text: &str) -> PortionValue {
        PortionValue::plain(MeasuredValue::parse(text).unwrap())
    }

    #[test]
    fn a_blank_passes_below_the_lod_or_a_tenth_of_the_lowest_sample() {
        let rule = FormulaRow::direct("m", "mg/kg");
        let check = |text: &str, lod: Option<&str>, lowest: Option<&str>| {
            blank(&rule, &value(text), lod.map(d).as_ref(), lowest.map(value).as_ref()).1
        };
        assert_eq!(check("0.0024", Some("0.02"), None), QcVerdict::Accept);
        assert_eq!(check("0.02", Some("0.02"), None), QcVerdict::RejectBatch);
        assert_eq!(check("0.02", Some("0.02"), Some("0.201")), QcVerdict::Accept);
        assert_eq!(check("0.02", None, Some("0.2")), QcVerdict::RejectBatch);
        assert_eq!(check("-0.01", None, None), QcVerdict::Accept);
        assert_eq!(check("ND", None, None), QcVerdict::Accept);
    }

    #[test]
    fn a_control_speaks_for_the_samples_that_it_brackets() {
        let items =
            [(1, "rice"), (2, "rice"), (3, "tea"), (4, "tea"), (5, "rice")].map(|(id, food)| (ItemId(id), food));
        let spoken = |kind: &str, own: Option<i64>, alike: &[i64]| -> Vec<i64> {
            let alike: Vec<ItemId> = alike.iter().map(|id| ItemId(*id)).collect();
            bracket(kind, own.map(ItemId), &items, &alike).into_iter().map(|item| item.0).collect()
        };
        assert_eq!(spoken("blank", None, &[]), [1, 2, 3, 4, 5]);
        assert_eq!(spoken("parallel", Some(3), &[]), [3]);
        assert_eq!(spoken("duplicate", Some(1), &[1, 4]), [1, 2, 3]);
        assert_eq!(spoken("duplicate", Some(4), &[1, 4]), [4, 5]);
        assert_eq!(spoken("spike", Some(1), &[1]), [1, 2, 3, 4, 5], "one spike for every matrix");
        assert_eq!(spoken("spike", Some(1), &[1, 3]), [1, 2, 5]);
        assert_eq!(spoken("spike", Some(3), &[1, 3]), [3, 4]);
    }

    #[test]
    fn a_check_speaks_for_what_was_measured_since_the_one_before_it_and_until_the_next() {
        // The third item was measured twice, before and after the first check.
        let items = [(2, 1), (3, 2), (4, 3), (6, 3), (7, 4), (9, 5)].map(|(place, id)| (place, ItemId(id)));
        let spoken = |own: i64, checks: &[i64]| -> Vec<i64> {
            beside_check(own, checks, &items).into_iter().map(|item| item.0).collect()
        };
        let checks = [5, 8, 10];
        assert_eq!(spoken(5, &checks), [1, 2, 3, 4], "2 to 4 before it, 6 and 7 after it");
        assert_eq!((spoken(8, &checks), spoken(10, &checks)), (vec![3, 4, 5], vec![5]));
        // Before the first sample and after the last but one: what follows the last check has no closing one.
        assert_eq!((spoken(1, &[1, 8]), spoken(8, &[1, 8])), (vec![1, 2, 3, 4], vec![1, 2, 3, 4, 5]));
        assert_eq!(spoken(11, &[11]), [1, 2, 3, 4, 5]);
        assert_eq!(spoken(1, &[1]), [1, 2, 3, 4, 5], "the only one, wherever it stands");
    }

    #[test]
    fn only_a_failed_control_holds_what_it_speaks_for() {
        let control = |verdict: QcVerdict, items: &[i64]| Control {
            kind: "duplicate".into(),
            label_code: String::new(),
            analyte: "pb".into(),
            found: String::new(),
            expected: String::new(),
            figure: String::new(),
            verdict,
            note: String::new(),
            rules: Vec::new(),
            limits_version: None,
            items: items.to_vec(),
        };
        let verdict = SheetVerdict::of(vec![control(QcVerdict::Accept, &[1, 2]), control(QcVerdict::Repeat, &[3])]);
        assert_eq!([1, 2, 3].map(|id| verdict.holds(ItemId(id), &[])), [false, false, true]);
        // Over nothing there is nothing to accept: it holds nobody, and shows nothing.
        let nothing = SheetVerdict::of(Vec::new());
        assert_eq!(
            (nothing.code(), word_over_all(true, true), nothing.holds(ItemId(1), &[])),
            ("none", "qc-none", false)
        );
        assert_eq!(
            (verdict.code(), SheetVerdict::of(vec![control(QcVerdict::Accept, &[])]).code()),
            ("reject", "accept")
        );
        // Released by itself, at its place.
        assert!(!verdict.holds(ItemId(3), &[1]) && verdict.holds(ItemId(3), &[0]));
        // A record of before brackets were kept holds everything.
        assert!(SheetVerdict::of(vec![control(QcVerdict::Repeat, &[])]).holds(ItemId(1), &[]));
    }

    #[test]
    fn growth_on_a_blank_plate_rejects() {
        let rule = FormulaRow { evaluation: Evaluation::Plates, ..FormulaRow::direct("m", "CFU/g") };
        assert_eq!(blank(&rule, &value("<10"), None, None).1, QcVerdict::Accept);
        assert_eq!(blank(&rule, &value("5"), None, None).1, QcVerdict::RejectBatch);
    }

    /// A method of 20 % below 1 mg/kg and 10 % from it, whose results are calculated in µg/kg.
    #[test]
    fn the_level_of_the_mean_decides_how_far_determinations_may_lie_apart() {
        let shipped = crate::catalogue::actions::shipped().unwrap();
        let own = shipped.method("gb5009.12-2023/gfaas").unwrap();
        let with = |tolerance| MethodRow { tolerance_percent: Some(tolerance), ..own.clone() };
        let split = |unit: &str| with(ByLevel::Split { at: d("1"), unit: unit.into(), below: d("20"), from: d("10") });
        let flat = FormulaRow { tolerance_percent: Some(d("15")), ..FormulaRow::direct("m", "µg/kg") };
        let allowed = |method: Option<&MethodRow>, first: &str, second: &str| {
            tolerance(method, &flat, &d(first).to_ratio(), &d(second).to_ratio()).to_string()
        };
        let split_by_level = split("mg/kg");
        assert_eq!(allowed(Some(&split_by_level), "900", "1098"), "20", "the mean is 999 µg/kg");
        assert_eq!(allowed(Some(&split_by_level), "900", "1100"), "10", "the mean is 1 mg/kg");
        assert_eq!(allowed(Some(&split("mg/L")), "1", "1"), "10", "no mean is a level in mg/L: the stricter one");
        assert_eq!(allowed(Some(&with(ByLevel::Always(d("5")))), "1", "1"), "5");
        assert_eq!(allowed(Some(own), "1", "1"), "15", "the method says nothing");
        assert_eq!(allowed(None, "1", "1"), "15");
        let direct = FormulaRow::direct("m", "µg/kg");
        assert_eq!(tolerance(None, &direct, &d("1").to_ratio(), &d("1").to_ratio()).to_string(), "20");
        // (1050 - 950) / 1000 = 10 %, (1060 - 950) / 1005 = 10.95 %
        let verdict = |first: &str, second: &str| {
            duplicate(Some(&split_by_level), &flat, &value(first), &value(second)).unwrap().1
        };
        assert_eq!((verdict("950", "1050"), verdict("950", "1060")), (QcVerdict::Accept, QcVerdict::Repeat));
        assert_eq!(verdict("500", "590"), QcVerdict::Accept, "16.51 % below the level");
    }

    #[test]
    fn of_several_determinations_the_furthest_apart_must_agree() {
        let values = |texts: &[&str]| texts.iter().map(|text| value(text)).collect::<Vec<_>>();
        let furthest_of = |texts: &[&str]| {
            let values = values(texts);
            furthest(&values).map(|(low, high)| (low.clone(), high.clone()))
        };
        assert_eq!(furthest_of(&["0.2", "0.1", "0.4"]), Some((value("0.1"), value("0.4"))));
        assert_eq!(furthest_of(&["0.2", "ND", "0.4"]), Some((value("ND"), value("0.4"))));
        assert_eq!(furthest_of(&["0.2"]), None);
    }

    // Requirement: Q77-4
    #[test]
    fn duplicates_spikes_and_references() {
        let rule = FormulaRow::direct("m", "mg/kg");
        let duplicate = |first: &str, second: &str| duplicate(None, &rule, &value(first), &value(second)).unwrap();
        assert_eq!(duplicate("0.112", "0.124"), ("10.17".into(), QcVerdict::Accept));
        assert_eq!(duplicate("0.1", "0.2").1, QcVerdict::Repeat);
        assert_eq!(duplicate("ND", "0.2").1, QcVerdict::Repeat);
        assert_eq!(duplicate("ND", "ND").1, QcVerdict::Accept);
        // (0.287 - 0.094) / 0.200 = 96.5 %
        let recovered = spike(&rule, &value("0.094"), &value("0.287"), &d("0.200")).unwrap();
        assert_eq!(recovered, ("96.50".into(), QcVerdict::Accept));
        assert_eq!(spike(&rule, &value("ND"), &value("0.1"), &d("0.2")).unwrap().1, QcVerdict::RejectBatch);
        let certified = |found: &str, sigma: Option<&str>| {
            reference(&value(found), &d("0.54"), &d("0.04"), sigma.map(d).as_ref()).unwrap().1
        };
        assert_eq!((certified("0.50", None), certified("0.585", None)), (QcVerdict::Accept, QcVerdict::RejectBatch));
        // Outside U: 0.045 / 0.0225 is a z of 2, 0.045 / 0.02 one of 2.25.
        assert_eq!(certified("0.585", Some("0.0225")), QcVerdict::Accept);
        assert_eq!(certified("0.585", Some("0.02")), QcVerdict::RejectBatch);
        // (21.8 - 20) / 20 = 9 %, (22.2 - 20) / 20 = 11 %
        assert_eq!(mid_point(&rule, &value("21.8"), &d("20")).unwrap(), ("9.00".into(), QcVerdict::Accept));
        assert_eq!(mid_point(&rule, &value("22.2"), &d("20")).unwrap().1, QcVerdict::RejectBatch);
        assert_eq!(mid_point(&rule, &value("ND"), &d("20")).unwrap().1, QcVerdict::RejectBatch);
    }

    // Requirement: Q77-4
    #[test]
    fn the_least_recovery_follows_the_level_and_the_drift_the_method() {
        let recovered = |unit: &str, spiked: &str, added: &str| {
            spike(&FormulaRow::direct("m", unit), &value("ND"), &value(spiked), &d(added)).unwrap()
        };
        // 70 % of 99 µg/kg is a trace's; 70 % of 100 µg/kg is too little, in either unit.
        assert_eq!(recovered("µg/kg", "69.3", "99"), ("70.00".into(), QcVerdict::Accept));
        assert_eq!(recovered("µg/kg", "70", "100").1, QcVerdict::RejectBatch);
        assert_eq!(recovered("mg/kg", "0.035", "0.05").1, QcVerdict::Accept);
        assert_eq!(recovered("mg/kg", "0.07", "0.1").1, QcVerdict::RejectBatch);
        assert_eq!(recovered("mg/kg", "0.0295", "0.05").1, QcVerdict::RejectBatch, "59 %");
        assert_eq!(recovered("CFU/g", "7", "10").1, QcVerdict::RejectBatch, "no mass in a mass");
        let narrow = FormulaRow { recovery_low: Some(d("90")), ..FormulaRow::direct("m", "µg/kg") };
        assert_eq!(spike(&narrow, &value("ND"), &value("8"), &d("10")).unwrap().1, QcVerdict::RejectBatch);

        let check = ControlRule { kind: "check".into(), amount: None, every: None, drift: Some(d("5")) };
        let strict = FormulaRow { controls: vec![check], ..FormulaRow::direct("m", "mg/kg") };
        assert_eq!(mid_point(&strict, &value("21"), &d("20")).unwrap().1, QcVerdict::Accept, "5 %");
        assert_eq!(mid_point(&strict, &value("21.2"), &d("20")).unwrap().1, QcVerdict::RejectBatch, "6 %");
    }
}
