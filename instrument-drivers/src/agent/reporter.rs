//! Asks all parts of the agent how they stand.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::status::AgentStatus;
use super::upstream::Upstream;
use crate::clock::Clock;
use crate::disk::dispatches::Dispatches;
use crate::disk::spool::Spool;
use crate::port::board::{Board, PortStatus};

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
            ports: self.board.ports().into_iter().map(|port| self.with_held(port)).collect(),
            dispatches: self.dispatches.all(),
            started_at: Some(self.started_at),
            at: (self.clock)(),
        }
    }

    fn with_held(&self, port: PortStatus) -> PortStatus {
        PortStatus { held: self.upstream.held(&port.instrument), ..port }
    }
}
