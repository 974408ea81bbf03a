//! Measurement uncertainty: the laboratory's budgets, and a client whose decision rule asks for guard bands.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::import;
use crate::steps::{House, Sample, rice_order, text, with};

/// Cadmium of rice for a client who asks for guard bands: a hundredth of the reading's 2 x (reading - 0.01) mg/kg.
fn measured(house: &House, reading: &str) -> (Sample, Value) {
    let order = with(rice_order(), &json!({"decision_rule": "guard_band"}));
    let sample = house.receive(house.order(&order));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", reading);
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.into_iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    (sample, item)
}

/// What the record says about the uncertainty of an item's result.
fn uncertainty(house: &House, item: &Value) -> Value {
    house.get("checker", &format!("/api/v1/items/{}/evidence", item["id"]))["record"]["answered"]["uncertainty"].clone()
}

// Requirement: Q76-1
demonstrated!(a_client_who_asks_for_it_is_told_the_uncertainty_and_judged_with_it, |lis: TestLis| {
    let house = House::of(&lis);
    // 0.0408 mg/kg, 15 % of it below 0.1 mg/kg: 0.00612; the limit of 0.2 is far.
    let (clear, item) = measured(&house, "2.05");
    assert_eq!((text(&item["reported"]), text(&item["verdict"])), ("0.041".to_owned(), "PASS".to_owned()));
    let said = uncertainty(&house, &item);
    assert_eq!((text(&said["expanded"]), text(&said["k"])), ("0.006".to_owned(), "2".to_owned()));
    assert_eq!(house.check(clear.label()), 1);
    house.issue(clear.id);

    // 0.19 mg/kg, 11 % of it from 0.1 mg/kg on: 0.0209, more than what is left to the limit.
    let (_, open) = measured(&house, "9.51");
    assert_eq!((&open["verdict"], &open["notes"]), (&json!("REVIEW"), &json!(["uncertainty-decides"])));
    assert_eq!(text(&uncertainty(&house, &open)["expanded"]), "0.02");
    let page = house.by("manager").get(&format!("/check/{}", open["id"])).expect(200).page().text();
    assert!(page.contains("0.19 ± 0.0209 (k=2)") && page.contains("With guard band: conditionally conforms"), "{page}");

    // 0.25 mg/kg lies above the limit by more than its 0.0275.
    let (_, failed) = measured(&house, "12.51");
    assert_eq!(failed["verdict"], "FAIL");
});

demonstrated!(without_a_budget_for_the_value_a_person_decides, |lis: TestLis| {
    let house = House::of(&lis);
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("uncertainties.csv");
    let load = |rows: &str| {
        let head = "method,analyte,from,below,unit,expanded,relative,k,contributions,basis,reviewed_on";
        std::fs::write(&path, format!("{head}\n{rows}")).expect("a writable directory");
        let done = import(&lis, "uncertainties", &path);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.success(), said)
    };
    let (_, before) = measured(&house, "2.05");
    let (good, said) = load("gb5009.15-2023/gfaas,cd,0.1,,mg/kg,0.005,no,2,repeatability=0.003,charts,2026-11-20\n");
    assert!(!good && said.contains("row 2, column F (expanded)"), "{said}");
    let (good, said) = load("gb5009.15-2023/gfaas,cd,0.1,,mg/kg,0.02,no,2,repeatability=0.003,charts,2026-11-20\n");
    assert!(good, "{said}");
    let (_, low) = measured(&house, "2.05");
    assert_eq!((&low["verdict"], &low["notes"]), (&json!("REVIEW"), &json!(["uncertainty-unknown"])));
    assert_eq!(text(&uncertainty(&house, &before)["expanded"]), "0.006", "what was judged before stays as it was");
    // 0.17 mg/kg and 0.02 of its uncertainty stay below 0.2.
    let (_, high) = measured(&house, "8.51");
    assert_eq!((text(&high["verdict"]), text(&uncertainty(&house, &high)["expanded"])), ("PASS".into(), "0.02".into()));
});
