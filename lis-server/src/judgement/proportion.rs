//! The proportion rule of GB 2760 for preservatives, colours of one hue and antioxidants (`judgement.md` 7).

use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::Verdict;
use super::error::JudgementError;
use super::explain::{Step, StepKey};
use super::measured::MeasuredValue;
use super::number::{Fraction, MAX_PARTS, Ratio, check_length, fixed, one};
use super::sums::{sum_verdict, verdict_step};

/// One additive of a group (preservatives, colours of one hue, antioxidants).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioPart {
    pub value: MeasuredValue,
    /// Its own maximum in this food.
    #[serde(default)]
    pub max: Option<Decimal>,
    #[serde(default = "yes")]
    pub permitted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Named>,
    /// A number below it counts as not detected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lod: Option<Decimal>,
    /// The exact number, where `value` had to be cut: its share is reckoned with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Fraction>,
}

/// An additive's names, for the sentences that explain the sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Named {
    pub zh: String,
    pub en: String,
}

/// As a name is written: one text for both languages, or one for each.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a name is a text, or an object with \"zh\" and \"en\"")]
enum Written {
    Alike(String),
    Each(OfLanguages),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfLanguages {
    zh: String,
    en: String,
}

impl From<Written> for Named {
    fn from(written: Written) -> Self {
        match written {
            Written::Alike(name) => Self { zh: name.clone(), en: name },
            Written::Each(OfLanguages { zh, en }) => Self { zh, en },
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatioJudged {
    /// Four decimals.
    pub sum: String,
    /// Exact: `11/10`.
    pub fraction: String,
    /// Of the sum alone.
    pub verdict: Verdict,
    /// Each additive on its own, in order.
    pub items: Vec<Verdict>,
    /// Sum and items together.
    pub overall: Verdict,
    /// The sum is an item of the report only when at least two of the group were found.
    pub reportable: bool,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub steps: Vec<Step>,
}

/// The proportion rule (GB 2760): the sum of found / own maximum must not exceed 1.
///
/// 1. Fractions, never rounded quotients.
/// 2. Not detected counts as zero.
/// 3. An additive that is not permitted does not enter the sum; a finding fails on its own.
/// 4. `<a` may be anything below a: when that decides, REVIEW.
pub fn ratio(parts: &[RatioPart]) -> Result<RatioJudged, JudgementError> {
    if parts.is_empty() || parts.len() > MAX_PARTS {
        let why = format!("the rule takes one to {MAX_PARTS} additives");
        return Err(JudgementError::refused("parts", why));
    }
    let (mut lower, mut upper, mut found) = (Ratio::zero(), Some(Ratio::zero()), 0);
    let mut items = Vec::with_capacity(parts.len());
    let mut steps = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let (low, high) = part.share(index)?;
        items.push(match part.permitted {
            true => sum_verdict(&low, high.as_ref(), &one()),
            false if low.is_positive() => Verdict::Fail,
            false if high.as_ref().is_none_or(Signed::is_positive) => Verdict::Review,
            false => Verdict::Pass,
        });
        if part.permitted {
            steps.push(part.step(index));
            found += usize::from(low.is_positive());
            lower += low;
            upper = upper.zip(high).map(|(sum, high)| sum + high);
        }
    }
    let verdict = sum_verdict(&lower, upper.as_ref(), &one());
    let all = || items.iter().chain([&verdict]);
    let overall = [Verdict::Fail, Verdict::Review]
        .into_iter()
        .find(|worst| all().any(|one| one == worst))
        .unwrap_or(Verdict::Pass);
    let (sum, fraction) = (fixed(&lower, RATIO_DECIMALS), format!("{}/{}", lower.numer(), lower.denom()));
    steps.push(Step::new(StepKey::RatioSum, [("sum", sum.clone()), ("fraction", fraction.clone())]));
    let reportable = found >= 2;
    if !reportable {
        steps.push(Step::new(StepKey::RatioNotReported, []));
    }
    steps.push(verdict_step(overall));
    Ok(RatioJudged { sum, fraction, verdict, items, overall, reportable, steps })
}

impl RatioJudged {
    /// As the report prints the sum. One that lies above 1 and is 1 to four decimals bears the sign of a figure that was
    /// rounded down (GB/T 8170), so that it does not contradict its verdict.
    pub fn reported(&self) -> String {
        let hides = self.verdict == Verdict::Fail && self.sum == fixed(&one(), RATIO_DECIMALS);
        if hides { format!("{}(+)", self.sum) } else { self.sum.clone() }
    }
}

impl RatioPart {
    fn step(&self, index: usize) -> Step {
        let number = (index + 1).to_string();
        let (zh, en) = self.name.as_ref().map_or((number.clone(), number), |name| (name.zh.clone(), name.en.clone()));
        let max = self.max.as_ref().map_or_else(|| "—".to_owned(), Decimal::to_string);
        Step::new(StepKey::RatioShare, [("zh", zh), ("en", en), ("value", self.value.to_string()), ("max", max)])
    }

    /// Whether this result of an additive has a larger share than another one of the same: by what it is at least, among
    /// equals by what it may be.
    ///
    /// # Errors
    /// A permitted additive that was found and has no maximum above zero; numbers that are too long.
    pub fn outweighs(&self, other: &Self) -> Result<bool, JudgementError> {
        let ((low, high), (other_low, other_high)) = (self.share(0)?, other.share(0)?);
        Ok(match (high, other_high) {
            _ if low != other_low => low > other_low,
            (Some(high), Some(other_high)) => high > other_high,
            (high, other_high) => high.is_none() && other_high.is_some(),
        })
    }

    fn is_not_detected(&self) -> bool {
        match (&self.value, &self.lod) {
            (MeasuredValue::NotDetected, _) => true,
            (MeasuredValue::Number(value), Some(lod)) => self.number(value) < lod.to_ratio(),
            _ => false,
        }
    }

    /// The number that was found, as exactly as it is known.
    fn number(&self, value: &Decimal) -> Ratio {
        self.exact.as_ref().map_or_else(|| value.to_ratio(), |exact| exact.value().clone())
    }

    /// Found over maximum, lowest and highest; for an additive that is not permitted the found value itself.
    fn share(&self, index: usize) -> Result<(Ratio, Option<Ratio>), JudgementError> {
        if let Some(max) = &self.max {
            check_length(&format!("parts[{index}].max"), max)?;
        }
        let maximum = match (self.permitted, &self.max) {
            (false, _) => one(),
            (true, Some(max)) if max.to_ratio().is_positive() => max.to_ratio(),
            (true, None) if self.is_not_detected() => one(),
            (true, _) => {
                let why = "a permitted additive that was found needs its own maximum, above zero";
                return Err(JudgementError::refused(format!("parts[{index}].max"), why));
            }
        };
        let share = |value: &Decimal| value.to_ratio() / &maximum;
        Ok(match &self.value {
            _ if self.is_not_detected() => (Ratio::zero(), Some(Ratio::zero())),
            MeasuredValue::NotDetected => (Ratio::zero(), Some(Ratio::zero())),
            MeasuredValue::Number(value) if value.is_negative() => {
                return Err(JudgementError::refused(format!("parts[{index}].value"), "it is negative"));
            }
            MeasuredValue::Number(value) => {
                let found = self.number(value) / &maximum;
                (found.clone(), Some(found))
            }
            MeasuredValue::Below(a) => (Ratio::zero(), Some(share(a))),
            MeasuredValue::Above(a) => (share(a), None),
        })
    }
}

fn yes() -> bool {
    true
}

/// Decimals of the proportion sum as reported.
const RATIO_DECIMALS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Fail, Pass, Review};

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn v(text: &str) -> MeasuredValue {
        MeasuredValue::parse(text).unwrap()
    }

    fn additive(value: &str, max: &str) -> RatioPart {
        RatioPart { value: v(value), max: Some(d(max)), permitted: true, name: None, lod: None, exact: None }
    }

    #[test]
    fn proportions_are_fractions() {
        let check = |parts: &[RatioPart], sum: &str, fraction: &str, verdict, overall, reportable| {
            let judged = ratio(parts).unwrap();
            let found =
                (judged.sum.as_str(), judged.fraction.as_str(), judged.verdict, judged.overall, judged.reportable);
            assert_eq!(found, (sum, fraction, verdict, overall, reportable));
        };
        check(&[additive("0.1", "0.3"), additive("0.4", "0.6")], "1.0000", "1/1", Pass, Pass, true);
        check(&[additive("0.1", "0.3"), additive("0.40001", "0.6")], "1.0000", "60001/60000", Fail, Fail, true);
        check(&[additive("0.6", "1.0"), additive("ND", "1.0")], "0.6000", "3/5", Pass, Pass, false);
        check(&[additive("ND", "1.0")], "0.0000", "0/1", Pass, Pass, false);
        check(&[additive("0.5", "1.0"), additive("<0.6", "1.0")], "0.5000", "1/2", Review, Review, false);
        let forbidden = |value| RatioPart { max: None, permitted: false, ..additive(value, "1.0") };
        let judged = ratio(&[additive("0.6", "1.0"), forbidden("0.2")]).unwrap();
        assert_eq!((judged.items.as_slice(), judged.verdict, judged.overall), (&[Pass, Fail][..], Pass, Fail));
        assert_eq!(ratio(&[forbidden("ND")]).unwrap().items, [Pass]);
        let without_max = RatioPart { max: None, ..additive("0.1", "1.0") };
        assert!(ratio(&[without_max]).is_err());
        // 0.004 lies below its LOD: nothing of it counts, as of what is not permitted.
        let trace = |permitted| RatioPart { lod: Some(d("0.005")), permitted, ..additive("0.004", "1.0") };
        check(&[additive("0.5", "1.0"), trace(true)], "0.5000", "1/2", Pass, Pass, false);
        assert_eq!(ratio(&[trace(false)]).unwrap().items, [Pass]);
        assert!(ratio(&[]).is_err());
    }

    /// 1/3 g/kg and 2/3 g/kg, each of 1 g/kg, are 1 and no more, however the thirds were cut.
    #[test]
    fn a_share_is_reckoned_with_the_fraction_that_was_found() {
        let third = |times: i64, cut: &str| RatioPart {
            exact: Fraction::of(&Ratio::new(times.into(), 3.into())),
            ..additive(cut, "1.0")
        };
        let judged = ratio(&[third(1, "0.3334"), third(2, "0.6667")]).unwrap();
        assert_eq!((judged.fraction.as_str(), judged.verdict), ("1/1", Pass));
        let cut = ratio(&[additive("0.3334", "1.0"), additive("0.6667", "1.0")]).unwrap();
        assert_eq!(cut.verdict, Fail);
        let above = ratio(&[third(1, "0.3333"), third(2, "0.6666"), additive("0.0001", "1000")]).unwrap();
        assert_eq!((above.sum.as_str(), above.verdict), ("1.0000", Fail));
        // As a record keeps it, and as it kept it before.
        let kept = serde_json::to_string(&third(1, "0.3334")).unwrap();
        assert_eq!(kept, r#"{"value":"0.3334","max":"1.0","permitted":true,"exact":"1/3"}"#);
        assert_eq!(serde_json::from_str::<RatioPart>(&kept).unwrap(), third(1, "0.3334"));
        let before = r#"{"value":"0.3334","max":"1.0","permitted":true}"#;
        assert_eq!(serde_json::to_string(&additive("0.3334", "1.0")).unwrap(), before);
    }

    #[test]
    fn a_name_is_one_text_or_one_for_each_language() {
        let part = |name: &str| serde_json::from_str::<RatioPart>(&format!("{{\"value\":\"ND\",\"name\":{name}}}"));
        assert_eq!(part("\"BHT\"").unwrap().name, Some(Named { zh: "BHT".into(), en: "BHT".into() }));
        let both = part("{\"zh\":\"苯甲酸\",\"en\":\"benzoic acid\"}").unwrap();
        assert_eq!(both.name, Some(Named { zh: "苯甲酸".into(), en: "benzoic acid".into() }));
        assert_eq!(
            serde_json::to_value(&both).unwrap()["name"],
            serde_json::json!({"zh": "苯甲酸", "en": "benzoic acid"}),
            "as records keep it"
        );
        for wrong in ["7", "{\"zh\":\"x\"}", "{\"zh\":\"x\",\"en\":\"x\",\"fr\":\"x\"}"] {
            assert!(part(wrong).unwrap_err().to_string().contains("a name is a text"), "{wrong}");
        }
    }
}
