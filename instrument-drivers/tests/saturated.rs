//! Two serial ports saturated at once, as by 115,200 baud: no byte is lost, and it is told how busy the agent kept one
//! core. 3 s here; `LIS_SOAK_SECONDS=600` is the long form, in which a release build must stay below [`MOST_BUSY`].
#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use instrument_drivers::agent::{AgentStatus, MessageKind};
use instrument_drivers::port::Line;
use instrument_drivers::port::serial::Serial;
use instrument_drivers::port::simulate::pseudo_terminal;
use support::running::Running;
use support::server::serve;
use support::until;

/// 115,200 baud, 8N1: ten bits a byte.
const BYTES_PER_SECOND: usize = 11_520;
/// The wire brings so much at once between two looks at the clock: 50 ms.
const STRETCH: Duration = Duration::from_millis(50);
const PORTS: usize = 2;
/// Per cent of one core.
const MOST_BUSY: f64 = 10.0;

/// The agent as a process of its own, so that its processor time is nobody else's.
struct Program(Running);

impl Program {
    fn start(config: &Path) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_instrument-agent"));
        let command = command.args(["run", "--config"]).arg(config).stderr(Stdio::null());
        Program(Running(command.spawn().unwrap()))
    }

    /// Processor time so far in hundredths of a second, where the system tells.
    fn busy(&self) -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).ok()?;
        // Behind the name of the program, which may hold blanks, the times are fields 12 and 13.
        let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    }
}

/// How many ports are open, as the agent's own page tells; none while it is not there.
fn open_ports(address: &str) -> usize {
    let asked = || -> std::io::Result<AgentStatus> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(format!("GET /status.json HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Ok(serde_json::from_str(body)?)
    };
    asked().map_or(0, |status| status.ports.iter().filter(|port| port.connected).count())
}

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
    let soak = std::env::var("LIS_SOAK_SECONDS").ok().and_then(|text| text.parse().ok());
    let seconds = soak.unwrap_or(3);
    let folder = tempfile::tempdir().unwrap();
    let (server_address, server) = serve();
    let page = support::free_address();
    std::fs::write(folder.path().join("token"), "secret\n").unwrap();
    let mut text = format!(
        "agent = 'bench'\nspool = 'spool'\nserver = '{server_address}'\ntoken_file = 'token'\nstatus_address = '{page}'\n"
    );
    let mut players = Vec::new();
    for number in 0..PORTS {
        let (line, path) = pseudo_terminal().unwrap();
        players.push(line);
        text.push_str(&format!(
            "[[port]]\ninstrument = 'BAL-{number}'\nprofile = 'mettler_mt_sics'\n\
             serial = {{ path = '{path}', baud = 115200 }}\n"
        ));
    }
    let config = folder.path().join("agent.toml");
    std::fs::write(&config, text).unwrap();
    let agent = Program::start(&config);
    until("ports open", || open_ports(&page) == PORTS);

    let (start, before) = (Instant::now(), agent.busy());
    let threads: Vec<_> = players
        .into_iter()
        .map(|line| std::thread::spawn(move || saturate(line, Duration::from_secs(seconds))))
        .collect();
    let played: Vec<(usize, Serial)> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let busy = tell_busy(start.elapsed(), before.zip(agent.busy()));

    let stored = || server.lock().unwrap().stored.len();
    let received = |port: usize| -> Vec<u8> {
        let instrument = format!("BAL-{port}");
        let server = server.lock().unwrap();
        let mine = server.stored.iter().filter(|message| message.instrument == instrument);
        mine.inspect(|message| assert_eq!(message.kind, MessageKind::Message))
            .flat_map(|message| message.bytes.iter().copied())
            .collect()
    };
    for (port, (count, _line)) in played.iter().enumerate() {
        let last = format!("{:>10}.5 g\r", count - 1);
        let mut known = 0;
        while !received(port).ends_with(last.as_bytes()) {
            until("more lines arrive", || stored() > known);
            known = stored();
        }
        let text = String::from_utf8(received(port)).unwrap();
        let numbers: Vec<usize> = text
            .split(['\r', '\n'])
            .filter(|line| !line.is_empty())
            .map(|line| line.strip_prefix("S S ").unwrap().trim_end_matches(".5 g").trim().parse().unwrap())
            .collect();
        assert_eq!(numbers, (0..*count).collect::<Vec<_>>(), "port {port}");
    }
    // A short run on a busy machine says little, and an unoptimised build nothing.
    if let (Some(busy), Some(_), false) = (busy, soak, cfg!(debug_assertions)) {
        assert!(busy <= MOST_BUSY, "{busy:.1} % of one core");
    }
}

/// Per cent of one core, from the processor time before and after in hundredths of a second.
fn tell_busy(time: Duration, busy: Option<(u64, u64)>) -> Option<f64> {
    let share = busy.map(|(before, after)| (after - before) as f64 / time.as_secs_f64());
    let text = match share {
        Some(share) => {
            format!(
                "two saturated ports: the agent kept one core {share:.1} % busy (a release build: {MOST_BUSY} at most)"
            )
        }
        None => "SKIPPED: how busy the agent is with two saturated ports, this system has no /proc".to_string(),
    };
    // Straight to the terminal: the test runner keeps what a passing test prints to itself.
    let _ = writeln!(std::io::stderr(), "{text}");
    share
}
