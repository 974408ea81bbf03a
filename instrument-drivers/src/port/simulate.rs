//! Instruments without hardware: an ASTM analyser, a balance, a VIDAS, a program that exports files.
//!
//! They speak through any [`Line`], for example one half of `serialport::TTYPort::pair()`.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::Line;
use crate::wire::astm_frame::{ACK, ENQ, EOT, ETX, NAK, STX};
use crate::wire::astm_link::{AstmLink, Side, Tolerances};
use crate::wire::mt_sics::weight_line;
use crate::wire::{Action, Link};

/// What an ASTM analyser does, in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Sends these records (without CR) as one message.
    Message(Vec<String>),
    /// As `message`, but the frame with this number (from 1) is damaged the first time.
    DamagedOnce { frame: usize, records: Vec<String> },
    /// Says nothing for so many milliseconds.
    SilenceMs(u64),
    /// Sends bytes that mean nothing.
    Noise(Vec<u8>),
    /// Takes one message from the host (orders), waiting at most so many milliseconds.
    ListenMs(u64),
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
            Step::ListenMs(ms) => astm_listen(line, Duration::from_millis(*ms), &mut played)?,
            Step::Message(records) => astm_message(line, records, None, &mut played)?,
            Step::DamagedOnce { frame, records } => astm_message(line, records, Some(*frame), &mut played)?,
        }
    }
    Ok(played)
}

fn astm_message(line: &mut dyn Line, records: &[String], damage: Option<usize>, played: &mut Played) -> io::Result<()> {
    let mut link = AstmLink::new(Side::Instrument, Tolerances::default());
    let message: String = records.iter().map(|record| format!("{record}\r")).collect();
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
                        if damage == Some(frames_sent) && !damaged {
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

fn astm_listen(line: &mut dyn Line, patience: Duration, played: &mut Played) -> io::Result<()> {
    let mut link = AstmLink::new(Side::Instrument, Tolerances::default());
    let until = Instant::now() + patience;
    let before = played.received.len();
    let mut buffer = [0u8; 1024];
    while Instant::now() < until && !(played.received.len() > before && link.is_idle()) {
        let count = line.read(&mut buffer, LOOK)?;
        let mut actions = VecDeque::from(link.received(Instant::now(), &buffer[..count]));
        actions.extend(link.tick(Instant::now()));
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Send(bytes) => line.write(&bytes)?,
                Action::Keep { message, .. } => {
                    played.received.extend(message);
                    actions.extend(link.kept(Instant::now(), true));
                }
                Action::Discard { .. } | Action::Note(_) | Action::Delivered | Action::NotDelivered { .. } => {}
            }
        }
    }
    Ok(())
}

const LOOK: Duration = Duration::from_millis(50);

/// One load on the pan of a balance.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// As displayed: `12.3456`.
    pub value: String,
    pub unit: String,
    /// Milliseconds until the display is stable.
    #[serde(default)]
    pub settles_ms: u64,
    /// The print key is pressed when it is stable; otherwise the host asks.
    #[serde(default)]
    pub print_key: bool,
}

/// An MT-SICS balance: each load stays on the pan until it was printed or asked for once while stable. Answers S, SI, T,
/// TI, Z, ZI, @, I4. Returns after the last load, or when nothing was asked for `patience`.
pub fn balance(line: &mut dyn Line, loads: &[Load], patience: Duration) -> io::Result<usize> {
    let mut weighed = 0;
    let mut input = Vec::new();
    for load in loads {
        let on_pan = Instant::now();
        let stable_at = on_pan + Duration::from_millis(load.settles_ms);
        loop {
            if load.print_key && Instant::now() >= stable_at {
                line.write(weight_line("S", true, &load.value, &load.unit).as_bytes())?;
                weighed += 1;
                break;
            }
            if let Some(command) = next_command(line, &mut input)? {
                let answered = answer(line, &command, load, stable_at)?;
                if answered {
                    weighed += 1;
                    break;
                }
            } else if !load.print_key && on_pan.elapsed() > patience {
                return Ok(weighed);
            }
        }
    }
    Ok(weighed)
}

/// True when a stable weight went out.
fn answer(line: &mut dyn Line, command: &str, load: &Load, stable_at: Instant) -> io::Result<bool> {
    let stable = Instant::now() >= stable_at;
    let (text, weighed) = match command {
        "S" | "T" => {
            // S and T wait for stability.
            std::thread::sleep(stable_at.saturating_duration_since(Instant::now()));
            (weight_line(command, true, &load.value, &load.unit), command == "S")
        }
        "SI" => (weight_line("S", stable, &load.value, &load.unit), stable),
        "TI" => (weight_line("TI", stable, &load.value, &load.unit), false),
        "Z" | "TAC" => (format!("{command} A\r\n"), false),
        "ZI" => (format!("ZI {}\r\n", if stable { 'S' } else { 'D' }), false),
        "@" | "I4" => ("I4 A \"0000000001\"\r\n".to_string(), false),
        _ => ("ES\r\n".to_string(), false),
    };
    line.write(text.as_bytes())?;
    Ok(weighed)
}

fn next_command(line: &mut dyn Line, input: &mut Vec<u8>) -> io::Result<Option<String>> {
    let mut buffer = [0u8; 256];
    let count = line.read(&mut buffer, Duration::from_millis(10))?;
    input.extend_from_slice(&buffer[..count]);
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
        return Ok(None);
    };
    let command: Vec<u8> = input.drain(..=end).collect();
    Ok(Some(String::from_utf8_lossy(&command).trim().to_string()))
}

/// Sends stored bytes as a VIDAS or plain STX/ETX device would: ENQ, wait, the bytes, wait, EOT. Bytes that hold their own
/// ENQ are sent as they are. Returns whether everything was acknowledged.
pub fn framed_sender(line: &mut dyn Line, capture: &[u8]) -> io::Result<bool> {
    let has_enq = capture.contains(&ENQ);
    if !has_enq {
        line.write(&[ENQ])?;
        if wait_answer(line)? != Some(ACK) {
            return Ok(false);
        }
    }
    let mut accepted = true;
    // Cut before each STX and behind each ENQ and EOT, so that every part can be answered.
    for part in parts(capture) {
        for _try in 0..6 {
            line.write(part)?;
            let wants_answer = part.contains(&STX) || part == [ENQ];
            accepted = !wants_answer || wait_answer(line)? == Some(ACK);
            if accepted {
                break;
            }
        }
        if !accepted {
            break;
        }
    }
    line.write(&[EOT])?;
    Ok(accepted)
}

fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    let mut cuts = vec![0];
    for (at, byte) in bytes.iter().enumerate() {
        match *byte {
            STX | EOT => cuts.push(at),
            ENQ => cuts.extend([at, at + 1]),
            _ => {}
        }
    }
    cuts.push(bytes.len());
    cuts.dedup();
    cuts.windows(2)
        .map(|pair| &bytes[pair[0]..pair[1]])
        .filter(|part| part.iter().any(|b| !matches!(*b, b'\r' | b'\n' | EOT | ETX)))
        .collect()
}

/// ACK or NAK within 15 s.
fn wait_answer(line: &mut dyn Line) -> io::Result<Option<u8>> {
    let until = Instant::now() + Duration::from_secs(15);
    let mut byte = [0u8; 1];
    while Instant::now() < until {
        if line.read(&mut byte, LOOK)? == 1 && matches!(byte[0], ACK | NAK) {
            return Ok(Some(byte[0]));
        }
    }
    Ok(None)
}

/// Writes a file as a chromatography program does: in two parts with a pause, under its final name.
pub fn export_file(folder: &Path, name: &str, bytes: &[u8], pause: Duration) -> io::Result<()> {
    let mut file = fs::File::create(folder.join(name))?;
    let (first, second) = bytes.split_at(bytes.len() / 2);
    file.write_all(first)?;
    file.flush()?;
    std::thread::sleep(pause);
    file.write_all(second)
}

/// A serial line without hardware: the instrument's half, and the path under which the agent opens the other half.
/// Until it is opened, reading from the instrument's half fails.
#[cfg(unix)]
pub fn pseudo_terminal() -> io::Result<(super::serial::Serial, String)> {
    use serialport::SerialPort;
    let (master, slave) = serialport::TTYPort::pair()?;
    let path = slave.name().ok_or_else(|| io::Error::other("the pseudo-terminal has no name"))?;
    // The agent wants the port for itself: our handle would keep its lock.
    drop(slave);
    Ok((super::serial::Serial { port: Box::new(master) }, path))
}
