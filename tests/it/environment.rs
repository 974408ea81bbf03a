//! The environment of the laboratory: limits that methods demand, readings, what lay outside and what it touches.

use lis_tests::{TestLis, demonstrated};
use serde_json::json;

use crate::gates::{TODAY, complete_sheet, import, set_gate, submit};
use crate::steps::{House, number, room, text};

// Requirement: Q63-1, Q74-3
demonstrated!(a_room_that_was_not_read_or_lay_outside_stops_what_demands_it, |lis: TestLis| {
    let house = House::of(&lis);
    let id = number(&house.done("manager", "/api/v1/rooms", &room("B-101", "GB 5009.15")), "id");
    let (_, sheet) = complete_sheet(&house, None);
    set_gate(&house, "environment", "block");
    assert_eq!(submit(&house, &sheet, "").expect(409).codes(), ["room-unread"]);

    let path = format!("/api/v1/rooms/{id}/readings");
    let reading = |at: &str, temperature: &str, humidity: &str| json!({"read_at": format!("{TODAY} {at}"), "temperature": temperature, "humidity": humidity});
    // The humidity has a limit too, and nobody read it.
    let first = house.done("tester2", &path, &reading("08:00", "25.0", ""));
    assert_eq!(first["within"], json!(true), "the limit itself is within");
    assert_eq!(submit(&house, &sheet, "").expect(409).codes(), ["room-unread"]);
    let outside = house.done("tester2", &path, &reading("08:10", "25.1", "50"));
    assert_eq!(outside["within"], json!(false));
    assert_eq!(submit(&house, &sheet, "急").expect(409).codes(), ["room-outside-limits"]);

    // The same reading once more is the same; another value of that moment is refused.
    assert_eq!(house.done("tester2", &path, &reading("08:10", "25.1", "50"))["id"], outside["id"]);
    assert_eq!(house.ask("tester2", &path, &reading("08:10", "24.1", "50")).expect(409).codes(), ["reading-differs"]);

    set_gate(&house, "environment", "warn");
    let unconfirmed = submit(&house, &sheet, "").expect(409).codes();
    assert_eq!(unconfirmed, ["room-outside-limits", "warnings-unconfirmed"]);
    submit(&house, &sheet, "天平间短时开门，称量在此前完成").expect(200);

    let shown = house.get("quality", &format!("/api/v1/rooms/{id}"));
    let touched = &shown["excursions"][0];
    // After 08:00, and it goes on: the sheet was begun and submitted since.
    assert_eq!((text(&touched["from"]), &touched["until"]), ("2026-11-27T00:00:00.000Z".to_owned(), &json!(null)));
    let own = touched["worksheets"].as_array().expect("worksheets").iter().find(|one| one["id"] == sheet.id);
    assert_eq!(own.expect("the sheet")["items"], json!(1), "one item with a result");
    let record = house.get("checker", &format!("/api/v1/worksheets/{}/record", sheet.id));
    let read = record["rooms"][0]["readings"].as_array().expect("readings");
    assert_eq!(record["rooms"][0]["code"], "B-101");
    let temperatures: Vec<String> = read.iter().map(|one| text(&one["temperature"])).collect();
    assert_eq!(temperatures, ["25.0", "25.1"], "the raw record has what was read on the day");
    let page = house.by("quality").get(&format!("/environment/{id}")).expect(200).page();
    assert!(page.text().contains(&sheet.number));
    assert_eq!(page.all("svg.control-chart").len(), 2, "temperature and humidity");
});

demonstrated!(a_room_that_no_method_demands_stops_nothing, |lis: TestLis| {
    let house = House::of(&lis);
    house.done("manager", "/api/v1/rooms", &room("B-101", "GB 5009.3"));
    set_gate(&house, "environment", "block");
    let (_, sheet) = complete_sheet(&house, None);
    assert_eq!(text(&submit(&house, &sheet, "").expect(200).json()["state"]), "submitted");
});

demonstrated!(the_file_of_a_sensor_is_taken_once, |lis: TestLis| {
    let house = House::of(&lis);
    house.done("manager", "/api/v1/rooms", &room("B-101", ""));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("sensor.csv");
    let loaded = |lines: &str| {
        std::fs::write(&path, format!("room,read_at,temperature,humidity,sensor\n{lines}"))
            .expect("a writable directory");
        let done = import(&lis, "environment", &path);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.success(), said)
    };
    let good_line = "B-101,2025-11-25T08:00:00+08:00,20.10,45,TH-1\n";
    let (good, said) = loaded(&format!("{good_line}B-999,2025-11-25 09:00,20,45,TH-1\n"));
    assert!(!good && said.contains("row 3, column room"), "{said}");
    assert_eq!(lis.rows("room_reading"), 0, "nothing of it");
    let (good, said) = loaded(good_line);
    assert!(good && said.contains("1 rows imported"), "{said}");
    let (good, said) = loaded(good_line);
    assert!(good && said.contains("0 rows imported"), "{said}");
    assert_eq!(lis.texts("SELECT temperature AS value FROM room_reading"), ["20.10"], "as the sensor wrote it");
});
