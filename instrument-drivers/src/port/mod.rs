//! The only part that opens ports and watches folders. It reads, stores, writes and sleeps; it decides nothing.

pub mod folder;
pub mod orders;
pub mod questions;
pub mod record;
pub mod serial;
pub mod simulate;
pub mod tcp;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::agent::config::PortConfig;
use crate::agent::spool::{MessageKind, Spool};
use crate::agent::status::{Board, PortStatus};
use crate::agent::{Clock, Outgoing, Reason, ToSend, forward};
use crate::profile::Profile;
use crate::wire::{Action, Link};
use orders::Orders;
use questions::Questions;

/// A line to an instrument.
pub trait Line: Send {
    /// Reads what is there, waiting at most so long. 0 bytes: nothing came.
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize>;
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl<L: Line + ?Sized> Line for Box<L> {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        (**self).read(buffer, timeout)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).write(bytes)
    }
}

/// What a port works with: where it stores, what it reports to, when it stops.
pub struct Desk {
    pub instrument: String,
    /// Of this port, among those of the instrument.
    pub place: String,
    pub spool: Arc<Spool>,
    pub board: Arc<Board>,
    pub stop: Arc<AtomicBool>,
    pub clock: Clock,
    pub outgoing: Outgoing,
    /// The first of `outgoing` is with the link. It leaves the queue when the instrument has it or has refused it, so an
    /// order survives a connection that breaks off.
    pub sending: AtomicBool,
    /// What the instrument asks; `None` where its profile knows of no questions.
    pub questions: Option<Questions>,
    /// What it is told without asking; `None` where the port does not send orders.
    pub orders: Option<Orders>,
}

/// How often a waiting port looks whether it should stop or send.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Pause before a port that failed is opened again.
const REOPEN_AFTER: Duration = Duration::from_secs(1);

/// Serves one port until the agent stops. Unplugged and vanished ports are opened again when they come back.
pub fn run(config: &PortConfig, profile: &Profile, desk: &Desk) {
    let _span = tracing::info_span!("port", instrument = %desk.instrument, place = %desk.place).entered();
    if let Some(folder) = &config.folder {
        return folder::watch(folder, desk);
    }
    let bind = |address: &str| tcp::Listener::bind(address).map(|bound| bound.allowing(config.tcp_allow.clone()));
    let mut listener = match config.tcp_listen.as_deref().map(bind).transpose() {
        Ok(listener) => listener,
        Err(error) => {
            desk.failed(&format!("the address cannot be listened on: {error}"));
            // The address may become free; the port is tried like any other.
            None
        }
    };
    while !desk.stopping() {
        let opened: io::Result<Option<Box<dyn Line>>> = if let Some(serial) = &config.serial {
            serial::open(serial).map(Some)
        } else if let Some(address) = &config.tcp_connect {
            tcp::connect(address).map(Some)
        } else {
            let address = config.tcp_listen.as_deref().unwrap_or_default();
            match &listener {
                Some(listener) => listener.accept(LOOK_EVERY),
                None => bind(address).map(|bound| {
                    listener = Some(bound);
                    None
                }),
            }
        };
        match opened {
            Ok(Some(line)) => {
                let line: Box<dyn Line> = match &config.record {
                    Some(path) => match record::Recorded::new(line, path, desk.clock.clone()) {
                        Ok(recorded) => Box::new(recorded),
                        Err(error) => {
                            desk.failed(&format!("the recording {} cannot be written: {error}", path.display()));
                            forward::sleep(REOPEN_AFTER, &desk.stop);
                            continue;
                        }
                    },
                    None => line,
                };
                desk.status(|status| (status.connected, status.error) = (true, None));
                tracing::info!("Port open");
                let link = profile.link(Instant::now(), (desk.clock)(), config.poll.as_ref());
                let ended = converse(line, link, desk);
                desk.status(|status| status.connected = false);
                if let Err(error) = ended {
                    if hung_up(&error) {
                        tracing::info!("The other side hung up: {error}");
                    } else {
                        desk.failed(&format!("the connection ended: {error}"));
                    }
                    if listener.is_none() {
                        forward::sleep(REOPEN_AFTER, &desk.stop);
                    }
                }
            }
            Ok(None) => {}
            Err(error) => {
                desk.failed(&format!("the port cannot be opened: {error}"));
                forward::sleep(REOPEN_AFTER, &desk.stop);
            }
        }
    }
}

/// Whether the other side ended a connection, as every connection ends: an analyser is switched off, a serial-device server
/// hangs up, a cable is pulled. That it does not come back is told when the port cannot be opened again.
fn hung_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    // How Unix says that the other end of a terminal is gone.
    let terminal_gone = cfg!(unix) && error.raw_os_error() == Some(EIO);
    terminal_gone || matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// The same number on every Unix.
const EIO: i32 = 5;

/// One connection from open to end: bytes and time into the link, its actions out.
pub fn converse(mut line: Box<dyn Line>, mut link: Box<dyn Link>, desk: &Desk) -> io::Result<()> {
    let mut buffer = [0u8; 4096];
    desk.sending.store(false, Ordering::Relaxed);
    // Nobody waits any more for an answer to what was asked on an earlier connection.
    desk.questions.iter().for_each(Questions::forget);
    desk.outgoing().retain(|waiting| waiting.reason != Reason::Answer);
    let outcome = loop {
        if desk.stopping() {
            break Ok(());
        }
        let now = Instant::now();
        let wait =
            link.deadline().map_or(LOOK_EVERY, |deadline| deadline.saturating_duration_since(now).min(LOOK_EVERY));
        let count = match line.read(&mut buffer, wait.max(Duration::from_millis(1))) {
            Ok(count) => count,
            Err(error) => break Err(error),
        };
        let now = Instant::now();
        let mut actions = Vec::new();
        if count > 0 {
            let at = (desk.clock)();
            desk.status(|status| status.last_byte_at = Some(at));
            actions = link.received(now, &buffer[..count]);
        }
        if let Err(error) = desk.perform(actions, line.as_mut(), link.as_mut()) {
            break Err(error);
        }
        if link.deadline().is_some_and(|deadline| Instant::now() >= deadline) {
            let actions = link.tick(Instant::now());
            if let Err(error) = desk.perform(actions, line.as_mut(), link.as_mut()) {
                break Err(error);
            }
        }
        desk.answer_questions();
        desk.send_orders();
        if let Err(error) = desk.send_waiting(line.as_mut(), link.as_mut()) {
            break Err(error);
        }
    };
    let end = Instant::now();
    let mut actions = VecDeque::from(link.closed(end));
    while let Some(action) = actions.pop_front() {
        match action {
            Action::Keep { piece, message } => {
                // The instrument is gone and cannot keep it any more: it is stored as soon as the disk allows.
                while !desk.keep(&piece, message.as_deref()) && !desk.stopping() {
                    forward::sleep(REOPEN_AFTER, &desk.stop);
                }
                actions.extend(link.kept(end, true));
            }
            Action::Discard { bytes, why } => desk.partial(&bytes, &why),
            Action::Send(_) | Action::Note(_) | Action::Delivered | Action::NotDelivered { .. } => {}
        }
    }
    outcome
}

impl Desk {
    pub fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Changes what is told of this port.
    pub fn status(&self, change: impl FnOnce(&mut PortStatus)) {
        self.board.port(&self.instrument, &self.place, change);
    }

    /// Puts an error into the status; the log gets it once.
    pub fn failed(&self, error: &str) {
        self.status(|status| {
            if status.error.as_deref() != Some(error) {
                tracing::warn!("{error}");
            }
            status.error = Some(error.to_string());
        });
    }

    fn perform(&self, actions: Vec<Action>, line: &mut dyn Line, link: &mut dyn Link) -> io::Result<()> {
        let mut queue = VecDeque::from(actions);
        while let Some(action) = queue.pop_front() {
            match action {
                Action::Send(bytes) => line.write(&bytes)?,
                Action::Keep { piece, message } => {
                    let ok = self.keep(&piece, message.as_deref());
                    queue.extend(link.kept(Instant::now(), ok));
                }
                Action::Discard { bytes, why } => self.partial(&bytes, &why),
                Action::Note(note) => {
                    tracing::info!("{note}");
                    self.status(|status| status.note = Some(note));
                }
                Action::Delivered => {
                    tracing::info!("A message was delivered to the instrument");
                    if self.sent() == Some(Reason::Orders)
                        && let Some(orders) = &self.orders
                    {
                        let note = orders.delivered(&self.instrument, (self.clock)());
                        self.status(|status| status.note = Some(note.into()));
                    }
                }
                Action::NotDelivered { why } => {
                    self.not_delivered(&format!("was not delivered to the instrument: {why}"))
                }
            }
        }
        Ok(())
    }

    fn keep(&self, piece: &[u8], message: Option<&[u8]>) -> bool {
        let now = (self.clock)();
        let stored = match message {
            Some(message) => self.spool.store(&self.instrument, MessageKind::Message, message, None, now).map(Some),
            None => self.spool.piece(&self.instrument, piece, now).map(|()| None),
        };
        match stored {
            Ok(seq) => {
                if seq.is_some() {
                    self.stored(now);
                }
                if let (Some(questions), Some(message)) = (&self.questions, message) {
                    questions.heard(&self.instrument, message);
                }
                true
            }
            Err(error) => {
                self.failed(&format!("the spool cannot be written, the instrument is refused: {error}"));
                false
            }
        }
    }

    pub fn stored(&self, now: chrono::DateTime<chrono::Utc>) {
        self.status(|status| {
            status.messages += 1;
            status.last_message_at = Some(now);
            status.error = None;
        });
    }

    fn partial(&self, bytes: &[u8], why: &str) {
        tracing::warn!(bytes = bytes.len(), "An unfinished message is kept as evidence: {why}");
        if let Err(error) = self.spool.store(&self.instrument, MessageKind::Partial, bytes, None, (self.clock)()) {
            self.failed(&format!("an unfinished message cannot be kept: {error}"));
        }
    }

    /// Puts the answers that can be given now into the queue; the link sends them when the line is free.
    fn answer_questions(&self) {
        let Some(questions) = &self.questions else { return };
        for answered in questions.answers(&self.instrument, (self.clock)()) {
            tracing::info!("{}", answered.note);
            self.status(|status| status.note = Some(answered.note));
            let messages = answered.messages.into_iter();
            self.outgoing().extend(messages.map(|message| ToSend { message, reason: Reason::Answer }));
        }
    }

    /// Puts what the instrument is to be told without asking into the queue.
    fn send_orders(&self) {
        let Some(orders) = &self.orders else { return };
        if let Some(due) = orders.due(&self.instrument, (self.clock)(), Instant::now()) {
            tracing::info!("{}", due.note);
            self.status(|status| status.note = Some(due.note));
            self.outgoing().push_back(ToSend { message: due.message, reason: Reason::Orders });
        }
    }

    fn outgoing(&self) -> MutexGuard<'_, VecDeque<ToSend>> {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first of the queue is done with, well or badly; why it was there.
    fn sent(&self) -> Option<Reason> {
        let done = self.outgoing().pop_front();
        self.sending.store(false, Ordering::Relaxed);
        done.map(|done| done.reason)
    }

    /// The first of the queue is given up.
    fn not_delivered(&self, why: &str) {
        let what = match self.sent() {
            Some(Reason::Answer) => "the answer to a question",
            Some(Reason::Orders) => {
                let now = ((self.clock)(), Instant::now());
                self.orders.iter().for_each(|orders| orders.not_delivered(&self.instrument, why, now));
                "a message with orders"
            }
            Some(Reason::Command) | None => "a message",
        };
        self.failed(&format!("{what} {why}"));
    }

    fn send_waiting(&self, line: &mut dyn Line, link: &mut dyn Link) -> io::Result<()> {
        if self.sending.load(Ordering::Relaxed) {
            return Ok(());
        }
        let next = self.outgoing().front().cloned();
        let Some(next) = next else { return Ok(()) };
        match link.send(Instant::now(), &next.message) {
            Ok(actions) => {
                self.sending.store(true, Ordering::Relaxed);
                self.perform(actions, line, link)
            }
            Err(error) => {
                self.not_delivered(&format!("for the instrument is refused: {error}"));
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_side_hangs_up_and_everything_else_is_a_fault() {
        use io::ErrorKind;
        let of = |kind: ErrorKind| io::Error::from(kind);
        for kind in [ErrorKind::UnexpectedEof, ErrorKind::BrokenPipe, ErrorKind::ConnectionReset] {
            assert!(hung_up(&of(kind)), "{kind}");
        }
        for kind in [ErrorKind::TimedOut, ErrorKind::PermissionDenied, ErrorKind::NotFound] {
            assert!(!hung_up(&of(kind)), "{kind}");
        }
        assert!(!hung_up(&io::Error::other("replaced by a new connection")));
        assert_eq!(hung_up(&io::Error::from_raw_os_error(EIO)), cfg!(unix));
    }
}
