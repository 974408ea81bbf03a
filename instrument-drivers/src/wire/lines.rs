//! Instruments that print lines: balances, meters, any printer port. No check sum, no acknowledgement.
//!
//! Bytes are cut at CR, LF, CR LF, FF or ETX. Nothing is ever answered on such a line: a stray byte can start a print on
//! some devices. A balance may be asked for its weight at an interval, and is asked again when it has answered. What a silence or the end of the connection cuts in
//! two is never a message: half a number looks like a number. Source: PROTOCOLS 3, 5 and 6.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use regex::Regex;

use super::strip::{Strip, Stripper};
use super::{Action, Link};

/// How a line-oriented connection is cut into messages.
#[derive(Debug, Clone)]
pub struct LineSettings {
    pub message: Unit,
    /// How long without a byte until what is open is over.
    pub silence: Duration,
    /// A line may end with a silence instead of a line end. Only for instruments that send no line end.
    pub silence_ends_line: bool,
    /// A block begins with the line that matches; lines before it belong to nothing.
    pub start: Option<Regex>,
    /// A block ends with the line that matches.
    pub end: Option<Regex>,
    /// A block has at most so many lines that are not blank.
    pub max_lines: Option<usize>,
    pub strip: Strip,
    /// Asks the instrument, for balances that answer commands.
    pub poll: Option<Poll>,
}

/// What one message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Every line is a message of its own.
    #[default]
    Line,
    /// Lines up to the end pattern, FF, ETX or a silence belong together.
    Block,
}

/// A command that is sent again and again, but not before its answer or [`ANSWER_WITHIN`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// With its line end.
    pub command: Vec<u8>,
    pub every: Duration,
}

impl Default for LineSettings {
    fn default() -> Self {
        LineSettings {
            message: Unit::Line,
            silence: Duration::from_secs(1),
            silence_ends_line: false,
            start: None,
            end: None,
            max_lines: None,
            strip: Strip::default(),
            poll: None,
        }
    }
}

/// A message that grows beyond this without an end is given up: 1 MiB.
const MAX_MESSAGE_BYTES: usize = 1 << 20;
/// A message that could not be stored is offered again after this time. It stays in memory until then.
const STORE_AGAIN: Duration = Duration::from_secs(1);
/// When more lines than this wait for the disk they are stored as one message: a saturated port of 115,200 baud brings 600
/// short lines a second, more than a disk syncs one by one, and what waits in a serial driver for long is lost.
const TOGETHER_FROM: usize = 16;
/// A balance that waits for a stable weight answers within this time or not at all.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// What arrives so soon after half a line is its other half; later it is a new line.
const OTHER_HALF_WITHIN: Duration = Duration::from_secs(30);
const ETX: u8 = 0x03;
const FF: u8 = 0x0c;

/// The link. See the module text.
pub struct LineLink {
    settings: LineSettings,
    stripper: Stripper,
    /// Bytes of the open line or block, as received.
    open: Vec<u8>,
    /// Text of the last line of `open`, and where it begins there.
    line: Vec<u8>,
    line_from: usize,
    lines: usize,
    /// The block has begun: its start was seen, or none is wanted.
    begun: bool,
    /// The beginning of this line was given up, so the rest of it is worth nothing either.
    half_until: Option<Instant>,
    ready: VecDeque<Vec<u8>>,
    storing: bool,
    store_again: Option<Instant>,
    silent_from: Option<Instant>,
    next_poll: Option<Instant>,
    /// The last question, while no line has come since.
    asked: Option<Instant>,
}

impl LineLink {
    pub fn new(settings: LineSettings, now: Instant) -> Self {
        LineLink {
            next_poll: settings.poll.as_ref().map(|_| now),
            stripper: Stripper::new(settings.strip),
            settings,
            open: Vec::new(),
            line: Vec::new(),
            line_from: 0,
            lines: 0,
            begun: false,
            half_until: None,
            ready: VecDeque::new(),
            storing: false,
            store_again: None,
            silent_from: None,
            asked: None,
        }
    }

    fn push(&mut self, now: Instant, byte: u8, actions: &mut Vec<Action>) {
        self.open.push(byte);
        match self.stripper.push(byte) {
            Some(end @ (b'\r' | b'\n' | FF | ETX)) => self.line_end(now, end, actions),
            Some(byte) => self.line.push(byte),
            None => {}
        }
        if self.open.len() >= MAX_MESSAGE_BYTES {
            self.give_up("it has no end within 1 MiB", actions);
            self.half_until = Some(now + OTHER_HALF_WITHIN);
        }
    }

    fn line_end(&mut self, now: Instant, end: u8, actions: &mut Vec<Action>) {
        let line = std::mem::take(&mut self.line);
        if let (Some(poll), Some(asked), false) = (&self.settings.poll, self.asked, line.is_empty()) {
            (self.asked, self.next_poll) = (None, Some(now.max(asked + poll.every)));
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        let half = self.half_until.take().is_some_and(|until| now < until);
        match self.settings.message {
            Unit::Line if half => self.give_up("the beginning of this line came before a silence", actions),
            Unit::Line => self.complete(),
            Unit::Block => self.block_line(text, end, actions),
        }
        self.line_from = self.open.len();
    }

    fn block_line(&mut self, text: &str, end: u8, actions: &mut Vec<Action>) {
        if self.settings.start.as_ref().is_some_and(|start| start.is_match(text)) {
            // What came before this line is a block that never ended, or belongs to nothing.
            let line = self.open.split_off(self.line_from);
            match (self.begun, &self.settings.end) {
                (true, None) => self.complete(),
                (true, Some(_)) => self.give_up("the next block began before its end", actions),
                (false, _) => self.give_up("it stands before the start of a block", actions),
            }
            self.open = line;
            (self.begun, self.lines) = (true, 0);
        }
        self.begun |= self.settings.start.is_none() && !text.is_empty();
        self.lines += usize::from(!text.is_empty());
        let ended = self.settings.end.as_ref().is_some_and(|pattern| !text.is_empty() && pattern.is_match(text));
        let full = self.settings.max_lines.is_some_and(|most| self.lines >= most);
        let page = matches!(end, FF | ETX);
        if self.begun && (ended || (full || page) && self.settings.end.is_none()) {
            self.complete();
        } else if full || page {
            let why = if self.begun { "the end of the block was not seen" } else { "it holds no start of a block" };
            self.give_up(why, actions);
        }
    }

    /// What is open is a message.
    fn complete(&mut self) {
        if let Some(bytes) = self.take() {
            self.ready.push_back(bytes);
        }
    }

    /// What is open is evidence.
    fn give_up(&mut self, why: &str, actions: &mut Vec<Action>) {
        if let Some(bytes) = self.take() {
            actions.push(Action::Discard { bytes, why: why.into() });
        }
    }

    fn take(&mut self) -> Option<Vec<u8>> {
        self.line.clear();
        (self.begun, self.lines, self.line_from) = (false, 0, 0);
        self.stripper = Stripper::new(self.settings.strip);
        let bytes = std::mem::take(&mut self.open);
        let text = self.settings.strip.clean(&bytes);
        let blank = text.iter().all(|byte| matches!(*byte, b'\r' | b'\n' | b' ' | b'\t' | 0 | FF | ETX));
        (!blank).then_some(bytes)
    }

    /// Nothing more comes: a silence, or the end of the connection.
    fn pause(&mut self, now: Instant, why: &str, actions: &mut Vec<Action>) {
        let may_end = match self.settings.message {
            Unit::Line => self.settings.silence_ends_line,
            // A block whose last line is not complete was cut in two, unless the silence is its end.
            Unit::Block => self.settings.end.is_none() && (self.begun || self.settings.start.is_none()),
        };
        if may_end {
            self.complete();
        } else {
            let within_line = !self.line.is_empty();
            self.give_up(why, actions);
            self.half_until = (within_line && self.settings.message == Unit::Line).then(|| now + OTHER_HALF_WITHIN);
        }
    }

    fn offer(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if self.storing || self.store_again.is_some_and(|at| now < at) {
            return;
        }
        if self.settings.message == Unit::Line && self.ready.len() > TOGETHER_FROM {
            let together = self.ready.make_contiguous().concat();
            self.ready = VecDeque::from([together]);
        }
        if let Some(message) = self.ready.front() {
            self.storing = true;
            self.store_again = None;
            actions.push(Action::Keep { piece: message.clone(), message: Some(message.clone()) });
        }
    }
}

impl Link for LineLink {
    fn received(&mut self, now: Instant, bytes: &[u8]) -> Vec<Action> {
        let mut actions = Vec::new();
        for byte in bytes {
            self.push(now, *byte, &mut actions);
        }
        self.silent_from = (!self.open.is_empty()).then(|| now + self.settings.silence);
        self.offer(now, &mut actions);
        actions
    }

    fn kept(&mut self, now: Instant, ok: bool) -> Vec<Action> {
        let mut actions = Vec::new();
        self.storing = false;
        if ok {
            self.ready.pop_front();
        } else {
            // The instrument cannot be told; the line waits in memory.
            actions.push(Action::Note("a line could not be stored; it is kept in memory and tried again".into()));
            self.store_again = Some(now + STORE_AGAIN);
        }
        self.offer(now, &mut actions);
        actions
    }

    fn deadline(&self) -> Option<Instant> {
        [self.silent_from, self.store_again, self.next_poll].into_iter().flatten().min()
    }

    fn tick(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.silent_from.is_some_and(|at| now >= at) {
            self.silent_from = None;
            self.pause(now, "it was not complete before a silence", &mut actions);
        }
        if self.store_again.is_some_and(|at| now >= at) {
            self.store_again = None;
        }
        if let (Some(poll), Some(at)) = (&self.settings.poll, self.next_poll)
            && now >= at
        {
            actions.push(Action::Send(poll.command.clone()));
            (self.asked, self.next_poll) = (Some(now), Some(now + poll.every.max(ANSWER_WITHIN)));
        }
        self.offer(now, &mut actions);
        actions
    }

    fn closed(&mut self, now: Instant) -> Vec<Action> {
        let mut actions = Vec::new();
        self.silent_from = None;
        self.store_again = None;
        if self.settings.message == Unit::Block && !self.line.is_empty() {
            self.give_up("the connection ended within a line", &mut actions);
        } else {
            self.pause(now, "the connection ended before it was complete", &mut actions);
        }
        self.offer(now, &mut actions);
        actions
    }

    /// Sends a command as it is, for example `S\r\n`.
    fn send(&mut self, _now: Instant, message: &[u8]) -> Result<Vec<Action>, String> {
        Ok(vec![Action::Send(message.to_vec()), Action::Delivered])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages and, marked with `!`, what was given up.
    fn messages(settings: LineSettings, chunks: &[&[u8]]) -> Vec<String> {
        let mut now = Instant::now();
        let mut link = LineLink::new(settings, now);
        let mut seen = Vec::new();
        let mut run = |link: &mut LineLink, now, actions: Vec<Action>| {
            let mut queue = VecDeque::from(actions);
            while let Some(action) = queue.pop_front() {
                match action {
                    Action::Keep { message: Some(message), .. } => {
                        seen.push(String::from_utf8_lossy(&message).trim().to_string());
                        queue.extend(link.kept(now, true));
                    }
                    Action::Discard { bytes, .. } => {
                        seen.push(format!("!{}", String::from_utf8_lossy(&bytes).trim()));
                    }
                    _ => {}
                }
            }
        };
        for chunk in chunks {
            // An empty chunk is a silence of five seconds.
            if chunk.is_empty() {
                now += Duration::from_secs(5);
                let actions = link.tick(now);
                run(&mut link, now, actions);
            }
            let actions = link.received(now, chunk);
            run(&mut link, now, actions);
        }
        let actions = link.closed(now);
        run(&mut link, now, actions);
        seen
    }

    fn block(start: Option<&str>, end: Option<&str>, max_lines: Option<usize>) -> LineSettings {
        let pattern = |text: Option<&str>| text.map(|text| Regex::new(text).unwrap());
        LineSettings {
            message: Unit::Block,
            start: pattern(start),
            end: pattern(end),
            max_lines,
            ..LineSettings::default()
        }
    }

    #[test]
    fn lines_are_cut_anywhere() {
        let whole: &[u8] = b"S S     100.00 g\r\nS S    -0.0012 g\r\nS S  12";
        let expected = ["S S     100.00 g", "S S    -0.0012 g", "!S S  12"];
        assert_eq!(messages(LineSettings::default(), &[whole]), expected);
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(messages(LineSettings::default(), &bytes), expected);
    }

    #[test]
    fn both_halves_of_a_line_with_a_silence_in_it_are_evidence() {
        let chunks: [&[u8]; 4] = [b"   12", b"", b"3.4 g\r\n", b"   99.9 g\r\n"];
        assert_eq!(messages(LineSettings::default(), &chunks), ["!12", "!3.4 g", "99.9 g"]);
        let settings = LineSettings { silence_ends_line: true, ..LineSettings::default() };
        assert_eq!(messages(settings, &[b"7.00 pH", b"", b"7.01 pH"]), ["7.00 pH", "7.01 pH"]);
        // Noise of half an hour ago takes no weight with it.
        let long: [&[u8]; 9] = [b"~", b"", b"", b"", b"", b"", b"", b"", b"1.0 g\n"];
        assert_eq!(messages(LineSettings::default(), &long), ["!~", "1.0 g"]);
    }

    #[test]
    fn a_block_ends_with_form_feed_or_silence() {
        let settings = block(None, None, None);
        assert_eq!(
            messages(settings.clone(), &[b"pH 4.61\r\nT 25.0\r\n\x0cpH 4.62\r\n"]),
            ["pH 4.61\r\nT 25.0", "pH 4.62"]
        );
        assert_eq!(messages(settings.clone(), &[b"pH 4.61\r\n", b"", b"pH 4.62"]), ["pH 4.61", "!pH 4.62"]);
    }

    #[test]
    fn a_block_has_a_start_an_end_and_a_size() {
        let meter = block(Some("^Meter"), Some("^-+$"), Some(4));
        let chunks: [&[u8]; 1] = [b"hello\nMeter 1\npH 4\n---\nMeter 1\npH 5\nMeter 1\nA\nB\nC\nMeter 1\npH 6\n---\n"];
        // Evidence is told at once, messages wait for the store.
        assert_eq!(
            messages(meter, &chunks),
            ["!hello", "!Meter 1\npH 5", "!Meter 1\nA\nB\nC", "Meter 1\npH 4\n---", "Meter 1\npH 6\n---"]
        );
        let lines = block(Some("^No"), None, Some(2));
        assert_eq!(messages(lines, &[b"No 1\npH 4\nNo 2\nNo 3\npH 6\n"]), ["No 1\npH 4", "No 2", "No 3\npH 6"]);
    }

    #[test]
    fn printer_commands_cut_no_line() {
        let strip = Strip { escapes: true, bit7: false };
        let settings = LineSettings { strip, ..LineSettings::default() };
        assert_eq!(messages(settings, &[b"\x1b3\npH\x1bE 4.61\r\n\x1b@\r\n"]), ["\u{1b}3\npH\u{1b}E 4.61"]);
    }

    #[test]
    fn lines_that_come_faster_than_the_disk_are_stored_together() {
        let lines: Vec<String> = (0..200).map(|number| format!("{number}.5 g\r\n")).collect();
        let stored = messages(LineSettings::default(), &[lines.concat().as_bytes()]);
        assert_eq!(stored.len(), 1);
        assert_eq!(
            stored[0].split_terminator('\r').map(str::trim).collect::<Vec<_>>(),
            lines.iter().map(|l| l.trim()).collect::<Vec<_>>()
        );
        assert_eq!(messages(LineSettings::default(), &[lines[..16].concat().as_bytes()]).len(), 16);
    }

    #[test]
    fn a_balance_is_asked_again_when_it_has_answered() {
        let poll = Poll { command: b"S\r\n".to_vec(), every: Duration::from_secs(2) };
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut link = LineLink::new(LineSettings { poll: Some(poll), ..LineSettings::default() }, start);
        let question = [Action::Send(b"S\r\n".to_vec())];
        assert_eq!(link.tick(at(0)), question);
        // It waits for a stable weight: it is not asked again meanwhile.
        assert_eq!(link.deadline(), Some(at(10)));
        link.received(at(5), b"S S     100.00 g\r\n");
        link.kept(at(5), true);
        assert_eq!(link.tick(at(5)), question, "the 2 s are over");
        link.received(at(6), b"S S     100.00 g\r\n");
        link.kept(at(6), true);
        assert_eq!((link.deadline(), link.tick(at(6))), (Some(at(7)), Vec::new()));
        assert_eq!(link.tick(at(7)), question);
        // Without an answer, for example because it was switched off.
        assert_eq!(link.deadline(), Some(at(17)));
        assert_eq!(link.tick(at(17)), question);
    }

    #[test]
    fn a_line_that_cannot_be_stored_is_offered_again() {
        let now = Instant::now();
        let mut link = LineLink::new(LineSettings::default(), now);
        assert!(matches!(link.received(now, b"1.0 g\n").last(), Some(Action::Keep { .. })));
        link.kept(now, false);
        assert!(link.tick(now + Duration::from_millis(500)).is_empty());
        assert!(matches!(link.tick(now + Duration::from_secs(1)).last(), Some(Action::Keep { .. })));
    }
}
