//! Recordings of a port, one JSON object per line: of a line every byte of both directions with its time, of a folder every file
//! as it was taken.

use std::cell::Cell;
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::line::Line;
use crate::clock::Clock;

/// One stretch of bytes, or one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    pub at: DateTime<Utc>,
    pub from: From,
    /// Hex, two digits per byte.
    pub bytes: String,
    /// Of a folder: the name of the file within it. The bytes are the whole file, the time is when it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Stretch {
    fn new(at: DateTime<Utc>, from: From, bytes: &[u8]) -> Self {
        Stretch { at, from, bytes: hex::encode(bytes), file: None }
    }

    pub fn of_file(at: DateTime<Utc>, name: &str, bytes: &[u8]) -> Self {
        Stretch { file: Some(name.to_string()), ..Stretch::new(at, From::Instrument, bytes) }
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        hex::decode(&self.bytes).map_err(io::Error::other)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    Instrument,
    Host,
}

/// A recording that is being written. Where it cannot be, the port goes on without it: it helps to find faults, and what the
/// instrument sends comes first.
pub struct Recording {
    file: File,
    /// The last stretch could not be written.
    is_broken: Cell<bool>,
}

impl Recording {
    /// Appends to the recording at `path`.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Recording { file, is_broken: Cell::new(false) })
    }

    pub fn note(&self, stretch: &Stretch) {
        let written = self.write_down(stretch);
        if let (Err(error), false) = (&written, self.is_broken.get()) {
            tracing::warn!("The recording cannot be written; what passes meanwhile is not in it: {error}");
        }
        self.is_broken.set(written.is_err());
    }

    fn write_down(&self, stretch: &Stretch) -> io::Result<()> {
        // Half a line may stand there.
        let before = if self.is_broken.get() { "\n" } else { "" };
        let line = serde_json::to_string(stretch).map_err(io::Error::other)?;
        (&self.file).write_all(format!("{before}{line}\n").as_bytes())
    }
}

/// A line that writes down what passes.
pub struct Recorded<L> {
    line: L,
    recording: Recording,
    clock: Clock,
}

impl<L: Line> Recorded<L> {
    /// Appends to the recording at `path`.
    pub fn new(line: L, path: &Path, clock: Clock) -> io::Result<Self> {
        Ok(Recorded { line, recording: Recording::open(path)?, clock })
    }

    fn note(&self, from: From, bytes: &[u8]) {
        self.recording.note(&Stretch::new((self.clock)(), from, bytes));
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
    let mut last = None;
    let mut buffer = [0u8; 4096];
    for stretch in stretches.iter().filter(|stretch| stretch.from == From::Instrument && stretch.file.is_none()) {
        line.read(&mut buffer, pause(&mut last, stretch.at, speed).max(Duration::from_millis(1)))?;
        line.write(&stretch.bytes()?)?;
    }
    line.read(&mut buffer, Duration::from_millis(200)).map(|_| ())
}

/// Writes the files of a recording into a folder, in order, with the pauses between them. What was there before is not written
/// over. Returns how many were written: a file that had been added to is written once for each time that it was taken.
pub fn replay_files(stretches: &[Stretch], folder: &Path, speed: f32) -> io::Result<usize> {
    let mut written: HashSet<&str> = HashSet::new();
    let (mut last, mut count) = (None, 0);
    for stretch in stretches {
        let Some(name) = stretch.file.as_deref() else { continue };
        let path = within(folder, name)?;
        if !written.contains(name) && path.exists() {
            let error = format!("{} is there already: replay into an empty folder", path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, error));
        }
        std::thread::sleep(pause(&mut last, stretch.at, speed));
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(&path, stretch.bytes()?)?;
        written.insert(name);
        count += 1;
    }
    Ok(count)
}

/// How long it was from the last stretch to this one.
fn pause(last: &mut Option<DateTime<Utc>>, at: DateTime<Utc>, speed: f32) -> Duration {
    let gap = last.replace(at).map_or(Duration::ZERO, |last| (at - last).to_std().unwrap_or_default());
    gap.div_f32(speed.clamp(0.01, 1000.0))
}

/// The place of a file of the recording, which nobody may have written by hand to lead elsewhere.
fn within(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let is_within = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    match is_within && !name.is_empty() {
        true => Ok(folder.join(name)),
        false => Err(io::Error::other(format!("'{name}' in the recording is no file within a folder"))),
    }
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
    fn files_are_written_again_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("folder.jsonl");
        let recording = Recording::open(&path).unwrap();
        let at = |second: u32| DateTime::from_timestamp(1_773_133_200 + i64::from(second), 0).unwrap();
        recording.note(&Stretch::of_file(at(0), "a.csv", b"A,1\n"));
        recording.note(&Stretch::of_file(at(1), "day/b.csv", &[0xff, 0]));
        recording.note(&Stretch::of_file(at(2), "a.csv", b"A,1\nA,2\n"));
        let stretches = load(&path).unwrap();
        assert_eq!(stretches[1].file.as_deref(), Some("day/b.csv"));
        let again = folder.path().join("again");
        assert_eq!(replay_files(&stretches, &again, 1000.0).unwrap(), 3);
        assert_eq!(fs::read(again.join("a.csv")).unwrap(), b"A,1\nA,2\n");
        assert_eq!(fs::read(again.join("day/b.csv")).unwrap(), [0xff, 0]);
        // What is there is somebody's.
        let error = replay_files(&stretches, &again, 1000.0).unwrap_err();
        assert!(error.to_string().contains("a.csv is there already"), "{error}");
        for name in ["../c.csv", "/c.csv", ""] {
            let stray = [Stretch::of_file(at(0), name, b"x")];
            assert!(replay_files(&stray, &again, 1.0).unwrap_err().to_string().contains("no file within"), "{name}");
        }
        // A line plays no files, a folder no bytes of a line.
        let mut parrot = Parrot { heard: Vec::new() };
        replay(&stretches, &mut parrot, 1000.0).unwrap();
        assert!(parrot.heard.is_empty());
        assert_eq!(replay_files(&[Stretch::new(at(0), From::Instrument, b"ENQ")], &again, 1.0).unwrap(), 0);
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
