//! The laboratory's own limit: the report on a sample, and who is warned of it when.

use lis_server::domain::clock::Moment;
use lis_tests::{TestLis, demonstrated};
use serde_json::json;

use crate::steps::{House, market_rice, number, uuid, with};

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
    assert!(home.contains("Reports: overdue"), "{home}");
    let listed = house.by("reviewer").get("/samples?due=over").expect(200).page().text();
    assert!(listed.contains(&sample.number) && listed.contains("missed"), "{listed}");
    let wrong = house.by("custodian").get("/api/v1/samples?due=tomorrow").expect(422);
    assert_eq!(wrong.codes(), ["field-invalid"]);
    // Nobody at the bench learns of samples by their deadlines.
    assert!(!house.by("tester1").get("/").expect(200).page().text().contains("Reports: overdue"));
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
    assert!(home.contains("Possible serious harm not told: overdue"), "{home}");
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
            "place": "霸州示例市场", "unit_name": "12 号摊", "product": "菠菜", "item": "有机磷", "kit": "速测卡",
            "kit_lot": "K1", "kit_expires_on": "2027-06-30", "verdict": verdict, "tested_at": "2026-11-27 22:00",
            "told_at": told_at,
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
    let retest_of = |id: i64, version: i64, number: &str| {
        house.ask_on("sampler1", &format!("{path}/{id}/retest"), version, &json!({"number": number}))
    };
    let retest = |version: i64, number: &str| retest_of(id, version, number);
    assert_eq!(ask(negative, 1, "2026-11-28 01:00").expect(409).codes(), ["rapid-test-negative"]);
    assert_eq!(ask(id, 1, "2026-11-28 02:31").expect(409).codes(), ["rapid-test-late"]);
    let confirmation = with(market_rice(), &json!({"task_category": "rapid_test_confirmation"}));
    let sample = house.receive(house.write_form(&confirmation));
    assert_eq!(retest_of(negative, 1, &sample.number).expect(409).codes(), ["rapid-test-negative"]);
    ask(id, 1, "2026-11-28 02:30").expect(200);
    assert_eq!(ask(id, 2, "2026-11-28 02:30").expect(409).codes(), ["rapid-test-asked"]);
    let home = house.by("sampler1").get("/").expect(200).page().text();
    assert!(home.contains("Rapid tests to be tested again"), "{home}");
    let waiting = || -> Vec<i64> {
        house.items("sampler1", &format!("{path}?waiting=true")).iter().map(|one| number(one, "id")).collect()
    };
    assert_eq!(waiting(), [id]);
    let log = lis.texts("SELECT body AS value FROM audit_entry WHERE event = 'rapid-test-asked'").concat();
    assert!(!log.contains("有异议") && log.contains("sealed:"), "{log}");
    let other = house.receive(house.write_form(&market_rice()));
    assert_eq!(retest(2, &other.number).expect(422).codes(), ["rapid-test-other-sample"]);
    let page = house.by("sampler1");
    let form = page.form("/rapid-tests", &format!("/rapid-tests/{id}/retest")).set("number", &sample.number);
    page.send(&form).expect(303);
    assert_eq!((&shown()["retest"], number(&shown(), "percent")), (&json!(sample.number), 100));
    assert_eq!(retest(3, &sample.number).expect(409).codes(), ["rapid-test-retested"]);
    assert_eq!(waiting(), Vec::<i64>::new());
    house.by("tester1").get("/rapid-tests").expect(404);
    assert!(lis.verified().is_ok());
});

/// What a camera makes, as far as the program looks into it.
const CARD: &[u8] = b"\xff\xd8\xff\xe0card";

demonstrated!(a_rapid_test_is_recorded_sent_to_the_laboratory_and_forgets_its_people, |lis: TestLis| {
    let house = House::of(&lis);
    let set = |at: &str| lis.clock.set(Moment::parse_in_china(at).expect("a time"));
    let path = "/api/v1/rapid-tests";
    set("2026-11-27 23:30");
    let record = json!({
        "place": "霸州示例市场", "unit_name": "12 号摊 孙某某", "product": "菠菜", "item": "克百威", "kit": "胶体金卡",
        "kit_lot": "K7", "kit_expires_on": "2027-06-30", "reader": "R-3", "reading": "0.42", "verdict": "suspect",
        "repeat_reading": "0.40", "repeat_verdict": "positive", "tested_by": "吴某某", "tested_at": "2026-11-27 22:00",
        "told_at": "2026-11-27 22:30", "handling": "暂停销售",
    });
    let bare = with(record.clone(), &json!({"repeat_verdict": ""}));
    assert_eq!(house.ask("sampler1", path, &bare).expect(422).codes(), ["field-missing"]);
    let id = number(&house.done("sampler1", path, &record), "id");
    let shown = || house.items("sampler1", path).into_iter().find(|one| one["id"] == id).expect("the test");
    let kept = shown();
    for (field, value) in record.as_object().expect("an object").iter().filter(|(field, _)| !field.ends_with("_at")) {
        assert_eq!(&kept[field], value, "{field}");
    }

    let add = |bytes: &[u8]| {
        let client = house.by("sampler1");
        let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
        let path = format!("{path}/{id}/pictures");
        client.upload_beside(&path, &[("csrf", csrf.as_str())], "IMG_0007.jpg", bytes).key(&uuid()).send()
    };
    let picture = number(&add(CARD).expect(201).json(), "id");
    assert_eq!(add(CARD).expect(409).codes(), ["rapid-picture-known"]);
    assert_eq!(add(b"%PDF-1.7").expect(422).codes(), ["not-a-picture"]);
    assert_eq!(shown()["pictures"], json!([picture]));
    let file = house.by("sampler1").get(&format!("/rapid-tests/{id}/pictures/{picture}/file")).expect(200);
    assert_eq!((file.body.as_slice(), file.header("content-type")), (CARD, Some("image/jpeg")));
    assert_eq!(house.by("sampler1").get(&format!("{path}/{}/pictures/{picture}/file", id + 1)).status, 404);
    assert_eq!(house.by("custodian").get(&format!("{path}/{id}/pictures/{picture}/file")).status, 404);

    // Nobody disputes it; the sampler writes the form of its sample all the same, from what is known.
    let form = "/sampling-forms/new";
    let form = house.by("sampler1").form(&format!("{form}?rapid_test={id}"), form);
    for (field, value) in [
        ("task_category", "rapid_test_confirmation"),
        ("unit_name", "12 号摊 孙某某"),
        ("unit_address", "霸州示例市场"),
        ("sample_name", "菠菜"),
    ] {
        assert_eq!(form.value(field), Some(value), "{field}");
    }
    assert_eq!(house.by("sampler1").get("/sampling-forms/new?rapid_test=0").status, 404);
    let handled = json!({"handling": "下架销毁 3 kg"});
    house.ask_on("sampler1", &format!("{path}/{id}/handling"), 1, &handled).expect(200);
    assert_eq!(house.ask_on("sampler1", &format!("{path}/{id}/handling"), 1, &handled).status, 412);

    // As long as it may be disputed, who is behind it is needed.
    let erase = |subject: &str| {
        let body = json!({
            "subject_kind": "rapid_test", "subject": subject, "ground": "withdrawn", "reference": "2026-08",
        });
        house.ask("admin", "/api/v1/erasures", &body)
    };
    let named = format!("#{id}");
    set("2026-11-28 02:30");
    assert_eq!(erase(&named).expect(409).codes(), ["rapid-test-open"]);
    set("2026-11-28 02:31");
    let confirmation = with(market_rice(), &json!({"task_category": "rapid_test_confirmation"}));
    let sample = house.receive(house.write_form(&confirmation));
    let retest = json!({"number": sample.number});
    house.ask_on("sampler1", &format!("{path}/{id}/retest"), 2, &retest).expect(200);
    assert_eq!(erase("#0").expect(422).codes(), ["erasure-subject-unknown"]);
    erase(&named).expect(201);
    assert_eq!(erase(&named).expect(409).codes(), ["rapid-test-erased"]);
    let after = shown();
    assert_eq!((&after["unit_name"], &after["handling"]), (&json!("—"), &json!("下架销毁 3 kg")));
    assert_eq!(after["tested_by"], "—", "and not whoever recorded it");
    let log = lis.texts("SELECT body AS value FROM audit_entry WHERE object_kind = 'rapid_test'").concat();
    assert!(!log.contains("孙某某") && !log.contains("吴某某"), "{log}");
    assert!(house.by("admin").get("/erasure").expect(200).page().text().contains("Seller and tester of a rapid test"));
    assert!(lis.verified().is_ok());
});
