//! A deviation from a method: approved with the client's acceptance, and what it allows.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, number, rice_order, text, with};

fn deviation() -> Value {
    json!({
        "description": "采用 2016 版 GB 5009.33", "justification": "委托方合同指定版本", "accepted_on": "2026-11-25",
        "accepted_how": "合同补充条款 2",
    })
}

// Requirement: Q72-1, Q72-3
demonstrated!(an_earlier_edition_is_chosen_only_with_an_approved_deviation, |lis: TestLis| {
    let house = House::of(&lis);
    let order = with(rice_order(), &json!({"items": ["nitrite-nano2|GB 5009.33"], "decision_rule": "results_only"}));
    let sample = house.receive(house.order(&order));
    let waiting = house.items("manager", "/api/v1/assignments?limit=500");
    let item = waiting.iter().find(|item| item["label_code"] == sample.label()).expect("the item").clone();
    let (id, version) = (number(&item, "id"), number(&item, "version"));
    // The edition of 2025 is in force since 2026-03-02.
    let assign = |version: i64| {
        let key = "gb5009.33-2016/ion-chromatography";
        let one = json!({"item": id, "version": version, "tester": house.person("tester2"), "method_key": key});
        house.ask("manager", "/api/v1/assignments", &json!({"assignments": [one]}))
    };
    let refused = assign(version).codes();
    assert!(refused.contains(&"method-unknown".to_owned()), "{refused:?}");

    let path = format!("/api/v1/items/{id}/deviation");
    assert_eq!(house.ask_on("tester2", &path, version, &deviation()).status, 404, "the technical manager approves");
    let late = with(deviation(), &json!({"accepted_on": "2026-12-01"}));
    assert_eq!(house.ask_on("manager", &path, version, &late).expect(422).codes(), ["day-to-come"]);
    let silent = with(deviation(), &json!({"justification": "", "accepted_how": ""}));
    let codes = house.ask_on("manager", &path, version, &silent).expect(422).codes();
    assert_eq!(codes, ["field-missing", "field-missing"]);
    let done = house.done_on("manager", &path, version, &deviation());
    assert_eq!(number(&done, "version"), version + 1);
    assert_eq!(house.ask_on("manager", &path, version, &deviation()).status, 412);
    assert_eq!(assign(version + 1).expect(200).json()["items"], json!([id]));
    let page = house.by("manager").get(&format!("/check/{id}")).expect(200).page().text();
    assert!(page.contains("委托方合同指定版本") && page.contains("2026-11-25"), "{page}");
});

// Requirement: Q72-3
demonstrated!(a_deviation_is_approved_before_the_check, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    let of = |state: &str| {
        let items = house.items("checker", &format!("/api/v1/items?state={state}&limit=500"));
        items.into_iter().find(|item| item["label_code"] == sample.label()).expect("the item")
    };
    let item = of("calculated");
    let path = format!("/api/v1/items/{}/deviation", item["id"]);
    house.done_on("manager", &path, number(&item, "version"), &deviation());
    assert_eq!(house.check(sample.label()), 1);
    let late = house.ask_on("manager", &path, number(&of("checked"), "version"), &deviation()).expect(409);
    assert_eq!(late.codes(), ["deviation-too-late"]);
    let report = house.issue(sample.id);
    assert_eq!(text(&report["state"]), "issued");
});
