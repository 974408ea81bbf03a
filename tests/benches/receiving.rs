//! How many messages a second an analyser can deliver over one TCP connection, every message durable before the ACK that
//! completes it: `cargo bench -p lis-tests --bench receiving`.
//!
//! The message is that of a real analyser where `../shared` is there, frame for frame as it was captured. Prints the rate of
//! plain appends of the same bytes with `fdatasync` on the same disk in the same run beside it; the ratio holds on every
//! machine, the rates are those of its disk.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use instrument_drivers::agent::{
    Acknowledged, Agent, AgentConfig, PortConfig, SpooledMessage, Upstream, UpstreamError,
};
use instrument_drivers::wire::astm_frame::{ACK, ENQ, EOT, LF, frames_of};
use lis_tests::figures;

const MEASURE: Duration = Duration::from_secs(5);
/// Messages a second, and the part of the plain rate.
const AIM: f64 = 1_000.0;
const AIM_RATIO: f64 = 0.2;
/// Seven frames of a cobas c111, each with LF behind its check sum.
const REAL: &str = "../../shared/instruments/senaite.astm/cobas_c111.txt";
/// The profile of that analyser.
const PROFILE: &str = "roche_cobas";
/// Seven frames of about the same size, where the captures are not there.
const RECORDS: &str = "H|\\^&|||c111^Bench^1|||||host|RSUPL|P|1|20260412081500\rP|1||F26-000301|||||M||||||40\r\
    O|1|F26-000301|1^1^1|^^^684|R||20260412080000|||||||||||||||||||F\r\
    R|1|^^^684|5.43|mmol/L||N||F||OP1||20260412081200|c111\rC|1|I|0|I\rM|1|RR^BM^c111^1|684|1|12|0.0123\rL|1|N\r";

/// Takes everything: only receiving is measured, beside the forwarding that always runs.
struct Taker;

impl Upstream for Taker {
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        Ok(Acknowledged { highest_seq: batch.last().map_or(0, |last| last.seq) })
    }
}

fn main() -> std::io::Result<()> {
    let folder = std::env::temp_dir().join(format!("receiving-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let frames = frames();
    assert_eq!(frames.len(), 7);
    let before = plain_rate(&folder, &frames.concat())?;
    let received = message_rate(&folder, &frames)?;
    let after = plain_rate(&folder, &frames.concat())?;
    let plain = (before + after) / 2.0;
    println!("plain appends with fdatasync       {plain:8.0} a second");
    println!(
        "messages of 7 frames, durable      {received:8.0} a second, {}; ratio to the plain rate, {}",
        figures::at_least(AIM, received),
        figures::at_least(AIM_RATIO, received / plain)
    );
    std::fs::remove_dir_all(&folder)
}

/// The frames of one message as an instrument sends them.
fn frames() -> Vec<Vec<u8>> {
    match std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(REAL)) {
        Ok(bytes) => bytes.split_inclusive(|byte| *byte == LF).map(<[u8]>::to_vec).collect(),
        Err(_) => {
            eprintln!("SKIPPED: {REAL} is not there; a message of our own is sent instead");
            frames_of(RECORDS.as_bytes(), 240).iter().map(|frame| frame.encode()).collect()
        }
    }
}

fn plain_rate(folder: &Path, bytes: &[u8]) -> std::io::Result<f64> {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("plain"))?;
    let (start, mut count) = (Instant::now(), 0u32);
    while start.elapsed() < MEASURE {
        file.write_all(bytes)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

fn message_rate(folder: &Path, frames: &[Vec<u8>]) -> std::io::Result<f64> {
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let port = PortConfig { tcp_listen: Some(address.clone()), ..PortConfig::new("X-1", PROFILE) };
    let config = AgentConfig {
        agent: "bench".into(),
        spool: folder.join("spool"),
        server: None,
        token_file: None,
        ca_file: None,
        status_address: None,
        keep_days: 30,
        ports: vec![port],
    };
    let agent = Agent::start(config, Arc::new(Taker)).map_err(std::io::Error::other)?;
    let mut stream = loop {
        match TcpStream::connect(&address) {
            Ok(stream) => break stream,
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    stream.set_nodelay(true)?;
    let mut ask = |bytes: &[u8]| -> std::io::Result<()> {
        stream.write_all(bytes)?;
        let mut answer = [0u8];
        stream.read_exact(&mut answer)?;
        if answer[0] == ACK { Ok(()) } else { Err(std::io::Error::other("not acknowledged")) }
    };
    let (start, mut count) = (Instant::now(), 0u32);
    while start.elapsed() < MEASURE {
        // The end of the last session and the beginning of this one in one segment.
        ask(if count == 0 { &[ENQ] } else { &[EOT, ENQ] })?;
        for frame in frames {
            ask(frame)?;
        }
        count += 1;
    }
    let rate = f64::from(count) / start.elapsed().as_secs_f64();
    agent.stop();
    Ok(rate)
}
