//! Gates of the quality system: what blocks and what only warns, on the day of the act; equipment with its history, lots.

use std::path::Path;
use std::process::{Command, Output};

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, SIGNING_PASSWORD, Sample, Sheet, number, rice_order, text, with};

/// The laboratory's day at the end of the demonstration.
pub(crate) const TODAY: &str = "2026-11-27";

pub(crate) fn set_gate(house: &House, gate: &str, mode: &str) {
    let body = json!({"gate": gate, "mode": mode, "valid_from": TODAY, "reason": "试运行结束"});
    house.sign("manager", "set");
    house.done("manager", "/api/v1/gates", &body);
}

pub(crate) fn instrument(lis: &TestLis, code: &str) -> i64 {
    lis.numbers(&format!("SELECT id AS value FROM instrument WHERE code = '{code}'"))[0]
}

pub(crate) fn history(house: &House, id: i64) -> Value {
    house.get("checker", &format!("/api/v1/instruments/{id}/history"))
}

/// A step of an instrument on what its history shows now.
pub(crate) fn step(house: &House, id: i64, what: &str, body: &Value) {
    let version = number(&history(house, id), "version");
    house.done_on("manager", &format!("/api/v1/instruments/{id}/{what}"), version, body);
}

pub(crate) fn calibrate(house: &House, id: i64, performed_on: &str, next_due: &str) {
    let body = json!({
        "kind": "calibration", "certificate_no": "示例 1", "performed_by": "示例计量院", "performed_on": performed_on,
        "next_due": next_due, "result": "qualified",
    });
    step(house, id, "calibrations", &body);
}

/// A sheet for cadmium that only has to be submitted: 2.05 µg/L gives 0.0408 mg/kg, the blank 0.01.
pub(crate) fn complete_sheet(house: &House, instrument: Option<i64>) -> (Sample, Sheet) {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let own = items.iter().filter(|item| item["label_code"] == sample.label());
    let ids: Vec<i64> = own.map(|item| number(item, "id")).collect();
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids, "instrument_id": instrument}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
    for place in [sample.label(), &duplicate] {
        cells.extend([
            (place, "cd", "reading", "2.05"),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    (sample, sheet)
}

pub(crate) fn submit(house: &House, sheet: &Sheet, confirmation: &str) -> lis_tests::Reply {
    let version = number(&house.sheet(sheet), "version");
    let path = format!("/api/v1/worksheets/{}/submission", sheet.id);
    house.ask_on("tester2", &path, version, &json!({"confirmation": confirmation}))
}

// Requirement: Q64-2, Q64-3, Q64-5
demonstrated!(what_blocks_is_named_at_once_and_what_warns_is_confirmed_with_a_reason, |lis: TestLis| {
    let house = House::of(&lis);
    let id = instrument(&lis, "AAS-01");
    let (_, sheet) = complete_sheet(&house, Some(id));
    // As at first: calibrations and lots are not looked at, a stopped instrument is.
    calibrate(&house, id, "2025-11-21", "2026-11-20");
    step(&house, id, "status", &json!({"status": "stopped", "valid_from": "2026-11-26", "reason": "石墨管破裂"}));
    assert_eq!(submit(&house, &sheet, "").expect(409).codes(), ["instrument-stopped"]);

    set_gate(&house, "calibration", "block");
    set_gate(&house, "standards", "warn");
    let all = submit(&house, &sheet, "").expect(409).codes();
    assert_eq!(all, ["instrument-stopped", "calibration-overdue", "lots-unnamed", "warnings-unconfirmed"]);
    // A reason does not go past what blocks.
    assert_eq!(submit(&house, &sheet, "急").expect(409).codes(), ["instrument-stopped", "calibration-overdue"]);

    step(&house, id, "status", &json!({"status": "qualified", "valid_from": TODAY, "reason": "更换石墨管并核查"}));
    calibrate(&house, id, TODAY, "2027-11-26");
    let shown = history(&house, id);
    assert_eq!((text(&shown["status"]), text(&shown["calibrated_until"])), ("qualified".into(), "2027-11-26".into()));
    assert_eq!(shown["statuses"].as_array().map(Vec::len), Some(2));
    assert_eq!(submit(&house, &sheet, "").expect(409).codes(), ["lots-unnamed", "warnings-unconfirmed"]);
    let page = house.by("tester2").get(&format!("/worksheets/{}", sheet.id)).expect(200);
    assert!(page.page().form(&format!("/worksheets/{}/entries", sheet.id)).value("confirmation").is_none());

    assert_eq!(text(&submit(&house, &sheet, "批次明日补录").expect(200).json()["state"]), "submitted");
    let kept = house.sheet(&sheet)["confirmations"].clone();
    assert_eq!(
        (text(&kept[0]["warnings"][0]["code"]), text(&kept[0]["reason"])),
        ("lots-unnamed".into(), "批次明日补录".into())
    );
    let page = house.by("tester2").get(&format!("/worksheets/{}", sheet.id)).expect(200).page().text();
    assert!(page.contains("批次明日补录"), "{page}");
});

// Requirement: Q711-9
demonstrated!(a_change_of_a_gate_is_signed, |lis: TestLis| {
    let house = House::of(&lis);
    let body = json!({"gate": "standards", "mode": "warn", "valid_from": TODAY, "reason": "试运行结束"});
    let set = || house.ask("manager", "/api/v1/gates", &body);
    assert_eq!(set().expect(403).codes(), ["signing-grant-missing"]);
    house.sign("manager", "checked");
    assert_eq!(set().expect(403).codes(), ["signing-grant-missing"], "another meaning");
    assert_eq!(lis.rows("gate_setting"), 0);

    let manager = house.by("manager");
    let with_password = |password: &str| {
        let form = manager.form("/quality/gates", "/quality/gates").set("gate", "standards").set("mode", "warn");
        manager.send(&form.set("reason", "试运行结束").set("signing_password", password))
    };
    with_password("another").expect(422);
    with_password(SIGNING_PASSWORD).expect(303);
    let signed = "SELECT meaning AS value FROM signature WHERE object_kind = 'gate_setting'";
    assert_eq!(lis.texts(signed), ["set"]);
    let gates = house.items("manager", "/api/v1/gates");
    let standards = gates.iter().find(|one| one["gate"] == "standards").expect("the gate");
    assert_eq!((&standards["mode"], &standards["changes"][0]["signed"]), (&json!("warn"), &json!(true)));
    let page = manager.get("/quality/gates").expect(200).page().text();
    assert!(page.contains("· signed"), "{page}");
});

// Requirement: Q64-7
demonstrated!(an_expired_lot_stops_a_sheet_and_a_good_one_does_not, |lis: TestLis| {
    let house = House::of(&lis);
    set_gate(&house, "standards", "block");
    let lot = |code: &str, expires_on: &str| {
        json!({
            "code": code, "kind": "reagent", "name": "硝酸", "received_on": "2026-01-05", "expires_on": expires_on,
        })
    };
    house.done("tester2", "/api/v1/lots", &lot("R-1", "2026-11-26"));
    let (_, sheet) = complete_sheet(&house, None);
    let path = format!("/api/v1/worksheets/{}/lots", sheet.id);
    let name = |lots: &Value, used_on: &str| {
        let version = number(&house.sheet(&sheet), "version");
        house.ask_on("tester2", &path, version, &json!({"lots": lots, "used_on": used_on}))
    };
    assert_eq!(name(&json!(["R-2"]), "").expect(422).codes(), ["lot-unknown"]);
    name(&json!(["R-1", "S-2601"]), "").expect(200);
    assert_eq!(submit(&house, &sheet, "急").expect(409).codes(), ["lot-expired"]);
    // On its last day the sheet was not open yet.
    let early = name(&json!(["R-1", "S-2601"]), "2026-11-26").expect(422);
    assert_eq!(early.codes(), ["lots-used-before-worksheet"]);
    // Another bottle was on the bench.
    name(&json!(["S-2601"]), "").expect(200);
    assert_eq!(text(&submit(&house, &sheet, "").expect(200).json()["state"]), "submitted");
    let solution = json!({
        "code": "W-1", "kind": "solution", "name": "使用液", "received_on": TODAY, "expires_on": "2028-01-01",
        "prepared_by": "检验员乙", "parents": "S-2601",
    });
    assert_eq!(house.ask("tester2", "/api/v1/lots", &solution).expect(422).codes(), ["lot-outlives-parent"]);
});

demonstrated!(a_reading_out_of_calibration_waits_until_its_certificate_is_there, |lis: TestLis| {
    let house = House::of(&lis);
    let body = json!({"code": "ICP-11", "name": "ICP-MS", "profile": "generic_long_table", "status": "qualified"});
    let id = number(&house.done("manager", "/api/v1/instruments", &body), "id");
    set_gate(&house, "calibration", "block");
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let file = format!("Sample ID,Analyte,Concentration,Unit\n{},cd,2.05,μg/L\n", sample.label());
    let mut message = crate::bad_input::message("ICP-11", 1, &file);
    message["received_at"] = json!("2026-11-27T02:00:00Z");
    house.program("manager").command("/api/v1/agent/messages", &json!([message])).send().expect(200);
    lis.work();
    let held = format!("/api/v1/instruments/{id}/held");
    let reasons = || house.items("tester2", &held).iter().map(|row| text(&row["reason"])).collect::<Vec<_>>();
    assert_eq!(reasons(), ["not_calibrated"]);
    let mapping = json!({"kind": "analyte", "source": "Cd", "target": "cd"});
    let shown = house.done("tester2", &format!("/api/v1/instruments/{id}/mappings/preview"), &mapping);
    assert_eq!((number(&shown, "tried"), number(&shown, "filed")), (1, 0), "no mapping goes past a gate");
    // The certificate was on somebody's desk: on the day of the reading the calibration held.
    calibrate(&house, id, "2026-06-01", "2027-05-31");
    let replayed = house.done("tester2", &format!("/api/v1/instruments/{id}/replay"), &json!({}));
    assert_eq!((number(&replayed, "tried"), number(&replayed, "filed")), (1, 1));
    let view = house.sheet(&sheet);
    let cells =
        view["positions"].as_array().expect("positions").iter().flat_map(|one| one["cells"].as_array().cloned());
    let filed = cells.flatten().filter(|cell| cell["source"] == "instrument").count();
    assert_eq!(filed, 1);
});

demonstrated!(the_log_says_what_a_lot_and_a_calibration_are, |lis: TestLis| {
    let house = House::of(&lis);
    let newest = |event: &str| -> Value {
        let query = format!("SELECT body AS value FROM audit_entry WHERE event = '{event}' ORDER BY id DESC LIMIT 1");
        let body: Value = serde_json::from_str(&lis.texts(&query)[0]).expect("JSON");
        body["changes"].clone()
    };
    let lot = json!({
        "code": "S-9", "kind": "standard", "name": "镉标准溶液", "lot_no": "B9", "supplier": "示例标准物质中心",
        "certificate_no": "GBW 9", "concentration": "1000", "unit": "mg/L", "received_on": TODAY, "expires_on": "2027-11-26",
    });
    house.done("tester2", "/api/v1/lots", &lot);
    let added = newest("lot-added");
    for field in ["lot_no", "supplier", "certificate_no", "concentration", "unit"] {
        assert_eq!(added[field], json!([null, lot[field]]), "{field}");
    }
    let late = with(lot, &json!({"code": "S-10", "received_on": "2026-11-28"}));
    assert_eq!(house.ask("tester2", "/api/v1/lots", &late).expect(422).codes(), ["lot-dates"]);

    let calibration = json!({
        "kind": "calibration", "certificate_no": "C-9", "performed_by": "示例计量院", "performed_on": TODAY,
        "next_due": "2027-11-26", "result": "qualified", "correction": "0.0002", "correction_unit": "g",
    });
    step(&house, instrument(&lis, "BAL-01"), "calibrations", &calibration);
    let written = newest("instrument-calibrated");
    for field in ["certificate_no", "performed_by", "next_due", "correction", "correction_unit"] {
        assert_eq!(written[field], json!([null, calibration[field]]), "{field}");
    }
});

pub(crate) fn import(lis: &TestLis, kind: &str, file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
        .args(["import", kind, "--data"])
        .arg(lis.database.directory())
        .arg(file)
        .env("LIS_DATABASE_URL", lis.database.url())
        .env("LIS_LOG", "error")
        .output()
        .expect("the program runs")
}

// Requirement: Q64-1, Q64-6
demonstrated!(equipment_calibrations_and_lots_come_from_spreadsheets_whole_or_not_at_all, |lis: TestLis| {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let loaded = |kind: &str, table: &str| {
        let path = folder.path().join(format!("{kind}.csv"));
        std::fs::write(&path, table).expect("a writable directory");
        let done = import(&lis, kind, &path);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.success(), said)
    };
    let before = (lis.rows("instrument"), lis.rows("calibration"), lis.rows("lot"));
    let head = "code,name,minimum_weight_g,calibrated_until\n";
    let (good, said) = loaded("equipment", &format!("{head}BAL-09,天平,0.02,2027-01-31\nBAL-01,天平,0.02,\n"));
    assert!(!good && said.contains("row 3, column code") && said.contains("BAL-01"), "{said}");
    assert_eq!(lis.rows("instrument"), before.0, "nothing of it");
    let (good, said) = loaded("equipment", &format!("{head}BAL-09,天平,0.02,2027-01-31\nPIP-01,移液器,,\n"));
    assert!(good && said.contains("2 rows imported"), "{said}");

    let head = "instrument,kind,certificate_no,performed_by,performed_on,next_due,result\n";
    let line = |code: &str| format!("{code},calibration,C-1,示例计量院,2026-06-01,2027-05-31,qualified\n");
    let (good, said) = loaded("calibrations", &format!("{head}{}{}", line("PIP-01"), line("PIP-02")));
    assert!(!good && said.contains("row 3, column instrument"), "{said}");
    assert_eq!(lis.rows("calibration"), before.1, "nothing of it");
    let (good, said) = loaded("calibrations", &format!("{head}{}{}", line("PIP-01"), line("BAL-09")));
    assert!(good, "{said}");
    let until = "SELECT CAST(calibrated_until AS TEXT) AS value FROM instrument WHERE code = 'BAL-09'";
    assert_eq!(lis.texts(until), ["2027-05-31"]);
    let kept = lis.rows("calibration");
    let (good, said) = loaded("calibrations", &format!("{head}{}{}", line("PIP-01"), line("BAL-09")));
    assert!(good && said.contains("0 rows imported"), "{said}");
    let check = |result: &str| format!("BAL-09,check,,检验员甲,2026-06-02,,{result}\n");
    let (good, said) = loaded("calibrations", &format!("{head}{}{}", check("unqualified"), check("qualified")));
    assert!(good && said.contains("2 rows imported"), "a check that failed and one after the repair: {said}");
    // The failed one opened work, once: nobody's, since the day on which the balance was good.
    let opened = "SELECT subject_name || ' ' || state || ' ' || CAST(since AS TEXT) AS value FROM nonconforming_work \
                  WHERE opened_by IS NULL";
    let works = lis.texts(opened);
    assert!(works.len() == 1 && works[0].starts_with("BAL-09 open 2026-05-31 16:00:00"), "{works:?}");
    let (good, said) = loaded("calibrations", &format!("{head}{}{}", check("unqualified"), check("qualified")));
    assert!(good && said.contains("0 rows imported"), "{said}");
    assert_eq!(lis.texts(opened).len(), 1);
    assert_eq!(lis.rows("calibration"), kept + 2, "the same certificate again is the same record");

    let head = "code,kind,name,received_on,expires_on,prepared_by,parents\n";
    let stock = "S-9,standard,镉标准溶液,2026-01-05,2027-01-04,,\n";
    let (good, said) = loaded("lots", &format!("{head}{stock}W-9,solution,使用液,2026-06-02,2027-02-01,甲,S-9\n"));
    assert!(!good && said.contains("row 3, column expires_on"), "{said}");
    assert_eq!(lis.rows("lot"), before.2, "nothing of it");
    let (good, said) = loaded("lots", &format!("{head}{stock}W-9,solution,使用液,2026-06-02,2026-12-19,甲,S-9\n"));
    assert!(good && said.contains("2 rows imported"), "{said}");
});
