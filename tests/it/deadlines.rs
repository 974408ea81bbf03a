//! The laboratory's own limit: the report on a sample, and who is warned of it when.

use lis_server::domain::clock::Moment;
use lis_tests::{TestLis, demonstrated};
use serde_json::json;

use crate::steps::{House, market_rice, number, with};

demonstrated!(a_report_that_comes_due_is_warned_of, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.write_form(&market_rice()));
    // T2: received on Friday 27 November 2026, twenty working days later is Friday 25 December: four weeks.
    let stages = |at: &str| -> Vec<&str> {
        lis.clock.set(Moment::parse_in_china(at).expect("a time"));
        let is_at = |stage: &&str| {
            let found = house.items("custodian", &format!("/api/v1/samples?due={stage}&limit=500"));
            found.iter().any(|one| one["id"] == sample.id)
        };
        ["half", "most", "over"].into_iter().filter(is_at).collect()
    };
    assert_eq!(stages("2026-12-11 23:59"), Vec::<&str>::new());
    assert_eq!(stages("2026-12-12 00:00"), ["half"]);
    assert_eq!(stages("2026-12-20 09:00"), ["half"]);
    assert_eq!(stages("2026-12-20 10:00"), ["most"], "80 % of 28 days is 22 days and 9.6 hours");
    assert_eq!(stages("2026-12-25 23:59"), ["most"]);
    assert_eq!(stages("2026-12-26 00:01"), ["over"]);
    let home = house.by("reviewer").get("/").expect(200).page().text();
    assert!(home.contains("Reports: overdue (T2)"), "{home}");
    let listed = house.by("reviewer").get("/samples?due=over").expect(200).page().text();
    assert!(listed.contains(&sample.number) && listed.contains("missed"), "{listed}");
    let wrong = house.by("custodian").get("/api/v1/samples?due=tomorrow").expect(422);
    assert_eq!(wrong.codes(), ["field-invalid"]);
    // Nobody at the bench learns of samples by their deadlines.
    assert!(!house.by("tester1").get("/").expect(200).page().text().contains("T2"));
});

demonstrated!(possible_serious_harm_is_told_within_clock_hours, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.write_form(&market_rice()));
    let set = |at: &str| lis.clock.set(Moment::parse_in_china(at).expect("a time"));
    let path = "/api/v1/urgent-findings";
    let finding = |at: &str| json!({"sample_no": sample.number, "ground": "检出非法添加物", "confirmed_at": at});
    set("2026-11-28 16:30");
    assert_eq!(house.ask("quality", path, &finding("2026-11-28 17:00")).expect(422).codes(), ["case-act-in-future"]);
    assert_eq!(house.ask("quality", path, &finding("2020-11-28 17:00")).expect(422).codes(), ["case-act-too-early"]);
    let id = number(&house.done("quality", path, &finding("2026-11-28 16:00")), "id");
    // It is Saturday: the hours run through the night to Sunday 16:00.
    let share = |at: &str| {
        set(at);
        number(house.items("quality", path).iter().find(|one| one["id"] == id).expect("the finding"), "percent")
    };
    assert_eq!([share("2026-11-29 04:00"), share("2026-11-29 16:00"), share("2026-11-29 16:01")], [50, 100, 101]);
    let home = house.by("quality").get("/").expect(200).page().text();
    assert!(home.contains("T5 over"), "{home}");
    let page = "/quality/urgent-findings";
    let quality = house.by("quality");
    let form = quality.form(page, &format!("{page}/{id}/telling")).set("told_at", "2026-11-29T16:01");
    assert_eq!(
        quality
            .send(&form.clone().set("told_how", ""))
            .expect(422)
            .page()
            .form(&format!("{page}/{id}/telling"))
            .value("told_at"),
        Some("2026-11-29T16:01"),
        "what was typed stays"
    );
    quality.send(&form.set("told_how", "电话报告市局值班室")).expect(303);
    assert_eq!(share("2026-12-05 09:00"), 101, "a missed limit stays missed");
    let told = json!({"told_at": "2026-11-29 16:02", "told_how": "再次报告"});
    let again = house.ask_on("quality", &format!("{path}/{id}/telling"), 2, &told).expect(409);
    assert_eq!(again.codes(), ["urgent-finding-told"]);
});

demonstrated!(a_rapid_test_is_disputed_within_four_clock_hours, |lis: TestLis| {
    let house = House::of(&lis);
    let set = |at: &str| lis.clock.set(Moment::parse_in_china(at).expect("a time"));
    let path = "/api/v1/rapid-tests";
    let test = |verdict: &str, told_at: &str| {
        json!({
            "unit_name": "霸州示例市场 12 号摊", "product": "菠菜", "item": "有机磷", "kit": "速测卡", "kit_lot": "K1",
            "kit_expires_on": "2027-06-30", "verdict": verdict, "tested_at": "2026-11-27 22:00", "told_at": told_at,
        })
    };
    set("2026-11-27 23:30");
    let early = house.ask("sampler1", path, &test("positive", "2026-11-27 21:00")).expect(422);
    assert_eq!(early.codes(), ["case-act-too-early"]);
    let old = with(test("positive", "2026-11-27 22:30"), &json!({"kit_expires_on": "2026-11-26"}));
    assert_eq!(house.ask("sampler1", path, &old).expect(422).codes(), ["field-invalid"]);
    let id = number(&house.done("sampler1", path, &test("positive", "2026-11-27 22:30")), "id");
    let negative = number(&house.done("sampler1", path, &test("negative", "2026-11-27 22:30")), "id");
    // Friday 22:30: the hours run through the night to Saturday 02:30.
    let shown = || house.items("sampler1", path).into_iter().find(|one| one["id"] == id).expect("the test");
    assert_eq!(shown()["due_at"], json!(Moment::parse_in_china("2026-11-28 02:30").expect("a time")));
    let ask = |id: i64, version: i64, at: &str| {
        set(at);
        let body = json!({"asked_at": at, "ground": "有异议"});
        house.ask_on("sampler1", &format!("{path}/{id}/application"), version, &body)
    };
    let retest = |version: i64, number: &str| {
        house.ask_on("sampler1", &format!("{path}/{id}/retest"), version, &json!({"number": number}))
    };
    assert_eq!(ask(negative, 1, "2026-11-28 01:00").expect(409).codes(), ["rapid-test-negative"]);
    assert_eq!(ask(id, 1, "2026-11-28 02:31").expect(409).codes(), ["rapid-test-late"]);
    let confirmation = with(market_rice(), &json!({"task_category": "rapid_test_confirmation"}));
    let sample = house.receive(house.write_form(&confirmation));
    assert_eq!(retest(1, &sample.number).expect(409).codes(), ["rapid-test-not-asked"]);
    ask(id, 1, "2026-11-28 02:30").expect(200);
    assert_eq!(ask(id, 2, "2026-11-28 02:30").expect(409).codes(), ["rapid-test-asked"]);
    let home = house.by("sampler1").get("/").expect(200).page().text();
    assert!(home.contains("Rapid tests to be tested again"), "{home}");
    let other = house.receive(house.write_form(&market_rice()));
    assert_eq!(retest(2, &other.number).expect(422).codes(), ["rapid-test-other-sample"]);
    let page = house.by("sampler1");
    let form = page.form("/rapid-tests", &format!("/rapid-tests/{id}/retest")).set("number", &sample.number);
    page.send(&form).expect(303);
    assert_eq!((&shown()["retest"], number(&shown(), "percent")), (&json!(sample.number), 100));
    assert_eq!(retest(3, &sample.number).expect(409).codes(), ["rapid-test-retested"]);
    house.by("tester1").get("/rapid-tests").expect(404);
    assert!(lis.verified().is_ok());
});
