//! The implementing rules: which methods they permit for an item, and which edition asked for it.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, market_rice, number, rice_order, text, with};

/// The waiting item of a container for cadmium.
fn cadmium(house: &House, label: &str) -> Value {
    let waiting = house.items("manager", "/api/v1/assignments?limit=500");
    let own = waiting.into_iter().find(|item| item["label_code"] == label && item["analyte"] == "cd");
    own.expect("the item")
}

demonstrated!(the_assigner_chooses_among_the_methods_that_the_rules_permit, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.write_form(&market_rice()));
    let item = cadmium(&house, sample.label());
    assert_eq!((&item["rules_edition"], text(&item["method_standard"])), (&json!("2026"), "GB 5009.15".to_owned()));
    assert_eq!(item["permitted_methods"], json!(["GB 5009.15", "GB 5009.268"]));
    let tester = house.person("tester2");
    let assign = |key: &str| {
        let one = json!({"item": item["id"], "version": item["version"], "tester": tester, "method_key": key});
        house.ask("manager", "/api/v1/assignments", &json!({"assignments": [one]}))
    };
    let refused = assign("gb5009.12-2023/gfaas").expect(422);
    assert_eq!(refused.codes(), ["method-not-permitted"]);
    assert!(refused.text().contains("GB 5009.15, GB 5009.268"), "{}", refused.text());
    // The page offers the procedures of both.
    let page = house.by("manager").get("/assignment").expect(200).page();
    let offered = |key: &str| page.all(&format!("select[name='procedure-{}'] option[value='{key}']", item["id"])).len();
    assert_eq!((offered("gb5009.15-2023/gfaas"), offered("gb5009.268-2016/icp-ms")), (1, 1));
    assert_eq!(offered("gb5009.12-2023/gfaas"), 0);

    assign("gb5009.268-2016/icp-ms").expect(200);
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let given = items.iter().find(|one| one["id"] == item["id"]).expect("the item");
    assert_eq!(text(&given["method_standard"]), "GB 5009.268");
    assert_eq!(text(&given["rules_edition"]), "2026");

    // (5.01 - 0.01) x 10 / 500 = 0.1 mg/kg; the result keeps who asked for it.
    let sheet = house.open("tester2", sample.label(), "cd");
    let view = house.sheet(&sheet);
    let mut cells = Vec::new();
    for place in view["positions"].as_array().expect("positions") {
        let label = text(&place["label_code"]);
        if place["kind"] == "blank" {
            cells.push((label, "reading", "0.01"));
        } else {
            cells.extend([
                (label.clone(), "reading", "5.01"),
                (label.clone(), "volume", "10"),
                (label, "mass", "0.5000"),
            ]);
        }
    }
    let cells: Vec<(&str, &str, &str, &str)> =
        cells.iter().map(|(label, field, value)| (label.as_str(), "cd", *field, *value)).collect();
    house.type_in(&sheet, &cells);
    assert_eq!(house.submit(&sheet), "submitted");
    let found = house.get("checker", &format!("/api/v1/items/{}/evidence", item["id"]));
    assert_eq!(found["record"]["asked"]["rules_edition"], "2026");
    assert_eq!(found["record"]["asked"]["method"]["key"], "gb5009.268-2016/icp-ms");
    assert_eq!(found["reproduces"], true);
});

demonstrated!(an_order_has_the_method_that_was_ordered_and_no_edition_of_the_rules, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    let item = cadmium(&house, sample.label());
    assert_eq!((&item["rules_edition"], &item["permitted_methods"]), (&json!(""), &json!([])));
    let key = "gb5009.268-2016/icp-ms";
    let one = json!({
        "item": number(&item, "id"), "version": item["version"], "tester": house.person("tester2"), "method_key": key,
    });
    let refused = house.ask("manager", "/api/v1/assignments", &json!({"assignments": [one]})).expect(422);
    assert_eq!(refused.codes(), ["method-not-permitted"]);
});

demonstrated!(what_a_rapid_test_found_is_not_tested_again_by_a_rapid_method, |lis: TestLis| {
    let house = House::of(&lis);
    let toxin = |category: &str| {
        let form = with(market_rice(), &json!({"task_category": category}));
        let sample = house.receive(house.write_form(&form));
        let waiting = house.items("manager", "/api/v1/assignments?limit=500");
        let own = |item: &&Value| item["label_code"] == sample.label() && item["analyte"] == "aflatoxin-b1";
        waiting.iter().find(own).expect("the item").clone()
    };
    let assign = |item: &Value, key: &str| {
        let tester = house.person("tester2");
        let one = json!({"item": item["id"], "version": item["version"], "tester": tester, "method_key": key});
        house.ask("manager", "/api/v1/assignments", &json!({"assignments": [one]}))
    };
    let (screening, laboratory) = ("gb5009.22-2016/elisa", "gb5009.22-2016/hplc-fld");
    let retest = toxin("rapid_test_confirmation");
    assert_eq!(assign(&retest, screening).expect(409).codes(), ["rapid-again"]);
    assign(&retest, laboratory).expect(200);
    // Supervision may screen first: what is found is confirmed then.
    assign(&toxin("supervision"), screening).expect(200);
});
