//! Recordings of a line: every byte of both directions with its time, one JSON object per line.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::line::Line;
use crate::clock::Clock;

/// One stretch of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    pub at: DateTime<Utc>,
    pub from: From,
    /// Hex, two digits per byte.
    pub bytes: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    Instrument,
    Host,
}

/// A line that writes down what passes. Where the recording cannot be written the line goes on without it: it helps to find
/// faults, and what the instrument sends comes first.
pub struct Recorded<L> {
    line: L,
    file: File,
    clock: Clock,
    /// The last stretch could not be written.
    is_broken: bool,
}

impl<L: Line> Recorded<L> {
    /// Appends to the recording at `path`.
    pub fn new(line: L, path: &Path, clock: Clock) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Recorded { line, file, clock, is_broken: false })
    }

    fn note(&mut self, from: From, bytes: &[u8]) {
        let written = self.write_down(from, bytes);
        if let (Err(error), false) = (&written, self.is_broken) {
            tracing::warn!("The recording cannot be written; what passes meanwhile is not in it: {error}");
        }
        self.is_broken = written.is_err();
    }

    fn write_down(&mut self, from: From, bytes: &[u8]) -> io::Result<()> {
        let stretch = Stretch { at: (self.clock)(), from, bytes: hex::encode(bytes) };
        // Half a line may stand there.
        let before = if self.is_broken { "\n" } else { "" };
        let line = serde_json::to_string(&stretch).map_err(io::Error::other)?;
        self.file.write_all(format!("{before}{line}\n").as_bytes())
    }
}

impl<L: Line> Line for Recorded<L> {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let count = self.line.read(buffer, timeout)?;
        if count > 0 {
            self.note(From::Instrument, &buffer[..count]);
        }
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.note(From::Host, bytes);
        self.line.write(bytes)
    }
}

/// Reads a recording.
pub fn load(path: &Path) -> io::Result<Vec<Stretch>> {
    let mut stretches = Vec::new();
    for (number, line) in io::BufReader::new(File::open(path)?).lines().enumerate() {
        let stretch = serde_json::from_str(&line?)
            .map_err(|error| io::Error::other(format!("line {} of the recording: {error}", number + 1)))?;
        stretches.push(stretch);
    }
    Ok(stretches)
}

/// Plays the instrument's part of a recording into a line; answers are read and ignored. `speed` 2 is twice as fast.
pub fn replay(stretches: &[Stretch], line: &mut dyn Line, speed: f32) -> io::Result<()> {
    let mut last: Option<DateTime<Utc>> = None;
    let mut buffer = [0u8; 4096];
    for stretch in stretches.iter().filter(|stretch| stretch.from == From::Instrument) {
        let gap = last.map_or(Duration::ZERO, |last| (stretch.at - last).to_std().unwrap_or_default());
        last = Some(stretch.at);
        line.read(&mut buffer, gap.div_f32(speed.clamp(0.01, 1000.0)).max(Duration::from_millis(1)))?;
        let bytes = hex::decode(&stretch.bytes).map_err(io::Error::other)?;
        line.write(&bytes)?;
    }
    line.read(&mut buffer, Duration::from_millis(200)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Says one thing, again and again, and keeps what it is told.
    struct Parrot {
        heard: Vec<u8>,
    }

    impl Line for Parrot {
        fn read(&mut self, buffer: &mut [u8], _timeout: Duration) -> io::Result<usize> {
            buffer[..3].copy_from_slice(b"ENQ");
            Ok(3)
        }

        fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.heard.extend_from_slice(bytes);
            Ok(())
        }
    }

    /// A disk that is always full.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_takes_no_byte_from_the_line() {
        let parrot = Parrot { heard: Vec::new() };
        let mut line = Recorded::new(parrot, Path::new("/dev/full"), Arc::new(Utc::now)).unwrap();
        let mut buffer = [0u8; 16];
        for _ in 0..2 {
            assert_eq!(line.read(&mut buffer, Duration::from_millis(1)).unwrap(), 3);
            line.write(b"ACK").unwrap();
        }
        assert_eq!((&buffer[..3], line.line.heard.as_slice()), (&b"ENQ"[..], &b"ACKACK"[..]));
    }

    #[test]
    fn what_passed_can_be_loaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("line.jsonl");
        let mut line = Recorded::new(Parrot { heard: Vec::new() }, &path, Arc::new(Utc::now)).unwrap();
        line.read(&mut [0u8; 16], Duration::from_millis(1)).unwrap();
        line.write(b"ACK").unwrap();
        let stretches: Vec<(From, String)> =
            load(&path).unwrap().into_iter().map(|one| (one.from, one.bytes)).collect();
        assert_eq!(stretches, [(From::Instrument, "454e51".to_owned()), (From::Host, "41434b".to_owned())]);
    }
}
