//! Results that rest on others of the same sample: what was taken from which version of which item. Pure.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::compute::{Asked, Edition, LimitAsked, LimitRowAsked, Portion, Record, in_unit};
use super::portions::{PortionValue, number_problem};
use crate::catalogue::import::TakenInput;
use crate::domain::decimal::Decimal;
use crate::domain::ids::ItemId;
use crate::judgement::JudgementError;
use crate::judgement::limit::Bound;
use crate::judgement::measured::MeasuredValue;
use crate::judgement::number::{Factor, Fraction, Ratio, one};
use crate::judgement::proportion::{Named, RatioPart};
use crate::judgement::record::{self, Question, Sources};
use crate::judgement::rounding;
use crate::judgement::sums::{self, SumPart};
use crate::judgement::units;

/// What a result needs of another item of its sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// The input of the expression that it stands for; empty: a part of a sum.
    pub input: String,
    pub analyte: String,
    pub unit: String,
    /// Of a part: what converts it to the substance that the sum is expressed as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<Factor>,
    #[serde(default, skip_serializing_if = "Use::is_value")]
    pub used_as: Use,
}

/// What a result is to the one that takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// It is calculated with: an input of an expression, a part of a sum.
    #[default]
    Value,
    /// An additive of a group, by its names, against its own maximum (GB 2760).
    Proportion {
        zh: String,
        en: String,
        /// It is tested several times in the sample, and the results disagree: which of them counts is for a person.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        several: bool,
    },
    /// The species of a total.
    Species,
}

impl Use {
    fn is_value(&self) -> bool {
        *self == Self::Value
    }
}

/// The result of another item, as it was taken: the value before rounding, in the unit of the need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    #[serde(flatten)]
    pub need: Need,
    /// Id of the item, and the version of its result.
    pub item: i64,
    pub version_no: i64,
    pub value: MeasuredValue,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lod: Option<Decimal>,
    /// Of an additive: its own maximum; none: it is not permitted, or has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Maximum>,
    /// The exact value, where it has no finite decimal and `value` was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Fraction>,
}

/// The maximum of an additive in a food, in the unit of the need, by the limit that its own result was judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maximum {
    pub value: Decimal,
    /// Why a person has to look at the limit: codes of notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

impl Maximum {
    /// A solid drink has that of the drink, multiplied by the factor that its own result was judged with.
    fn of(asked: &Asked, unit: &str) -> Result<Option<Self>, JudgementError> {
        let LimitAsked::Row(LimitRowAsked { rule: Some(own), doubts, .. }) = &asked.limit else { return Ok(None) };
        let rule = asked.scaled(own);
        let Bound::Max { value } = &rule.bound else { return Ok(None) };
        let from = rule.unit.as_deref().unwrap_or(unit);
        let value = match &rule.times {
            None => in_unit(value.as_str(), from, unit)?,
            Some(times) => {
                let scaled = value.to_ratio() * times.value() * factor_to(from, unit)?;
                let finite = Decimal::from_ratio_finite(&scaled).filter(|finite| finite.as_str().len() <= MAXIMUM_MOST);
                finite.unwrap_or_else(|| rounding::to_significant(&scaled, MAXIMUM_FIGURES).value).to_string()
            }
        };
        let value = Decimal::parse(&value).ok().filter(|value| !value.is_zero() && !value.is_negative());
        Ok(value.map(|value| Self { value, doubts: doubts.clone() }))
    }
}

/// Characters of a maximum that the proportion rule divides by, and figures of one that has no end.
const MAXIMUM_MOST: usize = 30;
const MAXIMUM_FIGURES: u32 = 20;

impl Taken {
    /// Takes from a version of an item's result; `None` where the result is no value: a sampling plan, a finding.
    ///
    /// # Errors
    /// Units of different kinds.
    pub fn of(need: &Need, item: ItemId, version_no: i64, result: &Record) -> Result<Option<Self>, JudgementError> {
        let Question::Item { measured, method, .. } = &result.answered.judgement.question else { return Ok(None) };
        let from = measured.unit.as_deref().unwrap_or(&result.asked.unit);
        let (value, exact) = match &result.answered.exact {
            Some(exact) => {
                let number = exact.value() * factor_to(from, &need.unit)?;
                let found = PortionValue::calculated(number);
                (found.value, found.exact.as_ref().and_then(Fraction::of))
            }
            None => {
                let value = in_unit(&measured.value.to_string(), from, &need.unit)?;
                (MeasuredValue::parse(&value).map_err(|problem| number_problem(&need.analyte, problem))?, None)
            }
        };
        // LOD and result are in the unit of the rule; what is shown of the LOD may be rounded.
        // Where the method states its LOQ alone, a part that is not detected lies at least below that.
        let is_nothing = need.used_as == Use::Value && value == MeasuredValue::NotDetected;
        let lod = match method.lod.as_ref().or(method.loq.as_ref().filter(|_| is_nothing)) {
            Some(lod) => Decimal::parse(&in_unit(lod.as_str(), &result.asked.unit, &need.unit)?).ok(),
            None => None,
        };
        let max = match need.used_as {
            Use::Proportion { .. } => Maximum::of(&result.asked, &need.unit)?,
            Use::Value | Use::Species => None,
        };
        Ok(Some(Self { need: need.clone(), item: item.0, version_no, value, lod, max, exact }))
    }

    /// An additive as the proportion rule counts it: what lies below its own LOD is not detected. `None`: it is none.
    pub fn as_share(&self) -> Option<RatioPart> {
        let Use::Proportion { zh, en, .. } = &self.need.used_as else { return None };
        let is_nothing =
            |value: &Decimal| value.is_negative() || self.lod.as_ref().is_some_and(|lod| value.cmp_value(lod).is_lt());
        let value = match &self.value {
            MeasuredValue::Number(value) if is_nothing(value) => MeasuredValue::NotDetected,
            value => value.clone(),
        };
        let is_number = matches!(value, MeasuredValue::Number(_));
        Some(RatioPart {
            value,
            max: self.max.as_ref().map(|max| max.value.clone()),
            permitted: self.max.is_some(),
            name: Some(Named { zh: zh.clone(), en: en.clone() }),
            // What lies below it is not detected already.
            lod: None,
            exact: self.exact.clone().filter(|_| is_number),
        })
    }

    /// Whether an additive was found.
    pub fn is_found(&self) -> bool {
        self.as_share().is_some_and(|share| match share.value {
            MeasuredValue::Number(value) => !value.is_zero(),
            MeasuredValue::Above(_) => true,
            MeasuredValue::NotDetected | MeasuredValue::Below(_) => false,
        })
    }

    /// Whether it stands for several results of one additive that disagree.
    pub fn is_disputed(&self) -> bool {
        matches!(self.need.used_as, Use::Proportion { several: true, .. })
    }

    /// Whether it is added to others.
    pub fn is_part(&self) -> bool {
        self.need.input.is_empty() && self.need.used_as == Use::Value
    }

    /// The exact value of an input that it stands for, where it had to be cut.
    pub fn exact_input(&self, name: &str) -> Option<Ratio> {
        self.exact.as_ref().filter(|_| self.need.input == name).map(|exact| exact.value().clone())
    }

    /// The input that it stands for; `None`: it is a part of a sum.
    pub fn as_input(&self) -> Option<TakenInput> {
        let (input, analyte) = (self.need.input.clone(), self.need.analyte.clone());
        (!input.is_empty()).then_some(TakenInput { input, analyte })
    }
}

/// Which of two results of one additive counts in the sum of proportions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Not the first but the second.
    pub second: bool,
    /// They disagree, and nothing says which of them holds: the one that weighs more counts until a person has decided.
    pub disputed: bool,
}

impl Counted {
    /// An additive has one share however often it is tested. A screening gives way to any other method, because its finding is
    /// no result before it is confirmed (`workflow.md` 8); results that say the same are one.
    ///
    /// # Errors
    /// Numbers that are too long to calculate with.
    pub fn of(first: (&Taken, bool), second: (&Taken, bool)) -> Result<Self, JudgementError> {
        let ((first, first_screens), (second, second_screens)) = (first, second);
        if first_screens != second_screens {
            return Ok(Self { second: first_screens, disputed: false });
        }
        let (Some(one), Some(other)) = (first.as_share(), second.as_share()) else {
            return Ok(Self { second: false, disputed: false });
        };
        let second_weighs_more = other.outweighs(&one)?;
        let disputed = second_weighs_more || one.outweighs(&other)?;
        Ok(Self { second: second_weighs_more, disputed })
    }
}

/// A portion with what was taken beside what was entered.
pub fn with_taken<'p>(portion: &'p Portion, taken: &[Taken]) -> Cow<'p, Portion> {
    if taken.is_empty() {
        return Cow::Borrowed(portion);
    }
    let mut portion = portion.clone();
    for given in &mut portion.determinations {
        for one in taken.iter().filter(|one| !one.need.input.is_empty()) {
            given.insert(one.need.input.clone(), one.value.to_string());
        }
    }
    Cow::Owned(portion)
}

/// By how much a value is multiplied to be in another unit of the same kind; without a unit it stays as it is.
fn factor_to(from: &str, to: &str) -> Result<Ratio, JudgementError> {
    Ok(if from == to || from.is_empty() { one() } else { units::factor(from, to)? })
}

/// The lower and the upper bound of a sum; no upper one when a part is only known to be above something. What the item
/// measures itself, with the LOD of its method, is the first part.
pub(super) fn sum_of(
    own: Option<PortionValue>,
    lod: Option<Decimal>,
    taken: &[Taken],
    edition: Edition,
) -> Result<(PortionValue, Option<PortionValue>), JudgementError> {
    let part = |one: &Taken| SumPart {
        value: one.value.clone(),
        lod: one.lod.clone(),
        factor: one.need.factor.clone(),
        exact: one.exact.as_ref().map(|exact| exact.value().clone()),
    };
    let measured = own.iter().map(|own| SumPart {
        value: own.value.clone(),
        lod: lod.clone(),
        factor: None,
        exact: own.exact.clone(),
    });
    let mut parts: Vec<SumPart> = measured.chain(taken.iter().filter(|one| one.is_part()).map(part)).collect();
    let (lower, upper) = sums::bounds(&parts)?;
    let value = |bound| PortionValue::calculated(bound).carried(edition);
    // The calculation that the record shows is that of what it keeps.
    parts.iter_mut().for_each(|part| part.exact = None);
    let nothing = parts.iter().all(SumPart::is_not_detected);
    let (mut calculations, notes) = own.map(|own| (own.calculations, own.notes)).unwrap_or_default();
    calculations.push(record::judge_by(edition.rules(), Question::Sum { parts, limit: None }, Sources::default())?);
    let lower = PortionValue {
        printed: nothing.then(|| MeasuredValue::NotDetected.to_string()),
        calculations,
        notes,
        ..value(lower)
    };
    Ok((lower, upper.map(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::compute::CURRENT;

    fn part(value: &str, lod: Option<&str>, factor: Option<&str>) -> Taken {
        Taken {
            need: Need {
                input: String::new(),
                analyte: "a".into(),
                unit: "mg/kg".into(),
                factor: factor.map(|text| Factor::parse(text).unwrap()),
                used_as: Use::Value,
            },
            item: 1,
            version_no: 1,
            value: MeasuredValue::parse(value).unwrap(),
            lod: lod.map(|text| Decimal::parse(text).unwrap()),
            max: None,
            exact: None,
        }
    }

    /// By the rules of today.
    fn sum_of(
        own: Option<PortionValue>,
        lod: Option<Decimal>,
        taken: &[Taken],
    ) -> Result<(PortionValue, Option<PortionValue>), JudgementError> {
        super::sum_of(own, lod, taken, CURRENT)
    }

    #[test]
    fn a_sum_is_cut_once_at_its_end() {
        // 1/3 + 1/15 x 5/2 = 1/2, however many figures of the thirds were kept.
        let third = PortionValue::calculated(Ratio::new(1.into(), 3.into()));
        let fifteenth = Ratio::new(1.into(), 15.into());
        let metabolite = Taken {
            value: PortionValue::calculated(fifteenth.clone()).value,
            exact: Fraction::of(&fifteenth),
            ..part("0", None, Some("5/2"))
        };
        let metabolites = [metabolite];
        let (lower, upper) = sum_of(Some(third.clone()), None, &metabolites).unwrap();
        let half = MeasuredValue::Number(Decimal::parse("0.5").unwrap());
        assert_eq!((lower.value, upper.unwrap().value), (half.clone(), half.clone()));
        // The edition before knew the figures that were kept.
        let cut = third.carried(Edition::Second);
        let old = [Taken { exact: None, ..metabolites[0].clone() }];
        assert_ne!(super::sum_of(Some(cut), None, &old, Edition::Second).unwrap().0.value, half);
    }

    #[test]
    fn a_sum_has_both_bounds() {
        // 0.04 + 0.02 x 3/2 = 0.07; with the LOD of the third 0.07 + 0.01 = 0.08.
        let parts = [part("0.04", None, None), part("0.02", None, Some("3/2")), part("ND", Some("0.01"), None)];
        let (lower, upper) = sum_of(None, None, &parts).unwrap();
        assert_eq!((lower.text.as_str(), upper.unwrap().text.as_str()), ("0.07", "0.08"));
        assert_eq!((lower.printed, lower.calculations.len()), (None, 1));
        let (nothing, _) = sum_of(None, None, &[part("ND", Some("0.01"), None)]).unwrap();
        assert_eq!(nothing.printed.as_deref(), Some("ND"));
        assert!(sum_of(None, None, &[part("ND", None, None)]).is_err(), "without LOD there is no upper bound");
        assert!(sum_of(None, None, &[part(">1", None, None)]).unwrap().1.is_none());
    }

    #[test]
    fn the_parent_compound_is_the_first_part() {
        let own = |value: &str| Some(PortionValue::plain(MeasuredValue::parse(value).unwrap()));
        let lod = || Decimal::parse("0.01").ok();
        // 0.02 + 0.04 x 3/2; 0.009 is below its LOD: nothing of it counts, or all of the LOD.
        let metabolite = [part("0.04", None, Some("3/2"))];
        let bounds = |value: &str| {
            let (lower, upper) = sum_of(own(value), lod(), &metabolite).unwrap();
            (lower.text, upper.unwrap().text)
        };
        assert_eq!(bounds("0.02"), ("0.08".to_owned(), "0.08".to_owned()));
        assert_eq!(bounds("0.009"), ("0.06".to_owned(), "0.07".to_owned()));
        let (nothing, _) = sum_of(own("0.009"), lod(), &[part("ND", Some("0.01"), None)]).unwrap();
        assert_eq!(nothing.printed.as_deref(), Some("ND"));
    }

    /// An additive with an LOD of 0.005 g/kg against its own maximum.
    fn share(value: &str, max: &str) -> Taken {
        let used_as = Use::Proportion { zh: "苯甲酸".into(), en: "benzoic acid".into(), several: false };
        let max = Some(Maximum { value: Decimal::parse(max).unwrap(), doubts: Vec::new() });
        let part = part(value, Some("0.005"), None);
        Taken { need: Need { used_as, ..part.need.clone() }, max, ..part }
    }

    #[test]
    fn of_an_additive_that_is_tested_twice_one_result_counts() {
        let counted = |first: (&str, &str, bool), second: (&str, &str, bool)| {
            let counted = Counted::of((&share(first.0, first.1), first.2), (&share(second.0, second.1), second.2));
            counted.map(|one| (one.second, one.disputed)).unwrap()
        };
        // Two methods that are no screening and disagree: the larger share, for a person to look at.
        assert_eq!(counted(("0.40", "1.0", false), ("0.45", "1.0", false)), (true, true));
        assert_eq!(counted(("0.45", "1.0", false), ("0.40", "1.0", false)), (false, true));
        // 0.40 of 0.5 is 4/5 and more than 0.45 of 1.0.
        assert_eq!(counted(("0.40", "0.5", false), ("0.45", "1.0", false)), (false, true));
        // The same value, and nothing found by either: nothing is open.
        assert_eq!(counted(("0.40", "1.0", false), ("0.4", "1.0", false)), (false, false));
        assert_eq!(counted(("ND", "1.0", false), ("0.004", "1.0", false)), (false, false), "below the LOD");
        assert_eq!(counted(("ND", "1.0", false), ("0.006", "1.0", false)), (true, true));
        // A screening gives way, whatever it said.
        assert_eq!(counted(("0.9", "1.0", true), ("0.4", "1.0", false)), (true, false));
        assert_eq!(counted(("0.4", "1.0", false), ("0.9", "1.0", true)), (false, false));
        assert_eq!(counted(("0.4", "1.0", true), ("0.9", "1.0", true)), (true, true));
        // An open end weighs more than any number at the same least value.
        assert_eq!(counted(("0.4", "1.0", false), (">0.4", "1.0", false)), (true, true));
    }

    #[test]
    fn what_is_taken_stands_beside_what_is_entered() {
        let moisture =
            Taken { need: Need { input: "moisture".into(), ..part("12", None, None).need }, ..part("12", None, None) };
        let entered = [("mass".to_owned(), "0.5".to_owned())].into();
        let portion = Portion { label_code: "1".into(), determinations: vec![entered] };
        let whole = with_taken(&portion, &[moisture]);
        assert_eq!(whole.determinations[0].get("moisture").map(String::as_str), Some("12"));
        assert_eq!(portion.determinations[0].len(), 1, "the record keeps them apart");
    }
}
