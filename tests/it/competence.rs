//! Competence: records of people by method, what is due, and the declaration before the first access.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::{import, set_gate};
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

// Requirement: Q62-1, Q62-2
demonstrated!(records_and_authorizations_of_people_come_from_spreadsheets_whole_or_not_at_all, |lis: TestLis| {
    let house = House::of(&lis);
    let folder = tempfile::tempdir().expect("a temporary directory");
    let loaded = |kind: &str, table: &str| {
        let path = folder.path().join(format!("{kind}.csv"));
        std::fs::write(&path, table).expect("a writable directory");
        let done = import(&lis, kind, &path);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.success(), said)
    };
    let before = (lis.rows("competence_record"), lis.rows("person_authorization"));
    let head = "person,kind,method_standard,performed_on,performed_by,result,next_due,recorded_by\n";
    let line =
        |person: &str| format!("{person},evaluation,GB 5009.11,2026-03-02,技术负责人,competent,2027-03-01,quality\n");
    let (good, said) = loaded("competence", &format!("{head}{}{}", line("tester2"), line("nobody")));
    assert!(!good && said.contains("row 3, column person: This must be the username of an account"), "{said}");
    let to_come = line("tester2").replace("2026-03-02", "2126-03-02").replace("2027-03-01", "2127-03-01");
    let (good, said) = loaded("competence", &format!("{head}{to_come}"));
    assert!(!good && said.contains("row 2, column performed_on"), "{said}");
    assert_eq!(lis.rows("competence_record"), before.0, "nothing of it");
    let (good, said) = loaded("competence", &format!("{head}{}", line("tester2")));
    assert!(good && said.contains("1 row imported"), "{said}");
    let (good, said) = loaded("competence", &format!("{head}{}", line("tester2")));
    assert!(good && said.contains("0 rows imported"), "{said}");
    let person = house.person("tester2");
    let kept = house.items("quality", &format!("/api/v1/competence-records?person={person}"));
    assert_eq!(
        (text(&kept[0]["method_standard"]), text(&kept[0]["next_due"])),
        ("GB 5009.11".into(), "2027-03-01".into())
    );

    let head = "person,method_standard,activity,valid_from,valid_until,granted_by\n";
    let line = |person: &str, by: &str| format!("{person},GB 5009.11,test,2026-01-01,2027-12-31,{by}\n");
    let (good, said) =
        loaded("authorizations", &format!("{head}{}{}", line("tester2", "manager"), line("tester2", "x")));
    assert!(!good && said.contains("row 3, column granted_by"), "{said}");
    assert_eq!(lis.rows("person_authorization"), before.1, "nothing of it");
    let (good, said) = loaded("authorizations", &format!("{head}{}", line("tester2", "manager")));
    assert!(good && said.contains("1 row imported"), "{said}");

    // Ended, it is not given back by the list that it came from.
    let all = house.items("manager", "/api/v1/authorizations?limit=500");
    let given = all.iter().find(|one| one["method_standard"] == "GB 5009.11").expect("the authorization");
    let manager = lis.texts("SELECT name AS value FROM person WHERE username = 'manager'");
    assert_eq!(text(&given["granted_by"]), manager[0]);
    let (id, version) = (given["id"].as_i64().expect("an id"), given["version"].as_i64().expect("a version"));
    house.ask_on("manager", &format!("/api/v1/authorizations/{id}/end"), version, &json!({})).expect(200);
    let (good, said) = loaded("authorizations", &format!("{head}{}", line("tester2", "manager")));
    assert!(good && said.contains("0 rows imported"), "{said}");
    assert_eq!(lis.rows("person_authorization"), before.1 + 1);
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
