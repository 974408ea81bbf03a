//! What a report says about the comparison of values with limits, and about a person's decision.

use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{ItemId, SampleId};
use crate::judgement::formula::Formula;
use crate::judgement::limit::{Bound, LimitRule, MethodFacts};
use crate::judgement::measured::{Measured, MeasuredValue};
use crate::judgement::record::{Sources, judge};
use crate::judgement::sums::SumPart;
use crate::samples::form::FIELDS;

/// An item whose value 0.19 was compared with a limit.
fn item(name: &str, bound: Bound, comparison: Comparison) -> ItemFacts {
    let limit = LimitRule { comparison, ..LimitRule::new(bound, Some("mg/kg")) };
    let measured = Measured::new(MeasuredValue::parse("0.19").unwrap(), Some("mg/kg"));
    let sources = Sources { limit_standard: Some("GB 2762-2025".into()), ..Sources::default() };
    let judgement = judge(Question::Item { measured, limit, method: MethodFacts::default() }, sources).unwrap();
    ItemFacts {
        id: ItemId(1),
        version: 1,
        sample_id: SampleId(1),
        analyte: String::new(),
        analyte_zh: name.into(),
        analyte_en: name.into(),
        method_standard: "GB 5009.12".into(),
        method_key: String::new(),
        unit: "mg/kg".into(),
        state: "checked".into(),
        tester_id: None,
        worked_on_by: [None; 3],
        tester_name: String::new(),
        checker_name: String::new(),
        result_id: None,
        reported: "0.19".into(),
        verdict: judgement.verdict().unwrap(),
        record: json!({"answered": {"judgement": serde_json::to_value(&judgement).unwrap()}}),
        deviation: None,
        tested_from: None,
        tested_to: None,
        qc_ok: true,
        held_by: None,
    }
}

fn max() -> Bound {
    Bound::Max { value: Decimal::parse("0.2").unwrap() }
}

#[test]
fn the_rule_that_decided_is_the_one_that_is_printed() {
    let rule = |items: &[ItemFacts]| decision_rule(items, Language::English);
    let (full, rounded) = (item("Lead", max(), Comparison::Full), item("Cadmium", max(), Comparison::Rounded));
    let open = item("Arsenic", Bound::NoLimit, Comparison::Full);
    let said = |items: &[ItemFacts]| rule(items).unwrap_or_default();
    assert!(said(&[full]).starts_with("Comparison by full value, without"));
    let full = item("Lead", max(), Comparison::Full);
    assert!(said(std::slice::from_ref(&rounded)).starts_with("Comparison by rounded value, without"));
    let both = said(&[full, rounded]);
    assert!(both.contains("full value: Lead; by rounded value: Cadmium"), "{both}");
    assert_eq!(rule(&[open]), None, "nothing was compared");
}

/// (5.62 - 0.12) / 0.5: what was put in and the formula stand before the judgement, which alone gives a verdict.
#[test]
fn the_annex_shows_the_calculation_before_the_judgement() {
    let mut calculated = item("Lead", max(), Comparison::Full);
    let inputs = [("reading", "5.62"), ("blank", "0.12"), ("mass", "0.5")];
    let inputs = inputs.map(|(name, value)| (name.to_owned(), Decimal::parse(value).unwrap()));
    let formula = Formula::parse("(reading-blank)/mass").unwrap();
    let formula = Question::Formula { formula, inputs: inputs.into(), digits: None };
    let sum = Question::Sum { parts: vec![part("1.5"), part("2")], limit: None };
    let calculations = [formula, sum].map(|question| judge(question, Sources::default()).unwrap());
    calculated.record["answered"]["calculations"] = serde_json::to_value(calculations).unwrap();
    let said = printed_item(&calculated, Language::English).explain;
    let place = |sentence: &str| said.iter().position(|one| one == sentence).unwrap_or_else(|| panic!("{said:?}"));
    assert_eq!(place("Formula: (reading-blank)/mass"), 0);
    assert!(place("reading = 5.62") < place("Calculated: 11"));
    assert!(place("Sum with ND as 0: 3.5; with ND as LOD: 3.5") < place("Verdict: conforms"));
    assert_eq!(said.iter().filter(|one| one.starts_with("Verdict:")).count(), 1);
}

#[test]
fn a_report_asks_the_form_for_no_field_that_it_has_not() {
    const SOURCE: &str = include_str!("document.rs");
    let after = |start: &'static str| SOURCE.split(start).skip(1).filter_map(|rest| rest.split('"').next());
    let asked: Vec<&str> = after(".field(\"").chain(after("words(sample, \"")).collect();
    let is_known = |name: &str| ["storage", "photos"].contains(&name) || FIELDS.iter().any(|field| field.name == name);
    let unknown: Vec<&str> = asked.iter().copied().filter(|name| !is_known(name)).collect();
    assert!(asked.len() > 20 && unknown.is_empty(), "{unknown:?} of {}", asked.len());
}

fn part(value: &str) -> SumPart {
    SumPart { value: MeasuredValue::parse(value).unwrap(), lod: None, factor: None, exact: None }
}

// Requirement: Q76-1
#[test]
fn an_uncertainty_that_was_asked_for_stands_beside_its_result() {
    let mut guarded = item("Lead", max(), Comparison::Full);
    assert_eq!(printed_item(&guarded, Language::English).uncertainty, None, "nobody asked");
    guarded.record["asked"] = json!({"uncertainty": {"set": 1, "budgets": []}});
    guarded.record["answered"]["uncertainty"] =
        json!({"expanded": "0.02", "k": "2", "basis": "charts", "decisions": []});
    let said = |language| printed_item(&guarded, language).uncertainty;
    assert_eq!(said(Language::English).as_deref(), Some("±0.02 (k=2)"));
    assert_eq!(said(Language::Chinese).as_deref(), Some("±0.02（k=2）"));
    let rule = decision_rule(std::slice::from_ref(&guarded), Language::English).unwrap();
    assert!(rule.starts_with("Guard bands"), "{rule}");
}

// Requirement: Q78-4
#[test]
fn a_value_without_stated_uncertainty_is_named_in_the_decision_rule() {
    let mut guarded = item("Lead", max(), Comparison::Full);
    guarded.record["asked"] = json!({"uncertainty": {"set": 1, "budgets": []}});
    let mut simple = item("Cadmium", max(), Comparison::Full);
    simple.record["subcontract"] = json!({"name": "Other", "accreditation_no": "1", "simple": true});
    let rule = decision_rule(&[guarded, simple], Language::English).unwrap();
    assert!(rule.starts_with("Guard bands") && rule.contains("tested Cadmium: simple acceptance"), "{rule}");
}

#[test]
fn a_decision_is_the_last_sentence_of_the_reasoning_and_a_basis_of_the_report() {
    let mut decided = item("Lead", Bound::NoLimit, Comparison::Full);
    decided.verdict = Verdict::Fail;
    decided.record["decision"] = json!({"verdict": "FAIL", "basis": "Notice 7", "reason": "listed", "by": "Manager"});
    let line = printed_item(&decided, Language::English);
    let last = line.explain.last().unwrap();
    assert!(last.contains("Manager") && last.contains("Notice 7") && last.contains("does not conform"), "{last}");
    assert_eq!(
        judgement_basis(&[decided, item("Cadmium", max(), Comparison::Full)], Language::English),
        ["Notice 7", "GB 2762-2025"]
    );
}

#[test]
fn what_the_label_claims_stands_beside_the_limit_and_in_the_conclusion() {
    let mut claimed = item("Protein", max(), Comparison::Full);
    let claim = LimitRule::new(Bound::Min { value: Decimal::parse("3.2").unwrap() }, Some("mg/kg"));
    let measured = Measured::new(MeasuredValue::parse("0.19").unwrap(), Some("mg/kg"));
    let question = Question::Item { measured, limit: claim, method: MethodFacts::default() };
    let judged = judge(question, Sources::default()).unwrap();
    claimed.verdict = Verdict::Fail;
    claimed.record["asked"] = json!({
        "claim": "≥3.2 mg/kg", "limit": {"standard": "DBS13/001-2026", "beside": ["GB 2762-2025 ≤ 0.2 mg/kg"]},
    });
    claimed.record["answered"]["claim"] = serde_json::to_value(judged).unwrap();
    let line = printed_item(&claimed, Language::English);
    assert!(line.requirement.unwrap().ends_with("label claim ≥3.2 mg/kg"));
    let governs = "GB 2762-2025 ≤ 0.2 mg/kg holds too; DBS13/001-2026 is the strictest and governs";
    assert!(line.explain.iter().any(|step| step == governs), "{:?}", line.explain);
    assert!(line.explain.iter().any(|step| step == "Label claim: ≥3.2 mg/kg"), "{:?}", line.explain);
    let mut disputed = claimed.clone();
    disputed.record["asked"]["limit"]["doubts"] = json!(["limits-several"]);
    let line = printed_item(&disputed, Language::English);
    let says =
        |step: &String| step.starts_with("GB 2762-2025 ≤ 0.2 mg/kg holds too and says otherwise than DBS13/001-2026:");
    assert!(line.explain.iter().any(says), "{:?}", line.explain);
    let basis = judgement_basis(std::slice::from_ref(&claimed), Language::English);
    assert_eq!(basis, ["GB 2762-2025", "the product's label"]);
}
