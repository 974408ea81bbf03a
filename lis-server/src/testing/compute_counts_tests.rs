//! Colonies, most probable numbers and findings, of one unit and of sampling plans. Expectations worked out by hand.

use super::*;
use crate::catalogue::import::Input;

fn plan(c: u32, m: &str, maximum: Option<&str>, unit: &str) -> LimitAsked {
    row(None, Some(MicroPlan { n: 5, c, m: d(m), maximum: maximum.map(d) }), unit)
}

fn micro(evaluation: Evaluation, limit: LimitAsked, units: &[&[(&str, &str)]]) -> Asked {
    let inputs = [("count_1", "0.1"), ("count_2", "0.01")]
        .map(|(name, unit)| Input { name: name.into(), unit: unit.into() })
        .to_vec();
    let portions = units
        .iter()
        .map(|pairs| Portion {
            label_code: "1234567897".into(),
            // Two plates of each dilution, both alike.
            determinations: vec![given(pairs), given(pairs)],
        })
        .collect();
    let mut asked = lead("0", "0", limit);
    asked.method.lod = None;
    asked.method.loq = None;
    Asked { evaluation, inputs, portions, unit: "CFU/g".into(), ..asked }
}

fn plates(range: &str) -> Evaluation {
    Evaluation::Plates { range: range.parse().unwrap() }
}

/// Three-class plan n = 5, c = 2, m = 10, M = 100: units 150, <10, <10, <10, <10: one above M.
#[test]
fn a_three_class_plan_fails_above_the_maximum() {
    let none: &[(&str, &str)] = &[("count_1", "0"), ("count_2", "0")];
    let fifteen: &[(&str, &str)] = &[("count_1", "15"), ("count_2", "1")];
    let asked = micro(plates("30~300"), plan(2, "10", Some("100"), "CFU/g"), &[fifteen, none, none, none, none]);
    let record = compute(asked).unwrap();
    assert_eq!(record.answered.reported, "150, <10, <10, <10, <10");
    assert_eq!(record.answered.verdict, Verdict::Fail);
    assert!(record.reproduces());
    let asked = micro(plates("30~300"), plan(2, "10", Some("100"), "CFU/g"), &[none, none, none, none]);
    assert_eq!(compute(asked).unwrap().answered.verdict, Verdict::Incomplete);
}

/// Coliforms on VRBA, 15 to 150: 15 at 1:10 are in range as 150 are, and the reasoning says so.
#[test]
fn plates_are_counted_in_the_range_of_the_method_and_explained() {
    let unit: &[(&str, &str)] = &[("count_1", "152"), ("count_2", "15")];
    let judged = |range: &str| {
        let asked = micro(plates(range), plan(2, "1500", Some("10000"), "CFU/g"), &[unit; 5]);
        let record = compute(asked).unwrap();
        assert!(record.reproduces());
        (record.answered.reported.clone(), sentences(&record))
    };
    // 15 / 0.01; by 30 to 300 152 / 0.1, which is 1500 too after rounding: 1520.
    let (reported, said) = judged("15~150");
    assert_eq!(reported, "1500, 1500, 1500, 1500, 1500");
    assert!(said.contains("0.1: 152, 152; 0.01: 15, 15") && said.contains("15~150 CFU"), "{said}");
    assert!(judged("30~300").1.contains("30~300 CFU"));
    let picked: &[(&str, &str)] = &[("count_1", "61×4/5"), ("count_2", "0")];
    let asked = micro(plates("20~200 last-above"), plan(2, "100", Some("1000"), "CFU/g"), &[picked; 5]);
    // 61 x 4 / 5 / 0.1 = 488.
    assert_eq!(compute(asked).unwrap().answered.reported, "490, 490, 490, 490, 490");
}

/// Vector M14: n = 5, c = 1, m = 100, M = 1000; <3.0, <3.0, 43, <3.0, 150: one between m and M.
#[test]
fn most_probable_numbers_are_judged_and_printed_as_the_table_has_them() {
    let none: &[(&str, &str)] = &[("tubes_1", "0/3"), ("tubes_2", "0/3"), ("tubes_3", "0/3")];
    let some: &[(&str, &str)] = &[("tubes_1", "3/3"), ("tubes_2", "1/3"), ("tubes_3", "0/3")];
    let many: &[(&str, &str)] = &[("tubes_1", "3/3"), ("tubes_2", "2/3"), ("tubes_3", "1/3")];
    let judged = |limit: LimitAsked, units: &[&[(&str, &str)]]| {
        let inputs = [("tubes_1", "0.1"), ("tubes_2", "0.01"), ("tubes_3", "0.001")]
            .map(|(name, unit)| Input { name: name.into(), unit: unit.into() })
            .to_vec();
        compute(Asked { inputs, unit: "MPN/g".into(), ..micro(Evaluation::Tubes, limit, units) })
    };
    let record = judged(plan(1, "100", Some("1000"), "MPN/g(mL)"), &[none, none, some, none, many]).unwrap();
    assert_eq!(record.answered.reported, "<3.0, <3.0, 43, <3.0, 150");
    assert_eq!(record.answered.verdict, Verdict::Pass);
    assert!(record.reproduces());
    let said: Vec<String> = record.steps().iter().map(|step| step.text(Lang::En)).collect();
    assert!(
        said.contains(&"Table of most probable numbers: 43, 95 % confidence limits 9 to 180".to_owned()),
        "{said:?}"
    );
    let of = |limit: LimitAsked, unit: &[(&str, &str)]| {
        let answered = judged(limit, &[unit]).unwrap().answered;
        (answered.reported, answered.verdict)
    };
    assert_eq!(of(max("43", "MPN/g"), some), ("43".to_owned(), Verdict::Pass));
    assert_eq!(of(max("3.0", "MPN/g"), none), ("<3.0".to_owned(), Verdict::Pass));
    // 43 per gram are 4300 per 100 g.
    assert_eq!(of(max("4200", "MPN/100g"), some), ("4300".to_owned(), Verdict::Fail));
    assert!(judged(plan(1, "100", Some("1000"), "MPN/100g"), &[none, none, some, none, many]).is_err());
    let improbable: &[(&str, &str)] = &[("tubes_1", "0/3"), ("tubes_2", "0/3"), ("tubes_3", "3/3")];
    assert!(judged(max("43", "MPN/g"), &[improbable]).is_err(), "the test is repeated");
}

/// A card says that something is there, not how much: taken for a number it would be below every limit in µg/kg.
#[test]
fn a_finding_is_never_compared_with_a_number() {
    let card = |typed: &str, limit: LimitAsked, screening: bool| {
        let mut asked = micro(Evaluation::Detection, limit, &[&[("reading", typed)]]);
        asked.method.screening = screening;
        asked.unit = "µg/kg".into();
        compute(asked).unwrap().answered
    };
    let absent = || row(Some(LimitRule::new(Bound::NotDetectable, Some("µg/kg"))), None, "µg/kg");
    let found = |limit: LimitAsked, screening: bool| {
        let answered = card("+", limit, screening);
        assert_eq!(answered.reported, "+");
        (answered.verdict, answered.notes.join(" "))
    };
    let review = |notes: &str| (Verdict::Review, notes.to_owned());
    assert_eq!(found(max("1000", "µg/kg"), false), review("finding-without-number"));
    assert_eq!(found(max("1000", "µg/kg"), true), review("finding-without-number screening-positive"));
    assert_eq!(found(absent(), true), review("screening-positive"));
    assert_eq!(found(LimitAsked::NotJudged, true), review("screening-positive"), "results only are no exception");
    assert_eq!(found(absent(), false), review("finding-unconfirmed"), "a laboratory method is confirmed too");
    let clear = card("nd", absent(), true);
    assert_eq!((clear.verdict, clear.reported.as_str(), clear.notes.len()), (Verdict::Pass, "ND", 0));
}

#[test]
fn a_detection_in_one_of_five_fails_the_two_class_plan() {
    let nd: &[(&str, &str)] = &[("reading", "未检出")];
    let found: &[(&str, &str)] = &[("reading", "检出")];
    let clean = compute(micro(Evaluation::Detection, plan(0, "0", None, "/25g"), &[nd, nd, nd, nd, nd])).unwrap();
    assert_eq!((clean.answered.verdict, clean.answered.reported.as_str()), (Verdict::Pass, "ND, ND, ND, ND, ND"));
    let bad = compute(micro(Evaluation::Detection, plan(0, "0", None, "/25g"), &[nd, nd, found, nd, nd])).unwrap();
    assert_eq!((bad.answered.verdict, bad.answered.reported.as_str()), (Verdict::Fail, "ND, ND, +, ND, ND"));
    assert!(compute(micro(Evaluation::Detection, plan(0, "0", None, "/25g"), &[&[("reading", "maybe")]])).is_err());
}
