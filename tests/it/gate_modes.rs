//! Gates of the check, the review and the signature: off, warning or blocking as the laboratory sets them.

use lis_tests::{Reply, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::{set_gate, submit};
use crate::steps::{House, Sample, number, rice_order, text, with};

/// Rice with cadmium measured, and its item as it waits for the check.
fn measured(house: &House) -> (Sample, Value) {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    let item = calculated(house, &sample);
    (sample, item)
}

fn calculated(house: &House, sample: &Sample) -> Value {
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    items.into_iter().find(|item| item["label_code"] == sample.label()).expect("the item")
}

fn check_item(house: &House, username: &str, item: &Value, confirmation: &str) -> Reply {
    let seen = json!([{"id": item["id"], "version": item["version"]}]);
    house.ask(username, "/api/v1/checks", &json!({"items": seen, "confirmation": confirmation}))
}

fn evidence(house: &House, item: &Value) -> Value {
    house.get("checker", &format!("/api/v1/items/{}/evidence", item["id"]))
}

// Requirement: Q62-2
demonstrated!(whether_a_checker_needs_an_authorization_says_the_gate, |lis: TestLis| {
    let house = House::of(&lis);
    let (_, item) = measured(&house);
    // A checker by role whom nobody authorized by any method, and who has not signed: both at once.
    house.give_roles("custodian", &["custodian", "checker"]);
    let all = check_item(&house, "custodian", &item, "").expect(409).codes();
    assert_eq!(all, ["authorization-missing", "signing-grant-missing"]);
    house.sign("custodian", "checked");
    let blocked = check_item(&house, "custodian", &item, "急").expect(409).codes();
    assert_eq!(blocked, ["authorization-missing"], "a reason does not go past what blocks");

    set_gate(&house, "competence", "warn");
    let warned = check_item(&house, "custodian", &item, "").expect(409).codes();
    assert_eq!(warned, ["authorization-missing", "warnings-unconfirmed"]);
    let custodian = house.by("custodian");
    let form = custodian.form("/check", "/check").set("items", &format!("{}:{}", item["id"], item["version"]));
    let refused = custodian.send(&form).expect(409).text();
    assert!(refused.contains("name=\"confirmation\""), "the page asks for the reason");
    check_item(&house, "custodian", &item, "授权文件下周录入").expect(200);
    let kept = evidence(&house, &item)["confirmations"].clone();
    assert_eq!(
        (text(&kept[0]["warnings"][0]["code"]), text(&kept[0]["reason"])),
        ("authorization-missing".to_owned(), "授权文件下周录入".to_owned())
    );
    let page = house.by("checker").get(&format!("/check/{}", item["id"])).expect(200).page().text();
    assert!(page.contains("授权文件下周录入"), "{page}");
});

// Requirement: Q62-4
demonstrated!(whether_a_signatory_field_binds_says_the_gate, |lis: TestLis| {
    let house = House::of(&lis);
    let (sample, item) = measured(&house);
    house.sign("checker", "checked");
    check_item(&house, "checker", &item, "").expect(200);
    let report = house.report(sample.id);
    let (path, version) = (format!("/api/v1/reports/{}", report["id"]), number(&report, "version"));

    // As at first nobody looks at what a reviewer may review; then his method is named.
    set_gate(&house, "review", "block");
    house.sign("reviewer", "reviewed");
    let review = || house.ask_on("reviewer", &format!("{path}/review"), version, &json!({}));
    assert_eq!(review().expect(409).codes(), ["authorization-missing"]);
    set_gate(&house, "review", "off");
    review().expect(200);

    // A signatory by role, without a field.
    house.give_roles("custodian", &["custodian", "signatory"]);
    house.sign("custodian", "authorized");
    let authorize = |confirmation: &str| {
        let body = json!({"confirmation": confirmation});
        house.ask_on("custodian", &format!("{path}/authorize"), version + 1, &body)
    };
    assert_eq!(authorize("急").expect(403).codes(), ["outside-signatory-field"]);
    set_gate(&house, "signatory", "warn");
    assert_eq!(authorize("").expect(403).codes(), ["outside-signatory-field", "warnings-unconfirmed"]);
    authorize("签字领域变更已报审批").expect(200);
    lis.work();
    let issued = house.get("reviewer", &path);
    assert_eq!(text(&issued["confirmations"][0]["warnings"][0]["code"]), "outside-signatory-field");
    assert_eq!(house.report(sample.id)["state"], "issued");
});

// Requirement: Q77-2
demonstrated!(a_failed_control_holds_as_strictly_as_its_gate_says, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    // The duplicate, 0.0598 against 0.0408 mg/kg, is 37.8 % of their mean apart.
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
    for (place, reading) in [(sample.label(), "2.05"), (duplicate.as_str(), "3.00")] {
        cells.extend([
            (place, "cd", "reading", reading),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    assert_eq!(house.submit(&sheet), "held");
    let item = calculated(&house, &sample);
    house.sign("checker", "checked");
    assert_eq!(check_item(&house, "checker", &item, "急").expect(409).codes(), ["qc-held"]);
    set_gate(&house, "controls", "warn");
    assert_eq!(check_item(&house, "checker", &item, "").expect(409).codes(), ["qc-held", "warnings-unconfirmed"]);
    check_item(&house, "checker", &item, "平行样已重测，记录见附页").expect(200);

    let report = house.report(sample.id);
    let (path, version) = (format!("/api/v1/reports/{}", report["id"]), number(&report, "version"));
    house.sign("reviewer", "reviewed");
    let review = |confirmation: &str| {
        house.ask_on("reviewer", &format!("{path}/review"), version, &json!({"confirmation": confirmation}))
    };
    assert_eq!(review("").expect(409).codes(), ["items-held-by-qc", "warnings-unconfirmed"]);
    review("同意校核意见").expect(200);
});

demonstrated!(what_cannot_be_calculated_is_said_beside_what_the_gates_find, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
    // A mass of nothing: the formula divides by it.
    for place in [sample.label(), duplicate.as_str()] {
        cells.extend([(place, "cd", "reading", "2.05"), (place, "cd", "volume", "10"), (place, "cd", "mass", "0")]);
    }
    house.type_in(&sheet, &cells);
    set_gate(&house, "standards", "block");
    let version = number(&house.sheet(&sheet), "version");
    let path = format!("/api/v1/worksheets/{}/submission", sheet.id);
    let all = house.ask_on("tester2", &path, version, &json!({})).expect(409).codes();
    assert_eq!(all, ["lots-unnamed", "calculation-failed"]);
});

// Requirement: Q72-1
demonstrated!(where_its_gate_only_warns_an_earlier_edition_is_confirmed, |lis: TestLis| {
    let house = House::of(&lis);
    set_gate(&house, "competence", "off");
    set_gate(&house, "edition", "warn");
    let order = with(rice_order(), &json!({"items": ["nitrite-nano2|GB 5009.33"], "decision_rule": "results_only"}));
    let sample = house.receive(house.order(&order));
    let waiting = house.items("manager", "/api/v1/assignments?limit=500");
    let item = waiting.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    // The edition of 2025 is in force since 2026-03-02, and nobody approved a deviation.
    let one = json!({
        "item": item["id"], "version": item["version"], "tester": house.person("tester2"),
        "method_key": "gb5009.33-2016/ion-chromatography",
    });
    house.ask("manager", "/api/v1/assignments", &json!({"assignments": [one]})).expect(200);
    let sheet = house.open("tester2", sample.label(), "nitrite-nano2");
    house.type_in(&sheet, &[(sample.label(), "nitrite-nano2", "reading", "1.2")]);
    let warned = submit(&house, &sheet, "").expect(409).codes();
    assert_eq!(warned, ["edition-passed", "warnings-unconfirmed"]);
    submit(&house, &sheet, "委托方合同指定版本，偏离审批中").expect(200);
    let kept = house.sheet(&sheet)["confirmations"].clone();
    assert_eq!(text(&kept[0]["warnings"][0]["code"]), "edition-passed");
});
