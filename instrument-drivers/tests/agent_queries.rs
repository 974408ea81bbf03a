//! An analyser on a real pseudo-terminal asks what is to be done; the agent answers from what the server last told it.
#![cfg(unix)]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use instrument_drivers::agent::{AgentConfig, PortConfig, SerialConfig};
use instrument_drivers::observation::Role;
use instrument_drivers::port::Line;
use instrument_drivers::port::serial::Serial;
use instrument_drivers::port::simulate::{self, Step, pseudo_terminal};
use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::astm_frame::ENQ;
use instrument_drivers::wire::astm_link::HOST_CONTENTION_WAIT;
use instrument_drivers::work::{Work, WorkList};
use support::{Shelf, TestAgent, until};

struct Bench {
    _folder: tempfile::TempDir,
    instrument: Serial,
    config: AgentConfig,
    shelf: Arc<Shelf>,
}

fn bench(samples: &[(&str, &[&str])]) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let (instrument, name) = pseudo_terminal().unwrap();
    let port = PortConfig { serial: Some(SerialConfig::new(name)), ..support::port("AAS-1", "generic_astm") };
    let config = support::config(folder.path(), vec![port]);
    let shelf = Arc::new(Shelf::default());
    shelf.set_work(work(samples));
    Bench { _folder: folder, instrument, config, shelf }
}

fn work(samples: &[(&str, &[&str])]) -> WorkList {
    let one = |(label, tests): &(&str, &[&str])| Work {
        label_code: label.to_string(),
        tests: tests.iter().map(|test| test.to_string()).collect(),
        ..Work::default()
    };
    WorkList { instrument: "AAS-1".into(), samples: samples.iter().map(one).collect(), ..WorkList::default() }
}

impl Bench {
    fn start(&self) -> TestAgent {
        let agent = TestAgent::start(self.config.clone(), self.shelf.clone());
        until("port open", || agent.status().ports.iter().any(|port| port.connected));
        agent
    }

    /// What the analyser is told about a sample: sample and test of every order. `None`: that nothing is known.
    fn ask(&mut self, sample: &str) -> Option<Vec<String>> {
        let script = [Step::Message(query(sample)), Step::ListenMs(10_000)];
        let played = simulate::astm_analyser(&mut self.instrument, &script).unwrap();
        assert_eq!((played.delivered, played.received.len()), (1, 1));
        orders(&played.received[0])
    }
}

fn query(sample: &str) -> Vec<String> {
    vec![
        "H|\\^&|||MULTI^LAB1|||||LIS||P|LIS2-A2|20260310092000".to_owned(),
        format!("Q|1|^{sample}||ALL||||||||O"),
        "L|1|N".to_owned(),
    ]
}

/// Sample and test of every order in an answer. `None`: that nothing is known.
fn orders(answer: &[u8]) -> Option<Vec<String>> {
    if String::from_utf8_lossy(answer).contains("L|1|I\r") {
        return None;
    }
    let read = Profile::load("generic_astm").unwrap().read(answer, &Context::default());
    assert_eq!(read.troubles, []);
    assert!(read.observations.iter().all(|one| one.role == Role::Order));
    Some(read.observations.iter().map(|one| format!("{} {}", one.sample_id, one.analyte)).collect())
}

fn note(agent: &TestAgent) -> String {
    agent.status().ports[0].note.clone().unwrap_or_default()
}

#[test]
fn a_question_is_answered_whether_the_server_is_there_or_not() {
    let mut bench = bench(&[("300000006", &["Pb", "Cd"]), ("300000014", &[])]);
    let agent = bench.start();
    let orders = Some(vec!["300000006 ^^^Pb".to_owned(), "300000006 ^^^Cd".to_owned()]);
    assert_eq!(bench.ask("300000006"), orders);
    assert!(note(&agent).starts_with("question for 300000006: orders for 1 samples, by the work list of "));
    // Nothing is asked of it that the instrument has a name for; nobody knows of it.
    assert_eq!(bench.ask("300000014"), None);
    assert_eq!(bench.ask("999999999"), None);
    bench.shelf.go_away();
    assert_eq!(bench.ask("300000006"), orders);
    assert_eq!(bench.ask("999999999"), None);
    assert!(note(&agent).starts_with("question for 999999999: nothing known, "), "{}", note(&agent));
    agent.stop();

    // The agent is started again while the server is away: it knows what it knew.
    let agent = bench.start();
    assert_eq!(bench.ask("300000006"), orders);
    agent.stop();
    // Every question was forwarded or waits for the server, as any other message.
    bench.shelf.come_back();
    let agent = bench.start();
    until("all questions arrived", || bench.shelf.count() == 6);
    agent.stop();
}

#[test]
fn for_an_unknown_sample_the_server_is_asked_at_once() {
    let mut bench = bench(&[]);
    let agent = bench.start();
    assert_eq!(bench.ask("300000006"), None);
    // The worksheet is opened a moment before the sample is put into the analyser.
    bench.shelf.set_work(work(&[("300000006", &["Pb"])]));
    let began = Instant::now();
    assert_eq!(bench.ask("300000006"), Some(vec!["300000006 ^^^Pb".to_owned()]));
    assert!(began.elapsed() < Duration::from_secs(20), "not with the next round only");
    agent.stop();
}

#[test]
fn without_a_list_nothing_is_known() {
    let mut bench = bench(&[("300000006", &["Pb"])]);
    bench.shelf.go_away();
    let agent = bench.start();
    assert_eq!(bench.ask("300000006"), None);
    assert!(note(&agent).ends_with("the server has never told a work list"), "{}", note(&agent));
    agent.stop();
}

/// For an analyser that does not ask: it gets every order once, and is told which of them was cancelled.
#[test]
fn orders_are_sent_unasked_once_and_taken_back() {
    let mut bench = bench(&[("300000006", &["Pb", "Cd"])]);
    bench.config.ports[0].send_orders = true;
    let listen =
        |instrument: &mut Serial, ms: u64| simulate::astm_analyser(instrument, &[Step::ListenMs(ms)]).unwrap().received;
    let agent = bench.start();
    let received = listen(&mut bench.instrument, 15_000);
    assert_eq!(received.len(), 1);
    assert_eq!(orders(&received[0]), Some(vec!["300000006 ^^^Pb".to_owned(), "300000006 ^^^Cd".to_owned()]));
    until("the instrument has them", || note(&agent).ends_with("has all orders of its work list"));
    agent.stop();

    // Nothing is sent twice, also after a restart. Then one test is cancelled.
    let agent = bench.start();
    assert_eq!(listen(&mut bench.instrument, 1_500), [] as [Vec<u8>; 0]);
    agent.stop();
    let mut left = work(&[("300000006", &["Pb"])]);
    left.samples[0].cancelled = vec!["Cd".to_owned()];
    bench.shelf.set_work(left);
    let agent = bench.start();
    let received = listen(&mut bench.instrument, 15_000);
    assert_eq!(received.len(), 1);
    let text = String::from_utf8_lossy(&received[0]).into_owned();
    assert!(text.contains("O|1|300000006||^^^Cd|R|") && text.contains("|||||C||||"), "{text}");
    assert!(!text.contains("^^^Pb"), "{text}");
    agent.stop();
}

/// Reads until the laboratory asks for the line.
fn hear_enq(instrument: &mut Serial) {
    let (until, mut buffer) = (Instant::now() + Duration::from_secs(10), [0u8; 64]);
    while Instant::now() < until {
        let count = instrument.read(&mut buffer, Duration::from_millis(50)).unwrap();
        if buffer[..count].contains(&ENQ) {
            return;
        }
    }
    panic!("the laboratory never asked for the line");
}

#[test]
fn when_both_ask_for_the_line_the_analyser_has_it_and_then_gets_its_answer() {
    let mut bench = bench(&[("300000006", &["Pb"])]);
    let agent = bench.start();
    let asked = simulate::astm_analyser(&mut bench.instrument, &[Step::Message(query("300000006"))]).unwrap();
    assert_eq!(asked.delivered, 1);
    // The answer is ready; in the same moment the analyser has a result.
    hear_enq(&mut bench.instrument);
    let contention = Instant::now();
    bench.instrument.write(&[ENQ]).unwrap();
    until("contention is noticed", || note(&agent).starts_with("contention"));
    // The analyser tries again after a second, and is heard; the laboratory after twenty, and is heard.
    let result = support::astm_records("300000014", "Cd", "0.12");
    let script = [Step::SilenceMs(1_000), Step::Message(result), Step::ListenMs(25_000)];
    let played = simulate::astm_analyser(&mut bench.instrument, &script).unwrap();
    assert!(contention.elapsed() >= HOST_CONTENTION_WAIT, "{:?}", contention.elapsed());
    assert_eq!((played.delivered, played.received.len()), (1, 1));
    assert_eq!(orders(&played.received[0]), Some(vec!["300000006 ^^^Pb".to_owned()]));
    until("question and result arrived", || bench.shelf.count() == 2);
    agent.stop();
    let result = Profile::load("generic_astm").unwrap().read(&bench.shelf.messages()[1].bytes, &Context::default());
    assert_eq!(
        (result.observations[0].sample_id.as_str(), result.observations[0].value.as_str()),
        ("300000014", "0.12")
    );
}
