use super::*;
use crate::catalogue::actions::shipped;
use crate::domain::ids::{PartId, SampleId};
use crate::judgement::Verdict;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Lead in leafy vegetables: at most 0.3 mg/kg.
fn item() -> ItemRow {
    ItemRow {
        id: ItemId(1),
        version: 1,
        sample_id: SampleId(1),
        part_id: Some(PartId(1)),
        seq: 1,
        analyte: "pb".into(),
        analyte_zh: "铅".into(),
        analyte_en: "lead".into(),
        method_standard: "GB 5009.12".into(),
        method_key: String::new(),
        limit_standards: "GB 2762".into(),
        food: "GB 2762:leafy-vegetables".into(),
        produced_on: day("2026-10-01"),
        unit: "mg/kg".into(),
        state: "subcontracted".into(),
        tester_id: None,
        worksheet_id: None,
        checker_id: None,
        result_id: None,
        verdict: String::new(),
        derived: false,
        guard_band: false,
        deviation: String::new(),
        rules_edition: String::new(),
        permitted_methods: String::new(),
        label_claim: String::new(),
        limit_factor: String::new(),
    }
}

fn sent() -> SentRow {
    SentRow {
        item_id: ItemId(1),
        name: "邻市检验中心".into(),
        accreditation_no: "170000000000".into(),
        part_id: PartId(1),
        sent_on: day("2026-11-16"),
    }
}

fn input(values: &str, unit: &str, lod: &str) -> ResultInput {
    ResultInput {
        values: values.into(),
        unit: unit.into(),
        lod: lod.into(),
        loq: String::new(),
        report_no: "LS-2026-0815".into(),
        reported_on: "2026-11-20".into(),
        ..ResultInput::default()
    }
}

fn judged_on(input: &ResultInput, today: &str) -> Result<Record, Refusal> {
    let report = input.checked("report.pdf", &"0".repeat(64), b"%PDF-1.7")?;
    judged(&shipped().unwrap(), &item(), &sent(), &report, day(today))
}

fn codes(outcome: Result<Record, Refusal>) -> Vec<(String, &'static str)> {
    let reasons = outcome.err().map(|refusal| refusal.reasons).unwrap_or_default();
    reasons.into_iter().map(|one| (one.field.unwrap_or_default(), one.problem.code)).collect()
}

#[test]
fn another_laboratory_s_value_is_judged_by_the_same_limit_and_printed_as_it_came() {
    let of = |values: &str, unit: &str, lod: &str| {
        let record = judged_on(&input(values, unit, lod), "2026-11-27").unwrap();
        assert!(record.reproduces(), "{values}: the same bytes again");
        (record.verdict(), record.answered.reported)
    };
    assert_eq!(of("0.31", "", ""), (Verdict::Fail, "0.31".to_owned()));
    // Two figures came, two are printed: this laboratory's own rule of three would say more than the other one did.
    assert_eq!(of("0.30", "mg/kg", ""), (Verdict::Pass, "0.30".to_owned()));
    // 310 µg/kg are 0.31 mg/kg.
    assert_eq!(of("310", "μg/kg", "").0, Verdict::Fail);
    // What the other laboratory can detect is its own, and it has to say it.
    assert_eq!(of("ND", "", "0.02"), (Verdict::Pass, "ND".to_owned()));
    assert_eq!(of("ND", "", "").0, Verdict::Review);
    assert_eq!(of("ND", "", "0.5").0, Verdict::Block);
}

#[test]
fn the_record_names_the_other_laboratory_and_its_report() {
    let record = judged_on(&input("0.10", "", ""), "2026-11-27").unwrap();
    let again: Record = serde_json::from_str(&record.bytes()).unwrap();
    assert_eq!(again, record);
    let other = again.subcontract.expect("the other laboratory");
    assert_eq!((other.name.as_str(), other.accreditation_no.as_str()), ("邻市检验中心", "170000000000"));
    assert_eq!((other.report_no.as_str(), other.reported_on), ("LS-2026-0815", day("2026-11-20")));
    assert_eq!(again.asked.tested_on, day("2026-11-20"));
}

// Requirement: Q76-1
#[test]
fn the_uncertainty_that_the_other_laboratory_states_speaks_for_its_value() {
    let catalogue = shipped().unwrap();
    let guarded = ItemRow { guard_band: true, ..item() };
    let of = |values: &str, (uncertainty, k): (&str, &str), simple: bool| {
        let input = ResultInput { uncertainty: uncertainty.into(), k: k.into(), ..input(values, "", "") };
        let report = input.checked("report.pdf", &"0".repeat(64), b"%PDF-1.7").unwrap().simply(simple);
        let record = judged(&catalogue, &guarded, &sent(), &report, day("2026-11-27")).unwrap();
        assert!(record.reproduces(), "{values}: the same bytes again");
        let expanded = record.answered.uncertainty.as_ref().map(|one| one.expanded.clone()).unwrap_or_default();
        (record.verdict(), expanded, record.answered.notes.join(" "), record.subcontract.is_some_and(|it| it.simple))
    };
    let said = |verdict, expanded: &str, note: &str, simple| (verdict, expanded.to_owned(), note.to_owned(), simple);
    // At most 0.3 mg/kg.
    assert_eq!(of("0.25", ("±0.03", "2"), false), said(Verdict::Pass, "0.03", "", false));
    assert_eq!(of("0.40", ("0.03", "2"), false), said(Verdict::Fail, "0.03", "", false));
    // 10 % of 0.29 are 0.029, more than what is left.
    assert_eq!(of("0.29", ("10 %", "2"), false), said(Verdict::Review, "0.03", "uncertainty-decides", false));
    // Nothing is stated: a person, or simple acceptance that the record tells of.
    assert_eq!(of("0.29", ("", ""), false), said(Verdict::Review, "", "uncertainty-unknown", false));
    assert_eq!(of("0.29", ("", ""), true), said(Verdict::Pass, "", "", true));
    assert_eq!(of("0.31", ("", ""), true), said(Verdict::Fail, "", "", true));
    // What is stated is used, whatever the laboratory does without it.
    assert_eq!(of("0.29", ("0.03", "2"), true), said(Verdict::Review, "0.03", "uncertainty-decides", false));
    // Nobody asked for guard bands.
    let report = input("0.29", "", "").checked("report.pdf", "0", b"%PDF-1.7").unwrap().simply(true);
    let plain = judged(&catalogue, &item(), &sent(), &report, day("2026-11-27")).unwrap();
    assert!(plain.verdict() == Verdict::Pass && plain.subcontract.is_some_and(|it| !it.simple));
}

#[test]
fn an_uncertainty_needs_its_coverage_factor() {
    let fields = |uncertainty: &str, k: &str| -> Vec<(String, &'static str)> {
        let input = ResultInput { uncertainty: uncertainty.into(), k: k.into(), ..input("0.29", "", "") };
        let refusal = input.checked("report.pdf", "0", b"%PDF-1.7").unwrap_err();
        refusal.reasons.into_iter().map(|one| (one.field.unwrap_or_default(), one.problem.code)).collect()
    };
    assert_eq!(fields("0.03", ""), [("k".to_owned(), "field-missing")]);
    assert_eq!(fields("", "2"), [("uncertainty".to_owned(), "field-missing")]);
    for wrong in ["much", "0", "-0.03", "%", "0 %", "± ", "3 mg/kg"] {
        assert_eq!(fields(wrong, "2"), [("uncertainty".to_owned(), "field-invalid")], "{wrong}");
    }
    assert_eq!(fields("0.03", "0"), [("k".to_owned(), "field-invalid")]);
}

#[test]
fn a_report_of_another_day_or_with_other_values_is_refused() {
    let at = |field: &str, code: &'static str| (field.to_owned(), code);
    let early = ResultInput { reported_on: "2026-11-15".into(), ..input("0.10;0.20", "", "") };
    assert_eq!(
        codes(judged_on(&early, "2026-11-27")),
        [at("reported_on", "subcontract-report-date"), at("values", "subcontract-values")]
    );
    assert_eq!(codes(judged_on(&input("0.10", "", ""), "2026-11-19")), [at("reported_on", "subcontract-report-date")]);
    assert_eq!(codes(judged_on(&input("+", "", ""), "2026-11-27")), [at("values", "value-unreadable")]);
    assert_eq!(codes(judged_on(&input("0.10", "CFU/g", ""), "2026-11-27")), [at("", "calculation-failed")]);
}

#[test]
fn every_wrong_field_is_named() {
    let wrong = ResultInput { report_no: " ".into(), reported_on: "2026-02-30".into(), ..input("much", "", "-1") };
    let refusal = wrong.checked("report.pdf", "", b"PK\x03\x04").unwrap_err();
    let named: Vec<_> = refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
    assert_eq!(
        named,
        [
            ("values", "value-unreadable"),
            ("lod", "field-invalid"),
            ("report_no", "field-missing"),
            ("reported_on", "field-invalid"),
            ("file", "not-a-pdf"),
        ]
    );
}

/// Carbofuran and its metabolite together are limited to 0.02 mg/kg; whether the other laboratory's value is their sum only its report
/// says.
#[test]
fn a_residue_of_another_laboratory_is_open_unless_it_fails() {
    let residue = ItemRow {
        analyte: "carbofuran".into(),
        method_standard: "GB 23200.112".into(),
        limit_standards: "GB 2763".into(),
        food: "GB 2763:chilli".into(),
        ..item()
    };
    let of = |value: &str| {
        let report = input(value, "", "0.005").checked("report.pdf", &"0".repeat(64), b"%PDF-1.7").unwrap();
        let record = judged(&shipped().unwrap(), &residue, &sent(), &report, day("2026-11-27")).unwrap();
        assert!(record.reproduces(), "{value}");
        (record.verdict(), record.answered.notes.join(" "))
    };
    assert_eq!(of("0.012"), (Verdict::Review, "residue-alone".to_owned()));
    assert_eq!(of("0.021"), (Verdict::Fail, String::new()));
}
