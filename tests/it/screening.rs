//! A qualitative result on its way: an immunoassay reader on a real serial line (a pseudo-terminal), the agent that the
//! server hosts, the profile's declared words, the worksheet, the check. What a screening finds is confirmed by a laboratory
//! method before it becomes a result (`workflow.md` 8): its verdict is neither a pass nor a failure.

use std::io::Write;
use std::path::Path;

use instrument_drivers::agent::config::{AgentConfig, PortConfig, SerialConfig};
use instrument_drivers::port::serial::Serial;
use instrument_drivers::port::simulate::{framed_sender, pseudo_terminal};
use instrument_drivers::wire::vidas;
use lis_server::front::QUEUES;
use lis_server::instruments::embedded::HostedAgent;
use lis_server::jobs::Runner;
use lis_tests::{Client, Person, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::House;

/// A real upload of a mini VIDAS in French, where the shared material is there.
const REAL: &str = "../../shared/instruments/senaite.astm/mini_vidas.txt";
/// An upload of our own invention.
const OWN: &str = "captures/vidas_screening.txt";

/// A captured upload of a positive result, as the instrument printed it.
struct Capture {
    bytes: Vec<u8>,
    sample: &'static str,
    test: &'static str,
    index: &'static str,
    word: &'static str,
}

fn capture() -> Capture {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Ok(bytes) = std::fs::read(folder.join(REAL)) {
        return Capture { bytes, sample: "Z1G021SCR", test: "HBCT", index: "0.05", word: "Positif" };
    }
    // Straight to the terminal: the test runner keeps what a passing test prints to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {REAL} is not there; an upload of our own is played instead");
    let bytes = std::fs::read(folder.join(OWN)).expect("a capture of the tests");
    Capture { bytes, sample: "W7K302", test: "MGR", index: "1.42", word: "Positive" }
}

/// A program of somebody of the demonstration.
fn program(lis: &TestLis, username: &str, scope: &str) -> Client {
    let id = lis.numbers(&format!("SELECT id AS value FROM person WHERE username = '{username}'"))[0];
    let person = Person { id, username: username.to_owned(), roles: Vec::new() };
    lis.api(&lis.token(&person, &[scope]))
}

fn signed_in(lis: &TestLis, username: &str) -> Client {
    let client = lis.client();
    client.sign_in(username, "demo-laboratory");
    client
}

/// A command that must succeed.
fn done(api: &Client, path: &str, key: &str, version: Option<i64>, body: &Value) -> Value {
    let ask = api.send_json("POST", path, body).key(&format!("screening-{key}{path}"));
    let reply = match version {
        Some(version) => ask.seen(version).send(),
        None => ask.send(),
    };
    assert!((200..300).contains(&reply.status), "{path}: {}", reply.shown());
    reply.json()
}

/// An item of fish that is to be screened for malachite green.
struct Screened {
    sample: i64,
    item: i64,
    label: String,
}

fn order_and_receive(lis: &TestLis, key: &str) -> Screened {
    let order = json!({
        "sample_name": "鲤鱼（活体）", "food_category": "aquatic-freshwater-fish", "brand": "/", "spec": "散装", "batch_no": key,
        "production_date": "2026-11-26", "producer_name": "示例养殖场", "packing": "loose", "form_state": "solid",
        "storage": ["ambient"], "quantity": "2", "unit": "kg", "backup_quantity": "0.5",
        "items": ["malachite-green|KJ 201701"], "decision_rule": "full_value", "contact": "联系人",
        "phone": "13800000001", "report_copies": "1", "signed_by": "联系人",
    });
    let ordered = done(&program(lis, "bakery", "use_portal"), "/api/v1/orders", key, None, &order);
    let sample = ordered["sample_id"].as_i64().expect("a sample");
    let receipt = json!({
        "arrived_at": "2026-11-27 09:00", "delivery": "client", "deliverer": "联系人", "check_form": "yes",
        "check_seal": "yes", "check_package": "yes", "check_state": "yes", "check_quantity": "yes",
        "check_units": "not_applicable", "check_temperature": "not_applicable", "check_shelf_life": "yes",
        "check_label": "yes", "state_text": "活体", "decision": "accept", "test_location": "F-1", "backup_location": "F-2",
    });
    let path = format!("/api/v1/samples/{sample}/receipts");
    done(&program(lis, "custodian", "receive_samples"), &path, key, Some(1), &receipt);
    let item = lis.numbers(&format!("SELECT id AS value FROM test_item WHERE sample_id = {sample}"))[0];
    let label =
        "SELECT label_code AS value FROM part JOIN test_item ON test_item.part_id = part.id WHERE test_item.id =";
    Screened { sample, item, label: lis.texts(&format!("{label} {item}")).remove(0) }
}

/// Opens a sheet with the items; its blank shows nothing.
fn open_sheet(lis: &TestLis, items: &[&Screened]) -> i64 {
    let tester_id = lis.numbers("SELECT id AS value FROM person WHERE username = 'tester2'")[0];
    let wanted: Vec<Value> =
        items.iter().map(|one| json!({"item": one.item, "version": 1, "tester": tester_id})).collect();
    let manager = program(lis, "manager", "assign_items");
    done(&manager, "/api/v1/assignments", "all", None, &json!({"assignments": wanted}));
    let tester = program(lis, "tester2", "enter_results");
    let chosen: Vec<i64> = items.iter().map(|one| one.item).collect();
    let opened = done(&tester, "/api/v1/worksheets", "all", None, &json!({"items": chosen}));
    let sheet = opened["id"].as_i64().expect("a sheet");
    let blank = positions(lis, sheet).into_iter().find(|position| position["kind"] == "blank").expect("a blank");
    let entry = json!({"position": blank["id"], "field": "reading", "replicate": 1, "value": "nd", "uuid": "blank"});
    done(&tester, &format!("/api/v1/worksheets/{sheet}/entries"), "blank", None, &json!({"entries": [entry]}));
    sheet
}

fn positions(lis: &TestLis, sheet: i64) -> Vec<Value> {
    let bench = program(lis, "tester2", "see_bench");
    let view = bench.get(&format!("/api/v1/worksheets/{sheet}")).expect(200).json();
    view["positions"].as_array().expect("positions").clone()
}

/// The reader on its line, with the agent of the server on the other end.
struct Reader<'l> {
    lis: &'l TestLis,
    id: i64,
    line: Serial,
    /// Uploads that were played.
    sent: usize,
}

impl Reader<'_> {
    /// Plays an upload and waits until the server has taken it in.
    fn upload(&mut self, bytes: &[u8]) {
        assert!(framed_sender(&mut self.line, bytes).expect("the line"), "every part is acknowledged");
        self.sent += 1;
        let read = "SELECT count(*) AS value FROM instrument_message WHERE instrument_code = 'VIDAS-01' AND \
                    state <> 'received'";
        let expected = i64::try_from(self.sent).expect("a small number");
        self.lis.until("the upload is read", || self.lis.numbers(read)[0] == expected);
    }

    /// One result of the reader's own, of a sample by its label code.
    fn result(&mut self, label: &str, test: &str, word: &str, index: &str) {
        self.upload(&vidas::encode(&[("mt", "rsl"), ("ci", label), ("rt", test), ("ql", word), ("qn", index)]));
    }

    /// The rows that wait for a person: reason, word, index.
    fn held(&self) -> Vec<(String, String, String)> {
        let tester = program(self.lis, "tester1", "repair_readings");
        let held = tester.get(&format!("/api/v1/instruments/{}/held", self.id)).expect(200).json();
        let text = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();
        let rows = held["items"].as_array().expect("rows").clone();
        rows.iter().map(|row| (text(row, "reason"), text(row, "flag"), text(row, "value"))).collect()
    }

    /// A person says what a code of the instrument means; how many rows that filed.
    fn map(&self, kind: &str, source: &str, target: &str) -> i64 {
        let path = format!("/api/v1/instruments/{}/mappings", self.id);
        let body = json!({"kind": kind, "source": source, "target": target});
        let replayed = done(&program(self.lis, "tester1", "repair_readings"), &path, source, None, &body);
        replayed["filed"].as_i64().expect("a count")
    }
}

demonstrated!(what_a_screening_finds_waits_for_its_confirmation, |lis: TestLis| {
    let [found, clear, unclear] = ["found", "clear", "unclear"].map(|key| order_and_receive(&lis, key));
    let sheet = open_sheet(&lis, &[&found, &clear, &unclear]);

    let instrument = json!({
        "code": "VIDAS-01", "name": "酶联荧光免疫分析仪", "maker": "示例", "model": "示例", "serial_no": "V-0001",
        "profile": "biomerieux_vidas", "status": "qualified", "calibrated_until": "2027-06-30",
    });
    let made = done(&program(&lis, "manager", "manage_instruments"), "/api/v1/instruments", "own", None, &instrument);
    let (line, path) = pseudo_terminal().expect("a pseudo-terminal");
    let port = PortConfig { serial: Some(SerialConfig::new(path)), ..PortConfig::new("VIDAS-01", "biomerieux_vidas") };
    let config = AgentConfig {
        agent: "immunoassay".into(),
        spool: lis.app.config.data.join("spool-immunoassay"),
        server: None,
        token_file: None,
        ca_file: None,
        status_address: None,
        keep_days: 30,
        ports: vec![port],
    };
    let runner = Runner::start(&lis.app, QUEUES).expect("the background threads");
    let agent = HostedAgent::start(&lis.app, config).expect("the agent");
    let connected = || agent.status().is_some_and(|status| status.ports.iter().any(|port| port.connected));
    lis.until("the port is open", connected);
    let mut reader = Reader { lis: &lis, id: made["id"].as_i64().expect("an instrument"), line, sent: 0 };

    // The capture names its sample and its test in its own way: a person maps both, then the stored row is filed.
    let capture = capture();
    reader.upload(&capture.bytes);
    let row = |reason: &str| (reason.to_owned(), capture.word.to_owned(), capture.index.to_owned());
    assert_eq!(reader.held(), [row("unknown_sample")]);
    assert_eq!(reader.map("sample", capture.sample, &found.label), 0);
    assert_eq!(reader.held(), [row("unknown_analyte")]);
    assert_eq!(reader.map("analyte", capture.test, "malachite-green"), 1);
    // From now on the reader is understood, as far as its words are declared. An index is no finding, whatever it is.
    reader.result(&clear.label, capture.test, "Negative", "0.44");
    reader.result(&unclear.label, capture.test, "Equivocal", "0.93");
    assert_eq!(reader.held(), [("unknown_finding".to_owned(), "Equivocal".to_owned(), "0.93".to_owned())]);
    let refused = json!({"kind": "finding", "source": "Equivocal", "target": "perhaps"});
    let path = format!("/api/v1/instruments/{}/mappings", reader.id);
    program(&lis, "tester1", "repair_readings").send_json("POST", &path, &refused).key("perhaps").send().expect(422);
    assert_eq!(reader.map("finding", "Equivocal", "detected"), 1, "what is not clear is confirmed too");
    assert_eq!(reader.held(), []);
    drop(agent);
    runner.stop();

    let submitted = done(
        &program(&lis, "tester2", "enter_results"),
        &format!("/api/v1/worksheets/{sheet}/submission"),
        "all",
        Some(1),
        &json!({}),
    );
    assert_eq!(submitted["state"], "submitted");
    let on_sheet = positions(&lis, sheet);
    let shown = |one: &Screened| {
        let position = on_sheet.iter().find(|position| position["item_id"] == one.item).expect("a position").clone();
        let cell = &position["cells"][0];
        assert_eq!(cell["source"], "instrument");
        (cell["value"].clone(), position["verdict"].clone(), position["notes"].clone())
    };
    let to_confirm = (json!("+"), json!("REVIEW"), json!(["screening-positive"]));
    assert_eq!(shown(&found), to_confirm);
    assert_eq!(shown(&unclear), to_confirm);
    assert_eq!(shown(&clear), (json!("ND"), json!("PASS"), json!([])));

    // The same to everybody who looks: programs, the page of the sheet, the list to check, the evidence.
    let bench = program(&lis, "tester2", "see_bench");
    let evidence = bench.get(&format!("/api/v1/items/{}/evidence", found.item)).expect(200).json();
    assert_eq!(evidence["results"][0]["verdict"], "REVIEW");
    assert_eq!(evidence["record"]["answered"]["notes"], json!(["screening-positive"]));
    assert_eq!(evidence["entries"][0]["printed"], capture.index);
    assert_eq!(evidence["entries"][0]["flag"], capture.word);
    assert_eq!(evidence["reproduces"], true);
    // The people of the demonstration read English.
    let reason = "screening positive: confirm by a laboratory method";
    let checker = signed_in(&lis, "checker");
    for page in ["/check".to_owned(), format!("/check/{}", found.item)] {
        let text = checker.get(&page).expect(200).page().text();
        assert!(text.contains(reason) && text.contains("to be reviewed"), "{page}: {text}");
    }
    let text = signed_in(&lis, "tester2").get(&format!("/worksheets/{sheet}")).expect(200).page().text();
    assert_eq!(text.matches(reason).count(), 2, "{text}");
    let text = checker.get(&format!("/check/{}", clear.item)).expect(200).page().text();
    assert!(text.contains("ND") && !text.contains(reason), "{text}");

    // No report says it: the signatory is told that the verdict is open.
    let version = lis.numbers(&format!("SELECT version AS value FROM test_item WHERE id = {}", found.item))[0];
    let seen = json!({"items": [{"id": found.item, "version": version}]});
    let house = House::of(&lis);
    for (username, meaning) in [("checker", "checked"), ("reviewer", "reviewed"), ("signatory", "authorized")] {
        house.sign(username, meaning);
    }
    done(&program(&lis, "checker", "check_items"), "/api/v1/checks", "found", None, &seen);
    let report = lis.numbers(&format!("SELECT id AS value FROM report WHERE sample_id = {}", found.sample))[0];
    let path = |step: &str| format!("/api/v1/reports/{report}/{step}");
    done(&program(&lis, "reviewer", "review_reports"), &path("review"), "found", Some(1), &json!({}));
    let signatory = program(&lis, "signatory", "authorize_reports");
    let refused = signatory.send_json("POST", &path("authorize"), &json!({})).key("authorize").seen(2).send();
    assert!(refused.status == 409 && refused.shown().contains("verdict-open"), "{}", refused.shown());
});
