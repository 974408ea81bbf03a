//! Controls that hold a worksheet, and non-conforming work.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::calculations::load_formulas;
use crate::gates::{complete_sheet, submit};
use crate::steps::{House, Sheet, number, printed, rice_order, text, uuid, with};

// Requirement: Q77-1, Q77-2
demonstrated!(a_failed_control_holds_the_sheet_until_quality_lets_it_go, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    // The blank holds 0.50 x 10 / 500 = 0.01 mg/kg, five times the LOD and a third of the sample's 0.031. The duplicate,
    // 0.05 against 0.031, is 46.9 % of their mean apart.
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.50")];
    for (place, reading) in [(sample.label(), "2.05"), (duplicate.as_str(), "3.00")] {
        cells.extend([
            (place, "cd", "reading", reading),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    assert_eq!(house.submit(&sheet), "held");
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    let evidence = house.get("checker", &format!("/api/v1/items/{}/evidence", item["id"]));
    let controls: Vec<_> = evidence["qc"]["controls"]
        .as_array()
        .expect("controls")
        .iter()
        .map(|control| (text(&control["kind"]), text(&control["verdict"]), text(&control["figure"])))
        .collect();
    let stated = [("blank", "REJECT_BATCH", ""), ("duplicate", "REPEAT", "46.91")];
    assert_eq!(
        controls,
        stated.map(|(kind, verdict, figure)| (kind.to_owned(), verdict.to_owned(), figure.to_owned()))
    );

    // Whoever stands at the bench reads which control it was and by how much.
    let bench = house.by("tester2").get(&format!("/worksheets/{}", sheet.id)).expect(200).page().text();
    let by = "difference 46.91 %, allowed ";
    for said in ["Held: these controls failed", &format!("blank {blank}"), &format!("duplicate {duplicate}"), by] {
        assert!(bench.contains(said), "{said} is not in {bench}");
    }

    house.sign("checker", "checked");
    let seen = json!({"items": [{"id": item["id"], "version": item["version"]}]});
    let refused = house.ask("checker", "/api/v1/checks", &seen).expect(409);
    assert_eq!(refused.codes(), ["qc-held"]);
    // An English sentence names the item in English.
    let name = |column: &str| {
        lis.texts(&format!("SELECT {column} AS value FROM test_item WHERE id = {}", item["id"])).concat()
    };
    let said = refused.json()["reasons"][0].to_string();
    assert!(said.contains(&name("analyte_en")) && !said.contains(&name("analyte_zh")), "{said}");
    let waiting = house.by("quality").get("/quality").expect(200).page().text();
    assert!(waiting.contains(&sheet.number), "the held sheet waits for quality: {waiting}");

    let path = format!("/api/v1/worksheets/{}/release", sheet.id);
    let version = number(&house.sheet(&sheet), "version");
    let why = json!({"cause": "空白管污染，已换新管复测", "action": "核对原始记录后放行"});
    assert_eq!(house.ask_on("tester2", &path, version, &why).status, 404, "a tester does not release his own sheet");
    let silent = house.ask_on("quality", &path, version, &json!({"cause": "", "action": ""})).expect(422);
    assert_eq!(silent.codes(), ["field-missing", "field-missing"]);
    house.give_roles("tester2", &["tester", "quality_officer"]);
    let own = house.ask_on("tester2", &path, version, &why).expect(409);
    assert_eq!(own.codes(), ["releaser-is-tester"], "not with another role either");
    house.done_on("quality", &path, version, &why);
    assert_eq!(house.ask_on("quality", &path, version + 1, &why).expect(409).codes(), ["worksheet-wrong-state"]);
    assert_eq!(house.check(sample.label()), 1);
});

// Requirement: Q710-1
demonstrated!(non_conforming_work_lists_what_an_error_touched, |lis: TestLis| {
    let house = House::of(&lis);
    let works = house.items("quality", "/api/v1/nonconforming-work");
    assert_eq!(works.len(), 1);
    let (id, version) = (number(&works[0], "id"), number(&works[0], "version"));
    let work = house.get("quality", &format!("/api/v1/nonconforming-work/{id}"));
    let row =
        |row: &Value| ["old_reported", "old_verdict", "new_reported", "new_verdict"].map(|field| text(&row[field]));
    let mut affected: Vec<_> = work["affected"].as_array().expect("items").iter().map(row).collect();
    affected.sort();
    // Blank 0.12 → 0.21: celery (4.51 - 0.21) x 10 / 498.7 = 0.08622…, pak choi (15.24 - 0.21) x 10 / 502.3 = 0.29922…
    let stated = [["0.088", "PASS", "0.086", "PASS"], ["0.301", "FAIL", "0.30", "PASS"]];
    assert_eq!(affected, stated.map(|row| row.map(str::to_owned)));
    let page = house.by("quality").get(&format!("/quality/work/{id}")).expect(200).page().text();
    assert!(page.contains("BZ-2026-J-000001") && page.contains("0.301"), "{page}");

    for username in ["tester1", "checker", "manager", "market", "city"] {
        house.by(username).get(&format!("/api/v1/nonconforming-work/{id}")).expect(404);
    }
    let path = format!("/api/v1/nonconforming-work/{id}/close");
    assert_eq!(house.ask_on("quality", &path, version, &json!({"action": " "})).expect(422).codes(), ["field-missing"]);
    let action = json!({"action": "修订录入复核要求，培训检验员甲"});
    // It opened by itself; how bad that is, a person says, and once.
    assert_eq!(work["risk"], "");
    assert_eq!(house.ask_on("quality", &path, version, &action).expect(409).codes(), ["work-unclassified"]);
    let classify = format!("/api/v1/nonconforming-work/{id}/classification");
    let low = json!({"risk": "low"});
    house.done_on("quality", &classify, version, &low);
    assert_eq!(house.ask_on("quality", &classify, version + 1, &low).expect(409).codes(), ["work-classified-already"]);
    house.done_on("quality", &path, version + 1, &action);
    assert_eq!(house.ask_on("quality", &path, version + 2, &action).expect(409).codes(), ["work-closed"]);
});

// Requirement: Q77-2
demonstrated!(each_failed_control_is_released_for_what_it_speaks_for, |lis: TestLis| {
    let house = House::of(&lis);
    let both = json!({"items": ["cd|GB 5009.268", "pb|GB 5009.268"]});
    let sample = house.receive(house.order(&with(rice_order(), &both)));
    assert_eq!(house.assign(sample.label(), "tester2"), 2);
    let assigned = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let ids = ["cd", "pb"].map(|analyte| {
        let own = |item: &&Value| item["label_code"] == sample.label() && item["analyte"] == analyte;
        number(assigned.iter().find(own).expect("the item"), "id")
    });
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };

    // The blank of cadmium is a sixth of its sample; the duplicate of lead is three times its sample.
    let view = house.sheet(&sheet);
    let mut entries = Vec::new();
    for place in view["positions"].as_array().expect("positions") {
        for cell in place["cells"].as_array().expect("cells") {
            let (field, kind, analyte) = (text(&cell["field"]), text(&place["kind"]), text(&place["analyte"]));
            let value = match (field.as_str(), kind.as_str(), analyte.as_str()) {
                ("mass", ..) => "0.5",
                ("volume", ..) => "50",
                (_, "blank", "cd") => "0.50",
                (_, "blank", _) => "0.001",
                (_, "duplicate", "pb") => "9.03",
                _ => "3.01",
            };
            entries.push(json!({
                "position": place["id"], "field": field, "replicate": cell["replicate"], "value": value, "seen": 0,
                "reason": "仪器停机，读数手工录入", "uuid": uuid(),
            }));
        }
    }
    house.done("tester2", &format!("/api/v1/worksheets/{}/entries", sheet.id), &json!({"entries": entries}));
    assert_eq!(house.submit(&sheet), "held");
    let evidence = house.get("checker", &format!("/api/v1/items/{}/evidence", ids[0]));
    let controls = evidence["qc"]["controls"].as_array().expect("controls").clone();
    let place_of = |kind: &str, analyte: &str| {
        let wanted = |one: &Value| one["kind"] == kind && one["analyte"] == analyte && one["verdict"] != "ACCEPT";
        controls.iter().position(wanted).unwrap_or_else(|| panic!("{kind} of {analyte}: {controls:?}")).to_string()
    };
    let (blank, duplicate) = (place_of("blank", "cd"), place_of("duplicate", "pb"));

    house.sign("checker", "checked");
    let check = |id: i64| {
        let calculated = house.items("checker", "/api/v1/items?state=calculated&limit=500");
        let version = calculated.iter().find(|item| item["id"] == id).map(|item| number(item, "version"));
        house.ask("checker", "/api/v1/checks", &json!({"items": [{"id": id, "version": version.expect("the item")}]}))
    };
    let release = |control: &str| {
        let version = number(&house.sheet(&sheet), "version");
        let body = json!({"control": control, "cause": "试剂空白偏高", "action": "更换硝酸并核对"});
        house.ask_on("quality", &format!("/api/v1/worksheets/{}/release", sheet.id), version, &body)
    };
    assert_eq!(check(ids[0]).expect(409).codes(), ["qc-held"]);
    let page = house.by("quality").get("/quality").expect(200).page();
    let action = format!("form[action='/quality/worksheets/{}/release']", sheet.id);
    assert!(page.all(&action).len() >= 2, "a form for each control");
    assert_eq!(release("99").expect(422).codes(), ["field-invalid"]);
    assert_eq!(release(&blank).expect(200).json()["state"], "held", "the duplicate holds lead");
    assert_eq!(release(&blank).expect(422).codes(), ["field-invalid"], "it holds nothing any more");
    check(ids[0]).expect(200);
    assert_eq!(check(ids[1]).expect(409).codes(), ["qc-held"]);
    assert_eq!(release(&duplicate).expect(200).json()["state"], "released", "with the last of them");
    check(ids[1]).expect(200);

    // Why they were released stands beside them: where the item is checked, in the raw record, and on paper.
    let shown = house.by("checker").get(&format!("/check/{}", ids[0])).expect(200).page().text();
    assert_eq!(shown.matches("试剂空白偏高").count(), 3, "of each control, and of the sheet: {shown}");
    let record = house.get("checker", &format!("/api/v1/worksheets/{}/record", sheet.id));
    let failed =
        record["controls"]["controls"].as_array().expect("controls").iter().filter(|one| one["accepted"] == false);
    let actions: Vec<String> = failed.map(|one| text(&one["release"]["action"])).collect();
    assert_eq!(actions, ["更换硝酸并核对"; 2]);
    let signed: Vec<&Value> =
        record["results"].as_array().expect("results").iter().map(|one| &one["signatures"][0]["meaning"]).collect();
    assert_eq!(signed, ["checked"; 2]);
    let page = house.by("checker").get(&format!("/worksheets/{}/record", sheet.id)).expect(200).page().text();
    assert!(page.contains("更换硝酸并核对"), "{page}");
    let paper = printed(&house.by("checker").get(&format!("/worksheets/{}/record/pdf", sheet.id)).expect(200).body);
    for part in ["Controls: rejected", "Worksheet released: 试剂空白偏高", "Checked", "blank"] {
        assert!(paper.contains(part), "{part}: {paper}");
    }
    let report = house.issue(sample.id);
    assert_eq!(report["state"], "issued");
});

// Requirement: Q77-6
demonstrated!(failed_controls_are_counted_by_instrument_and_person, |lis: TestLis| {
    let house = House::of(&lis);
    let counts = |list: &str, name: &str| -> [i64; 2] {
        let report = house.get("quality", "/api/v1/quality-report?period=2026-11");
        let rows = report[list].as_array().expect("a list").clone();
        let own = rows.iter().find(|row| row["name"] == name);
        ["accepted", "rejected"].map(|field| own.map_or(0, |row| number(row, field)))
    };
    let tester = lis.texts("SELECT name AS value FROM person WHERE username = 'tester2'").remove(0);
    let (by_person, by_instrument) = (counts("qc_by_person", &tester), counts("qc_by_instrument", "AAS-01"));
    let aas = lis.numbers("SELECT id AS value FROM instrument WHERE code = 'AAS-01'")[0];
    let (_, good) = complete_sheet(&house, Some(aas));
    assert_eq!(text(&submit(&house, &good, "").expect(200).json()["state"]), "submitted");
    assert_eq!(counts("qc_by_instrument", "AAS-01"), [by_instrument[0] + 1, by_instrument[1]]);
    // A duplicate that lies too far from its sample, on no instrument.
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
    for (place, reading) in [(sample.label(), "2.05"), (duplicate.as_str(), "4.05")] {
        cells.extend([
            (place, "cd", "reading", reading),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    assert_eq!(house.submit(&sheet), "held");
    assert_eq!(counts("qc_by_person", &tester), [by_person[0] + 1, by_person[1] + 1]);
    assert_eq!(counts("qc_by_instrument", "AAS-01"), [by_instrument[0] + 1, by_instrument[1]]);
    let page = house.by("quality").get("/quality/report?period=2026-11").expect(200).page().text();
    assert!(page.contains("Controls by instrument") && page.contains(&tester), "{page}");
});

/// Cadmium with a check standard of 2 µg/L after every two samples.
const CHECKED: &str = "gb5009.15-2023/gfaas,cd,2,formula,(reading-blank)*volume/(mass*1000),reading=µg/L;volume=mL;mass=g,\
                       mg/kg,1,20,blank;duplicate;check=2@2,80,120,yes,reading=0.52;blank=0.02;volume=10;mass=0.5,0.01,own,,,";

// Requirement: Q77-4
demonstrated!(a_failed_mid_point_check_holds_the_samples_beside_it_and_no_others, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb5009.15-2023/gfaas,", &[CHECKED]);
    let samples: Vec<_> = (0..3).map(|_| house.receive(house.order(&rice_order()))).collect();
    for sample in &samples {
        house.assign(sample.label(), "tester2");
    }
    let assigned = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let id = |label: &str| -> i64 {
        number(assigned.iter().find(|item| item["label_code"] == label).expect("the item"), "id")
    };
    let ids: Vec<i64> = samples.iter().map(|sample| id(sample.label())).collect();
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    let of_sheet = |end: &str| format!("{}-{end}", sheet.number);
    let [blank, duplicate, first, second] = ["B1", "D1", "C1-cd", "C2-cd"].map(of_sheet);
    let [one, two, three] = [0, 1, 2].map(|place| samples[place].label());
    let positions = house.sheet(&sheet)["positions"].as_array().expect("positions").clone();
    let labels: Vec<String> = positions.iter().map(|place| text(&place["label_code"])).collect();
    assert_eq!(labels, [blank.as_str(), one, two, &first, three, &duplicate, &second]);
    // 2.05 lies 2.5 % beside the 2 of the standard, 2.30 lies 15 %.
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
    cells.extend([(first.as_str(), "cd", "reading", "2.05"), (second.as_str(), "cd", "reading", "2.30")]);
    for place in [one, two, three, duplicate.as_str()] {
        cells.extend([
            (place, "cd", "reading", "2.05"),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    assert_eq!(house.submit(&sheet), "held");
    let evidence = house.get("checker", &format!("/api/v1/items/{}/evidence", ids[0]));
    let controls = evidence["qc"]["controls"].as_array().expect("controls").clone();
    let checks: Vec<_> = controls
        .iter()
        .filter(|control| control["kind"] == "check")
        .map(|control| (text(&control["verdict"]), control["items"].clone()))
        .collect();
    // The first closes what was measured before it and opens what came after it; the second has nothing behind it.
    let stated = [("ACCEPT", json!([ids[0], ids[1], ids[2]])), ("REJECT_BATCH", json!([ids[2]]))];
    assert_eq!(checks, stated.map(|(verdict, items)| (verdict.to_owned(), items)));

    assert_eq!((house.check(one), house.check(two)), (1, 1));
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == three).expect("the item");
    let seen = json!({"items": [{"id": item["id"], "version": item["version"]}]});
    assert_eq!(house.ask("checker", "/api/v1/checks", &seen).expect(409).codes(), ["qc-held"]);
});
