//! Items that another laboratory tests, and items that nobody tests any more: from the consent to the printed report.

use lis_tests::{Reply, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::set_gate;
use crate::steps::{House, Sheet, market_rice, number, rice_order, scope_line, subcontractor, text, uuid, with};

const REPORT: &[u8] = b"%PDF-1.7\n% the other laboratory's report\n%%EOF\n";

/// The item of a container with an analyte, among those of a state.
#[track_caller]
fn item_of(house: &House<'_>, label: &str, analyte: &str, state: &str) -> Value {
    let items = house.items("manager", &format!("/api/v1/items?state={state}&limit=500"));
    let wanted = |item: &Value| item["label_code"] == label && item["analyte"] == analyte;
    items.into_iter().find(wanted).unwrap_or_else(|| panic!("no {state} item for {analyte} of {label}"))
}

fn step(item: &Value, step: &str) -> String {
    format!("/api/v1/items/{}/{step}", item["id"])
}

/// Brings a report of the other laboratory.
fn bring(house: &House<'_>, username: &str, item: &Value, fields: &[(&str, &str)], file: &[u8]) -> Reply {
    let client = house.by(username);
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    let fields = [fields, &[("csrf", csrf.as_str())]].concat();
    let ask = client.upload_beside(&step(item, "subcontract-result"), &fields, "LS-2026-0815.pdf", file);
    ask.key(&uuid()).seen(number(item, "version")).send()
}

/// The fixed document of an issued report.
fn document(lis: &TestLis, report: &Value) -> Value {
    let stored = lis.texts(&format!("SELECT document AS value FROM report WHERE id = {}", report["id"])).remove(0);
    serde_json::from_str(&stored).expect("a document")
}

const RESULT: &[(&str, &str)] = &[
    ("values", "4.2"),
    ("unit", "µg/kg"),
    ("lod", "0.1"),
    ("loq", "0.3"),
    ("report_no", "LS-2026-0815"),
    ("reported_on", "2026-11-27"),
];

// Requirement: Q66-1, Q78-2
demonstrated!(an_item_goes_to_another_laboratory_and_the_report_says_so, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.write_form(&market_rice()));
    let toxin = item_of(&house, sample.label(), "aflatoxin-b1", "planned");
    let version = number(&toxin, "version");

    // The register: a laboratory whose accreditation has ended and never covered the method.
    let ended = json!({"methods": "GB 5009.15", "valid_until": "2026-11-26", "evaluated_on": "2026-01-05"});
    let made = house.done("quality", "/api/v1/subcontractors", &with(subcontractor(), &ended));
    let other = number(&made, "id");
    for username in ["tester2", "custodian", "reviewer"] {
        let reply = house.ask(username, "/api/v1/subcontractors", &subcontractor());
        assert_eq!(reply.status, 404, "{username} keeps no register");
    }
    let again = house.ask("manager", "/api/v1/subcontractors", &subcontractor()).expect(409);
    assert_eq!(again.codes(), ["subcontractor-named"]);

    // Every reason at once: nobody asked the authority; the laboratory; a day to come; another sample's container.
    let elsewhere = format!("SELECT label_code AS value FROM part WHERE sample_id <> {} ORDER BY id", sample.id);
    let elsewhere = lis.texts(&elsewhere).remove(0);
    let sending = json!({"subcontractor": other.to_string(), "sent_on": "2026-11-28", "label_code": elsewhere});
    let refused = house.ask_on("custodian", &step(&toxin, "subcontract"), version, &sending).expect(409);
    assert_eq!(
        refused.codes(),
        [
            "subcontract-consent-missing",
            "subcontractor-expired",
            "subcontractor-outside-scope",
            "day-to-come",
            "part-of-another"
        ]
    );

    // Evaluated anew, by another person, at the version that was seen.
    let path = format!("/api/v1/subcontractors/{other}");
    let evaluate = |seen: i64| {
        let manager = house.by("manager");
        let ask = manager.send_json("PUT", &path, &subcontractor()).header("sec-fetch-site", "same-origin");
        ask.key(&uuid()).seen(seen).send()
    };
    assert_eq!(evaluate(2).expect(412).codes(), ["stale-version"]);
    evaluate(1).expect(200);
    let listed = house.items("quality", "/api/v1/subcontractors");
    assert_eq!((&listed[0]["evaluated_by"], &listed[0]["valid"]), (&json!("技术负责人壬"), &json!(true)));

    // The authority refuses, then agrees: the newest word holds.
    let sending = json!({"subcontractor": other.to_string(), "sent_on": "2026-11-27", "label_code": ""});
    let consent = format!("/api/v1/samples/{}/subcontract-consent", sample.id);
    let said = |agreed: &str| json!({"agreed": agreed, "given_by": "科长", "given_on": "2026-11-27", "how": "霸市监函〔2026〕12 号"});
    house.done("custodian", &consent, &said("no"));
    let refused = house.ask_on("custodian", &step(&toxin, "subcontract"), version, &sending).expect(409);
    assert_eq!(refused.codes(), ["subcontract-consent-missing"]);
    house.done("manager", &consent, &said("yes"));
    let state = house.get("custodian", &consent);
    assert_eq!((&state["agreed"], &state["said"]["party"]), (&json!(true), &json!("authority")));
    for username in ["tester2", "checker", "quality", "ordering"] {
        assert_eq!(house.ask_on(username, &step(&toxin, "subcontract"), version, &sending).status, 404, "{username}");
    }
    house.done_on("custodian", &step(&toxin, "subcontract"), version, &sending);

    // It has left assignment and benches; the sample is in testing.
    assert_eq!(house.assign(sample.label(), "tester2"), 1, "cadmium alone waits for a tester");
    let away = item_of(&house, sample.label(), "aflatoxin-b1", "subcontracted");
    assert_eq!(away["tester_id"], Value::Null);
    let listed = house.items("custodian", "/api/v1/subcontracted-items");
    let listed = listed.iter().find(|item| item["id"] == away["id"]).expect("it is listed");
    assert_eq!((&listed["subcontractor"], &listed["sent_on"]), (&json!("邻市检验中心"), &json!("2026-11-27")));
    let page = house.by("manager").get("/subcontracted").expect(200).page().text();
    assert!(page.contains("邻市检验中心") && page.contains(sample.label()), "{page}");

    // The rest is tested and checked here; the report waits.
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    assert_eq!(house.check(sample.label()), 1);
    let reports = format!("SELECT count(*) AS value FROM report WHERE sample_id = {}", sample.id);
    assert_eq!(lis.numbers(&reports), [0], "an item is still at the other laboratory");

    // The report comes: a PDF, of a day on which the item was there, with one value.
    let wrong = bring(&house, "custodian", &away, RESULT, b"PK\x03\x04 no report").expect(422);
    assert_eq!(wrong.codes(), ["not-a-pdf"]);
    let early = RESULT.iter().map(|(name, value)| match *name {
        "reported_on" => (*name, "2026-11-26"),
        "values" => (*name, "4.2; 4.3"),
        _ => (*name, *value),
    });
    let early: Vec<(&str, &str)> = early.collect();
    let early = bring(&house, "custodian", &away, &early, REPORT).expect(422);
    assert_eq!(early.codes(), ["subcontract-report-date", "subcontract-values"]);
    let half = [RESULT, &[("uncertainty", "0.4 %")]].concat();
    assert_eq!(bring(&house, "custodian", &away, &half, REPORT).expect(422).codes(), ["field-missing"], "k");
    house.give_roles("custodian", &["custodian", "checker"]);
    let received = bring(&house, "custodian", &away, RESULT, REPORT).expect(200).json();
    assert_eq!((&received["verdict"], &received["reported"]), (&json!("PASS"), &json!("4.2")), "at most 10 µg/kg");

    // Whoever entered it does not check it.
    house.sign("custodian", "checked");
    let seen = json!({"items": [{"id": away["id"], "version": received["version"]}]});
    let own = house.ask("custodian", "/api/v1/checks", &seen).expect(409);
    assert_eq!(own.codes(), ["checker-is-tester", "authorization-missing"]);
    let evidence = house.get("checker", &step(&away, "evidence"));
    assert_eq!(evidence["results"][0]["cause"], "subcontracted");
    assert_eq!((&evidence["reproduces"], &evidence["tester"]), (&json!(true), &json!("样品管理员丁")));
    assert_eq!(evidence["record"]["subcontract"]["report_no"], "LS-2026-0815");
    let page = house.by("checker").get(&format!("/check/{}", away["id"])).expect(200).page().text();
    assert!(page.contains("邻市检验中心") && page.contains("LS-2026-0815"), "{page}");
    for path in [step(&away, "subcontract-report"), format!("/check/{}/subcontract-report/file", away["id"])] {
        assert_eq!(house.by("checker").get(&path).expect(200).body, REPORT, "{path}");
        assert_eq!(house.by("ordering").get(&path).status, 404, "{path}");
    }
    assert_eq!(house.check(sample.label()), 1);

    // The laboratory's own scope has cadmium alone: that the other item was tested elsewhere is no matter of its gate.
    house.done("manager", "/api/v1/accredited-scope", &scope_line("镉", "GB 5009.15"));
    set_gate(&house, "scope", "block");

    // The report marks the item, names the other laboratory as it was, and bears no mark of accreditation.
    let issued = house.issue(sample.id);
    assert_eq!(issued["conclusion"], "pass");
    let document = document(&lis, &issued);
    let marked: Vec<_> = document["items"].as_array().expect("items").iter().map(|item| &item["subcontract"]).collect();
    let body = json!({"name": "邻市检验中心", "accreditation": "170000000000"});
    assert_eq!(marked, [&Value::Null, &body]);
    assert_eq!(document["accreditations"], json!([]));
    assert!(document["items"].as_array().expect("items").iter().all(|item| item["in_scope"] == true), "{document}");
    let testers: Vec<_> =
        document["testers"].as_array().expect("testers").iter().map(|one| text(&one["name"])).collect();
    assert_eq!(testers, ["检验员乙"], "who entered the other laboratory's value tested nothing");
    let pdf = house.by("reviewer").get(&format!("/reports/{}/pdf", issued["id"])).expect(200).body;
    assert!(pdf.starts_with(b"%PDF"));
    assert!(lis.verified().is_ok());
});

demonstrated!(what_another_laboratory_does_not_test_comes_back, |lis: TestLis| {
    let house = House::of(&lis);
    let other = number(&house.done("manager", "/api/v1/subcontractors", &subcontractor()), "id");
    // The client agreed when it ordered.
    let sample = house.receive(house.order(&with(rice_order(), &json!({"subcontracting": "yes"}))));
    let said = house.get("custodian", &format!("/api/v1/samples/{}/subcontract-consent", sample.id));
    assert_eq!(
        (&said["said"]["party"], &said["said"]["in_order"], &said["said"]["given_by"]),
        (&json!("client"), &json!(true), &json!("糕点厂联系人"))
    );
    house.assign(sample.label(), "tester2");
    let item = item_of(&house, sample.label(), "cd", "assigned");
    let sending = json!({"subcontractor": other.to_string(), "sent_on": "", "label_code": sample.label()});
    house.done_on("manager", &step(&item, "subcontract"), number(&item, "version"), &sending);
    let own = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    assert!(own.iter().all(|one| one["id"] != item["id"]), "it has left its tester");

    // On the page, with a reason; without one the form comes back.
    let (page, action) = (format!("/assignment/{}", item["id"]), format!("/assignment/{}/take-back", item["id"]));
    let custodian = house.by("custodian");
    custodian.send(&custodian.form(&page, &action)).expect(422);
    custodian.send(&custodian.form(&page, &action).set("reason", "对方设备停机")).expect(303);
    let back = item_of(&house, sample.label(), "cd", "planned");
    assert_eq!(back["tester_id"], Value::Null);
    let twice = house.ask_on("custodian", &step(&item, "take-back"), number(&back, "version"), &json!({"reason": "x"}));
    assert_eq!(twice.expect(409).codes(), ["item-wrong-state"]);

    // Tested here after all. Once it is calculated it is not cancelled; sent back for repetition it is the last item of a
    // report, which would have nothing to say.
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    assert_eq!(house.check(sample.label()), 1);
    let reason = json!({"reason": "委托方撤回该项目"});
    let checked = item_of(&house, sample.label(), "cd", "checked");
    let late = house.ask_on("custodian", &step(&item, "cancellation"), number(&checked, "version"), &reason);
    assert_eq!(late.expect(409).codes(), ["item-wrong-state", "item-last-of-report"]);
    let version = number(&checked, "version");
    house.done_on("checker", &step(&item, "repeat"), version, &json!({"reason": "平行样偏差大"}));
    let last = house.ask_on("custodian", &step(&item, "cancellation"), version + 1, &reason);
    assert_eq!(last.expect(409).codes(), ["item-last-of-report"]);
});

demonstrated!(a_cancelled_item_is_tested_no_more_and_the_report_lists_the_others, |lis: TestLis| {
    let house = House::of(&lis);
    let both = json!({"items": ["cd|GB 5009.15", "aflatoxin-b1|GB 5009.22"]});
    let sample = house.receive(house.order(&with(rice_order(), &both)));
    assert_eq!(house.assign(sample.label(), "tester2"), 2);
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    assert_eq!(house.check(sample.label()), 1);
    let sheet = house.open("tester2", sample.label(), "aflatoxin-b1");
    let toxin = item_of(&house, sample.label(), "aflatoxin-b1", "in_batch");
    let (version, reason) = (number(&toxin, "version"), json!({"reason": "委托方撤回该项目"}));
    let mails = || lis.numbers("SELECT count(*) AS value FROM mail");
    let before = mails();
    for username in ["tester2", "checker", "quality", "bakery"] {
        assert_eq!(house.ask_on(username, &step(&toxin, "cancellation"), version, &reason).status, 404, "{username}");
    }
    let silent = house.ask_on("custodian", &step(&toxin, "cancellation"), version, &json!({"reason": " "})).expect(422);
    assert_eq!(silent.codes(), ["field-missing"]);
    house.done_on("custodian", &step(&toxin, "cancellation"), version, &reason);
    assert_eq!(mails(), [before[0] + 1], "the client who ordered it is told");
    let logged = format!(
        "SELECT event || ' ' || role AS value FROM audit_entry WHERE object_kind = 'test_item' AND object_id = {} \
         ORDER BY id DESC",
        toxin["id"]
    );
    assert_eq!(lis.texts(&logged)[0], "item-cancelled custodian");

    // Its worksheet wants no values any more, and the sample, whose other item is checked, has its report.
    assert_eq!(house.submit(&sheet), "submitted");
    let issued = house.issue(sample.id);
    let document = document(&lis, &issued);
    assert_eq!(document["items"].as_array().map(Vec::len), Some(1), "{document}");
    let page = house.by("custodian").get(&format!("/samples/{}", sample.id)).expect(200).page();
    assert_eq!(page.all(&format!("a[href='/assignment/{}']", toxin["id"])).len(), 1, "it stays on the sample's page");
});

demonstrated!(a_control_taken_from_a_cancelled_item_is_missed, |lis: TestLis| {
    let house = House::of(&lis);
    let (first, second) = (house.receive(house.order(&rice_order())), house.receive(house.order(&rice_order())));
    let ids = [&first, &second].map(|sample| {
        house.assign(sample.label(), "tester2");
        number(&item_of(&house, sample.label(), "cd", "assigned"), "id")
    });
    // The duplicate is taken from the first item of the sheet.
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    let item = item_of(&house, first.label(), "cd", "in_batch");
    let reason = json!({"reason": "样品已用尽"});
    house.done_on("custodian", &step(&item, "cancellation"), number(&item, "version"), &reason);
    let blank = format!("{}-B1", sheet.number);
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
    for (field, value) in [("reading", "2.05"), ("volume", "10"), ("mass", "0.5000")] {
        cells.push((second.label(), "cd", field, value));
    }
    house.type_in(&sheet, &cells);
    // Neither the cancelled item nor its duplicate is asked for; that the duplicate is missing is for quality to judge.
    assert_eq!(house.submit(&sheet), "held");
    let item = item_of(&house, second.label(), "cd", "calculated");
    let evidence = house.get("checker", &step(&item, "evidence"));
    let controls = evidence["qc"]["controls"].as_array().expect("controls").iter();
    let controls: Vec<_> = controls.map(|one| (text(&one["kind"]), text(&one["verdict"]))).collect();
    let of = |kind: &str, verdict: &str| (kind.to_owned(), verdict.to_owned());
    assert_eq!(controls, [of("blank", "ACCEPT"), of("duplicate", "REJECT_BATCH")]);
    let path = format!("/api/v1/worksheets/{}/release", sheet.id);
    let why = json!({"cause": "平行样所属样品已取消", "action": "核对空白后放行"});
    house.done_on("quality", &path, number(&house.sheet(&sheet), "version"), &why);
    assert_eq!(house.check(second.label()), 1);
});

demonstrated!(a_cancelled_first_place_keeps_what_the_raw_record_has_once, |lis: TestLis| {
    let house = House::of(&lis);
    house.done(
        "manager",
        "/api/v1/instruments",
        &json!({"code": "OVEN-01", "name": "电热鼓风干燥箱", "status": "qualified"}),
    );
    let moisture = with(rice_order(), &json!({"items": ["moisture|GB 5009.3"]}));
    let (first, second) = (house.receive(house.order(&moisture)), house.receive(house.order(&moisture)));
    let ids = [&first, &second].map(|sample| {
        house.assign(sample.label(), "tester2");
        number(&item_of(&house, sample.label(), "moisture", "assigned"), "id")
    });
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    let item = item_of(&house, first.label(), "moisture", "in_batch");
    let reason = json!({"reason": "样品已用尽"});
    house.done_on("custodian", &step(&item, "cancellation"), number(&item, "version"), &reason);

    // Of the first place the oven and its temperature alone, which the sheet has once; of the second six weighings.
    let view = house.sheet(&sheet);
    let places: Vec<i64> =
        view["positions"].as_array().expect("positions").iter().map(|one| number(one, "id")).collect();
    let submission = format!("/api/v1/worksheets/{}/submission", sheet.id);
    let missing = house.ask_on("tester2", &submission, number(&view, "version"), &json!({})).expect(422);
    assert_eq!(missing.codes(), ["input-missing"; 8]);
    let mut cells = vec![(places[0], "oven", 1, "OVEN-01"), (places[0], "drying_temperature", 1, "103")];
    for number in [1, 2] {
        for (field, value) in [("mass", "5.0000"), ("mass_before", "30.0000"), ("mass_after", "29.5000")] {
            cells.push((places[1], field, number, value));
        }
    }
    let entries = cells.iter().map(|(position, field, replicate, value)| {
        json!({
            "position": position, "field": field, "replicate": replicate, "value": value, "seen": 0, "reason": "",
            "uuid": uuid(),
        })
    });
    let entries: Vec<Value> = entries.collect();
    house.done("tester2", &format!("/api/v1/worksheets/{}/entries", sheet.id), &json!({"entries": entries}));
    assert_eq!(house.submit(&sheet), "submitted");
    item_of(&house, second.label(), "moisture", "calculated");
});

demonstrated!(a_sample_of_which_nothing_remains_is_closed, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    let item = item_of(&house, sample.label(), "cd", "planned");
    let (page, action) = (format!("/assignment/{}", item["id"]), format!("/assignment/{}/cancel", item["id"]));
    let manager = house.by("manager");
    manager.send(&manager.form(&page, &action)).expect(422);
    manager.send(&manager.form(&page, &action).set("reason", "委托方取消委托")).expect(303);
    assert_eq!(house.get("custodian", &format!("/api/v1/samples/{}", sample.id))["state"], "closed");
    let of_sample =
        |what: &str, table: &str| format!("SELECT {what} AS value FROM {table} WHERE sample_id = {}", sample.id);
    assert_eq!(lis.numbers(&of_sample("count(*)", "report")), [0]);
    // An entrusted sample is kept for 30 days from 27 November.
    let kept = lis.texts(&of_sample("DISTINCT CAST(keep_until AS TEXT)", "part"));
    assert_eq!(kept, ["2026-12-27"]);
    let version = number(&item, "version") + 1;
    let again = house.ask_on("manager", &step(&item, "cancellation"), version, &json!({"reason": "x"})).expect(409);
    assert_eq!(again.codes(), ["item-wrong-state"]);
});
