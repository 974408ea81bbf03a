//! The laboratory's own validation file: asked by those who answer for methods and quality, kept with what was answered.

use lis_tests::{TestLis, demonstrated};

use serde_json::{Value, json};

use crate::steps::{House, number, program_to_validate, text, validate};

/// GB/T 8170: 12.1498 at 0.1 is 12.1. The second line expects what successive rounding would give.
const RIGHT: &str =
    r#"{"id":"r1","rule":"GB/T 8170","ask":{"op":"round","x":"12.1498","interval":"0.1"},"expect":{"value":"12.1"}}"#;
const WRONG: &str =
    r#"{"id":"r2","rule":"GB/T 8170","ask":{"op":"round","x":"12.1498","interval":"0.1"},"expect":{"value":"12.2"}}"#;
/// The catalogue in force answers too: lead in leaf vegetables made on that day, GB 2762-2025.
const LIMIT: &str = r#"{"id":"l1","ask":{"op":"limit","food_category":"叶菜蔬菜","analyte":"pb","produced":"2026-10-01"},"expect":{"complete":false}}"#;

// Requirement: Q711-2
demonstrated!(a_validation_file_is_asked_and_the_run_is_kept, |lis: TestLis| {
    let house = House::of(&lis);
    let file = format!("{RIGHT}\n{WRONG}\n{LIMIT}\n");
    let kept = validate(&house, "quality", "own.jsonl", &file).expect(201).json();
    assert_eq!((number(&kept, "questions"), number(&kept, "differing")), (3, 1));
    let again = validate(&house, "quality", "own.jsonl", &file).expect(200).json();
    assert_eq!((&again["id"], &again["already"]), (&kept["id"], &true.into()), "a request may be repeated");
    let other = validate(&house, "manager", "own.jsonl", &file).expect(201).json();
    assert_ne!(other["id"], kept["id"], "another person's run is another run");

    let runs = house.items("manager", "/api/v1/validation-runs");
    assert_eq!(runs.len(), 2);
    assert!(text(&runs[0]["program"]).starts_with("lis-server "), "{}", runs[0]);
    assert_eq!(runs[0]["sha256"], runs[1]["sha256"]);
    assert_eq!(text(&runs[0]["catalogue"]).len(), 64);
    let found = house.get("quality", &format!("/api/v1/validation-runs/{}", kept["id"]));
    let difference = &found["differences"][0];
    assert_eq!(
        (&difference["line"], &difference["id"], &difference["field"]),
        (&2.into(), &"r2".into(), &"value".into())
    );
    assert_eq!((&difference["expected"], &difference["answered"]), (&"\"12.2\"".into(), &"\"12.1\"".into()));

    let logged = lis.texts("SELECT body AS value FROM audit_entry WHERE event = 'validation-run' ORDER BY id");
    assert_eq!(logged.len(), 2);
    assert!(logged[0].contains(&text(&runs[1]["sha256"])) && logged[0].contains("quality_officer"), "{}", logged[0]);

    assert_eq!(validate(&house, "quality", "own.csv", "x,y\n").expect(422).codes(), ["validation-line"]);
    let second = validate(&house, "quality", "own.csv", "{\"id\": 1,\n").expect(422).text();
    assert!(!second.contains("at line"), "the line of the file is named, not that of the parser: {second}");
    assert_eq!(lis.rows("validation_run"), 2, "nothing is kept of a file that is none");

    let list = house.by("manager").get("/quality/validation").expect(200).page().text();
    assert!(list.contains("own.jsonl") && list.contains("1 answered differently"), "{list}");
    // The number that a signature of the program asks for.
    let named = format!("Run {}", kept["id"]);
    assert!(list.contains(&named), "{named}: {list}");
    let page = house.by("manager").get(&format!("/quality/validation/{}", kept["id"])).expect(200).page().text();
    assert!(page.contains("r2") && page.contains("\"12.2\"") && page.contains(&named), "{page}");
    house.by("tester1").get("/quality/validation").expect(404);
});

/// The codes of a refused signature.
fn refused(house: &House, body: &Value, status: u16) -> Vec<String> {
    house.ask("manager", "/api/v1/program-validations", body).expect(status).codes()
}

// Requirement: Q711-2
demonstrated!(the_technical_manager_signs_the_program_as_it_stands, |lis: TestLis| {
    let house = House::of(&lis);
    let home = || house.by("manager").get("/").expect(200).page().text();
    assert!(home().contains("Program not validated yet in this version"), "{}", home());
    let standing = || house.get("quality", "/api/v1/program-standing");
    let before = standing();
    assert_eq!((&before["validated"], &before["changed"]), (&json!(false), &json!([])));
    let newest = lis.texts("SELECT max(version) AS value FROM __diesel_schema_migrations");
    assert_eq!(text(&before["tables"]), newest[0]);
    let used = before["profiles"].as_array().expect("profiles");
    assert!(!used.is_empty() && used.iter().all(|one| one["regression"] == "with_program"), "{used:?}");

    // Everything that stands against it at once: an answer that differs, another thing seen, no grant.
    let wrong = validate(&house, "quality", "wrong.jsonl", WRONG).expect(201).json();
    let other = json!({"run": wrong["id"], "seen": "0".repeat(64)});
    assert_eq!(refused(&house, &other, 409), ["validation-changed", "validation-differs", "signing-grant-missing"]);
    let body = program_to_validate(&house);
    assert_eq!(refused(&house, &body, 403), ["signing-grant-missing"]);
    house.sign("manager", "validated");
    house.ask("quality", "/api/v1/program-validations", &body).expect(404);
    let id = number(&house.done("manager", "/api/v1/program-validations", &body), "id");
    assert_eq!(
        lis.texts("SELECT meaning AS value FROM signature WHERE object_kind = 'program_validation'"),
        ["validated"]
    );
    let after = standing();
    assert_eq!((&after["validated"], &after["seen"]), (&json!(true), &before["seen"]));
    assert!(!home().contains("Program not validated yet"), "{}", home());

    let found = house.get("quality", &format!("/api/v1/program-validations/{id}"));
    assert_eq!((&found["run"]["id"], &found["profiles"]), (&body["run"], &before["profiles"]));
    assert_eq!(found["validation"]["remark"], body["remark"]);
    let paper = house.by("quality").get(&format!("/quality/validation/program/{id}/pdf")).expect(200);
    assert!(paper.body.starts_with(b"%PDF-"));

    // An instrument that is read with another profile is a change, and so is a page that was opened before it.
    let code = text(&used[0]["instruments"]).split(' ').next().expect("an instrument").to_owned();
    lis.sql(&format!("UPDATE instrument SET profile = 'gone@1' WHERE code = '{code}'")).expect("another profile");
    let changed = standing();
    assert_eq!((&changed["validated"], &changed["changed"]), (&json!(false), &json!(["profiles"])));
    assert_eq!(refused(&house, &body, 409), ["validation-changed", "validation-profiles"]);
    let page = house.by("manager").get("/quality/validation/program").expect(200).page();
    assert_eq!(page.texts("a[aria-current='page']"), ["Validation"], "the place of the menu");
    let page = page.text();
    assert!(page.contains("Not validated yet as it stands") && page.contains("reads differently"), "{page}");
    assert_eq!(lis.rows("program_validation"), 1);
});
