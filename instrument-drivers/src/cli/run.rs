//! `run`, `status`, `listen` and `record`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Place, print};
use crate::agent::{
    Acknowledged, Agent, AgentConfig, AgentStatus, HttpUpstream, MessageKind, PortConfig, SpooledMessage, Upstream,
    UpstreamError,
};
use crate::profile::{Context, Profile};

/// The status file is written so often; `status` calls it old after three times as long.
const STATUS_EVERY: Duration = Duration::from_secs(2);

/// Runs until the process is ended. Ending it at any moment loses nothing: the spool is durable.
pub fn run(path: &Path, resend_withheld: bool) -> Result<(), String> {
    let config = AgentConfig::load(path).map_err(|error| error.to_string())?;
    let server = config.server.clone().ok_or("server is missing in the configuration: the address to forward to")?;
    let token = config.token()?;
    let upstream = Arc::new(match config.ca()? {
        Some(pem) => HttpUpstream::with_ca(&config.agent, &server, &token, &pem)?,
        None => HttpUpstream::new(&config.agent, &server, &token),
    });
    let status_file = status_file(&config);
    let agent = Agent::start(config, upstream).map_err(|error| error.to_string())?;
    tracing::info!("Agent running");
    if resend_withheld {
        let count = agent.resend_withheld().map_err(|error| format!("withheld messages cannot be read: {error}"))?;
        tracing::info!(count, "Withheld messages are offered again");
    }
    loop {
        let text = serde_json::to_vec_pretty(&agent.status()).map_err(|error| error.to_string())?;
        let beside = status_file.with_extension("new");
        if let Err(error) = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, &status_file)) {
            tracing::warn!("The status file cannot be written: {error}");
        }
        std::thread::sleep(STATUS_EVERY);
    }
}

fn status_file(config: &AgentConfig) -> PathBuf {
    config.spool.join("status.json")
}

pub fn status(path: &Path, json: bool) -> Result<(), String> {
    let config = AgentConfig::load(path).map_err(|error| error.to_string())?;
    let file = status_file(&config);
    let text = std::fs::read_to_string(&file)
        .map_err(|error| format!("{}: {error}; has the agent ever run with this configuration?", file.display()))?;
    if json {
        return print(&format!("{text}\n"));
    }
    let status: AgentStatus = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    print(&in_words(status, Utc::now()))
}

/// What the status file says, for people.
fn in_words(status: AgentStatus, now: DateTime<Utc>) -> String {
    let mut lines = Vec::new();
    let age = now - status.at;
    if age.to_std().is_ok_and(|age| age > STATUS_EVERY * 3) {
        lines.push(format!("THE AGENT IS NOT RUNNING: this is how it stood at {}", status.at));
    }
    lines.push(format!("agent {}, stream {}", status.agent, status.stream));
    lines.push(format!("stored {}, waiting for the server {}", status.last_seq, status.backlog));
    if let Some(error) = status.forward_error {
        lines.push(format!("forwarding: {error}"));
    }
    if let Some(ms) = status.clock_difference_ms {
        lines.push(format!("this clock is ahead of the server's by {ms} ms"));
    }
    if status.withheld_count > status.withheld.len() as u64 {
        lines.push(format!("NOT TAKEN BY THE SERVER: {} messages; the newest are", status.withheld_count));
    }
    for one in &status.withheld {
        let name = one.file_name.as_deref().unwrap_or(&one.instrument);
        lines.push(format!(
            "NOT TAKEN BY THE SERVER: {name}, {} bytes, kept in the spool as withheld/{}: {}",
            one.bytes, one.kept_as, one.why
        ));
    }
    for port in status.ports {
        let state = if port.connected { "open" } else { "CLOSED" };
        let last = port.last_message_at.map_or("no message yet".to_string(), |at| format!("last message {at}"));
        lines.push(format!("{}: {}, {state}, {} messages, {last}", port.instrument, port.port, port.messages));
        for (what, text) in [("error", port.error), ("note", port.note)] {
            lines.extend(text.map(|text| format!("  {what}: {text}")));
        }
    }
    lines.join("\n") + "\n"
}

/// Prints what arrives instead of forwarding it.
struct Printer {
    profile: Mutex<Profile>,
}

impl Upstream for Printer {
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        let profile = self.profile.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for message in batch {
            println!("{} {} {} ({} bytes)", message.received_at, kind(message.kind), message.seq, message.bytes.len());
            // Halves of messages are never read: half a number looks like a number.
            if !matches!(message.kind, MessageKind::Message | MessageKind::File) {
                continue;
            }
            let context = Context { file_name: message.file_name.clone(), ..Context::default() };
            let reading = profile.read(&message.bytes, &context);
            for one in &reading.observations {
                println!(
                    "  {} | {} | {} | {} | {} | {}",
                    one.sample_id,
                    one.analyte,
                    one.value,
                    one.unit,
                    one.flag,
                    one.role.name()
                );
            }
            for trouble in &reading.troubles {
                println!("  trouble: {trouble}");
            }
        }
        Ok(Acknowledged { highest_seq: batch.last().map_or(0, |last| last.seq) })
    }
}

fn kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Message => "message",
        MessageKind::File => "file",
        MessageKind::Partial => "partial",
        MessageKind::Withheld => "withheld",
    }
}

pub fn listen(at: &Place, profile: &str, spool: Option<&Path>, record: Option<&Path>) -> Result<(), String> {
    let loaded = Profile::load(profile).map_err(|error| error.to_string())?;
    let port = PortConfig {
        serial: at.serial(),
        tcp_listen: at.listen.clone(),
        tcp_connect: at.connect.clone(),
        record: record.map(Path::to_path_buf),
        ..PortConfig::new("line", profile)
    };
    let spool = spool.map_or_else(
        || std::env::temp_dir().join(format!("instrument-agent-{}", std::process::id())),
        Path::to_path_buf,
    );
    let config = AgentConfig {
        agent: "listen".into(),
        spool,
        server: None,
        token_file: None,
        ca_file: None,
        status_address: None,
        keep_days: 30,
        ports: vec![port],
    };
    let printer = Arc::new(Printer { profile: Mutex::new(loaded) });
    let _agent = Agent::start(config, printer).map_err(|error| error.to_string())?;
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}
