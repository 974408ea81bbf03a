//! Commands of quality's records: non-conforming work from its opening to its end, proficiency tests, complaints. The work
//! goes one step further with each valid body.

use serde_json::json;

use super::{Bench, Command};
use crate::steps::{comparison, complaint, round};

pub const COMMANDS: &[fn(&mut Bench) -> Command] = &[
    // Everything that one tester has ever tested, so that issued reports stand on it.
    |bench| {
        let person = bench.one("SELECT id FROM person WHERE username = 'tester1'").to_string();
        let body = json!({
            "subject": "person", "instrument": "", "lot_id": "", "lot": "", "method": "", "person": person,
            "since": "2026-01-01 00:00", "risk": "high", "description": "授权到期后继续检验", "hold": "off",
        });
        Command::post("tester2", "/api/v1/nonconforming-work", body, 201).required(&[
            "subject",
            "person",
            "since",
            "risk",
            "description",
        ])
    },
    |bench| work(bench, "hold", json!({})).again(409),
    |bench| {
        let body = json!({"items": [], "effect": "affected", "remark": "无有效授权"});
        work(bench, "evaluation", body).required(&["effect", "remark"]).again(409)
    },
    |bench| work(bench, "recall", json!({"reason": "检验人员无有效授权"})).required(&["reason"]).again(409),
    |bench| work(bench, "resumption", json!({})).again(409),
    |bench| {
        let body = json!({"root_cause": "授权到期无提醒", "corrective_action": "到期前提醒", "due_on": "2026-12-31"});
        work(bench, "corrective-action", body).required(&["root_cause", "corrective_action", "due_on"]).again(200)
    },
    |bench| {
        let body = json!({"effective": "yes", "remark": "一个月内未再发生"});
        work(bench, "effect-check", body).required(&["effective", "remark"]).again(409)
    },
    |_| {
        let body = round("0.190");
        Command::post("quality", "/api/v1/proficiency-rounds", body, 201).required(&[
            "provider",
            "scheme",
            "analyte",
            "matrix",
            "method",
            "unit",
            "assigned_value",
            "sigma_pt",
            "own_result",
            "reported_on",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM proficiency_round");
        let path = format!("/api/v1/proficiency-rounds/{id}/nonconforming-work");
        Command::post("quality", path, json!({}), 201).of("proficiency_round", id).again(409)
    },
    |_| {
        Command::post("quality", "/api/v1/comparisons", comparison(), 201).required(&[
            "kind",
            "method",
            "analyte",
            "unit",
            "first",
            "second",
            "allowed_difference",
            "due_on",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM comparison");
        let body = json!({
            "first_value": "0.250", "second_value": "0.262", "performed_on": "2026-11-26", "remark": "同一均匀样",
        });
        Command::post("quality", format!("/api/v1/comparisons/{id}/result"), body, 200)
            .required(&["first_value", "second_value", "performed_on"])
            .of("comparison", id)
            .again(409)
    },
    |_| {
        Command::post("quality", "/api/v1/complaints", complaint(""), 201).required(&[
            "complainant",
            "contact",
            "content",
            "received_at",
        ])
    },
    |bench| about_complaint(bench, "acknowledgement", json!({})).again(409),
    |bench| {
        let body = json!({"decision": "justified", "outcome": "已改进送达流程"});
        about_complaint(bench, "decision", body).required(&["decision", "outcome"]).again(409)
    },
    |bench| about_complaint(bench, "outcome", json!({"how": "电话"})).required(&["how"]).again(409),
];

/// A step of the work that was opened on a person.
fn work(bench: &Bench, step: &str, body: serde_json::Value) -> Command {
    let id = bench.one("SELECT max(id) FROM nonconforming_work WHERE subject = 'person'");
    Command::post("quality", format!("/api/v1/nonconforming-work/{id}/{step}"), body, 200).of("nonconforming_work", id)
}

fn about_complaint(bench: &Bench, step: &str, body: serde_json::Value) -> Command {
    let id = bench.one("SELECT max(id) FROM complaint");
    Command::post("quality", format!("/api/v1/complaints/{id}/{step}"), body, 200).of("complaint", id)
}
