//! Opinions and interpretations on a report: who may give them, until when, and how they are printed.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, number, rice_order, text};

// Requirement: Q62-2, Q78-5
demonstrated!(an_opinion_stands_on_a_report_only_by_who_is_authorized_for_it, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    let report = house.report(sample.id);
    let (id, version) = (number(&report, "id"), number(&report, "version"));
    let path = format!("/api/v1/reports/{id}/opinion");
    let opinion = json!({"opinion": "镉含量低于限量，建议企业继续核查稻谷来源。", "basis": "同产地近三年监测结果"});
    let give = |version: i64, body: &Value| house.ask_on("reviewer", &path, version, body);
    assert_eq!(give(version, &opinion).expect(409).codes(), ["authorization-missing"]);
    let page = || house.by("reviewer").get(&format!("/reports/{id}")).expect(200).page().text();
    assert!(!page().contains("Opinions and interpretations"), "{}", page());

    let body = json!({
        "person_id": house.person("reviewer").to_string(), "method_standard": "GB 5009.15", "activity": "opinion",
        "valid_from": "2026-11-01", "valid_until": "2026-12-31",
    });
    house.done("manager", "/api/v1/authorizations", &body);
    let refused = give(version, &json!({"opinion": "建议核查。", "basis": ""})).expect(422);
    assert_eq!(refused.codes(), ["field-missing"], "an opinion rests on something");
    give(version, &opinion).expect(200);
    give(version, &opinion).expect(412);
    assert!(page().contains("建议企业继续核查稻谷来源") && page().contains("同产地近三年监测结果"), "{}", page());

    // What is reviewed stands, with the opinion.
    house.sign("reviewer", "reviewed");
    house.done_on("reviewer", &format!("/api/v1/reports/{id}/review"), version + 1, &json!({}));
    assert_eq!(give(version + 2, &opinion).expect(409).codes(), ["report-wrong-state"]);
    house.sign("signatory", "authorized");
    house.done_on("signatory", &format!("/api/v1/reports/{id}/authorize"), version + 2, &json!({}));
    let document = lis.texts(&format!("SELECT document AS value FROM report WHERE id = {id}")).remove(0);
    let document: Value = serde_json::from_str(&document).expect("a document");
    let reviewer = lis.texts("SELECT name AS value FROM person WHERE username = 'reviewer'").remove(0);
    assert_eq!(document["opinion"], json!({"text": opinion["opinion"], "by": reviewer}), "without its basis");
    let shown = house.get("signatory", &format!("/api/v1/reports/{id}"))["opinion"].clone();
    assert_eq!((text(&shown["by"]), text(&shown["basis"])), (reviewer, "同产地近三年监测结果".to_owned()));
});
