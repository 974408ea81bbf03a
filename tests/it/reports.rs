//! Reports: who may sign them, what a signed one is, and what its code says.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, number, rice_order, text, with};

demonstrated!(a_refusal_names_every_reason_at_once, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    let report = house.report(sample.id);
    let path = |step: &str| format!("/api/v1/reports/{}/{step}", report["id"]);
    let version = number(&report, "version");

    // The tester of the item may now review and sign as well, by role; not this report.
    house.give_roles("tester2", &["tester", "reviewer", "signatory"]);
    let own = house.ask_on("tester2", &path("review"), version, &json!({})).expect(403);
    assert_eq!(own.codes(), ["reviewer-tested", "signing-grant-missing"]);
    house.sign("tester2", "reviewed");
    let own = house.ask_on("tester2", &path("review"), version, &json!({})).expect(403);
    assert_eq!(own.codes(), ["reviewer-tested"]);

    // Nobody authorizes what nobody reviewed.
    house.sign("signatory", "authorized");
    let early = house.ask_on("signatory", &path("authorize"), version, &json!({})).expect(409);
    assert_eq!(early.codes(), ["report-wrong-state"]);
    let shown = |who: &str| house.by(who).get(&format!("/reports/{}", report["id"])).expect(200).page().text();
    assert!(shown("signatory").contains("it has not been reviewed yet"), "{}", shown("signatory"));
    // What is to be signed: sample, duplicate and blank by their containers; an order has no sampled unit.
    let evidence = shown("reviewer");
    for container in [sample.label(), "-B1", "-D1"] {
        assert!(evidence.contains(container), "{container} is not in {evidence}");
    }
    assert!(!evidence.contains("Sampled unit"), "{evidence}");
    house.sign("reviewer", "reviewed");
    house.done_on("reviewer", &path("review"), version, &json!({}));
    let reviewed = version + 1;
    let refused = house.ask_on("reviewer", &path("authorize"), reviewed, &json!({})).expect(403);
    assert_eq!(refused.codes(), ["signatory-reviewed", "outside-signatory-field", "signing-grant-missing"]);
    let page = shown("reviewer");
    for reason in ["You reviewed this report; somebody else must authorize it.", "GB 5009.15"] {
        assert!(page.contains(reason), "{reason} is not in {page}");
    }
    let refused = house.ask_on("tester2", &path("authorize"), reviewed, &json!({})).expect(403);
    assert_eq!(refused.codes(), ["signatory-tested", "outside-signatory-field", "signing-grant-missing"]);
    // A page says the same in sentences.
    let page = house.by("tester2").get(&format!("/reports/{}", report["id"])).expect(200).page().text();
    assert!(page.contains("GB 5009.15") && !page.contains("signatory-tested"), "{page}");

    let stale = house.ask_on("signatory", &path("authorize"), version, &json!({})).expect(412);
    assert_eq!(stale.codes(), ["stale-version"]);
    let back = house.ask_on("signatory", &path("send-back"), reviewed, &json!({"reason": ""})).expect(422);
    assert_eq!(back.codes(), ["field-missing"]);
    house.done_on("signatory", &path("send-back"), reviewed, &json!({"reason": "样品名称与委托单不符"}));
    assert_eq!(house.report(sample.id)["state"], "compiling");
    assert_eq!(text(&house.issue(sample.id)["conclusion"]), "pass");
});

demonstrated!(the_annex_of_a_report_shows_how_each_value_was_calculated, |lis: TestLis| {
    let house = House::of(&lis);
    let (_, report) = house.entrusted_report("2.05");
    let document = lis.texts(&format!("SELECT document AS value FROM report WHERE id = {}", report["id"])).remove(0);
    let document: Value = serde_json::from_str(&document).expect("a document");
    let annex: Vec<String> = document["items"][0]["explain"].as_array().expect("the annex").iter().map(text).collect();
    // (2.05 - 0.01) x 10 / 500
    for part in [
        "(reading-blank)*volume/(mass*1000)",
        "reading = 2.05",
        "blank = 0.01",
        "mass = 0.5000",
        "0.0408",
        "Limit of GB 2762-",
    ] {
        assert!(annex.iter().any(|line| line.contains(part)), "{part}: {annex:?}");
    }
});

demonstrated!(an_issued_report_stands_until_another_or_a_withdrawal, |lis: TestLis| {
    let house = House::of(&lis);
    let (_, report) = house.entrusted_report("2.05");
    let (id, code) = (number(&report, "id"), text(&report["verification_code"]));
    let version = number(&report, "version");
    let pdf = house.by("reviewer").get(&format!("/reports/{id}/pdf")).expect(200).body;
    for step in ["review", "authorize", "send-back"] {
        house.sign("reviewer", "reviewed");
        let who = if step == "review" { "reviewer" } else { "signatory" };
        let body = if step == "send-back" { json!({"reason": "x"}) } else { json!({}) };
        let reply = house.ask_on(who, &format!("/api/v1/reports/{id}/{step}"), version, &body);
        assert_eq!(reply.expect(409).codes(), ["report-wrong-state"], "{step}");
    }
    assert_eq!(house.by("bakery").get(&format!("/reports/{id}/pdf")).expect(200).body, pdf, "byte for byte");
    for username in ["market", "tester1", "city"] {
        house.by(username).get(&format!("/reports/{id}/pdf")).expect(404);
    }
    lis.client().get(&format!("/reports/{id}/pdf")).expect(303);

    // The code as typed from paper: small letters and blanks around it, other marks or none between the groups.
    let public = lis.client();
    let standing = |code: &str| text(&public.get(&format!("/api/v1/verify/{code}")).expect(200).json()["standing"]);
    assert_eq!(standing(&format!("%20{}%20", code.to_lowercase())), "valid");
    for between in ["", "%20", "%EF%BC%8D"] {
        assert_eq!(standing(&code.replace('-', between)), "valid", "{between:?}");
    }
    assert_eq!(standing(&code.replace('-', "_")), "unknown");
    assert_eq!(standing("AAAA-BBBB-CCCC"), "unknown");
    let page = format!("/verify/{code}");
    let shown = public.get(&page).expect(200).page().text();
    assert!(!shown.contains("0.041") && !shown.contains("霸州示例糕点厂"), "it says nothing of the results: {shown}");
    let good = public.upload(&page, "report.pdf", &pdf).send().expect(200).page().text();
    let mut changed = pdf.clone();
    changed[2000] ^= 1;
    let bad = public.upload(&page, "report.pdf", &changed).send().expect(200).page().text();
    assert_ne!(good, bad, "a file with one bit changed is another file");

    let path = format!("/api/v1/reports/{id}/withdraw");
    assert_eq!(house.ask_on("reviewer", &path, version, &json!({"reason": "x"})).status, 200, "a signatory by role");
    assert_eq!(standing(&code), "withdrawn");
});

demonstrated!(a_withdrawal_is_told_to_who_got_the_report_and_to_the_authorities, |lis: TestLis| {
    let house = House::of(&lis);
    let (_, entrusted) = house.entrusted_report("5.00");
    let (_, failed) = house.failing_case();
    for report in [&entrusted, &failed] {
        let id = number(report, "id");
        let path = format!("/api/v1/reports/{id}/withdraw");
        house.done_on("signatory", &path, number(report, "version"), &json!({"reason": "样品登记有误"}));
    }
    // The bakery got the first report; nobody was served the second, which the authorities know.
    let told = lis.texts("SELECT mail_key AS value FROM mail WHERE mail_key LIKE 'report:%:recalled:%'");
    let of_the_first = format!("report:{}:", entrusted["id"]);
    assert!(!told.is_empty() && told.iter().all(|key| key.starts_with(&of_the_first)), "{told:?}");
    let bodies = lis.texts("SELECT body AS value FROM mail WHERE mail_key LIKE 'report:%:recalled:%'");
    assert!(bodies.iter().all(|body| body.contains("样品登记有误")), "{bodies:?}");
    let events = lis.texts("SELECT event AS value FROM case_event ORDER BY id");
    assert_eq!(events.last().map(String::as_str), Some("reversed"), "{events:?}");
});

// Requirement: Q78-1
demonstrated!(before_issue_a_report_is_unknown_outside, |lis: TestLis| {
    let house = House::of(&lis);
    let reviewed = house.items("reviewer", "/api/v1/reports?state=reviewed");
    let report = reviewed.first().expect("the demonstration left one").clone();
    let (id, code) = (number(&report, "id"), text(&report["verification_code"]));
    assert_eq!(report["conclusion"], "", "not even for the laboratory");
    let public = lis.client().get(&format!("/api/v1/verify/{code}")).expect(200).json();
    assert_eq!(public["standing"], "unknown");
    let own = house.items("bakery", "/api/v1/portal/reports");
    assert!(own.iter().all(|one| one["report_no"] != report["report_no"]), "{own:?}");
    house.by("bakery").get(&format!("/api/v1/portal/reports/{id}/pdf")).expect(404);
    house.by("bakery").get(&format!("/reports/{id}/pdf")).expect(404);
});

/// The one item of a report as its reviewer's program sees it.
#[track_caller]
fn item_of(house: &House, report: i64) -> Value {
    let items = house.get("reviewer", &format!("/api/v1/reports/{report}"))["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1), "{items}");
    items[0].clone()
}

demonstrated!(a_reviewer_sends_an_item_back_to_its_tester, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    let id = number(&house.report(sample.id), "id");
    let path = |step: &str| format!("/api/v1/reports/{id}/{step}");
    let version = || number(&house.report(sample.id), "version");
    let returned = |changes: &Value| {
        let item = item_of(&house, id);
        with(json!({"item": item["id"], "item_version": item["version"], "reason": "平行样与原始记录不符"}), changes)
    };
    let back = |who: &str, changes: &Value| house.ask_on(who, &path("return-item"), version(), &returned(changes));

    // What is reviewed is sent back first; and it is the reviewer's no, nobody else's.
    house.sign("reviewer", "reviewed");
    house.done_on("reviewer", &path("review"), version(), &json!({}));
    assert_eq!(back("reviewer", &json!({})).expect(409).codes(), ["report-wrong-state"]);
    house.done_on("signatory", &path("send-back"), version(), &json!({"reason": "请复核平行样"}));
    back("tester2", &json!({})).expect(404);

    // Every reason at once.
    let seen = number(&item_of(&house, id), "version");
    let empty = house.ask_on("reviewer", &path("return-item"), version(), &json!({"reason": " "})).expect(422);
    assert_eq!(empty.codes(), ["field-missing"; 3], "item, version and reason: {}", empty.text());
    assert_eq!(back("reviewer", &json!({"item": 999_999})).expect(404).codes(), ["not-found"]);
    house.give_roles("tester2", &["tester", "reviewer"]);
    let own = back("tester2", &json!({"item_version": seen - 1})).expect(403);
    assert_eq!(own.codes(), ["reviewer-tested", "item-changed"]);
    let late = house.ask_on("reviewer", &path("return-item"), version() - 1, &returned(&json!({}))).expect(412);
    assert_eq!(late.codes(), ["stale-version"]);
    assert_eq!(item_of(&house, id)["state"], "checked", "nothing has happened");

    // By program: one write, with a line for the report and one for the item.
    let body = returned(&json!({}));
    let before = version();
    let done = house.done_on("reviewer", &path("return-item"), before, &body);
    assert_eq!((done["state"].as_str(), number(&done, "version")), (Some("compiling"), before + 1));
    let again = house.ask_on("reviewer", &path("return-item"), before + 1, &body).expect(409);
    assert_eq!(again.codes(), ["item-wrong-state", "item-changed"]);
    let logged = "SELECT event || ' ' || role AS value FROM audit_entry \
                  WHERE event IN ('report-item-returned', 'item-repeat-ordered') ORDER BY event";
    assert_eq!(lis.texts(logged), ["item-repeat-ordered reviewer", "report-item-returned reviewer"]);
    let causes = "SELECT count(DISTINCT cause) AS value FROM audit_entry \
                  WHERE event IN ('report-item-returned', 'item-repeat-ordered')";
    assert_eq!(lis.numbers(causes), [1], "of one request");
    house.sign("reviewer", "reviewed");
    let unchecked = house.ask_on("reviewer", &path("review"), version(), &json!({})).expect(409);
    assert_eq!(unchecked.codes(), ["items-not-checked"]);

    // Tested and checked again, the item finds its report where it was. On the page it goes the same way.
    assert_eq!(house.assign(sample.label(), "tester2"), 1);
    house.measure_cadmium(sample.label(), "tester2", "2.10");
    assert_eq!(house.check(sample.label()), 1);
    let (reviewer, page) = (house.by("reviewer"), format!("/reports/{id}"));
    let form = reviewer.form(&page, &format!("{page}/return-item"));
    let refused = reviewer.send(&form.clone().set("reason", "读数可疑")).expect(422).page();
    assert!(!refused.error_at("item").is_empty(), "{}", refused.text());
    assert_eq!(refused.form(&format!("{page}/return-item")).value("reason"), Some("读数可疑"), "as typed");
    let item = item_of(&house, id);
    let chosen = format!("{}:{}", item["id"], item["version"]);
    let form = reviewer.form(&page, &format!("{page}/return-item"));
    reviewer.send(&form.set("item", &chosen).set("reason", "读数可疑")).expect(303);
    assert_eq!(item_of(&house, id)["state"], "repeat_ordered");
    let shown = reviewer.get(&page).expect(200).page();
    assert!(shown.all("form").iter().all(|form| form.value().attr("action") != Some(&*format!("{page}/return-item"))));

    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    let report = house.issue(sample.id);
    assert_eq!((number(&report, "id"), text(&report["conclusion"])), (id, "pass".to_owned()));
    assert!(lis.verified().is_ok());
});

// Requirement: Q78-3, Q78-4
demonstrated!(a_report_names_result_limit_and_decision_rule_and_marks_what_the_client_supplied, |lis: TestLis| {
    let house = House::of(&lis);
    let (_, report) = house.entrusted_report("2.05");
    let bytes = house.by("reviewer").get(&format!("/reports/{}/pdf", report["id"])).expect(200).body;
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, bytes).expect("a file");
    let output =
        std::process::Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().expect("pdftotext runs");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let dense: String = printed.split_whitespace().collect();
    // (2.05 - 0.01) x 10 / 500 mg/kg; at most 0.2; by which standard; compared how.
    for said in ["0.041", "≤0.2", "GB2762-2025", "Comparisonbyfullvalue,withoutmeasurementuncertainty"] {
        assert!(dense.contains(said), "{said} is not on the report:\n{printed}");
    }
    for said in ["Trademark△金穗", "BatchNo.△20261110", "Informationmarked△wasprovidedbytheclient"] {
        assert!(dense.contains(said), "{said} is not on the report:\n{printed}");
    }
    assert!(!dense.contains("SampleNo.△"), "the laboratory's own number is not marked:\n{printed}");
});

// Requirement: Q78-7
demonstrated!(every_number_that_was_given_is_accounted_for, |lis: TestLis| {
    let house = House::of(&lis);
    let (_, report) = house.entrusted_report("2.05");
    let (id, number_of) = (number(&report, "id"), text(&report["report_no"]));
    let numbers = || house.get("quality", "/api/v1/report-numbers?year=2026");
    let of_series = number_of.rsplit_once('-').expect("a number of a series").0;
    let void = |of: &str| {
        let all = numbers()["void"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["report_no"] == of)
    };
    assert_eq!(void(&number_of), None, "it stands");
    // The demonstration replaced a report.
    let replaced = void("BZ-2026-J-000001").expect("it was replaced");
    assert_eq!((&replaced["state"], &replaced["replaced_by"]), (&json!("replaced"), &json!("BZ-2026-J-000001-G1")));
    assert!(!text(&replaced["reason"]).is_empty(), "{replaced}");

    let path = format!("/api/v1/reports/{id}/withdraw");
    house.done_on("signatory", &path, number(&report, "version"), &json!({"reason": "样品信息有误"}));
    let withdrawn = void(&number_of).expect("it is listed");
    assert_eq!((&withdrawn["state"], &withdrawn["reason"]), (&json!("withdrawn"), &json!("样品信息有误")));
    let series = numbers()["series"].as_array().expect("series").clone();
    let entrusted = series.iter().find(|one| one["series"] == of_series).expect("the series");
    assert_eq!((&entrusted["last"], &entrusted["missing"]), (&json!(number_of), &json!([])));

    // A number that was given and has no report is no silent hole.
    lis.sql(&format!("UPDATE number_series SET last = last + 1 WHERE name = 'report:{of_series}'")).expect("a series");
    let series = numbers()["series"].as_array().expect("series").clone();
    let entrusted = series.iter().find(|one| one["series"] == of_series).expect("the series").clone();
    assert_eq!(entrusted["missing"], json!([entrusted["last"]]));
    let page = house.by("quality").get("/reports/numbers?year=2026").expect(200).page().text();
    assert!(page.contains("样品信息有误") && page.contains(&text(&entrusted["last"])), "{page}");
    assert_eq!(house.by("quality").get("/api/v1/report-numbers?year=26").expect(422).codes(), ["field-invalid"]);
    assert_eq!(house.by("tester2").get("/api/v1/report-numbers").status, 404);
});
