//! The server over HTTP(S): `POST /api/v1/agent/messages` with a bearer token.
//!
//! The body is a JSON list of messages with their bytes in base64; the answer is `{"stored": <highest seq>}`. A hole is
//! answered 409 with the same member.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};

use super::forward::{Acknowledged, Upstream, UpstreamError};
use super::spool::{MessageKind, SpooledMessage};

/// One message as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireMessage {
    /// Name of the agent in its configuration.
    pub agent: String,
    pub stream: uuid::Uuid,
    pub seq: u64,
    pub instrument: String,
    pub kind: MessageKind,
    /// RFC 3339, UTC, whole milliseconds.
    pub received_at: String,
    pub sha256: String,
    /// Base64, standard alphabet with padding.
    pub bytes: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

impl WireMessage {
    pub fn of(agent: &str, message: &SpooledMessage) -> WireMessage {
        WireMessage {
            agent: agent.to_string(),
            stream: message.stream,
            seq: message.seq,
            instrument: message.instrument.clone(),
            kind: message.kind,
            received_at: message.received_at.to_rfc3339_opts(SecondsFormat::Millis, true),
            sha256: message.sha256.clone(),
            bytes: STANDARD.encode(&message.bytes),
            file_name: message.file_name.clone(),
        }
    }

    /// The message itself, with its hash checked. The error says what is wrong.
    pub fn open(&self) -> Result<SpooledMessage, String> {
        let bytes = STANDARD.decode(&self.bytes).map_err(|error| format!("bytes: not base64: {error}"))?;
        let sha256 = super::spool::sha256(&bytes);
        if sha256 != self.sha256 {
            return Err(format!("sha256: the bytes have {sha256}"));
        }
        let received_at = chrono::DateTime::parse_from_rfc3339(&self.received_at)
            .map_err(|error| format!("received_at: {error}"))?
            .with_timezone(&chrono::Utc);
        Ok(SpooledMessage {
            stream: self.stream,
            seq: self.seq,
            instrument: self.instrument.clone(),
            kind: self.kind,
            received_at,
            sha256,
            bytes,
            file_name: self.file_name.clone(),
        })
    }
}

#[derive(Debug, Deserialize)]
struct Stored {
    stored: u64,
}

/// The HTTP side of the agent.
pub struct HttpUpstream {
    agent: String,
    url: String,
    token: String,
    client: ureq::Agent,
}

/// A request is given up after this time; the batch is sent again later.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

impl HttpUpstream {
    /// `server`: address such as `https://lis.example:8443`, without a path.
    pub fn new(agent: &str, server: &str, token: &str) -> Self {
        let config =
            ureq::Agent::config_builder().timeout_global(Some(REQUEST_TIMEOUT)).http_status_as_error(false).build();
        HttpUpstream {
            agent: agent.to_string(),
            url: format!("{}/api/v1/agent/messages", server.trim_end_matches('/')),
            token: token.to_string(),
            client: config.into(),
        }
    }
}

impl Upstream for HttpUpstream {
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        let body: Vec<WireMessage> = batch.iter().map(|message| WireMessage::of(&self.agent, message)).collect();
        let answer = self
            .client
            .post(&self.url)
            .header("authorization", format!("Bearer {}", self.token))
            .send_json(&body)
            .map_err(|error| UpstreamError::Unreachable(error.to_string()))?;
        let status = answer.status().as_u16();
        let text =
            answer.into_body().read_to_string().map_err(|error| UpstreamError::Unreachable(error.to_string()))?;
        let stored = serde_json::from_str::<Stored>(&text).ok().map(|answer| answer.stored);
        match (status, stored) {
            (200..=299, Some(highest_seq)) => Ok(Acknowledged { highest_seq }),
            (409, Some(stored)) => Err(UpstreamError::Hole { stored }),
            (408 | 425 | 429 | 500..=599, _) => Err(UpstreamError::Unreachable(format!("status {status}"))),
            _ => Err(UpstreamError::Refused(format!("status {status}: {}", first_line(&text)))),
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}
