//! What the agent is doing, for people and for the server: per port the last message and error, the backlog, the clock.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::disk::dispatches::Settled;
use crate::disk::spool::Withheld;
use crate::port::board::PortStatus;

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
