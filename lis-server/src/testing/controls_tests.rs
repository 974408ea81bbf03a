//! Expectations written by hand from `quality.md` Q77-2 and Q77-4.

use super::*;
use crate::catalogue::import::ControlRule;
use crate::judgement::plates::CountRange;

fn d(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

fn value(text: &str) -> PortionValue {
    PortionValue::plain(MeasuredValue::parse(text).unwrap())
}

#[test]
fn a_blank_passes_below_the_lod_or_a_tenth_of_the_lowest_sample() {
    let rule = FormulaRow::direct("m", "mg/kg");
    let check = |text: &str, lod: Option<&str>, lowest: Option<&str>| {
        blank(&rule, &value(text), lod.map(d).as_ref(), lowest.map(value).as_ref()).1
    };
    assert_eq!(check("0.0024", Some("0.02"), None), QcVerdict::Accept);
    assert_eq!(check("0.02", Some("0.02"), None), QcVerdict::RejectBatch);
    assert_eq!(check("0.02", Some("0.02"), Some("0.201")), QcVerdict::Accept);
    assert_eq!(check("0.02", None, Some("0.2")), QcVerdict::RejectBatch);
    assert_eq!(check("-0.01", None, None), QcVerdict::Accept);
    assert_eq!(check("ND", None, None), QcVerdict::Accept);
}

#[test]
fn a_control_speaks_for_the_samples_that_it_brackets() {
    let items = [(1, "rice"), (2, "rice"), (3, "tea"), (4, "tea"), (5, "rice")].map(|(id, food)| (ItemId(id), food));
    let spoken = |kind: &str, own: Option<i64>, alike: &[i64]| -> Vec<i64> {
        let alike: Vec<ItemId> = alike.iter().map(|id| ItemId(*id)).collect();
        bracket(kind, own.map(ItemId), &items, &alike).into_iter().map(|item| item.0).collect()
    };
    assert_eq!(spoken("blank", None, &[]), [1, 2, 3, 4, 5]);
    assert_eq!(spoken("parallel", Some(3), &[]), [3]);
    assert_eq!(spoken("duplicate", Some(1), &[1, 4]), [1, 2, 3]);
    assert_eq!(spoken("duplicate", Some(4), &[1, 4]), [4, 5]);
    assert_eq!(spoken("spike", Some(1), &[1]), [1, 2, 3, 4, 5], "one spike for every matrix");
    assert_eq!(spoken("spike", Some(1), &[1, 3]), [1, 2, 5]);
    assert_eq!(spoken("spike", Some(3), &[1, 3]), [3, 4]);
}

#[test]
fn a_check_speaks_for_what_was_measured_since_the_one_before_it_and_until_the_next() {
    // The third item was measured twice, before and after the first check.
    let items = [(2, 1), (3, 2), (4, 3), (6, 3), (7, 4), (9, 5)].map(|(place, id)| (place, ItemId(id)));
    let spoken = |own: i64, checks: &[i64]| -> Vec<i64> {
        beside_check(own, checks, &items).into_iter().map(|item| item.0).collect()
    };
    let checks = [5, 8, 10];
    assert_eq!(spoken(5, &checks), [1, 2, 3, 4], "2 to 4 before it, 6 and 7 after it");
    assert_eq!((spoken(8, &checks), spoken(10, &checks)), (vec![3, 4, 5], vec![5]));
    // Before the first sample and after the last but one: what follows the last check has no closing one.
    assert_eq!((spoken(1, &[1, 8]), spoken(8, &[1, 8])), (vec![1, 2, 3, 4], vec![1, 2, 3, 4, 5]));
    assert_eq!(spoken(11, &[11]), [1, 2, 3, 4, 5]);
    assert_eq!(spoken(1, &[1]), [1, 2, 3, 4, 5], "the only one, wherever it stands");
}

#[test]
fn only_a_failed_control_holds_what_it_speaks_for() {
    let control = |verdict: QcVerdict, items: &[i64]| Control {
        kind: "duplicate".into(),
        label_code: String::new(),
        analyte: "pb".into(),
        found: String::new(),
        expected: String::new(),
        figure: String::new(),
        allowed: String::new(),
        verdict,
        exact: None,
        note: String::new(),
        rules: Vec::new(),
        limits_version: None,
        items: items.to_vec(),
    };
    let verdict = SheetVerdict::of(vec![control(QcVerdict::Accept, &[1, 2]), control(QcVerdict::Repeat, &[3])]);
    assert_eq!([1, 2, 3].map(|id| verdict.holds(ItemId(id), &[])), [false, false, true]);
    // Over nothing there is nothing to accept: it holds nobody, and shows nothing.
    let nothing = SheetVerdict::of(Vec::new());
    assert_eq!((nothing.code(), word_over_all(true, true), nothing.holds(ItemId(1), &[])), ("none", "qc-none", false));
    assert_eq!((verdict.code(), SheetVerdict::of(vec![control(QcVerdict::Accept, &[])]).code()), ("reject", "accept"));
    // Released by itself, at its place.
    assert!(!verdict.holds(ItemId(3), &[1]) && verdict.holds(ItemId(3), &[0]));
    // A record of before brackets were kept holds everything.
    assert!(SheetVerdict::of(vec![control(QcVerdict::Repeat, &[])]).holds(ItemId(1), &[]));
}

#[test]
fn growth_on_a_blank_plate_rejects() {
    let rule =
        FormulaRow { evaluation: Evaluation::Plates { range: CountRange::USUAL }, ..FormulaRow::direct("m", "CFU/g") };
    assert_eq!(blank(&rule, &value("<10"), None, None).1, QcVerdict::Accept);
    assert_eq!(blank(&rule, &value("5"), None, None).1, QcVerdict::RejectBatch);
}

/// A method of 20 % below 1 mg/kg and 10 % from it, whose results are calculated in µg/kg.
#[test]
fn the_level_of_the_mean_decides_how_far_determinations_may_lie_apart() {
    let shipped = crate::catalogue::actions::shipped().unwrap();
    let own = shipped.method("gb5009.12-2023/gfaas").unwrap();
    let with = |tolerance| MethodRow { tolerance_percent: Some(tolerance), ..own.clone() };
    let by_level = |unit: &str, below: &[(&str, &str)]| {
        let below = below.iter().map(|(at, percent)| (d(at), d(percent))).collect();
        with(ByLevel::Split { unit: unit.into(), below, from: d("10") })
    };
    let split = |unit: &str| by_level(unit, &[("1", "20")]);
    let flat = FormulaRow { tolerance_percent: Some(d("15")), ..FormulaRow::direct("m", "µg/kg") };
    let allowed = |method: Option<&MethodRow>, first: &str, second: &str| {
        tolerance(method, &flat, &d(first).to_ratio(), &d(second).to_ratio()).to_string()
    };
    let split_by_level = split("mg/kg");
    assert_eq!(allowed(Some(&split_by_level), "900", "1098"), "20", "the mean is 999 µg/kg");
    assert_eq!(allowed(Some(&split_by_level), "900", "1100"), "10", "the mean is 1 mg/kg");
    assert_eq!(allowed(Some(&split("mg/L")), "1", "1"), "10", "no mean is a level in mg/L: the stricter one");
    let three = by_level("mg/kg", &[("0.1", "20"), ("1", "15")]);
    let at = |mean: &str| allowed(Some(&three), mean, mean);
    assert_eq!([at("99"), at("100"), at("999"), at("1000")], ["20", "15", "15", "10"]);
    assert_eq!(allowed(Some(&by_level("mg/L", &[("1", "5")])), "1", "1"), "5");
    assert_eq!(allowed(Some(&with(ByLevel::Always(d("5")))), "1", "1"), "5");
    assert_eq!(allowed(Some(own), "1", "1"), "15", "the method says nothing");
    assert_eq!(allowed(None, "1", "1"), "15");
    let direct = FormulaRow::direct("m", "µg/kg");
    assert_eq!(tolerance(None, &direct, &d("1").to_ratio(), &d("1").to_ratio()).to_string(), "20");
    // (1050 - 950) / 1000 = 10 %, (1060 - 950) / 1005 = 10.95 %
    let verdict =
        |first: &str, second: &str| duplicate(Some(&split_by_level), &flat, &value(first), &value(second)).unwrap().1;
    assert_eq!((verdict("950", "1050"), verdict("950", "1060")), (QcVerdict::Accept, QcVerdict::Repeat));
    assert_eq!(verdict("500", "590"), QcVerdict::Accept, "16.51 % below the level");
}

#[test]
fn of_several_determinations_the_furthest_apart_must_agree() {
    let values = |texts: &[&str]| texts.iter().map(|text| value(text)).collect::<Vec<_>>();
    let furthest_of = |texts: &[&str]| {
        let values = values(texts);
        furthest(&values).map(|(low, high)| (low.clone(), high.clone()))
    };
    assert_eq!(furthest_of(&["0.2", "0.1", "0.4"]), Some((value("0.1"), value("0.4"))));
    assert_eq!(furthest_of(&["0.2", "ND", "0.4"]), Some((value("ND"), value("0.4"))));
    assert_eq!(furthest_of(&["0.2"]), None);
}

// Requirement: Q77-4
#[test]
fn duplicates_spikes_and_references() {
    let rule = FormulaRow::direct("m", "mg/kg");
    let said = |(figure, verdict): (Figure, QcVerdict)| (figure.text, verdict);
    let duplicate = |first: &str, second: &str| said(duplicate(None, &rule, &value(first), &value(second)).unwrap());
    assert_eq!(duplicate("0.112", "0.124"), ("10.17".into(), QcVerdict::Accept));
    assert_eq!(duplicate("0.1", "0.2").1, QcVerdict::Repeat);
    let allowed = |figure: Figure| figure.allowed;
    assert_eq!(allowed(super::duplicate(None, &rule, &value("0.1"), &value("0.2")).unwrap().0), "20");
    assert_eq!(allowed(spike(&rule, &value("0.094"), &value("0.287"), &d("0.200")).unwrap().0), "80–120");
    assert_eq!(allowed(mid_point(&rule, &value("10.5"), &d("10")).unwrap().0), "10");
    assert_eq!(duplicate("ND", "0.2").1, QcVerdict::Repeat);
    assert_eq!(duplicate("ND", "ND").1, QcVerdict::Accept);
    // (0.287 - 0.094) / 0.200 = 96.5 %
    let recovered = said(spike(&rule, &value("0.094"), &value("0.287"), &d("0.200")).unwrap());
    assert_eq!(recovered, ("96.50".into(), QcVerdict::Accept));
    assert_eq!(spike(&rule, &value("ND"), &value("0.1"), &d("0.2")).unwrap().1, QcVerdict::RejectBatch);
    let certified = |found: &str, sigma: Option<&str>| {
        reference(&value(found), &d("0.54"), &d("0.04"), sigma.map(d).as_ref()).unwrap().1
    };
    assert_eq!((certified("0.50", None), certified("0.585", None)), (QcVerdict::Accept, QcVerdict::RejectBatch));
    // Outside U: 0.045 / 0.0225 is a z of 2, 0.045 / 0.02 one of 2.25.
    assert_eq!(certified("0.585", Some("0.0225")), QcVerdict::Accept);
    assert_eq!(certified("0.585", Some("0.02")), QcVerdict::RejectBatch);
    // (21.8 - 20) / 20 = 9 %, (22.2 - 20) / 20 = 11 %
    assert_eq!(said(mid_point(&rule, &value("21.8"), &d("20")).unwrap()), ("9.00".into(), QcVerdict::Accept));
    assert_eq!(mid_point(&rule, &value("22.2"), &d("20")).unwrap().1, QcVerdict::RejectBatch);
    assert_eq!(mid_point(&rule, &value("ND"), &d("20")).unwrap().1, QcVerdict::RejectBatch);
}

// Requirement: Q77-4
#[test]
fn the_least_recovery_follows_the_level_and_the_drift_the_method() {
    let recovered = |unit: &str, spiked: &str, added: &str| {
        let found = spike(&FormulaRow::direct("m", unit), &value("ND"), &value(spiked), &d(added)).unwrap();
        (found.0.text, found.1)
    };
    // 70 % of 99 µg/kg is a trace's; 70 % of 100 µg/kg is too little, in either unit.
    assert_eq!(recovered("µg/kg", "69.3", "99"), ("70.00".into(), QcVerdict::Accept));
    assert_eq!(recovered("µg/kg", "70", "100").1, QcVerdict::RejectBatch);
    assert_eq!(recovered("mg/kg", "0.035", "0.05").1, QcVerdict::Accept);
    assert_eq!(recovered("mg/kg", "0.07", "0.1").1, QcVerdict::RejectBatch);
    assert_eq!(recovered("mg/kg", "0.0295", "0.05").1, QcVerdict::RejectBatch, "59 %");
    assert_eq!(recovered("CFU/g", "7", "10").1, QcVerdict::RejectBatch, "no mass in a mass");
    let narrow = FormulaRow { recovery_low: Some(d("90")), ..FormulaRow::direct("m", "µg/kg") };
    assert_eq!(spike(&narrow, &value("ND"), &value("8"), &d("10")).unwrap().1, QcVerdict::RejectBatch);

    let check = ControlRule { kind: "check".into(), amount: None, every: None, drift: Some(d("5")) };
    let strict = FormulaRow { controls: vec![check], ..FormulaRow::direct("m", "mg/kg") };
    assert_eq!(mid_point(&strict, &value("21"), &d("20")).unwrap().1, QcVerdict::Accept, "5 %");
    assert_eq!(mid_point(&strict, &value("21.2"), &d("20")).unwrap().1, QcVerdict::RejectBatch, "6 %");
}
