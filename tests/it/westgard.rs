//! Westgard rules over the controls of several worksheets: what one raises, who lets it go, and how a rule is switched.

use chrono::TimeDelta;
use lis_server::domain::clock::Clock;
use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, Sample, Sheet, number, rice_order, text};

const METHOD: &str = "gb5009.15-2023/gfaas";

/// Limits of the chart of cadmium's blanks, from now on: a mean of 0.0004 mg/kg and a standard deviation of 0.0001.
fn freeze_limits(lis: &TestLis) {
    lis.clock.advance(TimeDelta::minutes(1));
    let now = lis.clock.now().utc().format("%Y-%m-%d %H:%M:%S");
    let row = format!(
        "INSERT INTO chart_limits (method_key, analyte, kind, material, version_no, mean, sd, point_count, basis, reason, \
         person_id, at) VALUES ('{METHOD}', 'cd', 'blank', '', 1, '0.0004', '0.0001', 20, '', 'year', 1, '{now}')"
    );
    lis.sql(&row).expect("limits");
}

/// A sheet for cadmium with a reading of its blank, which is 10 / 500 of it in mg/kg; the LOD is 0.002.
fn submitted(house: &House, blank_reading: &str) -> (Sample, Sheet, String) {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = vec![(blank.as_str(), "cd", "reading", blank_reading)];
    for place in [sample.label(), &duplicate] {
        cells.extend([
            (place, "cd", "reading", "2.05"),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    let state = house.submit(&sheet);
    (sample, sheet, state)
}

fn item_of(house: &House, sample: &Sample) -> Value {
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    items.into_iter().find(|item| item["label_code"] == sample.label()).expect("the item")
}

/// The rules at the point of a sample's blank, and what they made of the control.
fn blank_of(house: &House, sample: &Sample) -> (Vec<String>, String) {
    let evidence = house.get("checker", &format!("/api/v1/items/{}/evidence", item_of(house, sample)["id"]));
    let controls = evidence["qc"]["controls"].as_array().expect("controls").clone();
    let blank = controls.iter().find(|control| control["kind"] == "blank").expect("a blank");
    let rules = blank["rules"].as_array().map(|rules| rules.iter().map(text).collect()).unwrap_or_default();
    (rules, text(&blank["verdict"]))
}

fn switch(house: &House, method: &str, action: &str) {
    let body = json!({"method": method, "rule": "4-1s", "action": action, "reason": "新石墨管，空白整体偏移"});
    house.done("quality", "/api/v1/control-charts/rules", &body);
}

// Requirement: Q77-2, Q77-3
demonstrated!(a_rule_across_sheets_stops_a_submission_until_quality_lets_it_go, |lis: TestLis| {
    let house = House::of(&lis);
    freeze_limits(&lis);
    // 0.026 x 0.02 = 0.00052: each lies 1.2 s above the mean, and each is far below the LOD.
    for _ in 0..3 {
        let (sample, _, state) = submitted(&house, "0.026");
        assert_eq!((state.as_str(), blank_of(&house, &sample)), ("submitted", (vec![], "ACCEPT".to_owned())));
    }
    let (sample, sheet, state) = submitted(&house, "0.026");
    assert_eq!(state, "held");
    assert_eq!(blank_of(&house, &sample), (vec!["4-1s".to_owned()], "REJECT_BATCH".to_owned()));
    house.sign("checker", "checked");
    let item = item_of(&house, &sample);
    let seen = json!({"items": [{"id": item["id"], "version": item["version"]}]});
    assert_eq!(house.ask("checker", "/api/v1/checks", &seen).expect(409).codes(), ["qc-held"]);
    let path = format!("/api/v1/worksheets/{}/release", sheet.id);
    let why = json!({"cause": "更换石墨管后空白整体偏移", "action": "重新建立空白控制限，样品结果远高于空白"});
    let version = number(&house.sheet(&sheet), "version");
    assert_eq!(house.ask_on("checker", &path, version, &why).status, 404, "a checker releases nothing");
    house.done_on("quality", &path, version, &why);
    assert_eq!(house.check(sample.label()), 1);
});

// Requirement: Q77-3
demonstrated!(a_rule_is_switched_for_itself, |lis: TestLis| {
    let house = House::of(&lis);
    freeze_limits(&lis);
    for _ in 0..3 {
        submitted(&house, "0.026");
    }
    switch(&house, "", "warn");
    let (sample, _, state) = submitted(&house, "0.026");
    assert_eq!(
        (state.as_str(), blank_of(&house, &sample)),
        ("submitted", (vec!["4-1s".to_owned()], "ACCEPT".to_owned()))
    );
    switch(&house, METHOD, "off");
    let (sample, _, state) = submitted(&house, "0.026");
    assert_eq!((state.as_str(), blank_of(&house, &sample)), ("submitted", (vec![], "ACCEPT".to_owned())));
    // 0.036 x 0.02 = 0.00072 lies 3.2 s above the mean: no other rule was touched.
    let (sample, _, state) = submitted(&house, "0.036");
    let rules = ["1-2s", "1-3s"].map(str::to_owned).to_vec();
    assert_eq!((state.as_str(), blank_of(&house, &sample)), ("held", (rules, "REJECT_BATCH".to_owned())));

    let shown = house.items("tester2", "/api/v1/control-charts/rules");
    let own = shown.iter().find(|one| one["rule"] == "4-1s").expect("the rule");
    assert_eq!((text(&own["action"]), own["changes"].as_array().map(Vec::len)), ("warn".to_owned(), Some(2)));
    assert_eq!((text(&own["changes"][0]["method"]), text(&own["changes"][0]["action"])), (METHOD.into(), "off".into()));
    let page = house.by("tester2").get("/quality/charts/rules").expect(200).page();
    assert!(page.text().contains("新石墨管，空白整体偏移"), "{}", page.text());
    assert!(page.all("form[action='/quality/charts/rules']").is_empty(), "a tester switches nothing");

    let wrong = json!({"method": "gb0000", "rule": "4-1s", "action": "off", "reason": "x"});
    assert_eq!(house.ask("quality", "/api/v1/control-charts/rules", &wrong).expect(422).codes(), ["field-invalid"]);
    let none = json!({"method": "", "rule": "5-1s", "action": "block", "reason": ""});
    let codes = house.ask("quality", "/api/v1/control-charts/rules", &none).expect(422).codes();
    assert_eq!(codes, ["field-invalid", "field-invalid", "field-missing"]);
});
