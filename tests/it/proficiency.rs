//! Proficiency tests: the method in doubt until its corrective action is done, and the rounds of a person.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::set_gate;
use crate::records::step;
use crate::steps::{House, Sample, number, rice_order, round, text, with};

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
