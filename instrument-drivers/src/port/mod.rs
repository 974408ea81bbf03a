//! The only part that opens ports and watches folders. It reads, stores, writes and sleeps; it decides nothing.

pub mod board;
pub mod config;
mod desk;
pub mod folder;
mod line;
pub mod orders;
pub mod questions;
pub mod record;
pub mod serial;
pub mod settings;
pub mod simulate;
pub mod tcp;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::clock::sleep;
use crate::profile::Profile;
use crate::wire::{Action, Link};
use config::PortConfig;
pub use desk::{Desk, Outgoing, Reason, ToSend};
pub use line::Line;
use questions::Questions;

/// How often a waiting port looks whether it should stop or send.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Pause before a port that failed is opened again.
const REOPEN_AFTER: Duration = Duration::from_secs(1);

/// Serves one port until the agent stops. Unplugged and vanished ports are opened again when they come back.
pub fn run(config: &PortConfig, profile: &Profile, desk: &Desk) {
    let _span = tracing::info_span!("port", instrument = %desk.instrument, place = %desk.place).entered();
    if let Some(folder) = &config.folder {
        return folder::watch(folder, config.record.as_deref(), desk);
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
                            sleep(REOPEN_AFTER, &desk.stop);
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
                        sleep(REOPEN_AFTER, &desk.stop);
                    }
                }
            }
            Ok(None) => {}
            Err(error) => {
                desk.failed(&format!("the port cannot be opened: {error}"));
                sleep(REOPEN_AFTER, &desk.stop);
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
                    sleep(REOPEN_AFTER, &desk.stop);
                }
                actions.extend(link.kept(end, true));
            }
            Action::Discard { bytes, why } => desk.partial(&bytes, &why),
            Action::Send(_) | Action::Note(_) | Action::Delivered | Action::NotDelivered { .. } => {}
        }
    }
    outcome
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
