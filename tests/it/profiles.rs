//! A profile of the laboratory's own: proposed for an export that the program has never seen, corrected by pointing, saved
//! with its example, trusted step by step, and read with.

use lis_tests::{Client, Reply, TestLis, demonstrated};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::steps::{House, number, rice_order, text};

/// An export of a flame meter that no shipped profile reads: the samples stand under `Zettel`, the raw signal comes before the
/// result, numbers have a decimal comma, and a line of means ends the table.
const EXPORT: &str = "Flammenphotometer FP-7;Lauf 12\r\n\r\nPlatz;Zettel;Signal;Kalium [mg/L];Natrium [mg/L]\r\n\
                      1;F1;1201;3,52;12,0\r\n2;F2;1187;3,10;<0,5\r\nMittelwert;;1194;3,31;\r\n";

fn propose(api: &Client, file: &[u8]) -> Value {
    api.upload("/api/v1/profiles/proposals", "lauf-12.csv", file).send().expect(200).json()
}

/// What the example reads as after a correction.
fn corrected(api: &Client, before: &Value, correction: &Value) -> Reply {
    let mut body = json!({"example": before["example"], "file_name": "lauf-12.csv", "toml": before["toml"]});
    for (field, value) in correction.as_object().expect("an object") {
        body[field] = value.clone();
    }
    api.command("/api/v1/profiles/preview", &body).send()
}

fn point(row: usize, column: usize, means: &str) -> Value {
    json!({"point": {"sheet": 0, "row": row, "column": column, "means": means}})
}

/// Rows of a preview: sample, analyte, value, unit.
fn rows(made: &Value) -> Vec<[String; 4]> {
    let rows = made["preview"]["rows"].as_array().expect("rows");
    rows.iter().map(|row| ["sample", "analyte", "value", "unit"].map(|field| text(&row[field]))).collect()
}

fn row(cells: [&str; 4]) -> [String; 4] {
    cells.map(str::to_owned)
}

/// The export pointed at until it is read right.
fn made(api: &Client) -> Value {
    let mut made = propose(api, EXPORT.as_bytes());
    for correction in [
        point(4, 1, "sample"),
        point(3, 3, "first_analyte"),
        point(0, 4, "last_analyte"),
        point(3, 3, "unit"),
        point(6, 0, "end_line"),
        json!({"settings": {
            "encoding": "utf-8", "delimiter": ";", "sheet": "", "decimal_mark": ",", "thousands": "", "empty": "",
        }}),
    ] {
        made = corrected(api, &made, &correction).expect(200).json();
    }
    made
}

fn input(made: &Value, name: &str, based_on: &str) -> Value {
    json!({
        "name": name, "title": "火焰光度计 FP-7", "toml": made["toml"], "example": made["example"],
        "file_name": "lauf-12.csv", "based_on": based_on,
    })
}

demonstrated!(an_export_becomes_a_profile_by_pointing, |lis: TestLis| {
    let house = House::of(&lis);
    let api = house.profile_maker("tester2");
    let proposal = propose(&api, EXPORT.as_bytes());
    assert_eq!(proposal["example"], hex::encode(Sha256::digest(EXPORT.as_bytes())));
    let finding = |what: &str| {
        let findings = proposal["findings"].as_array().expect("findings");
        findings.iter().find(|one| one["what"] == what).cloned().unwrap_or_else(|| panic!("{what}: {findings:?}"))
    };
    assert_eq!((&finding("delimiter")["choice"], &finding("delimiter")["sure"]), (&json!(";"), &json!(90)));
    assert_eq!(finding("decimal mark")["choice"], ",");
    assert!(finding("sample")["sure"].as_i64().expect("a number") < 60, "the sample is not guessed with confidence");

    let made = made(&api);
    let expected = [
        row(["F1", "Kalium", "3,52", "mg/L"]),
        row(["F1", "Natrium", "12,0", "mg/L"]),
        row(["F2", "Kalium", "3,10", "mg/L"]),
        row(["F2", "Natrium", "<0,5", "mg/L"]),
    ];
    assert_eq!(rows(&made), expected);
    assert_eq!((&made["preview"]["found"], &made["preview"]["trouble_count"]), (&json!(4), &json!(0)));
    let sample = made["findings"].as_array().expect("findings").iter().find(|one| one["what"] == "sample");
    assert_eq!(sample.expect("the sample")["corrected"], true);

    // What cannot be is refused at its field; nothing is guessed.
    let refused = corrected(&api, &made, &point(4, 1, "colour")).expect(422);
    assert_eq!(refused.codes(), ["field-invalid"]);
    assert_eq!(corrected(&api, &made, &point(0, 1, "not_read")).expect(422).codes(), ["profile-correction"]);
    let broken = corrected(&api, &json!({"example": made["example"], "toml": "format = 7"}), &json!({})).expect(422);
    assert_eq!(broken.codes(), ["profile-invalid"]);
    assert!(broken.text().contains("format"), "the place is named");
    let unknown = json!({"example": "0".repeat(64), "toml": made["toml"]});
    assert_eq!(corrected(&api, &unknown, &json!({})).expect(404).codes(), ["not-found"]);
});

demonstrated!(a_program_says_at_which_characters_columns_begin, |lis: TestLis| {
    let house = House::of(&lis);
    let api = house.profile_maker("tester2");
    let print = "LAUF 8\r\n01M-1      Cd      2.05ug/L\r\n02K 17     Cd      2.11ug/L\r\n";
    let made = propose(&api, print.as_bytes());
    let cut = corrected(&api, &made, &json!({"cut": [2, 11, 19, 23]})).expect(200).json();
    assert_eq!(cut["preview"]["places"]["cut"], json!([0, 2, 11, 19, 23]));
    assert_eq!(cut["preview"]["sheets"][0]["rows"][1]["cells"], json!(["01", "M-1", "Cd", "2.05", "ug/L"]));
    let mut pointed = cut;
    for (column, means) in [(1, "sample"), (2, "analyte"), (3, "value"), (4, "unit")] {
        pointed = corrected(&api, &pointed, &point(2, column, means)).expect(200).json();
    }
    assert_eq!(rows(&pointed), [row(["M-1", "Cd", "2.05", "ug/L"]), row(["K 17", "Cd", "2.11", "ug/L"])]);
    // Columns are sheets' own in a workbook.
    pointed["toml"] = json!(
        "maturity = 'draft'\nsource = 'x'\nformat = 'workbook'\n[[table]]\nsample = '{#1}'\n\
                             analyte = 'Cd'\nvalue = '{#2}'\n"
    );
    let refused = corrected(&api, &pointed, &json!({"cut": [4]})).expect(422);
    assert_eq!(refused.codes(), ["profile-correction"]);
});

// Requirement: Q64-8
demonstrated!(versions_are_fixed_and_ripen_by_their_examples, |lis: TestLis| {
    let house = House::of(&lis);
    let api = house.profile_maker("tester2");
    let made = made(&api);
    let path = "/api/v1/profiles";

    // Every reason at once, each at its field.
    let wrong = json!({"name": "FP 7", "title": "", "toml": "format = 7", "example": made["example"]});
    let refused = api.command(path, &wrong).send().expect(422);
    assert_eq!(refused.codes(), ["field-invalid", "field-missing", "profile-invalid"]);
    let mut nothing = input(&made, "fp7", "");
    nothing["toml"] = json!(made["toml"].as_str().expect("a text").replace("Zettel", "Etikett"));
    assert_eq!(api.command(path, &nothing).send().expect(422).codes(), ["profile-reads-nothing"]);
    let shipped = input(&made, "generic_astm", "");
    assert_eq!(api.command(path, &shipped).send().expect(422).codes(), ["field-invalid"]);

    // Saved once, whatever the network does.
    let save = |key: &str| api.send_json("POST", path, &input(&made, "fp7", "")).key(key);
    let first = save("once").send().expect(201).json();
    assert_eq!(save("once").send().expect(201).json(), first);
    assert_eq!(
        (&first["reference"], &first["maturity"], &first["rows"]),
        (&json!("fp7@1"), &json!("draft"), &json!(4))
    );
    assert_eq!(save("again").send().expect(409).codes(), ["profile-name-taken"]);

    // A draft that nobody uses gives way; what came too late is told what stands there.
    let second = api.command(path, &input(&made, "fp7", "fp7@1")).send().expect(201).json();
    assert_eq!(second["reference"], "fp7@2");
    let late = api.command(path, &input(&made, "fp7", "fp7@1")).send().expect(412);
    assert_eq!(late.json()["current"]["reference"], "fp7@2");
    let one = |id: i64| api.get(&format!("{path}/{id}")).expect(200).json();
    let (first, second) = (number(&first, "id"), number(&second, "id"));
    assert_eq!((&one(first)["maturity"], &one(second)["maturity"]), (&json!("replaced"), &json!("draft")));

    // A draft that an instrument names stays beside the newer one.
    let register = |code: &str, profile: &str| {
        house.ask(
            "manager",
            "/api/v1/instruments",
            &json!({"code": code, "name": code, "profile": profile, "status": "qualified"}),
        )
    };
    assert_eq!(register("FP-0", "fp7@1").expect(422).codes(), ["profile-unknown"]);
    assert_eq!(register("FP-0", "fp7@9").expect(422).codes(), ["profile-unknown"]);
    register("FP-1", "fp7@2").expect(201);
    let third = number(&api.command(path, &input(&made, "fp7", "fp7@2")).send().expect(201).json(), "id");
    assert_eq!(one(second)["maturity"], "draft");
    let offered: Vec<String> = api.get(path).expect(200).items().iter().map(|one| text(&one["reference"])).collect();
    assert_eq!(offered[..2], ["fp7@3", "fp7@2"]);
    assert!(offered.contains(&"generic_astm".to_owned()));

    // Trusted by the technical manager alone, one step after the other.
    let promote = |id: i64, version: i64| house.ask_on("manager", &format!("{path}/{id}/promote"), version, &json!({}));
    house.ask_on("tester2", &format!("{path}/{third}/promote"), 1, &json!({})).expect(404);
    assert_eq!(promote(third, 1).expect(200).json()["maturity"], "candidate");
    assert_eq!(promote(third, 1).expect(412).codes(), ["stale-version"]);
    assert_eq!(promote(third, 2).expect(200).json()["maturity"], "proven");
    assert_eq!(promote(third, 3).expect(409).codes(), ["profile-wrong-state"]);
    let log = lis.texts("SELECT event AS value FROM audit_entry WHERE object_kind = 'instrument_profile' ORDER BY id");
    let saved = "profile-saved".to_owned();
    let moved = "profile-maturity-changed".to_owned();
    assert_eq!(log, [&saved, &saved, &moved, &saved, &moved, &moved].map(String::clone));

    // The examples are read again; one that reads differently holds its version back, with the place.
    let runs = api.get(&format!("{path}/examples")).expect(200).items();
    assert_eq!(runs.len(), 2, "the replaced one is not run");
    assert!(runs.iter().all(|run| run["difference"].is_null() && run["rows"] == 4), "{runs:?}");
    let files = lis.database.directory().join("files");
    let sha256 = text(&made["example"]);
    std::fs::remove_file(files.join(&sha256[..2]).join(&sha256)).expect("the example is there");
    let runs = api.get(&format!("{path}/examples")).expect(200).items();
    let found = text(&runs[0]["difference"]["found"]);
    assert!(found.contains("not in the store"), "{found}");
    assert_eq!(promote(second, 1).expect(409).codes(), ["profile-example-differs"]);
});

demonstrated!(an_instrument_reads_with_a_profile_of_the_laboratory_s_own, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let file = |label: &str, value: &str| {
        format!("Platz;Label;Element;Messwert;Einheit\r\n1;{label};Cd;{value};μg/L\r\n2;999;Cd;2,11;μg/L\r\n")
    };
    let example = file("F1", "2,05");
    let thousands = [("numbers.thousands", ".")];
    let saved = house.profile_with("flame_meter", ("run.csv", example.as_bytes()), 1, &thousands);
    assert_eq!((&saved["reference"], &saved["rows"]), (&json!("flame_meter@1"), &json!(2)));
    let body = json!({"code": "FP-7", "name": "火焰", "profile": "flame_meter@1", "status": "qualified"});
    house.done("manager", "/api/v1/instruments", &body);

    // By the marks of the profile this is two thousand and fifty, and never two point oh five.
    let message = crate::bad_input::message("FP-7", 1, &file(sample.label(), "2.050"));
    house.program("manager").send_json("POST", "/api/v1/agent/messages", &json!([message])).send().expect(200);
    lis.work();
    let view = house.sheet(&sheet);
    let cells: Vec<(String, String)> = view["positions"]
        .as_array()
        .expect("positions")
        .iter()
        .flat_map(|one| one["cells"].as_array().expect("cells").clone())
        .filter(|cell| cell["source"] == "instrument")
        .map(|cell| (text(&cell["field"]), text(&cell["value"])))
        .collect();
    assert_eq!(cells, [("reading".to_owned(), "2050".to_owned())]);
    let read = lis.texts("SELECT profile || ' ' || row_count || ' ' || trouble_count AS value FROM message_reading WHERE profile LIKE 'flame%'");
    assert_eq!(read, ["flame_meter@1 2 0"]);

    // The bytes beside what was read: the profile's own encoding and place.
    let message = lis.numbers("SELECT max(id) AS value FROM instrument_message")[0];
    let page = house.by("tester2").get(&format!("/inbox/{message}")).expect(200).page().text();
    assert!(page.contains("2,11") && page.contains("999"), "{page}");

    // Whoever relies on what a draft has read is told, until the technical manager has made more of it.
    let told = |who: &str, path: &str| {
        let page = house.by(who).get(path).expect(200).page().text();
        page.contains("flame_meter@1, which is a draft") || page.contains("flame_meter@1 draft profile")
    };
    let instrument = lis.numbers("SELECT id AS value FROM instrument WHERE code = 'FP-7'")[0];
    let places = [
        ("tester2", format!("/inbox/{message}")),
        ("checker", format!("/evidence/{message}")),
        ("manager", format!("/instruments/{instrument}")),
        ("manager", "/instruments".to_owned()),
    ];
    for (who, path) in &places {
        assert!(told(who, path), "{path}");
    }
    // Beside the values of the demonstration, which its spectrometer brought through a shipped draft.
    let item = lis.numbers("SELECT min(id) AS value FROM test_item WHERE analyte = 'pb' AND result_id IS NOT NULL")[0];
    let entries = house.get("checker", &format!("/api/v1/items/{item}/evidence"))["entries"].clone();
    let drafts = entries.as_array().expect("entries").iter().filter(|entry| entry["draft"] == true).count();
    let page = house.by("checker").get(&format!("/check/{item}")).expect(200).page().text();
    assert!(drafts > 0 && page.matches("draft profile").count() == drafts, "{drafts}: {page}");
    let promote = format!("/api/v1/profiles/{}/promote", number(&saved, "id"));
    assert_eq!(house.ask_on("manager", &promote, 1, &json!({})).expect(200).json()["maturity"], "candidate");
    for (who, path) in &places {
        assert!(!told(who, path), "{path}");
    }
});

demonstrated!(the_pages_work_without_script, |lis: TestLis| {
    let house = House::of(&lis);
    let tester = house.by("tester2");
    let csrf = tester.form("/profiles/new", "/profiles/new").value("csrf").expect("a token").to_owned();
    let brought = tester.upload_beside("/profiles/new", &[("csrf", &csrf)], "lauf-12.csv", EXPORT.as_bytes()).send();
    let mut place = brought.expect(303).location();

    // Each step is an address: opened again, nothing is lost.
    for (cell, means) in
        [("4:1", "sample"), ("3:3", "first_analyte"), ("0:4", "last_analyte"), ("3:3", "unit"), ("6:0", "end_line")]
    {
        let form = tester.form(&place, "/profiles/correct").set("means", means).set("cell", cell);
        place = tester.send(&form.set("name", "fp7").set("title", "火焰光度计")).expect(303).location();
    }
    let page = tester.get(&place).expect(200).page();
    let shown = page.text();
    assert!(shown.contains("4 values found"), "{shown}");
    for part in ["F2", "Natrium", "<0,5", "Corrected"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let form = page.form("/profiles/correct");
    assert_eq!(form.value("name"), Some("fp7"));
    assert!(form.value("toml").expect("the text").contains("Natrium [mg/L]"));

    // A mistake in the text comes back with its place, and the text as it was typed.
    let typed = form.clone().set("toml", "format = 7");
    let refused = tester.send(&typed).expect(422).page();
    assert!(refused.text().contains("format"), "{}", refused.text());
    assert_eq!(refused.form("/profiles/correct").value("toml"), Some("format = 7"));

    // Saved without a name: the page comes back; with one, the version is there.
    let saving = |name: &str| {
        let pairs: Vec<(String, String)> = form.clone().set("name", name).pairs().to_vec();
        tester.post_pairs("/profiles", &pairs)
    };
    assert!(!saving("").expect(422).page().error_at("name").is_empty());
    let saved = saving("fp7").expect(303).location();
    let version = tester.get(&saved).expect(200).page().text();
    assert!(version.contains("fp7@1") && version.contains("As it was stored"), "{version}");
    let next = tester
        .get(&format!("/profiles/new?from={}", lis.numbers("SELECT max(id) AS value FROM instrument_profile")[0]));
    assert_eq!(next.expect(200).page().form("/profiles/correct").value("based_on"), Some("fp7@1"));
    let examples = tester.get("/profiles/examples").expect(200).page().text();
    assert!(examples.contains("fp7@1"), "{examples}");

    // Those shipped have a title in either language.
    let listed = |language: &str| {
        tester.get(&format!("/language/{language}?back=/profiles")).expect(303);
        tester.get("/profiles").expect(200).page().text()
    };
    let chinese = listed("zh-CN");
    assert!(chinese.contains("任何使用 ASTM 的分析仪 不限厂家") && !chinese.contains("Any analyser"), "{chinese}");
    let english = listed("en");
    assert!(english.contains("Any analyser that speaks ASTM ASTM E1381") && !english.contains("中文软件"), "{english}");

    // A report is no example, whoever knows its hash.
    let report = lis.texts("SELECT sha256 AS value FROM stored_file WHERE content_type = 'application/pdf'").remove(0);
    tester.get(&format!("/profiles/new?example={report}&file_name=a.pdf")).expect(404);
});

demonstrated!(whatever_a_file_holds_it_is_shown_or_refused, |lis: TestLis| {
    let house = House::of(&lis);
    let api = house.profile_maker("tester2");
    let path = "/api/v1/profiles/proposals";
    assert_eq!(api.upload(path, "empty.csv", b"").send().expect(422).codes(), ["field-missing"]);
    assert_eq!(api.command(path, &json!({})).send().status, 400);
    for (name, bytes) in [
        ("noise.bin", &[0xff_u8; 4096][..]),
        ("torn.xlsx", b"PK\x03\x04 and nothing else"),
        ("words.txt", b"nothing that is a table\n"),
        ("zeros.csv", &[0_u8; 64][..]),
        ("ctrl.csv", b"a,b\x07\r\n\x1b[1m,2\r\n"),
    ] {
        let proposal = api.upload(path, name, bytes).send();
        assert!([200, 422].contains(&proposal.status), "{name}: {}", proposal.shown());
    }
    // Not understood: told so, and the cells can still be pointed at.
    let proposal = api.upload(path, "words.txt", b"one line\tof words\n").send().expect(200).json();
    assert_eq!((&proposal["findings"][0]["what"], &proposal["findings"][0]["sure"]), (&json!("shape"), &json!(0)));
    assert_eq!(proposal["preview"]["sheets"][0]["rows"][0]["cells"], json!(["one line", "of words"]));
    let tester = house.by("tester2");
    tester.get("/language/zh-CN?back=/profiles").expect(303);
    let place = format!("/profiles/new?example={}&file_name=words.txt", text(&proposal["example"]));
    let shown = tester.get(&place).expect(200).page().text();
    assert!(shown.contains("没有找到表：") && !shown.contains("no table was found"), "{shown}");
    // An example that reads as nothing is not kept.
    let body = json!({
        "name": "words", "title": "words", "toml": proposal["toml"], "example": proposal["example"], "file_name": "w",
    });
    assert_eq!(api.command("/api/v1/profiles", &body).send().expect(422).codes(), ["profile-reads-nothing"]);
    assert_eq!(lis.rows("instrument_profile"), 0);
});

/// A run with blanks and a control, told apart by their kind; what is too little is said in words.
const KINDS: &str = "Platz;Zettel;Art;Element;Messwert;Einheit\r\n1;M-1;Probe;Cd;2,05;mg/L\r\n2;K-17;QC;Cd;2,11;mg/L\r\n\
                     3;B-1;Leer;Cd;zu klein;mg/L\r\n4;M-2;Probe;Cd;1,98;mg/L\r\n";

/// Samples with the roles of their rows.
fn roles(made: &Value) -> Vec<String> {
    let rows = made["preview"]["rows"].as_array().expect("rows");
    rows.iter().map(|row| format!("{} {}", text(&row["sample"]), text(&row["role"]))).collect()
}

demonstrated!(types_of_rows_markers_and_direction_are_said_on_the_page, |lis: TestLis| {
    let house = House::of(&lis);
    let tester = house.by("tester2");
    let bring = |file: &str| {
        let csrf = tester.form("/profiles/new", "/profiles/new").value("csrf").expect("a token").to_owned();
        let brought = tester.upload_beside("/profiles/new", &[("csrf", &csrf)], "lauf-9.csv", file.as_bytes());
        brought.send().expect(303).location()
    };
    let mut place = bring(KINDS);
    for (cell, means) in [("2:1", "sample"), ("2:2", "role"), ("4:4", "not_detected")] {
        let form = tester.form(&place, "/profiles/correct").set("means", means).set("cell", cell);
        place = tester.send(&form).expect(303).location();
    }
    // Each text of the column with the role that is proposed for it.
    let form = tester.form(&place, "/profiles/correct");
    assert_eq!(form.values("role_word"), ["Leer", "Probe", "QC"]);
    assert_eq!(form.values("role_is"), ["sample", "sample", "control"]);
    let toml = form.value("toml").expect("the text").to_owned();
    assert!(toml.contains("\"zu klein\" = \"not_detected\""), "{toml}");
    let said = form.without("role_is").tick("role_is", "blank").tick("role_is", "sample").tick("role_is", "control");
    place = tester.send(&said.set("act", "roles")).expect(303).location();
    let page = tester.get(&place).expect(200).page();
    assert_eq!(page.form("/profiles/correct").values("role_is"), ["blank", "sample", "control"]);
    assert!(page.text().contains("B-1 Cd zu klein mg/L Blank"), "{}", page.text());
    // A heading is no text in place of a number; the page comes back and says so.
    let heading = page.form("/profiles/correct").set("means", "missing").set("cell", "1:4");
    let refused = tester.send(&heading).expect(422).page().text();
    assert!(refused.contains("point at a cell below the names"), "{refused}");

    // Samples across: said under the whole file, and taken back.
    let place = bring("Sample;M1;M2\r\nFat;3,52;3,60\r\nProtein;3,10;2,98\r\n");
    let form = tester.form(&place, "/profiles/correct").set("shape", "transposed").set("act", "settings");
    let turned = tester.get(&tester.send(&form).expect(303).location()).expect(200).page();
    assert!(turned.text().contains("4 values found"), "{}", turned.text());
    let form = turned.form("/profiles/correct");
    assert_eq!(form.value("shape"), Some("transposed"));
    assert!(form.value("toml").expect("the text").contains("transpose = true"));
    let back = tester.send(&form.set("shape", "").set("act", "settings")).expect(303).location();
    assert_eq!(tester.form(&back, "/profiles/correct").value("shape"), Some(""));

    // A program says the same.
    let api = house.profile_maker("tester2");
    let mut made = propose(&api, KINDS.as_bytes());
    for correction in [
        point(2, 1, "sample"),
        json!({
            "point": {"sheet": 0, "row": 0, "column": 2, "means": "role"}, "roles": [{"word": "Leer", "role": "blank"}],
        }),
        point(4, 4, "below_quantification"),
    ] {
        made = corrected(&api, &made, &correction).expect(200).json();
    }
    assert_eq!(roles(&made), ["M-1 sample", "K-17 control", "B-1 blank", "M-2 sample"]);
    let words = json!([
        {"word": "Leer", "role": "blank"}, {"word": "Probe", "role": "sample"}, {"word": "QC", "role": "control"},
    ]);
    assert_eq!(made["preview"]["roles"], words);
    assert!(text(&made["toml"]).contains("\"zu klein\" = \"below_quantification\""), "{}", made["toml"]);
    let colour = json!({"roles": [{"word": "Leer", "role": "colour"}]});
    assert_eq!(corrected(&api, &made, &colour).expect(422).codes(), ["profile-correction"]);
});
