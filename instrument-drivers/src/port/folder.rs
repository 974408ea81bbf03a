//! Folders into which software exports files. Files are only ever read: never moved, changed, locked or deleted.
//!
//! A file is taken when two looks in a row show the same size and time, and again whenever its content changes. What was
//! taken is known by name and SHA-256 in the spool, so a restart or a copied share takes nothing twice.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Desk;
use crate::agent::config::FolderConfig;
use crate::agent::forward;
use crate::agent::spool::{MessageKind, sha256};

/// Looks until the agent stops.
pub fn watch(config: &FolderConfig, desk: &Desk) {
    let mut watch = Watch { config, seen: HashMap::new() };
    while !desk.stopping() {
        match watch.look(desk) {
            Ok(()) => desk.board.port(&desk.instrument, |status| {
                status.connected = true;
                if status.error.as_deref().is_some_and(|error| error.starts_with(FOLDER_GONE)) {
                    status.error = None;
                }
            }),
            // A network share that went away comes back.
            Err(error) => {
                desk.board.port(&desk.instrument, |status| status.connected = false);
                desk.failed(&format!("{FOLDER_GONE} {}: {error}", config.path.display()));
            }
        }
        forward::sleep(config.look_every(), &desk.stop);
    }
}

const FOLDER_GONE: &str = "the folder cannot be read:";

struct Watch<'a> {
    config: &'a FolderConfig,
    seen: HashMap<PathBuf, Look>,
}

/// How a file looked last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    bytes: u64,
    modified: Option<SystemTime>,
    taken: bool,
}

impl Watch<'_> {
    fn look(&mut self, desk: &Desk) -> io::Result<()> {
        let mut files = Vec::new();
        list(&self.config.path, self.config.recursive, &mut files)?;
        files.sort();
        self.seen.retain(|path, _| files.contains(path));
        for path in files {
            let matches =
                path.file_name().is_some_and(|name| name_matches(&self.config.pattern, &name.to_string_lossy()));
            if !matches || desk.stopping() {
                continue;
            }
            let Ok(look) = look_at(&path) else { continue };
            match self.seen.get(&path) {
                Some(last) if last.bytes == look.bytes && last.modified == look.modified => {
                    if !last.taken && self.take(&path, look, desk) {
                        self.seen.insert(path, Look { taken: true, ..look });
                    }
                }
                _ => {
                    self.seen.insert(path, look);
                }
            }
        }
        Ok(())
    }

    /// True when the file is in the spool, now or from before.
    fn take(&self, path: &Path, look: Look, desk: &Desk) -> bool {
        let name = path.strip_prefix(&self.config.path).unwrap_or(path).to_string_lossy().replace('\\', "/");
        // An empty file is one that is about to be written.
        if look.bytes == 0 {
            return false;
        }
        let Ok(bytes) = fs::read(path) else {
            return false;
        };
        let unchanged = look_at(path).is_ok_and(|after| after.bytes == look.bytes && after.modified == look.modified);
        if !unchanged || bytes.len() as u64 != look.bytes {
            return false;
        }
        if desk.spool.has_file(&desk.instrument, &name, &sha256(&bytes)) {
            return true;
        }
        let now = (desk.clock)();
        match desk.spool.store(&desk.instrument, MessageKind::File, &bytes, Some(&name), now) {
            Ok(_) => {
                desk.stored(now);
                tracing::info!(bytes = bytes.len(), "Took file {name}");
                true
            }
            Err(error) => {
                desk.failed(&format!("{name} cannot be stored, it is tried again: {error}"));
                false
            }
        }
    }
}

fn list(folder: &Path, recursive: bool, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_file() {
            files.push(entry.path());
        } else if kind.is_dir() && recursive {
            // A folder below that cannot be read does not hide the others.
            let _ = list(&entry.path(), true, files);
        }
    }
    Ok(())
}

fn look_at(path: &Path) -> io::Result<Look> {
    let metadata = fs::metadata(path)?;
    Ok(Look { bytes: metadata.len(), modified: metadata.modified().ok(), taken: false })
}

/// `*` stands for any text, `?` for one character; letters are compared without case.
fn name_matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    // The place to return to when the rest does not fit: the last star and how much it has swallowed.
    let (mut p, mut n, mut back) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match back {
                Some((star, swallowed)) => {
                    back = Some((star, swallowed + 1));
                    p = star + 1;
                    n = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_with_stars() {
        for (pattern, name, expected) in [
            ("*", "a.csv", true),
            ("*.csv", "Run 7.CSV", true),
            ("*.csv", "run.csv.tmp", false),
            ("run?-*.txt", "run7-a-b.txt", true),
            ("run?.txt", "run12.txt", false),
            ("*a*b", "xaxbxb", true),
        ] {
            assert_eq!(name_matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
