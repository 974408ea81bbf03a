//! What a port works with, and what it does there with the actions of a link.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::board::{Board, PortStatus};
use super::line::Line;
use super::orders::Orders;
use super::questions::Questions;
use crate::clock::Clock;
use crate::disk::spool::{MessageKind, Spool};
use crate::wire::{Action, Link};

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

/// Messages waiting to go to one instrument.
pub type Outgoing = Arc<Mutex<VecDeque<ToSend>>>;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToSend {
    pub message: Vec<u8>,
    pub reason: Reason,
}

/// Why something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The instrument asked, and waits.
    Answer,
    /// Its work list holds something new.
    Orders,
    /// The program that runs the agent wants it.
    Command,
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

    pub fn perform(&self, actions: Vec<Action>, line: &mut dyn Line, link: &mut dyn Link) -> io::Result<()> {
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

    pub fn keep(&self, piece: &[u8], message: Option<&[u8]>) -> bool {
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

    pub fn partial(&self, bytes: &[u8], why: &str) {
        tracing::warn!(bytes = bytes.len(), "An unfinished message is kept as evidence: {why}");
        if let Err(error) = self.spool.store(&self.instrument, MessageKind::Partial, bytes, None, (self.clock)()) {
            self.failed(&format!("an unfinished message cannot be kept: {error}"));
        }
    }

    /// Puts the answers that can be given now into the queue; the link sends them when the line is free.
    pub fn answer_questions(&self) {
        let Some(questions) = &self.questions else { return };
        for answered in questions.answers(&self.instrument, (self.clock)()) {
            tracing::info!("{}", answered.note);
            self.status(|status| status.note = Some(answered.note));
            let messages = answered.messages.into_iter();
            self.outgoing().extend(messages.map(|message| ToSend { message, reason: Reason::Answer }));
        }
    }

    /// Puts what the instrument is to be told without asking into the queue.
    pub fn send_orders(&self) {
        let Some(orders) = &self.orders else { return };
        if let Some(due) = orders.due(&self.instrument, (self.clock)(), Instant::now()) {
            tracing::info!("{}", due.note);
            self.status(|status| status.note = Some(due.note));
            self.outgoing().push_back(ToSend { message: due.message, reason: Reason::Orders });
        }
    }

    pub fn outgoing(&self) -> MutexGuard<'_, VecDeque<ToSend>> {
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

    pub fn send_waiting(&self, line: &mut dyn Line, link: &mut dyn Link) -> io::Result<()> {
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
