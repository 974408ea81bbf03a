//! From the spool to the server: in order, in batches, with back-off, as long as it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::reporter::Reporter;
use super::upstream::{Acknowledged, LARGEST_MESSAGE_BYTES, Upstream, UpstreamError};
use crate::clock::sleep;
use crate::disk::spool::{MessageKind, Spool, SpooledMessage};
use crate::port::board::Board;

/// Messages per batch.
pub const BATCH_MESSAGES: usize = 200;
/// So long a message waits for others at most: nobody who looks at a page notices.
pub const GATHER: Duration = Duration::from_millis(20);
/// Bytes per batch, about; they travel as 8 MiB of base64. A larger message travels alone.
pub const BATCH_BYTES: usize = 6 << 20;
/// First and longest pause after a failure; each failure doubles it.
pub const FIRST_PAUSE: Duration = Duration::from_millis(500);
pub const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// An agent says so often that it lives, when no batch says it: a person looks at the server's page within minutes.
pub const REPORT_EVERY: Duration = Duration::from_secs(60);

/// Runs until `stop`. What is not delivered then stays in the spool.
pub fn run(reporter: &Reporter, upstream: &Arc<dyn Upstream>, stop: &AtomicBool) {
    let (spool, board) = (&reporter.spool, &reporter.board);
    let mut pause = FIRST_PAUSE;
    let mut next_report = Instant::now() + SETTLE;
    while !stop.load(Ordering::Relaxed) {
        let idle = spool.backlog() == 0;
        // Somebody waits at the page for how it went with what he sent.
        if reporter.dispatches.take_news() || Instant::now() >= next_report {
            let announced = upstream.announce(&reporter.status());
            next_report = Instant::now() + REPORT_EVERY;
            // While something waits, delivering it says how forwarding goes.
            if idle {
                note(board, announced.err().map(|error| error.to_string()));
            }
        }
        if idle {
            spool.wait(IDLE_LOOK);
            continue;
        }
        gather(spool, stop);
        upstream.report(&reporter.status());
        match forward_once(spool, upstream.as_ref()) {
            Ok(0) => note(board, None),
            Ok(_) => {
                pause = FIRST_PAUSE;
                next_report = Instant::now() + REPORT_EVERY;
                note(board, None);
            }
            Err(error) => {
                note(board, Some(error));
                sleep(pause, stop);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Waits a moment where little waits: what an instrument sends together travels together. Each batch is a request, a commit of
/// the server and a note on this disk, on which the instruments wait at the same time.
fn gather(spool: &Spool, stop: &AtomicBool) {
    if spool.backlog() < BATCH_MESSAGES as u64 {
        sleep(GATHER, stop);
    }
}

/// Puts how forwarding went into the status; the log gets an error once.
fn note(board: &Board, error: Option<String>) {
    if board.forwarded(error.clone())
        && let Some(error) = error
    {
        tracing::warn!("Forwarding failed: {error}");
    }
}

/// Ports open within a moment of the start: the first report waits for them.
const SETTLE: Duration = Duration::from_secs(1);
/// How long an idle forwarder sleeps at most before it looks whether it should stop. A stored message wakes it.
const IDLE_LOOK: Duration = Duration::from_millis(500);

/// One batch; returns how many messages became acknowledged. A batch that the server does not take is halved until the
/// message that is to blame stands alone; it is withheld, so that the stream goes on behind it.
pub fn forward_once(spool: &Spool, upstream: &dyn Upstream) -> Result<u64, String> {
    let batch =
        spool.pending(BATCH_MESSAGES, BATCH_BYTES).map_err(|error| format!("the spool cannot be read: {error}"))?;
    let Some(first) = batch.first() else {
        return Ok(0);
    };
    if first.bytes.len() > LARGEST_MESSAGE_BYTES {
        return withhold(spool, first, &format!("it is larger than {} MiB", LARGEST_MESSAGE_BYTES >> 20));
    }
    let mut part = &batch[..];
    loop {
        let last_seq = part.last().map_or(first.seq, |last| last.seq);
        match upstream.deliver(part) {
            Ok(Acknowledged { highest_seq }) => {
                let highest = highest_seq.min(last_seq);
                if highest < first.seq {
                    return Err(format!("the server took nothing of the batch {}..{last_seq}", first.seq));
                }
                spool.acknowledge(highest).map_err(|error| format!("the acknowledgement cannot be noted: {error}"))?;
                return Ok(highest + 1 - first.seq);
            }
            Err(UpstreamError::TooLarge(_) | UpstreamError::Unfit(_)) if part.len() > 1 => {
                part = &part[..part.len() / 2];
            }
            // A server that does not take the note in its place takes nothing now: then no further message is laid aside.
            Err(UpstreamError::TooLarge(why) | UpstreamError::Unfit(why)) if first.kind != MessageKind::Withheld => {
                return withhold(spool, first, &why);
            }
            Err(UpstreamError::Hole { stored }) => return go_back(spool, stored),
            Err(UpstreamError::Copied(why)) => return begin_anew(spool, &why),
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn withhold(spool: &Spool, message: &SpooledMessage, why: &str) -> Result<u64, String> {
    let (seq, bytes) = (message.seq, message.bytes.len());
    spool.withhold(seq, why).map_err(|error| format!("message {seq} cannot be laid aside: {error}"))?;
    tracing::error!(seq, bytes, "The server does not take a message; it stays on this disk: {why}");
    Ok(0)
}

fn begin_anew(spool: &Spool, why: &str) -> Result<u64, String> {
    spool.begin_anew().map_err(|error| format!("the spool cannot go on as a new stream: {error}"))?;
    tracing::error!("The spool was copied, or brought back from a copy; it goes on as a new stream: {why}");
    Ok(0)
}

fn go_back(spool: &Spool, stored: u64) -> Result<u64, String> {
    match spool.rewind(stored) {
        Ok(true) => {
            tracing::warn!(stored, "The server has less than it acknowledged; sending again from there");
            Ok(0)
        }
        Ok(false) => Err(UpstreamError::Hole { stored }.to_string()),
        Err(error) => Err(format!("the acknowledgement cannot be taken back: {error}")),
    }
}
