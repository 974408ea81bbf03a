//! Fractions carried to the end, LOD and LOQ without rounding. Expectations worked out by hand.

use super::*;
use crate::domain::ids::ItemId;
use crate::judgement::number::Factor;
use crate::testing::established::Established;

/// Two determinations of 0.55 g: 5.21 x 10 / 550 and 5.79 x 10 / 550 have no finite decimal, their mean is 0.1 and no more.
#[test]
fn a_mean_is_cut_once_at_its_end() {
    let pair = |limit: &str, masses: [&str; 2]| {
        let mut asked = lead("5.21", "0", max(limit, "mg/kg"));
        let of = |reading: &str, mass: &str| {
            given(&[("reading", reading), ("blank", "0"), ("volume", "10"), ("mass", mass)])
        };
        asked.portions[0].determinations = vec![of("5.21", masses[0]), of("5.79", masses[1])];
        asked
    };
    let record = compute(pair("0.1", ["0.55", "0.55"])).unwrap();
    assert_eq!((record.answered.value.as_str(), record.answered.reported.as_str()), ("0.1", "0.10"));
    assert_eq!((record.verdict(), &record.answered.exact), (Verdict::Pass, &None));
    assert!(record.reproduces());
    // Before, each of them was cut for itself, and that is what its records still say.
    let before = compute_by(Edition::Second, pair("0.1", ["0.55", "0.55"])).unwrap();
    assert_eq!(before.verdict(), Verdict::Fail);
    assert!(before.reproduces());
    // 521/5500 and 579/5510: what rests on the mean is calculated with the fraction, which is 521/11000 + 579/11020.
    let endless = compute(pair("0.2", ["0.55", "0.551"])).unwrap();
    let fraction = endless.answered.exact.clone().unwrap();
    let by_hand = Ratio::new(521.into(), 11_000.into()) + Ratio::new(579.into(), 11_020.into());
    assert_eq!(fraction.value(), &by_hand);
    let read: Record = serde_json::from_str(&endless.bytes()).unwrap();
    assert!(read == endless && read.reproduces());
    let need =
        Need { input: String::new(), analyte: "pb".into(), unit: "µg/kg".into(), factor: None, used_as: Use::Value };
    let taken = Taken::of(&need, ItemId(7), 1, &endless).unwrap().unwrap();
    assert_eq!(taken.exact.unwrap().value(), &(by_hand * Ratio::from_integer(1000.into())));
}

/// 1/3 g/kg and 2/3 g/kg, each of 1 g/kg, are 1 and no more. What they were cut to is more.
#[test]
fn shares_are_reckoned_with_the_fractions_that_were_found() {
    let part = |thirds: i64, cut: &str| {
        let exact = Fraction::of(&Ratio::new(thirds.into(), 3.into()));
        Taken { exact, ..share("additive", cut, "1", "0.005") }
    };
    let limit = LimitRule::new(Bound::Max { value: d("1") }, None);
    let asked = Asked {
        evaluation: Evaluation::Proportion,
        from: vec![part(1, "0.3334"), part(2, "0.6667")],
        portions: Vec::new(),
        unit: String::new(),
        ..lead("0", "0", row(Some(limit), None, ""))
    };
    let record = compute(asked.clone()).unwrap();
    assert_eq!((record.answered.reported.as_str(), record.verdict()), ("1.0000", Verdict::Pass));
    assert!(record.reproduces() && record::reproduces(&record.answered.judgement) == Ok(true));
    // The edition before counted what was cut, and that is what its records still say.
    let before = compute_by(Edition::Third, asked).unwrap();
    assert_eq!((before.answered.reported.as_str(), before.verdict()), ("1.0001", Verdict::Fail));
    assert!(before.reproduces());
}

/// A drink is a powder in seven parts of water: 0.1 mg/kg of the drink are 0.8 mg/kg, 800 µg/kg, of the powder.
#[test]
fn a_share_is_of_the_maximum_that_its_own_result_was_judged_by() {
    let mut asked = lead("5.62", "0.12", max("0.1", "mg/kg"));
    let used_as = Use::Proportion { zh: "添加剂".into(), en: "additive".into(), several: false };
    let need = Need { input: String::new(), analyte: "pb".into(), unit: "µg/kg".into(), factor: None, used_as };
    let maximum = |asked: &Asked| {
        let taken = Taken::of(&need, ItemId(7), 1, &compute(asked.clone()).unwrap()).unwrap().unwrap();
        taken.max.unwrap().value.to_string()
    };
    assert_eq!(maximum(&asked), "100");
    asked.established = Some(Established { times: Factor::parse("8").ok(), ..Established::default() });
    assert_eq!((compute(asked.clone()).unwrap().verdict(), maximum(&asked).as_str()), (Verdict::Pass, "800"));
    // A third of 100 has no end.
    asked.established = Some(Established { times: Factor::parse("1/3").ok(), ..Established::default() });
    assert_eq!(maximum(&asked), "33.333333333333333333");
}

/// 0.02 mg/kg on 0.5 g is 0.025 on 0.4 g: what two determinations can see is what the one with less of the sample can.
#[test]
fn the_determination_that_sees_least_gives_the_lod() {
    let mut asked = lead("ND", "0.12", max("0.022", "mg/kg"));
    let second = |mass: &str| given(&[("reading", "ND"), ("blank", "0.12"), ("volume", "10"), ("mass", mass)]);
    asked.portions[0].determinations.push(second("0.4"));
    let record = compute(asked.clone()).unwrap();
    assert_eq!((record.answered.lod.as_deref(), record.verdict()), (Some("0.025"), Verdict::Block));
    asked.portions[0].determinations[1] = second("0.6");
    assert_eq!(compute(asked).unwrap().answered.lod.as_deref(), Some("0.0199084"));
}

/// 0.02 x 0.5 / 0.6 = 0.01666666…, shown as 0.0166667: 1.000001 x 10 / 600 = 0.01666668… lies above it.
#[test]
fn an_lod_is_rounded_for_display_alone() {
    let mut asked = lead("1.000001", "0", max("0.1", "mg/kg"));
    asked.portions[0].determinations[0].insert("mass".into(), "0.6".into());
    let record = compute(asked.clone()).unwrap();
    assert_eq!(
        (record.answered.lod.as_deref(), record.answered.loq.as_deref()),
        (Some("0.0166667"), Some("0.0333333"))
    );
    assert_eq!((record.answered.reported.as_str(), record.verdict()), ("<0.0333333", Verdict::Pass));
    assert!(record.reproduces());
    let before = compute_by(Edition::Second, asked).unwrap();
    assert_eq!(before.answered.reported, "ND");
    assert!(before.reproduces());
}

/// A method that states its LOQ of 0.01 mg/kg alone: the parent may be there with 0.01, the metabolite with 0.01 x 3/2.
#[test]
fn what_is_not_detected_without_an_lod_lies_below_the_loq() {
    let with_loq = |limit: LimitAsked| {
        let asked = lead("ND", "0.12", limit);
        let method = MethodAsked { lod: None, loq: Some(d("0.01")), portion_g: None, volume_ml: None, ..asked.method };
        Asked { method, ..lead("ND", "0.12", asked.limit) }
    };
    let metabolite = compute(with_loq(LimitAsked::NotJudged)).unwrap();
    let need = |used_as: Use| Need {
        input: String::new(),
        analyte: "metabolite".into(),
        unit: "mg/kg".into(),
        factor: Factor::parse("3/2").ok(),
        used_as,
    };
    let taken = |used_as: Use| Taken::of(&need(used_as), ItemId(7), 1, &metabolite).unwrap().unwrap();
    assert_eq!(taken(Use::Value).lod, Some(d("0.01")));
    assert_eq!(taken(Use::Species).lod, None, "of a species a person decides");
    let judged = |limit: &str| {
        let asked = Asked { from: vec![taken(Use::Value)], ..with_loq(max(limit, "mg/kg")) };
        let record = compute(asked).unwrap();
        assert!(record.reproduces());
        (record.answered.reported.clone(), record.verdict())
    };
    assert_eq!(judged("0.025"), ("ND".to_owned(), Verdict::Pass));
    assert_eq!(judged("0.024"), ("ND".to_owned(), Verdict::Review));
}

/// A back titration: what the blank used, 10 mL, less what the sample used, times 0.5 mg/mL, in 2 g. A sample that used less than 4 mL has
/// more than 1.5 mg/g, one that used more than 4 mL has less.
#[test]
fn a_border_of_the_reading_bounds_the_result_on_the_side_that_the_formula_says() {
    let asked = |formula: &str, reading: &str| {
        let mut asked = lead(reading, "10", max("1.5", "mg/g"));
        asked.evaluation = Evaluation::Formula { expression: Formula::parse(formula).unwrap() };
        asked.unit = "mg/g".into();
        asked.method = MethodAsked { lod: None, loq: None, ..asked.method };
        asked.portions[0].determinations[0] = given(&[("reading", reading), ("blank", "10"), ("mass", "2")]);
        asked
    };
    let judged = |formula: &str, reading: &str| {
        let record = compute(asked(formula, reading)).unwrap();
        assert!(record.reproduces());
        (record.answered.value.clone(), record.verdict())
    };
    const BACK: &str = "(blank-reading)*0.5/mass";
    assert_eq!(judged(BACK, "<4"), (">1.5".to_owned(), Verdict::Fail));
    assert_eq!(judged(BACK, ">4"), ("<1.5".to_owned(), Verdict::Pass));
    assert_eq!(judged(BACK, "4"), ("1.5".to_owned(), Verdict::Pass));
    assert_eq!(judged("(reading-1)*0.5/mass", "<4"), ("<0.75".to_owned(), Verdict::Pass));
    // Before, less was less whatever the formula said, and that is what its records still say.
    let before = compute_by(Edition::Fourth, asked(BACK, "<4")).unwrap();
    assert_eq!((before.answered.value.as_str(), before.verdict()), ("<1.5", Verdict::Pass));
    assert!(before.reproduces());
    // Nothing used is most of the substance.
    let nothing = compute(asked(BACK, "ND")).unwrap_err().to_string();
    assert!(nothing.contains("falls with the reading"), "{nothing}");
    assert_eq!(judged("(reading-1)*0.5/mass", "ND"), ("ND".to_owned(), Verdict::Review), "no LOD is stated");
    // Less than 12 mL may be more or less than the blank.
    let both_ways = compute(asked("abs(blank-reading)*0.5/mass", "<12")).unwrap_err().to_string();
    assert!(both_ways.contains("does not say on which side"), "{both_ways}");
}

/// Malachite green and its leuco form must not be detected; what their LODs leave open is no finding.
#[test]
fn a_sum_of_what_must_not_be_there_conforms_where_nothing_is_detected() {
    let with_leuco = |own: &str, value: &str| {
        let leuco = Taken { lod: Some(d("0.01")), ..taken("", "leucomalachite-green", "mg/kg", value, Use::Value) };
        let limit = row(Some(LimitRule::new(Bound::NotDetectable, Some("mg/kg"))), None, "mg/kg");
        Asked { from: vec![leuco], ..lead(own, "0", limit) }
    };
    let judged = |own: &str, value: &str| {
        let record = compute(with_leuco(own, value)).unwrap();
        assert!(record.reproduces());
        (record.verdict(), record.answered.notes.join(" "))
    };
    assert_eq!(judged("ND", "ND"), (Verdict::Pass, String::new()));
    // The leuco form alone is a finding.
    assert_eq!(judged("ND", "0.05"), (Verdict::Review, FINDING_UNCONFIRMED.to_owned()));
    assert_eq!(judged("ND", "<0.02").0, Verdict::Review, "it may be there above its LOD");
    let before = compute_by(Edition::Fourth, with_leuco("ND", "ND")).unwrap();
    assert_eq!((before.verdict(), before.reproduces()), (Verdict::Review, true));
}

/// What stands beside the stored steps: the parallels with their mean, the LOD of 0.02 x 0.5 / 0.5023, the limit's standard.
#[test]
fn parallels_the_portion_and_the_standard_are_told_beside_what_is_stored() {
    let mut asked = lead("5.62", "0.12", max("0.2", "mg/kg"));
    if let LimitAsked::Row(row) = &mut asked.limit {
        row.text = "≤ 0.2 mg/kg".into();
    }
    let alone = sentences(&compute(asked.clone()).unwrap());
    assert!(!alone.contains("Parallel"), "{alone}");
    let lod = "The method's LOD 0.02 mg/kg and LOQ 0.04 mg/kg are for 0.5 g / 10 mL; used were 0.5023 g / 10 mL: \
               LOD 0.0199084 mg/kg, LOQ 0.0398168 mg/kg";
    assert!(alone.lines().any(|line| line == lod), "{alone}");
    assert!(alone.lines().any(|line| line == "Limit of GB 2762-2025: ≤ 0.2 mg/kg"), "{alone}");
    // 55/502.3 and 50/500, whose mean is 0.10474815847….
    asked.portions[0].determinations.push(given(&[
        ("reading", "5.12"),
        ("blank", "0.12"),
        ("volume", "10"),
        ("mass", "0.5"),
    ]));
    let record = compute(asked).unwrap();
    let both = sentences(&record);
    let mean = "Parallel determinations 0.109496316942, 0.1; mean 0.104748158471";
    assert!(both.lines().any(|line| line == mean), "{both}");
    assert!(both.contains("used were 0.5023 g / 10 mL, 0.5 g / 10 mL: LOD 0.02 mg/kg"), "{both}");
    assert!(!record.bytes().contains("parallels-mean") && record.reproduces(), "told, and not stored");
    // Direct readings appear as they were typed; the method belongs to no portion.
    let mut direct = read("1.40", max("2", "mg/kg"));
    direct.portions[0].determinations.push(given(&[("reading", "1.6")]));
    let said = sentences(&compute(direct.clone()).unwrap());
    assert!(said.lines().any(|line| line == "Parallel determinations 1.40, 1.6; mean 1.5"), "{said}");
    assert!(!said.contains("used were"), "{said}");
    direct.portions[0].determinations[1] = given(&[("reading", "ND")]);
    let mixed = sentences(&compute(direct).unwrap());
    assert!(mixed.contains("1.40, ND are not all numbers: the largest, 1.4"), "{mixed}");
}
