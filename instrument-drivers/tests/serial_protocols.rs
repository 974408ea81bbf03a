//! Every serial protocol on a real pseudo-terminal: the project's own captures and the simulated instruments on one
//! side, the agent on the other, the shipped profile behind it.
#![cfg(unix)]

mod support;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use instrument_drivers::agent::{MessageKind, PortConfig, SerialConfig};
use instrument_drivers::port::Line;
use instrument_drivers::port::serial::Serial;
use instrument_drivers::port::simulate::{self, BalanceKind, Load, Step, pseudo_terminal};
use instrument_drivers::profile::link::{LineEnd, PollToml};
use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::astm_frame::Frame;
use support::{Shelf, TestAgent, until};

fn serial_port(instrument: &str, profile: &str, path: &str) -> PortConfig {
    PortConfig { serial: Some(SerialConfig::new(path)), ..support::port(instrument, profile) }
}

struct Bench {
    _folder: tempfile::TempDir,
    instrument: Serial,
    agent: TestAgent,
    shelf: Arc<Shelf>,
    profile: Profile,
}

/// A cable, with the agent at its other end.
fn bench(profile: &str) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let (instrument, name) = pseudo_terminal().unwrap();
    let shelf = Arc::new(Shelf::default());
    let ports = vec![serial_port("X-1", profile, &name)];
    let agent = TestAgent::start(support::config(folder.path(), ports), shelf.clone());
    until("port open", || agent.status().ports.iter().any(|port| port.connected));
    Bench { _folder: folder, instrument, agent, shelf, profile: Profile::load(profile).unwrap() }
}

impl Bench {
    /// What the laboratory reads in everything that arrived and is not evidence.
    fn values(&self) -> Vec<String> {
        let whole = self.shelf.messages().into_iter().filter(|message| message.kind == MessageKind::Message);
        whole
            .flat_map(|message| self.profile.read(&message.bytes, &Context::default()).observations)
            .map(|one| format!("{} {} {} {}", one.sample_id, one.analyte, one.value, one.unit).trim().to_string())
            .collect()
    }
}

fn capture(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name);
    std::fs::read(path).unwrap()
}

fn load(value: &str, print_key: bool) -> Load {
    Load { value: value.into(), unit: "g".into(), settles_ms: 100, print_key }
}

/// One load printed by key, one asked for at once while it swings, then asked for until it is stable.
fn balance_talks(kind: BalanceKind, profile: &str, ask: &'static [u8], expected: [&str; 2]) {
    let Bench { _folder, mut instrument, agent, shelf, profile } = bench(profile);
    let loads = [load("12.3456", true), load("-0.0012", false)];
    let player = std::thread::spawn(move || {
        let weighed = simulate::balance_of(kind, &mut instrument, &loads, Duration::from_secs(10)).unwrap();
        // Handed back: closing the line would throw away what the agent has not read yet.
        (weighed, instrument)
    });
    until("the printed weight arrived", || shelf.count() == 1);
    let mut asked = 1;
    while !player.is_finished() {
        agent.send("X-1", ask);
        asked += 1;
        until("an answer", || shelf.count() >= asked || player.is_finished());
    }
    let (weighed, instrument) = player.join().unwrap();
    assert_eq!(weighed, 2);
    let bench = Bench { _folder, instrument, agent, shelf, profile };
    until("all arrived", || bench.values().len() == 2);
    assert_eq!(bench.values(), expected, "{kind:?}");
    bench.agent.stop();
}

#[test]
fn mt_sics_by_key_and_asked() {
    let expected = ["balance weight 12.3456 g", "balance weight -0.0012 g"];
    balance_talks(BalanceKind::MtSics, "mettler_mt_sics", b"SI\r\n", expected);
}

#[test]
fn sbi_by_key_and_asked() {
    let expected = ["balance weight 12.3456 g", "balance weight -0.0012 g"];
    balance_talks(BalanceKind::Sbi, "sartorius_sbi", b"\x1bP\r\n", expected);
}

#[test]
fn and_by_key_and_asked() {
    let expected = ["balance weight 012.3456 g", "balance weight -000.0012 g"];
    balance_talks(BalanceKind::AndBalance, "and_balance", b"Q\r\n", expected);
}

#[test]
fn ohaus_by_key_and_asked() {
    let expected = ["balance weight 12.3456 g", "balance weight -0.0012 g"];
    balance_talks(BalanceKind::Ohaus, "ohaus_balance", b"IP\r\n", expected);
}

#[test]
fn radwag_by_key_and_asked() {
    let expected = ["balance weight 12.3456 g", "balance weight -0.0012 g"];
    balance_talks(BalanceKind::Radwag, "radwag_balance", b"SI\r\n", expected);
}

#[test]
fn a_meter_answers_over_two_lines_and_is_one_message() {
    let mut bench = bench("thermo_orion_star");
    let answer = capture("meter_orion.txt");
    let (first, second) = answer.split_at(70);
    bench.instrument.write(first).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    bench.instrument.write(second).unwrap();
    until("arrived", || bench.shelf.count() == 1);
    let values =
        ["F26-000330 pH 4.61 pH", "F26-000330 mV 111.2 mV", "F26-000330 temperature 25.0 C", "F26-000330 slope 89.1 %"];
    assert_eq!(bench.values(), values);
    assert_eq!(bench.shelf.messages()[0].bytes, answer, "stored as received");
    bench.agent.stop();
}

#[test]
fn a_printer_block_with_its_commands_is_one_message() {
    let mut bench = bench("meter_printer_block");
    bench.instrument.write(&capture("meter_block.txt")).unwrap();
    until("arrived", || bench.shelf.count() == 1);
    assert_eq!(bench.values(), ["F26-000331 pH 4.61", "F26-000331 mV 111.2 mV", "F26-000331 Temperature 25.0 C"]);
    bench.agent.stop();
}

#[test]
fn a_vidas_uploads_two_messages() {
    let mut bench = bench("biomerieux_vidas");
    assert!(simulate::framed_sender(&mut bench.instrument, &capture("immunoassay.vidas")).unwrap());
    until("arrived", || bench.shelf.count() == 2);
    assert_eq!(bench.values(), ["F26-000320 LMX 0.02", "F26-000321 SLM 2.31"]);
    bench.agent.stop();
}

#[test]
fn an_analyser_with_every_deviation_is_heard() {
    let mut bench = bench("generic_astm");
    assert!(simulate::framed_sender(&mut bench.instrument, &capture("analyser_quirks.astm")).unwrap());
    until("arrived", || bench.shelf.count() == 1);
    assert_eq!(bench.values().len(), 3);
    let note = bench.agent.status().ports[0].note.clone().unwrap_or_default();
    assert!(note.starts_with("tolerated: "), "{note}");
    bench.agent.stop();
}

/// Every frame ends with ETB, LF stands in front of STX, and the numbers restart and jump: refused by the profile of all
/// analysers, taken and noted where a profile tolerates it.
#[test]
fn an_analyser_whose_frame_numbers_jump_is_heard_by_a_profile_that_allows_it() {
    let mut session = Vec::new();
    for (number, record) in [1, 2, 1, 1, 4].into_iter().zip(support::astm_records("F26-1", "Pb", "0.52")) {
        session.push(b'\n');
        session.extend(Frame::new(number, format!("{record}\r").as_bytes(), false).encode());
    }
    let mut strict = bench("generic_astm");
    assert!(!simulate::framed_sender(&mut strict.instrument, &session).unwrap());
    until("the half is evidence", || strict.shelf.count() == 1);
    assert_eq!(strict.shelf.messages()[0].kind, MessageKind::Partial);
    strict.agent.stop();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tolerant.toml");
    let toml = "maturity = 'draft'\nsource = 'example'\nformat = 'astm'\n[records]\nframe_numbers = true\n\
        [link]\nprotocol = 'astm'\ntolerate = ['frame_numbers']\n";
    std::fs::write(&path, toml).unwrap();
    let mut bench = bench(path.to_str().unwrap());
    assert!(simulate::framed_sender(&mut bench.instrument, &session).unwrap());
    until("arrived", || bench.shelf.count() == 1);
    assert_eq!(bench.values(), ["F26-1 ^^^Pb 0.52 mg/kg"]);
    let note = bench.agent.status().ports[0].note.clone().unwrap_or_default();
    assert!(note.starts_with("tolerated: "), "{note}");
    bench.agent.stop();
}

#[test]
fn two_messages_in_one_session_are_both_read() {
    let mut bench = bench("generic_astm");
    // One ENQ, two messages of five frames each: the frames of the second are numbered 6, 7, 0, 1, 2.
    let records: Vec<String> = [("F26-1", "0.52"), ("F26-2", "0.61")]
        .iter()
        .flat_map(|(sample, value)| support::astm_records(sample, "Pb", value))
        .collect();
    let session: Vec<u8> = (1u8..)
        .zip(&records)
        .flat_map(|(number, record)| Frame::new(number, format!("{record}\r").as_bytes(), true).encode())
        .collect();
    assert!(simulate::framed_sender(&mut bench.instrument, &session).unwrap());
    until("arrived", || bench.shelf.count() == 2);
    assert_eq!(bench.values(), ["F26-1 ^^^Pb 0.52 mg/kg", "F26-2 ^^^Pb 0.61 mg/kg"]);
    bench.agent.stop();
}

#[test]
fn half_a_line_is_evidence_and_no_weight() {
    let mut bench = bench("ohaus_balance");
    bench.instrument.write(b"    192.2").unwrap();
    until("the half is evidence", || bench.shelf.count() == 1);
    bench.instrument.write(b"1 g\r\n").unwrap();
    until("the other half is evidence", || bench.shelf.count() == 2);
    bench.instrument.write(b"     12.50 g\r\n").unwrap();
    until("a whole weight", || bench.shelf.count() == 3);
    assert_eq!(bench.values(), ["balance weight 12.50 g"]);
    assert_eq!(bench.shelf.messages()[1].kind, MessageKind::Partial);
    bench.agent.stop();
}

#[test]
fn a_busy_analyser_that_refuses_frames_gets_its_orders_in_the_end() {
    let Bench { _folder, mut instrument, agent, .. } = bench("generic_astm");
    agent.send("X-1", b"H|\\^&|||LIS\rP|1\rO|1|F26-1||^^^Pb|R\rL|1|F\r");
    let script = [Step::Refuse { enqs: 0, frames: 2, listen_ms: 10_000 }];
    let player = std::thread::spawn(move || (simulate::astm_analyser(&mut instrument, &script).unwrap(), instrument));
    let (played, _instrument) = player.join().unwrap();
    assert_eq!(played.received.len(), 1);
    agent.stop();
}

/// The port asks, whatever the profile says: a balance without a print key.
#[test]
fn a_port_polls_its_balance() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, profile, command) in [
        (BalanceKind::MtSics, "mettler_mt_sics", "S"),
        (BalanceKind::Sbi, "sartorius_sbi", "\u{1b}P"),
        (BalanceKind::AndBalance, "and_balance", "S"),
        (BalanceKind::Ohaus, "ohaus_balance", "SP"),
        (BalanceKind::Radwag, "radwag_balance", "S"),
    ] {
        let (mut scale, name) = pseudo_terminal().unwrap();
        let poll = PollToml { command: command.into(), every_s: 1, line_end: LineEnd::Crlf };
        let port = PortConfig { poll: Some(poll), ..serial_port("BAL-1", profile, &name) };
        let shelf = Arc::new(Shelf::default());
        let spool = folder.path().join(profile);
        let agent = TestAgent::start(support::config(&spool, vec![port]), shelf.clone());
        until("port open", || agent.status().ports.iter().any(|port| port.connected));
        let loads = ["12.50", "13.75"].map(|value| Load {
            value: value.into(),
            unit: "g".into(),
            settles_ms: 0,
            print_key: false,
        });
        assert_eq!(simulate::balance_of(kind, &mut scale, &loads, Duration::from_secs(10)).unwrap(), 2, "{profile}");
        until("both weights arrived", || shelf.count() == 2);
        agent.stop();
        let reader = Profile::load(profile).unwrap();
        let read = |bytes: &[u8]| reader.read(bytes, &Context::default()).observations.remove(0).value;
        let weights: Vec<String> = shelf.messages().iter().map(|message| read(&message.bytes)).collect();
        let weights: Vec<&str> = weights.iter().map(|weight| weight.trim_start_matches('0')).collect();
        assert_eq!(weights, ["12.50", "13.75"], "{profile}");
    }
    let port = PortConfig {
        poll: Some(PollToml { command: "S".into(), every_s: 1, line_end: LineEnd::Crlf }),
        ..support::tcp_port("AAS-1", "generic_astm", "127.0.0.1:0")
    };
    let config = support::config(&folder.path().join("astm"), vec![port]);
    let error = TestAgent::try_start(config, Arc::new(Shelf::default())).err().unwrap();
    assert!(error.contains("poll belongs to instruments that print lines"), "{error}");
}

/// What a port asks for, with the CR at its end.
fn question(instrument: &mut Serial) -> Vec<u8> {
    let (mut asked, mut byte) = (Vec::new(), [0u8; 1]);
    for _ in 0..200 {
        match instrument.read(&mut byte, Duration::from_millis(50)) {
            Ok(0) => {}
            Ok(_) => asked.push(byte[0]),
            // Nobody has opened the other end of the line yet.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => std::thread::sleep(Duration::from_millis(50)),
            Err(error) => panic!("the line broke: {error}"),
        }
        if asked.last() == Some(&b'\r') {
            return asked;
        }
    }
    panic!("nothing was asked: {asked:?}");
}

/// Fixed width, and silent until it is asked: DLE, MR, CR.
#[test]
fn a_hanna_meter_is_asked_and_answers_in_fixed_widths() {
    let folder = tempfile::tempdir().unwrap();
    let (mut meter, name) = pseudo_terminal().unwrap();
    let poll = PollToml { command: "\u{10}MR".into(), every_s: 1, line_end: LineEnd::Cr };
    let port = PortConfig { poll: Some(poll), ..serial_port("PH-1", "hanna_ph_meter", &name) };
    let shelf = Arc::new(Shelf::default());
    let agent = TestAgent::start(support::config(folder.path(), vec![port]), shelf.clone());
    // Mode, status of the probe, states of both readings, then 11, 7 and 7 characters. The second is over its range, the last
    // outside the calibration.
    let answers =
        ["0010RR      7.010  -12.3   25.0", "0010OR     16.000  -12.3   25.0", "0314RR     -182.4   7.01   25.1"];
    for (arrived, answer) in (1..).zip(answers) {
        assert_eq!(question(&mut meter), b"\x10MR\r");
        meter.write(format!("{answer}\r\n").as_bytes()).unwrap();
        until("the reading arrived", || shelf.count() == arrived);
    }
    agent.stop();
    let profile = Profile::load("hanna_ph_meter").unwrap();
    let messages = shelf.messages();
    let read: Vec<String> = messages
        .iter()
        .map(|message| {
            let reading = profile.read(&message.bytes, &Context::default());
            let values = reading.observations.iter().map(|one| {
                format!("{} {} {} {} {}", one.sample_id, one.analyte, one.value, one.unit, one.flag).trim().to_string()
            });
            let troubles = reading.troubles.iter().map(|trouble| format!("trouble: {}", trouble.reason));
            values.chain(troubles).collect::<Vec<_>>().join("; ")
        })
        .collect();
    assert_eq!(
        read,
        ["meter pH 7.010 pH", "trouble: over range: there is no reading", "meter mV -182.4 mV outside calibration"]
    );
}

/// Reads until this byte came.
fn hear(instrument: &mut Serial, byte: u8) {
    let mut buffer = [0u8; 64];
    for _ in 0..200 {
        let count = instrument.read(&mut buffer, Duration::from_millis(50)).unwrap();
        if buffer[..count].contains(&byte) {
            return;
        }
    }
    panic!("byte {byte:02x} never came");
}

#[test]
fn an_order_survives_a_cable_that_was_pulled_while_it_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("tty");
    let (mut instrument, name) = pseudo_terminal().unwrap();
    std::os::unix::fs::symlink(&name, &link).unwrap();
    let ports = vec![serial_port("X-1", "generic_astm", &link.display().to_string())];
    let agent = TestAgent::start(support::config(folder.path(), ports), Arc::new(Shelf::default()));
    until("port open", || agent.status().ports.iter().any(|port| port.connected));
    agent.send("X-1", b"H|\\^&|||LIS\rP|1\rO|1|F26-1||^^^Pb|R\rL|1|F\r");
    // The analyser answers the ENQ and takes one frame; then the cable is out.
    hear(&mut instrument, 0x05);
    instrument.write(&[0x06]).unwrap();
    hear(&mut instrument, b'H');
    drop(instrument);
    until("unplugged", || agent.status().ports.iter().any(|port| !port.connected));
    let (mut instrument, name) = pseudo_terminal().unwrap();
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(&name, &link).unwrap();
    until("open again", || agent.status().ports.iter().any(|port| port.connected));
    let played = simulate::astm_analyser(&mut instrument, &[Step::ListenMs(15_000)]).unwrap();
    assert_eq!(played.received.len(), 1);
    agent.stop();
}

#[test]
fn two_serial_ports_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Arc::new(Shelf::default());
    let (mut analyser, analyser_path) = pseudo_terminal().unwrap();
    let (mut scale, scale_path) = pseudo_terminal().unwrap();
    let ports = vec![
        serial_port("AAS-1", "generic_astm", &analyser_path),
        serial_port("BAL-1", "mettler_mt_sics", &scale_path),
    ];
    let agent = TestAgent::start(support::config(folder.path(), ports), shelf.clone());
    until("ports open", || agent.status().ports.iter().filter(|port| port.connected).count() == 2);
    let analyser = std::thread::spawn(move || {
        let script: Vec<Step> =
            (0..30).map(|n| Step::Message(support::astm_records("F26-1", "Pb", &n.to_string()))).collect();
        (simulate::astm_analyser(&mut analyser, &script).unwrap().delivered, analyser)
    });
    let scale = std::thread::spawn(move || {
        for number in 0..300 {
            let text = instrument_drivers::wire::mt_sics::weight_line("S", true, &format!("{number}.25"), "g");
            scale.write(text.as_bytes()).unwrap();
        }
        scale
    });
    let (delivered, _analyser) = analyser.join().unwrap();
    let _scale = scale.join().unwrap();
    assert_eq!(delivered, 30);
    // Lines that come faster than the disk syncs are stored together.
    let balance = Profile::load("mettler_mt_sics").unwrap();
    let weights = || {
        let mut weights: Vec<String> = Vec::new();
        for message in shelf.messages().iter().filter(|message| message.instrument == "BAL-1") {
            weights.extend(balance.read(&message.bytes, &Context::default()).observations.into_iter().map(|o| o.value));
        }
        weights
    };
    until("every weight arrived", || weights().len() == 300);
    until("every message arrived", || shelf.messages().iter().filter(|m| m.instrument == "AAS-1").count() == 30);
    agent.stop();
    assert_eq!(weights(), (0..300).map(|number| format!("{number}.25")).collect::<Vec<_>>());
}
