//! Actions on many rows at once cost what they cost on one: held documents that are tried again, forms of a file, parts that are
//! disposed of. Counted as in `budget.rs`; a query for each row would be noticed.

use instrument_drivers::agent::{MessageKind, SpooledMessage, WireMessage};
use lis_server::domain::identifiers::LabelCode;
use lis_tests::{Client, TestLis, demonstrated};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::disposal::{program, sample_with, step};
use crate::steps::{House, market_rice, number, rice_order, with};

/// Rows of the longer list.
const MANY: u64 = 20;

/// A PDF of an instrument as an agent brings it.
fn document(instrument: &str, seq: u64, name: String) -> Value {
    let bytes = format!("%PDF-1.4\nchromatogram {seq}\n%%EOF\n").into_bytes();
    let message = SpooledMessage {
        stream: "0192f3a0-0000-7000-8000-0000000000fe".parse().expect("a UUID"),
        seq,
        instrument: instrument.to_owned(),
        kind: MessageKind::File,
        received_at: "2026-11-18T02:00:00Z".parse().expect("a time"),
        sha256: hex::encode(Sha256::digest(&bytes)),
        bytes,
        file_name: Some(name),
    };
    serde_json::to_value(WireMessage::of("chromatography", &message)).expect("a message")
}

/// Rice that waits on nobody's sheet yet; the code of its container.
fn rice(house: &House) -> String {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    sample.label().to_owned()
}

/// A sheet for the cadmium of a container on an instrument.
fn open(house: &House, instrument: i64, label: &str) {
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let wanted = |item: &&Value| item["label_code"] == label && item["analyte"] == "cd";
    let ids: Vec<i64> = items.iter().filter(wanted).map(|item| number(item, "id")).collect();
    house.done("tester2", "/api/v1/worksheets", &json!({"items": ids, "instrument_id": instrument}));
}

demonstrated!(held_documents_are_tried_again_together, |lis: TestLis| {
    let house = House::of(&lis);
    let body = json!({"code": "HPLC-09", "name": "HPLC-09", "profile": "generic_long_table", "status": "qualified"});
    let instrument = number(&house.done("manager", "/api/v1/instruments", &body), "id");
    let tester = program(&lis, "tester2", &["repair_readings"]);
    let deliver = |label: &str, from: u64, to: u64| {
        let brought: Vec<Value> =
            (from..=to).map(|seq| document("HPLC-09", seq, format!("{label}_run_{seq}.pdf"))).collect();
        house.program("manager").send_json("POST", "/api/v1/agent/messages", &json!(brought)).send().expect(200);
        lis.work();
    };
    let replay = |due: u64| {
        let mut told = Value::Null;
        let path = format!("/api/v1/instruments/{instrument}/replay");
        let (statements, _) = lis.counted(|| told = tester.command(&path, &json!({})).send().expect(200).json());
        assert_eq!((&told["tried"], &told["filed"]), (&json!(due), &json!(due)));
        statements
    };
    let (first, second) = (rice(&house), rice(&house));
    deliver(&first, 1, 1);
    open(&house, instrument, &first);
    let of_one = replay(1);
    deliver(&second, 2, 1 + MANY);
    let held = lis.texts(
        "SELECT DISTINCT reason AS value FROM observation WHERE role = 'document' AND state = 'held' \
         AND message_id IN (SELECT id FROM instrument_message WHERE instrument_code = 'HPLC-09')",
    );
    assert_eq!(held, ["document_not_on_worksheet"]);
    open(&house, instrument, &second);
    let of_many = replay(MANY);
    assert!(of_many <= of_one, "{MANY} documents: {of_many} statements, one: {of_one}");
    let linked = lis.texts("SELECT label_code AS value FROM evidence_link WHERE event = 'linked' ORDER BY id");
    assert_eq!(linked.iter().filter(|label| **label == second).count() as u64, MANY);

    // What stays held costs no more either.
    let third = rice(&house);
    deliver(&third, 2 + MANY, 1 + 2 * MANY);
    let (statements, _) = lis.counted(|| {
        let path = format!("/api/v1/instruments/{instrument}/replay");
        let told = tester.command(&path, &json!({})).send().expect(200).json();
        assert_eq!((&told["tried"], &told["filed"]), (&json!(MANY), &json!(0)));
    });
    assert!(statements <= of_one, "{MANY} documents that stay: {statements} statements, one filed: {of_one}");
});

demonstrated!(forms_of_a_file_are_stored_together, |lis: TestLis| {
    let house = House::of(&lis);
    let columns = [
        ("form_no", "编号"),
        ("seal_test_no", "检验封条"),
        ("seal_backup_no", "备样封条"),
        ("sampler1", "抽样人1"),
        ("sampler2", "抽样人2"),
    ];
    let mut fixed = with(market_rice(), &json!({"storage": "ambient"}));
    let fields = fixed.as_object_mut().expect("an object");
    fields.retain(|name, _| columns.iter().all(|(column, _)| column != name));
    let fixed: String = fields.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
    let columns: String = columns.iter().map(|(field, column)| format!("{field} = \"{column}\"\n")).collect();
    let mapping = format!("[columns]\n{columns}[fixed]\n{fixed}");
    let custodian = house.program("custodian");
    let import = |from: u64, to: u64| {
        let row = |no: u64| format!("XBJ26131026{no:09},J{no:06},B{no:06},抽样员甲,抽样员乙\n");
        let rows: String = (from..=to).map(row).collect();
        let file = format!("编号,检验封条,备样封条,抽样人1,抽样人2\n{rows}");
        let mut told = Value::Null;
        let path = "/api/v1/sampling-form-imports?mode=all";
        let (statements, _) = lis.counted(|| {
            let ask = custodian.upload_beside(path, &[("mapping", mapping.as_str())], "forms.csv", file.as_bytes());
            told = ask.send().expect(201).json();
        });
        assert_eq!(told["imported"], json!(to - from + 1));
        statements
    };
    let of_one = import(900_001, 900_001);
    let of_many = import(900_002, 900_001 + MANY);
    assert!(of_many <= of_one, "{MANY} forms: {of_many} statements, one: {of_one}");
});

demonstrated!(parts_are_disposed_of_together, |lis: TestLis| {
    let custodian = program(&lis, "custodian", &["receive_samples", "see_samples"]);
    let officer = program(&lis, "quality", &["approve_disposal", "see_samples"]);
    let passed = sample_with(&lis, "pass");
    // As many containers of one sample as nobody would make by hand, each with a code of its own.
    let codes: Vec<String> = (0..=MANY as u8)
        .map(|no| {
            LabelCode::from_digits([9, 8, 7, 6, 5, 4, 3, no / 10, no % 10]).expect("nine digits").as_str().to_owned()
        })
        .collect();
    for code in &codes {
        let columns = "sample_id, parent_id, role, quantity, unit, seal_no, location, custody, holder_id, retention, \
                       keep_until, created_at";
        let copied = lis.sql(&format!(
            "INSERT INTO part (version, label_code, {columns}) SELECT 1, '{code}', {columns} FROM part WHERE id = \
             (SELECT min(id) FROM part WHERE sample_id = {passed} AND custody = 'in_laboratory' AND retention = 'kept')"
        ));
        assert_eq!(copied.expect("a part"), 1);
    }
    lis.wait(chrono::TimeDelta::days(200));
    let seen = |codes: &[String]| -> Vec<Value> {
        let list = codes.iter().map(|code| format!("'{code}'")).collect::<Vec<_>>().join(", ");
        let found = lis
            .texts(&format!("SELECT id || ' ' || version AS value FROM part WHERE label_code IN ({list}) ORDER BY id"));
        let part = |text: &String| {
            let (id, version) = text.split_once(' ').expect("an id and a version");
            let whole = |text: &str| text.parse::<i64>().expect("a number");
            json!({"id": whole(id), "version": whole(version)})
        };
        found.iter().map(part).collect()
    };
    let spend = |client: &Client, what: &str, codes: &[String]| {
        let body = json!({"parts": seen(codes), "method": "general_waste"});
        lis.counted(|| drop(step(client, what, &body).expect(200))).0
    };
    let (one, many) = codes.split_at(1);
    for (client, what) in [(&custodian, "releases"), (&officer, "disposals")] {
        let (of_one, of_many) = (spend(client, what, one), spend(client, what, many));
        assert!(of_many <= of_one, "{what} of {MANY} parts: {of_many} statements, of one: {of_one}");
    }
});
