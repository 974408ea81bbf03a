//! An item as it stands in the result table of a report, with the reasoning behind its verdict.

use serde_json::Value;

use super::beside::{factor_stated, governing, label_claim};
use super::document::{basis_of, given, item_name, judgement_of};
use super::store::gathered::ItemFacts;
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;
use crate::judgement::Verdict;
use crate::judgement::explain::{Lang, Step, StepKey};
use crate::judgement::limit::{Bound, LimitRule};
use crate::judgement::record::{Answer, JudgementRecord, Question};
use crate::judgement::rounding::to_significant;
use crate::pdf::documents::{ReportItem, Subcontract};
use crate::testing::compute::Record;
use crate::web::language::Language;

/// One line of the result table.
pub fn printed_item(item: &ItemFacts, language: Language) -> ReportItem {
    let judgement = judgement_of(item);
    let lang = match language {
        Language::Chinese => Lang::Zh,
        Language::English => Lang::En,
    };
    let mut line = ReportItem {
        analyte: item.analyte.clone(),
        name: item_name(item, language),
        basis: basis_of(item),
        unit: given(&item.unit),
        results: vec![item.reported.clone()],
        verdict: match item.verdict {
            Verdict::Pass => Some(language.text("report-verdict-pass")),
            Verdict::Fail => Some(language.text("report-verdict-fail")),
            Verdict::NoLimit => None,
            Verdict::Review => Some(language.text("report-verdict-review")),
            Verdict::Block => Some(language.text("report-verdict-block")),
            Verdict::Incomplete => Some(language.text("report-verdict-incomplete")),
        },
        failed: item.verdict == Verdict::Fail,
        method: item.method_standard.clone(),
        in_scope: true,
        subcontract: subcontract_of(item),
        ..ReportItem::default()
    };
    let Some(judgement) = judgement else {
        return line;
    };
    if let Some(method) = &judgement.sources.method {
        line.method.clone_from(method);
    }
    line.explain = reasoning(item, &judgement).iter().map(|step| step.text(lang)).collect();
    line.explain.extend(guarded(item).iter().flat_map(JudgementRecord::steps).map(|step| step.text(lang)));
    line.explain.extend(decided(item, language));
    line.uncertainty = uncertainty_of(item, language);
    match (&judgement.question, &judgement.answer) {
        (Question::Item { limit, method, measured }, Answer::Item(judged)) => {
            line.requirement = requirement(limit, &judged.limit, language);
            line.lod = method.lod.as_ref().map(|lod| match &measured.unit {
                Some(unit) => format!("{} {unit}", printed_limit(lod)),
                None => printed_limit(lod),
            });
        }
        (Question::Plan { plan, units }, _) => {
            let maximum = plan.maximum.as_ref().map(|most| format!(", M={most}")).unwrap_or_default();
            line.requirement = Some(format!("n={}, c={}, m={}{maximum}", plan.n, plan.c, plan.m));
            let blank = || "/".to_owned();
            line.results =
                units.iter().map(|unit| unit.as_ref().map_or_else(blank, |value| value.to_string())).collect();
        }
        (Question::Sum { limit: Some(limit), .. }, _) => line.requirement = Some(format!("≤{limit}")),
        (Question::Species { limit, .. }, _) => line.requirement = Some(format!("≤{limit}")),
        (Question::Ratio { .. }, _) => line.requirement = Some("≤1".to_owned()),
        _ => {}
    }
    if let Some((claim, _)) = label_claim(item) {
        let claimed = language.text_with("report-label-claim", &[("claim", Fact::Text(claim))]);
        line.requirement =
            Some(line.requirement.map_or_else(|| claimed.clone(), |limit| format!("{limit}; {claimed}")));
    }
    line
}

/// Digits of a detection limit as it is printed. One that was scaled by the portion has as many as the division gave; two say how far
/// a method sees, and the exact one stands in the record that judged.
const LIMIT_FIGURES: u32 = 2;

/// A detection limit for a reader: as the laboratory stated it, and shortened where it was calculated.
fn printed_limit(limit: &Decimal) -> String {
    let stated = limit.unscaled().to_string().len() <= 3;
    if stated { limit.to_string() } else { to_significant(&limit.to_ratio(), LIMIT_FIGURES).value.to_string() }
}

/// How a result came about: the calculations with their formula and inputs, which judge nothing, and the judgement.
fn reasoning(item: &ItemFacts, judgement: &JudgementRecord) -> Vec<Step> {
    let calculations: Vec<JudgementRecord> =
        serde_json::from_value(item.record["answered"]["calculations"].clone()).unwrap_or_default();
    let calculated = calculations.iter().flat_map(JudgementRecord::steps);
    let told = serde_json::from_value::<Record>(item.record.clone()).map(|record| record.told()).unwrap_or_default();
    let calculated = calculated.filter(|step| step.key != StepKey::VerdictIs).chain(told);
    let calculated = calculated.chain(governing(item)).chain(factor_stated(item));
    let claimed = label_claim(item).into_iter().flat_map(|(claim, judged)| {
        [Step::new(StepKey::LabelClaim, [("claim", claim)])].into_iter().chain(judged.steps())
    });
    calculated.chain(judgement.steps()).chain(claimed).collect()
}

/// The value against its guard bands, where the client asked for them.
fn guarded(item: &ItemFacts) -> Vec<JudgementRecord> {
    serde_json::from_value(item.record["answered"]["uncertainty"]["decisions"].clone()).unwrap_or_default()
}

/// `±0.006 (k=2)`, in the result's unit and digits, where the client asked for it (7.8.3.1 c).
fn uncertainty_of(item: &ItemFacts, language: Language) -> Option<String> {
    let said = item.record["answered"]["uncertainty"].as_object()?;
    let fact = |name: &str| Fact::Text(said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned());
    Some(language.text_with("report-uncertainty", &[("expanded", fact("expanded")), ("k", fact("k"))]))
}

/// The other laboratory that tested an item (7.8.2.1 p), as it was when the item was sent to it.
fn subcontract_of(item: &ItemFacts) -> Option<Subcontract> {
    let other = item.record["subcontract"].as_object()?;
    let said = |name: &str| other.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Subcontract { name: said("name"), accreditation: said("accreditation_no") })
}

/// A limit as printed in 技术要求; `shown` is its value after scaling.
fn requirement(limit: &LimitRule, shown: &str, language: Language) -> Option<String> {
    Some(match &limit.bound {
        Bound::Max { .. } if limit.exclusive => format!("<{shown}"),
        Bound::Max { .. } => format!("≤{shown}"),
        Bound::Min { .. } if limit.exclusive => format!(">{shown}"),
        Bound::Min { .. } => format!("≥{shown}"),
        Bound::Range { .. } => shown.to_owned(),
        Bound::NotDetectable => language.text("report-limit-not-detectable"),
        Bound::NotPermitted => language.text("report-limit-not-permitted"),
        Bound::Gmp => language.text("report-limit-gmp"),
        Bound::NoLimit => return None,
    })
}

/// A person's decision about a verdict that the rules leave open, as the last sentence of the reasoning.
fn decided(item: &ItemFacts, language: Language) -> Option<String> {
    let said = |name: &str| item.record["decision"][name].as_str().unwrap_or_default().to_owned();
    item.record["decision"].as_object()?;
    let facts = [
        ("verdict", Fact::Text(language.text(&item.verdict.word()))),
        ("basis", Fact::Text(said("basis"))),
        ("reason", Fact::Text(said("reason"))),
        ("by", Fact::Text(said("by"))),
    ];
    Some(language.text_with("report-decided", &facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_was_calculated_is_shortened_and_a_stated_one_stays() {
        let printed = |text: &str| printed_limit(&Decimal::parse(text).unwrap());
        assert_eq!(printed("0.02"), "0.02");
        assert_eq!(printed("1.25"), "1.25");
        assert_eq!(printed("0.01990842126219390802309376866414493330679"), "0.020");
        assert_eq!(printed("0.033333333333333"), "0.033");
    }
}
