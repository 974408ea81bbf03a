//! What the agent asks of the server: to take its messages, and to tell what is to be done.

use super::status::AgentStatus;
use crate::disk::spool::SpooledMessage;
use crate::disk::worklists::Fetched;

/// Where messages go. The server that hosts the agent brings its own.
pub trait Upstream: Send + Sync {
    /// Takes a batch: messages of one stream, consecutive, in order. `Ok` means that everything up to and including
    /// `highest_seq` is durable there; repeats are accepted and change nothing.
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError>;

    /// How the agent stands, before each batch, to travel with it.
    fn report(&self, status: &AgentStatus) {
        let _ = status;
    }

    /// What is to be done at an instrument, unless it is as it was under the tag that is known here. An upstream that knows
    /// of no work says that nothing has changed.
    fn work_list(&self, instrument: &str, known: Option<&str>) -> Result<Fetched, UpstreamError> {
        let _ = (instrument, known);
        Ok(Fetched::Unchanged)
    }

    /// The same by itself, when there was nothing to bring for a while: the agent lives.
    fn announce(&self, status: &AgentStatus) -> Result<(), UpstreamError> {
        self.report(status);
        Ok(())
    }

    /// Milliseconds by which this clock is ahead of the upstream's, as far as it is known.
    fn clock_difference_ms(&self) -> Option<i64> {
        None
    }

    /// Rows of an instrument that wait for a person there, as it last said; `None`: not known.
    fn held(&self, instrument: &str) -> Option<u64> {
        let _ = instrument;
        None
    }
}

/// The answer of an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Highest number of the stream that is stored without a hole below it.
    pub highest_seq: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// Try again later: no network, server busy or restarting.
    #[error("the server cannot be reached now: {0}")]
    Unreachable(String),
    /// The batch does not follow what the server has; it names what it has.
    #[error("the server is missing messages: it has the stream up to {stored}")]
    Hole { stored: u64 },
    /// The server has other messages under these numbers: the spool was copied, or brought back from a copy.
    #[error("the server has other messages under these numbers: {0}")]
    Copied(String),
    /// The batch is larger than the server, or something on the way to it, takes.
    #[error("the batch is too large for the server: {0}")]
    TooLarge(String),
    /// The server takes batches of this agent, but not this one: one of its messages breaks a rule that no repeating mends.
    #[error("the server does not take the batch as it is: {0}")]
    Unfit(String),
    /// The server will not take this from this agent: wrong token, unknown instrument. A person has to look.
    #[error("the server refuses: {0}")]
    Refused(String),
}

/// Largest message that is offered to a server: 64 MiB travel as 86 MiB of base64.
pub const LARGEST_MESSAGE_BYTES: usize = 64 << 20;
