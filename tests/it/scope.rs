//! The accredited scope: what the gate says at review and authorization, which marks a report carries, and where an item
//! outside is marked.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::{import, set_gate};
use crate::steps::{House, Sample, number, rice_order, scope_line, text, with};

/// Rice with a checked result for cadmium, and its report before the review.
fn to_review(house: &House) -> (Sample, i64, i64) {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    let report = house.report(sample.id);
    (sample, number(&report, "id"), number(&report, "version"))
}

/// What was fixed at authorization.
fn document(lis: &TestLis, report: i64) -> Value {
    let text = lis.texts(&format!("SELECT document AS value FROM report WHERE id = {report}")).remove(0);
    serde_json::from_str(&text).expect("a document")
}

// Requirement: Q71-2
demonstrated!(a_mark_needs_the_scope_and_an_entrusted_item_outside_is_marked, |lis: TestLis| {
    let house = House::of(&lis);
    // As at first nobody looks: no mark, and nothing is marked.
    let (_, report) = house.entrusted_report("2.05");
    let printed = document(&lis, number(&report, "id"));
    assert_eq!((&printed["accreditations"], &printed["items"][0]["in_scope"]), (&json!([]), &json!(true)));

    set_gate(&house, "scope", "block");
    // The annex has cadmium by another method only: the entrusted item is tested all the same, and bears the sign.
    house.done("manager", "/api/v1/accredited-scope", &scope_line("镉", "GB 5009.268"));
    let sample = house.receive_with(house.order(&rice_order()), &json!({"consent": "委托方 2026-11-26 来函"}));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    let report = house.issue(sample.id);
    let printed = document(&lis, number(&report, "id"));
    assert_eq!((&printed["accreditations"], &printed["items"][0]["in_scope"]), (&json!([]), &json!(false)));
    let page = house.by("reviewer").get(&format!("/reports/{}", report["id"])).expect(200).page().text();
    assert!(page.contains('※'), "{page}");

    house.done("manager", "/api/v1/accredited-scope", &scope_line("镉", "GB 5009.15"));
    let (_, report) = house.entrusted_report("2.05");
    let printed = document(&lis, number(&report, "id"));
    let mark = json!([{"mark": "CMA", "number": "230000000001"}]);
    assert_eq!((&printed["accreditations"], &printed["items"][0]["in_scope"]), (&mark, &json!(true)));
});

demonstrated!(what_an_authority_ordered_does_not_leave_from_outside_the_scope, |lis: TestLis| {
    let house = House::of(&lis);
    let (sample, report, version) = to_review(&house);
    // As if an authority had ordered it.
    lis.sql(&format!("UPDATE sample SET sample_type = 'supervision' WHERE id = {}", sample.id)).expect("a row");
    let item = |who: &str| house.get(who, &format!("/api/v1/reports/{report}"))["items"][0]["in_scope"].clone();
    assert_eq!(item("reviewer"), json!(true), "nobody looks");
    set_gate(&house, "scope", "warn");
    assert_eq!(item("reviewer"), json!(false));

    house.sign("reviewer", "reviewed");
    let review = |confirmation: &str| {
        let body = json!({"confirmation": confirmation});
        house.ask_on("reviewer", &format!("/api/v1/reports/{report}/review"), version, &body)
    };
    assert_eq!(review("").expect(409).codes(), ["items-outside-scope", "warnings-unconfirmed"]);
    review("扩项评审已通过，证书待发").expect(200);
    let kept =
        "SELECT count(*) AS value FROM audit_entry WHERE event = 'warnings-confirmed' AND object_kind = 'report'";
    assert_eq!(lis.numbers(kept), [1]);
    let shown = house.get("signatory", &format!("/api/v1/reports/{report}"))["confirmations"].clone();
    assert_eq!(
        (text(&shown[0]["warnings"][0]["code"]), text(&shown[0]["reason"])),
        ("items-outside-scope".into(), "扩项评审已通过，证书待发".into())
    );
    let page = house.by("signatory").get(&format!("/reports/{report}")).expect(200).page().text();
    assert!(page.contains("Warnings confirmed at signing") && page.contains("扩项评审已通过，证书待发"), "{page}");

    set_gate(&house, "scope", "block");
    house.sign("signatory", "authorized");
    let path = format!("/api/v1/reports/{report}/authorize");
    let authorize =
        |confirmation: &str| house.ask_on("signatory", &path, version + 1, &json!({"confirmation": confirmation}));
    // A reason does not go past what blocks.
    assert_eq!(authorize("急").expect(409).codes(), ["items-outside-scope"]);
    let page = house.by("signatory").get(&format!("/reports/{report}")).expect(200).page().text();
    assert!(page.contains("Items outside the accredited scope today: Cadmium"), "{page}");

    // A line that begins tomorrow is none of today.
    let tomorrow = with(scope_line("镉", "GB 5009.15"), &json!({"valid_from": "2026-11-28"}));
    house.done("manager", "/api/v1/accredited-scope", &tomorrow);
    assert_eq!(authorize("").expect(409).codes(), ["items-outside-scope"]);
    let added = house.done("manager", "/api/v1/accredited-scope", &scope_line("镉", "GB 5009.15"));
    authorize("").expect(200);
    assert_eq!(document(&lis, report)["accreditations"][0]["mark"], "CMA");

    // The line ends; what was authorized under it keeps its mark.
    let end = format!("/api/v1/accredited-scope/{}/end", added["id"]);
    house.done_on("manager", &end, number(&added, "version"), &json!({}));
    assert_eq!(document(&lis, report)["accreditations"][0]["mark"], "CMA");
    let lines = house.items("reviewer", "/api/v1/accredited-scope");
    let ended = lines.iter().find(|line| line["id"] == added["id"]).expect("the line");
    assert_eq!((&ended["valid"], text(&ended["valid_until"])), (&json!(false), "2026-11-26".to_owned()));
});

demonstrated!(a_line_is_shown_with_names_in_place_of_keys, |lis: TestLis| {
    let house = House::of(&lis);
    house.done("manager", "/api/v1/accredited-scope", &scope_line("cd; 镍; 钼酸", "GB 5009.268"));
    let page = house.by("reviewer").get("/scope").expect(200).page().text();
    assert!(page.contains("Cadmium (as Cd), 镍, 钼酸"), "names stay as the annex has them: {page}");
    let lines = house.items("reviewer", "/api/v1/accredited-scope");
    assert_eq!(lines[0]["analytes"], json!(["cd", "镍", "钼酸"]), "what is kept stays");
});

demonstrated!(an_annex_comes_from_a_spreadsheet_whole_or_not_at_all, |lis: TestLis| {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("scope.csv");
    let loaded = |lines: &str| {
        let head = "scheme,certificate_no,analytes,method_standard,food_categories,valid_from,valid_until\n";
        std::fs::write(&path, format!("{head}{lines}")).expect("a writable directory");
        let done = import(&lis, "scope", &path);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.success(), said)
    };
    let before = lis.rows("accredited_scope");
    let line =
        |scheme: &str, analytes: &str| format!("{scheme},C-1,{analytes},GB 5009.12,蔬菜,2026-01-01,2031-12-31\n");
    let (good, said) = loaded(&format!("{}{}", line("CMA", "铅"), line("CCC", "镉")));
    assert!(!good && said.contains("row 3, column scheme"), "{said}");
    assert_eq!(lis.rows("accredited_scope"), before, "nothing of it");
    let (good, said) = loaded(&format!("{}{}", line("CMA", "铅"), line("CNAS", "钼酸")));
    assert!(good && said.contains("2 rows imported"), "{said}");
    let (good, said) = loaded(&line("CMA", "铅"));
    assert!(!good && said.contains("row 2, column method_standard"), "the same line again: {said}");
    let house = House::of(&lis);
    let lines = house.items("reviewer", "/api/v1/accredited-scope");
    assert_eq!((&lines[0]["unknown"], &lines[1]["unknown"]), (&json!(["钼酸"]), &json!([])));
});
