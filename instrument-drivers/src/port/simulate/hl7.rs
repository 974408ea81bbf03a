//! An HL7 analyser over MLLP: it sends messages, whole and cut, and reads the acknowledgements.

use std::io;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::LOOK;
use crate::port::line::Line;
use crate::wire::hl7;
use crate::wire::mllp::{FS, VT};

/// What the analyser does, in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Hl7Step {
    /// Sends these segments (without CR) as one message and waits for the acknowledgement.
    Message(Vec<String>),
    /// Sends the beginning of a message and never its end.
    Cut(Vec<String>),
    SilenceMs(u64),
    /// Takes orders and answers for so long, and acknowledges those with orders in them.
    ListenMs(u64),
    /// Sends bytes that mean nothing.
    Noise(Vec<u8>),
}

/// A device gives up waiting for an acknowledgement after this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// "Not now" (AR) is answered with the same message again, so often.
const TRIES: usize = 3;
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Plays the script; returns the code of the last acknowledgement of each message, `none` where nothing came.
pub fn hl7_analyser(line: &mut dyn Line, script: &[Hl7Step]) -> io::Result<Vec<String>> {
    let (mut codes, mut received) = (Vec::new(), Vec::new());
    for step in script {
        match step {
            Hl7Step::SilenceMs(ms) => std::thread::sleep(Duration::from_millis(*ms)),
            Hl7Step::ListenMs(ms) => {
                let until = Instant::now() + Duration::from_millis(*ms);
                while let Some(message) = next_message(line, &mut received, until)? {
                    if matches!(hl7::kind(&message).as_str(), "DSR" | "OML") {
                        let receipt = hl7::acknowledgement(&message, "AA", "", 1, "");
                        line.write(&[&[VT][..], receipt.as_bytes(), &[FS, b'\r']].concat())?;
                    }
                }
            }
            Hl7Step::Noise(bytes) => line.write(bytes)?,
            Hl7Step::Cut(segments) => line.write(&[&[VT][..], text(segments).as_bytes()].concat())?,
            Hl7Step::Message(segments) => {
                let message = [&[VT][..], text(segments).as_bytes(), &[FS, b'\r']].concat();
                let mut code = None;
                for attempt in 0..TRIES {
                    if attempt > 0 {
                        std::thread::sleep(AGAIN_AFTER);
                    }
                    line.write(&message)?;
                    code = acknowledgement(line, &mut received)?;
                    if code.as_deref() != Some("AR") {
                        break;
                    }
                }
                codes.push(code.unwrap_or_else(|| "none".into()));
            }
        }
    }
    Ok(codes)
}

fn text(segments: &[String]) -> String {
    segments.iter().map(|segment| format!("{segment}\r")).collect()
}

/// MSA-1 of the next message from the host.
fn acknowledgement(line: &mut dyn Line, received: &mut Vec<u8>) -> io::Result<Option<String>> {
    let Some(answer) = next_message(line, received, Instant::now() + ANSWER_WITHIN)? else { return Ok(None) };
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let segments = hl7::messages(&answer).into_iter().flat_map(|(_, segments)| segments);
    Ok(segments.filter(|s| s.name() == "MSA").map(|s| s.field(1).to_string()).next())
}

/// The next message from the host up to its FS; what came behind it stays in `received`.
fn next_message(line: &mut dyn Line, received: &mut Vec<u8>, until: Instant) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = [0u8; 1024];
    loop {
        if let Some(end) = received.iter().position(|byte| *byte == FS) {
            let rest = received.split_off(end + 1);
            let mut message = std::mem::replace(received, rest);
            message.pop();
            return Ok(Some(message));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        let count = line.read(&mut buffer, LOOK)?;
        received.extend_from_slice(&buffer[..count]);
    }
}
