//! Helpers for the tests of this crate.
#![allow(dead_code)] // every test binary uses its own part

pub mod running;
pub mod server;
pub mod trap;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use instrument_drivers::agent::{
    Acknowledged, Agent, AgentConfig, AgentStatus, Fetched, FolderConfig, PortConfig, RunningAgent, SpooledMessage,
    Upstream, UpstreamError,
};
use instrument_drivers::port::{Line, tcp};
use instrument_drivers::work::WorkList;

/// A fixed morning plus seconds.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_773_133_200 + seconds, 0).unwrap()
}

/// An upstream in memory that keeps the rules of the server: no hole, repeats change nothing.
#[derive(Default)]
pub struct Shelf {
    messages: Mutex<Vec<SpooledMessage>>,
    away: AtomicBool,
    work: Mutex<WorkList>,
}

impl Shelf {
    pub fn go_away(&self) {
        self.away.store(true, Ordering::SeqCst);
    }

    pub fn come_back(&self) {
        self.away.store(false, Ordering::SeqCst);
    }

    /// What is to be done from now on, at whatever instrument asks.
    pub fn set_work(&self, work: WorkList) {
        *self.work.lock().unwrap() = work;
    }

    pub fn count(&self) -> usize {
        self.messages.lock().unwrap().len()
    }

    pub fn messages(&self) -> Vec<SpooledMessage> {
        self.messages.lock().unwrap().clone()
    }
}

impl Upstream for Shelf {
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(UpstreamError::Unreachable("away".into()));
        }
        let mut messages = self.messages.lock().unwrap();
        for message in batch {
            let stored = messages.last().map_or(0, |last| last.seq);
            if message.seq == stored + 1 {
                messages.push(message.clone());
            } else if message.seq > stored {
                return Err(UpstreamError::Hole { stored });
            }
        }
        Ok(Acknowledged { highest_seq: messages.last().map_or(0, |last| last.seq) })
    }

    fn work_list(&self, _: &str, known: Option<&str>) -> Result<Fetched, UpstreamError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(UpstreamError::Unreachable("away".into()));
        }
        Ok(Fetched::of(self.work.lock().unwrap().clone(), known))
    }
}

pub struct TestAgent(RunningAgent);

impl TestAgent {
    pub fn start(config: AgentConfig, shelf: Arc<Shelf>) -> TestAgent {
        TestAgent::try_start(config, shelf).unwrap()
    }

    pub fn try_start(config: AgentConfig, shelf: Arc<Shelf>) -> Result<TestAgent, String> {
        Agent::start(config, shelf).map(TestAgent).map_err(|error| error.to_string())
    }

    pub fn status(&self) -> AgentStatus {
        self.0.status()
    }

    pub fn send(&self, instrument: &str, message: &[u8]) {
        self.0.send(instrument, message).unwrap();
    }

    pub fn stop(self) {
        self.0.stop();
    }
}

pub fn config(spool: &Path, ports: Vec<PortConfig>) -> AgentConfig {
    AgentConfig {
        agent: "bench".into(),
        spool: spool.join("spool"),
        server: None,
        token_file: None,
        ca_file: None,
        status_address: None,
        keep_days: 30,
        ports,
    }
}

pub fn port(instrument: &str, profile: &str) -> PortConfig {
    PortConfig::new(instrument, profile)
}

pub fn folder_port(instrument: &str, path: &Path) -> PortConfig {
    let folder = FolderConfig {
        pattern: "*.csv".into(),
        look_every_ms: 60,
        rest_ms: 60,
        // Most files of these tests are one word.
        last_line_ended: false,
        ..FolderConfig::new(path)
    };
    PortConfig { folder: Some(folder), ..port(instrument, "generic_long_table") }
}

pub fn tcp_port(instrument: &str, profile: &str, address: &str) -> PortConfig {
    PortConfig { tcp_listen: Some(address.into()), ..port(instrument, profile) }
}

pub fn free_address() -> String {
    running::free_address().to_string()
}

pub fn connect(address: &str) -> Box<dyn Line> {
    let start = Instant::now();
    loop {
        match tcp::connect(address) {
            Ok(line) => return line,
            Err(error) if start.elapsed() > Duration::from_secs(10) => panic!("{address}: {error}"),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

pub fn astm_records(sample: &str, analyte: &str, value: &str) -> Vec<String> {
    vec![
        "H|\\^&|||SIM^1|||||LIS||P|LIS2-A2|20260310091500".into(),
        "P|1".into(),
        format!("O|1|{sample}||^^^{analyte}|R"),
        format!("R|1|^^^{analyte}|{value}|mg/kg||N||F||OP1||20260310091412"),
        "L|1|N".into(),
    ]
}

/// Waits for something that other threads bring about; 20 s is an answer of "never".
pub fn until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "never happened: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
