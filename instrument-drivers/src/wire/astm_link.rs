//! ASTM E1381 / LIS01-A2 link: who may send, frames, acknowledgements, timers, contention.
//!
//! One [`AstmLink`] is one side of a line, the laboratory's or (for simulators) the instrument's. Source of every rule
//! and number below: ASTM E1381-95 / CLSI LIS01-A2, clauses on the data link layer, and the deviations in PROTOCOLS 1.4.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::astm_frame::{ACK, CR, Cutter, ENQ, EOT, Frame, Framing, LF, NAK, Quirks, Seen, TEXT_BYTES, frames_of};
pub use super::astm_tolerances::Tolerances;
use super::{Action, Link};

/// The sender waits so long for an answer to ENQ or to a frame.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// The receiver waits so long for a complete frame or EOT after its last answer.
pub const RECEIVE_TIMEOUT: Duration = Duration::from_secs(30);
/// After a NAK to ENQ the sender waits at least so long.
pub const BUSY_WAIT: Duration = Duration::from_secs(10);
/// After contention the host waits at least so long before its own ENQ.
pub const HOST_CONTENTION_WAIT: Duration = Duration::from_secs(20);
/// After contention the instrument waits at least so long before it repeats its ENQ.
pub const INSTRUMENT_CONTENTION_WAIT: Duration = Duration::from_secs(1);
/// A frame, and an ENQ that gets no answer, is sent at most so often.
pub const MAX_TRIES: u8 = 6;
/// A message that grows beyond this without an L record is refused: 16 MiB, some hundred times the largest
/// that was seen (26 KB).
pub const MAX_MESSAGE_BYTES: usize = 16 << 20;
/// CR LF behind a check sum arrive at once or not at all: 250 ms is 30 characters at 1200 baud.
pub const TAIL_WAIT: Duration = Duration::from_millis(250);

/// Which side of the line this is. In contention the instrument has priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    #[default]
    Host,
    Instrument,
}

/// The link. See the module text.
pub struct AstmLink {
    side: Side,
    tolerate: Tolerances,
    cutter: Cutter,
    state: State,
    outgoing: VecDeque<Vec<Frame>>,
    /// No ENQ of this side before; a session of the other side shortens no wait.
    may_send_from: Option<Instant>,
    /// ENQs in a row that got no answer at all.
    unanswered: u8,
    /// Bytes that arrived while a frame was being stored.
    waiting: Vec<u8>,
    tail_deadline: Option<Instant>,
    /// When a frame that was begun outside a session is given up.
    stray_deadline: Option<Instant>,
}

enum State {
    Idle,
    Receiving(Incoming),
    /// A frame is with the store; nothing is answered until it is kept.
    Storing {
        incoming: Incoming,
        frame: Frame,
        ends_message: bool,
    },
    SendingEnq {
        deadline: Instant,
    },
    SendingFrame {
        index: usize,
        tries: u8,
        deadline: Instant,
    },
}

/// A session in which the other side sends.
#[derive(Default)]
struct Incoming {
    last: Option<Frame>,
    /// Accepted frames of the unfinished message, as received.
    message: Vec<u8>,
    records: RecordEnds,
    deadline: Option<Instant>,
    /// Deviations that were noted already in this session.
    noted: Vec<&'static str>,
}

impl AstmLink {
    pub fn new(side: Side, tolerate: Tolerances) -> Self {
        let framing = if tolerate.plain_frames { Framing::Plain } else { Framing::Standard };
        AstmLink {
            side,
            tolerate,
            cutter: Cutter::new(framing),
            state: State::Idle,
            outgoing: VecDeque::new(),
            may_send_from: None,
            unanswered: 0,
            waiting: Vec::new(),
            tail_deadline: None,
            stray_deadline: None,
        }
    }

    /// No session, nothing queued, nothing half received.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle) && self.outgoing.is_empty() && !self.cutter.busy()
    }

    fn drain(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let bytes = std::mem::take(&mut self.waiting);
        let mut at = 0;
        while at < bytes.len() && !matches!(self.state, State::Storing { .. }) {
            let (taken, seen) = self.cutter.feed(&bytes[at..]);
            at += taken;
            if let Some(seen) = seen {
                self.seen(now, seen, actions);
            }
        }
        self.waiting.extend_from_slice(&bytes[at..]);
        self.tail_deadline = match (self.cutter.in_tail(), self.tail_deadline) {
            (true, None) => Some(now + TAIL_WAIT),
            (true, running) => running,
            (false, _) => None,
        };
        self.stray_deadline = match self.is_within_stray_frame() {
            true => self.stray_deadline.or(Some(now + RECEIVE_TIMEOUT)),
            false => None,
        };
        if matches!(self.state, State::Idle) {
            self.start_sending(now, actions);
        }
    }

    /// A frame was begun in which no session waits for its end: an STX of noise. Every ENQ behind it would be taken for its text,
    /// and the instrument would never be answered again.
    fn is_within_stray_frame(&self) -> bool {
        let in_session = matches!(self.state, State::Receiving(_) | State::Storing { .. });
        self.cutter.busy() && !self.cutter.in_tail() && !in_session
    }

    fn seen(&mut self, now: Instant, seen: Seen, actions: &mut Vec<Action>) {
        self.tail_deadline = None;
        match seen {
            Seen::Byte(byte) => self.byte(now, byte, actions),
            Seen::Frame(frame) => self.frame(now, frame, actions),
            Seen::Broken { bytes, why } => {
                actions.push(Action::Note(format!("frame given up after {} bytes: {why}", bytes.len())));
            }
        }
    }

    /// A byte outside frames.
    fn byte(&mut self, now: Instant, byte: u8, actions: &mut Vec<Action>) {
        let state = std::mem::replace(&mut self.state, State::Idle);
        if matches!((&state, byte), (State::SendingEnq { .. }, ACK | NAK | ENQ)) {
            self.unanswered = 0;
        }
        self.state = match (state, byte) {
            (State::Idle, ENQ) => self.begin(now, actions),
            // A repeated ENQ in the transfer phase is a restart.
            (State::Receiving(incoming), ENQ) => {
                actions.push(Action::Note("ENQ inside a session: the sender starts again".into()));
                discard(incoming, "the sender started again before its message was complete", actions);
                self.begin(now, actions)
            }
            (State::Receiving(incoming), EOT) => self.end_of_session(incoming, actions),
            (State::SendingEnq { .. }, ACK) => self.send_frame(now, 0, 1, actions),
            (State::SendingEnq { .. }, NAK) => {
                actions.push(Action::Note("the receiver is busy (NAK to ENQ)".into()));
                self.may_send_from = Some(now + BUSY_WAIT);
                State::Idle
            }
            // Contention: both sent ENQ. The instrument has priority.
            (State::SendingEnq { .. }, ENQ) => {
                actions.push(Action::Note("contention: both sides sent ENQ".into()));
                let wait = match self.side {
                    Side::Host => HOST_CONTENTION_WAIT,
                    Side::Instrument => INSTRUMENT_CONTENTION_WAIT,
                };
                self.may_send_from = Some(now + wait);
                State::Idle
            }
            (State::SendingFrame { index, .. }, ACK) => self.send_frame(now, index + 1, 1, actions),
            // "Good, but please stop": the sender may go on, and does.
            (State::SendingFrame { index, .. }, EOT) => {
                actions.push(Action::Note("the receiver asks to stop (EOT); the message is finished first".into()));
                self.send_frame(now, index + 1, 1, actions)
            }
            // Any other answer counts as NAK: the same frame again, with the same number.
            (State::SendingFrame { index, tries, .. }, answer) => {
                actions.push(Action::Note(format!("frame {} refused with byte {answer:02x}", index + 1)));
                self.send_frame(now, index, tries + 1, actions)
            }
            // Noise; an EOT too many.
            (state @ (State::Idle | State::Receiving(_) | State::SendingEnq { .. } | State::Storing { .. }), _) => {
                state
            }
        };
    }

    fn frame(&mut self, now: Instant, frame: Frame, actions: &mut Vec<Action>) {
        let state = std::mem::replace(&mut self.state, State::Idle);
        let mut incoming = match state {
            State::Receiving(incoming) => incoming,
            State::Idle if self.tolerate.no_enq => {
                actions.push(Action::Note("tolerated: frame without ENQ".into()));
                Incoming::default()
            }
            state => {
                actions.push(Action::Note("frame outside a session ignored".into()));
                self.state = state;
                return;
            }
        };
        match self.verdict(&incoming, &frame) {
            Verdict::Accept => {
                self.note_deviations(&mut incoming, &frame, actions);
                let ended = incoming.records.clone().after(&frame).ended;
                let ends_message = ended && (frame.ends_record() || self.tolerate.etb_ends_record);
                let piece = frame.encode();
                let message = ends_message.then(|| [&incoming.message[..], &piece].concat());
                incoming.deadline = None;
                self.state = State::Storing { incoming, frame, ends_message };
                actions.push(Action::Keep { piece, message });
            }
            Verdict::Repeat => {
                actions.push(Action::Note("repeated frame: acknowledged, not stored again".into()));
                self.answer(now, ACK, incoming, actions);
            }
            Verdict::Refuse(why) => {
                actions.push(Action::Note(format!("frame refused: {why}")));
                self.answer(now, NAK, incoming, actions);
            }
        }
    }

    /// 1. The check sum must be good. 2. Every deviation must be tolerated. 3. Control bytes that the standard forbids in
    ///    text mean damage. 4. The number must be the next one; the last one again, with the same content, is a lost ACK.
    fn verdict(&self, incoming: &Incoming, frame: &Frame) -> Verdict {
        if !frame.checksum_good() {
            return Verdict::Refuse("wrong check sum".into());
        }
        if let Some((_, words)) = self.tolerate.deviations(frame).find(|(tolerated, _)| !tolerated) {
            return Verdict::Refuse(format!("{words}, which the profile does not tolerate"));
        }
        if let Some(byte) = frame.text().iter().find(|byte| matches!(byte, 0x00..=0x06 | 0x10..=0x17)) {
            return Verdict::Refuse(format!("control byte {byte:02x} in the text"));
        }
        if incoming.message.len() + frame.body.len() > MAX_MESSAGE_BYTES {
            return Verdict::Refuse("the message is longer than 16 MiB".into());
        }
        if frame.check.is_none() {
            return Verdict::Accept;
        }
        let repeated = incoming.last.as_ref().is_some_and(|last| last.body == frame.body);
        let expected = incoming.expected();
        match frame.number() {
            Some(number) if number == expected => Verdict::Accept,
            Some(_) if repeated => Verdict::Repeat,
            _ if self.tolerate.frame_numbers => Verdict::Accept,
            Some(number) => Verdict::Refuse(format!("frame number {number}, expected {expected}")),
            None => Verdict::Refuse(format!("no frame number, expected {expected}")),
        }
    }

    fn note_deviations(&self, incoming: &mut Incoming, frame: &Frame, actions: &mut Vec<Action>) {
        let number = (frame.check.is_some() && frame.number() != Some(incoming.expected())).then_some("frame number");
        let ended = incoming.records.clone().after(frame).ended && !frame.ends_record();
        let etb = (ended && self.tolerate.etb_ends_record).then_some("ETB at the end of the message");
        for words in self.tolerate.deviations(frame).map(|(_, words)| words).chain(number).chain(etb) {
            if !incoming.noted.contains(&words) {
                incoming.noted.push(words);
                actions.push(Action::Note(format!("tolerated: {words}")));
            }
        }
    }

    fn begin(&mut self, now: Instant, actions: &mut Vec<Action>) -> State {
        actions.push(Action::Send(vec![ACK]));
        State::Receiving(Incoming { deadline: Some(now + RECEIVE_TIMEOUT), ..Incoming::default() })
    }

    fn answer(&mut self, now: Instant, answer: u8, mut incoming: Incoming, actions: &mut Vec<Action>) {
        actions.push(Action::Send(vec![answer]));
        incoming.deadline = Some(now + RECEIVE_TIMEOUT);
        self.state = State::Receiving(incoming);
    }

    fn end_of_session(&mut self, incoming: Incoming, actions: &mut Vec<Action>) -> State {
        if self.tolerate.no_terminator && !incoming.message.is_empty() {
            // EOT is not answered, so nothing can be refused any more: the frames are with the store already.
            actions.push(Action::Note("tolerated: message without L record".into()));
            let message = incoming.message.clone();
            actions.push(Action::Keep { piece: Vec::new(), message: Some(message) });
            let frame = Frame { body: vec![EOT], check: None, quirks: Quirks::default() };
            return State::Storing { incoming, frame, ends_message: true };
        }
        discard(incoming, "the session ended before the L record", actions);
        State::Idle
    }

    fn start_sending(&mut self, now: Instant, actions: &mut Vec<Action>) {
        let waits = self.may_send_from.is_some_and(|from| now < from);
        if !matches!(self.state, State::Idle) || self.outgoing.is_empty() || self.cutter.busy() || waits {
            return;
        }
        actions.push(Action::Send(vec![ENQ]));
        self.state = State::SendingEnq { deadline: now + ANSWER_TIMEOUT };
    }

    fn send_frame(&mut self, now: Instant, index: usize, tries: u8, actions: &mut Vec<Action>) -> State {
        let frame = self.outgoing.front().and_then(|frames| frames.get(index));
        match frame {
            Some(_) if tries > MAX_TRIES => {
                self.give_up(format!("frame {} was refused {MAX_TRIES} times", index + 1), actions)
            }
            Some(frame) => {
                actions.push(Action::Send(frame.encode()));
                State::SendingFrame { index, tries, deadline: now + ANSWER_TIMEOUT }
            }
            None => {
                self.outgoing.pop_front();
                actions.push(Action::Send(vec![EOT]));
                actions.push(Action::Delivered);
                State::Idle
            }
        }
    }

    fn give_up(&mut self, why: String, actions: &mut Vec<Action>) -> State {
        self.outgoing.pop_front();
        actions.push(Action::Send(vec![EOT]));
        actions.push(Action::NotDelivered { why });
        State::Idle
    }
}

impl Link for AstmLink {
    fn received(&mut self, now: Instant, bytes: &[u8]) -> Vec<Action> {
        let mut actions = Vec::new();
        self.waiting.extend(bytes);
        if self.tolerate.no_enq {
            // There a frame outside a session is none of noise: a long one takes minutes on a slow line.
            self.stray_deadline = None;
        }
        self.drain(now, &mut actions);
        actions
    }

    fn kept(&mut self, now: Instant, ok: bool) -> Vec<Action> {
        let mut actions = Vec::new();
        let state = std::mem::replace(&mut self.state, State::Idle);
        match state {
            // The end of a session that has no L record: nothing to answer.
            State::Storing { incoming, frame, .. } if frame.body == [EOT] => {
                if !ok {
                    discard(incoming, "the message could not be stored when the session ended", &mut actions);
                }
            }
            State::Storing { mut incoming, frame, ends_message } if ok => {
                incoming.records = incoming.records.after(&frame);
                if ends_message {
                    incoming.message.clear();
                    incoming.records = RecordEnds::default();
                } else {
                    incoming.message.extend_from_slice(&frame.encode());
                }
                incoming.last = Some(frame);
                self.answer(now, ACK, incoming, &mut actions);
            }
            State::Storing { incoming, .. } => {
                actions.push(Action::Note("frame refused: it could not be stored".into()));
                self.answer(now, NAK, incoming, &mut actions);
            }
            state => self.state = state,
        }
        self.drain(now, &mut actions);
        actions
    }

    fn deadline(&self) -> Option<Instant> {
        let state = match &self.state {
            State::Idle if !self.outgoing.is_empty() => self.may_send_from,
            State::Receiving(incoming) => incoming.deadline,
            State::SendingEnq { deadline } | State::SendingFrame { deadline, .. } => Some(*deadline),
            State::Idle | State::Storing { .. } => None,
        };
        [state, self.tail_deadline, self.stray_deadline].into_iter().flatten().min()
    }

    fn tick(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.tail_deadline.is_some_and(|deadline| now >= deadline)
            && let Some(frame) = self.cutter.end_tail()
        {
            self.seen(now, Seen::Frame(frame), &mut actions);
        }
        if self.stray_deadline.is_some_and(|deadline| now >= deadline) {
            self.stray_deadline = None;
            let bytes = self.cutter.reset();
            actions.push(Action::Note(format!("frame given up after {} bytes: no end within 30 s", bytes.len())));
        }
        let state = std::mem::replace(&mut self.state, State::Idle);
        self.state = match state {
            State::Receiving(mut incoming) if incoming.deadline.is_some_and(|deadline| now >= deadline) => {
                incoming.message.extend(self.cutter.reset());
                actions.push(Action::Note("nothing complete for 30 s: the session is over".into()));
                discard(incoming, "nothing complete arrived for 30 s", &mut actions);
                State::Idle
            }
            State::SendingEnq { deadline } if now >= deadline => {
                self.may_send_from = Some(now + BUSY_WAIT);
                self.unanswered += 1;
                if self.unanswered < MAX_TRIES {
                    actions.push(Action::Send(vec![EOT]));
                    actions.push(Action::Note("no answer to ENQ within 15 s".into()));
                    State::Idle
                } else {
                    self.unanswered = 0;
                    self.give_up(format!("{MAX_TRIES} ENQs got no answer within 15 s"), &mut actions)
                }
            }
            State::SendingFrame { deadline, .. } if now >= deadline => {
                self.give_up("no answer to a frame within 15 s".into(), &mut actions)
            }
            state => state,
        };
        self.drain(now, &mut actions);
        actions
    }

    /// `message`: records, each ended by CR.
    fn send(&mut self, now: Instant, message: &[u8]) -> Result<Vec<Action>, String> {
        if let Some(byte) = message.iter().find(|b| matches!(**b, 0x00..=0x06 | LF | 0x10..=0x17)) {
            return Err(format!("control byte {byte:02x} must not occur in an ASTM message"));
        }
        if message.last() != Some(&CR) {
            return Err("every record of an ASTM message ends with CR".into());
        }
        self.outgoing.push_back(frames_of(message, TEXT_BYTES));
        let mut actions = Vec::new();
        self.drain(now, &mut actions);
        Ok(actions)
    }
}

impl Incoming {
    /// The number that the next frame must have.
    fn expected(&self) -> u8 {
        self.last.as_ref().and_then(Frame::number).map_or(1, |last| (last + 1) % 8)
    }
}

enum Verdict {
    Accept,
    Repeat,
    Refuse(String),
}

fn discard(incoming: Incoming, why: &str, actions: &mut Vec<Action>) {
    if !incoming.message.is_empty() {
        actions.push(Action::Discard { bytes: incoming.message, why: why.into() });
    }
}

/// Follows record ends through frames, to see the L record that completes a message.
#[derive(Debug, Clone, Default)]
struct RecordEnds {
    /// First letter of the record that is open.
    open: Option<u8>,
    ended: bool,
}

impl RecordEnds {
    fn after(mut self, frame: &Frame) -> Self {
        let mut rest = frame.text();
        loop {
            if self.open.is_none() {
                let blank = rest.iter().take_while(|byte| matches!(**byte, CR | LF)).count();
                rest = &rest[blank..];
                let Some(letter) = rest.first() else { break };
                (self.open, self.ended) = (Some(*letter), false);
            }
            let Some(end) = rest.iter().position(|byte| *byte == CR) else { break };
            self.ended |= self.open.take() == Some(b'L');
            rest = &rest[end + 1..];
        }
        // ETX ends the record also where its CR is missing.
        if frame.ends_record() {
            self.ended |= self.open == Some(b'L');
            self.open = None;
        }
        self
    }
}
