//! Records of quality: non-conforming work from its opening to its end, proficiency tests, complaints, and the quality
//! report that counts them.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, complaint, number, printed, rice_order, round, text, uuid};

/// A work at the version that it has now.
fn work(house: &House, id: i64) -> Value {
    house.get("quality", &format!("/api/v1/nonconforming-work/{id}"))
}

/// A step of a work that must succeed; the state that it leads to.
pub(crate) fn step(house: &House, id: i64, step: &str, body: &Value) -> String {
    let version = number(&work(house, id), "version");
    text(&house.done_on("quality", &format!("/api/v1/nonconforming-work/{id}/{step}"), version, body)["state"])
}

/// The codes of the refusal of a step.
fn refused(house: &House, id: i64, step: &str, body: &Value) -> Vec<String> {
    let version = number(&work(house, id), "version");
    let reply = house.ask_on("quality", &format!("/api/v1/nonconforming-work/{id}/{step}"), version, body);
    assert!((400..500).contains(&reply.status), "{}", reply.shown());
    reply.codes()
}

fn on_person(house: &House, username: &str, hold: &str) -> Value {
    json!({
        "subject": "person", "person": house.person(username).to_string(), "since": "2026-01-01 00:00", "risk": "high",
        "description": "授权到期后继续检验", "hold": hold,
    })
}

/// The items of a sample that a work lists.
fn listed(work: &Value, sample: i64) -> Vec<i64> {
    let items = work["affected"].as_array().expect("items").iter();
    items.filter(|item| item["sample_id"] == sample).map(|item| number(item, "item_id")).collect()
}

// Requirement: Q710-1
demonstrated!(what_is_on_hold_stands_in_no_report_until_it_is_evaluated, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "5.00");
    house.check(sample.label());

    // Anybody of the laboratory opens it, and learns how many results it lists, not which.
    let opened = house.done("checker", "/api/v1/nonconforming-work", &on_person(&house, "tester2", "on"));
    let id = number(&opened, "id");
    assert_eq!(opened["state"], "held");
    house.by("checker").get(&format!("/api/v1/nonconforming-work/{id}")).expect(404);
    let seen = work(&house, id);
    assert_eq!(opened["items"], seen["affected"].as_array().expect("items").len());
    assert_eq!(listed(&seen, sample.id).len(), 1, "{seen}");

    house.sign("reviewer", "reviewed");
    let report = house.report(sample.id);
    let path = format!("/api/v1/reports/{}/review", report["id"]);
    let held = house.ask_on("reviewer", &path, number(&report, "version"), &json!({})).expect(409);
    assert_eq!(held.codes(), ["items-on-hold"]);
    let work_no = text(&seen["work_no"]);
    let page = house.by("reviewer").get(&format!("/reports/{}", report["id"])).expect(200).page().text();
    assert!(page.contains(&work_no), "the report says what holds its item: {page}");

    assert_eq!(refused(&house, id, "resumption", &json!({})), ["work-wrong-state"], "first it is evaluated");
    let unaffected = json!({"effect": "none", "remark": "复测结果一致"});
    assert_eq!(step(&house, id, "evaluation", &unaffected), "evaluated");
    let held = house.ask_on("reviewer", &path, number(&report, "version"), &json!({})).expect(409);
    assert_eq!(held.codes(), ["items-on-hold"], "until somebody authorizes that work goes on");
    assert_eq!(step(&house, id, "resumption", &json!({})), "resumed");
    house.issue(sample.id);
});

// Requirement: Q710-1
demonstrated!(a_signed_report_that_is_held_before_its_file_is_made_does_not_leave, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    house.check(sample.label());
    for (username, meaning, step) in [("reviewer", "reviewed", "review"), ("signatory", "authorized", "authorize")] {
        house.sign(username, meaning);
        let report = house.report(sample.id);
        let path = format!("/api/v1/reports/{}/{step}", report["id"]);
        house.done_on(username, &path, number(&report, "version"), &json!({}));
    }
    let signed = house.report(sample.id);
    assert_eq!(signed["state"], "authorized", "the background thread has not made its file yet");
    let opened = house.done("checker", "/api/v1/nonconforming-work", &on_person(&house, "tester2", "on"));
    let id = number(&opened, "id");
    assert_eq!(listed(&work(&house, id), sample.id).len(), 1);

    lis.work();
    let stopped = house.report(sample.id);
    assert_eq!((stopped["state"].as_str(), stopped["conclusion"].as_str()), (Some("compiling"), Some("")));
    let mails = format!("SELECT mail_key AS value FROM mail WHERE mail_key LIKE 'report:{}:%'", signed["id"]);
    assert!(lis.texts(&mails).is_empty(), "nobody got it");
    let why = "SELECT event AS value FROM audit_entry WHERE event IN ('report-issued', 'report-issue-stopped') \
               ORDER BY id DESC LIMIT 1";
    assert_eq!(lis.texts(why), ["report-issue-stopped"]);
    house.sign("reviewer", "reviewed");
    let path = format!("/api/v1/reports/{}/review", stopped["id"]);
    let held = house.ask_on("reviewer", &path, number(&stopped, "version"), &json!({})).expect(409);
    assert_eq!(held.codes(), ["items-on-hold"], "the reviewer is told what stands against it");

    step(&house, id, "evaluation", &json!({"effect": "none", "remark": "复测结果一致"}));
    step(&house, id, "resumption", &json!({}));
    let issued = house.issue(sample.id);
    assert_eq!(issued["id"], signed["id"], "the same report, signed again");
});

// Requirement: Q710-1
demonstrated!(a_report_on_an_affected_result_is_recalled_and_everybody_is_told_once, |lis: TestLis| {
    let house = House::of(&lis);
    let (entrusted, report) = house.entrusted_report("5.00");
    let (failing, failed) = house.failing_case();
    let opened = house.done("tester1", "/api/v1/nonconforming-work", &on_person(&house, "tester2", "off"));
    let id = number(&opened, "id");
    let seen = work(&house, id);
    let affected: Vec<i64> = [listed(&seen, entrusted.id), listed(&seen, failing.id)].concat();
    // One item of the entrusted sample, cadmium and aflatoxin of the other.
    assert_eq!(affected.len(), 3, "{seen}");
    let nobody = json!({"items": [999_999], "effect": "none", "remark": "x"});
    assert_eq!(refused(&house, id, "evaluation", &nobody), ["work-item-not-listed"]);
    let some = json!({"items": affected, "effect": "affected", "remark": "标准溶液配制错误"});
    assert_eq!(step(&house, id, "evaluation", &some), "open", "the others are not evaluated yet");
    let rest = json!({"effect": "none", "remark": "未使用该标准溶液"});
    assert_eq!(step(&house, id, "evaluation", &rest), "evaluated");

    assert_eq!(refused(&house, id, "resumption", &json!({})), ["work-reports-stand"]);
    assert_eq!(refused(&house, id, "recall", &json!({"reason": ""})), ["field-missing"]);
    step(&house, id, "recall", &json!({"reason": "标准溶液配制错误"}));
    for report in [&report, &failed] {
        let code = text(&report["verification_code"]);
        let verified = lis.client().get(&format!("/api/v1/verify/{code}")).expect(200).json();
        assert_eq!(verified["standing"], "withdrawn");
        let page = lis.client().get(&format!("/verify/{code}")).expect(200).page().text();
        assert!(page.contains("收回") || page.contains("recalled"), "{page}");
    }
    // Only the bakery got a report; nobody was served the failing one.
    let told = || lis.texts("SELECT mail_key AS value FROM mail WHERE mail_key LIKE 'report:%:recalled:%'");
    let mails = told();
    assert!(
        !mails.is_empty() && mails.iter().all(|key| key.starts_with(&format!("report:{}:", report["id"]))),
        "{mails:?}"
    );
    let events = || lis.texts("SELECT event AS value FROM case_event ORDER BY id");
    let before = events();
    assert_eq!(before.last().map(String::as_str), Some("reversed"));
    assert_eq!(refused(&house, id, "recall", &json!({"reason": "再次"})), ["work-nothing-to-recall"]);
    assert_eq!((told().len(), events().len()), (mails.len(), before.len()), "told once");

    assert_eq!(step(&house, id, "resumption", &json!({})), "resumed");
    let states =
        affected.iter().flat_map(|item| lis.texts(&format!("SELECT state AS value FROM test_item WHERE id = {item}")));
    assert_eq!(states.collect::<Vec<_>>(), ["repeat_ordered"; 3], "affected results are made anew");

    // Made anew and checked, the sample gets a report again, although it was closed with the one that was recalled.
    house.assign(entrusted.label(), "tester2");
    house.measure_cadmium(entrusted.label(), "tester2", "4.00");
    assert_eq!(house.check(entrusted.label()), 1);
    let again = house.issue(entrusted.id);
    assert_eq!(text(&again["report_no"]), format!("{}-G1", text(&report["report_no"])));
    assert_eq!(again["amends_id"], report["id"], "an amendment names the report that it replaces");
    let fields = format!("SELECT amendment_reason AS value FROM report WHERE id = {}", again["id"]);
    assert_eq!(lis.texts(&fields), ["标准溶液配制错误"]);
    let replaced = format!("SELECT mail_key AS value FROM mail WHERE mail_key LIKE 'report:{}:%'", again["id"]);
    let keys = lis.texts(&replaced);
    assert!(!keys.is_empty() && keys.iter().all(|key| key.contains(":replaced:")), "{keys:?}");
    let verified =
        lis.client().get(&format!("/api/v1/verify/{}", text(&report["verification_code"]))).expect(200).json();
    assert_eq!(verified["standing"], "withdrawn", "what was recalled stays so");
    let figures = house.get("quality", "/api/v1/quality-report?period=2026-11");
    let first =
        lis.numbers("SELECT count(*) AS value FROM report WHERE issued_at IS NOT NULL AND amends_id IS NULL")[0];
    assert_eq!(number(&figures["turnaround"], "reports"), first, "the new report is no first report");
    // Two reports were replaced after the wrong blank of the demonstration.
    assert_eq!(number(&figures, "amendments"), 3);
});

// Requirement: Q710-1
demonstrated!(a_report_that_was_signed_meanwhile_does_not_leave, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "5.00");
    house.check(sample.label());
    let opened = house.done("checker", "/api/v1/nonconforming-work", &on_person(&house, "tester2", "off"));
    let id = number(&opened, "id");
    // Nothing is held: the report is reviewed and signed, and its file is not made yet.
    for (username, meaning, verb) in [("reviewer", "reviewed", "review"), ("signatory", "authorized", "authorize")] {
        house.sign(username, meaning);
        let report = house.report(sample.id);
        let path = format!("/api/v1/reports/{}/{verb}", report["id"]);
        house.done_on(username, &path, number(&report, "version"), &json!({}));
    }
    let affected = json!({"items": listed(&work(&house, id), sample.id), "effect": "affected", "remark": "配制错误"});
    step(&house, id, "evaluation", &affected);
    assert_eq!(step(&house, id, "evaluation", &json!({"effect": "none", "remark": "未使用"})), "evaluated");
    assert_eq!(refused(&house, id, "resumption", &json!({})), ["work-reports-stand"], "it is issued in a moment");
    // Its file would be made now, and what is affected is held: it does not leave.
    lis.work();
    assert_eq!(house.report(sample.id)["state"], "compiling");
    assert_eq!(number(&work(&house, id), "reports_to_recall"), 0);
    assert_eq!(step(&house, id, "resumption", &json!({})), "resumed");
});

// Requirement: Q710-1
demonstrated!(what_is_affected_is_the_result_of_now_and_held_at_once, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.measure_cadmium(sample.label(), "tester2", "5.00");
    let opened = house.done("checker", "/api/v1/nonconforming-work", &on_person(&house, "tester2", "off"));
    let id = number(&opened, "id");
    // Another result from the same portion: what is wrong with the work of this person is wrong with it as well.
    let view = house.sheet(&sheet);
    let places = view["positions"].as_array().expect("positions");
    let place = places.iter().find(|one| one["label_code"] == sample.label()).expect("the sample's place");
    let corrected = json!({
        "position": place["id"], "field": "reading", "replicate": 1, "value": "5.10", "seen": 1, "reason": "读数抄错",
        "uuid": uuid(),
    });
    house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", sheet.id), &corrected);
    house.check(sample.label());

    let affected = json!({"items": listed(&work(&house, id), sample.id), "effect": "affected", "remark": "配制错误"});
    assert_eq!(step(&house, id, "evaluation", &affected), "open", "nobody has put the work on hold");
    house.sign("reviewer", "reviewed");
    let report = house.report(sample.id);
    let path = format!("/api/v1/reports/{}/review", report["id"]);
    let held = house.ask_on("reviewer", &path, number(&report, "version"), &json!({})).expect(409);
    assert_eq!(held.codes(), ["items-on-hold"]);
    step(&house, id, "evaluation", &json!({"effect": "none", "remark": "未使用"}));
    assert_eq!(step(&house, id, "resumption", &json!({})), "resumed");
    let state = format!("SELECT state AS value FROM test_item WHERE sample_id = {}", sample.id);
    assert_eq!(lis.texts(&state), ["repeat_ordered"]);
});

// Requirement: Q710-2
demonstrated!(corrective_action_is_checked_and_closed_by_somebody_else, |lis: TestLis| {
    let house = House::of(&lis);
    let opened = house.done("tester1", "/api/v1/nonconforming-work", &on_person(&house, "tester2", "off"));
    let id = number(&opened, "id");
    step(&house, id, "hold", &json!({}));
    step(&house, id, "evaluation", &json!({"effect": "none", "remark": "复测结果一致"}));
    step(&house, id, "resumption", &json!({}));
    let close = json!({"action": "已完成"});
    assert_eq!(refused(&house, id, "close", &close), ["work-needs-corrective-action"], "the risk is high");
    let action =
        json!({"root_cause": "授权到期无提醒", "corrective_action": "到期前三十日提醒", "due_on": "2026-12-31"});
    assert_eq!(step(&house, id, "corrective-action", &action), "correcting");
    assert_eq!(refused(&house, id, "close", &close), ["work-wrong-state"]);
    let without = json!({"effective": "no", "remark": "仍有一人到期未提醒"});
    assert_eq!(step(&house, id, "effect-check", &without), "correcting");
    assert_eq!(step(&house, id, "corrective-action", &action), "correcting");
    assert_eq!(step(&house, id, "effect-check", &json!({"effective": "yes", "remark": "已提醒"})), "effective");
    assert_eq!(step(&house, id, "close", &close), "closed");
    assert_eq!(refused(&house, id, "close", &close), ["work-closed"]);
});

// Requirement: Q77-5
demonstrated!(an_unsatisfactory_proficiency_test_opens_work_with_one_click, |lis: TestLis| {
    let house = House::of(&lis);
    let record = |own: &str| house.done("quality", "/api/v1/proficiency-rounds", &round(own));
    // (0.262 - 0.250) / 0.020 = 0.6; (0.300 - 0.250) / 0.020 = 2.5; (0.190 - 0.250) / 0.020 = -3
    let stated =
        [("0.262", "0.6", "satisfactory"), ("0.300", "2.5", "questionable"), ("0.190", "-3", "unsatisfactory")];
    let mut last = Value::Null;
    for (own, z, verdict) in stated {
        last = record(own);
        assert_eq!((text(&last["z_score"]).as_str(), text(&last["verdict"]).as_str()), (z, verdict));
    }
    let path = |id: i64| format!("/api/v1/proficiency-rounds/{id}/nonconforming-work");
    let id = number(&last, "id");
    let early = house.ask_on("quality", &path(id - 1), 1, &json!({})).expect(409);
    assert_eq!(early.codes(), ["proficiency-not-unsatisfactory"]);
    let opened = house.done_on("quality", &path(id), 1, &json!({}));
    assert_eq!(house.ask_on("quality", &path(id), 2, &json!({})).expect(409).codes(), ["proficiency-has-work"]);
    let page = house.by("quality").get("/quality/proficiency").expect(200).page().text();
    assert!(page.contains("PT-2026-01") && page.contains(&text(&opened["work_no"])), "{page}");

    // It lists no results, so that it is evaluated by saying so; who opened it does not close it.
    let work_id = number(&opened, "id");
    assert_eq!(step(&house, work_id, "evaluation", &json!({"effect": "none", "remark": "无受影响结果"})), "evaluated");
    step(&house, work_id, "resumption", &json!({}));
    let close = json!({"action": "已完成"});
    assert_eq!(refused(&house, work_id, "close", &close), ["work-opener-closes", "work-needs-corrective-action"]);

    let mut wrong = round("0.190");
    wrong["sigma_pt"] = json!("0");
    let refusal = house.ask("quality", "/api/v1/proficiency-rounds", &wrong).expect(422);
    assert_eq!(refusal.codes(), ["field-invalid"]);
    house.by("tester1").get("/quality/proficiency").expect(404);
});

// Requirement: Q79-1
demonstrated!(a_complaint_is_decided_by_nobody_who_did_the_work, |lis: TestLis| {
    let house = House::of(&lis);
    let (sample, report) = house.entrusted_report("5.00");
    let unknown = house.ask("custodian", "/api/v1/complaints", &complaint("BZ-0000-X-000000")).expect(422);
    assert_eq!(unknown.codes(), ["field-invalid"]);
    let taken = house.done("custodian", "/api/v1/complaints", &complaint(&text(&report["report_no"])));
    let id = number(&taken, "id");
    let shown = house.get("quality", &format!("/api/v1/complaints/{id}"));
    assert_eq!(shown["sample_no"], sample.number, "the report brings its sample");
    // Thursday 26 November: Friday, Monday, Tuesday; and twenty working days.
    assert_eq!((&shown["acknowledge_by"], &shown["answer_by"]), (&json!("2026-12-01"), &json!("2026-12-24")));

    let path = |step: &str| format!("/api/v1/complaints/{id}/{step}");
    let decision = json!({"decision": "justified", "outcome": "已改进送达流程"});
    let early = house.ask_on("quality", &path("decision"), 1, &decision).expect(409);
    assert_eq!(early.codes(), ["complaint-wrong-state"]);
    house.done_on("quality", &path("acknowledgement"), 1, &json!({}));
    house.give_roles("checker", &["checker", "custodian"]);
    let involved = house.ask_on("checker", &path("decision"), 2, &decision).expect(403);
    assert_eq!(involved.codes(), ["complaint-handler-involved"]);
    house.done_on("quality", &path("decision"), 2, &decision);
    let told = house.done_on("custodian", &path("outcome"), 3, &json!({"how": "电话"}));
    assert_eq!(told["state"], "told");
    assert_eq!(
        house.ask_on("custodian", &path("outcome"), 4, &json!({"how": "电话"})).expect(409).codes(),
        ["complaint-wrong-state"]
    );
    house.by("tester1").get(&format!("/complaints/{id}")).expect(404);
    assert_eq!(house.get("quality", &format!("/api/v1/complaints/{id}"))["applications"], json!([]));

    // Of a failing sample it is seen who applied for what against its result.
    let disputed = lis.texts(
        "SELECT r.report_no AS value FROM case_application a JOIN failing_case c ON c.id = a.case_id \
         JOIN report r ON r.id = c.report_id WHERE a.kind = 'reinspection' ORDER BY a.id",
    );
    let taken = house.done("custodian", "/api/v1/complaints", &complaint(&disputed[0]));
    let shown = house.get("quality", &format!("/api/v1/complaints/{}", taken["id"]));
    assert_eq!(shown["applications"][0]["kind"], "reinspection");
    let page = house.by("quality").get(&format!("/complaints/{}", taken["id"])).expect(200).page().text();
    assert!(page.contains("Re-inspection") && page.contains(&text(&shown["applications"][0]["case_no"])), "{page}");
});

// Requirement: Q79-1
demonstrated!(who_made_a_result_that_was_replaced_is_involved_too, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "5.00");
    house.check(sample.label());
    let items = house.items("checker", "/api/v1/items?state=checked&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    let path = format!("/api/v1/items/{}/repeat", item["id"]);
    house.done_on("checker", &path, number(item, "version"), &json!({"reason": "平行样偏差"}));
    house.assign(sample.label(), "tester1");
    house.measure_cadmium(sample.label(), "tester1", "5.02");
    house.check(sample.label());
    let report = house.issue(sample.id);

    let taken = house.done("custodian", "/api/v1/complaints", &complaint(&text(&report["report_no"])));
    let path = |step: &str| format!("/api/v1/complaints/{}/{step}", taken["id"]);
    house.done_on("quality", &path("acknowledgement"), 1, &json!({}));
    house.give_roles("tester2", &["tester", "custodian"]);
    let decision = json!({"decision": "unjustified", "outcome": "结果无误"});
    let involved = house.ask_on("tester2", &path("decision"), 2, &decision).expect(403);
    assert_eq!(involved.codes(), ["complaint-handler-involved"]);
});

// Requirement: Q77-6
demonstrated!(the_quality_report_counts_what_is_there, |lis: TestLis| {
    let house = House::of(&lis);
    let path = |period: &str| format!("/api/v1/quality-report?period={period}");
    let before = house.get("quality", &path("2026-11"));
    house.done("quality", "/api/v1/proficiency-rounds", &round("0.190"));
    house.done("quality", "/api/v1/complaints", &complaint(""));
    house.done("tester1", "/api/v1/nonconforming-work", &on_person(&house, "tester2", "off"));
    let after = house.get("quality", &path("2026-11"));
    let arrived = lis.numbers("SELECT count(*) AS value FROM sample WHERE arrived_at IS NOT NULL")[0];
    assert!(arrived > 0 && number(&after, "samples_received") == arrived, "all arrived in November: {after}");
    let rejected = lis.numbers("SELECT count(*) AS value FROM sample WHERE state = 'rejected'")[0];
    assert_eq!(number(&after, "samples_rejected"), rejected);
    let issued =
        lis.numbers("SELECT count(*) AS value FROM report WHERE issued_at IS NOT NULL AND amends_id IS NULL")[0];
    assert_eq!(number(&after["turnaround"], "reports"), issued);
    // Two reports were replaced after the wrong blank.
    assert_eq!(number(&after, "amendments"), 2);
    let counts = |report: &Value, list: &str| -> i64 {
        report[list].as_array().expect("a list").iter().map(|one| number(one, "count")).sum()
    };
    for (list, more) in [("works_opened", 1), ("complaints", 1), ("items", 0)] {
        assert_eq!(counts(&after, list), counts(&before, list) + more, "{list}");
    }
    assert_eq!(after["proficiency"][0]["z_score"], "-3");
    let year = house.get("quality", &path("2026"));
    assert_eq!(year["samples_received"], after["samples_received"]);
    assert_eq!(number(&house.get("quality", &path("2025")), "samples_received"), 0);
    let page = house.by("manager").get("/quality/report?period=2026-11").expect(200).page().text();
    assert!(page.contains("PT-2026-01"), "{page}");
    assert_eq!(house.by("quality").get(&path("2026-13")).expect(422).codes(), ["field-invalid"]);

    let paper = |path: &str| printed(&house.by("quality").get(path).expect(200).body);
    let said = paper("/quality/report/pdf?period=2026-11");
    for part in [
        "Quality Report".to_owned(),
        "Period: 2026-11".to_owned(),
        format!("Samples received {arrived}"),
        format!("First reports issued {issued}"),
        "Amendments issued 2".to_owned(),
        "PT-2026-01".to_owned(),
        "Made by".to_owned(),
        "Page 1 of".to_owned(),
    ] {
        assert!(said.contains(&part), "{part}: {said}");
    }
    assert!(paper("/api/v1/quality-report/pdf?period=2026").contains("Period: 2026 "), "a year as well");
    house.by("quality").get("/api/v1/quality-report/pdf?period=2026-13").expect(422);
    house.by("tester1").get("/quality/report/pdf").expect(404);
    house.by("tester1").get(&path("2026-11")).expect(404);
});
