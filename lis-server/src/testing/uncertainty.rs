//! The uncertainty of a result, where the client's decision rule asks for it: which of the laboratory's budgets speaks for
//! the value, and what its guard band leaves open (`quality.md` Q76-1, `judgement.md` 9). Pure.

use serde::{Deserialize, Serialize};

use super::compute::Edition;
use crate::catalogue::import::UncertaintyBudget;
use crate::domain::decimal::Decimal;
use crate::judgement::decision::{ExactNumbers, GuardedVerdict, LimitSide};
use crate::judgement::edition::Rules;
use crate::judgement::item::factor_to_limit;
use crate::judgement::limit::{LimitRule, MethodFacts};
use crate::judgement::measured::{Measured, MeasuredValue};
use crate::judgement::number::{Fraction, Ratio, fixed};
use crate::judgement::record::{self, Answer, JudgementRecord, Question};
use crate::judgement::{JudgementError, Verdict, rounding};

/// No budget speaks for the value: a note of a result.
pub const UNCERTAINTY_UNKNOWN: &str = "uncertainty-unknown";
/// The value lies in the guard band: a note of a result.
pub const UNCERTAINTY_DECIDES: &str = "uncertainty-decides";

/// What the decision rule asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UncertaintyAsked {
    /// The set of budgets that was looked into.
    pub set: i64,
    /// Those of the procedure for the analyte, one for each level.
    pub budgets: Vec<UncertaintyBudget>,
}

/// What is said about the uncertainty of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Uncertain {
    /// Expanded, as the report prints it: in the unit and the decimals of the result.
    pub expanded: String,
    pub k: Decimal,
    pub basis: String,
    /// The value against each border of its limit.
    pub decisions: Vec<JudgementRecord>,
}

impl UncertaintyAsked {
    /// The uncertainty of a judged value, and why a person has to look at the verdict because of it. What is not detected or
    /// not quantified is judged by LOD and LOQ alone. `exact`: the value, where the one that was judged had to be cut.
    ///
    /// # Errors
    /// A budget in a unit of another kind than the result's.
    pub(super) fn judged(
        &self,
        judgement: &JudgementRecord,
        exact: Option<&Ratio>,
        reported: &str,
        edition: Edition,
    ) -> Result<(Option<Uncertain>, Option<&'static str>), JudgementError> {
        let Question::Item { measured, limit, method } = &judgement.question else { return Ok((None, None)) };
        let Some(value) = quantified(measured, method) else { return Ok((None, None)) };
        let value = exact.filter(|_| edition >= Edition::Fourth).cloned().unwrap_or_else(|| value.to_ratio());
        let unit = measured.unit.as_deref().unwrap_or_default();
        let Some((budget, expanded)) = self.budget_for(&value, unit)? else {
            return Ok((None, Some(UNCERTAINTY_UNKNOWN)));
        };
        // As it is judged and reported: in the unit of the limit, where there is one.
        let factor = factor_to_limit(measured, limit)?;
        let (x, expanded) = (value * &factor, expanded * &factor);
        let decisions = decisions(judgement, limit, &x, (&expanded, &budget.k), edition)?;
        let doubt = is_open(&decisions, judgement.verdict()).then_some(UNCERTAINTY_DECIDES);
        let said = Uncertain {
            expanded: printed(&expanded, reported),
            k: budget.k.clone(),
            basis: budget.basis.clone(),
            decisions,
        };
        Ok((Some(said), doubt))
    }

    fn budget_for(&self, value: &Ratio, unit: &str) -> Result<Option<(&UncertaintyBudget, Ratio)>, JudgementError> {
        for budget in &self.budgets {
            if let Some(expanded) = budget.at(value, unit)? {
                return Ok(Some((budget, expanded)));
            }
        }
        Ok(None)
    }
}

/// The number that was measured, at or above what the method can see and quantify.
fn quantified<'m>(measured: &'m Measured, method: &MethodFacts) -> Option<&'m Decimal> {
    let MeasuredValue::Number(value) = &measured.value else { return None };
    let reaches = |border: &Option<Decimal>| border.as_ref().is_none_or(|border| !value.cmp_value(border).is_lt());
    (reaches(&method.lod) && reaches(&method.loq)).then_some(value)
}

/// The value against the upper and the lower border of its limit: by decimals as a person reads them, and beside those that
/// were cut with the fractions that decide.
fn decisions(
    judgement: &JudgementRecord,
    limit: &LimitRule,
    x: &Ratio,
    (uncertainty, k): (&Ratio, &Decimal),
    edition: Edition,
) -> Result<Vec<JudgementRecord>, JudgementError> {
    let Some(region) = limit.region() else { return Ok(Vec::new()) };
    let borders = [(region.high, LimitSide::Max), (region.low, LimitSide::Min)];
    let borders = borders.into_iter().filter_map(|(border, side)| Some((border?, side)));
    let fraction = |number: &Ratio| Fraction::of(number).filter(|_| edition >= Edition::Fourth);
    let decide = |(border, side): (Ratio, LimitSide)| {
        let (x_read, uncertainty_read, limit) = (readable(x), readable(uncertainty), readable(&border));
        let exact = ExactNumbers { x: fraction(x), uncertainty: fraction(uncertainty), limit: fraction(&border) };
        // By the rules that judged the value.
        let rules = Rules::of(judgement.rules).unwrap_or(Rules::CURRENT);
        let question =
            Question::Decision { x: x_read, uncertainty: uncertainty_read, k: k.clone(), limit, side, exact };
        record::judge_by(rules, question, judgement.sources.clone())
    };
    borders.map(decide).collect()
}

/// Whether the guard band leaves the verdict open, or says something else than it.
fn is_open(decisions: &[JudgementRecord], judged: Option<Verdict>) -> bool {
    let guarded: Vec<GuardedVerdict> = decisions
        .iter()
        .filter_map(|one| match &one.answer {
            Answer::Decision(decision) => Some(decision.guarded),
            _ => None,
        })
        .collect();
    let says = if guarded.contains(&GuardedVerdict::Fail) {
        Some(Verdict::Fail)
    } else if guarded.iter().all(|one| *one == GuardedVerdict::Pass) {
        Some(Verdict::Pass)
    } else {
        None
    };
    !guarded.is_empty() && (says.is_none() || says != judged)
}

/// In the decimals of the reported value; an uncertainty is never printed as nothing.
fn printed(expanded: &Ratio, reported: &str) -> String {
    let decimals = Decimal::parse(reported).ok().map(|shown| shown.decimals());
    let rounded = decimals.map(|decimals| fixed(expanded, decimals));
    let says = |text: &String| Decimal::parse(text).is_ok_and(|number| !number.is_zero());
    rounded.filter(says).unwrap_or_else(|| rounding::to_significant(expanded, FIGURES).value.to_string())
}

fn readable(value: &Ratio) -> Decimal {
    Decimal::from_ratio_finite(value).unwrap_or_else(|| rounding::to_significant(value, KEPT_FIGURES).value)
}

/// Figures of an uncertainty that is finer than its result.
const FIGURES: u32 = 1;
/// Figures that are kept of a value without end.
const KEPT_FIGURES: u32 = 12;

#[cfg(test)]
mod tests {
    use super::super::compute::CURRENT;
    use super::*;
    use crate::catalogue::import::Contribution;
    use crate::judgement::limit::Bound;
    use crate::judgement::record::Sources;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn budget(level: (Option<&str>, Option<&str>), expanded: &str, relative: bool) -> UncertaintyBudget {
        UncertaintyBudget {
            method: "m".into(),
            analyte: "pb".into(),
            from: level.0.map(d),
            below: level.1.map(d),
            unit: "mg/kg".into(),
            expanded: d(expanded),
            relative,
            k: d("2"),
            contributions: vec![Contribution { source: "repeatability".into(), standard: d("0") }],
            basis: "charts".into(),
            reviewed_on: "2026-11-16".parse().unwrap(),
        }
    }

    /// Printed uncertainty and doubt of a value in mg/kg against a limit, with an absolute uncertainty of 0.02 mg/kg.
    fn said(value: &str, bound: Bound, unit: &str) -> (String, Option<&'static str>) {
        let asked = UncertaintyAsked { set: 1, budgets: vec![budget((None, None), "0.02", false)] };
        let judgement = judgement(value, bound, unit);
        let (uncertain, doubt) = asked.judged(&judgement, None, value, CURRENT).unwrap();
        (uncertain.map(|one| one.expanded).unwrap_or_default(), doubt)
    }

    fn judgement(value: &str, bound: Bound, unit: &str) -> JudgementRecord {
        let measured = Measured::new(MeasuredValue::parse(value).unwrap(), Some("mg/kg"));
        let method = MethodFacts { lod: Some(d("0.005")), loq: Some(d("0.01")), digits: None };
        let limit = LimitRule::new(bound, Some(unit));
        record::judge(Question::Item { measured, limit, method }, Sources::default()).unwrap()
    }

    // Requirement: Q76-1
    #[test]
    fn a_value_in_the_guard_band_is_for_a_person() {
        let max = || Bound::Max { value: d("0.2") };
        let open = Some(UNCERTAINTY_DECIDES);
        assert_eq!(said("0.19", max(), "mg/kg"), ("0.02".to_owned(), open), "conditional pass");
        assert_eq!(said("0.17", max(), "mg/kg"), ("0.02".to_owned(), None), "pass");
        assert_eq!(said("0.205", max(), "mg/kg"), ("0.020".to_owned(), open), "conditional fail");
        assert_eq!(said("0.23", max(), "mg/kg"), ("0.02".to_owned(), None), "fail");
        let range = || Bound::Range { low: d("0.1"), high: d("0.2") };
        assert_eq!(said("0.15", range(), "mg/kg").1, None);
        assert_eq!(said("0.11", range(), "mg/kg").1, open);
        assert_eq!(said("0.05", range(), "mg/kg").1, None, "below the range by more than U");
        let min = Bound::Min { value: d("0.2") };
        assert_eq!(said("0.19", min, "mg/kg").1, open);
    }

    #[test]
    fn an_uncertainty_is_in_the_unit_of_the_limit_and_only_of_what_is_quantified() {
        let (uncertain, doubt) = UncertaintyAsked { set: 1, budgets: vec![budget((None, None), "0.02", false)] }
            .judged(&judgement("0.19", Bound::Max { value: d("200") }, "µg/kg"), None, "190", CURRENT)
            .unwrap();
        let uncertain = uncertain.unwrap();
        assert_eq!((uncertain.expanded.as_str(), doubt), ("20", Some(UNCERTAINTY_DECIDES)));
        assert!(uncertain.decisions[0].bytes().contains("\"p_over\":\"0.1587\""));
        let max = || Bound::Max { value: d("0.2") };
        assert_eq!(said("0.0099", max(), "mg/kg"), (String::new(), None), "below the LOQ");
        assert_eq!(said("ND", max(), "mg/kg"), (String::new(), None));
        assert_eq!(said("0.19", Bound::NoLimit, "mg/kg"), ("0.02".to_owned(), None), "stated and not judged");
        assert_eq!(said("7", max(), "mg/kg").0, "0.02", "finer than the result");
    }

    /// 1/6 mg/kg with an uncertainty of 20 %, 1/30, reaches the limit of 0.2 exactly: it passes beyond doubt. Cut to figures it
    /// reaches beyond.
    #[test]
    fn the_fraction_that_was_measured_meets_the_guard_band() {
        let asked = UncertaintyAsked { set: 1, budgets: vec![budget((None, None), "20", true)] };
        let judged = judgement("0.1666666666666666666666666666666666666667", Bound::Max { value: d("0.2") }, "mg/kg");
        let sixth = Ratio::new(1.into(), 6.into());
        let (uncertain, doubt) = asked.judged(&judged, Some(&sixth), "0.167", CURRENT).unwrap();
        let decision = &uncertain.unwrap().decisions[0];
        assert_eq!(doubt, None);
        assert!(
            decision.bytes().contains("\"exact\":{\"x\":\"1/6\",\"uncertainty\":\"1/30\"}"),
            "{}",
            decision.bytes()
        );
        assert!(decision.bytes().contains("\"x\":\"0.166666666667\""), "a person reads figures");
        assert_eq!(record::reproduces(decision), Ok(true));
        let (before, doubt) = asked.judged(&judged, Some(&sixth), "0.167", Edition::Third).unwrap();
        assert_eq!(doubt, Some(UNCERTAINTY_DECIDES));
        assert!(!before.unwrap().decisions[0].bytes().contains("exact"));
    }

    #[test]
    fn the_level_of_the_value_chooses_the_budget() {
        let budgets = vec![budget((None, Some("0.1")), "15", true), budget((Some("0.1"), Some("1")), "11", true)];
        let asked = UncertaintyAsked { set: 1, budgets };
        let said = |value: &str| {
            let judged = judgement(value, Bound::NoLimit, "mg/kg");
            let (uncertain, doubt) = asked.judged(&judged, None, value, CURRENT).unwrap();
            (uncertain.map(|one| one.expanded).unwrap_or_default(), doubt)
        };
        // 0.05 x 15 % = 0.0075, half to the even digit.
        assert_eq!(said("0.050"), ("0.008".to_owned(), None));
        assert_eq!(said("0.500"), ("0.055".to_owned(), None));
        assert_eq!(said("1.5"), (String::new(), Some(UNCERTAINTY_UNKNOWN)), "no budget speaks for it");
    }
}
