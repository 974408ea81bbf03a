//! Failing cases: every authority concerned, each for itself; deadlines by working days; the operator's way.

use lis_server::domain::clock::{Clock, Moment};
use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, market_rice, number, text, with};

/// Everything that an authority's program has not pulled before this case.
fn new_items(house: &House, name: &str) -> Vec<Value> {
    let demo = house.lis.demo();
    let after = demo["cursors"][name].as_str().map(|cursor| format!("?after={cursor}")).unwrap_or_default();
    house.program(name).get(&format!("/api/v1/failing-results{after}")).expect(200).items()
}

fn relations(item: &Value) -> Vec<(String, bool)> {
    let listed = item["relations"].as_array().expect("relations").iter();
    listed.map(|one| (text(&one["relation"]), !one["acknowledged_at"].is_null())).collect()
}

fn acknowledge(house: &House, name: &str, event: &Value, body: &Value) -> Vec<String> {
    let path = format!("/api/v1/failing-results/{event}/acknowledgement");
    let done = house.program(name).command(&path, body).send().expect(200).json();
    done["relations"].as_array().expect("relations").iter().map(text).collect()
}

demonstrated!(each_authority_acknowledges_for_itself, |lis: TestLis| {
    let house = House::of(&lis);
    let (_, report) = house.failing_case();
    lis.app.db.wait_until_linked(std::time::Duration::from_secs(20)).expect("the log is linked");
    assert!(new_items(&house, "neighbour").is_empty(), "nothing of it is in that county");
    let mut event = Value::Null;
    for (name, relation) in [("ordering", "ordering"), ("sampled", "sampled_at"), ("maker", "maker_at")] {
        let items = new_items(&house, name);
        assert_eq!(items.len(), 1, "{name}");
        assert_eq!(items[0]["report_no"], report["report_no"]);
        assert_eq!((&items[0]["event"], &items[0]["items"][0]["result"]), (&json!("failing"), &json!("0.50")));
        assert_eq!(relations(&items[0]), [(relation.to_owned(), false)], "{name} sees its own relation only");
        let link = text(&items[0]["verification_url"]);
        assert!(link.starts_with("https://lis.example/verify/"), "{link}: of the laboratory, however it was asked");
        event = items[0]["event_id"].clone();
    }
    let all = ["maker_at", "ordering", "sampled_at"];
    let of_city = |house: &House| {
        let items = new_items(house, "city");
        let mut seen = relations(items.last().expect("the newest event"));
        seen.sort();
        seen
    };
    assert_eq!(of_city(&house), all.map(|relation| (relation.to_owned(), false)));

    // The city has no relation of its own here: its word takes nothing away from the counties.
    assert_eq!(acknowledge(&house, "city", &event, &json!({})), Vec::<String>::new());
    assert_eq!(acknowledge(&house, "maker", &event, &json!({})), ["maker_at"]);
    assert_eq!(acknowledge(&house, "maker", &event, &json!({})), Vec::<String>::new(), "again changes nothing");
    assert_eq!(of_city(&house), [("maker_at", true), ("ordering", false), ("sampled_at", false)].map(owned));
    let path = format!("/api/v1/failing-results/{event}/acknowledgement");
    assert_eq!(house.program("neighbour").command(&path, &json!({})).send().status, 404);
    let foreign = house.program("maker").command(&path, &json!({"relations": ["ordering"]})).send();
    assert_eq!(foreign.status, 404, "another county's relation does not exist for it");

    // T4, owed to the ordering authority: two working days after Friday 27 November end on Tuesday 1 December.
    let case = number(&new_items(&house, "ordering")[0], "case_id");
    let page = |username: &str| house.by(username).get(&format!("/cases/{case}")).expect(200).page().text();
    assert!(page("ordering").contains("2026-12-01"), "{}", page("ordering"));
    // The laboratory that owes it sees T4 run, and who else acknowledged does not stop it.
    let alarm = |at: &str| -> Vec<bool> {
        lis.clock.set(Moment::parse_in_china(at).expect("a time"));
        let home = house.by("quality").get("/").expect(200).page().text();
        ["half of the time gone", "nearly overdue", "overdue"]
            .map(|words| home.contains(&format!("Not acknowledged: {words}")))
            .to_vec()
    };
    let before = lis.clock.now();
    assert_eq!(alarm("2026-11-27 23:00"), [false, false, false]);
    // T4 counts from the end of Friday to the end of Tuesday: four days, of which half are gone with Sunday.
    assert_eq!(alarm("2026-11-30 00:00"), [true, false, false]);
    assert_eq!(alarm("2026-12-01 12:00"), [false, true, false]);
    let waiting = house.items("quality", "/api/v1/unacknowledged-cases");
    let own = waiting.iter().find(|one| one["case_id"] == case).expect("the case");
    assert_eq!((number(own, "percent"), &own["due_on"]), (87, &json!("2026-12-01")));
    assert_eq!(alarm("2026-12-02 00:01"), [false, false, true]);
    let listed = house.by("quality").get("/quality/unacknowledged").expect(200).page().text();
    assert!(listed.contains(&text(&report["report_no"])), "{listed}");
    lis.clock.set(before);
    assert_eq!(acknowledge(&house, "ordering", &event, &json!({})), ["ordering"]);
    assert!(house.items("quality", "/api/v1/unacknowledged-cases").iter().all(|one| one["case_id"] != case));
    // With its acknowledgement begin T6, five working days to Friday 4 December, and T20: three months end on Saturday
    // 27 February 2027, which moves to Monday 1 March.
    let shown = page("ordering");
    assert!(shown.contains("2026-12-04") && shown.contains("2027-03-01"), "{shown}");
    house.by("neighbour").get(&format!("/cases/{case}")).expect(404);
    house.by("market").get(&format!("/portal/cases/{case}")).expect(404);
});

fn owned((relation, done): (&str, bool)) -> (String, bool) {
    (relation.to_owned(), done)
}

/// A case that the ordering authority has acknowledged; its id.
fn reported(house: &House) -> i64 {
    house.failing_case();
    house.lis.app.db.wait_until_linked(std::time::Duration::from_secs(20)).expect("the log is linked");
    let item = new_items(house, "ordering").pop().expect("the event");
    acknowledge(house, "ordering", &item["event_id"], &json!({}));
    number(&item, "case_id")
}

fn version(house: &House, case: i64) -> i64 {
    let cases = house.items("ordering", "/api/v1/cases");
    number(cases.iter().find(|one| one["id"] == case).expect("the case"), "version")
}

demonstrated!(farm_produce_of_an_agriculture_department_is_tested_again_and_not_objected_to, |lis: TestLis| {
    let house = House::of(&lis);
    let agriculture = json!({"ordering_name": "霸州市农业农村局", "ordering_department": "agriculture"});
    let (_, report) = house.report_on(&with(market_rice(), &agriculture), "25.00");
    assert_eq!(report["conclusion"], "fail");
    house.lis.app.db.wait_until_linked(std::time::Duration::from_secs(20)).expect("the log is linked");
    let case = number(&new_items(&house, "ordering").pop().expect("the event"), "case_id");
    let body = json!({"party": "sampled_unit", "served_at": "2026-11-27 09:00", "how": "直接送达"});
    house.ask_on("ordering", &format!("/api/v1/cases/{case}/services"), version(&house, case), &body).expect(201);
    let cases = house.items("ordering", "/api/v1/cases");
    assert!(cases.iter().any(|one| one["id"] == case && one["department"] == "agriculture"), "{cases:?}");

    // T22: five working days after Friday 27 November end on Friday 4 December.
    lis.work();
    let own = house.get("market", &format!("/api/v1/portal/cases/{case}"));
    let clocks = own["clocks"].as_array().expect("clocks");
    let clocks: Vec<(String, String)> = clocks.iter().map(|one| (text(&one["clock"]), text(&one["due_on"]))).collect();
    assert_eq!(clocks, [("T22".to_owned(), "2026-12-04".to_owned())]);
    assert_eq!((&own["open_kinds"], &own["objection_sampling_until"]), (&json!(["reinspection"]), &Value::Null));
    let document = lis.texts("SELECT document AS value FROM case_notice ORDER BY id DESC LIMIT 1");
    let document: Value = serde_json::from_str(&document[0]).expect("the notice");
    assert_eq!(document["rights"].as_array().map(Vec::len), Some(1), "{document}");
    assert!(document["rights"].to_string().contains("2026-12-04"), "{document}");
    let early = house.ask_on("ordering", &format!("/api/v1/cases/{case}/handling"), version(&house, case), &json!({}));
    assert!(early.expect(409).codes().contains(&"case-period-runs".to_owned()));
    let apply = |kind: &str| {
        let path = format!("/api/v1/portal/cases/{case}/applications");
        house.ask("market", &path, &json!({"kind": kind, "ground": "有异议"}))
    };
    assert_eq!(apply("objection_method").expect(409).codes(), ["application-only-retest"]);
    lis.clock.set(Moment::parse_in_china("2026-12-05 00:01").expect("a time"));
    assert_eq!(apply("reinspection").expect(409).codes(), ["application-late"]);
    lis.clock.set(Moment::parse_in_china("2026-12-04 23:59").expect("a time"));
    apply("reinspection").expect(201);
});

demonstrated!(an_operator_applies_in_time_or_not_at_all, |lis: TestLis| {
    let house = House::of(&lis);
    let case = reported(&house);
    let serve = |party: &str, at: &str| {
        let body = json!({"party": party, "served_at": at, "how": "直接送达"});
        house.ask_on("ordering", &format!("/api/v1/cases/{case}/services"), version(&house, case), &body)
    };
    let apply = |kind: &str, ground: &str| {
        let path = format!("/api/v1/portal/cases/{case}/applications");
        house.ask("market", &path, &json!({"kind": kind, "ground": ground}))
    };
    assert_eq!(apply("reinspection", "有异议").status, 404, "before service there is nothing to apply against");
    assert_eq!(serve("sampled_unit", "2026-11-28 09:00").expect(422).codes(), ["case-served-in-future"]);
    let home = |username: &str| house.by(username).get("/").expect(200).page().text();
    assert!(home("ordering").contains("Operators to serve"), "{}", home("ordering"));
    assert!(!home("neighbour").contains("Operators to serve"), "{}", home("neighbour"));
    assert_eq!(serve("sampled_unit", "2020-01-02 09:00").expect(422).codes(), ["case-served-too-early"]);
    // The county of the maker sees the case: serving the supermarket, publishing and handling are not its own.
    let foreign = |step: &str, body: &Value| {
        house.ask_on("maker", &format!("/api/v1/cases/{case}/{step}"), version(&house, case), body).expect(403).codes()
    };
    let service = json!({"party": "sampled_unit", "served_at": "2026-11-27 09:00", "how": "直接送达"});
    assert_eq!(foreign("services", &service), ["case-service-other-authority"]);
    assert_eq!(foreign("publication", &json!({})), ["case-other-authority"]);
    let offered = house.by("maker").get(&format!("/cases/{case}")).expect(200).page().texts("main button");
    let offers = |what: &str| offered.iter().any(|button| button == what);
    assert!(!offers("Publish") && offers("Record service"), "{offered:?}");
    serve("sampled_unit", "2026-11-27 09:00").expect(201);
    assert_eq!(serve("sampled_unit", "2026-11-27 09:00").expect(409).codes(), ["case-served-already"]);
    let early = house.ask_on("ordering", &format!("/api/v1/cases/{case}/handling"), version(&house, case), &json!({}));
    assert_eq!(early.expect(409).codes(), ["case-not-served", "case-period-runs", "case-period-runs"]);
    let foreign = house.ask_on("neighbour", &format!("/api/v1/cases/{case}/services"), 3, &json!({}));
    assert!([404, 422].contains(&foreign.status), "{}", foreign.shown());

    // T7 and T15: seven working days after Friday 27 November end on Tuesday 8 December; T14 ran out the day before.
    lis.work();
    let portal = house.by("market").get(&format!("/portal/cases/{case}")).expect(200).page();
    let page = portal.text();
    let told = ["2026-12-08", "2026-12-07", "大米", "0.50", "≤0.2", "GB 2762", "Recall what was sold of this batch"];
    for words in told {
        assert!(page.contains(words), "{words}: {page}");
    }
    let own = house.items("market", "/api/v1/portal/cases");
    let service = own.iter().find(|one| one["id"] == case).expect("the case")["service"].clone();
    let notice = format!("/notices/{}/pdf", number(&service, "id"));
    let bytes = house.by("market").get(&notice).expect(200).body;
    assert_eq!(service["notice_sha256"].as_str(), Some(lis_server::domain::hash::sha256_of(&bytes).as_str()));
    house.by("sampled").get(&notice).expect(200);
    for username in ["bakery", "neighbour", "custodian"] {
        house.by(username).get(&notice).expect(404);
    }
    let document = lis.texts("SELECT document AS value FROM case_notice ORDER BY id DESC LIMIT 1");
    let document: Value = serde_json::from_str(&document[0]).expect("the notice");
    assert_eq!(
        (&document["notice_no"], &document["failing_items"][0]["results"][0]),
        (&service["notice_no"], &json!("0.50"))
    );
    assert_eq!(document["failing_items"].as_array().map(Vec::len), Some(1));
    assert!(document["rights"].to_string().contains("2026-12-07"), "{document}");
    house.by("bakery").get(&format!("/portal/cases/{case}")).expect(404);
    assert_eq!(apply("reinspection", "").expect(422).codes(), ["field-missing"]);
    lis.clock.set(Moment::parse_in_china("2026-12-09 00:01").expect("a time"));
    assert_eq!(apply("reinspection", "有异议").expect(409).codes(), ["application-late"]);
    lis.clock.set(Moment::parse_in_china("2026-12-08 23:59").expect("a time"));
    // T14, to object to the sampling itself, ran from its end: seven working days to Monday 7 December.
    assert_eq!(apply("objection_sampling", "抽样不规范").expect(409).codes(), ["application-late"]);
    let offered = || {
        let page = house.by("market").get(&format!("/portal/cases/{case}")).expect(200).page();
        let offered = page.all("select[name='kind'] option");
        offered.iter().filter_map(|option| option.value().attr("value")).filter(|value| !value.is_empty()).count()
    };
    assert_eq!(offered(), 4, "everything but the objection to the sampling");
    let application = number(&apply("reinspection", "有异议").expect(201).json(), "id");
    assert_eq!(offered(), 3, "what would be refused is not offered");
    assert_eq!(apply("reinspection", "再次申请").expect(409).codes(), ["application-second"]);
    assert!(home("ordering").contains("Applications to decide"), "{}", home("ordering"));
    assert!(!home("market").contains("Applications to decide"), "{}", home("market"));
    // T8: five working days after Tuesday 8 December end on Tuesday 15.
    let page = house.by("ordering").get(&format!("/cases/{case}")).expect(200).page().text();
    assert!(page.contains("2026-12-15"), "{page}");

    // The maker is served days later and has clocks of his own: seven working days after 8 December end on the 17th.
    serve("maker", "2026-12-08 16:00").expect(201);
    let page = house.by("ordering").get(&format!("/cases/{case}")).expect(200).page().text();
    assert!(page.contains("2026-12-17"), "{page}");

    let decide = |decision: &str, reason: &str, seen: i64| {
        let path = format!("/api/v1/cases/{case}/applications/{application}/decision");
        house.ask_on("ordering", &path, seen, &json!({"decision": decision, "reason": reason}))
    };
    assert_eq!(decide("refused", "", 1).expect(422).codes(), ["field-missing"], "a refusal has a reason");
    assert_eq!(decide("upheld", "复检不合格", 1).expect(409).codes(), ["application-decided"], "not before acceptance");
    decide("accepted", "", 1).expect(200);
    decide("reversed", "复检结果合格", 2).expect(200);
    assert_eq!(offered(), 0, "the conclusion fell");
    // The laboratory learns of it by non-conforming work on what failed.
    let work =
        lis.texts("SELECT subject || ' ' || description AS value FROM nonconforming_work ORDER BY id DESC LIMIT 1");
    assert_eq!(work, ["overturned 复检结果合格"]);
    let listed = "SELECT analyte AS value FROM nonconforming_item JOIN test_item ON test_item.id = item_id \
                  WHERE work_id = (SELECT max(id) FROM nonconforming_work)";
    assert_eq!(lis.texts(listed), ["cd"]);
    lis.work();
    lis.app.db.wait_until_linked(std::time::Duration::from_secs(20)).expect("the log is linked");
    // Reversed once, told once to each; and the supermarket by one mail.
    for name in ["ordering", "sampled", "maker"] {
        let events: Vec<String> = new_items(&house, name).iter().map(|item| text(&item["event"])).collect();
        assert_eq!(events, ["failing", "reversed"], "{name}");
    }
    let mails = house.items("custodian", "/api/v1/deliveries");
    let told = mails.iter().filter(|mail| {
        mail["recipient"] == "market@lis.example" && mail["about_id"] == case && mail["state"] == "queued"
    });
    assert_eq!(told.count(), 2, "of the service and of the reversal");
});

demonstrated!(a_case_is_closed_when_its_handling_is_recorded, |lis: TestLis| {
    let house = House::of(&lis);
    let case = reported(&house);
    let step = |path: &str, body: &Value| {
        house.ask_on("ordering", &format!("/api/v1/cases/{case}/{path}"), version(&house, case), body)
    };
    for party in ["sampled_unit", "maker"] {
        let service = json!({"party": party, "served_at": "2026-11-27 09:00", "how": "直接送达"});
        step("services", &service).expect(201);
    }
    // T7 and T15 end on Tuesday 8 December.
    lis.clock.set(Moment::parse_in_china("2026-12-09 09:00").expect("a time"));
    assert_eq!(step("handling-records", &json!({"measures": "封存"})).expect(409).codes(), ["case-wrong-state"]);
    step("handling", &json!({})).expect(200);
    assert_eq!(step("closing", &json!({})).expect(409).codes(), ["case-handling-incomplete"]);
    let too_much = json!({"measures": "封存", "sold": "30", "recalled": "31", "quantity_unit": "kg"});
    assert_eq!(step("handling-records", &too_much).expect(422).codes(), ["case-handling-amounts"]);
    let first = json!({"measures": "封存", "sold": "30", "recalled": "12.5", "quantity_unit": "kg"});
    step("handling-records", &first).expect(201);
    assert_eq!(step("closing", &json!({})).expect(409).codes(), ["case-handling-incomplete"], "why is not known");

    // On the page, where the next entry begins with what stands.
    let (page, action) = (format!("/cases/{case}"), format!("/cases/{case}/handling"));
    let ordering = house.by("ordering");
    let form = ordering.form(&page, &action);
    assert_eq!(form.value("recalled"), Some("12.5"));
    let form = form.set("cause", "进货查验不严").set("correction", "更换供应商");
    let refused = ordering.send(&form.clone().set("recalled", "31")).expect(422).page();
    assert_eq!(refused.form(&action).value("cause"), Some("进货查验不严"), "what was typed stays");
    ordering.send(&form).expect(303);
    // Whoever else the case concerns reads the record and does not write it.
    let shown = house.by("maker").get(&page).expect(200).page();
    assert!(shown.text().contains("进货查验不严") && shown.all("form[action$='/handling']").is_empty());
    let path = format!("/api/v1/cases/{case}/handling-records");
    let foreign = house.ask_on("maker", &path, version(&house, case), &first).expect(403).codes();
    assert_eq!(foreign, ["case-other-authority"]);
    let entries = house.get("ordering", &format!("/api/v1/cases/{case}"))["handling"].clone();
    assert_eq!(entries.as_array().map(Vec::len), Some(2), "the first stays readable");
    assert_eq!((&entries[0]["cause"], &entries[1]["cause"]), (&json!("进货查验不严"), &json!("")));
    step("closing", &json!({})).expect(200);
});

demonstrated!(the_public_reads_what_is_published_and_why_it_was_corrected, |lis: TestLis| {
    let house = House::of(&lis);
    let case = reported(&house);
    let public = lis.client();
    let listed = || {
        let items = public.get("/api/v1/published-results").expect(200).items();
        items.into_iter().find(|one| one["id"] == case)
    };
    assert!(listed().is_none(), "not before the authority publishes it");
    let step = |path: &str, seen: i64, body: &Value| {
        house.ask_on("ordering", &format!("/api/v1/cases/{case}/{path}"), seen, body)
    };
    step("publication", version(&house, case), &json!({})).expect(200);
    let one = listed().expect("published");
    let told = ["sample_name", "unit_name", "producer_name", "ordering_name"].map(|field| text(&one[field]));
    assert_eq!(told, ["大米", "文安示例超市", "大厂示例蔬菜种植合作社", "霸州市市场监督管理局"]);
    assert_eq!((&one["items"][0]["result"], &one["corrected"]), (&json!("0.50"), &json!(false)));
    assert_eq!(one["items"].as_array().map(Vec::len), Some(1), "what passes is nobody's business");
    let page = public.get("/published-results").expect(200).page();
    assert!(page.text().contains("文安示例超市") && page.text().contains("0.50"), "{}", page.text());
    assert!(page.all(&format!("#case-{case} del")).is_empty());
    for private in ["13800000003", "示例联系人", "91131026MA0DEM03XE", "J000201"] {
        assert!(!page.text().contains(private), "{private} is not for the public");
    }

    let service = json!({"party": "sampled_unit", "served_at": "2026-11-27 09:00", "how": "直接送达"});
    step("services", version(&house, case), &service).expect(201);
    let objection = json!({"kind": "objection_method", "ground": "方法不适用"});
    let path = format!("/api/v1/portal/cases/{case}/applications");
    let application = number(&house.ask("market", &path, &objection).expect(201).json(), "id");
    let decided = format!("applications/{application}/decision");
    step(&decided, 1, &json!({"decision": "accepted", "reason": ""})).expect(200);
    step(&decided, 2, &json!({"decision": "reversed", "reason": "方法确不适用于该食品"})).expect(200);
    let one = listed().expect("it stays readable");
    assert_eq!((&one["corrected"], &one["correction_reason"]), (&json!(true), &json!("方法确不适用于该食品")));
    assert_eq!(one["items"][0]["result"], "0.50", "the earlier text");
    let page = public.get("/published-results").expect(200).page();
    let struck = page.texts(&format!("#case-{case} del")).join(" ");
    assert!(struck.contains("文安示例超市") && struck.contains("0.50"), "{struck}");
    assert!(page.text().contains("方法确不适用于该食品"), "{}", page.text());
});

demonstrated!(a_client_s_own_failing_sample_is_no_matter_of_the_authorities, |lis: TestLis| {
    let house = House::of(&lis);
    let cases = lis.rows("failing_case");
    let (_, report) = house.entrusted_report("25.00");
    assert_eq!(report["conclusion"], "fail");
    lis.app.db.wait_until_linked(std::time::Duration::from_secs(20)).expect("the log is linked");
    assert_eq!(lis.rows("failing_case"), cases);
    let pdf = format!("/reports/{}/pdf", report["id"]);
    // The bakery is at home in the county of `ordering`.
    for name in ["ordering", "city"] {
        let items = new_items(&house, name);
        assert!(items.iter().all(|item| item["report_no"] != report["report_no"]), "{name}: {items:?}");
        house.by(name).get(&pdf).expect(404);
    }
    house.by("bakery").get(&pdf).expect(200);
    let regions = "SELECT count(*) AS value FROM sampling_form WHERE task_category = 'entrusted' AND unit_region <> ''";
    assert_eq!(lis.numbers(regions), [0], "nobody sampled at the client's");
});

demonstrated!(an_authority_gets_every_report_on_what_it_ordered, |lis: TestLis| {
    let house = House::of(&lis);
    // The supermarket's rice again, ordered by Bazhou, sampled in Wen'an, made in Dachang; this time it passes.
    let (_, report) = house.market_report("2.05");
    assert_eq!(report["conclusion"], "pass");
    let (id, report_no) = (number(&report, "id"), text(&report["report_no"]));
    let numbers = |username: &str| -> Vec<String> {
        house.items(username, "/api/v1/ordered-reports").iter().map(|one| text(&one["report_no"])).collect()
    };
    let authorities = [("ordering", true), ("city", true), ("sampled", false), ("maker", false), ("neighbour", false)];
    for (username, sees) in authorities {
        assert_eq!(numbers(username).contains(&report_no), sees, "{username}");
        let page = house.by(username).get("/ordered-reports").expect(200).text();
        assert_eq!(page.contains(&report_no), sees, "{username}");
        let status = if sees { 200 } else { 404 };
        for path in [format!("/reports/{id}/pdf"), format!("/api/v1/ordered-reports/{id}/pdf")] {
            assert_eq!(house.by(username).get(&path).status, status, "{path} as {username}");
        }
    }
    // What a client entrusted is his alone, whoever is above his place.
    let (_, own) = house.entrusted_report("2.05");
    assert!(!numbers("city").contains(&text(&own["report_no"])));
    house.by("city").get(&format!("/api/v1/ordered-reports/{}/pdf", own["id"])).expect(404);
});

demonstrated!(a_cursor_goes_on_exactly_where_it_stopped, |lis: TestLis| {
    let house = House::of(&lis);
    let city = house.program("city");
    let first = city.get("/api/v1/failing-results?limit=1").expect(200).json();
    assert_eq!((first["items"].as_array().map(Vec::len), &first["more"]), (Some(1), &json!(true)));
    assert_eq!(first["items"][0]["replaces"], Value::Null);
    let next = text(&first["next"]);
    let second = city.get(&format!("/api/v1/failing-results?after={next}&limit=1")).expect(200).json();
    assert_eq!((&second["items"][0]["event"], &second["more"]), (&json!("reversed"), &json!(false)));
    let reversal = &second["items"][0];
    let numbers = (text(&reversal["report_no"]), text(&reversal["replaces"]));
    assert_eq!(numbers, ("BZ-2026-J-000001-G1".to_owned(), "BZ-2026-J-000001".to_owned()));
    let end = text(&second["next"]);
    let empty = city.get(&format!("/api/v1/failing-results?after={end}")).expect(200).json();
    assert_eq!(
        (empty["items"].as_array().map(Vec::len), text(&empty["next"])),
        (Some(0), end.clone()),
        "next is always there"
    );
    // A misspelt place would begin anew in silence.
    let misspelt = city.get(&format!("/api/v1/failing-results?cursor={end}")).expect(422);
    assert_eq!(misspelt.codes(), ["field-invalid"]);
    assert!(misspelt.text().contains("after, limit"), "{}", misspelt.text());
    let unknown = city.get("/api/v1/failing-results?after=MTpub2xvZw").expect(409);
    assert_eq!(unknown.codes(), ["feed-cursor-unknown"], "a cursor of another log skips nothing silently");
    for username in ["market", "tester1", "reviewer", "admin"] {
        house.by(username).get("/api/v1/failing-results").expect(404);
    }
});
