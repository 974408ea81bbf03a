//! Byte protocols without I/O: bytes and time in, actions out.
//!
//! A link never answers for a frame before [`Link::kept`] says that it is stored: the answer "received" means "safe on
//! disk". The thread in `port/` reads, stores, writes and sleeps until [`Link::deadline`]; it decides nothing.

pub mod astm_capture;
pub mod astm_frame;
pub mod astm_link;
pub mod astm_orders;
pub mod astm_records;
pub mod astm_tolerances;
pub mod balances;
pub mod hl7;
pub mod hl7_orders;
pub mod lines;
pub mod mllp;
pub mod mt_sics;
pub mod strip;
pub mod vidas;

use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, Utc};

/// Instruments show the laboratory's time: UTC+8.
const CHINA_OFFSET_S: i32 = 8 * 3600;

/// How ASTM and HL7 write a time: `YYYYMMDDHHMMSS`, as the clock on the wall shows it.
pub fn written(at: DateTime<Utc>) -> String {
    let local =
        FixedOffset::east_opt(CHINA_OFFSET_S).map_or(at.naive_utc(), |zone| at.with_timezone(&zone).naive_local());
    local.format("%Y%m%d%H%M%S").to_string()
}

/// What a link wants done, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Write these bytes to the line.
    Send(Vec<u8>),
    /// Store this piece, then call [`Link::kept`]. Always the last action of a list.
    Keep {
        /// Bytes as received: one frame, one line.
        piece: Vec<u8>,
        /// The whole message when this piece completes it; it must be durable before `kept(true)`.
        message: Option<Vec<u8>>,
    },
    /// An unfinished message was given up. Its bytes are evidence, never a result.
    Discard { bytes: Vec<u8>, why: String },
    /// The oldest queued outgoing message was accepted completely.
    Delivered,
    /// The oldest queued outgoing message was given up.
    NotDelivered { why: String },
    /// Something worth a line in the log: damage, a tolerance used, a restart.
    Note(String),
}

/// One side of one connection.
pub trait Link: Send {
    /// Bytes from the line: half a frame, or three.
    fn received(&mut self, now: Instant, bytes: &[u8]) -> Vec<Action>;
    /// The answer to the last [`Action::Keep`].
    fn kept(&mut self, now: Instant, ok: bool) -> Vec<Action>;
    /// When [`Link::tick`] must be called at the latest.
    fn deadline(&self) -> Option<Instant>;
    /// Time has passed.
    fn tick(&mut self, now: Instant) -> Vec<Action>;
    /// The connection has ended. What may still become a message does so now; halves are discarded as evidence. By
    /// default as if an hour had passed: every wait of every protocol is over then.
    fn closed(&mut self, now: Instant) -> Vec<Action> {
        self.tick(now + Duration::from_secs(3600))
    }
    /// Queues a message for the instrument. Protocols that only listen refuse.
    fn send(&mut self, now: Instant, message: &[u8]) -> Result<Vec<Action>, String> {
        let _ = (now, message);
        Err("this protocol does not send messages to the instrument".into())
    }
}
