//! Instruments without hardware: an ASTM analyser, balances, a VIDAS, an HL7 analyser, a program that exports files.
//!
//! They speak through any [`Line`](super::Line), for example one half of `serialport::TTYPort::pair()`.

mod astm;
mod balance;
mod files;
mod framed;
mod hl7;

use std::time::Duration;

pub use astm::{Played, Step, astm_analyser};
pub use balance::{BalanceKind, BalanceStep, Load, balance, balance_of, play_balance};
pub use files::{Change, FileStep, export_file, file_exporter};
pub use framed::{Disturbance, disturbed_sender, framed_sender};
pub use hl7::{Hl7Step, hl7_analyser};

/// How long one look at the line takes when nothing comes.
const LOOK: Duration = Duration::from_millis(50);

/// A serial line without hardware: the instrument's half, and the path under which the agent opens the other half.
/// Until it is opened, reading from the instrument's half fails.
#[cfg(unix)]
pub fn pseudo_terminal() -> std::io::Result<(super::serial::Serial, String)> {
    use serialport::SerialPort;
    let (master, slave) = serialport::TTYPort::pair()?;
    let path = slave.name().ok_or_else(|| std::io::Error::other("the pseudo-terminal has no name"))?;
    // The agent wants the port for itself: our handle would keep its lock.
    drop(slave);
    Ok((super::serial::Serial { port: Box::new(master) }, path))
}
