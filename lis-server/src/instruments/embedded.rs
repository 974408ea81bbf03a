//! The agent that the server hosts for instruments on its own ports: the same agent as beside any instrument, with the
//! database instead of the network behind it.

use std::path::Path;
use std::sync::Arc;

use instrument_drivers::agent::{
    Acknowledged, Agent, AgentConfig, RunningAgent, SpooledMessage, Upstream, UpstreamError,
};

use super::actions::{self, Batch};
use crate::accounts::Actor;
use crate::app::Lis;
use crate::domain::refusal::Fault;

/// Delivers into the database of this server.
struct OwnDatabase {
    lis: Lis,
    agent: String,
}

impl Upstream for OwnDatabase {
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        let batch = Arc::new(Batch { agent: self.agent.clone(), messages: batch.to_vec() });
        let by = Actor::system("agent", format!("agent:{}", self.agent));
        let stored = self.lis.db.write_now(move |tx| actions::deliver_own(tx, &by, &batch));
        match stored {
            Ok(highest_seq) => {
                self.lis.bell.ring();
                Ok(Acknowledged { highest_seq })
            }
            Err(Fault::Refused(refusal)) => Err(UpstreamError::Refused(format!("{:?}", refusal.reasons))),
            Err(fault) => Err(UpstreamError::Unreachable(fault.to_string())),
        }
    }
}

/// Reads the configuration of the server's own ports (`agent.toml` in the data directory) and starts the agent.
/// `None` when the laboratory has no such file.
pub fn start(lis: &Lis, config: &Path) -> Result<Option<RunningAgent>, String> {
    if !config.exists() {
        return Ok(None);
    }
    let config = AgentConfig::load(config).map_err(|error| error.to_string())?;
    start_with(lis, config).map(Some)
}

/// The same with a configuration at hand.
pub fn start_with(lis: &Lis, config: AgentConfig) -> Result<RunningAgent, String> {
    let upstream = OwnDatabase { lis: lis.clone(), agent: config.agent.clone() };
    let clock = lis.clock.clone();
    Agent::start_with_clock(config, Arc::new(upstream), Arc::new(move || clock.now().utc()))
        .map_err(|error| error.to_string())
}
