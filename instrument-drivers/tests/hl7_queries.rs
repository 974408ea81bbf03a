//! An HL7 analyser on a network line asks what is to be done, and takes orders that it did not ask for.

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use instrument_drivers::agent::{PortConfig, Settled, Went};
use instrument_drivers::port::Line;
use instrument_drivers::wire::hl7;
use instrument_drivers::wire::mllp::{FS, VT};
use instrument_drivers::work::{Dispatch, Work, WorkList};
use support::{Shelf, TestAgent, until};

struct Analyser {
    line: Box<dyn Line>,
    received: Vec<u8>,
}

impl Analyser {
    fn send(&mut self, message: &str) {
        self.line.write(&[&[VT][..], message.as_bytes(), &[FS, b'\r']].concat()).unwrap();
    }

    /// The next message of the laboratory.
    fn hear(&mut self) -> String {
        let (until, mut buffer) = (Instant::now() + Duration::from_secs(20), [0u8; 1024]);
        while Instant::now() < until {
            if let Some(end) = self.received.iter().position(|byte| *byte == FS) {
                let rest = self.received.split_off(end + 1);
                let message = std::mem::replace(&mut self.received, rest);
                return String::from_utf8(message).unwrap().trim_matches(|c: char| c.is_control()).to_owned();
            }
            let count = self.line.read(&mut buffer, Duration::from_millis(50)).unwrap();
            self.received.extend_from_slice(&buffer[..count]);
        }
        panic!("the laboratory said nothing");
    }

    fn acknowledge(&mut self, message: &str, code: &str) {
        let receipt = hl7::acknowledgement(message.as_bytes(), code, "", 9, "20260310092005");
        self.send(&receipt);
    }
}

fn work(label: &str, tests: &[&str]) -> WorkList {
    let tests = tests.iter().map(|test| (*test).to_owned()).collect();
    let one = Work { label_code: label.into(), tests, ..Work::default() };
    WorkList { instrument: "CHEM-1".into(), samples: vec![one], ..WorkList::default() }
}

fn start(send_orders: bool, list: WorkList) -> (tempfile::TempDir, Arc<Shelf>, TestAgent, Analyser) {
    let folder = tempfile::tempdir().unwrap();
    let address = support::free_address();
    let port = PortConfig { send_orders, ..support::tcp_port("CHEM-1", "generic_hl7", &address) };
    let shelf = Arc::new(Shelf::default());
    shelf.set_work(list);
    let agent = TestAgent::start(support::config(folder.path(), vec![port]), shelf.clone());
    let line = support::connect(&address);
    (folder, shelf, agent, Analyser { line, received: Vec::new() })
}

fn qry(label: &str, id: u8) -> String {
    format!(
        "MSH|^~\\&|BS|Mindray|||20260310092000||QRY^Q02|{id}|P|2.3.1||||||ASCII|||\r\
         QRD|20260310092000|R|D|{id}|||RD|{label}|OTH|||T|\rQRF|BS|||||RCT|COR|ALL||\r"
    )
}

#[test]
fn a_question_is_answered_after_it_is_stored_and_by_no_acknowledgement() {
    let (_folder, shelf, agent, mut analyser) = start(false, work("300000006", &["7", "9"]));
    analyser.send(&qry("300000006", 1));
    let qck = analyser.hear();
    assert!(qck.contains("||QCK^Q02|1|P|2.3.1|") && qck.contains("\rQAK|SR|OK|"), "{qck}");
    let dsr = analyser.hear();
    assert!(dsr.contains("\rDSP|21||300000006|||\r"), "{dsr}");
    assert!(dsr.contains("\rDSP|29||7^^^|||\rDSP|30||9^^^|||\rDSC||"), "{dsr}");
    analyser.acknowledge(&dsr, "AA");

    // The acknowledgement is neither stored nor acknowledged: the next word is the answer to the next question.
    analyser.send(&qry("999999999", 2));
    let unknown = analyser.hear();
    assert!(unknown.contains("||QCK^Q02|2|") && unknown.contains("\rQAK|SR|NF|"), "{unknown}");
    // A result is acknowledged as ever.
    analyser
        .send("MSH|^~\\&|BS|Mindray|||20260310092010||ORU^R01|3|P|2.3.1\rOBR|1|300000006\rOBX|1|NM|7||5.1|mmol/L\r");
    assert!(analyser.hear().contains("\rMSA|AA|3"));
    until("all arrived", || shelf.count() == 3);
    let note = agent.status().ports[0].note.clone().unwrap_or_default();
    assert!(note.starts_with("question for 999999999: nothing known"), "{note}");
    agent.stop();
}

#[test]
fn orders_are_sent_unasked_and_refused_ones_are_told() {
    let (_folder, _shelf, agent, mut analyser) = start(true, work("300000006", &["7", "9"]));
    let orders = analyser.hear();
    assert!(orders.contains("||OML^O33^OML_O33|") && orders.contains("\rSAC|||300000006\r"), "{orders}");
    assert!(orders.contains("\rOBR||300000006-7||7\r"), "{orders}");
    analyser.acknowledge(&orders, "AR");
    let error = || agent.status().ports[0].error.clone().unwrap_or_default();
    until("the refusal is told", || error().ends_with("the instrument refuses it with AR"));
    agent.stop();

    let (_folder, _shelf, agent, mut analyser) = start(true, work("300000006", &["7", "9"]));
    let orders = analyser.hear();
    analyser.acknowledge(&orders, "AA");
    until("the instrument has them", || {
        agent.status().ports[0].note.as_deref() == Some("the instrument has all orders of its work list")
    });
    agent.stop();
}

#[test]
fn what_a_person_sends_goes_at_once_and_how_it_went_is_told() {
    for (code, state) in [("AA", Went::Delivered), ("AE", Went::Refused)] {
        let samples = work("300000006", &["7"]).samples;
        let dispatches = vec![Dispatch { id: 12, samples, ..Dispatch::default() }];
        let (_folder, _shelf, agent, mut analyser) = start(true, WorkList { dispatches, ..work("300000006", &[]) });
        let orders = analyser.hear();
        assert!(orders.ends_with("\rOBR||300000006-7||7"), "{orders}");
        analyser.acknowledge(&orders, code);
        until("how it went is known", || !agent.status().dispatches.is_empty());
        let Settled { id, instrument, state: went, detail, .. } = agent.status().dispatches.remove(0);
        assert_eq!((id, instrument.as_str(), went), (12, "CHEM-1", state));
        assert_eq!(detail.ends_with("the instrument refuses it with AE"), state == Went::Refused, "{detail}");
        agent.stop();
    }
}
