//! The review of an order: kept at acceptance with what was pointed out and answered, repeated with every change, told to the
//! client.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::set_gate;
use crate::steps::{House, market_rice, number, receipt, rice_order, text, with};

/// What the bakery was told by mail so far, the newest first.
fn told(lis: &TestLis) -> Vec<String> {
    lis.texts("SELECT body AS value FROM mail WHERE recipient = 'bakery@lis.example' ORDER BY id DESC")
}

fn reviews(house: &House, sample: i64) -> Vec<Value> {
    house.items("reviewer", &format!("/api/v1/samples/{sample}/order-reviews"))
}

// Requirement: Q71-1, Q71-2, Q71-3
demonstrated!(what_is_pointed_out_is_answered_in_writing_before_an_order_is_accepted, |lis: TestLis| {
    let house = House::of(&lis);
    set_gate(&house, "scope", "block");
    let order = house.order(&with(rice_order(), &json!({"items": ["cd|GB 5009.15-2014"]})));
    let form = lis.numbers(&format!("SELECT form_id AS value FROM sample WHERE id = {order}"))[0];
    let page = house.by("custodian").get(&format!("/receipt/{form}")).expect(200).page().text();
    assert!(page.contains("GB 5009.15-2014, is not in force; it is tested by GB 5009.15-2023"), "{page}");

    let path = format!("/api/v1/samples/{order}/receipts");
    let price = json!({"price": "300.00"});
    let silent = house.ask_on("custodian", &path, 1, &with(receipt(), &price)).expect(422);
    assert_eq!(silent.codes(), ["order-method-pointed-out", "order-outside-scope"]);
    let wrong = house.ask_on("custodian", &path, 1, &with(receipt(), &json!({"price": "-1", "consent": "邮件"})));
    assert_eq!(wrong.expect(422).codes(), ["field-invalid"]);
    let before = told(&lis).len();
    let answered = with(price, &json!({"consent": "委托方邮件 2026-11-27"}));
    let sample = house.receive_with(order, &answered);

    let kept = reviews(&house, sample.id);
    assert_eq!((kept.len(), &kept[0]["version_no"], &kept[0]["price"]), (1, &json!(1), &json!("300.00")));
    assert_eq!(
        (&kept[0]["reviewed_by"], &kept[0]["consent"]),
        (&json!("样品管理员丁"), &json!("委托方邮件 2026-11-27"))
    );
    let item = &kept[0]["items"][0];
    assert_eq!((&item["asked"], &item["method"]), (&json!("GB 5009.15-2014"), &json!("GB 5009.15-2023")));
    assert_eq!(item["notices"], json!(["other_edition", "outside_scope"]));

    // The client was told, and sees it; nobody else does.
    let mails = told(&lis);
    assert_eq!(mails.len(), before + 1);
    assert!(mails[0].contains("GB 5009.15-2014"), "{}", mails[0]);
    let page = house.by("bakery").get(&format!("/portal/orders/{order}")).expect(200).page().text();
    assert!(page.contains("300.00") && page.contains("another edition is in force"), "{page}");
    let own = format!("/api/v1/orders/{order}/reviews");
    assert_eq!(house.items("bakery", &own)[0]["items"][0]["asked"], "GB 5009.15-2014");
    assert_eq!(house.by("market").get(&own).status, 404);
    assert_eq!(house.by("tester2").get(&format!("/api/v1/samples/{order}/order-reviews")).status, 404);
});

// Requirement: Q71-4
demonstrated!(a_change_of_an_order_repeats_its_review_and_tells_the_client, |lis: TestLis| {
    let house = House::of(&lis);
    let before = told(&lis).len();
    let sample = house.receive_with(house.order(&rice_order()), &json!({"price": "300.00"}));
    assert_eq!(told(&lis).len(), before, "nothing is pointed out");

    // Another item: by those who plan tests, once, of an order that is not closed.
    let items = format!("/api/v1/samples/{}/order-items", sample.id);
    let version = || number(&house.get("custodian", &format!("/api/v1/samples/{}", sample.id)), "version");
    let nickel = json!({"item": "ni|GB 5009.268", "price": "500.00", "reason": "委托方追加项目"});
    assert_eq!(house.ask_on("reviewer", &items, version(), &nickel).status, 404);
    assert_eq!(house.ask_on("custodian", &items, version() - 1, &nickel).expect(412).codes(), ["stale-version"]);
    let silent = with(nickel.clone(), &json!({"reason": ""}));
    assert_eq!(house.ask_on("custodian", &items, version(), &silent).expect(422).codes(), ["field-missing"]);
    house.done_on("custodian", &items, version(), &nickel);
    assert_eq!(house.ask_on("custodian", &items, version(), &nickel).expect(422).codes(), ["item-repeated"]);
    let foreign = house.receive(house.write_form(&market_rice()));
    let path = format!("/api/v1/samples/{}/order-items", foreign.id);
    assert_eq!(house.ask_on("custodian", &path, 2, &nickel).expect(409).codes(), ["order-none"]);
    let (done, _) = house.entrusted_report("2.05");
    let path = format!("/api/v1/samples/{}/order-items", done.id);
    assert_eq!(house.ask_on("custodian", &path, 2, &nickel).expect(409).codes(), ["order-closed"]);

    // Another method, which has to be meant for the analyte or agreed to; a tester is chosen anew.
    house.assign(sample.label(), "tester2");
    let item_of = |analyte: &str| {
        let all = ["planned", "assigned", "in_batch"].iter();
        let found = all.flat_map(|state| house.items("manager", &format!("/api/v1/items?state={state}&limit=500")));
        let own = |item: &Value| item["label_code"] == sample.label() && item["analyte"] == analyte;
        found.into_iter().find(own).unwrap_or_else(|| panic!("no item {analyte}"))
    };
    let cadmium = item_of("cd");
    let method = format!("/api/v1/items/{}/method", cadmium["id"]);
    let change = |to: &str| json!({"method": to, "reason": "委托方要求同时测定"});
    let ask = |to: &str| house.ask_on("manager", &method, number(&item_of("cd"), "version"), &change(to));
    assert_eq!(ask("GB 5009.12").expect(422).codes(), ["order-method-pointed-out"]);
    assert_eq!(ask("GB 1").expect(422).codes(), ["method-unknown"]);
    ask("GB 5009.268").expect(200);
    let changed = item_of("cd");
    assert_eq!((text(&changed["state"]), text(&changed["method_standard"])), ("planned".into(), "GB 5009.268".into()));
    assert_eq!(changed["tester_id"], Value::Null);

    // An item that is cancelled; and one more on the page.
    let nickel = item_of("ni");
    let path = format!("/api/v1/items/{}/cancellation", nickel["id"]);
    house.done_on("custodian", &path, number(&nickel, "version"), &json!({"reason": "委托方撤回该项目"}));
    let (page, action) = (format!("/samples/{}", sample.id), format!("/samples/{}/order-items", sample.id));
    let custodian = house.by("custodian");
    let form = || custodian.form(&page, &action).set("item", "pb|GB 5009.12");
    custodian.send(&form()).expect(422);
    custodian.send(&form().set("reason", "委托方追加铅")).expect(303);

    let kept = reviews(&house, sample.id);
    let numbers: Vec<i64> = kept.iter().map(|review| number(review, "version_no")).collect();
    assert_eq!(numbers, [5, 4, 3, 2, 1]);
    let methods: Vec<String> =
        kept[0]["items"].as_array().expect("items").iter().map(|item| text(&item["method"])).collect();
    assert_eq!(methods, ["GB 5009.268-2016", "GB 5009.12-2023"]);
    assert_eq!((&kept[0]["price"], &kept[4]["price"]), (&json!("500.00"), &json!("300.00")));
    assert_eq!((text(&kept[1]["reason"]), text(&kept[4]["reason"])), ("委托方撤回该项目".into(), String::new()));
    let queued = format!("SELECT count(*) AS value FROM mail WHERE mail_key LIKE 'order-reviewed:{}:%'", sample.id);
    assert_eq!(lis.numbers(&queued), [4], "of every change");
    let mails = told(&lis);
    assert!(mails.iter().any(|body| body.contains("is now tested by GB 5009.268-2016")), "{mails:?}");

    // Once it is on a worksheet, its method is changed no more.
    house.assign(sample.label(), "tester2");
    house.open("tester2", sample.label(), "cd");
    assert_eq!(ask("GB 5009.15").expect(409).codes(), ["order-item-started"]);
    assert!(lis.verified().is_ok());

    // The history says what was agreed by the names of the analytes; the log keeps their keys.
    let history = custodian.get(&page).expect(200).page().text();
    assert!(history.contains("Cadmium (as Cd) GB 5009.268-2016; Lead (as Pb) GB 5009.12-2023"), "{history}");
    assert!(!history.contains("cd GB 5009.268"), "{history}");
});
