//! The server over HTTP(S): `POST /api/v1/agent/messages` with a bearer token.
//!
//! Work lists come by `GET /api/v1/agent/worklists?instrument=CODE`, with the tag of the list that is known here.
//!
//! The body is a [`Delivery`]: messages with their bytes in base64, and how the agent stands; without messages it only says
//! that the agent lives. The answer is `{"stored": <highest seq>, "held": {<instrument>: <rows that wait for a person>}}`; older
//! servers leave `held` out. A hole is answered 409 with the same member, a number under
//! which the server has another message 409 with the reason `messages-differ`, a body that is too large 413, a message that
//! breaks a rule of the route 422.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};

use super::status::AgentStatus;
use super::upstream::{Acknowledged, LARGEST_MESSAGE_BYTES, Upstream, UpstreamError};
pub use crate::disk::names::{AGENT_MOST, CODE_MOST, FILE_NAME_MOST, is_name};
use crate::disk::sha256;
use crate::disk::spool::{MessageKind, SpooledMessage};
use crate::disk::worklists::Fetched;
use crate::work::WorkList;

/// Longest body of one request, in bytes: 96 MiB. The server holds a body in memory while it reads it, and no export of an
/// instrument needs more. Both sides take the limit from here.
pub const DELIVERY_LIMIT_BYTES: usize = 96 << 20;
/// Beside the bytes of its messages a body holds their heads and the status: names, notes, errors. 8 MiB is plenty.
const HEADS_BYTES: usize = 8 << 20;
const _: () = assert!(LARGEST_MESSAGE_BYTES.div_ceil(3) * 4 + HEADS_BYTES <= DELIVERY_LIMIT_BYTES);

/// What one request carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// None when the agent only says that it lives.
    #[serde(default)]
    pub messages: Vec<WireMessage>,
    /// How the agent stands: backlog, ports, clock difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AgentStatus>,
}

impl Delivery {
    /// Reads a body: an object, or a bare list of messages.
    pub fn parse(body: &[u8]) -> Result<Delivery, serde_json::Error> {
        match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[') => Ok(Delivery { messages: serde_json::from_slice(body)?, status: None }),
            _ => serde_json::from_slice(body),
        }
    }
}

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
        let sha256 = sha256(&bytes);
        if sha256 != self.sha256 {
            return Err(format!("sha256: the bytes have {sha256}"));
        }
        let received_at = DateTime::parse_from_rfc3339(&self.received_at)
            .map_err(|error| format!("received_at: {error}"))?
            .with_timezone(&Utc);
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
    /// Rows that wait for a person, by instrument.
    #[serde(default)]
    held: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
struct WorkListsAnswered {
    items: Vec<WorkList>,
}

/// The HTTP side of the agent.
pub struct HttpUpstream {
    agent: String,
    url: String,
    work_lists_url: String,
    token: String,
    client: ureq::Agent,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    status: Option<AgentStatus>,
    clock_difference_ms: Option<i64>,
    /// As the server last said of each instrument.
    held: BTreeMap<String, u64>,
    /// First number of the batch whose sending the other side broke off, and how often in a row.
    broken_off: (u64, u32),
}

/// A small request is given up after this time; the batch is sent again later.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// A work list is small, and an instrument may be waiting.
const WORK_LIST_TIMEOUT: Duration = Duration::from_secs(10);
/// A large one gets a second more for each of these: a line of 2 Mbit/s carries it. 256 KiB.
const BYTES_PER_SECOND: usize = 256 << 10;
/// Some servers do not answer a body that is too large, they end the connection while it is sent. A message that travels
/// as more than this (8 MiB) and was cut off so often in a row counts as too large.
const LARGE_BYTES: usize = 8 << 20;
const BROKEN_OFF_MOST: u32 = 5;

impl HttpUpstream {
    /// `server`: address such as `https://lis.example:8443`, without a path.
    pub fn new(agent: &str, server: &str, token: &str) -> Self {
        HttpUpstream::build(agent, server, token, None)
    }

    /// As `new`, but the server's certificate is checked against these certificates (PEM) and no others.
    pub fn with_ca(agent: &str, server: &str, token: &str, pem: &[u8]) -> Result<Self, String> {
        let mut roots: Vec<Certificate<'static>> = Vec::new();
        for item in ureq::tls::parse_pem(pem) {
            match item.map_err(|error| format!("ca_file: not PEM: {error}"))? {
                PemItem::Certificate(certificate) => roots.push(certificate),
                _ => return Err("ca_file: only certificates belong into it, and no private key".into()),
            }
        }
        if roots.is_empty() {
            return Err("ca_file: there is no certificate in it".into());
        }
        Ok(HttpUpstream::build(agent, server, token, Some(roots)))
    }

    fn build(agent: &str, server: &str, token: &str, roots: Option<Vec<Certificate<'static>>>) -> Self {
        let mut config = ureq::Agent::config_builder().http_status_as_error(false);
        if let Some(roots) = roots {
            let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&roots)).build();
            config = config.tls_config(tls);
        }
        HttpUpstream {
            agent: agent.to_string(),
            url: format!("{}/api/v1/agent/messages", server.trim_end_matches('/')),
            work_lists_url: format!("{}/api/v1/agent/worklists", server.trim_end_matches('/')),
            token: token.to_string(),
            client: config.build().into(),
            known: Mutex::default(),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// What a request that got no answer means.
    fn no_answer(&self, error: &ureq::Error, batch: &[SpooledMessage], body_bytes: usize) -> UpstreamError {
        let cut = matches!(error, ureq::Error::Io(error) if matches!(error.kind(),
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted));
        let first = batch.first().map_or(0, |first| first.seq);
        let mut known = self.known();
        if !cut || body_bytes <= LARGE_BYTES {
            known.broken_off = (0, 0);
            return UpstreamError::Unreachable(error.to_string());
        }
        let times = if known.broken_off.0 == first { known.broken_off.1 + 1 } else { 1 };
        known.broken_off = (first, times);
        if times < BROKEN_OFF_MOST {
            return UpstreamError::Unreachable(error.to_string());
        }
        known.broken_off = (0, 0);
        UpstreamError::TooLarge(format!("sending was broken off {times} times in a row: {error}"))
    }
}

impl HttpUpstream {
    /// One request: messages, how the agent stands, or both.
    fn send(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        let messages = batch.iter().map(|message| WireMessage::of(&self.agent, message)).collect();
        let body = serde_json::to_vec(&Delivery { messages, status: self.known().status.clone() })
            .map_err(|error| UpstreamError::Refused(format!("the batch cannot be written as JSON: {error}")))?;
        let timeout = REQUEST_TIMEOUT + Duration::from_secs((body.len() / BYTES_PER_SECOND) as u64);
        let answer = self
            .client
            .post(&self.url)
            .config()
            .timeout_global(Some(timeout))
            .build()
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .send(&body[..])
            .map_err(|error| self.no_answer(&error, batch, body.len()))?;
        let here = Utc::now();
        let there = answer.headers().get("date").and_then(|date| date.to_str().ok());
        if let Some(there) = there.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            // The date has whole seconds: on the average it is half a second old.
            self.known().clock_difference_ms = Some((here - there.with_timezone(&Utc)).num_milliseconds() - 500);
        }
        let status = answer.status().as_u16();
        let text =
            answer.into_body().read_to_string().map_err(|error| UpstreamError::Unreachable(error.to_string()))?;
        let stored = serde_json::from_str::<Stored>(&text).ok().map(|answer| {
            self.known().held.extend(answer.held);
            answer.stored
        });
        match (status, stored) {
            (200..=299, Some(highest_seq)) => Ok(Acknowledged { highest_seq }),
            (409, Some(stored)) => Err(UpstreamError::Hole { stored }),
            (409, None) if gives(&text, MESSAGES_DIFFER) => Err(UpstreamError::Copied(said(&text))),
            (413, _) => Err(UpstreamError::TooLarge(format!("status 413: {}", said(&text)))),
            (422, _) => Err(UpstreamError::Unfit(format!("status 422: {}", said(&text)))),
            (408 | 425 | 429 | 500..=599, _) => Err(UpstreamError::Unreachable(format!("status {status}"))),
            _ => Err(UpstreamError::Refused(format!("status {status}: {}", said(&text)))),
        }
    }
}

impl Upstream for HttpUpstream {
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        self.send(batch)
    }

    fn report(&self, status: &AgentStatus) {
        self.known().status = Some(status.clone());
    }

    fn work_list(&self, instrument: &str, known: Option<&str>) -> Result<Fetched, UpstreamError> {
        let unreachable = |error: ureq::Error| UpstreamError::Unreachable(error.to_string());
        let mut request = self
            .client
            .get(&self.work_lists_url)
            .query("instrument", instrument)
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(tag) = known {
            request = request.header("if-none-match", tag);
        }
        let answer = request.config().timeout_global(Some(WORK_LIST_TIMEOUT)).build().call().map_err(unreachable)?;
        let status = answer.status().as_u16();
        let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
        let text = answer.into_body().read_to_string().map_err(unreachable)?;
        let answered = serde_json::from_str::<WorkListsAnswered>(&text).ok();
        match (status, answered) {
            (304, _) => Ok(Fetched::Unchanged),
            (200..=299, Some(answered)) => {
                let list = answered.items.into_iter().find(|list| list.instrument == instrument);
                Ok(Fetched::New { list: list.unwrap_or_default(), tag })
            }
            (408 | 425 | 429 | 500..=599, _) => Err(UpstreamError::Unreachable(format!("status {status}"))),
            _ => Err(UpstreamError::Refused(format!("status {status}: {}", first_line(&text)))),
        }
    }

    fn announce(&self, status: &AgentStatus) -> Result<(), UpstreamError> {
        self.report(status);
        self.send(&[]).map(|_| ())
    }

    fn clock_difference_ms(&self) -> Option<i64> {
        self.known().clock_difference_ms
    }

    fn held(&self, instrument: &str) -> Option<u64> {
        self.known().held.get(instrument).copied()
    }
}

/// The code of the refusal of a batch that holds other messages than the server has under their numbers.
const MESSAGES_DIFFER: &str = "messages-differ";

/// Whether a problem document gives a code as a reason.
fn gives(text: &str, code: &str) -> bool {
    #[derive(Deserialize)]
    struct Problem {
        reasons: Vec<Reason>,
    }
    #[derive(Deserialize)]
    struct Reason {
        code: String,
    }
    serde_json::from_str::<Problem>(text).is_ok_and(|problem| problem.reasons.iter().any(|reason| reason.code == code))
}

/// What the server said, for a person: the sentences of a problem document, else the first line.
fn said(text: &str) -> String {
    #[derive(Deserialize)]
    struct Problem {
        detail: String,
    }
    match serde_json::from_str::<Problem>(text) {
        Ok(problem) => first_line(&problem.detail),
        Err(_) => first_line(text),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}
