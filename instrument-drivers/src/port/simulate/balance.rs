//! Balances of four makers: a load settles, the print key is pressed or the host asks.

use std::io;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::port::line::Line;
use crate::wire::balances;
use crate::wire::mt_sics::weight_line;

/// Whose lines and commands a balance speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceKind {
    #[default]
    MtSics,
    Sbi,
    AndBalance,
    Ohaus,
    Radwag,
}

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

/// What a balance does, in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "one of a load (value, unit, settles_ms, print_key), torn = { value, unit }, silence_ms and noise"
)]
pub enum BalanceStep {
    Weigh(Load),
    /// The first half of the line of a load, and never its rest.
    Torn {
        torn: Load,
    },
    /// Says nothing for so many milliseconds.
    Silence {
        silence_ms: u64,
    },
    /// Sends bytes that mean nothing.
    Noise {
        noise: Vec<u8>,
    },
}

/// Plays the script; returns how many loads were weighed. Ends early when nothing was asked for `patience`.
pub fn play_balance(
    kind: BalanceKind,
    line: &mut dyn Line,
    script: &[BalanceStep],
    patience: Duration,
) -> io::Result<usize> {
    let mut weighed = 0;
    for step in script {
        match step {
            BalanceStep::Weigh(load) => match balance_of(kind, line, std::slice::from_ref(load), patience)? {
                0 => break,
                count => weighed += count,
            },
            BalanceStep::Torn { torn } => {
                let text = kind.line(true, torn);
                line.write(&text.as_bytes()[..text.len() / 2])?;
            }
            BalanceStep::Silence { silence_ms } => std::thread::sleep(Duration::from_millis(*silence_ms)),
            BalanceStep::Noise { noise } => line.write(noise)?,
        }
    }
    Ok(weighed)
}

/// An MT-SICS balance, see [`balance_of`]. Answers S, SI, T, TI, Z, ZI, TAC, @, I4.
pub fn balance(line: &mut dyn Line, loads: &[Load], patience: Duration) -> io::Result<usize> {
    balance_of(BalanceKind::MtSics, line, loads, patience)
}

/// Each load stays on the pan until it was printed or asked for once while stable. Returns after the last load, or when
/// nothing was asked for `patience`.
pub fn balance_of(kind: BalanceKind, line: &mut dyn Line, loads: &[Load], patience: Duration) -> io::Result<usize> {
    let mut weighed = 0;
    let mut input = Vec::new();
    for load in loads {
        let on_pan = Instant::now();
        let stable_at = on_pan + Duration::from_millis(load.settles_ms);
        loop {
            if load.print_key && Instant::now() >= stable_at {
                line.write(kind.line(true, load).as_bytes())?;
                weighed += 1;
                break;
            }
            if let Some(command) = next_command(kind, line, &mut input)? {
                let (text, answered) = kind.answer(&command, load, stable_at);
                line.write(text.as_bytes())?;
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

impl BalanceKind {
    fn line(self, stable: bool, load: &Load) -> String {
        match self {
            BalanceKind::MtSics => weight_line("S", stable, &load.value, &load.unit),
            BalanceKind::Sbi => balances::sbi(stable, &load.value, &load.unit),
            BalanceKind::AndBalance => balances::and(stable, &load.value, &load.unit),
            BalanceKind::Ohaus => balances::ohaus(stable, &load.value, &load.unit),
            BalanceKind::Radwag => balances::radwag(stable, &load.value, &load.unit),
        }
    }

    /// The answer, and whether it is a stable weight.
    fn answer(self, command: &str, load: &Load, stable_at: Instant) -> (String, bool) {
        let stable = Instant::now() >= stable_at;
        let (now, when_stable, unknown) = match self {
            BalanceKind::MtSics => return mt_sics_answer(command, load, stable_at),
            BalanceKind::Sbi => (&["\u{1b}P"][..], &[][..], ""),
            BalanceKind::AndBalance => (&["Q", "SI"][..], &["S"][..], "EC,E01\r\n"),
            BalanceKind::Ohaus => (&["IP", "P"][..], &["SP"][..], "ES\r\n"),
            BalanceKind::Radwag => (&["SI"][..], &["S"][..], "ES\r\n"),
        };
        if now.contains(&command) {
            (self.line(stable, load), stable)
        } else if when_stable.contains(&command) {
            std::thread::sleep(stable_at.saturating_duration_since(Instant::now()));
            (self.line(true, load), true)
        } else {
            (unknown.to_string(), false)
        }
    }
}

fn mt_sics_answer(command: &str, load: &Load, stable_at: Instant) -> (String, bool) {
    let stable = Instant::now() >= stable_at;
    match command {
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
    }
}

fn next_command(kind: BalanceKind, line: &mut dyn Line, input: &mut Vec<u8>) -> io::Result<Option<String>> {
    let mut buffer = [0u8; 256];
    let count = line.read(&mut buffer, Duration::from_millis(10))?;
    input.extend_from_slice(&buffer[..count]);
    // SBI: ESC and a letter, with or without a line end.
    let end = match kind {
        BalanceKind::Sbi => input.windows(2).position(|pair| pair[0] == 0x1b).map(|at| at + 1),
        _ => input.iter().position(|byte| *byte == b'\n'),
    };
    let Some(end) = end else {
        return Ok(None);
    };
    let command: Vec<u8> = input.drain(..=end).collect();
    Ok(Some(String::from_utf8_lossy(&command).trim().to_string()))
}
