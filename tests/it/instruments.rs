//! From the wire to the worksheet: `instrument-agent` as a program beside the instruments, a folder and a real serial line
//! (a pseudo-terminal), the server over HTTP; killed and started again in between.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use instrument_drivers::port::simulate::{self, Step, pseudo_terminal};
use lis_tests::program::Running;
use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, Sheet, number, rice_order, text};

/// What goes through files, processes and the network takes moments; a loaded machine gets a minute.
const PATIENCE: Duration = Duration::from_secs(60);
/// A file is taken when it has rested for so long too.
const LOOK_EVERY_MS: u64 = 50;

/// The program beside the instruments, on a folder with its configuration and spool.
pub struct Agent {
    running: Option<Running>,
    config: PathBuf,
}

impl Agent {
    pub fn configured(folder: &Path, server: &str, token: &str, line: &str) -> Self {
        let ports = format!(
            "[[port]]\ninstrument = 'AFS-07'\nprofile = 'generic_gb18030_table'\n\
             folder = {{ path = '{}', pattern = '*.csv', look_every_ms = {LOOK_EVERY_MS}, rest_ms = {LOOK_EVERY_MS} }}\n\
             [[port]]\ninstrument = 'ICP-07'\nprofile = 'generic_astm'\nserial = {{ path = '{line}' }}\n",
            folder.join("exports").display()
        );
        Self::with_ports(folder, server, token, &ports)
    }

    pub fn with_ports(folder: &Path, server: &str, token: &str, ports: &str) -> Self {
        std::fs::create_dir_all(folder.join("exports")).expect("a directory");
        std::fs::write(folder.join("token"), format!("{token}\n")).expect("a file");
        let config = folder.join("agent.toml");
        let head = format!("agent = 'bench-7'\nspool = 'spool'\nserver = '{server}'\ntoken_file = 'token'\n");
        std::fs::write(&config, head + ports).expect("a file");
        Self { running: None, config }
    }

    pub fn start(&mut self) {
        let program = Command::new(env!("CARGO_BIN_EXE_instrument-agent-under-test"))
            .args(["run", "--config"])
            .arg(&self.config)
            .stderr(Stdio::null())
            .spawn();
        self.running = Some(Running(program.expect("the program starts")));
    }

    /// As a power cut does.
    fn kill(&mut self) {
        self.running = None;
    }

    fn export(&self, name: &str, text: &str) {
        let (bytes, _, lossy) = encoding_rs::GB18030.encode(text);
        assert!(!lossy, "GB18030 has every character of {text}");
        let folder = self.config.with_file_name("exports");
        let pause = Duration::from_millis(LOOK_EVERY_MS);
        simulate::export_file(&folder, name, &bytes, pause).expect("a file");
    }
}

/// Reads what the agent delivers until something holds.
pub fn until(lis: &TestLis, what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    loop {
        lis.work();
        if holds() {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn held(house: &House, instrument: i64) -> Vec<(String, String)> {
    let rows = house.items("tester2", &format!("/api/v1/instruments/{instrument}/held"));
    rows.iter().map(|row| (text(&row["analyte"]), text(&row["reason"]))).collect()
}

/// The instruments' values on a sheet: container, input, value.
fn arrived(house: &House, sheet: &Sheet) -> Vec<(String, String, String)> {
    let view = house.sheet(sheet);
    let positions = view["positions"].as_array().expect("positions").clone();
    let cells = positions.iter().flat_map(|one| {
        let cells = one["cells"].as_array().expect("cells").clone();
        cells.into_iter().map(|cell| (text(&one["label_code"]), cell))
    });
    let of_instrument = cells.filter(|(_, cell)| cell["source"] == "instrument");
    of_instrument.map(|(label, cell)| (label, text(&cell["field"]), text(&cell["value"]))).collect()
}

pub fn register(house: &House, code: &str, profile: &str) -> i64 {
    let body = json!({
        "code": code, "name": code, "maker": "示例", "model": "示例", "serial_no": "7", "profile": profile,
        "status": "qualified", "calibrated_until": "2027-06-30",
    });
    number(&house.done("manager", "/api/v1/instruments", &body), "id")
}

demonstrated!(every_value_reaches_its_cell_once_whatever_is_killed, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let (mut analyser, line) = pseudo_terminal().expect("a pseudo-terminal");
    let token = lis.demo()["tokens"]["manager"].as_str().expect("a token").to_owned();
    let mut agent = Agent::configured(folder.path(), &lis.base(), &token, &line);
    let spectrometer = register(&house, "AFS-07", "generic_gb18030_table");
    register(&house, "ICP-07", "generic_astm");

    // A file with a word that the laboratory has not seen: held, both rows, with the reason.
    agent.start();
    let head = "样品编号,样品类型,检测项目,结果,单位,备注\r\n";
    let file = format!("{head}{blank},空白,Cd-228.8,0.01,μg/L,\r\n{},样品,Cd-228.8,2.05,μg/L,\r\n", sample.label());
    agent.export("run-1.csv", &file);
    until(&lis, "two held rows", || held(&house, spectrometer).len() == 2);
    let stated = ("Cd-228.8".to_owned(), "unknown_analyte".to_owned());
    assert_eq!(held(&house, spectrometer), [stated.clone(), stated]);
    assert!(arrived(&house, &sheet).is_empty());
    let inbox = house.by("tester2").get("/inbox").expect(200).page().text();
    assert!(inbox.contains("run-1.csv"), "{inbox}");

    // Killed; a file comes while nobody looks. After the start the new file is read and the old one not again.
    agent.kill();
    agent.export("run-2.csv", &format!("{head}{duplicate},样品,镉,2.11,μg/L,\r\n"));
    agent.start();
    let cell = |label: &str, value: &str| (label.to_owned(), "reading".to_owned(), value.to_owned());
    until(&lis, "the second file", || arrived(&house, &sheet) == [cell(&duplicate, "2.11")]);
    let messages = |code: &str| {
        lis.numbers(&format!("SELECT count(*) AS value FROM instrument_message WHERE instrument_code = '{code}'"))[0]
    };
    assert_eq!((messages("AFS-07"), held(&house, spectrometer).len()), (2, 2));

    // Mapped by the tester, replayed by itself.
    let path = format!("/api/v1/instruments/{spectrometer}/mappings");
    let wrong = json!({"kind": "analyte", "source": "Cd-228.8", "target": "kryptonite"});
    assert_eq!(house.ask("tester2", &path, &wrong).expect(422).codes(), ["mapping-target-unknown"]);
    house.by("checker").command(&path, &wrong).send().expect(404);
    let mapping = json!({"kind": "analyte", "source": "Cd-228.8", "target": "cd"});
    assert_eq!(house.done("tester2", &path, &mapping)["filed"], 2);
    assert!(held(&house, spectrometer).is_empty());
    let mut all = arrived(&house, &sheet);
    all.sort();
    let mut expected = [cell(&blank, "0.01"), cell(sample.label(), "2.05"), cell(&duplicate, "2.11")];
    expected.sort();
    assert_eq!(all, expected);

    // The same export under another name files nothing and asks nobody: its bytes came before.
    agent.export("run-1-copy.csv", &file);
    let repeats = || lis.texts("SELECT state AS value FROM observation WHERE reason = 'duplicate'");
    until(&lis, "the copy", || repeats() == ["ignored", "ignored"]);
    assert!(held(&house, spectrometer).is_empty());
    assert_eq!(arrived(&house, &sheet).len(), 3);

    // Over the serial line, one frame damaged on the way: sent again, delivered once; the cell is taken already by another
    // value, so the reading waits for a person instead of overwriting it.
    let records = |value: &str| {
        vec![
            "H|\\^&|||ICP^07|||||||P|E 1394-97|20261127101500".to_owned(),
            "P|1".to_owned(),
            format!("O|1|{}||^^^Cd|R", sample.label()),
            format!("R|1|^^^Cd|{value}|ng/mL||N||F||||20261127101500"),
            "L|1|N".to_owned(),
        ]
    };
    let script = [Step::DamagedOnce { frame: 3, records: records("9.99") }];
    let played = simulate::astm_analyser(&mut analyser, &script).expect("the line");
    assert_eq!((played.delivered, played.resent), (1, 1));
    // Killed right after its acknowledgement to the instrument: the message is on its disk.
    agent.kill();
    agent.start();
    let conflict = || lis.texts("SELECT reason AS value FROM observation WHERE value = '9.99'");
    until(&lis, "the line's message", || conflict() == ["conflict"]);
    assert_eq!(messages("ICP-07"), 1);
    assert_eq!(arrived(&house, &sheet).len(), 3, "nothing is overwritten");
    let evidence =
        lis.numbers("SELECT count(*) AS value FROM result_entry WHERE source = 'instrument' AND value = '2.05'");
    assert_eq!(evidence, [1]);
});

demonstrated!(only_an_agent_with_its_token_delivers, |lis: TestLis| {
    let house = House::of(&lis);
    let path = "/api/v1/agent/messages";
    let empty: Value = json!([]);
    assert_eq!(lis.api("no such token").command(path, &empty).send().expect(401).codes(), ["sign-in-needed"]);
    assert_eq!(house.program("custodian").command(path, &empty).send().status, 403);
    assert_eq!(house.program("manager").command(path, &empty).send().expect(422).codes(), ["messages-invalid"]);
});

demonstrated!(a_tester_s_program_aims_a_balance_that_it_found_itself, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "cd");
    let listed = house.items("tester2", "/api/v1/instruments");
    let balance = listed.iter().find(|one| one["code"] == "BAL-01").expect("the balance of the demonstration");
    assert!(balance["held"].is_i64() && balance["version"].is_i64(), "{balance}");
    let positions = house.sheet(&sheet)["positions"].clone();
    let positions = positions.as_array().expect("positions");
    let place = positions.iter().find(|one| one["label_code"] == sample.label()).expect("the sample's place");
    let aim = json!({"position": place["id"], "field": "mass", "replicate": 1});
    house.done("tester2", &format!("/api/v1/instruments/{}/capture-target", balance["id"]), &aim);
    for username in ["checker", "quality", "manager"] {
        house.by(username).get("/api/v1/instruments").expect(200);
    }
    house.by("custodian").get("/api/v1/instruments").expect(404);
});

demonstrated!(who_judges_a_value_reads_its_bytes_by_program, |lis: TestLis| {
    let house = House::of(&lis);
    let id = lis.numbers("SELECT max(message_id) AS value FROM observation")[0];
    let evidence = house.get("reviewer", &format!("/api/v1/evidence/{id}"));
    let inbox = house.get("tester2", &format!("/api/v1/instrument-messages/{id}"));
    for field in ["sha256", "bytes", "observations"] {
        assert_eq!(evidence[field], inbox[field], "{field}");
    }
    assert!(evidence["mappings"].is_null(), "what the inbox works with is not shown");
    house.by("reviewer").get("/api/v1/evidence/999999").expect(404);
    house.by("market").get(&format!("/api/v1/evidence/{id}")).expect(404);
});
