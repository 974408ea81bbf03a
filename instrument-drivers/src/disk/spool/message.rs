//! One message: what its bytes are, where they came from, and its number.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the bytes of a message are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A complete message of an instrument, as received.
    Message,
    /// A whole file, as found in the folder.
    File,
    /// Bytes of a message that never became complete. Evidence; never filed.
    Partial,
    /// Stands for a message that the server does not take and that stays on the agent's disk. The bytes are the JSON text
    /// of a [`Withheld`](super::Withheld), not what the instrument sent; never read with a profile.
    Withheld,
}

impl MessageKind {
    /// As it is stored and sent.
    pub fn code(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::File => "file",
            Self::Partial => "partial",
            Self::Withheld => "withheld",
        }
    }
}

/// One message as stored and forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpooledMessage {
    pub stream: Uuid,
    /// From 1, without holes within the stream.
    pub seq: u64,
    /// Code of the instrument (the source), as in the configuration.
    pub instrument: String,
    pub kind: MessageKind,
    /// UTC, whole milliseconds.
    pub received_at: DateTime<Utc>,
    /// Of `bytes`, lower-case hex.
    pub sha256: String,
    pub bytes: Vec<u8>,
    /// Name within the folder, for files.
    pub file_name: Option<String>,
}
