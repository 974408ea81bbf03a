//! The environment of the laboratory: limits that methods demand, readings, what lay outside and what it touches.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::{TODAY, complete_sheet, import, set_gate, submit};
use crate::steps::{House, number, rice_order, room, text, uuid, with};

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

// Requirement: Q63-1
demonstrated!(a_reading_keeps_the_verdict_of_the_limits_of_its_day, |lis: TestLis| {
    let house = House::of(&lis);
    let id = number(&house.done("manager", "/api/v1/rooms", &room("B-101", "")), "id");
    let path = format!("/api/v1/rooms/{id}");
    let readings = format!("{path}/readings");
    let read = |at: &str, temperature: &str| {
        let body = json!({"read_at": format!("{TODAY} {at}"), "temperature": temperature, "humidity": "50"});
        house.done("tester2", &readings, &body)["within"].clone()
    };
    assert_eq!(read("07:00", "24.0"), json!(true));

    // Narrower from today on: 24.0 of this morning stays within, the same value afterwards lies outside.
    let change = |seen: i64, from: &str| {
        let body = with(room("B-101", ""), &json!({"temperature_most": "23", "limits_from": from}));
        let manager = house.by("manager");
        manager.send_json("PUT", &path, &body).header("sec-fetch-site", "same-origin").key(&uuid()).seen(seen).send()
    };
    assert_eq!(change(1, "2026-11-26").expect(422).codes(), ["limits-from-past"]);
    change(1, "").expect(200);
    assert_eq!(read("08:00", "24.0"), json!(false));
    let within = |shown: &Value| -> Vec<Value> {
        let all = shown["readings"].as_array().expect("readings").iter();
        all.map(|one| one["within"].clone()).collect()
    };
    let shown = house.get("quality", &path);
    assert_eq!(within(&shown), [json!(false), json!(true)], "newest first");
    let limits = shown["room"]["limits"].as_array().expect("limits");
    assert_eq!(limits.iter().map(|one| text(&one["temperature_most"])).collect::<Vec<_>>(), ["25", "23"]);
    assert_eq!(shown["room"]["temperature_most"], "23");

    // The same limits once more are no new ones; later ones wait for their day.
    change(2, "").expect(200);
    assert_eq!(lis.rows("room_limits"), 2);
    let body = with(room("B-101", ""), &json!({"temperature_most": "30", "limits_from": "2026-12-01"}));
    let manager = house.by("manager");
    let later = manager.send_json("PUT", &path, &body).header("sec-fetch-site", "same-origin");
    later.key(&uuid()).seen(3).send().expect(200);
    assert_eq!(house.get("quality", &path)["room"]["temperature_most"], "23");
    assert_eq!(read("08:20", "24.0"), json!(false));
    let page = house.by("quality").get(&format!("/environment/{id}")).expect(200).page();
    assert!(page.text().contains("2026-12-01"));
});

// Requirement: Q63-1
demonstrated!(an_excursion_is_told_and_waits_for_the_quality_officer, |lis: TestLis| {
    let house = House::of(&lis);
    let body = with(room("F-01", ""), &json!({"recipients": "custodian;nobody"}));
    assert_eq!(house.ask("manager", "/api/v1/rooms", &body).expect(422).codes(), ["room-recipient"]);
    let body = with(room("F-01", ""), &json!({"recipients": "custodian"}));
    let id = number(&house.done("manager", "/api/v1/rooms", &body), "id");
    let read = |id: i64, at: &str, temperature: &str| {
        let body = json!({"read_at": format!("{TODAY} {at}"), "temperature": temperature, "humidity": "50"});
        house.done("tester2", &format!("/api/v1/rooms/{id}/readings"), &body);
    };
    for (at, temperature) in [("07:00", "20.0"), ("08:00", "26.0"), ("08:10", "27.0")] {
        read(id, at, temperature);
    }
    let told = || lis.texts("SELECT recipient AS value FROM mail WHERE about_kind = 'room_excursion' ORDER BY id");
    assert_eq!(told(), ["custodian@lis.example"], "once, however long it goes on");
    let home = house.by("quality").get("/").expect(200).page();
    assert!(home.text().contains("Excursions of rooms to handle"));

    let listed = house.items("quality", "/api/v1/excursions");
    assert_eq!((listed.len(), &listed[0]["room"]), (1, &json!("F-01")));
    let path = format!("/api/v1/excursions/{}", listed[0]["id"]);
    let handling = json!({"handling": "冷藏箱门未关严，样品温度未超限"});
    let handle = |seen: i64| house.ask_on("quality", &format!("{path}/handling"), seen, &handling);
    assert_eq!(handle(1).expect(409).codes(), ["excursion-goes-on"]);
    read(id, "08:20", "20.0");
    handle(1).expect(200);
    assert_eq!(handle(2).expect(409).codes(), ["excursion-handled"]);
    let shown = house.get("quality", &path);
    // After the good reading of 07:00 and before that of 08:20, in China.
    let time = [&shown["from"], &shown["began"], &shown["until"]].map(text);
    assert_eq!(time, ["2026-11-26T23:00:00.000Z", "2026-11-27T00:00:00.000Z", "2026-11-27T00:20:00.000Z"]);
    let home = house.by("quality").get("/").expect(200).page();
    assert!(!home.text().contains("Excursions of rooms to handle"), "nothing waits any more");
    let page = house.by("manager").get(&format!("/excursions/{}", listed[0]["id"])).expect(200).page();
    assert!(page.text().contains("冷藏箱门未关严"));

    // Nobody is named for the other room.
    let other = number(&house.done("manager", "/api/v1/rooms", &room("F-02", "")), "id");
    read(other, "08:00", "26.0");
    assert_eq!(told(), ["custodian@lis.example", "quality@lis.example"]);
});

// Requirement: Q63-1, Q63-2, Q74-3
demonstrated!(where_a_sample_lay_is_known_and_keeps_it_from_where_it_would_spoil, |lis: TestLis| {
    let house = House::of(&lis);
    let add = |code: &str, kind: &str, places: &str| {
        let body = with(room(code, ""), &json!({"kind": kind, "places": places}));
        house.ask("manager", "/api/v1/rooms", &body)
    };
    let store = number(&add("F-01", "sample_store", "A-2-1;B-2-2").expect(201).json(), "id");
    add("H-01", "high_contamination", "H-1").expect(201);
    add("T-01", "trace_analysis", "T-1").expect(201);
    assert_eq!(add("X-01", "", "H-1").expect(409).codes(), ["place-taken"]);

    // Test and backup are received into the store, which lies outside its limits.
    let sample = house.receive(house.order(&rice_order()));
    // A slip of the key is no reading.
    for (field, impossible) in
        [("temperature", "-300"), ("temperature", "1000.1"), ("humidity", "-1"), ("humidity", "150")]
    {
        let mut slip = json!({"read_at": format!("{TODAY} 07:00"), "temperature": "20.0", "humidity": "50"});
        slip[field] = json!(impossible);
        let refused = house.ask("tester2", &format!("/api/v1/rooms/{store}/readings"), &slip).expect(422);
        assert_eq!(refused.json()["reasons"][0]["field"], field, "{impossible}");
    }
    let outside = json!({"read_at": format!("{TODAY} 08:00"), "temperature": "26.0", "humidity": "50"});
    house.done("tester2", &format!("/api/v1/rooms/{store}/readings"), &outside);
    let excursion = house.items("quality", "/api/v1/excursions")[0]["id"].clone();
    let kept = house.get("quality", &format!("/api/v1/excursions/{excursion}"))["samples"].clone();
    let labels: Vec<String> = kept.as_array().expect("samples").iter().map(|one| text(&one["label_code"])).collect();
    assert_eq!((labels, text(&kept[0]["sample_no"])), (sample.labels.clone(), sample.number.clone()));
    let page = house.by("quality").get(&format!("/excursions/{excursion}")).expect(200).page();
    assert!(page.text().contains(&sample.number));

    let path = format!("/api/v1/samples/{}", sample.id);
    let part = house.get("custodian", &path)["parts"][0].clone();
    let (id, version) = (number(&part, "id"), number(&part, "version"));
    let bring = |seen: i64, place: &str, reason: &str| {
        let body = json!({"event": "move", "holder_id": "", "location": place, "reason": reason});
        house.ask_on("custodian", &format!("/api/v1/parts/{id}/custody"), seen, &body)
    };
    bring(version, "H-1", "").expect(200);
    assert_eq!(bring(version + 1, "T-1", "已密封").expect(409).codes(), ["places-incompatible"]);
    // What is taken from it is no cleaner.
    let split = json!({"quantities": ["0.1"], "location": "T-1"});
    let refused = house.ask_on("custodian", &format!("/api/v1/parts/{id}/split"), version + 1, &split).expect(409);
    assert_eq!(refused.codes(), ["places-incompatible"]);
    let apart = json!({
        "from_kind": "high_contamination", "into_kind": "trace_analysis", "mode": "warn", "reason": "样品均密封",
    });
    house.done("manager", "/api/v1/separations", &apart);
    assert_eq!(bring(version + 1, "T-1", "").expect(409).codes(), ["separation-unconfirmed"]);
    bring(version + 1, "T-1", "密封未开启").expect(200);

    let shown = house.get("custodian", &path);
    let stays = shown["stays"].as_array().expect("stays");
    let places: Vec<String> = stays.iter().map(|one| text(&one["place"])).collect();
    assert_eq!(places, ["A-2-1", "B-2-2", "H-1", "T-1"]);
    let open: Vec<bool> = stays.iter().map(|one| one["ended"].is_null()).collect();
    assert_eq!(open, [false, true, false, true]);
    let lay_outside: Vec<&Value> = stays.iter().map(|one| &one["excursions"]).collect();
    assert_eq!(lay_outside, [&json!([excursion]), &json!([excursion]), &json!([]), &json!([])]);
    let page = house.by("custodian").get(&format!("/samples/{}", sample.id)).expect(200).page();
    assert!(page.text().contains("Where it was kept") && page.text().contains("T-01"));
    let page = house.by("quality").get("/separations").expect(200).page();
    assert!(page.text().contains("样品均密封"));
});

demonstrated!(rooms_come_from_a_file_all_or_none, |lis: TestLis| {
    let house = House::of(&lis);
    house.done("manager", "/api/v1/rooms", &room("B-101", ""));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("rooms.csv");
    let loaded = |lines: &str| {
        std::fs::write(&path, format!("code,name,temperature_least,temperature_most\n{lines}"))
            .expect("a writable directory");
        let done = import(&lis, "rooms", &path);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.success(), said)
    };
    let (good, said) = loaded("F-01,样品冷藏箱,2,8\nB-101,天平室,15,25\n");
    assert!(!good && said.contains("row 3, column code"), "{said}");
    assert_eq!(lis.rows("room"), 1, "nothing of it");
    let (good, said) = loaded("F-01,样品冷藏箱,2,8\nF-02,样品冷冻箱,,-18\n");
    assert!(good && said.contains("2 rows imported"), "{said}");
    let most = lis.texts("SELECT temperature_most AS value FROM room_limits ORDER BY id");
    assert_eq!(most, ["25", "8", "-18"]);
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
    assert!(good && said.contains("1 row imported"), "{said}");
    let (good, said) = loaded(good_line);
    assert!(good && said.contains("0 rows imported"), "{said}");
    assert_eq!(lis.texts("SELECT temperature AS value FROM room_reading"), ["20.10"], "as the sensor wrote it");

    // What lies outside waits for the quality officer as a typed reading does, once.
    let hot = "B-101,2025-11-25T09:00:00+08:00,31.0,45,TH-1\n";
    for rows in ["1 row", "0 rows"] {
        let (good, said) = loaded(hot);
        assert!(good && said.contains(&format!("{rows} imported")), "{said}");
        let excursions = house.items("quality", "/api/v1/excursions");
        assert_eq!(excursions.len(), 1, "{excursions:?}");
        assert_eq!(excursions[0]["began"], "2025-11-25T01:00:00.000Z");
    }
});
