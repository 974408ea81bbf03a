//! Microbiological sampling plans (`judgement.md` 8; GB 29921 and product standards).
//!
//! n units, c tolerated, m acceptable level, M maximum.
//! 1. Fewer than n valid units: INCOMPLETE, before all else. More: an error.
//! 2. Three-class: FAIL if any unit is above M, or more than c units are above m and not above M. Two-class (no M): FAIL
//!    if more than c units are above m. Values equal to m or M are inside.
//! 3. `<a` and `>a` are ranges: a FAIL that no value in the range can change is FAIL, a PASS likewise PASS; otherwise
//!    REVIEW.

use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;
use crate::domain::text::counted;

use super::Verdict;
use super::error::JudgementError;
use super::explain::{Step, StepKey};
use super::measured::MeasuredValue;
use super::number::Ratio;

/// A plan. Without `M` it is two-class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MicroPlan {
    pub n: u32,
    pub c: u32,
    pub m: Decimal,
    #[serde(rename = "M", default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Decimal>,
}

/// The verdict over all units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MicroJudged {
    pub verdict: Verdict,
    /// Units certainly above m and not above M (two-class: above m).
    pub over_m: u32,
    /// Units certainly above M.
    #[serde(rename = "over_M")]
    pub over_maximum: u32,
    pub steps: Vec<Step>,
}

/// Judges the units in their order; `None` is a unit without a valid result.
pub fn judge_plan(plan: &MicroPlan, units: &[Option<MeasuredValue>]) -> Result<MicroJudged, JudgementError> {
    let valid: Vec<&MeasuredValue> = units.iter().flatten().collect();
    if valid.len() > plan.n as usize {
        let given = counted(valid.len(), "result");
        let why = format!("{given} for a plan of {}; a plan is judged on exactly its units", plan.n);
        return Err(JudgementError::refused("units", why));
    }
    let is_complete = valid.len() == plan.n as usize;
    if is_complete {
        plan.check()?;
    }
    let (m, maximum) = (plan.m.to_ratio(), plan.maximum.as_ref().map(Decimal::to_ratio));
    let ranges: Vec<Class> = valid.iter().map(|unit| Class::of(unit, &m, maximum.as_ref())).collect();
    let certain = |level| ranges.iter().filter(|class| class.lowest == level && class.highest == level).count() as u32;
    let (over_m, over_maximum) = (certain(Level::OverM), certain(Level::OverMaximum));
    let verdict = if is_complete { plan.verdict(&ranges) } else { Verdict::Incomplete };
    let steps = steps(plan, &valid, verdict, over_m, over_maximum);
    Ok(MicroJudged { verdict, over_m, over_maximum, steps })
}

impl MicroPlan {
    fn check(&self) -> Result<(), JudgementError> {
        if self.n == 0 {
            return Err(JudgementError::refused("n", "a plan has at least one unit"));
        }
        if self.c > self.n {
            let units = counted(self.n as usize, "unit");
            return Err(JudgementError::refused("c", format!("{} tolerated of {units}", self.c)));
        }
        if self.m.is_negative() {
            return Err(JudgementError::refused("m", "a level is not negative"));
        }
        match &self.maximum {
            Some(maximum) if maximum.cmp_value(&self.m).is_lt() => {
                Err(JudgementError::refused("M", format!("the maximum {maximum} is below m = {}", self.m)))
            }
            _ => Ok(()),
        }
    }

    fn verdict(&self, ranges: &[Class]) -> Verdict {
        let fails = |level: fn(&Class) -> Level| {
            let count = |wanted| ranges.iter().filter(|class| level(class) == wanted).count();
            count(Level::OverMaximum) > 0 || count(Level::OverM) > self.c as usize
        };
        // Levels are ordered and a higher level never helps, so the lowest and the highest cases bound all others.
        match (fails(|class| class.lowest), fails(|class| class.highest)) {
            (true, _) => Verdict::Fail,
            (false, false) => Verdict::Pass,
            (false, true) => Verdict::Review,
        }
    }
}

/// Where a unit can lie.
struct Class {
    lowest: Level,
    highest: Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Within,
    OverM,
    OverMaximum,
}

impl Class {
    fn of(unit: &MeasuredValue, m: &Ratio, maximum: Option<&Ratio>) -> Self {
        let highest_possible = if maximum.is_some() { Level::OverMaximum } else { Level::OverM };
        let level = |x: &Ratio| match maximum {
            Some(maximum) if x > maximum => Level::OverMaximum,
            _ if x > m => Level::OverM,
            _ => Level::Within,
        };
        match unit {
            MeasuredValue::NotDetected => Self { lowest: Level::Within, highest: Level::Within },
            MeasuredValue::Number(x) => {
                let level = level(&x.to_ratio());
                Self { lowest: level, highest: level }
            }
            // Below a: at most just below a, which is above m only if a is.
            MeasuredValue::Below(a) => Self { lowest: Level::Within, highest: level(&a.to_ratio()) },
            MeasuredValue::Above(a) => {
                let a = a.to_ratio();
                let lowest = match maximum {
                    Some(maximum) if &a >= maximum => Level::OverMaximum,
                    _ if &a >= m => Level::OverM,
                    _ => Level::Within,
                };
                Self { lowest, highest: highest_possible }
            }
        }
    }
}

fn steps(plan: &MicroPlan, units: &[&MeasuredValue], verdict: Verdict, over_m: u32, over_maximum: u32) -> Vec<Step> {
    let list = units.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let maximum = plan.maximum.as_ref().map_or_else(|| "—".to_owned(), Decimal::to_string);
    let plan_args = [("n", plan.n.to_string()), ("c", plan.c.to_string()), ("m", plan.m.to_string()), ("M", maximum)];
    let counts = [("over_m", over_m.to_string()), ("c", plan.c.to_string()), ("over_M", over_maximum.to_string())];
    let mut steps = vec![Step::new(StepKey::PlanGiven, plan_args), Step::new(StepKey::PlanUnits, [("units", list)])];
    steps.push(match verdict {
        Verdict::Incomplete => {
            Step::new(StepKey::PlanIncomplete, [("found", units.len().to_string()), ("n", plan.n.to_string())])
        }
        _ => Step::new(StepKey::PlanCounts, counts),
    });
    if verdict == Verdict::Review {
        steps.push(Step::new(StepKey::PlanUncertain, []));
    }
    steps.push(Step::new(StepKey::VerdictIs, [("zh", verdict.zh().into()), ("en", verdict.name().into())]));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(plan: (u32, u32, &str, Option<&str>), units: &str, expected: (Verdict, u32, u32)) {
        let (n, c, m, maximum) = plan;
        let d = |text| Decimal::parse(text).unwrap();
        let plan = MicroPlan { n, c, m: d(m), maximum: maximum.map(d) };
        let units: Vec<_> = units.split_whitespace().map(|unit| MeasuredValue::parse(unit).ok()).collect();
        let judged = judge_plan(&plan, &units).unwrap();
        assert_eq!((judged.verdict, judged.over_m, judged.over_maximum), expected, "{units:?}");
    }

    const COLIFORMS: (u32, u32, &str, Option<&str>) = (5, 2, "10", Some("100"));

    #[test]
    fn three_classes() {
        check(COLIFORMS, "<10 10 10 10 10", (Verdict::Pass, 0, 0));
        check(COLIFORMS, "100 100 10 10 10", (Verdict::Pass, 2, 0));
        check(COLIFORMS, "11 11 11 10 10", (Verdict::Fail, 3, 0));
        check(COLIFORMS, "11 101 10 10 10", (Verdict::Fail, 1, 1));
    }

    #[test]
    fn two_classes() {
        check((5, 0, "0", None), "0 0 0 0 ND", (Verdict::Pass, 0, 0));
        check((5, 0, "0", None), "0 0 1 0 0", (Verdict::Fail, 1, 0));
        check((5, 1, "0", None), "0 0 1 0 0", (Verdict::Pass, 1, 0));
        check((5, 0, "100", None), ">100 0 0 0 0", (Verdict::Fail, 1, 0));
    }

    #[test]
    fn censored_units_decide_only_when_certain() {
        let low = (5, 2, "1", Some("10"));
        check(low, "<10 2 <10 <10 <10", (Verdict::Review, 1, 0));
        check(low, "<10 <10 1 1 1", (Verdict::Pass, 0, 0));
        check(low, "<100 1 1 1 1", (Verdict::Review, 0, 0));
        check(low, "<10 11 <10 <10 <10", (Verdict::Fail, 0, 1));
        check(low, "<10 2 2 2 <10", (Verdict::Fail, 3, 0));
        check(COLIFORMS, ">100 <10 <10 <10 <10", (Verdict::Fail, 0, 1));
        check(COLIFORMS, ">50 <10 <10 <10 <10", (Verdict::Review, 0, 0));
    }

    #[test]
    fn the_number_of_units_comes_first() {
        check(COLIFORMS, "1000 10 10 10", (Verdict::Incomplete, 0, 1));
        check(COLIFORMS, "10 10 spoilt 10 10", (Verdict::Incomplete, 0, 0));
        let d = |text| Decimal::parse(text).unwrap();
        let plan = MicroPlan { n: 2, c: 0, m: d("10"), maximum: None };
        let unit = || Some(MeasuredValue::Number(d("1")));
        assert!(judge_plan(&plan, &[unit(), unit(), unit()]).is_err());
        assert!(judge_plan(&MicroPlan { n: 0, ..plan.clone() }, &[]).is_err());
        // A plan that makes no sense is refused as soon as it could be judged.
        for wrong in [
            MicroPlan { c: 3, ..plan.clone() },
            MicroPlan { maximum: Some(d("9")), ..plan.clone() },
            MicroPlan { m: d("-1"), ..plan },
        ] {
            assert!(judge_plan(&wrong, &[unit(), unit()]).is_err(), "{wrong:?}");
            assert_eq!(judge_plan(&wrong, &[unit(), None]).unwrap().verdict, Verdict::Incomplete, "{wrong:?}");
        }
    }
}
