//! Suppliers, and the check of what they deliver: a lot in use is held against both.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::{TODAY, complete_sheet, set_gate, submit};
use crate::steps::{House, number, supplier, text, uuid, with};

const NAME: &str = "示例试剂公司";

// Requirement: Q66-1
demonstrated!(a_lot_in_use_is_held_against_its_supplier_and_the_check_of_its_delivery, |lis: TestLis| {
    let house = House::of(&lis);
    set_gate(&house, "supplies", "block");
    let lot = |code: &str, more: &Value| {
        let body = json!({
            "code": code, "kind": "reagent", "name": "硝酸", "supplier": NAME, "received_on": "2026-11-20",
            "expires_on": "2027-11-19",
        });
        number(&house.done("tester2", "/api/v1/lots", &with(body, more)), "id")
    };
    let acid = lot("R-21", &json!({}));
    let own = lot("R-22", &json!({"kind": "solution", "prepared_by": "检验员乙", "parents": "R-21", "supplier": ""}));
    let (_, sheet) = complete_sheet(&house, None);
    let version = number(&house.sheet(&sheet), "version");
    let named = json!({"lots": ["R-21", "R-22"], "used_on": TODAY});
    house.done_on("tester2", &format!("/api/v1/worksheets/{}/lots", sheet.id), version, &named);
    // What was made here was not delivered: nothing is said of it.
    assert_eq!(submit(&house, &sheet, "").expect(409).codes(), ["lot-unchecked", "supplier-unapproved"]);

    // The register: nobody who tests sees it; a name stands once for what it supplies; the day of the delivery decides.
    assert_eq!(house.by("tester2").get("/api/v1/suppliers").status, 404);
    let late = with(supplier(NAME), &json!({"approved_from": "2026-11-21"}));
    let id = number(&house.done("quality", "/api/v1/suppliers", &late), "id");
    assert_eq!(house.ask("manager", "/api/v1/suppliers", &supplier(NAME)).expect(409).codes(), ["supplier-named"]);
    house.done("manager", "/api/v1/suppliers", &with(supplier(NAME), &json!({"provides": "maintenance"})));
    let check = |decision: &str, reason: &str| {
        let version = number(&house.get("tester2", &format!("/api/v1/lots/{acid}"))["lot"], "version");
        let body = json!({"decision": decision, "checked": "证书、包装", "reason": reason});
        house.ask_on("tester2", &format!("/api/v1/lots/{acid}/receipt"), version, &body)
    };
    assert_eq!(check("reject", "").expect(422).codes(), ["field-missing"]);
    check("reject", "瓶口渗漏").expect(200);
    assert_eq!(submit(&house, &sheet, "").expect(409).codes(), ["lot-rejected", "supplier-unapproved"]);
    let client = house.by("quality");
    let change = client.send_json("PUT", &format!("/api/v1/suppliers/{id}"), &supplier(NAME));
    change.header("sec-fetch-site", "same-origin").key(&uuid()).seen(1).send().expect(200);
    check("accept", "").expect(200);
    assert_eq!(text(&submit(&house, &sheet, "").expect(200).json()["state"]), "submitted");

    let path = format!("/api/v1/lots/{own}/receipt");
    let body = json!({"decision": "accept", "checked": "外观"});
    assert_eq!(house.ask_on("tester2", &path, 1, &body).expect(409).codes(), ["lot-made-here"]);
    let page = house.by("tester2").get(&format!("/lots/{acid}")).expect(200).page().text();
    assert!(page.contains("瓶口渗漏") && page.contains("证书、包装"), "{page}");
    let page = house.by("quality").get("/suppliers").expect(200).page().text();
    assert!(page.contains("资质齐全，三批次验收合格"), "{page}");
});
