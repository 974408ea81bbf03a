//! bioMerieux VIDAS upload: `<ENQ>`/`<ACK>`, `<STX><RS>mtrsl|<RS>pi..|...|<GS>cc<ETX>`, `<ACK>`, `<EOT>`.
//!
//! Every field begins with RS and a two-letter tag and ends with `|`. The check sum is the sum of all bytes behind STX up
//! to and including GS, low eight bits, two hex digits (computed from a capture: b0). Some firmware leaves ENQ and ETX
//! out: then the two digits end the message. Source: PROTOCOLS 1.5.

use std::time::{Duration, Instant};

use super::astm_frame::{ACK, CR, ENQ, EOT, ETX, LF, NAK, STX};
use super::{Action, Link};
use crate::trouble::{self, Reason};

pub const RS: u8 = 0x1e;
pub const GS: u8 = 0x1d;
/// One message is a few hundred bytes; more than 64 KiB is noise.
const MAX_MESSAGE_BYTES: usize = 1 << 16;
/// The receiver gives an unfinished message up after so long without a byte (as in ASTM).
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(30);
/// ETX follows the check sum at once or never.
const TAIL_WAIT: Duration = Duration::from_millis(250);

/// Two-letter tag and text of one field.
pub type Field = (String, String);

/// Splits one message (from STX on) into its fields. Errors name what is wrong with the message.
pub fn fields(message: &[u8], decode: impl Fn(&[u8]) -> String) -> Result<Vec<Field>, Reason> {
    let start = message.iter().position(|b| *b == STX).ok_or(&trouble::NO_VIDAS)?;
    let body = &message[start + 1..];
    let end = body.iter().position(|b| *b == GS).ok_or(&trouble::VIDAS_NOT_COMPLETE)?;
    let expected = checksum(&body[..=end]);
    let found = String::from_utf8_lossy(body.get(end + 1..end + 3).unwrap_or_default()).into_owned();
    if !found.eq_ignore_ascii_case(&expected) {
        return Err(trouble::VIDAS_CHECK_SUM.with("found", found).with("expected", expected));
    }
    let mut fields = Vec::new();
    for field in body[..end].split(|b| *b == RS).filter(|field| !field.is_empty()) {
        let text = decode(field.strip_suffix(b"|").unwrap_or(field));
        let cut = text.char_indices().nth(2).map_or(text.len(), |(at, _)| at);
        let (tag, value) = text.split_at(cut);
        fields.push((tag.to_string(), value.to_string()));
    }
    Ok(fields)
}

/// Low eight bits of the sum, two lower-case hex digits.
pub fn checksum(body: &[u8]) -> String {
    format!("{:02x}", body.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)))
}

/// A message with its check sum, for simulators and tests.
pub fn encode(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (tag, value) in fields {
        body.push(RS);
        body.extend_from_slice(format!("{tag}{value}|").as_bytes());
    }
    body.push(GS);
    let sum = checksum(&body);
    [&[STX][..], &body, sum.as_bytes(), &[ETX]].concat()
}

/// The messages in a stream of bytes, each from STX to its end.
pub fn messages(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut cutter = Cutter::default();
    let mut found: Vec<Vec<u8>> = bytes.iter().filter_map(|byte| cutter.push(*byte)).collect();
    found.extend(cutter.end());
    found
}

/// Finds messages: from STX to ETX, or to the first byte behind the check sum that cannot be part of it.
#[derive(Debug, Default)]
struct Cutter {
    open: Option<Vec<u8>>,
    check_from: Option<usize>,
}

impl Cutter {
    fn complete(&self) -> bool {
        matches!((&self.open, self.check_from), (Some(open), Some(from)) if open.len() >= from + 2)
    }

    fn push(&mut self, byte: u8) -> Option<Vec<u8>> {
        let complete = self.complete();
        let open = match &mut self.open {
            None if byte == STX => {
                *self = Cutter { open: Some(vec![STX]), check_from: None };
                return None;
            }
            None => return None,
            Some(open) => open,
        };
        if complete && byte != ETX {
            return self.end();
        }
        if byte == STX && self.check_from.is_none() {
            *self = Cutter { open: Some(vec![STX]), check_from: None };
            return None;
        }
        open.push(byte);
        if byte == GS && self.check_from.is_none() {
            self.check_from = Some(open.len());
        }
        if byte == ETX || open.len() > MAX_MESSAGE_BYTES {
            return self.end();
        }
        None
    }

    fn end(&mut self) -> Option<Vec<u8>> {
        std::mem::take(self).open
    }
}

/// The laboratory's side of a VIDAS line.
#[derive(Default)]
pub struct VidasLink {
    cutter: Cutter,
    in_session: bool,
    /// The message that is with the store.
    storing: Option<Vec<u8>>,
    /// The last one that was stored in this session: the device repeats it when the acknowledgement was lost.
    last_stored: Option<Vec<u8>>,
    /// Bytes outside messages were noted already, up to the next ENQ or message.
    noise_noted: bool,
    waiting: std::collections::VecDeque<u8>,
    deadline: Option<Instant>,
}

impl VidasLink {
    pub fn new() -> Self {
        Self::default()
    }

    fn drain(&mut self, now: Instant, actions: &mut Vec<Action>) {
        while self.storing.is_none() {
            let Some(byte) = self.waiting.pop_front() else {
                break;
            };
            let was_open = self.cutter.open.is_some();
            let done = self.cutter.push(byte);
            // A byte that ended the message without belonging to it is read again.
            if done.is_some() && byte != ETX {
                self.waiting.push_front(byte);
            }
            match done {
                Some(message) => self.complete(message, actions),
                None if !was_open => self.outside(byte, actions),
                None => {}
            }
        }
        if self.storing.is_none() {
            self.deadline = match (&self.cutter.open, self.cutter.complete()) {
                (Some(_), true) => Some(now + TAIL_WAIT),
                (Some(_), false) => Some(now + RECEIVE_TIMEOUT),
                (None, _) => None,
            };
        }
    }

    fn outside(&mut self, byte: u8, actions: &mut Vec<Action>) {
        match byte {
            ENQ => {
                (self.in_session, self.noise_noted) = (true, false);
                self.last_stored = None;
                actions.push(Action::Send(vec![ACK]));
            }
            EOT => self.in_session = false,
            STX | CR | LF => {}
            _ if self.noise_noted => {}
            other => {
                self.noise_noted = true;
                actions.push(Action::Note(format!("byte {other:02x} outside a message ignored")));
            }
        }
    }

    fn complete(&mut self, message: Vec<u8>, actions: &mut Vec<Action>) {
        self.noise_noted = false;
        if !self.in_session {
            actions.push(Action::Note("tolerated: message without ENQ".into()));
        }
        if message.last() != Some(&ETX) {
            actions.push(Action::Note("tolerated: message without ETX".into()));
        }
        match fields(&message, |field| String::from_utf8_lossy(field).into_owned()) {
            Ok(_) if self.in_session && self.last_stored.as_ref() == Some(&message) => {
                actions.push(Action::Note("repeated message: acknowledged, not stored again".into()));
                actions.push(Action::Send(vec![ACK]));
            }
            Ok(_) => {
                self.storing = Some(message.clone());
                actions.push(Action::Keep { piece: message.clone(), message: Some(message) });
            }
            Err(why) => {
                actions.push(Action::Note(format!("message refused: {why}")));
                actions.push(Action::Send(vec![NAK]));
            }
        }
    }
}

impl Link for VidasLink {
    fn received(&mut self, now: Instant, bytes: &[u8]) -> Vec<Action> {
        let mut actions = Vec::new();
        self.waiting.extend(bytes);
        self.drain(now, &mut actions);
        actions
    }

    fn kept(&mut self, now: Instant, ok: bool) -> Vec<Action> {
        let message = self.storing.take();
        if ok {
            self.last_stored = message;
        }
        let mut actions = vec![Action::Send(vec![if ok { ACK } else { NAK }])];
        self.drain(now, &mut actions);
        actions
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn tick(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            self.deadline = None;
            let complete = self.cutter.complete();
            match self.cutter.end() {
                Some(message) if complete => self.complete(message, &mut actions),
                Some(bytes) => {
                    self.in_session = false;
                    actions.push(Action::Discard { bytes, why: "the message never ended".into() });
                }
                None => {}
            }
        }
        self.drain(now, &mut actions);
        actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(field: &[u8]) -> String {
        String::from_utf8_lossy(field).into_owned()
    }

    #[test]
    fn fields_carry_their_tags() {
        let message = encode(&[("mt", "rsl"), ("ci", "F26-0001"), ("rt", "SLM"), ("ql", "Positive"), ("qn", "2.31")]);
        let fields = fields(&message, text).unwrap();
        assert_eq!(fields[1], ("ci".into(), "F26-0001".into()));
        assert_eq!(fields[4], ("qn".into(), "2.31".into()));
    }

    #[test]
    fn a_wrong_check_sum_is_refused() {
        let mut message = encode(&[("mt", "rsl"), ("qn", "2.31")]);
        message[8] ^= 1;
        assert!(fields(&message, text).unwrap_err().to_string().contains("wrong check sum"));
    }

    fn answers(chunks: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut now = Instant::now();
        let mut link = VidasLink::new();
        let (mut kept, mut sent) = (Vec::new(), Vec::new());
        let mut run = |link: &mut VidasLink, now, actions: Vec<Action>| {
            let mut queue = std::collections::VecDeque::from(actions);
            while let Some(action) = queue.pop_front() {
                match action {
                    Action::Keep { message: Some(message), .. } => {
                        kept.push(message);
                        queue.extend(link.kept(now, true));
                    }
                    Action::Send(bytes) => sent.extend(bytes),
                    _ => {}
                }
            }
        };
        for chunk in chunks {
            let actions = link.received(now, chunk);
            run(&mut link, now, actions);
        }
        now += Duration::from_secs(1);
        let actions = link.tick(now);
        run(&mut link, now, actions);
        (kept, sent)
    }

    #[test]
    fn the_session_is_acknowledged_message_by_message() {
        let one = encode(&[("mt", "rsl"), ("ci", "A"), ("qn", "1")]);
        let two = encode(&[("mt", "rsl"), ("ci", "B"), ("qn", "2")]);
        let stream = [&[ENQ][..], &one, &two, &[EOT]].concat();
        let whole = answers(&[&stream]);
        assert_eq!(whole, (vec![one, two], vec![ACK, ACK, ACK]));
        assert_eq!(answers(&stream.chunks(1).collect::<Vec<_>>()), whole);
    }

    #[test]
    fn a_message_that_is_repeated_in_a_session_is_stored_once() {
        let one = encode(&[("mt", "rsl"), ("ci", "A"), ("qn", "1")]);
        let two = encode(&[("mt", "rsl"), ("ci", "B"), ("qn", "2")]);
        // The ACK of the first was lost.
        let session = [&[ENQ][..], &one, &one, &two, &[EOT]].concat();
        assert_eq!(answers(&[&session]), (vec![one.clone(), two.clone()], vec![ACK; 4]));
        // The same result in a session of its own is sent on purpose; whether it is one is the server's to say.
        let again = [&[ENQ][..], &one, &[EOT, ENQ], &one, &[EOT]].concat();
        assert_eq!(answers(&[&again]), (vec![one.clone(), one], vec![ACK; 4]));
    }

    #[test]
    fn enq_and_etx_may_be_missing() {
        let mut message = encode(&[("mt", "rsl"), ("ci", "A"), ("qn", "1")]);
        message.pop();
        let stream = [&message[..], b"\n"].concat();
        assert_eq!(answers(&[&stream]), (vec![message.clone()], vec![ACK]));
        assert_eq!(answers(&[&message]), (vec![message], vec![ACK]));
    }
}
