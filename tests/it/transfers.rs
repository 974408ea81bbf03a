//! Automatic transfers compared by hand: of every ten values from instruments one is drawn, and compared with the raw record.

use lis_tests::{TestLis, demonstrated};
use serde_json::json;

use crate::steps::{House, number, text};

// Requirement: Q711-6
demonstrated!(one_of_ten_values_is_drawn_and_compared_with_the_raw_record, |lis: TestLis| {
    let house = House::of(&lis);
    let transfers = lis.numbers("SELECT id AS value FROM result_entry WHERE observation_id IS NOT NULL ORDER BY id");
    assert!(transfers.len() >= 10, "the demonstration's instruments answered: {}", transfers.len());
    let list = "/api/v1/transfers?period=2026-11&limit=500";
    let drawn = house.items("checker", list);
    // The month is not over: from each whole ten one is drawn.
    assert_eq!(drawn.len(), transfers.len() / 10);
    for (ten, one) in transfers.chunks(10).zip(&drawn) {
        assert!(ten.contains(&number(one, "id")), "{one} is none of {ten:?}");
        assert_eq!(one["comparison"], json!(null));
        let entry = format!("SELECT value FROM result_entry WHERE id = {}", one["id"]);
        assert_eq!(lis.texts(&entry), [text(&one["value"])]);
    }
    assert_eq!(house.items("checker", list), drawn, "the same draw again");
    assert!(house.items("checker", "/api/v1/transfers?period=2026-10").is_empty());
    assert_eq!(house.by("checker").get("/api/v1/transfers?period=2026").expect(422).codes(), ["field-invalid"]);

    let id = &drawn[0]["id"];
    let page = format!("/quality/transfers/{id}");
    let checker = house.by("checker");
    let shown = checker.get("/quality/transfers?period=2026-11").expect(200).page();
    assert!(shown.text().contains("to be compared") && shown.text().contains(":2026-11"), "{}", shown.text());
    let one = checker.get(&page).expect(200).page();
    let raw = one.attribute("main a[href^='/evidence/']", "href").expect("the raw record");
    checker.get(raw.split('#').next().expect("an address")).expect(200);
    let refused = checker.send(&checker.form(&page, &page).set("outcome", "different")).expect(422).page();
    assert!(!refused.error_at("remark").is_empty(), "{}", refused.text());
    checker.send(&checker.form(&page, &page).set("outcome", "same")).expect(303);
    let compared = house.get("quality", &format!("/api/v1/transfers/{id}"));
    assert_eq!(compared["comparison"]["same"], true);
    let again = house.ask("quality", &format!("/api/v1/transfers/{id}/comparison"), &json!({"outcome": "same"}));
    assert_eq!(again.expect(409).codes(), ["transfer-compared"]);
    house.by("tester1").get(&page).expect(404);

    let figures = house.get("quality", "/api/v1/quality-report?period=2026-11");
    assert_eq!(number(&figures, "transfers"), transfers.len() as i64);
    assert_eq!((number(&figures, "transfers_compared"), number(&figures, "transfers_different")), (1, 0));
    let logged = lis.texts("SELECT body AS value FROM audit_entry WHERE event = 'transfer-compared'");
    assert!(logged.len() == 1 && logged[0].contains("checker"), "{logged:?}");
});
