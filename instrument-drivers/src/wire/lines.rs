//! Instruments that print lines: balances, meters, any printer port. No check sum, no acknowledgement.
//!
//! Bytes are cut at CR, LF, CR LF, FF or ETX, or after a silence. Nothing is ever answered on such a line: a stray byte
//! can start a print on some devices. A balance may be asked for its weight at an interval. Source: PROTOCOLS 3 and 6.

use std::time::{Duration, Instant};

use super::{Action, Link};

/// How a line-oriented connection is cut into messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSettings {
    pub message: Unit,
    /// A line or block is over after so long without a byte.
    pub silence: Duration,
    /// Asks the instrument, for balances that answer commands.
    pub poll: Option<Poll>,
}

/// What one message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Every line is a message of its own.
    #[default]
    Line,
    /// Lines up to FF, ETX or a silence belong together.
    Block,
}

/// A command that is sent again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// With its line end.
    pub command: Vec<u8>,
    pub every: Duration,
}

impl Default for LineSettings {
    fn default() -> Self {
        LineSettings { message: Unit::Line, silence: Duration::from_secs(1), poll: None }
    }
}

/// A message that grows beyond this without an end is cut: 1 MiB.
const MAX_MESSAGE_BYTES: usize = 1 << 20;
/// A message that could not be stored is offered again after this time. It stays in memory until then.
const STORE_AGAIN: Duration = Duration::from_secs(1);
const ETX: u8 = 0x03;
const FF: u8 = 0x0c;

/// The link. Half lines at the end of a silence are messages too: nothing is lost.
pub struct LineLink {
    settings: LineSettings,
    open: Vec<u8>,
    ready: std::collections::VecDeque<Vec<u8>>,
    storing: bool,
    store_again: Option<Instant>,
    silent_from: Option<Instant>,
    next_poll: Option<Instant>,
}

impl LineLink {
    pub fn new(settings: LineSettings, now: Instant) -> Self {
        let next_poll = settings.poll.as_ref().map(|_| now);
        LineLink {
            settings,
            open: Vec::new(),
            ready: Default::default(),
            storing: false,
            store_again: None,
            silent_from: None,
            next_poll,
        }
    }

    fn push(&mut self, byte: u8) {
        let ends = match self.settings.message {
            Unit::Line => matches!(byte, b'\r' | b'\n' | FF | ETX),
            Unit::Block => matches!(byte, FF | ETX),
        };
        self.open.push(byte);
        if ends || self.open.len() >= MAX_MESSAGE_BYTES {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let bytes = std::mem::take(&mut self.open);
        if !bytes.iter().all(|b| matches!(*b, b'\r' | b'\n' | b' ' | 0 | FF | ETX)) {
            self.ready.push_back(bytes);
        }
    }

    fn offer(&mut self, now: Instant, actions: &mut Vec<Action>) {
        if self.storing || self.store_again.is_some_and(|at| now < at) {
            return;
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
            self.push(*byte);
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
            self.cut();
        }
        if self.store_again.is_some_and(|at| now >= at) {
            self.store_again = None;
        }
        if let (Some(poll), Some(at)) = (&self.settings.poll, self.next_poll)
            && now >= at
        {
            actions.push(Action::Send(poll.command.clone()));
            self.next_poll = Some(now + poll.every);
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

    fn messages(settings: LineSettings, chunks: &[&[u8]]) -> Vec<String> {
        let mut now = Instant::now();
        let mut link = LineLink::new(settings, now);
        let mut seen = Vec::new();
        let mut run = |link: &mut LineLink, now, mut actions: Vec<Action>| {
            while let Some(Action::Keep { message: Some(message), .. }) = actions.pop() {
                seen.push(String::from_utf8_lossy(&message).trim().to_string());
                actions = link.kept(now, true);
            }
        };
        for chunk in chunks {
            let actions = link.received(now, chunk);
            run(&mut link, now, actions);
        }
        now += Duration::from_secs(5);
        let actions = link.tick(now);
        run(&mut link, now, actions);
        seen
    }

    #[test]
    fn lines_are_cut_anywhere() {
        let whole: &[u8] = b"S S     100.00 g\r\nS S    -0.0012 g\r\nS S  12";
        let expected = ["S S     100.00 g", "S S    -0.0012 g", "S S  12"];
        assert_eq!(messages(LineSettings::default(), &[whole]), expected);
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(messages(LineSettings::default(), &bytes), expected);
    }

    #[test]
    fn a_block_ends_with_form_feed_or_silence() {
        let settings = LineSettings { message: Unit::Block, ..LineSettings::default() };
        assert_eq!(messages(settings, &[b"pH 4.61\r\nT 25.0\r\n\x0cpH 4.62"]), ["pH 4.61\r\nT 25.0", "pH 4.62"]);
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
