//! Competence: records of people by method, what is due, and the declaration before the first access.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::set_gate;
use crate::steps::{House, text};

// Requirement: Q62-1, Q62-5
demonstrated!(records_are_kept_by_person_and_method_and_what_is_due_waits_for_the_quality_officer, |lis: TestLis| {
    let house = House::of(&lis);
    let person = house.person("tester2").to_string();
    let record = |kind: &str, performed_on: &str, next_due: &str, result: &str| {
        json!({
            "person_id": person, "kind": kind, "method_standard": "GB 5009.15", "performed_on": performed_on,
            "performed_by": "技术负责人", "result": result, "next_due": next_due, "remark": "盲样考核",
        })
    };
    let add = |body: &Value| house.ask("quality", "/api/v1/competence-records", body);
    let open = add(&record("evaluation", "2025-11-20", "2026-11-20", "")).expect(422);
    assert_eq!(open.codes(), ["field-missing"], "an evaluation judges");
    add(&record("training", "2025-11-10", "", "")).expect(201);
    add(&record("evaluation", "2025-11-20", "2026-11-20", "competent")).expect(201);
    let body = json!({
        "person_id": person, "method_standard": "GB 5009.15", "activity": "sample", "valid_from": "2026-01-01",
        "valid_until": "2026-12-10",
    });
    house.done("manager", "/api/v1/authorizations", &body);

    let due = || house.get("quality", "/api/v1/competence-due");
    assert_eq!(text(&due()["overdue"][0]["method_standard"]), "GB 5009.15");
    let ending = due()["authorizations"].as_array().cloned().unwrap_or_default();
    assert!(ending.iter().any(|one| one["activity"] == "sample" && one["valid_until"] == "2026-12-10"), "{ending:?}");
    let waiting = house.by("quality").get("/").expect(200).page().text();
    assert!(waiting.contains("Authorizations that end soon") && waiting.contains("Evaluations overdue"), "{waiting}");
    let page = house.by("quality").get(&format!("/competence?person={person}")).expect(200).page().text();
    assert!(page.contains("training") && page.contains("evaluation"), "{page}");

    // Evaluated again, nothing is overdue any more; the old record stays.
    add(&record("evaluation", "2026-11-27", "2027-11-26", "competent")).expect(201);
    assert_eq!(due()["overdue"], json!([]));
    let own = house.items("quality", &format!("/api/v1/competence-records?person={person}"));
    assert_eq!(own.len(), 3);
    house.by("tester2").get("/competence").expect(404);
});

// Requirement: Q62-6
demonstrated!(where_the_laboratory_asks_nobody_of_it_comes_in_before_he_has_declared, |lis: TestLis| {
    let house = House::of(&lis);
    let tester = house.by("tester2");
    tester.get("/worksheets").expect(200);
    set_gate(&house, "declaration", "block");
    let refused = tester.get("/worksheets").expect(403).page().text();
    assert!(refused.contains("Confidentiality and impartiality"), "{refused}");
    assert_eq!(tester.get("/api/v1/gates").expect(403).codes(), ["declaration-missing"]);
    let waiting = tester.get("/").expect(200).page().text();
    assert!(waiting.contains("Confidentiality and impartiality"), "it waits on the first page: {waiting}");
    // An enterprise declares nothing, and a program of the laboratory goes on.
    house.by("bakery").get("/portal").expect(200);
    house.program("manager").get("/api/v1/agent/worklists").expect(200);

    tester.send(&tester.form("/declaration", "/declaration")).expect(303);
    tester.get("/worksheets").expect(200);
    let shown = tester.get("/declaration").expect(200).page().text();
    assert!(shown.contains("Declared") && shown.contains("I work impartially"), "{shown}");
    assert_eq!(lis.rows("declaration"), 1);
    // Who has declared is not asked again; the others still are.
    house.by("checker").get("/check").expect(403);
});
