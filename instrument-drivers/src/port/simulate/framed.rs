//! A device that sends stored bytes in frames: a VIDAS, plain STX and ETX.

use std::io;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::LOOK;
use crate::port::line::Line;
use crate::wire::astm_frame::{ACK, ENQ, EOT, ETX, NAK, STX};

/// What goes wrong on the line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Disturbance {
    /// Bytes that mean nothing, before the first message.
    pub noise: Vec<u8>,
    /// So many milliseconds without a byte before every message.
    pub silence_ms: u64,
    /// The message with this number (from 1) is damaged the first time, so that its check sum does not fit.
    pub damaged_once: Option<usize>,
}

/// Sends stored bytes as a VIDAS or plain STX/ETX device would: ENQ, wait, the bytes, wait, EOT. Bytes that hold their own
/// ENQ are sent as they are. Returns whether everything was acknowledged.
pub fn framed_sender(line: &mut dyn Line, capture: &[u8]) -> io::Result<bool> {
    disturbed_sender(line, capture, &Disturbance::default())
}

/// The same on a bad line.
pub fn disturbed_sender(line: &mut dyn Line, capture: &[u8], disturbance: &Disturbance) -> io::Result<bool> {
    let has_enq = capture.contains(&ENQ);
    if !has_enq {
        line.write(&[ENQ])?;
        if wait_answer(line)? != Some(ACK) {
            return Ok(false);
        }
    }
    let (mut accepted, mut messages) = (true, 0);
    line.write(&disturbance.noise)?;
    // Cut before each STX and behind each ENQ and EOT, so that every part can be answered.
    for part in parts(capture) {
        let stx = part.iter().position(|byte| *byte == STX);
        if stx.is_some() {
            messages += 1;
            std::thread::sleep(Duration::from_millis(disturbance.silence_ms));
        }
        for attempt in 0..6 {
            match stx.filter(|_| attempt == 0 && disturbance.damaged_once == Some(messages)) {
                Some(at) => line.write(&damaged(part, at + DAMAGED_BEHIND_STX))?,
                None => line.write(part)?,
            }
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

/// A letter of the first field, in VIDAS as in ASTM.
const DAMAGED_BEHIND_STX: usize = 2;

/// With one bit of a byte the other way round.
fn damaged(part: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = part.to_vec();
    bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
    bytes
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
pub fn wait_answer(line: &mut dyn Line) -> io::Result<Option<u8>> {
    let until = Instant::now() + Duration::from_secs(15);
    let mut byte = [0u8; 1];
    while Instant::now() < until {
        if line.read(&mut byte, LOOK)? == 1 && matches!(byte[0], ACK | NAK) {
            return Ok(Some(byte[0]));
        }
    }
    Ok(None)
}
