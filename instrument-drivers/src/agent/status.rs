//! What the agent is doing, for people and for the server: per port the last message and error, the backlog, the clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Clock;
use super::dispatches::{Dispatches, Settled};
use super::forward::Upstream;
use super::settings::PortSettings;
use super::spool::{Spool, Withheld};

/// A snapshot of the whole agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentStatus {
    pub agent: String,
    /// Of the program.
    #[serde(default)]
    pub version: String,
    pub stream: uuid::Uuid,
    /// Highest number stored.
    pub last_seq: u64,
    /// Stored and not yet acknowledged by the server.
    pub backlog: u64,
    pub forward_error: Option<String>,
    /// Milliseconds by which this clock is ahead of the server's; from the `Date` of its answers, so good to a second.
    #[serde(default)]
    pub clock_difference_ms: Option<i64>,
    /// How many messages the server did not take; they stay on this disk.
    #[serde(default)]
    pub withheld_count: u64,
    /// The newest of them, oldest first.
    #[serde(default)]
    pub withheld: Vec<Withheld>,
    pub ports: Vec<PortStatus>,
    /// How it went with what persons sent, as long as the server may not know it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dispatches: Vec<Settled>,
    /// Since when the agent runs with its configuration; agents from before it was told say nothing.
    #[serde(default)]
    pub started_at: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
}

/// One port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortStatus {
    pub instrument: String,
    /// `serial /dev/ttyUSB0`, `tcp 127.0.0.1:4000`, `folder C:\exports`.
    pub port: String,
    /// The port is open, the connection stands, the folder can be read.
    pub connected: bool,
    /// Messages stored since the agent started.
    pub messages: u64,
    /// Also of before the agent started; of folders the last file out of any of them.
    pub last_message_at: Option<DateTime<Utc>>,
    pub last_byte_at: Option<DateTime<Utc>>,
    pub error: Option<String>,
    /// The last remark of the protocol: damage, a tolerance used.
    pub note: Option<String>,
    /// How it is set up; agents from before it was told say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<PortSettings>,
}

/// Knows where everything stands that a status tells.
pub struct Reporter {
    pub agent: String,
    pub spool: Arc<Spool>,
    pub board: Arc<Board>,
    pub dispatches: Arc<Dispatches>,
    pub upstream: Arc<dyn Upstream>,
    pub clock: Clock,
    pub started_at: DateTime<Utc>,
}

/// Withheld messages that a status names: it travels with every batch, so it does not grow with what lies there.
const WITHHELD_NAMED: usize = 20;

impl Reporter {
    pub fn status(&self) -> AgentStatus {
        let (withheld_count, withheld) = self.spool.newest_withheld(WITHHELD_NAMED);
        AgentStatus {
            agent: self.agent.clone(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            stream: self.spool.stream(),
            last_seq: self.spool.last_seq(),
            backlog: self.spool.backlog(),
            forward_error: self.board.forward_error(),
            clock_difference_ms: self.upstream.clock_difference_ms(),
            withheld_count,
            withheld,
            ports: self.board.ports(),
            dispatches: self.dispatches.all(),
            started_at: Some(self.started_at),
            at: (self.clock)(),
        }
    }
}

/// Where ports and the forwarder write down what happens.
#[derive(Debug, Default)]
pub struct Board {
    /// By instrument and place.
    ports: Mutex<BTreeMap<(String, String), PortStatus>>,
    forward_error: Mutex<Option<String>>,
}

impl Board {
    /// Changes the status of one port.
    pub fn port(&self, instrument: &str, place: &str, change: impl FnOnce(&mut PortStatus)) {
        let mut ports = self.ports.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (instrument, port) = (instrument.to_string(), place.to_string());
        let status = ports.entry((instrument.clone(), port.clone())).or_insert_with(|| PortStatus {
            instrument,
            port,
            ..PortStatus::default()
        });
        change(status);
    }

    /// Notes how forwarding went; true when that is news.
    pub fn forwarded(&self, error: Option<String>) -> bool {
        let mut last = self.forward_error.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let news = *last != error;
        *last = error;
        news
    }

    pub fn forward_error(&self) -> Option<String> {
        self.forward_error.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    pub fn ports(&self) -> Vec<PortStatus> {
        self.ports.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).values().cloned().collect()
    }
}
