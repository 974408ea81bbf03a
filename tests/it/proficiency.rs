//! Proficiency tests: the method in doubt until its corrective action is done, and the rounds of a person. Comparisons within
//! the laboratory and with others.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::set_gate;
use crate::records::step;
use crate::steps::{House, Sample, comparison, number, rice_order, round, text, with};

/// Rice with a checked result for cadmium by GB 5009.15, and its report before the review.
fn to_review(house: &House) -> (Sample, i64, i64) {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    let report = house.report(sample.id);
    (sample, number(&report, "id"), number(&report, "version"))
}

// Requirement: Q77-5
demonstrated!(an_unsatisfactory_test_stops_its_method_until_its_corrective_action_is_done, |lis: TestLis| {
    let house = House::of(&lis);
    let (_, report, version) = to_review(&house);
    let recorded = house.done("quality", "/api/v1/proficiency-rounds", &round("0.190"));
    set_gate(&house, "proficiency", "warn");
    house.sign("reviewer", "reviewed");
    let review = |confirmation: &str| {
        let path = format!("/api/v1/reports/{report}/review");
        house.ask_on("reviewer", &path, version, &json!({"confirmation": confirmation}))
    };
    assert_eq!(review("").expect(409).codes(), ["proficiency-uncorrected", "warnings-unconfirmed"]);
    review("已用有证标准物质复核").expect(200);

    set_gate(&house, "proficiency", "block");
    house.sign("signatory", "authorized");
    let authorize = |confirmation: &str| {
        let path = format!("/api/v1/reports/{report}/authorize");
        house.ask_on("signatory", &path, version + 1, &json!({"confirmation": confirmation}))
    };
    assert_eq!(authorize("急").expect(409).codes(), ["proficiency-uncorrected"], "a reason goes past no block");
    let next = house.receive(house.order(&rice_order()));
    let assign = || {
        let waiting = house.items("manager", "/api/v1/assignments?limit=500");
        let own = waiting.iter().filter(|item| item["label_code"] == next.label());
        let tester = house.person("tester2");
        let chosen: Vec<Value> =
            own.map(|item| json!({"item": item["id"], "version": item["version"], "tester": tester})).collect();
        house.ask("manager", "/api/v1/assignments", &json!({"assignments": chosen}))
    };
    assert_eq!(assign().expect(409).codes(), ["proficiency-uncorrected"]);

    // Opening work is not enough: its corrective action has to work.
    let path = format!("/api/v1/proficiency-rounds/{}/nonconforming-work", recorded["id"]);
    let work = number(&house.done_on("quality", &path, 1, &json!({})), "id");
    step(&house, work, "evaluation", &json!({"effect": "none", "remark": "无受影响结果"}));
    step(&house, work, "resumption", &json!({}));
    let action =
        json!({"root_cause": "标准溶液配制有误", "corrective_action": "重新配制并复测", "due_on": "2026-12-31"});
    step(&house, work, "corrective-action", &action);
    assert_eq!(assign().expect(409).codes(), ["proficiency-uncorrected"]);
    assert_eq!(step(&house, work, "effect-check", &json!({"effective": "yes", "remark": "复测满意"})), "effective");
    assign().expect(200);
    authorize("").expect(200);
});

// Requirement: Q62-5
demonstrated!(rounds_of_a_person_stand_with_his_records, |lis: TestLis| {
    let house = House::of(&lis);
    let person = house.person("tester2");
    let own = with(round("0.262"), &json!({"tester": person.to_string()}));
    house.done("quality", "/api/v1/proficiency-rounds", &own);
    house.done("quality", "/api/v1/proficiency-rounds", &round("0.300"));
    let nobody = with(round("0.262"), &json!({"tester": "999999"}));
    assert_eq!(house.ask("quality", "/api/v1/proficiency-rounds", &nobody).expect(422).codes(), ["field-invalid"]);
    let rounds = house.items("quality", &format!("/api/v1/proficiency-rounds?person={person}"));
    assert_eq!(rounds.len(), 1, "the other is not said of one person");
    assert_eq!((text(&rounds[0]["z_score"]), number(&rounds[0], "tester_id")), ("0.6".to_owned(), person));
    let page = house.by("manager").get(&format!("/competence?person={person}")).expect(200).page().text();
    assert!(page.contains("PT-2026-01") && page.contains("Satisfactory"), "{page}");
});

// Requirement: Q77-1
demonstrated!(a_comparison_is_planned_and_its_criterion_decides, |lis: TestLis| {
    let house = House::of(&lis);
    let plan = |changes: &Value| {
        let body = with(comparison(), changes);
        number(&house.done("quality", "/api/v1/comparisons", &body), "id")
    };
    let result = |id: i64, second: &str, performed_on: &str| {
        let body = json!({"first_value": "0.250", "second_value": second, "performed_on": performed_on, "remark": ""});
        house.ask_on("quality", &format!("/api/v1/comparisons/{id}/result"), 1, &body)
    };
    // |0.250 - 0.270| = 0.020 is within the criterion of 0.020, 0.0201 is not.
    let (near, far) = (plan(&json!({})), plan(&json!({"kind": "laboratory"})));
    assert_eq!(result(near, "0.270", "2026-12-31").expect(422).codes(), ["comparison-to-come"]);
    assert_eq!(text(&result(near, "0.270", "2026-11-26").expect(200).json()["verdict"]), "agrees");
    assert_eq!(result(near, "0.270", "2026-11-26").expect(409).codes(), ["comparison-done"]);
    assert_eq!(text(&result(far, "0.2701", "2026-11-26").expect(200).json()["verdict"]), "differs");
    let shown = house.by("quality").get(&format!("/quality/comparisons/{far}")).expect(200).page().text();
    assert!(shown.contains("0.0201 mg/kg") && shown.contains("differs"), "{shown}");

    // What is not made in time waits for the quality officer.
    plan(&json!({"kind": "method", "due_on": "2026-11-26"}));
    let waiting = house.by("quality").get("/").expect(200).page().text();
    assert!(waiting.contains("Comparisons overdue"), "{waiting}");
    let all = house.items("quality", "/api/v1/comparisons");
    assert_eq!((all[0]["overdue"].clone(), all[1]["overdue"].clone()), (json!(true), json!(false)));
    house.by("tester2").get("/quality/comparisons").expect(404);
});
