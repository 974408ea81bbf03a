//! The benches: blind, for authorized people only, and checked by somebody else.

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, market_rice, number, rice_order, with};

// Requirement: Q74-5
demonstrated!(a_bench_knows_codes_and_nothing_else, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.measure_cadmium(sample.label(), "tester2", "2.05");
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    let seen = [
        ("tester2", format!("/worksheets/{}", sheet.id)),
        ("tester2", "/worksheets".to_owned()),
        ("tester2", "/inbox".to_owned()),
        ("tester2", format!("/api/v1/worksheets/{}", sheet.id)),
        ("tester2", "/api/v1/items?state=calculated&limit=500".to_owned()),
        ("checker", "/check".to_owned()),
        ("checker", format!("/check/{}", item["id"])),
        ("checker", format!("/api/v1/items/{}/evidence", item["id"])),
        ("manager", "/assignment".to_owned()),
    ];
    let hidden = ["霸州示例糕点厂", "91131081MA0DEM013G", "金穗", "糕点厂联系人", sample.number.as_str(), "20261110"];
    for (username, path) in seen {
        let shown = house.by(username).get(&path).expect(200).text();
        for word in hidden {
            assert!(!shown.contains(word), "{path} shows {word} to {username}");
        }
    }
    // The page of a sheet does show what a bench works by.
    let page = house.by("tester2").get(&format!("/worksheets/{}", sheet.id)).expect(200).text();
    assert!(page.contains(sample.label()));
});

// Of the shipped rules of calculation one is for GB 5009.15 and none for GB 5009.11.
demonstrated!(who_assigns_sees_that_a_procedure_has_no_rule_of_calculation, |lis: TestLis| {
    let house = House::of(&lis);
    let both = json!({"items": ["cd|GB 5009.15", "total-as|GB 5009.11"]});
    let sample = house.receive(house.order(&with(rice_order(), &both)));
    let waiting = house.items("manager", "/api/v1/assignments?limit=500");
    let page = house.by("manager").get("/assignment").expect(200).page();
    let said = |analyte: &str| {
        let own = |item: &&Value| item["label_code"] == sample.label() && item["analyte"] == analyte;
        let item = waiting.iter().find(own).expect("an item");
        page.texts(&format!("#f-item-{} .sub", item["id"])).join(" ")
    };
    assert!(
        said("total-as").contains("No rule of calculation: the reading is taken as the result"),
        "{}",
        said("total-as")
    );
    assert_eq!(said("cd"), "");
});

// Requirement: Q62-2
demonstrated!(items_go_to_authorized_testers_and_stay_theirs, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    let waiting = house.items("manager", "/api/v1/assignments?limit=500");
    let item = waiting.iter().find(|item| item["label_code"] == sample.label()).expect("an item").clone();
    let give = |tester: i64| {
        let body = json!({"assignments": [{"item": item["id"], "version": item["version"], "tester": tester}]});
        house.ask("manager", "/api/v1/assignments", &body)
    };
    let expired = give(house.person("tester3")).expect(409);
    assert_eq!(expired.codes(), ["authorization-expired"]);
    assert!(expired.text().contains("2026-11-10"), "names the last day: {}", expired.text());
    let unknown = lis.person("novice", &[Role::Tester]);
    assert_eq!(give(unknown.id).expect(409).codes(), ["authorization-missing"]);
    assert_eq!(give(house.person("custodian")).expect(422).codes(), ["not-a-tester"]);
    give(house.person("tester2")).expect(200);
    assert_eq!(give(house.person("tester1")).expect(412).codes(), ["item-changed"], "seen before the first");

    // Who took a sample does not test it, whatever else he may.
    let taken = house.receive(house.write_form(&market_rice()));
    lis.sql("INSERT INTO person_role (person_id, role) SELECT id, 'tester' FROM person WHERE username = 'sampler1'")
        .expect("a sampler who tests as well");
    let waiting = house.items("manager", "/api/v1/assignments?limit=500");
    let own = waiting.iter().find(|item| item["label_code"] == taken.label()).expect("an item of it").clone();
    let body =
        json!({"assignments": [{"item": own["id"], "version": own["version"], "tester": house.person("sampler1")}]});
    let refused = house.ask("manager", "/api/v1/assignments", &body).expect(409);
    assert_eq!(refused.codes(), ["authorization-missing", "tester-sampled"]);
    assert!(refused.text().contains("抽样员甲"), "{}", refused.text());
    // Nor does its custodian.
    lis.sql("INSERT INTO person_role (person_id, role) SELECT id, 'tester' FROM person WHERE username = 'custodian'")
        .expect("a custodian who tests as well");
    let body =
        json!({"assignments": [{"item": own["id"], "version": own["version"], "tester": house.person("custodian")}]});
    let refused = house.ask("manager", "/api/v1/assignments", &body).expect(409);
    assert_eq!(refused.codes(), ["authorization-missing", "tester-received"]);

    let open = |tester: &str| house.ask(tester, "/api/v1/worksheets", &json!({"items": [item["id"]]}));
    assert_eq!(open("tester1").expect(409).codes(), ["not-your-item"]);
    let sheet = house.open("tester2", sample.label(), "cd");
    let entries = |changes: &[(&str, Value)]| {
        let mut body = house.entries(&sheet, &[(sample.label(), "cd", "reading", "2.05")]);
        for (field, value) in changes {
            body["entries"][0][*field] = value.clone();
        }
        body
    };
    let path = format!("/api/v1/worksheets/{}/entries", sheet.id);
    assert_eq!(house.ask("tester1", &path, &entries(&[])).expect(409).codes(), ["not-your-worksheet"]);
    let silent = house.ask("tester2", &path, &entries(&[("reason", json!(""))])).expect(422);
    assert_eq!(silent.codes(), ["typed-reason-missing"], "this method's instrument is connected");
    let words = house.ask("tester2", &path, &entries(&[("value", json!("two"))])).expect(422);
    assert_eq!(words.codes(), ["value-unreadable"]);
    // The mark of an entry on another sheet.
    let typed =
        lis.texts("SELECT min(client_uuid) AS value FROM result_entry WHERE client_uuid NOT LIKE 'observation-%'");
    let taken = house.ask("tester2", &path, &entries(&[("uuid", json!(typed[0]))])).expect(422);
    assert_eq!(taken.codes(), ["entry-mark-taken"]);
    house.ask("tester2", &path, &entries(&[])).expect(200);
    let other = house.ask("tester2", &path, &entries(&[("value", json!("9.99"))])).expect(409);
    assert_eq!(other.codes(), ["entry-conflict"], "somebody was faster; nothing is overwritten");

    let submission = format!("/api/v1/worksheets/{}/submission", sheet.id);
    let version = number(&house.sheet(&sheet), "version");
    let incomplete = house.ask_on("tester2", &submission, version, &json!({})).expect(422).codes();
    // Sample: volume and mass; duplicate: all three; blank: its reading.
    assert_eq!(incomplete, ["input-missing"; 6]);

    // What is unsaved goes with the submission by the rules of `/entries`: with it or not at all.
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let rest = |reading: &str| {
        let cells = [
            (sample.label(), "cd", "volume", "10"),
            (sample.label(), "cd", "mass", "0.5000"),
            (duplicate.as_str(), "cd", "reading", reading),
            (duplicate.as_str(), "cd", "volume", "10"),
            (duplicate.as_str(), "cd", "mass", "0.5000"),
            (blank.as_str(), "cd", "reading", "0.01"),
        ];
        house.entries(&sheet, &cells)
    };
    let entered = lis.rows("result_entry");
    let refused = house.ask_on("tester2", &submission, version, &rest("two")).expect(422);
    assert_eq!(refused.codes(), ["value-unreadable"]);
    assert!(refused.text().contains("-reading-1"), "the cell is named: {}", refused.text());
    assert_eq!(lis.rows("result_entry"), entered, "nothing of it is kept");
    let submitted = house.ask_on("tester2", &submission, version, &rest("2.05")).expect(200).json();
    assert_eq!((&submitted["state"], submitted["results"].as_array().map(Vec::len)), (&json!("submitted"), Some(1)));
    assert_eq!(lis.rows("result_entry"), entered + 6);
    let gone = house.ask_on("tester2", &submission, version, &rest("2.06")).expect(412);
    assert_eq!(gone.codes(), ["stale-version"]);
});

// Requirement: Q711-9
demonstrated!(nobody_checks_his_own_test, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    let seen = json!({"items": [{"id": item["id"], "version": item["version"]}]});
    // What is signed by a tick stands beside it.
    let listed = house.by("checker").get("/check").expect(200).page();
    let row = listed.texts(&format!("#f-item-{} td", item["id"])).join(" | ");
    for part in ["0.041", "GB 2762-2025 ≤ 0.2 mg/kg", "2.05", "0.5000", "-B1"] {
        assert!(row.contains(part), "{part} is not in {row}");
    }

    house.by("tester2").command("/api/v1/checks", &seen).send().expect(404);
    house.give_roles("tester2", &["tester", "checker"]);
    house.sign("tester2", "checked");
    let own = house.ask("tester2", "/api/v1/checks", &seen).expect(409);
    assert_eq!(own.codes(), ["checker-is-tester", "authorization-missing"], "every reason at once");

    // Whatever the checker signed for before has run out.
    lis.clock.advance_real(TimeDelta::minutes(11));
    let unsigned = house.ask("checker", "/api/v1/checks", &seen).expect(403);
    assert_eq!(unsigned.codes(), ["signing-grant-missing"]);
    let wrong = json!({"meaning": "checked", "signing_password": "demo-laboratory"});
    assert_eq!(house.ask("checker", "/api/v1/signing-grants", &wrong).expect(422).codes(), ["password-wrong"]);

    // Sent back with a reason, the item returns to its tester; the first result stays readable.
    let path = format!("/api/v1/items/{}/repeat", item["id"]);
    let version = number(item, "version");
    assert_eq!(house.ask_on("checker", &path, version, &json!({"reason": ""})).expect(422).codes(), ["field-missing"]);
    house.done_on("checker", &path, version, &json!({"reason": "读数与打印条不符"}));
    house.sign("checker", "checked");
    let gone = house.ask("checker", "/api/v1/checks", &seen).expect(412).codes();
    assert!(gone.contains(&"item-wrong-state".to_owned()), "{gone:?}");
    assert_eq!(house.assign(sample.label(), "tester2"), 1);
    house.measure_cadmium(sample.label(), "tester2", "2.10");
    let evidence = house.get("checker", &format!("/api/v1/items/{}/evidence", item["id"]));
    let reported: Vec<&str> =
        evidence["results"].as_array().expect("results").iter().filter_map(|one| one["reported"].as_str()).collect();
    // (2.10 - 0.01) x 10 / 500 = 0.0418 and (2.05 - 0.01) x 10 / 500 = 0.0408: two figures each.
    assert_eq!(reported, ["0.042", "0.041"]);
});

demonstrated!(a_checked_item_can_still_be_ordered_again, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    let items = house.items("checker", "/api/v1/items?state=checked&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item").clone();
    let (page, action) = (format!("/check/{}", item["id"]), format!("/check/{}/repeat", item["id"]));

    let checker = house.by("checker");
    let listed = checker.get("/check").expect(200).page();
    let links = listed.all("#checked a");
    assert!(links.iter().any(|link| link.value().attr("href") == Some(page.as_str())), "{}", listed.text());
    let shown = house.by("tester2").get(&page).expect(200).page();
    assert!(shown.all("main form").is_empty(), "who does not check changes nothing here");
    let shown = checker.get(&page).expect(200).page();
    assert_eq!(shown.all("main form").len(), 1, "it is checked already: {}", shown.text());
    checker.send(&checker.form(&page, &action).set("reason", "")).expect(422);
    checker.send(&checker.form(&page, &action).set("reason", "审核发现平行样偏差大")).expect(303);
    let waiting = house.items("manager", "/api/v1/assignments?state=repeat_ordered&limit=500");
    assert!(waiting.iter().any(|one| one["id"] == item["id"]), "{waiting:?}");
    assert!(checker.get(&page).expect(200).page().all("main form").is_empty(), "it is the tester's again");
});

// Requirement: Q75-1
demonstrated!(what_is_typed_long_after_it_was_made_needs_a_reason_and_is_marked, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let path = format!("/api/v1/worksheets/{}/entries", sheet.id);
    let weighed = |made_at: &str, reason: &str| {
        let mut body = house.entries(&sheet, &[(sample.label(), "cd", "mass", "0.5000")]);
        body["entries"][0]["made_at"] = json!(made_at);
        body["entries"][0]["reason"] = json!(reason);
        house.ask("tester2", &path, &body)
    };
    assert_eq!(weighed("2026-11-25 08:00", "").expect(422).codes(), ["entry-late"]);
    assert_eq!(weighed("2026-12-25 08:00", "").expect(422).codes(), ["entry-to-come"]);
    assert_eq!(weighed("yesterday", "").expect(422).codes(), ["field-invalid"]);
    weighed("2026-11-25 08:00", "天平室停网，补录纸质记录").expect(200);
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01"), (duplicate.as_str(), "cd", "mass", "0.5000")];
    for place in [sample.label(), &duplicate] {
        cells.extend([(place, "cd", "reading", "2.05"), (place, "cd", "volume", "10")]);
    }
    house.type_in(&sheet, &cells);
    assert_eq!(house.submit(&sheet), "submitted");

    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    let evidence = house.get("checker", &format!("/api/v1/items/{}/evidence", item["id"]));
    let entries = evidence["entries"].as_array().expect("entries");
    let late: Vec<_> = entries.iter().filter(|entry| !entry["run_at"].is_null()).collect();
    assert_eq!(late.len(), 1, "{entries:?}");
    assert_eq!((&late[0]["field"], &late[0]["run_at"]), (&json!("mass"), &json!("2026-11-25T00:00:00.000Z")));
    for (who, page) in [("checker", format!("/check/{}", item["id"])), ("tester2", format!("/worksheets/{}", sheet.id))]
    {
        let shown = house.by(who).get(&page).expect(200).page().text();
        assert!(shown.contains("typed late, made 2026-11-25") && shown.contains("天平室停网"), "{page}: {shown}");
    }
    // Who checks sees it in the list, who reviews sees what, when and why.
    assert_eq!(item["typed_late"], true);
    let list = house.by("checker").get("/check").expect(200).page().text();
    assert!(list.contains("values typed late"), "{list}");
    house.check(sample.label());
    let report = house.report(sample.id);
    let review = house.by("reviewer").get(&format!("/reports/{}", report["id"])).expect(200).page();
    let listed = review.texts("#typed-late tbody tr");
    assert_eq!(listed.len(), 1, "the other values were typed in time");
    for part in ["0.5000", "2026-11-25", "天平室停网"] {
        assert!(listed[0].contains(part), "{part}: {listed:?}");
    }
});

demonstrated!(the_grid_shows_how_each_result_came_about, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.measure_cadmium(sample.label(), "tester2", "2.05");
    let view = house.sheet(&sheet);
    let places = view["positions"].as_array().expect("positions");
    let place = |kind: &str| places.iter().find(|one| one["kind"] == kind).expect("a place");
    let steps = place("sample")["steps"].as_array().expect("steps");
    let has = |language: &str, sentence: &str| steps.iter().any(|one| one[language] == sentence);
    // GB 2762: at most 0.2 mg/kg of cadmium in rice; (2.05 - 0.01) x 10 / 500 = 0.0408.
    assert!(has("en", "Limit: ≤ 0.2 mg/kg") && has("zh", "限值：≤ 0.2 mg/kg"), "{steps:?}");
    let standard = |one: &Value| one["en"].as_str().is_some_and(|said| said.starts_with("Limit of GB 2762-20"));
    assert!(steps.iter().any(standard), "{steps:?}");
    assert!(has("en", "Verdict: conforms") && has("zh", "单项判定：符合"), "{steps:?}");
    assert_eq!(place("blank")["steps"], json!([]));

    let page = house.by("tester2").get(&format!("/worksheets/{}", sheet.id)).expect(200).text();
    assert!(page.contains(&format!("<details id=\"why-{}\"><summary>", place("sample")["id"])), "a key opens it");
    assert!(page.contains("<li>Limit: ≤ 0.2 mg/kg</li>"));
    assert!(page.contains(&format!("href=\"/check/{}\"", place("sample")["item_id"])));
});
