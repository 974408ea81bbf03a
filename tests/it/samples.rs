//! From the sampling form to the shelf: what a form and a receipt must say, who is told of a rejection, and who sees what.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, market_rice, number, receipt, rice_order, text, uuid, with};

// Requirement: Q73-1
demonstrated!(a_form_is_refused_with_everything_that_is_wrong, |lis: TestLis| {
    let house = House::of(&lis);
    let before = lis.rows("sample");
    let changes = json!({
        "production_date": "2026-11-27", "qty_test": "1.5", "sampler2": "抽样员甲", "seal_backup_no": "J000201",
        "ship_deadline": "2026-12-04", "place": "catering_fast_food", "unit_uscc": "91131026MA0DEM03XF",
        "sampled_at": "2026-11-26 15:30",
    });
    let body = json!({"client_uuid": uuid(), "form": with(market_rice(), &changes)});
    let refused = house.ask("sampler1", "/api/v1/sampling-forms", &body).expect(422);
    let mut codes = refused.codes();
    codes.sort_unstable();
    // The fifth working day after Thursday 26 November is Thursday 3 December.
    let stated = [
        "check-character",
        "place-not-of-stage",
        "produced-after-sampling",
        "quantity-sum",
        "samplers-same",
        "seals-same",
        "shipped-too-late",
    ];
    assert_eq!(codes, stated);
    assert!(refused.text().contains("2026-12-03"), "names the last day: {}", refused.text());
    assert_eq!(lis.rows("sample"), before);
});

// Requirement: Q71-1, Q74-2
demonstrated!(a_sample_is_received_only_as_the_rules_allow, |lis: TestLis| {
    let house = House::of(&lis);
    let id = house.write_form(&market_rice());
    let path = format!("/api/v1/samples/{id}/receipts");
    let receive = |version: i64, body: &Value| house.ask_on("custodian", &path, version, body);
    let broken = json!({"check_seal": "no"});
    let refused = receive(1, &with(receipt(), &broken)).expect(422);
    assert_eq!(refused.codes(), ["check-text-missing", "checks-failed"]);
    let noted = json!({"check_seal": "no", "check_seal_note": "封条撕裂", "decision": "accept_with_note"});
    let mut codes = receive(1, &with(receipt(), &noted)).expect(422).codes();
    codes.sort_unstable();
    assert_eq!(codes, ["consent-missing", "field-missing", "note-only-entrusted"]);
    let early = json!({"arrived_at": "2026-11-26 09:00"});
    assert_eq!(receive(1, &with(receipt(), &early)).expect(422).codes(), ["arrived-before-sampling"]);
    let nobody = house.ask_on("tester1", &path, 1, &receipt());
    assert_eq!(nobody.status, 404, "for a tester there is no receipt");

    let received = receive(1, &receipt()).expect(201).json();
    // Twenty working days after Friday 27 November: five weeks without a holiday end on Friday 25 December.
    assert_eq!((&received["due_on"], &received["due_provisional"]), (&json!("2026-12-25"), &json!(false)));
    let labels: Vec<String> = received["label_codes"].as_array().expect("labels").iter().map(text).collect();
    assert!(labels.len() == 2 && labels[0] != labels[1], "test and backup: {labels:?}");
    assert_eq!(receive(1, &receipt()).expect(412).codes(), ["stale-version"]);
    assert_eq!(receive(2, &receipt()).expect(409).codes(), ["sample-wrong-state"]);

    // The test part is split and handed out; the backup stays whole.
    let shown = house.get("custodian", &format!("/api/v1/samples/{id}"));
    let part = |role: &str| {
        let parts = shown["parts"].as_array().expect("parts").clone();
        let found = parts.into_iter().find(|part| part["role"] == role).expect("the part");
        (number(&found, "id"), number(&found, "version"))
    };
    let (test, version) = part("test");
    let split = |quantities: Value| {
        let body = json!({"quantities": quantities, "location": "A-2-2"});
        house.ask_on("custodian", &format!("/api/v1/parts/{test}/split"), version, &body)
    };
    assert_eq!(split(json!(["1.5", "0.6"])).expect(422).codes(), ["split-too-much"]);
    split(json!(["0.5", "0.5"])).expect(201);
    let (backup, version) = part("backup");
    let custody = |body: Value| house.ask_on("custodian", &format!("/api/v1/parts/{backup}/custody"), version, &body);
    let unknown = custody(json!({"event": "issue", "holder_id": "999999", "location": ""})).expect(422);
    assert_eq!(unknown.codes(), ["holder-unknown"]);
    custody(json!({"event": "move", "holder_id": "", "location": "B-9-9"})).expect(200);
    let shown = house.get("custodian", &format!("/api/v1/samples/{id}"));
    assert_eq!(shown["parts"].as_array().expect("parts").len(), 4);
    assert!(shown["parts"].to_string().contains("B-9-9"));
});

// Requirement: Q74-2
demonstrated!(what_departed_at_receipt_stands_on_the_report_with_the_clients_answer, |lis: TestLis| {
    let house = House::of(&lis);
    let id = house.order(&rice_order());
    let path = format!("/api/v1/samples/{id}/receipts");
    let departed = json!({
        "check_package": "no", "check_package_note": "外包装破损", "decision": "accept_with_note",
        "reason_text": "外包装破损，内包装完好",
    });
    let unasked = house.ask_on("custodian", &path, 1, &with(receipt(), &departed)).expect(422);
    assert_eq!(unasked.codes(), ["consent-missing"], "the client is asked first");
    let answered = with(with(receipt(), &departed), &json!({"consent": "2026-11-27 委托方邮件"}));
    let received = house.done_on("custodian", &path, 1, &answered);
    let page = house.by("custodian").get(&format!("/samples/{id}")).expect(200).page().text();
    assert!(page.contains("外包装破损，内包装完好") && page.contains("2026-11-27 委托方邮件"), "{page}");

    let label = text(&received["label_codes"][0]);
    house.assign(&label, "tester2");
    house.measure_cadmium(&label, "tester2", "5.00");
    house.check(&label);
    house.issue(id);
    let document = lis.texts(&format!("SELECT document AS value FROM report WHERE sample_id = {id}")).remove(0);
    let document: Value = serde_json::from_str(&document).expect("the printed report");
    let deviations = text(&document["deviations"]);
    assert!(deviations.contains("外包装破损，内包装完好"), "{deviations}");
    assert!(deviations.contains("2026-11-27 委托方邮件"), "{deviations}");
});

demonstrated!(a_rejection_tells_the_sender_and_nobody_else, |lis: TestLis| {
    let house = House::of(&lis);
    let id = house.order(&rice_order());
    let path = format!("/api/v1/samples/{id}/receipts");
    let bare = json!({"check_package": "no", "check_package_note": "外包装破损", "decision": "reject"});
    let refused = house.ask_on("custodian", &path, 1, &with(receipt(), &bare)).expect(422);
    assert_eq!(refused.codes(), ["field-missing"], "a reason code is needed");
    let coded = with(with(receipt(), &bare), &json!({"reason_code": "R02"}));
    let rejected = house.done_on("custodian", &path, 1, &coded);
    assert_eq!((&rejected["state"], &rejected["sample_no"]), (&json!("rejected"), &Value::Null));
    assert_eq!(house.ask_on("custodian", &path, 2, &receipt()).expect(409).codes(), ["sample-wrong-state"]);
    let note = format!("/rejection-notes/{id}/pdf");
    house.by("bakery").get(&note).expect(404);
    lis.work();
    let mails = house.items("custodian", "/api/v1/deliveries");
    let about: Vec<String> = mails
        .iter()
        .filter(|mail| mail["about_id"] == id && mail["about_kind"] == "sample")
        .map(|mail| text(&mail["recipient"]))
        .collect();
    assert_eq!(about, ["bakery@lis.example"]);
    let own = house.by("bakery").get(&format!("/portal/orders/{id}")).expect(200).page().text();
    assert!(own.contains("R02"), "the reason stands in the portal: {own}");
    // The reason in writing: kept, mailed, and there for both sides.
    let kept = lis.texts("SELECT document AS value FROM rejection_note ORDER BY id DESC LIMIT 1");
    let kept: Value = serde_json::from_str(&kept[0]).expect("the note");
    let reasons = kept["reasons"].as_array().expect("reasons");
    assert_eq!((&reasons[0]["code"], &reasons[1]["detail"]), (&json!("R02"), &json!("外包装破损")));
    assert_eq!((kept["note_no"].as_str(), reasons.len()), (rejected["receipt_no"].as_str(), 2));
    let attached = lis.texts(
        "SELECT attachment_sha256 AS value FROM mail WHERE attachment_sha256 IS NOT NULL ORDER BY id DESC LIMIT 1",
    );
    assert_eq!(attached, lis.texts("SELECT file_sha256 AS value FROM rejection_note ORDER BY id DESC LIMIT 1"));
    for username in ["bakery", "custodian"] {
        assert!(house.by(username).get(&note).expect(200).body.starts_with(b"%PDF"), "{username}");
    }
    for username in ["market", "tester1", "ordering"] {
        house.by(username).get(&note).expect(404);
    }
    lis.work();
    assert_eq!(
        lis.numbers(&format!("SELECT count(*) AS value FROM mail WHERE about_kind = 'sample' AND about_id = {id}")),
        [1]
    );
});

demonstrated!(a_sample_exists_only_for_those_whom_it_concerns, |lis: TestLis| {
    let house = House::of(&lis);
    let id = house.order(&rice_order());
    for path in [format!("/portal/orders/{id}"), format!("/api/v1/orders/{id}")] {
        house.by("bakery").get(&path).expect(200);
        house.by("market").get(&path).expect(404);
    }
    let withdrawn = house.ask_on("market", &format!("/api/v1/orders/{id}/withdraw"), 1, &json!({}));
    assert_eq!(withdrawn.status, 404);
    let sample = house.receive(id);
    for path in [format!("/samples/{id}"), format!("/api/v1/samples/{id}"), "/samples".to_owned()] {
        for username in ["tester1", "sampler1", "bakery", "city", "officer"] {
            house.by(username).get(&path).expect(404);
        }
        house.by("custodian").get(&path).expect(200);
    }
    let late = house.ask_on("bakery", &format!("/api/v1/orders/{id}/withdraw"), 2, &json!({})).expect(409);
    assert_eq!(late.codes(), ["sample-wrong-state"], "what is received is not withdrawn");
    // The enterprise sees its order, never the laboratory's containers.
    let order = house.by("bakery").get(&format!("/api/v1/orders/{id}")).expect(200).text();
    assert!(sample.labels.iter().all(|label| !order.contains(label.as_str())), "{order}");
});

// Requirement: Q74-1
demonstrated!(every_label_leads_to_exactly_one_part, |lis: TestLis| {
    let house = House::of(&lis);
    let (first, second) = (house.receive(house.order(&rice_order())), house.receive(house.order(&rice_order())));
    let part = house.get("custodian", &format!("/api/v1/samples/{}", first.id))["parts"][0].clone();
    let body = json!({"quantities": ["0.1", "0.1"], "location": "A-2-2"});
    let path = format!("/api/v1/parts/{}/split", part["id"]);
    let split = house.done_on("custodian", &path, number(&part, "version"), &body);
    let own: Vec<String> = split["label_codes"].as_array().expect("labels").iter().map(text).collect();
    assert_eq!(own.len(), 2);

    // No two parts of the laboratory bear one label, and the database takes none that a part bears.
    let labels = lis.texts("SELECT label_code AS value FROM part");
    let distinct: std::collections::BTreeSet<&String> = labels.iter().collect();
    assert_eq!(distinct.len(), labels.len());
    for (sample, labels) in [(&first, [&first.labels[..], &own[..]].concat()), (&second, second.labels.clone())] {
        for label in labels {
            let found = house.by("custodian").get(&format!("/scan?code={label}")).expect(303);
            assert_eq!(found.header("location"), Some(format!("/samples/{}", sample.id).as_str()), "{label}");
            let parts = format!("SELECT count(*) AS value FROM part WHERE label_code = '{label}'");
            assert_eq!(lis.numbers(&parts), [1]);
        }
    }
});

// Requirement: Q74-4
demonstrated!(what_tests_used_is_subtracted_and_never_more_than_is_left, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    let path = format!("/api/v1/samples/{}", sample.id);
    let part = house.get("custodian", &path)["parts"][0].clone();
    let (id, version) = (number(&part, "id"), number(&part, "version"));
    let step = |seen: i64, body: Value| house.ask_on("custodian", &format!("/api/v1/parts/{id}/custody"), seen, &body);
    let holder = house.person("tester1").to_string();
    let back = |used: &str| json!({"event": "take_back", "holder_id": "", "location": "A-2-1", "used": used});

    // One kilogram was received; a quarter is split off.
    let split = json!({"quantities": ["0.25"], "location": "A-2-2"});
    house.done_on("custodian", &format!("/api/v1/parts/{id}/split"), version, &split);
    let early = json!({"event": "issue", "holder_id": holder, "location": "", "used": "0.1"});
    assert_eq!(step(version + 1, early).expect(422).codes(), ["field-invalid"], "used before it was out");
    step(version + 1, json!({"event": "issue", "holder_id": holder, "location": ""})).expect(200);
    assert_eq!(step(version + 2, back("0.7501")).expect(422).codes(), ["used-too-much"]);
    assert_eq!(step(version + 2, back("-0.1")).expect(422).codes(), ["field-invalid"]);
    step(version + 2, back("0.0105")).expect(200);
    let amounts = || house.get("custodian", &path)["amounts"][0].clone();
    let expected = json!({
        "part_id": id, "received": part["quantity"], "split_off": "0.25", "used": "0.0105", "weighed": "0",
        "disposed": "0", "left": "0.7395",
    });
    assert_eq!(amounts(), expected);
    // What is left is all that can be split off, and then nothing is left.
    let rest = |quantity: &str| {
        let body = json!({"quantities": [quantity], "location": "A-2-2"});
        house.ask_on("custodian", &format!("/api/v1/parts/{id}/split"), version + 3, &body)
    };
    assert_eq!(rest("0.7396").expect(422).codes(), ["split-too-much"]);
    let page = house.by("custodian").get(&format!("/samples/{}", sample.id)).expect(200).page();
    assert!(page.text().contains("0.7395 kg left"), "{}", page.text());
    rest("0.7395").expect(201);
    assert_eq!(amounts()["left"], "0");
});

// Requirement: Q74-4
demonstrated!(what_is_weighed_at_the_bench_is_used_and_too_much_is_said, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    let path = format!("/api/v1/samples/{}", sample.id);
    let part = house.get("custodian", &path)["parts"][0].clone();
    let (id, version) = (number(&part, "id"), number(&part, "version"));
    let custody = |seen: i64, body: Value| {
        house.done_on("custodian", &format!("/api/v1/parts/{id}/custody"), seen, &body);
    };
    custody(version, json!({"event": "issue", "holder_id": house.person("tester2").to_string()}));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let duplicate = format!("{}-D1", sheet.number);
    // Of the one kilogram half a gram for the sample and as much for its duplicate.
    house.type_in(&sheet, &[(sample.label(), "cd", "mass", "0.5000"), (&duplicate, "cd", "mass", "0.5000")]);
    let amounts = || {
        let one = house.get("custodian", &path)["amounts"][0].clone();
        ["used", "weighed", "left"].map(|name| text(&one[name]))
    };
    assert_eq!(amounts(), ["0.001", "0.001", "0.999"]);
    assert_eq!(house.sheet(&sheet)["overdrawn"], json!([]));

    let again = |value: &str, seen: i64| {
        let mut body = house.entries(&sheet, &[(sample.label(), "cd", "mass", value)]);
        body["entries"][0]["seen"] = json!(seen);
        house.done("tester2", &format!("/api/v1/worksheets/{}/entries", sheet.id), &body);
    };
    again("5000", 1);
    assert_eq!(amounts(), ["5.0005", "5.0005", "-4.0005"]);
    let over = json!([{
        "label_code": sample.label(), "taken": "5.0005", "received": part["quantity"], "unit": part["unit"],
    }]);
    assert_eq!(house.sheet(&sheet)["overdrawn"], over);
    let said = format!("5.0005 kg taken, {} kg received", text(&part["quantity"]));
    for (username, page) in
        [("tester2", format!("/worksheets/{}", sheet.id)), ("custodian", format!("/samples/{}", sample.id))]
    {
        let shown = house.by(username).get(&page).expect(200).page().text();
        assert!(shown.contains(&said), "{page}: {shown}");
    }

    // The weighing is corrected; what the custodian states at the return counts in place of it, also of what is typed later.
    again("0.6000", 2);
    assert_eq!(amounts(), ["0.0011", "0.0011", "0.9989"]);
    custody(version + 1, json!({"event": "take_back", "location": "A-2-1", "used": "0.002"}));
    assert_eq!(amounts(), ["0.002", "0", "0.998"]);
    again("0.7000", 3);
    assert_eq!(amounts(), ["0.002", "0", "0.998"]);
});

// Requirement: Q74-1
demonstrated!(a_program_prints_labels_as_the_page_does, |lis: TestLis| {
    let house = House::of(&lis);
    let order = house.order(&rice_order());
    house.by("custodian").get(&format!("/api/v1/samples/{order}/labels")).expect(404);
    let sample = house.receive(order);
    let custodian = house.by("custodian");
    for query in ["", "?skip=3", "?stock=roll"] {
        let labels = custodian.get(&format!("/api/v1/samples/{}/labels{query}", sample.id)).expect(200);
        assert_eq!(labels.header("content-type"), Some("application/pdf"));
        assert!(labels.body.starts_with(b"%PDF"));
        let page = custodian.get(&format!("/samples/{}/labels{query}", sample.id)).expect(200);
        assert!(labels.body == page.body, "{query}: not the same bytes");
    }
    let path = format!("/api/v1/samples/{}/labels", sample.id);
    assert_eq!(custodian.get(&format!("{path}?skip=many")).expect(400).codes(), ["query-invalid"]);
    house.by("tester1").get(&path).expect(404);
});

/// A picture as far as the program looks into it: its first bytes.
const SHELF: &[u8] = b"\x89PNG\r\n\x1a\nshelf";
/// `printf '\x89PNG\r\n\x1a\nshelf' | sha256sum`
const SHELF_SHA256: &str = "ab7227178e984ab97de8f98b1457da8ed852bcd33a6b6a8e23fb46eb2e6673a6";

// Requirement: Q73-1
demonstrated!(photographs_and_a_diagram_belong_to_the_form, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.write_form(&market_rice());
    let form = lis.numbers(&format!("SELECT form_id AS value FROM sample WHERE id = {sample}"))[0];
    let path = format!("/api/v1/sampling-forms/{form}/pictures");
    let add = |username: &str, kind: &str, caption: &str, bytes: &[u8]| {
        let client = house.by(username);
        let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
        let beside = [("csrf", csrf.as_str()), ("kind", kind), ("caption", caption)];
        client.upload_beside(&path, &beside, "IMG_0001.png", bytes).key(&uuid()).send()
    };
    let saved = add("sampler1", "photo", "货架", SHELF).expect(201).json();
    assert_eq!(saved["sha256"], SHELF_SHA256);
    assert_eq!(add("sampler1", "photo", "货架", SHELF).expect(409).codes(), ["picture-known"]);
    assert_eq!(add("sampler1", "photo", "", b"%PDF-1.7").expect(422).codes(), ["not-a-picture"]);
    assert_eq!(add("sampler1", "film", "", b"\xff\xd8\xff\xe0").expect(422).codes(), ["field-invalid"]);
    // Another sampler's form does not exist; the custodian adds the diagram that came on paper.
    assert_eq!(add("sampler2", "photo", "", b"\xff\xd8\xff\xe0").status, 404);
    assert_eq!(add("reviewer", "photo", "", b"\xff\xd8\xff\xe0").status, 404);
    add("custodian", "diagram", "店内位置", b"\xff\xd8\xff\xe0").expect(201);

    let listed = house.items("reviewer", &path);
    let shown: Vec<(String, String)> = listed.iter().map(|one| (text(&one["kind"]), text(&one["caption"]))).collect();
    assert_eq!(shown, [("photo", "货架"), ("diagram", "店内位置")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    let file = format!("{path}/{}/file", saved["id"]);
    let reply = house.by("reviewer").get(&file).expect(200);
    assert_eq!((reply.body.as_slice(), reply.header("content-type")), (SHELF, Some("image/png")));
    let page = format!("/pictures/{form}");
    assert!(house.by("sampler1").get(&page).expect(200).page().text().contains("货架"));
    for username in ["sampler2", "tester2", "bakery"] {
        assert_eq!(house.by(username).get(&page).status, 404, "{username}");
        assert_eq!(house.by(username).get(&file).status, 404, "{username}");
    }
    let page = house.by("custodian").get(&format!("/samples/{sample}")).expect(200).page().text();
    assert!(page.contains("Photographs and diagram (2)"), "{page}");
    assert!(lis.verified().is_ok());
});

demonstrated!(a_sample_and_its_receipt_name_regions, |lis: TestLis| {
    let house = House::of(&lis);
    // An order names no region: nobody sampled there.
    let sampled = "FROM sample s JOIN sampling_form f ON f.id = s.form_id WHERE f.unit_region IS NOT NULL";
    let one = |which: &str| lis.numbers(&format!("SELECT {which} AS value {sampled}"))[0];
    let (sample, form) = (one("min(s.id)"), one("max(f.id)"));
    for (path, of) in [
        (format!("/samples/{sample}"), format!("s.id = {sample}")),
        (format!("/receipt/{form}"), format!("f.id = {form}")),
    ] {
        let region = |column: &str| {
            let from = "sampling_form f JOIN sample s ON s.form_id = f.id JOIN region r ON r.code = f.unit_region";
            lis.texts(&format!("SELECT {column} AS value FROM {from} WHERE {of}")).concat()
        };
        let (code, name) = (region("r.code"), region("r.name_en"));
        let facts = house.by("custodian").get(&path).expect(200).page().texts("dd");
        assert!(!name.is_empty() && facts.contains(&name) && !facts.contains(&code), "{path}: {name} in {facts:?}");
    }
});

// Requirement: Q73-1
demonstrated!(who_samples_is_authorized_on_that_day_and_follows_the_draw, |lis: TestLis| {
    let house = House::of(&lis);
    let write = |changes: &Value| {
        let body = json!({"client_uuid": uuid(), "form": with(market_rice(), changes)});
        house.ask("sampler1", "/api/v1/sampling-forms", &body)
    };
    let refused = |changes: Value| write(&changes).expect(422).codes();
    let before = lis.rows("sample");
    assert_eq!(
        refused(json!({"sampler1": "路人甲", "sampler2": "路人乙"})),
        ["sampler-unknown", "sampler-unknown"],
        "a name is not enough"
    );
    assert_eq!(refused(json!({"sampler2": "检验员甲"})), ["sampler-unknown"], "a tester does not sample");
    assert_eq!(refused(json!({"sampler1": "抽样员丙"})), ["writer-not-sampler"]);
    // Their authorizations begin with the year 2026.
    let earlier = json!({
        "sampled_at": "2025-12-31 09:00", "ship_deadline": "2026-01-04", "production_date": "2025-12-01",
    });
    assert_eq!(refused(earlier), ["sampler-not-authorized", "sampler-not-authorized"]);

    // The draw of the demonstration sends the third and the first sampler, and not to this supermarket.
    let draw = lis.demo()["draw"].to_string();
    let by_draw = |changes: Value| with(json!({"draw_id": draw}), &changes);
    assert_eq!(refused(by_draw(json!({}))), ["draw-unit-differs", "draw-samplers-differ"]);
    assert_eq!(refused(by_draw(json!({"sampler2": "抽样员丙"}))), ["draw-unit-differs"]);
    let stall = json!({"unit_name": "霸州示例菜场摊位乙", "unit_uscc": "91131081MA0DEM072K"});
    assert_eq!(refused(by_draw(stall.clone())), ["draw-samplers-differ"]);
    assert_eq!(refused(json!({"draw_id": "999999"})), ["field-invalid"]);
    assert_eq!(lis.rows("sample"), before);

    write(&by_draw(with(stall, &json!({"sampler2": "抽样员丙"})))).expect(201);
    let explained = by_draw(json!({"draw_deviation": "抽中单位停业，改抽同类单位"}));
    let saved = write(&explained).expect(201).json();
    let form = house.get("custodian", &format!("/api/v1/samples/{}", saved["sample_id"]))["form"].clone();
    assert_eq!(form["draw_deviation"], "抽中单位停业，改抽同类单位");
    assert_eq!(
        [&form["sampler1_id"], &form["sampler2_id"]].map(|id| id.as_i64()),
        ["sampler1", "sampler2"].map(|name| Some(house.person(name)))
    );
    let logged = "SELECT body AS value FROM audit_entry WHERE event = 'sample-form-written' ORDER BY id DESC LIMIT 1";
    assert!(lis.texts(logged)[0].contains("抽中单位停业"), "the log names the deviation");
});

// Requirement: Q71-1
demonstrated!(what_came_late_and_will_not_keep_is_accepted_with_its_reason_on_record, |lis: TestLis| {
    let house = House::of(&lis);
    let form = with(
        market_rice(),
        &json!({
            "date_kind": "produced", "production_date": "2026-11-02", "shelf_life": "30 天",
            "sampled_at": "2026-11-16 15:30", "ship_deadline": "2026-11-23",
        }),
    );
    let id = house.write_form(&form);
    let shown = || house.get("custodian", &format!("/api/v1/samples/{id}"));
    assert_eq!(shown()["expiry_date"], "2026-12-02", "made on 2 November, thirty days");
    let path = format!("/api/v1/samples/{id}/receipts");
    let receive = |changes: Value| house.ask_on("custodian", &path, 1, &with(receipt(), &changes));
    // Due on 25 December; the limit of transport was the 23rd.
    let unexplained = receive(json!({})).expect(422);
    assert_eq!(unexplained.codes(), ["expires-before-report", "arrived-late"]);
    let blind = json!({
        "check_form": "not_applicable", "check_seal": "not_applicable", "check_shelf_life": "not_applicable",
        "check_label": "not_applicable", "backup_quantity": "0", "reason_text": "大雪封路",
    });
    let codes = receive(blind).expect(422).codes();
    assert_eq!(codes, ["check-applies", "check-applies", "check-applies", "backup-missing"]);
    receive(json!({"reason_text": "大雪封路，先做易变项目"})).expect(201);
    let record = lis.texts(&format!("SELECT document AS value FROM sample_receipt WHERE sample_id = {id}")).remove(0);
    let record: Value = serde_json::from_str(&record).expect("a record");
    assert_eq!(record["departures"], json!(["short_shelf_life", "late_arrival"]));
    // What the report will print.
    let kept = lis.texts(&format!("SELECT departure AS value FROM sample WHERE id = {id}"));
    assert_eq!(kept, ["大雪封路，先做易变项目"]);
    let page = house.by("custodian").get(&format!("/samples/{id}")).expect(200).page().text();
    assert!(page.contains("Arrived late") && page.contains("大雪封路，先做易变项目"), "{page}");
});

// Requirement: Q73-1
demonstrated!(a_form_of_another_body_is_taken_with_its_doubts, |lis: TestLis| {
    let house = House::of(&lis);
    let mut fixed = with(market_rice(), &json!({"storage": "ambient"}));
    let fields = fixed.as_object_mut().expect("an object");
    fields.retain(|name, _| !name.starts_with("sampler"));
    let fixed: String = fields.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
    let mapping =
        format!("[columns]\nform_no = \"编号\"\nsampler1 = \"抽样人1\"\nsampler2 = \"抽样人2\"\n[fixed]\n{fixed}");
    let file = "编号,抽样人1,抽样人2\nXBJ26131026000000099,路人甲,抽样员乙\n".as_bytes();
    let program = house.program("custodian");
    let send = |mode: &str| {
        let path = format!("/api/v1/sampling-form-imports?mode={mode}");
        program.upload_beside(&path, &[("mapping", mapping.as_str())], "forms.csv", file).send()
    };
    let row = send("dry_run").expect(200).json()["rows"][0].clone();
    assert_eq!(row["good"], true, "{row}");
    assert_eq!(row["doubts"].as_array().map(Vec::len), Some(1), "{row}");
    assert_eq!(row["doubts"][0]["code"], "sampler_unknown");
    send("all").expect(201);
    let form = lis.numbers("SELECT id AS value FROM sampling_form WHERE form_no = 'XBJ26131026000000099'")[0];
    let page = house.by("custodian").get(&format!("/receipt/{form}")).expect(200).page().text();
    assert!(page.contains("路人甲 is no sampler of this laboratory"), "{page}");
});
