//! The records of an instrument: the file of a certificate, whether it meets the need, and what it does to readings.

use lis_tests::{Reply, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::{TODAY, calibrate, complete_sheet, history, instrument, step, submit};
use crate::imports::send;
use crate::steps::{House, number, rice_order, text, uuid, with};

const CERTIFICATE: &[u8] = b"%PDF-1.7\n% the certificate of a balance\n%%EOF\n";

/// Brings the file of the newest calibration of an instrument.
fn bring(house: &House<'_>, id: i64, record: i64, file: &[u8]) -> Reply {
    let client = house.by("manager");
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    let path = format!("/api/v1/instruments/{id}/calibrations/{record}/file");
    let ask = client.upload_beside(&path, &[("csrf", csrf.as_str())], "JL-2026-1.pdf", file);
    ask.key(&uuid()).seen(number(&history(house, id), "version")).send()
}

// Requirement: Q64-3
demonstrated!(a_certificate_is_kept_as_a_file_and_held_against_the_need, |lis: TestLis| {
    let house = House::of(&lis);
    let id = instrument(&lis, "BAL-01");
    calibrate(&house, id, "2026-06-01", "2027-05-31");
    let record = number(&history(&house, id)["calibrations"][0], "id");
    assert_eq!(bring(&house, id, record, b"GIF89a").expect(422).codes(), ["certificate-file"]);
    let other = instrument(&lis, "AAS-01");
    assert_eq!(bring(&house, other, record, CERTIFICATE).status, 404, "another instrument's");
    bring(&house, id, record, CERTIFICATE).expect(200);
    let shown = history(&house, id)["calibrations"][0].clone();
    assert_eq!((text(&shown["file_name"]), text(&shown["file_sha256"]).len()), ("JL-2026-1.pdf".into(), 64));
    for path in ["/api/v1/instruments", "/instruments"] {
        let path = format!("{path}/{id}/calibrations/{record}/file");
        let got = house.by("reviewer").get(&path).expect(200);
        assert_eq!((got.body.as_slice(), got.header("content-type")), (CERTIFICATE, Some("application/pdf")), "{path}");
        assert_eq!(house.by("bakery").get(&path).status, 404, "{path}");
    }

    // What does not meet the need is no calibration, whatever its paper says; the newest word holds.
    let path = format!("calibrations/{record}/confirmation");
    let before = text(&history(&house, id)["calibrated_until"]);
    step(&house, id, &path, &json!({"confirmed": "no", "need": "称量 0.5 g，允差 0.2 mg；证书 0.5 mg"}));
    assert_eq!(history(&house, id)["calibrated_until"], Value::Null);
    step(&house, id, &path, &json!({"confirmed": "yes", "need": "改用于 5 g 以上称量"}));
    let after = history(&house, id);
    assert_eq!((text(&after["calibrated_until"]), &after["calibrations"][0]["confirmed"]), (before, &json!(true)));
    assert_eq!(after["calibrations"][0]["confirmed_by"], "技术负责人壬");
    let page = house.by("checker").get(&format!("/instruments/{id}/history")).expect(200).page().text();
    assert!(page.contains("改用于 5 g 以上称量") && page.contains("JL-2026-1.pdf"), "{page}");
});

/// A file of an analyser arrives with one reading of cadmium.
fn read(house: &House<'_>, seq: u64, label: &str, value: &str) {
    let file = format!("Sample ID,Analyte,Concentration,Unit\n{label},cd,{value},μg/L\n");
    let mut message = crate::bad_input::message("ICP-21", seq, &file);
    message["received_at"] = json!("2026-11-27T02:00:00Z");
    house.program("manager").command("/api/v1/agent/messages", &json!([message])).send().expect(200);
    house.lis.work();
}

// Requirement: Q64-3
demonstrated!(a_certificate_corrects_what_the_instrument_prints_and_the_record_says_so, |lis: TestLis| {
    let house = House::of(&lis);
    let body = json!({"code": "ICP-21", "name": "ICP-MS", "profile": "generic_long_table", "status": "qualified"});
    let id = number(&house.done("manager", "/api/v1/instruments", &body), "id");
    let calibration = |more: Value| {
        let body = json!({
            "kind": "calibration", "certificate_no": "JL-7", "performed_by": "示例计量院", "performed_on": "2026-11-20",
            "next_due": "2027-11-19", "result": "qualified", "correction": "1.020", "applies": "times",
        });
        with(body, &more)
    };
    let path = format!("/api/v1/instruments/{id}/calibrations");
    let refused = house.ask_on("manager", &path, 1, &calibration(json!({"correction": ""}))).expect(422);
    assert_eq!(refused.codes(), ["field-missing"]);
    let check = json!({"kind": "check", "certificate_no": ""});
    assert_eq!(house.ask_on("manager", &path, 1, &calibration(check)).expect(422).codes(), ["correction-of-check"]);
    step(&house, id, "calibrations", &calibration(json!({})));

    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    read(&house, 1, sample.label(), "2.05");
    // 2.05 x 1.020 = 2.091 stands in the cell; what was printed stays in the message.
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01"), (duplicate.as_str(), "cd", "reading", "2.09")];
    for place in [sample.label(), &duplicate] {
        cells.extend([(place, "cd", "volume", "10"), (place, "cd", "mass", "0.5000")]);
    }
    house.type_in(&sheet, &cells);
    assert_eq!(house.submit(&sheet), "submitted");
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("a calculated item");
    let evidence = house.get("checker", &format!("/api/v1/items/{}/evidence", item["id"]));
    let entries = evidence["entries"].as_array().expect("entries");
    let read = entries.iter().find(|entry| entry["source"] == "instrument").expect("a reading");
    assert_eq!((&read["value"], &read["printed"]), (&json!("2.091"), &json!("2.05")));
    // (2.091 - 0.01) x 10 / 500 = 0.04162 mg/kg
    assert_eq!((&evidence["results"][0]["value"], &evidence["reproduces"]), (&json!("0.04162"), &json!(true)));
    let kept = &evidence["record"]["asked"]["corrections"][0];
    assert_eq!((text(&kept["raw"]), text(&kept["value"])), ("2.05".into(), "2.091".into()));
    assert_eq!(kept["certificate_no"], "JL-7");
    let page = house.by("checker").get(&format!("/check/{}", item["id"])).expect(200).page().text();
    assert!(page.contains("ICP-21 JL-7") && page.contains("2.05 × (1.020) = 2.091"), "{page}");
    assert_eq!(history(&house, id)["calibrations"][0]["applies"], "times");

    // Who compares the transfer with the raw record sees why the values differ.
    let entry = lis.numbers("SELECT id AS value FROM result_entry WHERE correction <> ''")[0];
    let transfer = house.get("checker", &format!("/api/v1/transfers/{entry}"));
    assert_eq!((text(&transfer["printed"]), text(&transfer["value"])), ("2.05".into(), "2.091".into()));
    let correction = json!({
        "how": "times", "amount": "1.020", "unit": "", "certificate_no": "JL-7", "calculation": "2.05 × (1.020) = 2.091",
    });
    assert_eq!(transfer["correction"], correction);
    let page = house.by("checker").get(&format!("/quality/transfers/{entry}")).expect(200).page().text();
    assert!(page.contains("2.05 × (1.020) = 2.091") && page.contains("JL-7"), "{page}");
    assert!(page.contains("The correction alone is no difference."), "{page}");
});

// Requirement: Q64-4
demonstrated!(a_failed_check_opens_work_on_everything_since_the_last_good_one, |lis: TestLis| {
    let house = House::of(&lis);
    let id = instrument(&lis, "AAS-01");
    calibrate(&house, id, "2026-06-01", "2027-05-31");
    let (sample, sheet) = complete_sheet(&house, Some(id));
    submit(&house, &sheet, "").expect(200);
    let works = lis.rows("nonconforming_work");
    let check = |result: &str| {
        json!({
            "kind": "check", "performed_by": "检验员乙", "performed_on": TODAY, "result": result, "remark": "标准点偏差 12 %",
        })
    };
    let add = |result: &str| {
        let version = number(&history(&house, id), "version");
        house.done_on("manager", &format!("/api/v1/instruments/{id}/calibrations"), version, &check(result))
    };
    assert_eq!(add("qualified")["work"], Value::Null);
    assert_eq!(lis.rows("nonconforming_work"), works);
    let work = number(&add("unqualified"), "work");
    let view = house.get("quality", &format!("/api/v1/nonconforming-work/{work}"));
    assert_eq!((text(&view["subject"]), text(&view["subject_name"])), ("instrument".into(), "AAS-01".into()));
    // The good check of the same day proves nothing: the day of the calibration begins on 1 June in China.
    assert_eq!((text(&view["since"]), text(&view["risk"])), ("2026-05-31T16:00:00.000Z".into(), String::new()));
    assert!(text(&view["description"]).contains("标准点偏差 12 %"), "{view}");
    let affected = view["affected"].as_array().expect("results");
    assert!(affected.iter().any(|one| one["sample_no"] == sample.number.as_str()), "{view}");

    // No sheet is opened for a balance: it is known by what it weighed.
    let doubt = json!({
        "subject": "instrument", "instrument": instrument(&lis, "BAL-01").to_string(), "since": "2026-01-01 00:00",
        "risk": "high", "description": "天平示值漂移", "hold": "off",
    });
    let opened = house.done("checker", "/api/v1/nonconforming-work", &doubt);
    let listed = house.get("quality", &format!("/api/v1/nonconforming-work/{}", opened["id"]));
    let listed: Vec<i64> =
        listed["affected"].as_array().expect("results").iter().map(|one| number(one, "item_id")).collect();
    let weighed = lis.numbers(
        "SELECT DISTINCT p.item_id AS value FROM result_entry e JOIN worksheet_position p ON p.id = e.position_id \
         JOIN observation o ON o.id = e.observation_id JOIN instrument_message m ON m.id = o.message_id \
         JOIN test_item i ON i.id = p.item_id WHERE m.instrument_code = 'BAL-01' AND i.result_id IS NOT NULL \
         AND i.state IN ('calculated', 'checked', 'final')",
    );
    assert!(!weighed.is_empty() && weighed.iter().all(|id| listed.contains(id)), "{weighed:?} {listed:?}");

    // The same from a list: tried out nothing is opened, loaded twice it is opened once.
    let table = format!(
        "instrument,kind,performed_by,performed_on,result,remark\nAAS-01,check,检验员丙,{TODAY},unqualified,灯能量不足\n"
    );
    let works = lis.rows("nonconforming_work");
    for (mode, rows, opened) in [("dry_run", 1, 0), ("all", 1, 1), ("all", 0, 1)] {
        let reply = send(&house, "manager", mode, "calibrations", &table);
        assert_eq!(number(&reply.json(), "rows"), rows, "{mode}");
        assert_eq!(lis.rows("nonconforming_work"), works + opened, "{mode}");
    }
    let newest = lis.numbers("SELECT max(id) AS value FROM nonconforming_work")[0];
    let listed = house.get("quality", &format!("/api/v1/nonconforming-work/{newest}"));
    assert_eq!((&listed["since"], &listed["affected"]), (&view["since"], &view["affected"]));
    assert!(text(&listed["description"]).contains("灯能量不足") && listed["opened_by"] == "技术负责人壬", "{listed}");
});

// Requirement: Q64-1, Q64-5
demonstrated!(an_instrument_comes_back_into_service_with_a_check_after_its_repair, |lis: TestLis| {
    let house = House::of(&lis);
    let body = json!({
        "code": "BAL-31", "name": "分析天平", "maker": "示例", "model": "XS205", "serial_no": "B-31", "status": "qualified",
        "software": "固件 2.10", "location": "203 天平室", "manual": "SB-031，资料柜 2",
    });
    let id = number(&house.done("manager", "/api/v1/instruments", &body), "id");
    let done = |kind: &str, on: &str, what: &str| {
        let version = number(&history(&house, id), "version");
        let body = json!({"kind": kind, "performed_on": on, "performed_by": "示例维修站", "what": what});
        house.ask_on("manager", &format!("/api/v1/instruments/{id}/upkeep"), version, &body)
    };
    done("acceptance", "2026-11-02", "按合同验收，外观与示值合格").expect(200);
    let check = |on: &str| {
        let body = json!({"kind": "check", "performed_by": "检验员乙", "performed_on": on, "result": "qualified"});
        step(&house, id, "calibrations", &body);
    };
    check("2026-11-10");
    step(&house, id, "status", &json!({"status": "stopped", "valid_from": "2026-11-20", "reason": "示值漂移"}));
    done("repair", "2026-11-24", "更换传感器").expect(200);
    // The check of before says nothing about what was repaired.
    assert_eq!(done("return", "2026-11-25", "恢复使用").expect(409).codes(), ["return-unchecked"]);
    assert_eq!(done("return", "2026-11-28", "恢复使用").expect(422).codes(), ["day-to-come"]);
    check("2026-11-25");
    done("return", "2026-11-25", "核查合格，恢复使用").expect(200);
    let shown = history(&house, id);
    assert_eq!(text(&shown["status"]), "qualified");
    let kinds: Vec<String> =
        shown["upkeep"].as_array().expect("entries").iter().map(|one| text(&one["kind"])).collect();
    assert_eq!(kinds, ["return", "repair", "acceptance"]);
    assert_eq!(shown["upkeep"][0]["calibration"], shown["calibrations"][0]["id"]);
    assert_eq!(text(&shown["statuses"][0]["reason"]), "核查合格，恢复使用");
    let page = house.by("tester2").get(&format!("/instruments/{id}/history")).expect(200).page().text();
    for word in ["固件 2.10", "203 天平室", "SB-031，资料柜 2", "XS205", "更换传感器"] {
        assert!(page.contains(word), "{word}: {page}");
    }
});
