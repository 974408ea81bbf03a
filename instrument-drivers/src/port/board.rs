//! The board on which the ports and the forwarder write down what happens, for whoever tells how the agent stands.

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::settings::PortSettings;

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
    /// Rows of the instrument that wait for a person at the server, as it last said; `None`: not known.
    #[serde(default)]
    pub held: Option<u64>,
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
