//! More commands, after those of [`super::bodies`]: what instruments left waiting, tokens and first passwords, venues, the
//! end of parts, limits of charts, gates, equipment, lots.

use lis_server::domain::clock::Clock;
use serde_json::{Value, json};

use super::bodies::grant;
use super::{Bench, Command};
use crate::steps::{House, a_document, program_to_validate, supplier};

pub const COMMANDS: &[fn(&mut Bench) -> Command] = &[
    |bench| {
        let body = json!({
            "example": of_profile(bench, "example_sha256"), "file_name": "run.csv", "toml": of_profile(bench, "toml"),
            "point": {"sheet": 0, "row": 2, "column": 1, "means": "sample"},
        });
        // Files come with names of any characters; a place is refused as a cell.
        Command::post("tester2", "/api/v1/profiles/preview", body, 200)
            .required(&["example", "toml", "means"])
            .opaque(&["file_name"])
            .called(&[("sheet", "cell"), ("row", "cell"), ("column", "cell"), ("point", "means")])
    },
    |bench| {
        let body = json!({
            "name": "flame_meter", "title": "火焰光度计", "toml": of_profile(bench, "toml"),
            "example": of_profile(bench, "example_sha256"), "file_name": "run.csv", "based_on": "flame_meter@1",
        });
        Command::post("tester2", "/api/v1/profiles", body, 201)
            .required(&["name", "title", "toml", "example"])
            .again(412)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument_profile");
        Command::post("manager", format!("/api/v1/profiles/{id}/promote"), json!({}), 200).of("instrument_profile", id)
    },
    // The demonstration settled every row: one of them waits again.
    |bench| {
        let id = bench.one("SELECT max(id) FROM observation");
        for waiting in [
            format!("UPDATE observation SET state = 'held', reason = 'unknown_sample' WHERE id = {id}"),
            format!(
                "UPDATE instrument_message SET state = 'held' \
                 WHERE id = (SELECT message_id FROM observation WHERE id = {id})"
            ),
        ] {
            bench.lis.sql(&waiting).expect("a row that waits");
        }
        let body = json!({"why": "样品编号无法识别"});
        Command::post("tester2", format!("/api/v1/observations/{id}/set-aside"), body, 204)
            .required(&["why"])
            .again(409)
    },
    // A message that a value was filed from stands in as a document of the same sample.
    |bench| {
        let filed = "FROM result_entry JOIN worksheet_position ON worksheet_position.id = position_id \
                     WHERE observation_id IS NOT NULL AND item_id IS NOT NULL AND kind = 'sample'";
        let row = bench.one(&format!("SELECT max(observation_id) {filed}"));
        bench.lis.sql(&format!("UPDATE observation SET role = 'document' WHERE id = {row}")).expect("a document");
        let label =
            bench.lis.texts(&format!("SELECT label_code AS value {filed} AND observation_id = {row}")).remove(0);
        let message = bench.one(&format!("SELECT message_id FROM observation WHERE id = {row}"));
        let path = format!("/api/v1/instrument-messages/{message}/document");
        Command::post("tester2", path, json!({"label_code": label}), 204).required(&["label_code"]).again(409)
    },
    |bench| {
        let message = bench.one("SELECT max(message_id) FROM evidence_link");
        let path = format!("/api/v1/instrument-messages/{message}/document/withdrawal");
        Command::post("tester2", path, json!({"why": "色谱图属于另一份样品"}), 204).required(&["why"]).again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument_message WHERE state = 'done'");
        // Asked twice, it is read once.
        Command::post("tester2", format!("/api/v1/instrument-messages/{id}/read-again"), json!({}), 204).again(204)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument");
        Command::post("tester2", format!("/api/v1/instruments/{id}/replay"), json!({}), 200)
    },
    |bench| {
        let id = bench.one("SELECT id FROM person WHERE username = 'newcomer'");
        let body = json!({"first_password": "another first password"});
        Command::post("admin", format!("/api/v1/people/{id}/password"), body, 200)
            .required(&["first_password"])
            .opaque(&["first_password"])
            .called(&[("first_password", "body")])
            .of("person", id)
    },
    |bench| {
        let id = bench.one("SELECT id FROM person WHERE username = 'newcomer'");
        let body = json!({"purpose": "称重程序", "scopes": ["see_bench"], "expires_on": "2027-06-30"});
        Command::post("admin", format!("/api/v1/people/{id}/tokens"), body, 201).required(&["purpose", "scopes"])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM sampling_plan WHERE state = 'approved'");
        let body = json!({"per_stratum": "1", "seed": "0512"});
        Command::post("officer", format!("/api/v1/plans/{id}/venues"), body, 201).required(&["per_stratum"])
    },
    // A part whose sample is still in work: nobody releases it, so nobody can keep it again or dispose of it.
    |bench| {
        let body = json!({"parts": [part(bench)], "remark": "保存期已过"});
        Command::post("custodian", "/api/v1/disposal/releases", body, 409)
            .required(&["parts", "id", "version"])
            .called(PART_CALLED)
    },
    |bench| {
        let body = json!({"parts": [part(bench)], "remark": "案件调查中"});
        Command::post("custodian", "/api/v1/disposal/keeps", body, 409)
            .required(&["parts", "id", "version", "remark"])
            .called(PART_CALLED)
    },
    |bench| {
        let body = json!({"parts": [part(bench)], "method": "general_waste", "remark": "保存期已过"});
        Command::post("quality", "/api/v1/disposal/disposals", body, 409)
            .required(&["parts", "id", "version", "method"])
            .called(PART_CALLED)
    },
    // A chart of the demonstration has too few points to freeze anything. Its four names are an address: what fits no chart
    // is not found.
    |bench| {
        let charts = bench.client("quality").get("/api/v1/control-charts").expect(200).json();
        let mut body = json!({"reason": "一年的质控数据"});
        for name in ["method", "analyte", "kind", "material"] {
            body[name] = charts["items"][0][name].clone();
        }
        Command::post("quality", "/api/v1/control-charts/limits", body, 409)
            .required(&["reason"])
            .opaque(&["method", "analyte", "kind", "material"])
    },
    |_| grant("manager", "validated"),
    |bench| {
        let body = program_to_validate(&House::of(&bench.lis));
        Command::post("manager", "/api/v1/program-validations", body, 201).required(&["run", "seen"])
    },
    |_| grant("manager", "set"),
    |_| {
        let body = json!({
            "method": "gb5009.15-2023/gfaas", "rule": "4-1s", "action": "warn", "reason": "新仪器磨合期",
        });
        Command::post("quality", "/api/v1/control-charts/rules", body, 201).required(&["rule", "action", "reason"])
    },
    |_| {
        let body = json!({
            "gate": "calibration", "mode": "warn", "valid_from": "2026-12-01", "reason": "证书已全部录入",
        });
        Command::post("manager", "/api/v1/gates", body, 201).required(&["gate", "mode", "valid_from", "reason"])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument");
        let body = json!({
            "status": "limited", "allowed_methods": "GB 5009.12", "valid_from": "2026-11-26", "reason": "部分量程超差",
        });
        Command::post("manager", format!("/api/v1/instruments/{id}/status"), body, 200)
            .required(&["status", "allowed_methods", "valid_from", "reason"])
            .of("instrument", id)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument");
        let body = json!({
            "kind": "calibration", "certificate_no": "示例 2026-1120", "performed_by": "示例计量院",
            "performed_on": "2026-11-20", "next_due": "2027-11-19", "result": "qualified", "correction": "-0.0001",
            "correction_unit": "g", "applies": "add", "remark": "含期间核查建议",
        });
        Command::post("manager", format!("/api/v1/instruments/{id}/calibrations"), body, 200)
            .required(&[
                "kind",
                "certificate_no",
                "performed_by",
                "performed_on",
                "result",
                "correction",
                "correction_unit",
            ])
            .of("instrument", id)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM instrument");
        let body = json!({
            "kind": "maintenance", "performed_on": "2026-11-26", "performed_by": "示例维修站", "what": "更换干燥剂",
        });
        Command::post("manager", format!("/api/v1/instruments/{id}/upkeep"), body, 200)
            .required(&["kind", "performed_on", "performed_by", "what"])
            .of("instrument", id)
    },
    |bench| {
        let (record, id) = (bench.one("SELECT max(id) FROM calibration"), bench.one("SELECT max(id) FROM instrument"));
        let body = json!({"confirmed": "yes", "need": "称量 0.5 g，允差 0.5 mg"});
        Command::post("manager", format!("/api/v1/instruments/{id}/calibrations/{record}/confirmation"), body, 200)
            .required(&["confirmed", "need"])
            .of("instrument", id)
    },
    |_| {
        let body = json!({
            "code": "W-2611-01", "kind": "solution", "name": "铅标准使用液", "lot_no": "", "supplier": "", "certificate_no": "",
            "concentration": "1.00", "unit": "mg/L", "received_on": "2026-11-26", "opened_on": "",
            "expires_on": "2026-12-25", "prepared_by": "检验员乙", "parents": "S-2601", "purity": "99.9 %",
            "storage": "2~8 °C",
        });
        Command::post("tester2", "/api/v1/lots", body, 201).required(&[
            "code",
            "kind",
            "name",
            "received_on",
            "expires_on",
            "prepared_by",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM lot");
        Command::post("tester2", format!("/api/v1/lots/{id}/opening"), json!({"opened_on": "2026-11-27"}), 200)
            .required(&["opened_on"])
            .of("lot", id)
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM lot WHERE kind <> 'solution'");
        let body = json!({"decision": "reject", "checked": "证书、包装", "reason": "瓶口渗漏"});
        Command::post("tester2", format!("/api/v1/lots/{id}/receipt"), body, 200)
            .required(&["decision", "checked", "reason"])
            .of("lot", id)
    },
    |bench| {
        let id = a_document(&bench.lis);
        let body = json!({"decision": "refuse", "reason": "未注明引用标准"});
        Command::post("quality", format!("/api/v1/controlled-documents/{id}/decision"), body, 200)
            .required(&["decision", "reason"])
            .of("controlled_document", id)
            .again(409)
    },
    |_| Command::post("quality", "/api/v1/suppliers", supplier("示例培养基公司"), 201).required(SUPPLIER).again(409),
    |bench| {
        let id = bench.one("SELECT max(id) FROM supplier");
        Command::new("manager", "PUT", format!("/api/v1/suppliers/{id}"), supplier("示例培养基公司"), 200)
            .required(SUPPLIER)
            .of("supplier", id)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM worksheet WHERE state = 'open'");
        let body = json!({"lots": ["W-2611-01", "S-2601"], "used_on": "2026-11-27"});
        Command::post("tester2", format!("/api/v1/worksheets/{id}/lots"), body, 200).of("worksheet", id)
    },
    // No agent of the demonstration has said that it sends anything.
    |bench| {
        let id = bench.one("SELECT max(id) FROM worksheet WHERE state = 'open'");
        Command::post("tester2", format!("/api/v1/worksheets/{id}/dispatches"), json!({"way": "orders"}), 409)
            .required(&["way"])
    },
    |_| grant("manager", "released"),
    |bench| {
        let id = bench.one("SELECT id FROM person WHERE username = 'newcomer'");
        // As if he had come, chosen a password, lost it, and chosen another after the reset.
        let held = format!("UPDATE person SET signing_held = TRUE, password_must_change = FALSE WHERE id = {id}");
        bench.lis.sql(&held).expect("somebody whose signing is held");
        let body = json!({"reason": "本人到场核对", "forgotten": "true"});
        Command::post("manager", format!("/api/v1/people/{id}/signing-release"), body, 200)
            .required(&["reason"])
            .of("person", id)
    },
    |bench| {
        let id = bench.one("SELECT id FROM person WHERE username = 'newcomer'");
        bench.lis.sql(&format!("UPDATE person SET active = FALSE WHERE id = {id}")).expect("somebody who left");
        let body = json!({
            "subject_kind": "person", "subject": format!("#{id}"), "ground": "withdrawn", "reference": "2026-07",
        });
        Command::post("admin", "/api/v1/erasures", body, 201)
            .required(&["subject_kind", "subject", "ground", "reference"])
            .again(409)
    },
    // Its conclusion fell: there is nothing to handle.
    |bench| {
        let id = bench.one("SELECT max(id) FROM failing_case");
        let body = json!({
            "measures": "封存库存", "made": "100", "in_stock": "20", "sold": "80", "recalled": "5", "quantity_unit": "kg",
            "cause": "进货查验不严", "correction": "完善进货查验", "file_no": "霸市监罚〔2026〕1号", "penalty": "警告",
            "recheck": "已复抽",
        });
        Command::post("ordering", format!("/api/v1/cases/{id}/handling-records"), body, 409)
            .required(&["measures", "quantity_unit"])
            .of("failing_case", id)
            .stranger("neighbour")
    },
    |bench| {
        let id = bench.one("SELECT max(campaign_id) FROM campaign_witness");
        let body = json!({"kind": "media", "name": "示例晚报", "consented_on": "2026-11-20", "consent": "签字"});
        Command::post("officer", format!("/api/v1/campaigns/{id}/witnesses"), body, 201).required(&[
            "kind",
            "name",
            "consented_on",
            "consent",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM campaign_witness");
        let campaign = bench.one(&format!("SELECT campaign_id FROM campaign_witness WHERE id = {id}"));
        Command::post("officer", format!("/api/v1/campaigns/{campaign}/witnesses/{id}/withdrawal"), json!({}), 200)
            .of("campaign_witness", id)
            .again(409)
    },
    |bench| {
        let number =
            bench.lis.texts("SELECT sample_no AS value FROM sample WHERE sample_no IS NOT NULL ORDER BY id DESC");
        let body = json!({"sample_no": number[0], "ground": "检出非法添加物", "confirmed_at": bench.lis.clock.now()});
        Command::post("quality", "/api/v1/urgent-findings", body, 201).required(&[
            "sample_no",
            "ground",
            "confirmed_at",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM urgent_finding");
        let body = json!({"told_at": bench.lis.clock.now(), "told_how": "电话报告"});
        Command::post("quality", format!("/api/v1/urgent-findings/{id}/telling"), body, 200)
            .required(&["told_at", "told_how"])
            .of("urgent_finding", id)
            .again(409)
    },
    |bench| {
        let now = bench.lis.clock.now();
        let body = json!({
            "place": "霸州示例市场", "unit_name": "12 号摊", "product": "菠菜", "item": "有机磷", "kit": "速测卡",
            "kit_lot": "K1", "kit_expires_on": "2027-06-30", "reader": "R-3", "reading": "0.8", "verdict": "positive",
            "repeat_reading": "", "repeat_verdict": "suspect", "tested_by": "检测员", "tested_at": now, "told_at": now,
            "handling": "下架",
        });
        Command::post("sampler1", "/api/v1/rapid-tests", body, 201).required(&[
            "place",
            "unit_name",
            "product",
            "item",
            "kit",
            "kit_lot",
            "kit_expires_on",
            "verdict",
            "tested_at",
            "told_at",
        ])
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM rapid_test");
        let body = json!({"asked_at": bench.lis.clock.now(), "ground": "有异议"});
        Command::post("sampler1", format!("/api/v1/rapid-tests/{id}/application"), body, 200)
            .required(&["asked_at", "ground"])
            .of("rapid_test", id)
            .again(409)
    },
    |bench| {
        let id = bench.one("SELECT max(id) FROM rapid_test");
        let body = json!({"handling": "下架封存"});
        Command::post("sampler1", format!("/api/v1/rapid-tests/{id}/handling"), body, 200)
            .required(&["handling"])
            .of("rapid_test", id)
    },
    // Its re-test is a sample that confirms a rapid test; this one does not.
    |bench| {
        let id = bench.one("SELECT max(id) FROM rapid_test");
        let number =
            bench.lis.texts("SELECT sample_no AS value FROM sample WHERE sample_no IS NOT NULL ORDER BY id DESC");
        let body = json!({"number": number[0]});
        Command::post("sampler1", format!("/api/v1/rapid-tests/{id}/retest"), body, 422)
            .required(&["number"])
            .of("rapid_test", id)
    },
    // Nothing was seized that could be given back.
    |bench| {
        let id = bench.one("SELECT max(id) FROM failing_case");
        let body = json!({"act": "seizure_lifted", "done_at": "2026-11-27 08:30", "note": "解除"});
        Command::post("ordering", format!("/api/v1/cases/{id}/acts"), body, 409)
            .required(&["act", "done_at"])
            .of("failing_case", id)
            .stranger("neighbour")
    },
    // The application is not accepted.
    |bench| {
        let application = bench.one("SELECT max(id) FROM case_application");
        let case = bench.one(&format!("SELECT case_id FROM case_application WHERE id = {application}"));
        let body = json!({"act": "body_named", "done_at": "2026-11-27 08:30", "note": "复检机构"});
        Command::post("ordering", format!("/api/v1/cases/{case}/applications/{application}/acts"), body, 409)
            .required(&["act", "done_at", "note"])
            .of("failing_case", case)
            .stranger("neighbour")
    },
];

/// Fields that every supplier has.
const SUPPLIER: &[&str] = &["name", "provides", "approved_from", "approved_until", "evaluated_on", "evaluation"];

/// A part of the sample that came last, as it was seen.
fn part(bench: &Bench) -> Value {
    let id = bench
        .one("SELECT max(part.id) FROM part JOIN sample ON sample.id = part.sample_id WHERE sample.state = 'testing'");
    json!({"id": id, "version": bench.one(&format!("SELECT version FROM part WHERE id = {id}"))})
}

/// A refusal names the part by its id; what is missing of a part is said of the list.
const PART_CALLED: &[(&str, &str)] = &[("id", "part"), ("version", "part"), ("id", "parts"), ("version", "parts")];

/// A column of the profile that is there.
fn of_profile(bench: &Bench, column: &str) -> String {
    let id = crate::steps::a_profile(&bench.lis);
    bench.lis.texts(&format!("SELECT {column} AS value FROM instrument_profile WHERE id = {id}")).remove(0)
}
