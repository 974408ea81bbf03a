//! Software that exports files: written in two parts, appended to, replaced, renamed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// One thing that the software does in its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStep {
    pub name: String,
    pub change: Change,
    /// Pause in the middle of writing, and before the next step.
    pub pause: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Writes the file anew.
    Write(Vec<u8>),
    Append(Vec<u8>),
    /// Writes the first half, and never the rest: the program crashed.
    Torn(Vec<u8>),
    RenameTo(String),
}

/// Plays the steps in a folder.
pub fn file_exporter(folder: &Path, steps: &[FileStep]) -> io::Result<()> {
    for step in steps {
        match &step.change {
            Change::Write(bytes) => export_file(folder, &step.name, bytes, step.pause)?,
            Change::Append(bytes) => {
                OpenOptions::new().append(true).open(folder.join(&step.name))?.write_all(bytes)?;
                std::thread::sleep(step.pause);
            }
            Change::Torn(bytes) => {
                fs::write(folder.join(&step.name), &bytes[..bytes.len() / 2])?;
                std::thread::sleep(step.pause);
            }
            Change::RenameTo(name) => {
                fs::rename(folder.join(&step.name), folder.join(name))?;
                std::thread::sleep(step.pause);
            }
        }
    }
    Ok(())
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
