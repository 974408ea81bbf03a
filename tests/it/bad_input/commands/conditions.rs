//! Commands about the conditions of the work: the accredited scope, rooms and their readings, competence, checks of the data.

use serde_json::{Value, json};

use super::{Bench, Command};
use crate::steps::{a_failed_check, an_excursion, room, scope_line};

pub const COMMANDS: &[fn(&mut Bench) -> Command] = &[
    |_| {
        let body = scope_line("镉;铅", "GB 5009.268-2016");
        Command::post("manager", "/api/v1/accredited-scope", body, 201)
            .required(&["scheme", "certificate_no", "analytes", "method_standard", "valid_from", "valid_until"])
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM accredited_scope");
        Command::post("manager", format!("/api/v1/accredited-scope/{id}/end"), json!({}), 200)
            .of("accredited_scope", id)
            .again(409)
    },
    |_| {
        Command::post("manager", "/api/v1/rooms", room("B-102", "GB 5009.3"), 201)
            .required(&["code", "name"])
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM room");
        Command::new("manager", "PUT", format!("/api/v1/rooms/{id}"), room("B-102", "*"), 200)
            .required(&["code", "name"])
            .of("room", id)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM room");
        // The same reading once more is the same reading.
        Command::post("tester2", format!("/api/v1/rooms/{id}/readings"), reading(), 201)
            .required(&["read_at"])
            .again(201)
    },
    |_| {
        let body = json!({
            "from_kind": "high_contamination", "into_kind": "preparation", "mode": "warn", "reason": "共用通风",
        });
        Command::post("manager", "/api/v1/separations", body, 201).required(&[
            "from_kind",
            "into_kind",
            "mode",
            "reason",
        ])
    },
    |bench| {
        let id = an_excursion(&bench.lis);
        Command::post("quality", format!("/api/v1/excursions/{id}/handling"), json!({"handling": "空调检修"}), 200)
            .required(&["handling"])
            .of("room_excursion", id)
    },
    |bench| {
        let body = json!({
            "person_id": bench.one("SELECT id FROM person WHERE username = 'tester2'").to_string(), "kind": "evaluation",
            "method_standard": "GB 5009.12", "performed_on": "2026-11-20", "performed_by": "技术负责人",
            "result": "competent", "next_due": "2027-11-19", "remark": "盲样考核",
        });
        Command::post("quality", "/api/v1/competence-records", body, 201).required(&[
            "person_id",
            "kind",
            "performed_on",
            "performed_by",
            "result",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM result_entry WHERE observation_id IS NOT NULL");
        let body = json!({"outcome": "different", "remark": "单位不同"});
        Command::post("checker", format!("/api/v1/transfers/{id}/comparison"), body, 201)
            .required(&["outcome", "remark"])
            .again(409)
    },
    |bench| {
        let id = a_failed_check(&bench.lis);
        let body = json!({"immediate": "已从前一日备份恢复", "corrective": "更换磁盘"});
        Command::post("admin", format!("/api/v1/upkeep-runs/{id}/actions"), body, 201).required(&["immediate"])
    },
];

fn reading() -> Value {
    json!({"read_at": "2026-11-26 08:00", "temperature": "20.1", "humidity": "45", "sensor": "TH-1", "remark": "空调检修"})
}
