//! How many messages a second an analyser can deliver over one TCP connection, every message durable before the ACK that
//! completes it: `cargo bench -p lis-tests --bench receiving`.
//!
//! Prints the rate of plain appends with `fdatasync` on the same disk in the same run beside it; the ratio holds on every
//! machine, the rates are those of its disk.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use instrument_drivers::agent::{
    Acknowledged, Agent, AgentConfig, PortConfig, SpooledMessage, Upstream, UpstreamError,
};
use instrument_drivers::wire::astm_frame::{ACK, ENQ, EOT, frames_of};

const MEASURE: Duration = Duration::from_secs(5);
/// Seven frames, 600 bytes: the size of a message of a small analyser.
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
    let frames: Vec<Vec<u8>> = frames_of(RECORDS.as_bytes(), 240).iter().map(|frame| frame.encode()).collect();
    assert_eq!(frames.len(), 7);
    let before = plain_rate(&folder, &frames.concat())?;
    let received = message_rate(&folder, &frames)?;
    let after = plain_rate(&folder, &frames.concat())?;
    let plain = (before + after) / 2.0;
    println!("plain appends with fdatasync       {plain:8.0} a second");
    println!(
        "messages of 7 frames, durable      {received:8.0} a second (goal 1,000), ratio {:.2} (goal 0.2)",
        received / plain
    );
    std::fs::remove_dir_all(&folder)
}

fn plain_rate(folder: &std::path::Path, bytes: &[u8]) -> std::io::Result<f64> {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("plain"))?;
    let (start, mut count) = (Instant::now(), 0u32);
    while start.elapsed() < MEASURE {
        file.write_all(bytes)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

fn message_rate(folder: &std::path::Path, frames: &[Vec<u8>]) -> std::io::Result<f64> {
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let port = PortConfig { tcp_listen: Some(address.clone()), ..PortConfig::new("X-1", "generic_astm") };
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
