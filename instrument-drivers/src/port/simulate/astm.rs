//! An ASTM analyser: it sends messages, well and badly, and takes orders.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::LOOK;
use super::framed::wait_answer;
use crate::port::line::Line;
use crate::wire::astm_frame::{ENQ, NAK, STX, TEXT_BYTES, frames_of};
use crate::wire::astm_link::{AstmLink, Side, Tolerances};
use crate::wire::{Action, Link};

/// What an ASTM analyser does, in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Sends these records (without CR) as one message.
    Message(Vec<String>),
    /// As `message`, but the frame with this number (from 1) is damaged the first time.
    DamagedOnce { frame: usize, records: Vec<String> },
    /// As `message`, but this frame is damaged every time: it is given up after six tries.
    Damaged { frame: usize, records: Vec<String> },
    /// Sends the first frames of a message and falls silent.
    Unfinished { frames: usize, records: Vec<String> },
    /// Says nothing for so many milliseconds.
    SilenceMs(u64),
    /// Sends bytes that mean nothing.
    Noise(Vec<u8>),
    /// Takes one message from the host (orders), waiting at most so many milliseconds.
    ListenMs(u64),
    /// The same, but first answers NAK to so many ENQ (busy) and to so many frames (damage on the line).
    Refuse { enqs: usize, frames: usize, listen_ms: u64 },
}

/// Which frame of a message is damaged, and whether only at its first try.
#[derive(Clone, Copy)]
struct Damage {
    frame: usize,
    once: bool,
}

/// How an analyser's script ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Played {
    pub delivered: usize,
    pub not_delivered: Vec<String>,
    /// Frames that were sent more than once.
    pub resent: usize,
    /// Messages from the host (orders), as their raw frames.
    pub received: Vec<Vec<u8>>,
}

/// Plays the script; returns when every message is delivered or given up.
pub fn astm_analyser(line: &mut dyn Line, script: &[Step]) -> io::Result<Played> {
    let mut played = Played::default();
    for step in script {
        match step {
            Step::SilenceMs(ms) => std::thread::sleep(Duration::from_millis(*ms)),
            Step::Noise(bytes) => line.write(bytes)?,
            Step::ListenMs(ms) => astm_listen(line, Duration::from_millis(*ms), (0, 0), &mut played)?,
            Step::Refuse { enqs, frames, listen_ms } => {
                astm_listen(line, Duration::from_millis(*listen_ms), (*enqs, *frames), &mut played)?;
            }
            Step::Message(records) => astm_message(line, records, None, &mut played)?,
            Step::DamagedOnce { frame, records } => {
                astm_message(line, records, Some(Damage { frame: *frame, once: true }), &mut played)?;
            }
            Step::Damaged { frame, records } => {
                astm_message(line, records, Some(Damage { frame: *frame, once: false }), &mut played)?;
            }
            Step::Unfinished { frames, records } => astm_unfinished(line, records, *frames)?,
        }
    }
    Ok(played)
}

fn astm_message(
    line: &mut dyn Line,
    records: &[String],
    damage: Option<Damage>,
    played: &mut Played,
) -> io::Result<()> {
    let mut link = AstmLink::new(Side::Instrument, Tolerances::harmless());
    let message = text(records);
    let mut actions = VecDeque::from(link.send(Instant::now(), message.as_bytes()).map_err(io::Error::other)?);
    let (mut frames_sent, mut last_frame, mut damaged) = (0, Vec::new(), false);
    let mut buffer = [0u8; 1024];
    loop {
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Send(mut bytes) => {
                    if bytes.first() == Some(&STX) {
                        if bytes == last_frame {
                            played.resent += 1;
                        } else {
                            frames_sent += 1;
                            last_frame = bytes.clone();
                        }
                        if damage.is_some_and(|damage| damage.frame == frames_sent && !(damage.once && damaged)) {
                            damaged = true;
                            // One bit of the text, so that the check sum no longer fits.
                            bytes[2] ^= 0x01;
                        }
                    }
                    line.write(&bytes)?;
                }
                Action::Keep { message, .. } => {
                    played.received.extend(message);
                    actions.extend(link.kept(Instant::now(), true));
                }
                Action::Delivered => {
                    played.delivered += 1;
                    return Ok(());
                }
                Action::NotDelivered { why } => {
                    played.not_delivered.push(why);
                    return Ok(());
                }
                Action::Discard { .. } | Action::Note(_) => {}
            }
        }
        let now = Instant::now();
        let wait = link.deadline().map_or(LOOK, |deadline| deadline.saturating_duration_since(now)).min(LOOK);
        let count = line.read(&mut buffer, wait.max(Duration::from_millis(1)))?;
        actions.extend(link.received(Instant::now(), &buffer[..count]));
        if link.deadline().is_some_and(|deadline| Instant::now() >= deadline) {
            actions.extend(link.tick(Instant::now()));
        }
    }
}

fn text(records: &[String]) -> String {
    records.iter().map(|record| format!("{record}\r")).collect()
}

fn astm_unfinished(line: &mut dyn Line, records: &[String], frames: usize) -> io::Result<()> {
    line.write(&[ENQ])?;
    wait_answer(line)?;
    for frame in frames_of(text(records).as_bytes(), TEXT_BYTES).iter().take(frames) {
        line.write(&frame.encode())?;
        wait_answer(line)?;
    }
    Ok(())
}

/// `refuse`: so many ENQ and so many frames are answered with NAK.
fn astm_listen(
    line: &mut dyn Line,
    patience: Duration,
    mut refuse: (usize, usize),
    played: &mut Played,
) -> io::Result<()> {
    let mut link = AstmLink::new(Side::Instrument, Tolerances::harmless());
    let until = Instant::now() + patience;
    let before = played.received.len();
    let mut buffer = [0u8; 1024];
    while Instant::now() < until && !(played.received.len() > before && link.is_idle()) {
        let count = line.read(&mut buffer, LOOK)?;
        if refuse.0 > 0 && buffer[..count].contains(&ENQ) && link.is_idle() {
            refuse.0 -= 1;
            line.write(&[NAK])?;
            continue;
        }
        let mut actions = VecDeque::from(link.received(Instant::now(), &buffer[..count]));
        actions.extend(link.tick(Instant::now()));
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Send(bytes) => line.write(&bytes)?,
                Action::Keep { message, .. } => {
                    let good = refuse.1 == 0;
                    refuse.1 = refuse.1.saturating_sub(1);
                    played.received.extend(message.filter(|_| good));
                    actions.extend(link.kept(Instant::now(), good));
                }
                Action::Discard { .. } | Action::Note(_) | Action::Delivered | Action::NotDelivered { .. } => {}
            }
        }
    }
    Ok(())
}
