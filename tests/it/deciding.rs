//! A verdict that the rules leave open: nobody signs a report over it, a person decides it with a basis, somebody else checks.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, number, rice_order, text, with};

/// The item of a container among those of a state.
fn item_of(house: &House<'_>, label: &str, state: &str) -> Value {
    let items = house.items("checker", &format!("/api/v1/items?state={state}&limit=500"));
    items.into_iter().find(|item| item["label_code"] == label).unwrap_or_else(|| panic!("no {state} item of {label}"))
}

demonstrated!(an_open_verdict_is_decided_with_its_basis_and_checked_again, |lis: TestLis| {
    let house = House::of(&lis);
    // Cadmium is to be judged by the standard of mycotoxins, which has no row for it; the shipped catalogue is not declared
    // complete, so that says nothing.
    let order = with(rice_order(), &json!({"limit_standards": "GB 2761"}));
    let sample = house.receive(house.order(&order));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    let item = item_of(&house, sample.label(), "calculated");
    assert_eq!((&item["verdict"], &item["notes"]), (&json!("REVIEW"), &json!(["limit-unknown"])));
    house.check(sample.label());

    // Reviewed it may be; no signatory can sign it.
    let report = |step: &str| {
        let report = house.report(sample.id);
        (format!("/api/v1/reports/{}/{step}", report["id"]), number(&report, "version"))
    };
    house.sign("reviewer", "reviewed");
    let (path, version) = report("review");
    house.done_on("reviewer", &path, version, &json!({}));
    house.sign("signatory", "authorized");
    let (path, version) = report("authorize");
    assert_eq!(house.ask_on("signatory", &path, version, &json!({})).expect(409).codes(), ["verdict-open"]);

    // The technical manager finds it, and decides.
    let manager = house.by("manager");
    let listed = manager.get("/doubts").expect(200).page().text();
    assert!(listed.contains(sample.label()), "{listed}");
    let page = format!("/check/{}", item["id"]);
    let action = format!("{page}/decision");
    let silent = manager.form(&page, &action).set("verdict", "pass");
    let said = manager.send(&silent).expect(422).page().text();
    assert!(said.contains("This field is required."), "{said}");
    let decision =
        json!({"verdict": "pass", "basis": "GB 2762-2025 表 2", "reason": "委托方标准未列镉，按污染物限量判定"});
    let path = format!("/api/v1/items/{}/decision", item["id"]);
    let seen = number(&item_of(&house, sample.label(), "checked"), "version");
    for username in ["tester2", "checker", "signatory", "quality"] {
        assert_eq!(house.ask_on(username, &path, seen, &decision).status, 404, "{username} decides nothing");
    }
    assert_eq!(house.ask_on("manager", &path, seen - 1, &decision).status, 412);
    // What non-conforming work holds is evaluated first, and free when the work is resumed.
    let opened = house.done(
        "checker",
        "/api/v1/nonconforming-work",
        &json!({
            "subject": "person", "person": house.person("tester2").to_string(), "since": "2026-01-01 00:00",
            "risk": "high", "description": "授权到期后继续检验", "hold": "on",
        }),
    );
    let work = format!("/api/v1/nonconforming-work/{}", opened["id"]);
    let step = |step: &str, body: &Value| {
        let version = number(&house.get("quality", &work), "version");
        house.done_on("quality", &format!("{work}/{step}"), version, body);
    };
    let held = || house.ask_on("manager", &path, seen, &decision).expect(409);
    assert_eq!(held().codes(), ["item-on-hold"]);
    assert!(held().shown().contains(&text(&opened["work_no"])), "the refusal names the work");
    step("evaluation", &json!({"effect": "none", "remark": "复测结果一致"}));
    assert_eq!(held().codes(), ["item-on-hold"], "until somebody authorizes that work goes on");
    step("resumption", &json!({}));

    house.done_on("manager", &path, seen, &decision);
    assert_eq!(house.ask_on("manager", &path, seen + 1, &decision).expect(409).codes(), ["verdict-decided"]);

    // A new version beside the old one, which the program gives again byte for byte.
    let evidence = house.get("checker", &format!("/api/v1/items/{}/evidence", item["id"]));
    let results = evidence["results"].as_array().expect("results");
    let shown: Vec<_> = results.iter().map(|row| (text(&row["verdict"]), text(&row["cause"]))).collect();
    let of = |verdict: &str, cause: &str| (verdict.to_owned(), cause.to_owned());
    assert_eq!(shown, [of("PASS", "decided"), of("REVIEW", "submitted")]);
    assert_eq!(results[0]["value"], results[1]["value"]);
    assert_eq!((&evidence["reproduces"], &evidence["state"]), (&json!(true), &json!("calculated")));
    let decided = &evidence["record"]["decision"];
    assert_eq!((&decided["basis"], &decided["verdict"]), (&decision["basis"], &json!("PASS")));

    // What the reviewer signed has changed: checked again, sent back, reviewed and authorized.
    assert_eq!(house.check(sample.label()), 1);
    let (path, version) = report("authorize");
    let stale = house.ask_on("signatory", &path, version, &json!({})).expect(409);
    assert_eq!(stale.codes(), ["report-changed-since-review"]);
    let (path, version) = report("send-back");
    house.done_on("signatory", &path, version, &json!({"reason": "判定已变更"}));
    let issued = house.issue(sample.id);
    assert_eq!(issued["conclusion"], "pass");
    let document = lis.texts(&format!("SELECT document AS value FROM report WHERE id = {}", issued["id"])).remove(0);
    let document: Value = serde_json::from_str(&document).expect("a document");
    assert_eq!(document["judgement_basis"], json!(["GB 2762-2025 表 2"]));
    let annex = document["items"][0]["explain"].as_array().expect("the annex").iter().map(text).collect::<Vec<_>>();
    let last = annex.last().expect("a sentence");
    assert!(last.contains("GB 2762-2025 表 2") && last.contains("委托方标准未列镉"), "{annex:?}");
});
