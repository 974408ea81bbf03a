//! What the quality manager keeps: rounds, comparisons, complaints, verifications, validations, checks of the files.

use lis_server::domain::clock::Clock;
use lis_server::upkeep::{Kind, watch};
use lis_tests::{Reply, TestLis};
use serde_json::{Value, json};

use super::{House, number, uuid};

/// An unsatisfactory round of a proficiency test, recorded if there is none: (0.190 - 0.250) / 0.020 = -3.
pub fn a_round(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM proficiency_round ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/proficiency-rounds", &round("0.190"));
    }
    newest()[0]
}

/// A round for cadmium with an own result; the assigned value is 0.250, its standard deviation 0.020 mg/kg.
pub fn round(own: &str) -> Value {
    json!({
        "provider": "示例能力验证提供者", "scheme": "PT-2026-01", "analyte": "镉", "matrix": "大米粉",
        "method": "GB 5009.15", "unit": "mg/kg", "assigned_value": "0.250", "sigma_pt": "0.020", "own_result": own,
        "reported_on": "2026-11-20",
    })
}

/// A planned comparison, planned if there is none.
pub fn a_comparison(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM comparison ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/comparisons", &comparison());
    }
    newest()[0]
}

/// Two people test cadmium in one rice flour; their results may be 0.020 mg/kg apart.
pub fn comparison() -> Value {
    json!({
        "kind": "person", "method": "GB 5009.15", "analyte": "镉", "unit": "mg/kg", "first": "检验员甲",
        "second": "检验员乙", "allowed_difference": "0.020", "due_on": "2026-12-20",
    })
}

/// A complaint, taken if there is none.
pub fn a_complaint(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM complaint ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/complaints", &complaint(""));
    }
    newest()[0]
}

/// A complaint about a report, or about none.
pub fn complaint(report_no: &str) -> Value {
    json!({
        "complainant": "示例企业", "contact": "13800000009", "report_no": report_no, "sample_no": "",
        "content": "报告送达迟于约定日期", "received_at": "2026-11-26 09:00",
    })
}

/// The program's validation, signed if nobody has signed one; its run is there with it.
pub fn a_program_validation(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM program_validation ORDER BY id DESC");
    if newest().is_empty() {
        let house = House::of(lis);
        house.sign("manager", "validated");
        house.done("manager", "/api/v1/program-validations", &program_to_validate(&house));
    }
    newest()[0]
}

/// What the technical manager signs: the program as it stands, by a run in which every answer is as expected.
pub fn program_to_validate(house: &House) -> Value {
    let question = r#"{"id":"r1","ask":{"op":"round","x":"1.25","interval":"0.1"},"expect":{"value":"1.2"}}"#;
    let run = number(&validate(house, "quality", "own.jsonl", question).json(), "id");
    let standing = house.get("quality", "/api/v1/program-standing");
    json!({"run": run, "seen": standing["seen"], "remark": "按附录核对全部公式"})
}

/// Sends a validation file as a page does that calls the API.
pub fn validate(house: &House, username: &str, file_name: &str, text: &str) -> Reply {
    let client = house.by(username);
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    client.upload_beside("/api/v1/validation-runs", &[("csrf", &csrf)], file_name, text.as_bytes()).send()
}

/// A verification of the method of cadmium, kept if there is none.
pub fn a_verification(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM method_verification ORDER BY id DESC");
    if newest().is_empty() {
        verify_method(&House::of(lis), "manager", &[], RECORD).expect(201);
    }
    newest()[0]
}

/// Sends a verification of the method of cadmium as a page does that calls the API; later fields take the place of earlier
/// ones.
pub fn verify_method(house: &House, username: &str, changes: &[(&str, &str)], record: &[u8]) -> Reply {
    let client = house.by(username);
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    let usual = [
        ("csrf", csrf.as_str()),
        ("method", "gb5009.15-2023/gfaas"),
        ("performed_on", "2026-11-20"),
        ("performed_by", "检验员乙"),
        ("recovery", "92 % ~ 105 %"),
        ("lod", "0.001 mg/kg"),
        ("conclusion", "suitable"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let fields: Vec<(&str, &str)> = kept.chain(changes.iter().copied()).collect();
    client.upload_beside("/api/v1/method-verifications", &fields, "record.pdf", record).key(&uuid()).send()
}

/// A record of a verification.
pub const RECORD: &[u8] = b"%PDF-1.4 record of a verification";

/// A finding of possible serious harm that nobody was told of, made if there is none.
pub fn an_urgent_finding(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM urgent_finding ORDER BY id DESC");
    if newest().is_empty() {
        lis.sql(
            "INSERT INTO urgent_finding (version, sample_id, ground, confirmed_at, due_at, told_how, person_id, at) \
             VALUES (1, (SELECT max(id) FROM sample), '检出非法添加物', '2026-11-26 08:00:00', '2026-11-27 08:00:00', '', \
             (SELECT min(id) FROM person), '2026-11-26 08:00:00')",
        )
        .expect("a finding");
    }
    newest()[0]
}

/// A rapid test against which nobody has asked for a re-test, made if there is none.
pub fn a_rapid_test(lis: &TestLis) -> i64 {
    rapid_test(lis, "asked_at IS NULL", "NULL")
}

/// One that is to be tested again.
pub fn a_disputed_rapid_test(lis: &TestLis) -> i64 {
    rapid_test(lis, "asked_at IS NOT NULL", "'2026-11-27 00:20:00'")
}

fn rapid_test(lis: &TestLis, which: &str, asked_at: &str) -> i64 {
    let newest = || lis.numbers(&format!("SELECT id AS value FROM rapid_test WHERE {which} ORDER BY id DESC"));
    if newest().is_empty() {
        lis.sql(&format!(
            "INSERT INTO rapid_test (version, unit_name, product, item, kit, kit_lot, kit_expires_on, reading, verdict, \
             tested_at, told_at, due_at, asked_at, ground, person_id, at) VALUES (1, '霸州示例市场 12 号摊', '菠菜', '有机磷', \
             '速测卡', 'K1', '2027-06-30', '', 'positive', '2026-11-27 00:00:00', '2026-11-27 00:10:00', \
             '2026-11-27 04:10:00', {asked_at}, '', (SELECT min(id) FROM person), '2026-11-27 00:10:00')"
        ))
        .expect("a rapid test");
    }
    newest()[0]
}

/// A check of the files that found one changed on the disk, made if there is none. Nothing rests on that file.
pub fn a_failed_check(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM upkeep_run WHERE NOT good ORDER BY id DESC");
    if newest().is_empty() {
        let folder = lis.database.directory().join("files").join("ff");
        std::fs::create_dir_all(&folder).expect("a folder of the store");
        std::fs::write(folder.join("f".repeat(64)), "changed").expect("a file of the store");
        let day = lis.clock.now().date_in_china();
        // On a thread of its own: the test of the pages asks for it from the one that drives the browser.
        std::thread::scope(|scope| {
            let run = scope.spawn(|| watch::run(&lis.app, Kind::Files, day).expect("a check"));
            run.join().expect("the check ended").expect("the first of its day");
        });
    }
    newest()[0]
}

/// An edition of a controlled document that the technical manager brought, if there is none.
pub fn a_document(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM controlled_document ORDER BY id DESC");
    if newest().is_empty() {
        bring_document(&House::of(lis), "manager", &[], DOCUMENT).expect(201);
    }
    newest()[0]
}

/// A controlled document.
pub const DOCUMENT: &[u8] = b"%PDF-1.7 how samples are received";

/// Sends an edition of a document as a page does that calls the API; later fields take the place of earlier ones.
pub fn bring_document(house: &House, username: &str, changes: &[(&str, &str)], file: &[u8]) -> Reply {
    let client = house.by(username);
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    let usual = [
        ("csrf", csrf.as_str()),
        ("number", "SOP-017"),
        ("edition", "A/0"),
        ("title_zh", "样品接收程序"),
        ("title_en", "Receipt of samples"),
        ("kind", "sop"),
        ("valid_from", "2026-01-01"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let fields: Vec<(&str, &str)> = kept.chain(changes.iter().copied()).collect();
    client.upload_beside("/api/v1/controlled-documents", &fields, "document.pdf", file).key(&uuid()).send()
}
