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

/// A line that writes down what passes.
pub struct Recorded<L> {
    line: L,
    file: File,
    clock: Clock,
}

impl<L: Line> Recorded<L> {
    /// Appends to the recording at `path`.
    pub fn new(line: L, path: &Path, clock: Clock) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Recorded { line, file, clock })
    }

    fn note(&mut self, from: From, bytes: &[u8]) -> io::Result<()> {
        let stretch = Stretch { at: (self.clock)(), from, bytes: hex::encode(bytes) };
        let line = serde_json::to_string(&stretch).map_err(io::Error::other)? + "\n";
        self.file.write_all(line.as_bytes())
    }
}

impl<L: Line> Line for Recorded<L> {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let count = self.line.read(buffer, timeout)?;
        if count > 0 {
            self.note(From::Instrument, &buffer[..count])?;
        }
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.note(From::Host, bytes)?;
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
