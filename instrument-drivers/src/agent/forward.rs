//! From the spool to the server: in order, in batches, with back-off, as long as it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::spool::{Spool, SpooledMessage};
use super::status::Board;

/// Where messages go. The server that hosts the agent brings its own.
pub trait Upstream: Send + Sync {
    /// Takes a batch: messages of one stream, consecutive, in order. `Ok` means that everything up to and including
    /// `highest_seq` is durable there; repeats are accepted and change nothing.
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError>;
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
    /// The server will not take this from this agent: wrong token, unknown instrument. A person has to look.
    #[error("the server refuses: {0}")]
    Refused(String),
}

/// Messages per batch.
pub const BATCH_MESSAGES: usize = 200;
/// Bytes per batch, about: one request stays small enough for any proxy.
pub const BATCH_BYTES: usize = 4 << 20;
/// First and longest pause after a failure; each failure doubles it.
pub const FIRST_PAUSE: Duration = Duration::from_millis(500);
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Runs until `stop`. What is not delivered then stays in the spool.
pub fn run(spool: &Spool, upstream: &Arc<dyn Upstream>, board: &Board, stop: &AtomicBool) {
    let mut pause = FIRST_PAUSE;
    while !stop.load(Ordering::Relaxed) {
        match forward_once(spool, upstream.as_ref()) {
            Ok(0) => {
                board.forwarded(None);
                spool.wait(Duration::from_millis(500));
            }
            Ok(_) => {
                pause = FIRST_PAUSE;
                board.forwarded(None);
            }
            Err(error) => {
                if board.forwarded(Some(error.clone())) {
                    tracing::warn!(pause_s = pause.as_secs_f32(), "Forwarding failed: {error}");
                }
                sleep(pause, stop);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// One batch; returns how many messages became acknowledged.
pub fn forward_once(spool: &Spool, upstream: &dyn Upstream) -> Result<u64, String> {
    let batch =
        spool.pending(BATCH_MESSAGES, BATCH_BYTES).map_err(|error| format!("the spool cannot be read: {error}"))?;
    let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
        return Ok(0);
    };
    match upstream.deliver(&batch) {
        Ok(Acknowledged { highest_seq }) => {
            let highest = highest_seq.min(last.seq);
            if highest < first.seq {
                return Err(format!("the server took nothing of the batch {}..{}", first.seq, last.seq));
            }
            spool.acknowledge(highest).map_err(|error| format!("the acknowledgement cannot be noted: {error}"))?;
            Ok(highest + 1 - first.seq)
        }
        Err(UpstreamError::Hole { stored }) => match spool.rewind(stored) {
            Ok(true) => {
                tracing::warn!(stored, "The server has less than it acknowledged; sending again from there");
                Ok(0)
            }
            Ok(false) => Err(UpstreamError::Hole { stored }.to_string()),
            Err(error) => Err(format!("the acknowledgement cannot be taken back: {error}")),
        },
        Err(error) => Err(error.to_string()),
    }
}

/// Sleeps in short steps so that a stop is noticed.
pub fn sleep(time: Duration, stop: &AtomicBool) {
    let step = Duration::from_millis(50);
    let mut left = time;
    while !left.is_zero() && !stop.load(Ordering::Relaxed) {
        let now = left.min(step);
        std::thread::sleep(now);
        left -= now;
    }
}
