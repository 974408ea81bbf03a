//! What the agent is doing, for people: per port the last message and error, and the backlog.

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A snapshot of the whole agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentStatus {
    pub agent: String,
    pub stream: uuid::Uuid,
    /// Highest number stored.
    pub last_seq: u64,
    /// Stored and not yet acknowledged by the server.
    pub backlog: u64,
    pub forward_error: Option<String>,
    pub ports: Vec<PortStatus>,
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
    pub last_message_at: Option<DateTime<Utc>>,
    pub last_byte_at: Option<DateTime<Utc>>,
    pub error: Option<String>,
    /// The last remark of the protocol: damage, a tolerance used.
    pub note: Option<String>,
}

/// Where ports and the forwarder write down what happens.
#[derive(Debug, Default)]
pub struct Board {
    ports: Mutex<BTreeMap<String, PortStatus>>,
    forward_error: Mutex<Option<String>>,
}

impl Board {
    /// Changes the status of one port.
    pub fn port(&self, instrument: &str, change: impl FnOnce(&mut PortStatus)) {
        let mut ports = self.ports.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let status = ports
            .entry(instrument.to_string())
            .or_insert_with(|| PortStatus { instrument: instrument.to_string(), ..PortStatus::default() });
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
