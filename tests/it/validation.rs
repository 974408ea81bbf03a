//! The laboratory's own validation file: asked by those who answer for methods and quality, kept with what was answered.

use lis_tests::{TestLis, demonstrated};

use crate::steps::{House, number, text, validate};

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
    assert_eq!(lis.rows("validation_run"), 2, "nothing is kept of a file that is none");

    let list = house.by("manager").get("/quality/validation").expect(200).page().text();
    assert!(list.contains("own.jsonl") && list.contains("1 answered differently"), "{list}");
    let page = house.by("manager").get(&format!("/quality/validation/{}", kept["id"])).expect(200).page().text();
    assert!(page.contains("r2") && page.contains("\"12.2\""), "{page}");
    house.by("tester1").get("/quality/validation").expect(404);
});
