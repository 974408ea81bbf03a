//! Commands of subcontracting and cancelling, on an item that waits for a tester: each step finds what the one before it left.

use serde_json::{Value, json};

use super::{Bench, Command};
use crate::steps::{House, rice_order, subcontractor};

pub const COMMANDS: &[fn(&mut Bench) -> Command] = &[
    |_| {
        Command::post("quality", "/api/v1/subcontractors", subcontractor(), 201)
            .required(&["name", "accreditation_no", "methods", "valid_until"])
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM subcontractor");
        Command::new("manager", "PUT", format!("/api/v1/subcontractors/{id}"), subcontractor(), 200)
            .required(&["name", "accreditation_no", "methods", "valid_until"])
            .of("subcontractor", id)
    },
    |bench| {
        let sample = bench.one(&format!("SELECT sample_id FROM test_item WHERE id = {}", item(bench, "planned")));
        let body = json!({"agreed": "yes", "given_by": "科长", "given_on": "2026-11-26", "how": "来函"});
        Command::post("custodian", format!("/api/v1/samples/{sample}/subcontract-consent"), body, 201)
            .required(&["agreed", "given_by", "given_on", "how"])
    },
    |bench| {
        let id = item(bench, "planned");
        let other = bench.one("SELECT max(id) FROM subcontractor");
        let label =
            format!("SELECT label_code AS value FROM part WHERE id = (SELECT part_id FROM test_item WHERE id = {id})");
        let label = bench.lis.texts(&label).remove(0);
        let body = json!({"subcontractor": other.to_string(), "sent_on": "2026-11-27", "label_code": label});
        about(id, "subcontract", body).required(&["subcontractor"]).again(409)
    },
    |bench| {
        let id = item(bench, "subcontracted");
        about(id, "take-back", json!({"reason": "对方设备停机"})).required(&["reason"]).again(409)
    },
    |bench| {
        let id = ordered(bench);
        let body =
            json!({"method": "GB 5009.268", "price": "300.00", "consent": "邮件 2026-11-27", "reason": "委托方要求"});
        about(id, "method", body).required(&["method", "reason"]).again(200)
    },
    |bench| {
        let sample = bench.one(&format!("SELECT sample_id FROM test_item WHERE id = {}", ordered(bench)));
        let body = json!({
            "item": "ni|GB 5009.268", "price": "400.00", "consent": "邮件 2026-11-27", "reason": "委托方追加项目",
        });
        Command::post("custodian", format!("/api/v1/samples/{sample}/order-items"), body, 201)
            .required(&["item", "reason"])
            .of("sample", sample)
            .again(422)
    },
    |bench| {
        let id = item(bench, "planned");
        about(id, "cancellation", json!({"reason": "委托方撤回该项目"})).required(&["reason"]).again(409)
    },
];

fn item(bench: &Bench, state: &str) -> i64 {
    bench.one(&format!("SELECT max(id) FROM test_item WHERE state = '{state}'"))
}

/// An item of an order that waits for a tester.
fn ordered(bench: &Bench) -> i64 {
    let found = |bench: &Bench| {
        bench.lis.numbers(
            "SELECT test_item.id AS value FROM test_item JOIN sample ON sample.id = sample_id \
             WHERE test_item.state = 'planned' AND client_id IS NOT NULL ORDER BY test_item.id DESC",
        )
    };
    if found(bench).is_empty() {
        let house = House::of(&bench.lis);
        house.receive(house.order(&rice_order()));
    }
    found(bench)[0]
}

fn about(id: i64, step: &str, body: Value) -> Command {
    Command::post("custodian", format!("/api/v1/items/{id}/{step}"), body, 200).of("test_item", id)
}
