//! Two serial ports saturated at once, as by 115,200 baud: no byte is lost. 3 s here; `LIS_SOAK_SECONDS=600` is the long
//! form, which also prints how busy the program was.
#![cfg(unix)]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use instrument_drivers::agent::{MessageKind, PortConfig, SerialConfig};
use instrument_drivers::port::Line;
use instrument_drivers::port::serial::Serial;
use instrument_drivers::port::simulate::pseudo_terminal;
use support::{Shelf, TestAgent, until};

/// 115,200 baud, 8N1: ten bits a byte.
const BYTES_PER_SECOND: usize = 11_520;
/// The wire brings so much at once between two looks at the clock: 50 ms.
const STRETCH: Duration = Duration::from_millis(50);

/// Sends numbered lines at the speed of the wire; returns how many, and the line, which must stay open.
fn saturate(mut line: Serial, time: Duration) -> (usize, Serial) {
    let (start, mut sent, mut number) = (Instant::now(), 0usize, 0usize);
    while start.elapsed() < time {
        let due = (start.elapsed() + STRETCH).as_millis() as usize * BYTES_PER_SECOND / 1000;
        let mut stretch = String::new();
        while sent + stretch.len() < due {
            stretch.push_str(&format!("S S {number:>10}.5 g\r\n"));
            number += 1;
        }
        line.write(stretch.as_bytes()).unwrap();
        sent += stretch.len();
        std::thread::sleep(STRETCH);
    }
    (number, line)
}

#[test]
fn two_saturated_ports_lose_no_byte() {
    let seconds = std::env::var("LIS_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let folder = tempfile::tempdir().unwrap();
    let shelf = Arc::new(Shelf::default());
    let (mut players, mut ports) = (Vec::new(), Vec::new());
    for number in 0..2 {
        let (line, path) = pseudo_terminal().unwrap();
        players.push(line);
        ports.push(PortConfig {
            serial: Some(SerialConfig { baud: 115_200, ..SerialConfig::new(path) }),
            ..support::port(&format!("BAL-{number}"), "mettler_mt_sics")
        });
    }
    let agent = TestAgent::start(support::config(folder.path(), ports), shelf.clone());
    until("ports open", || agent.status().ports.iter().filter(|port| port.connected).count() == 2);
    let (start, busy_before) = (Instant::now(), busy());
    let threads: Vec<_> = players
        .into_iter()
        .map(|line| std::thread::spawn(move || saturate(line, Duration::from_secs(seconds))))
        .collect();
    let played: Vec<(usize, Serial)> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    if let (Some(before), Some(after)) = (busy_before, busy()) {
        // Simulators and the shelf included.
        let share = (after - before) as f64 / start.elapsed().as_secs_f64();
        println!("busy for {share:.1} hundredths of a core");
    }
    let received = |port: usize| {
        let instrument = format!("BAL-{port}");
        let messages = shelf.messages();
        let mine = messages.iter().filter(|message| message.instrument == instrument);
        mine.inspect(|message| assert_eq!(message.kind, MessageKind::Message))
            .flat_map(|message| message.bytes.clone())
            .collect::<Vec<u8>>()
    };
    for (port, (count, _line)) in played.iter().enumerate() {
        let last = format!("{:>10}.5 g\r", count - 1);
        until("the last line arrived", || received(port).ends_with(last.as_bytes()));
        let text = String::from_utf8(received(port)).unwrap();
        let numbers: Vec<usize> = text
            .split(['\r', '\n'])
            .filter(|line| !line.is_empty())
            .map(|line| line.strip_prefix("S S ").unwrap().trim_end_matches(".5 g").trim().parse().unwrap())
            .collect();
        assert_eq!(numbers, (0..*count).collect::<Vec<_>>(), "port {port}");
    }
    agent.stop();
}

/// Processor time of this process in hundredths of a second, where the system tells.
fn busy() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}
