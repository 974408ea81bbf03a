//! Expectations written by hand from `judgement.md` and the method standards.

use chrono::NaiveDate;

use super::*;
use crate::domain::clock::Moment;
use crate::judgement::explain::Lang;
use crate::judgement::formula::Formula;
use crate::judgement::limit::Comparison;
use crate::judgement::rounding::DigitLevel;
use crate::testing::taken::{Maximum, Need, Use};

fn d(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn row(rule: Option<LimitRule>, plan: Option<MicroPlan>, unit: &str) -> LimitAsked {
    LimitAsked::Row(LimitRowAsked {
        set: 7,
        key: "gb2762-2025/pb/fresh-vegetables-other-pb".into(),
        standard: "GB 2762-2025".into(),
        rule,
        plan,
        unit: unit.into(),
        text: String::new(),
        doubts: Vec::new(),
        species: None,
        beside: Vec::new(),
    })
}

fn max(limit: &str, unit: &str) -> LimitAsked {
    row(Some(LimitRule::new(Bound::Max { value: d(limit) }, Some(unit))), None, unit)
}

fn lead(reading: &str, blank: &str, limit: LimitAsked) -> Asked {
    Asked {
        analyte: "pb".into(),
        method: MethodAsked {
            key: "gb5009.12-2023/gfaas".into(),
            text: "GB 5009.12-2023 第一法".into(),
            digits: vec![
                DigitLevel { below: Some(d("1")), digits: Digits::Significant(2) },
                DigitLevel { below: None, digits: Digits::Significant(3) },
            ],
            screening: false,
            lod: Some(d("0.02")),
            loq: Some(d("0.04")),
            lod_unit: "mg/kg".into(),
            portion_g: Some(d("0.5")),
            volume_ml: Some(d("10")),
        },
        evaluation: Evaluation::Formula { expression: Formula::parse("(reading-blank)*volume/(mass*1000)").unwrap() },
        formula_version: 1,
        inputs: Vec::new(),
        unit: "mg/kg".into(),
        limit,
        food: "GB 2762:fresh-vegetables-other-pb".into(),
        produced_on: day("2026-10-01"),
        tested_on: day("2026-11-16"),
        portions: vec![Portion {
            label_code: "1234567897".into(),
            determinations: vec![given(&[
                ("reading", reading),
                ("blank", blank),
                ("volume", "10"),
                ("mass", "0.5023"),
            ])],
        }],
        curve: None,
        from: Vec::new(),
        corrections: Vec::new(),
        uncertainty: None,
        established: None,
        rules_edition: String::new(),
        claim: None,
        unadded: Vec::new(),
        converted: false,
    }
}

/// Vector Q01: (5.62 - 0.12) x 10 / (0.5023 x 1000) = 0.109496… mg/kg, two figures 0.11, above 0.1 by full value.
#[test]
fn lead_q01_fails_by_full_value() {
    let record = compute(lead("5.62", "0.12", max("0.1", "mg/kg"))).unwrap();
    assert_eq!(record.answered.value, "0.109496316942");
    assert_eq!((record.answered.reported.as_str(), record.answered.verdict), ("0.11", Verdict::Fail));
    assert_eq!(record.answered.calculations.len(), 1);
    // 0.02 x (0.5 / 0.5023) x (10 / 10)
    assert_eq!(record.answered.lod.as_deref(), Some("0.0199084"));
}

/// A blank of 0.62 instead of 0.12: (5.62 - 0.62) x 10 / 502.3 = 0.0995421…, which passes.
#[test]
fn a_corrected_blank_turns_the_verdict() {
    let record = compute(lead("5.62", "0.62", max("0.1", "mg/kg"))).unwrap();
    assert_eq!(record.answered.value, "0.0995421063110");
    assert_eq!(record.answered.verdict, Verdict::Pass);
    // Two figures would be 0.10, which agrees with the limit being kept.
    assert_eq!(record.answered.reported, "0.10");
}

#[test]
fn not_detected_passes_only_when_the_method_can_see_the_limit() {
    let found = compute(lead("ND", "0.12", max("0.1", "mg/kg"))).unwrap();
    assert_eq!((found.answered.reported.as_str(), found.answered.verdict), ("ND", Verdict::Pass));
    let weak = compute(lead("ND", "0.12", max("0.01", "mg/kg"))).unwrap();
    assert_eq!(weak.answered.verdict, Verdict::Block);
    // 0.9 - 0.12 gives 0.0155…, below the LOD of 0.0199.
    let below = compute(lead("0.9", "0.12", max("0.1", "mg/kg"))).unwrap();
    assert_eq!((below.answered.reported.as_str(), below.answered.verdict), ("ND", Verdict::Pass));
}

#[test]
fn a_missing_limit_is_review_and_results_only_have_no_verdict() {
    let unknown = compute(lead("5.62", "0.12", LimitAsked::Unknown { set: 7 })).unwrap();
    assert_eq!(
        (unknown.answered.verdict, unknown.answered.notes.as_slice()),
        (Verdict::Review, &["limit-unknown".to_owned()][..])
    );
    let absent = compute(lead("5.62", "0.12", LimitAsked::Absent { set: 7 })).unwrap();
    assert_eq!(absent.answered.verdict, Verdict::NoLimit);
    let only = compute(lead("5.62", "0.12", LimitAsked::NotJudged)).unwrap();
    assert_eq!((only.answered.verdict, only.answered.reported.as_str()), (Verdict::NoLimit, "0.11"));
}

#[test]
fn a_doubtful_row_and_a_positive_screening_are_review() {
    let mut asked = lead("5.62", "0.12", max("0.1", "mg/kg"));
    if let LimitAsked::Row(row) = &mut asked.limit {
        row.doubts.push(LIMIT_CONDITION.to_owned());
    }
    assert_eq!(compute(asked).unwrap().answered.verdict, Verdict::Review);
    let mut asked = lead("5.62", "0.12", max("0.1", "mg/kg"));
    asked.method.screening = true;
    assert_eq!(compute(asked).unwrap().answered.verdict, Verdict::Review);
}

#[test]
fn parallels_are_averaged_exactly() {
    let mut asked = lead("5.62", "0.12", max("0.2", "mg/kg"));
    let second = given(&[("reading", "5.12"), ("blank", "0.12"), ("volume", "10"), ("mass", "0.5")]);
    asked.portions[0].determinations.push(second);
    // 55/502.3 = 0.10949631694… and 0.1: mean 0.10474815847…
    assert_eq!(compute(asked).unwrap().answered.value, "0.104748158471");
}

/// Total arsenic is (reading - blank) x 10 / 500 mg/kg, the limit of inorganic arsenic 0.2 (vectors S05 and S06).
#[test]
fn a_total_above_the_limit_of_its_species_waits_for_it() {
    let total = |reading: &str, species: Option<&str>| {
        let LimitAsked::Row(row) = max("0.2", "mg/kg") else { panic!("a row") };
        let limit = LimitAsked::Row(LimitRowAsked { species: Some("inorganic-as".into()), ..row });
        let mut asked = lead(reading, "0", limit);
        asked.portions[0].determinations[0].insert("mass".to_owned(), "0.5".to_owned());
        asked.from.extend(species.map(|value| taken("", "inorganic-as", "mg/kg", value, Use::Species)));
        let record = compute(asked).unwrap();
        assert!(record.reproduces());
        (record.answered.reported.clone(), record.answered.verdict, record)
    };
    let (reported, verdict, record) = total("9", None);
    assert_eq!((reported.as_str(), verdict), ("0.18", Verdict::Pass));
    let said =
        |record: &Record| crate::judgement::explain::explain(&record.steps(), crate::judgement::explain::Lang::En);
    assert!(said(&record).contains("the second test is not needed"), "{}", said(&record));
    let (reported, verdict, record) = total("13", None);
    assert_eq!((reported.as_str(), verdict), ("0.26", Verdict::Incomplete));
    assert!(said(&record).contains("the species must be measured"), "{}", said(&record));
    let (reported, verdict, record) = total("13", Some("0.12"));
    assert_eq!((reported.as_str(), verdict), ("0.26", Verdict::Pass));
    assert!(said(&record).contains("Judged on the species 0.12"), "{}", said(&record));
    assert_eq!(said(&record).matches("Verdict:").count(), 1);
    assert_eq!(total("13", Some("0.21")).1, Verdict::Fail);
}

/// Version 2 of the result of item 7, as another one takes it.
fn taken(input: &str, analyte: &str, unit: &str, value: &str, used_as: Use) -> Taken {
    let need = Need { input: input.into(), analyte: analyte.into(), unit: unit.into(), factor: None, used_as };
    let value = MeasuredValue::parse(value).unwrap();
    Taken { need, item: 7, version_no: 2, value, lod: None, max: None, exact: None }
}

/// An additive against its own maximum in g/kg.
fn share(name: &str, value: &str, max: &str, lod: &str) -> Taken {
    let used_as = Use::Proportion { zh: name.to_owned(), en: name.to_owned(), several: false };
    let max = Some(Maximum { value: d(max), doubts: Vec::new() });
    Taken { max, lod: Some(d(lod)), ..taken("", name, "g/kg", value, used_as) }
}

fn proportions(from: Vec<Taken>) -> Answered {
    let limit = LimitRule::new(Bound::Max { value: d("1") }, None);
    let asked = Asked {
        evaluation: Evaluation::Proportion,
        from,
        portions: Vec::new(),
        unit: String::new(),
        ..lead("0", "0", row(Some(limit), None, ""))
    };
    let record = compute(asked).unwrap();
    assert!(record.reproduces());
    record.answered
}

/// Vectors S07 and S08, and a sum that is 1 to four decimals and above it.
#[test]
fn additives_of_one_group_share_their_maximum() {
    let pair = |benzoic: &str, sorbic: &str| {
        let found =
            proportions(vec![share("benzoic", benzoic, "1.0", "0.005"), share("sorbic", sorbic, "1.0", "0.005")]);
        (found.reported, found.verdict)
    };
    assert_eq!(pair("0.6", "0.5"), ("1.1000".to_owned(), Verdict::Fail));
    assert_eq!(pair("0.5", "0.5"), ("1.0000".to_owned(), Verdict::Pass));
    assert_eq!(pair("0.50001", "0.5"), ("1.0000(+)".to_owned(), Verdict::Fail), "what is printed says why it fails");
    // One alone is judged by itself: below the LOD is not found.
    assert_eq!(pair("1.2", "0.004"), ("1.2000".to_owned(), Verdict::NoLimit));
    let mut doubtful = share("benzoic", "0.6", "1.0", "0.005");
    doubtful.max = Some(Maximum { value: d("1.0"), doubts: vec![LIMIT_CONDITION.to_owned()] });
    let answered = proportions(vec![doubtful, share("sorbic", "0.5", "1.0", "0.005")]);
    assert_eq!((answered.verdict, answered.notes.join(" ")), (Verdict::Review, LIMIT_CONDITION.to_owned()));
    let mut twice = share("benzoic", "0.4", "1.0", "0.005");
    twice.need.used_as = Use::Proportion { zh: "benzoic".into(), en: "benzoic".into(), several: true };
    let disputed = proportions(vec![twice.clone(), share("sorbic", "0.5", "1.0", "0.005")]);
    assert_eq!((disputed.reported.as_str(), disputed.verdict), ("0.9000", Verdict::Review));
    assert_eq!(disputed.notes, [PROPORTION_SEVERAL]);
    let alone = proportions(vec![twice, share("sorbic", "ND", "1.0", "0.005")]);
    assert_eq!((alone.verdict, alone.notes.len()), (Verdict::NoLimit, 0), "there is no sum to look at");
    let said = answered.judgement.explain(crate::judgement::explain::Lang::En);
    assert!(said.contains("sorbic: 0.5 ÷ 1.0") && said.contains("11/10"), "{said}");
}

/// 0.04 + 0.02 + (not detected, LOD 0.03): the sum lies between 0.06 and 0.09.
#[test]
fn a_sum_is_judged_by_both_of_its_bounds() {
    let part = |item: i64, value: &str, lod: &str| Taken {
        item,
        lod: Some(d(lod)),
        ..taken("", &format!("part-{item}"), "mg/kg", value, Use::Value)
    };
    let sum = |limit: LimitAsked| {
        let from = vec![part(1, "0.04", "0.01"), part(2, "0.02", "0.01"), part(3, "ND", "0.03")];
        let asked = Asked { evaluation: Evaluation::Sum, from, portions: Vec::new(), ..lead("0", "0", limit) };
        compute(asked).unwrap()
    };
    let verdict = |limit: &str| {
        let answered = sum(max(limit, "mg/kg")).answered;
        (answered.verdict, answered.notes.join(" "))
    };
    assert_eq!(verdict("0.1"), (Verdict::Pass, String::new()));
    assert_eq!(verdict("0.05"), (Verdict::Fail, String::new()));
    assert_eq!(verdict("0.07"), (Verdict::Review, "sum-bounds".to_owned()));
    let record = sum(max("0.1", "mg/kg"));
    // Two figures below 1 mg/kg; the parts and the judgement stand in the record.
    assert_eq!((record.answered.reported.as_str(), record.answered.calculations.len()), ("0.060", 1));
    assert!(record.reproduces() && record.bytes().contains("part-3"));
    assert_eq!(sum(LimitAsked::NotJudged).answered.verdict, Verdict::NoLimit);
}

/// 5.5 x 10 / 502.3 on the dry sample of 12 g/100g moisture: x 100 / 88.
#[test]
fn a_result_on_another_basis_takes_the_moisture_of_its_sample() {
    let mut asked = lead("5.62", "0.12", max("0.2", "mg/kg"));
    let dry = "(reading-blank)*volume/(mass*1000)*100/(100-moisture)";
    asked.evaluation = Evaluation::Formula { expression: Formula::parse(dry).unwrap() };
    assert!(compute(asked.clone()).is_err(), "without the moisture there is no result");
    asked.from.push(taken("moisture", "moisture", "g/100g", "12", Use::Value));
    let record = compute(asked).unwrap();
    // 0.1094963169420665 / 0.88
    assert_eq!(record.answered.value, "0.124427632889");
    let read: Record = serde_json::from_str(&record.bytes()).unwrap();
    assert!(read == record && read.reproduces());
}

#[test]
fn a_record_replays_to_the_same_bytes_and_a_changed_one_does_not() {
    let record = compute(lead("5.62", "0.12", max("0.1", "mg/kg"))).unwrap();
    let mut read: Record = serde_json::from_str(&record.bytes()).unwrap();
    assert_eq!(read.bytes(), record.bytes());
    assert!(read.reproduces());
    read.answered.reported = "0.10".into();
    assert_eq!(read.replay(), Ok(false));
}

/// Written by hand. Whoever changes what a record says makes an edition for it and adds lines; these stay as they are.
#[test]
fn stored_records_of_every_edition_replay_byte_for_byte() {
    let lines: Vec<&str> = include_str!("golden.jsonl").lines().collect();
    for stored in &lines {
        let read: Record = serde_json::from_str(stored).unwrap();
        assert_eq!(read.bytes(), *stored, "the stored form");
        let again = compute_by(Edition::of(read.record).unwrap(), read.asked.clone()).unwrap();
        assert_eq!(Record { decision: read.decision.clone(), ..again }.bytes(), *stored, "the rules");
        assert_eq!(replays(stored), Ok(true));
    }
    let editions = [Edition::First, Edition::Second, Edition::Third, Edition::Fourth, Edition::Fifth, Edition::Sixth];
    for edition in editions {
        let start = format!("{{\"record\":{},", edition.number());
        assert!(lines.iter().any(|line| line.starts_with(&start)), "{edition:?}");
    }
    assert_eq!(compute(lead("5.62", "0.12", max("0.1", "mg/kg"))).unwrap().record, CURRENT.number());
}

#[test]
fn a_record_of_a_newer_program_is_not_called_different() {
    assert_eq!(replays(r#"{"record":7,"asked":"in a way that nobody knows yet"}"#), Err(UnknownEdition(7)));
    assert_eq!(replays(r#"{"record":2}"#), Ok(false), "of a known edition, and spoiled");
    let mut record = compute(lead("5.62", "0.12", max("0.1", "mg/kg"))).unwrap();
    record.answered.judgement.rules = 7;
    assert_eq!(record.replay(), Err(UnknownEdition(7)));
    assert_eq!(replays(&record.bytes()), Err(UnknownEdition(7)));
}

/// A value as it was read, against a limit, with an LOD of 0.5 and an LOQ of 1.0.
fn read(value: &str, limit: LimitAsked) -> Asked {
    let mut asked = lead("0", "0", limit);
    asked.evaluation = Evaluation::Direct;
    asked.method =
        MethodAsked { lod: Some(d("0.5")), loq: Some(d("1.0")), portion_g: None, volume_ml: None, ..asked.method };
    asked.portions[0].determinations = vec![given(&[("reading", value)])];
    asked
}

#[test]
fn bad_input_is_named_not_guessed() {
    for (reading, blank) in [("5,62", "0.12"), ("5.62", "x"), ("", "0.12"), ("1e3", "0")] {
        assert!(compute(lead(reading, blank, max("0.1", "mg/kg"))).is_err(), "{reading} {blank}");
    }
}

#[test]
fn units_are_converted_with_their_digits() {
    assert_eq!(in_unit("5.620", "ng/mL", "µg/L").unwrap(), "5.620");
    assert_eq!(in_unit("<0.10", "mg/L", "µg/L").unwrap(), "<100");
    assert_eq!(in_unit("ND", "mg/L", "µg/L").unwrap(), "ND");
    assert!(in_unit("1", "g", "mL").is_err());
    let rule = LimitRule::new(Bound::Max { value: d("0.1") }, Some("mg/kg"));
    assert_eq!(rule.comparison, Comparison::Full);
}

/// A decision stands beside the answer of the rules: the record gives both again, and nothing is left to be looked at.
#[test]
fn a_decided_record_replays_and_asks_nobody_any_more() {
    let open = compute(lead("5.62", "0.12", LimitAsked::Unknown { set: 7 })).unwrap();
    assert_eq!(notes_of(&open.bytes()), ["limit-unknown"]);
    assert!(!open.bytes().contains("decision"), "an undecided record keeps the form that it always had");
    let at = Moment::parse_rfc3339("2026-11-16T08:00:00Z").unwrap();
    let decision = Decision {
        verdict: Verdict::Pass,
        basis: "GB 2762-2025 4.1".into(),
        reason: "no limit for this food".into(),
        by: "manager".into(),
        at,
        tested_at: at,
    };
    let decided = Record { decision: Some(decision), ..open };
    let read: Record = serde_json::from_str(&decided.bytes()).unwrap();
    assert!(read == decided && read.reproduces());
    assert_eq!((read.answered.verdict, read.verdict()), (Verdict::Review, Verdict::Pass));
    assert_eq!(notes_of(&decided.bytes()), [""; 0]);
}

// Requirement: Q64-3
#[test]
fn a_corrected_weight_is_explained_and_replayed() {
    use crate::judgement::correction::{Correction, How};
    use crate::judgement::explain::Lang;
    use crate::testing::corrections::{Applied, CorrectedValue};

    let applied = Applied {
        raw: d("0.5025"),
        correction: Correction { how: How::Add, amount: d("-0.0002"), unit: "g".into() },
        instrument: "BAL-01".into(),
        certificate_no: "C-9".into(),
    };
    let corrected = CorrectedValue {
        label_code: "1234567897".into(),
        input: "mass".into(),
        replicate: 1,
        value: d("0.5023"),
        unit: "g".into(),
        applied,
    };
    let plain = lead("5.62", "0.12", max("0.1", "mg/kg"));
    let asked = Asked { corrections: vec![corrected], ..plain.clone() };
    let record = compute(asked).unwrap();
    let said = record.answered.calculations[0].explain(Lang::En);
    assert_eq!(said, "Corrected by BAL-01 C-9: 0.5025 + (-0.0002 g) = 0.5023 g");
    assert!(record.reproduces());
    let without = compute(plain).unwrap();
    assert_eq!(record.answered.reported, without.answered.reported, "the cell holds the corrected weight");
    assert!(!without.bytes().contains("corrections"), "what was not corrected is stored as before");

    let mut spoiled = record.clone();
    spoiled.asked.corrections[0].applied.raw = d("0.5026");
    assert!(!spoiled.reproduces());
}

/// (5.62 - 0.12) x 10 / 502.3 = 0.1095 mg/kg.
#[test]
fn what_the_label_claims_is_judged_beside_the_standard() {
    let judged = |limit: LimitAsked, claim: &str| {
        let asked = Asked { claim: crate::judgement::claim::Claim::parse(claim), ..lead("5.62", "0.12", limit) };
        let record = compute(asked).unwrap();
        assert!(record.reproduces());
        (record.answered.verdict, record.answered.notes)
    };
    let (limit, unknown) = (|| max("0.2", "mg/kg"), || LimitAsked::Unknown { set: 1 });
    let none: Vec<String> = Vec::new();
    assert_eq!(judged(limit(), "<=0.10 mg/kg"), (Verdict::Fail, none.clone()), "the label breaks its word");
    assert_eq!(judged(limit(), "<=0.10 mg/kg × 120 %"), (Verdict::Pass, none.clone()), "0.12 with its tolerance");
    assert_eq!(judged(max("0.1", "mg/kg"), "<=0.3 mg/kg"), (Verdict::Fail, none.clone()), "the standard is broken");
    assert_eq!(judged(LimitAsked::Absent { set: 1 }, "<=0.3 mg/kg"), (Verdict::Pass, none));
    // What is open about the standard saves no broken claim, and a claim that is kept settles no open standard.
    let open = vec![LIMIT_UNKNOWN.to_owned()];
    assert_eq!(judged(unknown(), "<=0.10 mg/kg"), (Verdict::Fail, open.clone()));
    assert_eq!(judged(unknown(), "<=0.3 mg/kg"), (Verdict::Review, open));
    assert_eq!(judged(limit(), "<=0.3 mg/L"), (Verdict::Review, vec![LABEL_CLAIM_OPEN.to_owned()]));
}

/// How a result came about, sentence by sentence.
fn sentences(record: &Record) -> String {
    record.steps().iter().map(|step| step.text(crate::judgement::explain::Lang::En)).collect::<Vec<_>>().join("\n")
}

#[test]
fn standards_that_disagree_are_all_named_with_the_rule() {
    let asked = |doubts: &[&str]| {
        let mut asked = read("1.4", max("2", "mg/kg"));
        if let LimitAsked::Row(row) = &mut asked.limit {
            row.beside = vec!["GB/T 1354-2018 ≤ 1 mg/kg".into()];
            row.doubts = doubts.iter().map(|doubt| (*doubt).to_owned()).collect();
        }
        compute(asked).unwrap()
    };
    let disputed = asked(&[LIMITS_SEVERAL]);
    assert_eq!(disputed.verdict(), Verdict::Review);
    let sentence = "GB/T 1354-2018 ≤ 1 mg/kg holds too and says otherwise than GB 2762-2025: of mandatory standards";
    assert!(sentences(&disputed).contains(sentence), "{}", sentences(&disputed));
    let governed = asked(&[]);
    assert_eq!(governed.verdict(), Verdict::Pass);
    assert!(sentences(&governed).contains("GB 2762-2025 is the strictest and governs"), "{}", sentences(&governed));
}

#[path = "compute_counts_tests.rs"]
mod counts;
#[path = "compute_established_tests.rs"]
mod established;
#[path = "compute_exact_tests.rs"]
mod exact;
#[path = "compute_residue_tests.rs"]
mod residue;
