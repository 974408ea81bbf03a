//! Instruments on real serial lines: pseudo-terminal pairs, the agent on one side, a simulator on the other.
#![cfg(unix)]

mod support;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use instrument_drivers::agent::{PortConfig, SerialConfig};
use instrument_drivers::observation::Role;
use instrument_drivers::port::Line;
use instrument_drivers::port::serial::Serial;
use instrument_drivers::port::simulate::{self, Load, Step, pseudo_terminal};
use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::astm_frame::{ACK, ENQ, EOT, NAK, frames_of};
use support::{Shelf, TestAgent, until};

fn serial_port(instrument: &str, profile: &str, path: &str) -> PortConfig {
    PortConfig { serial: Some(SerialConfig::new(path)), ..support::port(instrument, profile) }
}

fn start(folder: &std::path::Path, profile: &str, path: &str) -> (TestAgent, Arc<Shelf>) {
    let shelf = Arc::new(Shelf::default());
    let agent = TestAgent::start(support::config(folder, vec![serial_port("X-1", profile, path)]), shelf.clone());
    until("port open", || agent.status().ports.iter().any(|port| port.connected));
    (agent, shelf)
}

#[test]
fn a_frame_with_a_bad_checksum_is_sent_again_and_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut instrument, name) = pseudo_terminal().unwrap();
    let (agent, shelf) = start(folder.path(), "generic_astm", &name);
    let records = support::astm_records("F26-000123", "Pb", "0.52");
    let script = [
        Step::Noise(b"\x00\xff~~".to_vec()),
        Step::DamagedOnce { frame: 4, records },
        Step::SilenceMs(20),
        Step::Message(support::astm_records("F26-000124", "Cd", "<0.01")),
    ];
    let played = simulate::astm_analyser(&mut instrument, &script).unwrap();
    assert_eq!((played.delivered, played.resent), (2, 1));
    until("forwarded", || shelf.count() == 2);
    agent.stop();
    let profile = Profile::load("generic_astm").unwrap();
    let values: Vec<_> =
        shelf.messages().iter().flat_map(|m| profile.read(&m.bytes, &Context::default()).observations).collect();
    assert_eq!(values.len(), 2);
    assert_eq!(
        (values[0].sample_id.as_str(), values[0].value.as_str(), values[0].number.as_deref()),
        ("F26-000123", "0.52", Some("0.52"))
    );
    assert_eq!(
        (values[1].value.as_str(), values[1].number.as_deref(), values[1].bound.as_deref()),
        ("<0.01", None, Some("0.01"))
    );
}

fn answers(instrument: &mut Serial, bytes: &[u8], expected: &[u8]) {
    instrument.write(bytes).unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0u8; 16];
    let start = std::time::Instant::now();
    while seen.len() < expected.len() && start.elapsed() < Duration::from_secs(5) {
        let count = instrument.read(&mut buffer, Duration::from_millis(50)).unwrap();
        seen.extend_from_slice(&buffer[..count]);
    }
    assert_eq!(seen, expected, "answers to {:?}", String::from_utf8_lossy(bytes));
}

#[test]
fn eot_and_the_next_enq_in_one_segment_and_a_repeated_frame() {
    let folder = tempfile::tempdir().unwrap();
    let (mut instrument, name) = pseudo_terminal().unwrap();
    let (agent, shelf) = start(folder.path(), "generic_astm", &name);
    let message: String = support::astm_records("F26-1", "Pb", "1").iter().map(|r| format!("{r}\r")).collect();
    let frames = frames_of(message.as_bytes(), 240);
    answers(&mut instrument, &[ENQ], &[ACK]);
    for frame in &frames {
        answers(&mut instrument, &frame.encode(), &[ACK]);
    }
    // The ACK of the last frame was lost: the same frame again.
    answers(&mut instrument, &frames[4].encode(), &[ACK]);
    // EOT and the next ENQ arrive together.
    answers(&mut instrument, &[EOT, ENQ], &[ACK]);
    let mut bad = frames[0].encode();
    bad[3] ^= 1;
    answers(&mut instrument, &bad, &[NAK]);
    for frame in &frames {
        // Two reads for one frame.
        let bytes = frame.encode();
        let (first, second) = bytes.split_at(5);
        instrument.write(first).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        answers(&mut instrument, second, &[ACK]);
    }
    instrument.write(&[EOT]).unwrap();
    until("forwarded", || shelf.count() == 2);
    agent.stop();
    assert_eq!(shelf.messages()[0].bytes, shelf.messages()[1].bytes);
}

#[test]
fn a_balance_is_asked_and_prints_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let (mut instrument, name) = pseudo_terminal().unwrap();
    let (agent, shelf) = start(folder.path(), "mettler_mt_sics", &name);
    agent.send("X-1", b"SI\r\n");
    let loads = [
        // Asked at once while it still swings, then again.
        Load { value: "1.0001".into(), unit: "g".into(), settles_ms: 150, print_key: false },
        Load { value: "-0.0012".into(), unit: "g".into(), settles_ms: 0, print_key: true },
        Load { value: "2.5".into(), unit: "kg".into(), settles_ms: 0, print_key: true },
    ];
    // The line is handed back: closing it would throw away what the agent has not read yet.
    let player = std::thread::spawn(move || {
        let weighed = simulate::balance(&mut instrument, &loads, Duration::from_secs(10)).unwrap();
        (weighed, instrument)
    });
    until("the dynamic weight arrived", || shelf.count() == 1);
    agent.send("X-1", b"S\r\n");
    let (weighed, _instrument) = player.join().unwrap();
    assert_eq!(weighed, 3);
    until("all arrived", || shelf.count() == 4);
    agent.stop();
    let profile = Profile::load("mettler_mt_sics").unwrap();
    let readings: Vec<_> =
        shelf.messages().iter().flat_map(|m| profile.read(&m.bytes, &Context::default()).observations).collect();
    let weights: Vec<(&str, &str)> = readings.iter().map(|o| (o.value.as_str(), o.unit.as_str())).collect();
    assert_eq!(weights, [("1.0001", "g"), ("-0.0012", "g"), ("2.5", "kg")]);
    assert!(readings.iter().all(|o| o.role == Role::Sample));
}

#[test]
fn the_capture_of_a_mini_vidas_is_read_over_the_line() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/instruments/senaite.astm/mini_vidas.txt");
    let Ok(capture) = std::fs::read(&path) else {
        // Straight to the terminal: the test runner keeps what a passing test prints to itself.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {} is not there", path.display());
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (mut instrument, name) = pseudo_terminal().unwrap();
    let (agent, shelf) = start(folder.path(), "biomerieux_vidas", &name);
    assert!(simulate::framed_sender(&mut instrument, &capture).unwrap());
    until("forwarded", || shelf.count() == 1);
    agent.stop();
    let reading = Profile::load("biomerieux_vidas").unwrap().read(&shelf.messages()[0].bytes, &Context::default());
    assert_eq!(reading.troubles, []);
    let one = &reading.observations[0];
    let fields =
        (one.sample_id.as_str(), one.analyte.as_str(), one.value.as_str(), one.unit.as_str(), one.flag.as_str());
    assert_eq!(fields, ("Z1G021SCR", "HBCT", "0.05", "", "Positif"));
}

#[test]
fn an_unplugged_port_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("tty");
    let (instrument, name) = pseudo_terminal().unwrap();
    std::os::unix::fs::symlink(&name, &link).unwrap();
    let (agent, shelf) = start(folder.path(), "mettler_mt_sics", &link.display().to_string());
    drop(instrument);
    until("unplugged is told", || agent.status().ports.iter().any(|port| !port.connected && port.error.is_some()));
    let (mut instrument, name) = pseudo_terminal().unwrap();
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&name, &link).unwrap();
    until("open again", || agent.status().ports.iter().any(|port| port.connected));
    instrument.write(b"S S     100.00 g\r\n").unwrap();
    until("arrived", || shelf.count() == 1);
    agent.stop();
}
