//! Work lists go the other way: an analyser on a serial line asks the agent beside it, the answer comes from open worksheets;
//! the software of another takes a worksheet as a file of its own format. Both know label codes and nothing else.

use std::cell::OnceCell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use instrument_drivers::observation::Role;
use instrument_drivers::port::serial::Serial;
use instrument_drivers::port::simulate::{self, Step, pseudo_terminal};
use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::hl7;
use instrument_drivers::wire::mllp::{FS, VT};
use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::instruments::{Agent, register, until};
use crate::steps::{House, Sample, Sheet, number, rice_order, text};

/// A sheet for cadmium in rice: a blank, the sample, its duplicate.
pub fn sheet(house: &House, instrument: Option<i64>) -> (Sample, Sheet) {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let own = items.iter().filter(|item| item["label_code"] == sample.label());
    let ids: Vec<i64> = own.map(|item| number(item, "id")).collect();
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids, "instrument_id": instrument}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    (sample, sheet)
}

fn map(house: &House, instrument: i64, kind: &str, source: &str) {
    let body = json!({"kind": kind, "source": source, "target": "cd"});
    house.done("tester2", &format!("/api/v1/instruments/{instrument}/mappings"), &body);
}

/// The agent's status file says that the line is open; before, a pseudo-terminal cannot be read.
fn is_open(folder: &Path) -> bool {
    let status = std::fs::read(folder.join("spool/status.json")).unwrap_or_default();
    let status: Value = serde_json::from_slice(&status).unwrap_or_default();
    let ports = status["ports"].as_array().cloned().unwrap_or_default();
    ports.iter().any(|port| port["instrument"] == "ICP-07" && port["connected"] == true)
}

/// What the analyser is told about a container: sample and test of every order; nothing where nothing is known.
fn ask(analyser: &mut Serial, label: &str) -> Vec<String> {
    let query = vec![
        "H|\\^&|||ICP^07|||||||P|E 1394-97|20261127101500".to_owned(),
        format!("Q|1|^{label}||ALL||||||||O"),
        "L|1|N".to_owned(),
    ];
    let script = [Step::Message(query), Step::ListenMs(30_000)];
    let played = simulate::astm_analyser(analyser, &script).expect("the line");
    assert_eq!((played.delivered, played.received.len()), (1, 1));
    let profile = Profile::load("generic_astm").expect("a shipped profile");
    let read = profile.read(&played.received[0], &Context::default());
    assert_eq!(read.troubles, []);
    assert!(read.observations.iter().all(|one| one.role == Role::Order));
    read.observations.iter().map(|one| format!("{} {}", one.sample_id, one.analyte)).collect()
}

demonstrated!(an_analyser_is_told_what_waits_on_worksheets, |lis: TestLis| {
    let house = House::of(&lis);
    let analyser_id = register(&house, "ICP-07", "generic_astm");
    let (sample, sheet) = sheet(&house, Some(analyser_id));
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let program = house.program("manager");
    let path = "/api/v1/agent/worklists?instrument=ICP-07";

    // Nobody has said what the analyser calls cadmium: the list names what it lacks.
    let waits = |label: &str, tests: &[&str], unnamed: &[&str]| {
        let none: [&str; 0] = [];
        json!({"label_code": label, "tests": tests, "unnamed": unnamed, "cancelled": none})
    };
    let before = program.get(path).expect(200);
    let nameless = [blank.as_str(), sample.label(), &duplicate].map(|label| waits(label, &[], &["cd"]));
    assert_eq!(before.items(), [json!({"instrument": "ICP-07", "samples": nameless})]);
    let tag = before.header("etag").expect("a tag").to_owned();
    program.ask("GET", path).header("if-none-match", &tag).send().expect(304);
    program.get("/api/v1/agent/worklists?instrument=ICP-08").expect(404);

    let folder = tempfile::tempdir().expect("a temporary directory");
    let (mut analyser, line) = pseudo_terminal().expect("a pseudo-terminal");
    let token = lis.demo()["tokens"]["manager"].as_str().expect("a token").to_owned();
    let mut agent = Agent::configured(folder.path(), &lis.base(), &token, &line);
    agent.start();
    until(&lis, "the port is open", || is_open(folder.path()));
    assert_eq!(ask(&mut analyser, sample.label()), [] as [&str; 0]);

    // Mapped once, as for its results: from now on the analyser is told, controls as well as samples.
    map(&house, analyser_id, "analyte", "Cd");
    for label in [sample.label(), &blank, &duplicate] {
        assert_eq!(ask(&mut analyser, label), [format!("{label} ^^^Cd")]);
    }
    assert_eq!(ask(&mut analyser, "999999999"), [] as [&str; 0], "nobody knows of it");
    let after = program.ask("GET", path).header("if-none-match", &tag).send().expect(200);
    assert!(!after.text().contains(&sample.number) && !after.text().contains("大米"), "benches are blind");

    // Its result arrives; the sample waits no more.
    let result = vec![
        "H|\\^&|||ICP^07|||||||P|E 1394-97|20261127101500".to_owned(),
        "P|1".to_owned(),
        format!("O|1|{}||^^^Cd|R", sample.label()),
        "R|1|^^^Cd|2.05|ng/mL||N||F||||20261127101500".to_owned(),
        "L|1|N".to_owned(),
    ];
    let sent = simulate::astm_analyser(&mut analyser, &[Step::Message(result)]).expect("the line");
    assert_eq!(sent.delivered, 1);
    let left = [blank.as_str(), &duplicate].map(|label| waits(label, &["Cd"], &[]));
    let expected = [json!({"instrument": "ICP-07", "samples": left})];
    // With a session: a token may not ask as often as this.
    until(&lis, "the result is filed", || house.items("manager", path) == expected);
    // Without a code every instrument is listed, those for which nothing waits too.
    let all = program.get("/api/v1/agent/worklists").expect(200).items();
    assert!(all.contains(&expected[0]) && all.len() > 1, "{all:?}");
});

demonstrated!(a_worksheet_is_written_in_the_instrument_s_own_format, |lis: TestLis| {
    let house = House::of(&lis);
    let chromatograph = register(&house, "LC-07", "thermo_xcalibur_quan");
    let (sample, sheet) = sheet(&house, Some(chromatograph));
    let (number, label) = (sheet.number.as_str(), sample.label());
    let path = format!("/worksheets/{}/sequence", sheet.id);

    let page = house.by("tester2").get(&format!("/worksheets/{}", sheet.id)).expect(200).page();
    assert_eq!(page.attribute(&format!("a[href='{path}']"), "download").as_deref(), Some(""));
    let file = house.by("tester2").get(&path).expect(200);
    assert_eq!(file.header("content-disposition"), Some(format!("attachment; filename=\"{number}.csv\"").as_str()));
    // A blank, the sample, and its duplicate, which is measured like any sample. Method files are filled in there.
    let expected = format!(
        "Bracket Type=4\r\n\
         Sample Type,File Name,Sample ID,Path,Instrument Method,Process Method,Position,Inj Vol,Comment,Sample Name\r\n\
         Blank,{number}-B1,1,,,,1,,{number},{number}-B1\r\n\
         Unknown,{label},2,,,,2,,{number},{label}\r\n\
         Unknown,{number}-D1,3,,,,3,,{number},{number}-D1\r\n"
    );
    assert_eq!(file.text(), expected);
    assert_eq!(house.by("checker").get(&format!("/api/v1{path}")).expect(200).text(), expected);
    assert_eq!(house.sheet(&sheet)["sequence"], true);
    house.by("custodian").get(&path).expect(404);
});

demonstrated!(a_file_that_would_guess_is_refused_with_its_reason, |lis: TestLis| {
    let house = House::of(&lis);
    let refused = |sheet: &Sheet| {
        assert_eq!(house.sheet(sheet)["sequence"], false);
        house.by("tester2").get(&format!("/api/v1/worksheets/{}/sequence", sheet.id)).expect(409).codes()
    };
    assert_eq!(refused(&sheet(&house, None).1), ["worksheet-without-instrument"]);
    let plain = register(&house, "AAS-07", "generic_long_table");
    assert_eq!(refused(&sheet(&house, Some(plain)).1), ["worklist-no-format"]);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    assert_eq!(refused(&house.measure_cadmium(sample.label(), "tester2", "2.05")), ["worksheet-wrong-state"]);

    // A file that names tests: what the analyser calls cadmium must be known, and one name of several be chosen.
    let analyser = register(&house, "AQ-07", "seal_aq2");
    let (sample, sheet) = sheet(&house, Some(analyser));
    let path = format!("/api/v1/worksheets/{}/sequence", sheet.id);
    let codes = || house.by("tester2").get(&path).expect(409).codes();
    assert_eq!(codes(), ["worklist-code-missing"]);
    map(&house, analyser, "analyte", "Cd 1");
    map(&house, analyser, "analyte", "Cd 2");
    assert_eq!(codes(), ["worklist-codes-several"]);
    map(&house, analyser, "test", "CD");
    let (number, label) = (sheet.number.as_str(), sample.label());
    let expected = format!(
        "Sample ID,Sample Details,Test Name\r\n{number}-B1,{number} 1,CD\r\n{label},{number} 2,CD\r\n\
         {number}-D1,{number} 3,CD\r\n"
    );
    assert_eq!(house.by("tester2").get(&path).expect(200).text(), expected);
});

/// The end of an analyser on the network.
struct Analyser {
    line: TcpStream,
    received: Vec<u8>,
}

impl Analyser {
    fn call(lis: &TestLis, address: &str) -> Self {
        let line = OnceCell::new();
        lis.until("the port is open", || TcpStream::connect(address).is_ok_and(|open| line.set(open).is_ok()));
        let line = line.into_inner().expect("the open line");
        line.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
        Self { line, received: Vec::new() }
    }

    fn say(&mut self, message: &str) {
        self.line.write_all(&[&[VT][..], message.as_bytes(), &[FS, b'\r']].concat()).expect("the line");
    }

    /// The next message of the laboratory; orders are acknowledged.
    fn hear(&mut self) -> String {
        let end = loop {
            match self.received.iter().position(|byte| *byte == FS) {
                Some(end) => break end,
                None => {
                    let mut buffer = [0u8; 4096];
                    let count = self.line.read(&mut buffer).expect("the laboratory says something");
                    assert!(count > 0, "the laboratory hung up");
                    self.received.extend_from_slice(&buffer[..count]);
                }
            }
        };
        let rest = self.received.split_off(end + 1);
        let message = std::mem::replace(&mut self.received, rest);
        let message = String::from_utf8(message).expect("UTF-8");
        let message = message.trim_matches(|c: char| c.is_control()).to_owned();
        if matches!(hl7::kind(message.as_bytes()).as_str(), "DSR" | "OML") {
            self.say(&hl7::acknowledgement(message.as_bytes(), "AA", "", 1, "20261127101501"));
        }
        message
    }

    /// Messages until all of these kinds came, in whatever order.
    fn hear_all(&mut self, kinds: &[&str]) -> Vec<String> {
        let mut heard: Vec<String> = Vec::new();
        let came = |heard: &[String], kind: &str| heard.iter().any(|one| hl7::kind(one.as_bytes()) == kind);
        while !kinds.iter().all(|kind| came(&heard, kind)) {
            heard.push(self.hear());
        }
        heard
    }

    fn ask(&mut self, label: &str, id: u8) {
        self.say(&format!(
            "MSH|^~\\&|BS|Maker|||20261127101500||QRY^Q02|{id}|P|2.3.1||||||ASCII|||\r\
             QRD|20261127101500|R|D|{id}|||RD|{label}|OTH|||T|\r"
        ));
    }
}

demonstrated!(an_analyser_on_the_network_is_answered_and_a_person_sends_to_it, |lis: TestLis| {
    let house = House::of(&lis);
    let chemistry = register(&house, "BS-07", "generic_hl7");
    let chromatograph = register(&house, "LC-07", "thermo_xcalibur_quan");
    map(&house, chemistry, "analyte", "7");
    let (sample, bench) = sheet(&house, Some(chemistry));
    let (_, run) = sheet(&house, Some(chromatograph));
    let path = |sheet: &Sheet| format!("/api/v1/worksheets/{}/dispatches", sheet.id);
    let early = house.ask("tester2", &path(&bench), &json!({"way": "orders"}));
    assert_eq!(early.expect(409).codes(), ["dispatch-no-way"]);

    let folder = tempfile::tempdir().expect("a temporary directory");
    let lists = folder.path().join("lists");
    std::fs::create_dir_all(&lists).expect("a directory");
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("an address").to_string();
    let ports = format!(
        "[[port]]\ninstrument = 'BS-07'\nprofile = 'generic_hl7'\ntcp_listen = '{address}'\nsend_orders = true\n\
         [[port]]\ninstrument = 'LC-07'\nprofile = 'thermo_xcalibur_quan'\nsequence_folder = 'lists'\n\
         folder = {{ path = 'exports' }}\n"
    );
    let token = lis.demo()["tokens"]["manager"].as_str().expect("a token").to_owned();
    let mut agent = Agent::with_ports(folder.path(), &lis.base(), &token, &ports);
    agent.start();
    let mut analyser = Analyser::call(&lis, &address);

    // Unasked it gets its whole work list; it asks, and is answered.
    let told = analyser.hear();
    assert!(told.contains("||OML^O33^OML_O33|") && told.contains(&format!("\rSAC|||{}\r", sample.label())), "{told}");
    analyser.ask(sample.label(), 1);
    let answer = analyser.hear_all(&["QCK", "DSR"]).concat();
    assert!(answer.contains("QAK|SR|OK|") && answer.contains("DSP|29||7^^^|||"), "{answer}");
    assert!(answer.contains(&format!("DSP|21||{}|||", sample.label())), "{answer}");

    // A person sends: the same once more while it waits is the same.
    until(&lis, "the agent has said its ways", || {
        house.sheet(&bench)["sends"] == json!(["orders"]) && house.sheet(&run)["sends"] == json!(["file"])
    });
    let sent = house.done("tester2", &path(&bench), &json!({"way": "orders"}));
    assert_eq!(house.done("tester2", &path(&bench), &json!({"way": "orders"}))["id"], sent["id"]);
    house.done("tester2", &path(&run), &json!({"way": "file"}));
    let state = |sheet: &Sheet| text(&house.items("tester2", &path(sheet))[0]["state"]);
    assert_eq!((state(&bench), state(&run)), ("waiting".to_owned(), "waiting".to_owned()));
    // An unknown sample lets the agent ask the server at once, which saves this test half a minute.
    analyser.ask("999999999", 2);
    let heard = analyser.hear_all(&["QCK", "OML"]).concat();
    assert!(heard.contains("QAK|SR|NF|") && heard.contains(&format!("OBR||{}-7||7", sample.label())), "{heard}");
    until(&lis, "both are delivered", || state(&bench) == "delivered" && state(&run) == "delivered");
    let file = std::fs::read(lists.join(format!("{}.csv", run.number))).expect("the sequence file");
    let expected = house.by("tester2").get(&format!("/worksheets/{}/sequence", run.id)).expect(200);
    assert_eq!(String::from_utf8(file).expect("UTF-8"), expected.text());
    let page = house.by("tester2").get(&format!("/worksheets/{}", run.id)).expect(200).page();
    assert!(page.text().contains(&format!("{}.csv", run.number)), "{}", page.text());
});
