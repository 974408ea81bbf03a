//! The commands and their valid bodies, in an order in which each finds what the one before it left: a campaign is made,
//! opened, answered and planned; an order is received, assigned, tested, checked, reported. The laboratory's clock stands
//! where the demonstration left it, on 27 November 2026.

use serde_json::json;

use super::values::{
    FORM_REQUIRED, ORDER_REQUIRED, RECEIPT_REQUIRED, campaign, enterprise, form, instrument, order, person, receipt,
};
use super::{Bench, Command};

pub const COMMANDS: &[fn(&mut Bench) -> Command] = &[
    // Why samples exist.
    |_| {
        Command::post("officer", "/api/v1/campaigns", campaign("2026 年冬季第二轮"), 201)
            .required(&[
                "title_zh",
                "region_code",
                "opens_at",
                "closes_at",
                "privacy_zh",
                "questions",
                "text_zh",
                "name_zh",
            ])
            .opaque(&["max_choices"])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM campaign");
        Command::new("officer", "PUT", format!("/api/v1/campaigns/{id}"), campaign("2026 年冬季第三轮"), 200)
            .required(&[
                "title_zh",
                "region_code",
                "opens_at",
                "closes_at",
                "privacy_zh",
                "questions",
                "text_zh",
                "name_zh",
            ])
            .opaque(&["max_choices"])
            .of("campaign", id)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM campaign");
        Command::post("officer", format!("/api/v1/campaigns/{id}/open"), json!({}), 200).of("campaign", id).again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM campaign");
        let paper = |uuid: &str, telephone: &str| json!({"client_uuid": uuid, "telephone": telephone, "seconds_taken": 60, "answers": {"q1": ["c1"]}});
        let items = json!({"items": [
            paper("0192f3a0-0000-7000-8000-000000000001", "13900000021"),
            paper("0192f3a0-0000-7000-8000-000000000002", "13900000022"),
        ]});
        // What a voter wrote as his telephone is kept as an answer that does not count.
        Command::post("officer", format!("/api/v1/campaigns/{id}/responses"), items, 200)
            .required(&["items", "client_uuid", "seconds_taken", "answers"])
            .opaque(&["telephone"])
            .called(&[("q1", "answers")])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM campaign");
        let shown = bench.client("").get(&format!("/api/v1/polls/{id}")).expect(200).json();
        let body = json!({
            "client_uuid": "0192f3a0-0000-7000-8000-000000000003", "telephone": "13900000023", "ticket": shown["ticket"],
            "answers": {"q1": ["c2"]},
        });
        Command::post("", format!("/api/v1/polls/{id}/responses"), body, 200)
            .required(&["client_uuid", "ticket", "answers"])
            .opaque(&["telephone"])
            .called(&[("q1", "answers")])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM campaign");
        let response = bench.one("SELECT max(id) FROM campaign_response WHERE invalid_reason = ''");
        let path = format!("/api/v1/campaigns/{id}/responses/{response}/rejection");
        Command::post("officer", path, json!({"reason": "same_person"}), 200).required(&["reason"])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM campaign");
        Command::post("officer", format!("/api/v1/campaigns/{id}/close"), json!({}), 200).of("campaign", id).again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM campaign");
        let plan = json!({"title": "第二轮抽样计划", "batches": "9", "floor_batches": "1"});
        Command::post("officer", format!("/api/v1/campaigns/{id}/plans"), plan, 201).required(&[
            "title",
            "batches",
            "floor_batches",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM sampling_plan");
        let decision = json!({"decision": "refuse", "reason": "批次过多"});
        Command::post("approver", format!("/api/v1/plans/{id}/decision"), decision, 200)
            .required(&["decision", "reason"])
            .of("sampling_plan", id)
            .again(409)
    },
    |bench| {
        let sampler = bench.one("SELECT id FROM person WHERE username = 'sampler3'");
        let draw = json!({
            "task": "第二次双随机抽查", "region_code": "1310", "units": "1", "samplers": "2", "cooldown_days": "0",
            "last_visits": "0", "declared": [sampler], "seed": "0512",
        });
        Command::post("officer", "/api/v1/draws", draw, 201).required(&["task", "region_code", "units"])
    },
    |_| {
        Command::post("officer", "/api/v1/enterprises", enterprise("霸州示例冷饮店"), 201).required(&[
            "name",
            "stage",
            "address",
            "region_code",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM enterprise");
        Command::new("officer", "PUT", format!("/api/v1/enterprises/{id}"), enterprise("霸州示例冷饮二店"), 200)
            .required(&["name", "stage", "address", "region_code"])
            .of("enterprise", id)
    },
    // Orders, forms, receipt.
    |_| Command::post("bakery", "/api/v1/orders", order(), 201).required(ORDER_REQUIRED),
    |bench| {
        let id = bench.one("SELECT max(id) FROM sample");
        Command::post("bakery", format!("/api/v1/orders/{id}/withdraw"), json!({}), 204)
            .of("sample", id)
            .stranger("market")
            .again(409)
    },
    |bench| {
        // What a form may leave out is attacked as well.
        let line = bench.one(
            "SELECT min(l.id) FROM plan_line l JOIN sampling_plan p ON p.id = l.plan_id WHERE p.state = 'approved'",
        );
        let draw = bench.one("SELECT min(id) FROM random_draw");
        let mut form = form();
        form["plan_line_id"] = json!(line.to_string());
        form["draw_id"] = json!(draw.to_string());
        form["draw_deviation"] = json!("抽中单位停业，另派抽样员");
        let body = json!({"client_uuid": "0192f3a0-0000-7000-8000-000000000009", "form": form});
        Command::post("sampler1", "/api/v1/sampling-forms", body, 201).required(FORM_REQUIRED)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM sample WHERE client_id IS NOT NULL AND state = 'sealed'");
        Command::post("custodian", format!("/api/v1/samples/{id}/receipts"), receipt(), 201)
            .required(RECEIPT_REQUIRED)
            .of("sample", id)
            .again(409)
    },
    |bench| {
        let id = received(bench);
        Command::post("custodian", format!("/api/v1/samples/{id}/hold"), json!({"reason": "待企业补充资料"}), 204)
            .of("sample", id)
    },
    |bench| {
        let id = received(bench);
        Command::post("custodian", format!("/api/v1/samples/{id}/hold"), json!({"reason": ""}), 204).of("sample", id)
    },
    |bench| {
        let part = format!("SELECT min(id) FROM part WHERE role = 'backup' AND sample_id = {}", received(bench));
        let id = bench.one(&part);
        let holder = bench.one("SELECT id FROM person WHERE username = 'tester1'");
        let step = json!({"event": "issue", "holder_id": holder.to_string(), "location": "B-9-9"});
        Command::post("custodian", format!("/api/v1/parts/{id}/custody"), step, 200)
            .required(&["event", "holder_id"])
            .of("part", id)
            .again(409)
    },
    |bench| {
        let part = format!("SELECT min(id) FROM part WHERE role = 'test' AND sample_id = {}", received(bench));
        let id = bench.one(&part);
        let split = json!({"quantities": ["0.2", "0.3"], "location": "A-9-9"});
        Command::post("custodian", format!("/api/v1/parts/{id}/split"), split, 201)
            .required(&["quantities", "location"])
            .of("part", id)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM sample WHERE client_id IS NULL AND state = 'sealed'");
        Command::post("custodian", format!("/api/v1/samples/{id}/withdraw"), json!({}), 204).of("sample", id).again(409)
    },
    // Who may test, assignment, worksheets.
    |bench| authorization(bench, "tester3", "GB 5009.12", "test"),
    |bench| {
        let id = bench.one("SELECT max(id) FROM person_authorization");
        Command::post("manager", format!("/api/v1/authorizations/{id}/end"), json!({}), 200)
            .of("person_authorization", id)
            .again(409)
    },
    |bench| {
        let id = planned(bench);
        let version = bench.one(&format!("SELECT version FROM test_item WHERE id = {id}"));
        let tester = bench.one("SELECT id FROM person WHERE username = 'tester2'");
        let body = json!({"assignments": [{"item": id, "version": version, "tester": tester, "method_key": ""}]});
        Command::post("manager", "/api/v1/assignments", body, 200)
            .required(&["assignments", "item", "version", "tester"])
            .called(ASSIGNMENT_CALLED)
            .again(412)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM test_item WHERE state = 'assigned'");
        let instrument = bench.one("SELECT id FROM instrument WHERE code = 'AFS-01'");
        let body = json!({
            "items": [id], "instrument_id": instrument, "spike_added": "0.2", "certified": "0.21", "uncertainty": "0.02",
            "sigma": "0.01",
        });
        Command::post("tester2", "/api/v1/worksheets", body, 201)
            .required(&["items", "uncertainty"])
            .called(&[("items", "item--1"), ("items", "item-9223372036854775807")])
            .again(409)
    },
    |bench| {
        let id = sheet(bench, "open");
        let position = position(bench, id);
        let cell = |field: &str, value: &str| {
            json!({
                "position": position, "field": field, "replicate": 1, "value": value, "seen": 0, "reason": "仪器停机",
                "uuid": format!("0192f3a0-0000-7000-8000-0000000001{}", field.len()),
            })
        };
        let body = json!({"entries": [cell("mass", "0.5000"), cell("volume", "10")]});
        Command::post("tester2", format!("/api/v1/worksheets/{id}/entries"), body, 200)
            .required(&["entries", "position", "field", "replicate"])
            .called(ENTRY_CALLED)
    },
    |bench| {
        let id = sheet(bench, "open");
        // Nothing else is entered: the refusal names every empty cell.
        let body = json!({"confirmation": "证书已送检，待录入"});
        Command::post("tester2", format!("/api/v1/worksheets/{id}/submission"), body, 422).of("worksheet", id)
    },
    |bench| {
        let item = bench.one("SELECT max(id) FROM test_item WHERE state = 'calculated'");
        let id = bench.one(&format!("SELECT min(worksheet_id) FROM worksheet_position WHERE item_id = {item}"));
        let position = bench.one(&format!("SELECT min(id) FROM worksheet_position WHERE item_id = {item}"));
        let body = json!({
            "position": position, "field": "reading", "replicate": 1, "value": "2.06", "seen": 1,
            "reason": "读数录入有误：原始记录为 2.06", "uuid": "0192f3a0-0000-7000-8000-000000000201",
        });
        Command::post("tester2", format!("/api/v1/worksheets/{id}/corrections"), body, 200)
            .required(&["position", "field", "replicate", "value", "seen", "reason"])
            .called(ENTRY_CALLED)
            .again(409)
    },
    |bench| {
        let id = sheet(bench, "submitted");
        let body = json!({"cause": "标准溶液过期", "action": "重新配制并复测"});
        Command::post("quality", format!("/api/v1/worksheets/{id}/release"), body, 409)
            .required(&["cause", "action"])
            .of("worksheet", id)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM test_item WHERE state NOT IN ('checked', 'final', 'cancelled')");
        let body = json!({
            "description": "称样量减半", "justification": "样品量不足", "accepted_on": "2026-11-20", "accepted_how": "邮件",
        });
        Command::post("manager", format!("/api/v1/items/{id}/deviation"), body, 200)
            .required(&["description", "justification", "accepted_on", "accepted_how"])
            .of("test_item", id)
    },
    |bench| {
        let id = bench
            .one("SELECT max(id) FROM test_item WHERE state NOT IN ('calculated', 'checked', 'final', 'cancelled')");
        let body = json!({"times": "4", "basis": "GB 2762-2025 3.5", "reason": "复核投料记录"});
        Command::post("manager", format!("/api/v1/items/{id}/limit-factor"), body, 200)
            .required(&["times", "basis", "reason"])
            .of("test_item", id)
    },
    |bench| {
        // Its verdict is not open.
        let id = bench.one("SELECT max(id) FROM test_item WHERE state = 'calculated' AND verdict <> 'REVIEW'");
        let body = json!({"verdict": "pass", "basis": "GB 2762-2025 表 2", "reason": "经查该类食品无限量要求"});
        Command::post("manager", format!("/api/v1/items/{id}/decision"), body, 409)
            .required(&["verdict", "basis", "reason"])
            .of("test_item", id)
    },
    // Signatures.
    |_| grant("checker", "checked"),
    |bench| {
        let id = bench.one("SELECT max(id) FROM test_item WHERE state = 'calculated'");
        let version = bench.one(&format!("SELECT version FROM test_item WHERE id = {id}"));
        Command::post("checker", "/api/v1/checks", json!({"items": [{"id": id, "version": version}]}), 200)
            .required(&["items", "id", "version"])
            .called(&[("id", "item"), ("version", "item")])
            .again(412)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM test_item WHERE state = 'checked'");
        Command::post("checker", format!("/api/v1/items/{id}/repeat"), json!({"reason": "平行样偏差大"}), 200)
            .required(&["reason"])
            .of("test_item", id)
            .again(409)
    },
    |bench| authorization(bench, "reviewer", "*", "opinion"),
    |bench| {
        let id = bench.one("SELECT min(id) FROM report WHERE state = 'compiling'");
        let body = json!({"opinion": "建议核查原料验收", "basis": "同产地历年监测结果"});
        Command::post("reviewer", format!("/api/v1/reports/{id}/opinion"), body, 200)
            .required(&["basis"])
            .of("report", id)
    },
    |_| grant("reviewer", "reviewed"),
    |bench| {
        let id = bench.one("SELECT min(id) FROM report WHERE state = 'compiling'");
        Command::post("reviewer", format!("/api/v1/reports/{id}/review"), json!({}), 200).of("report", id).again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM report WHERE state = 'reviewed'");
        Command::post("signatory", format!("/api/v1/reports/{id}/send-back"), json!({"reason": "结论措辞不妥"}), 200)
            .required(&["reason"])
            .of("report", id)
            .again(409)
    },
    |bench| {
        // The report that was sent back a moment ago is under review again.
        let of = "test_item JOIN report ON report.sample_id = test_item.sample_id AND report.state = 'compiling'";
        let item = bench.one(&format!("SELECT max(test_item.id) FROM {of} WHERE test_item.state = 'checked'"));
        let id = bench.one(&format!("SELECT max(report.id) FROM {of} WHERE test_item.id = {item}"));
        let version = bench.one(&format!("SELECT version FROM test_item WHERE id = {item}"));
        let body = json!({"item": item, "item_version": version, "reason": "平行样与原始记录不符"});
        Command::post("reviewer", format!("/api/v1/reports/{id}/return-item"), body, 200)
            .required(&["item", "item_version", "reason"])
            .called(&[("item_version", "item")])
            .of("report", id)
            .again(409)
    },
    |_| grant("signatory", "authorized"),
    |bench| {
        let id = bench.one("SELECT min(id) FROM report WHERE state = 'reviewed'");
        Command::post("signatory", format!("/api/v1/reports/{id}/authorize"), json!({}), 200)
            .of("report", id)
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM report WHERE state = 'issued'");
        Command::post("signatory", format!("/api/v1/reports/{id}/withdraw"), json!({"reason": "委托方撤销委托"}), 200)
            .required(&["reason"])
            .of("report", id)
            .again(409)
    },
    // The failing case, reversed by the demonstration: what follows is refused by its state.
    |bench| {
        let id = bench.one("SELECT max(id) FROM failing_case");
        let body = json!({"party": "maker", "served_at": "2026-11-27 08:30", "how": "邮寄送达"});
        Command::post("ordering", format!("/api/v1/cases/{id}/services"), body, 409)
            .required(&["party", "served_at", "how"])
            .of("failing_case", id)
            .stranger("neighbour")
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM case_application");
        let case = bench.one(&format!("SELECT case_id FROM case_application WHERE id = {id}"));
        let body = json!({"decision": "refused", "reason": "申请超出范围"});
        Command::post("ordering", format!("/api/v1/cases/{case}/applications/{id}/decision"), body, 200)
            .required(&["decision", "reason"])
            .of("case_application", id)
            .stranger("neighbour")
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM failing_case");
        Command::post("ordering", format!("/api/v1/cases/{id}/handling"), json!({}), 409)
            .of("failing_case", id)
            .stranger("neighbour")
    },
    // Its conclusion fell: there is nothing to publish.
    |bench| {
        let id = bench.one("SELECT max(id) FROM failing_case");
        Command::post("ordering", format!("/api/v1/cases/{id}/publication"), json!({}), 409)
            .of("failing_case", id)
            .stranger("neighbour")
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM failing_case");
        Command::post("ordering", format!("/api/v1/cases/{id}/closing"), json!({}), 200)
            .of("failing_case", id)
            .stranger("neighbour")
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM case_event");
        let path = format!("/api/v1/failing-results/{id}/acknowledgement");
        Command::post("ordering", path, json!({"relations": ["ordering"]}), 200).stranger("neighbour")
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM failing_case");
        let body = json!({"kind": "objection_method", "ground": "对检验方法有异议。"});
        Command::post("market", format!("/api/v1/portal/cases/{id}/applications"), body, 409)
            .required(&["kind", "ground"])
            .stranger("bakery")
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM nonconforming_work WHERE risk = ''");
        let path = format!("/api/v1/nonconforming-work/{id}/classification");
        Command::post("quality", path, json!({"risk": "low"}), 200)
            .required(&["risk"])
            .of("nonconforming_work", id)
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM nonconforming_work WHERE state = 'resumed'");
        Command::post("quality", format!("/api/v1/nonconforming-work/{id}/close"), json!({"action": "已培训"}), 200)
            .required(&["action"])
            .of("nonconforming_work", id)
            .again(409)
    },
    // People and instruments.
    |_| {
        let mut body = person("newcomer");
        body["first_password"] = json!("a first password");
        Command::post("admin", "/api/v1/people", body, 201)
            .required(&["username", "name", "roles", "first_password"])
            .opaque(&["first_password"])
    },
    |bench| {
        let id = bench.one("SELECT id FROM person WHERE username = 'newcomer'");
        Command::new("admin", "PUT", format!("/api/v1/people/{id}"), person("newcomer"), 200)
            .required(&["username", "name", "roles"])
            .of("person", id)
    },
    |bench| {
        let firm = bench.one("SELECT max(id) FROM enterprise");
        let body = json!({
            "username": "firm", "name": "企业联系人", "roles": ["enterprise"], "enterprise_id": firm,
            "first_password": "a first password",
        });
        Command::post("admin", "/api/v1/people", body, 201).opaque(&["first_password"])
    },
    |_| {
        Command::post("manager", "/api/v1/instruments", instrument("ICP-09"), 201).required(&["code", "name", "status"])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument");
        Command::new("manager", "PUT", format!("/api/v1/instruments/{id}"), instrument("ICP-10"), 200)
            .required(&["code", "name", "status"])
            .of("instrument", id)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument");
        let body = json!({"kind": "analyte", "source": "砷元素", "target": "as"});
        Command::post("tester2", format!("/api/v1/instruments/{id}/mappings"), body, 200)
            .required(&["kind", "source", "target"])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument");
        let body = json!({"kind": "analyte", "source": "铅元素", "target": "pb", "preview": ""});
        Command::post("tester2", format!("/api/v1/instruments/{id}/mappings/preview"), body, 200)
            .required(&["kind", "source", "target"])
    },
    |bench| {
        let id = bench.one("SELECT id FROM instrument WHERE code = 'BAL-01'");
        let sheet = sheet(bench, "open");
        let empty = bench.one(&format!(
            "SELECT min(id) FROM worksheet_position WHERE worksheet_id = {sheet} AND kind = 'duplicate'"
        ));
        let body = json!({"position": empty, "field": "mass", "replicate": 1});
        Command::post("tester2", format!("/api/v1/instruments/{id}/capture-target"), body, 204).required(&[
            "position",
            "field",
            "replicate",
        ])
    },
    |_| {
        let message = crate::bad_input::message("ICP-10", 1, "Sample ID,Analyte,Concentration,Unit\nX,Pb,1,µg/L\n");
        Command::post("manager", "/api/v1/agent/messages", json!([message]), 200)
            .required(&["agent", "stream", "seq", "instrument", "kind", "received_at", "sha256", "bytes"])
            .called(&[("body", "[0]")])
            // Files come with names of any characters.
            .opaque(&["file_name"])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM mail WHERE state = 'sent'");
        Command::post("custodian", format!("/api/v1/deliveries/{id}/retry"), json!({}), 409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM job WHERE state = 'done'");
        Command::post("custodian", format!("/api/v1/jobs/{id}/retry"), json!({}), 409)
    },
];

fn received(bench: &Bench) -> i64 {
    bench.one("SELECT max(sample_id) FROM sample_receipt")
}

fn planned(bench: &Bench) -> i64 {
    bench.one("SELECT max(id) FROM test_item WHERE state = 'planned'")
}

fn sheet(bench: &Bench, state: &str) -> i64 {
    bench.one(&format!("SELECT max(id) FROM worksheet WHERE state = '{state}'"))
}

/// The position of a sample on a sheet.
fn position(bench: &Bench, sheet: i64) -> i64 {
    bench.one(&format!("SELECT max(id) FROM worksheet_position WHERE worksheet_id = {sheet} AND item_id IS NOT NULL"))
}

/// A refusal of an assignment names its item.
const ASSIGNMENT_CALLED: &[(&str, &str)] =
    &[("item", "item"), ("version", "item"), ("tester", "item"), ("method_key", "item")];

/// A refusal of an entry names its cell.
const ENTRY_CALLED: &[(&str, &str)] =
    &[("position", "v"), ("field", "v"), ("replicate", "v"), ("value", "v"), ("seen", "v"), ("seen", "value")];

fn authorization(bench: &mut Bench, username: &str, method: &str, activity: &str) -> Command {
    let person = bench.one(&format!("SELECT id FROM person WHERE username = '{username}'"));
    let body = json!({
        "person_id": person.to_string(), "method_standard": method, "activity": activity,
        "valid_from": "2026-11-20", "valid_until": "2027-11-19",
    });
    Command::post("manager", "/api/v1/authorizations", body, 201).required(&[
        "person_id",
        "method_standard",
        "activity",
        "valid_from",
        "valid_until",
    ])
}

pub(super) fn grant(by: &'static str, meaning: &str) -> Command {
    let body = json!({"meaning": meaning, "signing_password": "demo-signature"});
    Command::post(by, "/api/v1/signing-grants", body, 201)
        .required(&["meaning", "signing_password"])
        .opaque(&["signing_password"])
}
