//! Raw records (原始记录): bench work that is typed by nature has a form per method, kept cell by cell like any other value,
//! and printed with everything that was ever entered.

use lis_tests::{Reply, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, Sheet, number, printed, rice_order, text, uuid, with};

/// A sheet for one item of rice, opened for an instrument or none.
fn opened(house: &House, item: &str, instrument: Option<i64>) -> Sheet {
    let sample = house.receive(house.order(&with(rice_order(), &json!({"items": [item]}))));
    house.assign(sample.label(), "tester2");
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let own = items.iter().filter(|one| one["label_code"] == sample.label());
    let ids: Vec<i64> = own.map(|one| number(one, "id")).collect();
    let body = json!({"items": ids, "instrument_id": instrument});
    let opened = house.done("tester2", "/api/v1/worksheets", &body);
    Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() }
}

/// The id of the first place of a kind.
fn place(house: &House, sheet: &Sheet, kind: &str) -> i64 {
    let view = house.sheet(sheet);
    let places = view["positions"].as_array().expect("positions");
    number(places.iter().find(|one| one["kind"] == kind).expect("a place of this kind"), "id")
}

/// Typed cells of a place: field, determination, value; all with one reason.
fn typed(house: &House, sheet: &Sheet, place: i64, cells: &[(&str, i64, &str)], reason: &str) -> Reply {
    let entry = |(field, replicate, value): &(&str, i64, &str)| {
        json!({
            "position": place, "field": field, "replicate": replicate, "value": value, "seen": 0, "reason": reason,
            "uuid": uuid(),
        })
    };
    let entries: Vec<Value> = cells.iter().map(entry).collect();
    house.ask(&sheet.tester, &format!("/api/v1/worksheets/{}/entries", sheet.id), &json!({"entries": entries}))
}

demonstrated!(a_raw_record_is_typed_in_its_form_and_printed_with_its_corrections, |lis: TestLis| {
    let house = House::of(&lis);
    let oven = json!({"code": "OVEN-01", "name": "电热鼓风干燥箱", "status": "qualified"});
    let oven = number(&house.done("manager", "/api/v1/instruments", &oven), "id");
    let sheet = opened(&house, "moisture|GB 5009.3", None);
    let here = place(&house, &sheet, "sample");
    let form = house.sheet(&sheet)["form"].clone();
    assert_eq!((&form["code"], &form["fields"][0]["name_zh"]), (&"moisture-drying".into(), &"干燥箱".into()));

    // What no field holds: an oven that nobody registered, a temperature that nobody dries at, a day that is no time.
    let wrong = [("oven", 1, "OVEN-9"), ("drying_temperature", 1, "110"), ("dried_from", 1, "yesterday")];
    let refused = typed(&house, &sheet, here, &wrong, "").expect(422).codes();
    assert_eq!(refused, ["value-implausible", "field-invalid", "field-invalid"]);
    assert_eq!(
        typed(&house, &sheet, here, &[("oven", 2, "OVEN-01")], "").expect(422).codes(),
        ["input-unknown"],
        "once a sheet"
    );

    // Needed are the three weighings of two determinations, and of the form the oven and its temperature.
    let version = number(&house.sheet(&sheet), "version");
    let submission = format!("/api/v1/worksheets/{}/submission", sheet.id);
    let missing = house.ask_on("tester2", &submission, version, &json!({})).expect(422);
    assert_eq!(missing.codes(), ["input-missing"; 8]);
    assert!(missing.text().contains("Drying temperature"), "named as the form names it: {}", missing.text());

    // Out of the plausible range with a reason: 101~105 °C is the range.
    typed(&house, &sheet, here, &[("drying_temperature", 1, "106")], "仪表读数，已记录偏差").expect(200);
    // (30.0000 - 29.5000) x 100 / 5.0000 = 10 g/100 g in both determinations.
    let mut cells = vec![("oven", 1, "OVEN-01"), ("dried_from", 1, "2026-11-27 08:00"), ("dish", 1, "A1")];
    for number in [1, 2] {
        cells.extend([
            ("mass", number, "5.0000"),
            ("mass_before", number, "30.0000"),
            ("mass_after", number, "29.5000"),
        ]);
    }
    typed(&house, &sheet, here, &cells, "").expect(200);
    let page = house.by("tester2").get(&format!("/worksheets/{}", sheet.id)).expect(200).page();
    let entries = page.form(&format!("/worksheets/{}/entries", sheet.id));
    assert_eq!(entries.value(&format!("v-{here}-oven-1")), Some(""), "it is typed above the grid");
    assert!(page.text().contains("Dish and portion before drying"), "the grid speaks as the form does");
    assert_eq!(house.submit(&sheet), "submitted");

    // A slip that no result rests on: no new result, no non-conforming work; the old value stays in the record.
    let results = lis.rows("result_version");
    let correction = json!({
        "position": here, "field": "dish", "replicate": 1, "value": "A7", "seen": 1, "reason": "称量瓶编号抄错", "uuid": uuid(),
    });
    let corrected = house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", sheet.id), &correction);
    assert_eq!((&corrected["work"], &corrected["results"]), (&Value::Null, &json!([])));
    assert_eq!(lis.rows("result_version"), results);

    let record = house.get("checker", &format!("/api/v1/worksheets/{}/record", sheet.id));
    let cells = record["places"][0]["cells"].as_array().expect("cells");
    let dish = cells.iter().find(|cell| cell["field"] == "dish").expect("the dish");
    let values: Vec<String> =
        dish["entries"].as_array().expect("entries").iter().map(|one| text(&one["value"])).collect();
    assert_eq!(values, ["A1", "A7"]);
    assert_eq!(record["conditions"][0]["entries"][0]["value"], "OVEN-01");
    let paper = house.by("checker").get(&format!("/worksheets/{}/record", sheet.id)).expect(200).page();
    let said = paper.text();
    for part in [
        "Raw record: moisture by direct drying",
        "OVEN-01",
        "仪表读数，已记录偏差",
        "A1",
        "A7",
        "称量瓶编号抄错",
        "g/100g",
        &sheet.number,
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(paper.texts("main s").len(), 1, "what was corrected is struck through");

    let filed = house.by("checker").get(&format!("/worksheets/{}/record/pdf", sheet.id)).expect(200);
    let said = printed(&filed.body);
    for part in [
        "Raw record: moisture by direct drying",
        &format!("Worksheet {}", sheet.number),
        "GB 5009.3",
        "OVEN-01",
        "仪表读数",
        "A1",
        "A7",
        "称量瓶编号抄错",
        "5.0000 g",
        "Calculation and judgement",
        "Controls: accepted",
        "Tested",
        "Printed by",
        "Page 1 of",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let for_programs = house.by("checker").get(&format!("/api/v1/worksheets/{}/record/pdf", sheet.id)).expect(200);
    assert!(printed(&for_programs.body).contains(&sheet.number));
    house.by("checker").get("/worksheets/999999/record/pdf").expect(404);

    // The oven is known by the record that names it; parallels that agree do not show that it was good.
    let doubt = json!({
        "subject": "instrument", "instrument": oven.to_string(), "risk": "low", "description": "干燥箱温度偏差", "hold": "off",
    });
    assert_eq!(house.done("checker", "/api/v1/nonconforming-work", &doubt)["items"], 1);
});

demonstrated!(most_probable_numbers_are_read_from_the_table_of_the_standard, |lis: TestLis| {
    let house = House::of(&lis);
    let sheet = opened(&house, "v-parahaemolyticus|GB 4789.7", None);
    let here = place(&house, &sheet, "sample");
    assert_eq!(house.sheet(&sheet)["form"]["code"], "most-probable-number");
    // More positive tubes than tubes, and a number of tubes that the table is not for.
    let wrong = [("tubes_1", 1, "4/3"), ("tubes_2", 1, "1/5"), ("tubes_3", 1, "0")];
    let refused = typed(&house, &sheet, here, &wrong, "").expect(422).codes();
    assert_eq!(refused, ["value-unreadable", "field-invalid", "value-unreadable"]);
    let seen = [("tubes_1", 1, "3/3"), ("tubes_2", 1, "1/3"), ("tubes_3", 1, "0/3")];
    typed(&house, &sheet, here, &seen, "").expect(200);
    assert_eq!(house.submit(&sheet), "submitted");
    let result = house.get("checker", &format!("/api/v1/worksheets/{}/record", sheet.id))["results"][0].clone();
    assert_eq!(result["reported"], "43 MPN/g");
    let steps = result["steps_en"].to_string();
    assert!(steps.contains("positive tubes 3/3, 1/3, 0/3"), "{steps}");
    assert!(steps.contains("95 % confidence limits 9 to 180"), "{steps}");
});

demonstrated!(a_reading_typed_beside_a_connected_instrument_needs_a_reason, |lis: TestLis| {
    let house = House::of(&lis);
    let connected = lis.numbers("SELECT id AS value FROM instrument WHERE code = 'AAS-01' AND profile <> ''")[0];
    // The method's rule says that it is titrated by hand; this sheet was opened for an instrument that sends.
    let item = "acid-value-fat|GB 5009.229";
    let sheet = opened(&house, item, Some(connected));
    let here = place(&house, &sheet, "sample");
    let silent = typed(&house, &sheet, here, &[("reading", 1, "2.1")], "").expect(422).codes();
    assert_eq!(silent, ["typed-reason-missing"]);
    let places = house.sheet(&sheet)["positions"].clone();
    assert!(places.as_array().expect("positions").iter().all(|one| one["connected"] == true), "{places}");
    typed(&house, &sheet, here, &[("mass", 1, "10.00")], "").expect(200);
    typed(&house, &sheet, here, &[("reading", 1, "2.1")], "自动滴定仪停机").expect(200);

    let by_hand = opened(&house, item, None);
    let here = place(&house, &by_hand, "sample");
    typed(&house, &by_hand, here, &[("reading", 1, "2.1")], "").expect(200);
});

demonstrated!(a_lot_of_the_raw_record_is_looked_at_by_its_gate, |lis: TestLis| {
    let house = House::of(&lis);
    let gate = json!({"gate": "standards", "mode": "block", "valid_from": "2026-11-27", "reason": "试运行结束"});
    house.sign("manager", "set");
    house.done("manager", "/api/v1/gates", &gate);
    let lot = |code: &str, expires_on: &str| {
        let body = json!({
            "code": code, "kind": "standard", "name": "氢氧化钾标准滴定溶液", "received_on": "2026-01-05",
            "expires_on": expires_on, "prepared_by": "检验员乙",
        });
        house.done("tester2", "/api/v1/lots", &body);
    };
    lot("KOH-1", "2026-11-26");
    let sheet = opened(&house, "acid-value-fat|GB 5009.229", None);
    // The titrant stands once on the sheet: at its first place, the blank.
    let first = place(&house, &sheet, "blank");
    let unknown = typed(&house, &sheet, first, &[("titrant", 1, "KOH-9")], "").expect(422).codes();
    assert_eq!(unknown, ["lot-unknown"]);
    typed(&house, &sheet, first, &[("titrant", 1, "KOH-1")], "").expect(200);
    let version = number(&house.sheet(&sheet), "version");
    let path = format!("/api/v1/worksheets/{}/submission", sheet.id);
    let codes = house.ask_on("tester2", &path, version, &json!({})).expect(409).codes();
    assert_eq!(codes[0], "lot-expired", "{codes:?}");
});
