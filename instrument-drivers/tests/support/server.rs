//! A small HTTP server on loopback that keeps the rules of `POST /api/v1/agent/messages`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use instrument_drivers::agent::{AgentStatus, Delivery, MessageKind, SpooledMessage, WireMessage};

/// What the server holds, and what it says next instead of storing.
#[derive(Default)]
pub struct Server {
    pub stored: Vec<SpooledMessage>,
    /// What it had stored when a spool that was copied came with other messages.
    pub of_other_streams: Vec<SpooledMessage>,
    pub says: Option<(u16, String)>,
    pub tokens: Vec<String>,
    /// The last status that an agent sent.
    pub status: Option<AgentStatus>,
    /// Larger bodies are answered 413.
    pub largest_body: Option<usize>,
    /// Batches with such a message are answered 422.
    pub unfit: Option<fn(&WireMessage) -> bool>,
    /// Every second answer is lost after the messages were stored.
    pub loses_answers: bool,
    /// Nothing is taken.
    pub away: bool,
    /// Rows that wait for a person, by instrument; older servers say nothing of it.
    pub held: Option<BTreeMap<String, u64>>,
    requests: u64,
}

/// The clock of this server stands still.
pub const DATE: &str = "Tue, 10 Mar 2026 09:00:00 GMT";

/// Starts it; returns its address.
pub fn serve() -> (String, Arc<Mutex<Server>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = Arc::new(Mutex::new(Server::default()));
    let shared = server.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shared = shared.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                while let Some((path, token, body)) = request(&mut reader) {
                    let (status, answer) = shared.lock().unwrap().answer(&path, token, &body);
                    let text = format!(
                        "HTTP/1.1 {status} X\r\ndate: {}\r\ncontent-length: {}\r\n\r\n{answer}",
                        DATE,
                        answer.len()
                    );
                    // An agent that was killed no longer listens.
                    if reader.get_mut().write_all(text.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, server)
}

fn request(reader: &mut BufReader<std::net::TcpStream>) -> Option<(String, String, Vec<u8>)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|count| *count > 0)?;
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => token = value.to_string(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first.split(' ').nth(1)?.to_string(), token, body))
}

impl Server {
    fn answer(&mut self, path: &str, token: String, body: &[u8]) -> (u16, String) {
        // This server knows of no worksheets.
        if path.starts_with("/api/v1/agent/worklists") {
            return (404, String::new());
        }
        assert_eq!(path, "/api/v1/agent/messages");
        self.tokens.push(token);
        if let Some(says) = self.says.take() {
            return says;
        }
        if self.away {
            return (503, String::new());
        }
        if self.largest_body.is_some_and(|most| body.len() > most) {
            return (413, String::new());
        }
        let delivery = Delivery::parse(body).unwrap();
        if self.unfit.is_some_and(|unfit| delivery.messages.iter().any(unfit)) {
            return (422, "{\"status\": 422, \"detail\": \"The messages are not right.\"}".into());
        }
        self.status = delivery.status.or(self.status.take());
        for message in delivery.messages {
            assert_eq!(message.agent, "bench");
            let known = self.stored.get((message.seq as usize).saturating_sub(1));
            if message.kind != MessageKind::Withheld && known.is_some_and(|known| known.sha256 != message.sha256) {
                let differ = "{\"detail\": \"Other messages.\", \"reasons\": [{\"code\": \"messages-differ\"}]}";
                // The next stream is another one, of which nothing is stored.
                self.of_other_streams.append(&mut self.stored);
                return (409, differ.into());
            }
            let highest = self.stored.len() as u64;
            if message.seq > highest + 1 {
                return (409, format!("{{\"stored\":{highest}}}"));
            }
            if message.seq == highest + 1 {
                self.stored.push(message.open().unwrap());
            }
        }
        self.requests += 1;
        if self.loses_answers && self.requests.is_multiple_of(2) {
            return (503, String::new());
        }
        let mut answer = serde_json::json!({"stored": self.stored.len()});
        if let Some(held) = &self.held {
            answer["held"] = serde_json::json!(held);
        }
        (200, answer.to_string())
    }
}
