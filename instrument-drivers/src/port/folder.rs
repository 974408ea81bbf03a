//! Folders into which software exports files. Files are only ever read: never moved, changed, locked or deleted.
//!
//! A file is taken when two looks in a row show the same size and time, and again whenever its content changes. What was
//! taken is known in the spool by name and SHA-256, so a restart or a share that was copied back takes nothing twice; and
//! by SHA-256 and time of the last change, so a renamed file is not taken again. A second file with the same content is a
//! message of its own: its name may be the number of its sample.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::Desk;
use crate::agent::config::FolderConfig;
use crate::agent::forward;
use crate::agent::spool::sha256;

/// Looks until the agent stops.
pub fn watch(config: &FolderConfig, desk: &Desk) {
    let mut watch = Watch { config, seen: HashMap::new() };
    while !desk.stopping() {
        match watch.look(desk) {
            Ok(()) => desk.status(|status| {
                status.connected = true;
                if status.error.as_deref().is_some_and(|error| error.starts_with(FOLDER_GONE)) {
                    status.error = None;
                }
            }),
            // A network share that went away comes back.
            Err(error) => {
                desk.status(|status| status.connected = false);
                desk.failed(&format!("{FOLDER_GONE} {}: {error}", config.path.display()));
            }
        }
        forward::sleep(config.look_every(), &desk.stop);
    }
}

/// A file beyond this is no export of an instrument; it stays where it is and is named in the status. 512 MiB.
const LARGEST_FILE_BYTES: u64 = 512 << 20;
const FOLDER_GONE: &str = "the folder cannot be read:";

struct Watch<'a> {
    config: &'a FolderConfig,
    seen: HashMap<PathBuf, Look>,
}

/// How a file looked last time.
#[derive(Debug, Clone)]
struct Look {
    bytes: u64,
    modified: Option<SystemTime>,
    /// SHA-256 of what was taken.
    taken: Option<String>,
}

impl Look {
    fn same(&self, other: &Look) -> bool {
        self.bytes == other.bytes && self.modified == other.modified
    }
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
                Some(last) if last.same(&look) => {
                    if last.taken.is_none()
                        && let Some(taken) = self.take(&path, &look, desk)
                    {
                        self.seen.insert(path, Look { taken: Some(taken), ..look });
                    }
                }
                _ => {
                    self.seen.insert(path, look);
                }
            }
        }
        Ok(())
    }

    /// The SHA-256 when the file is in the spool, now or from before.
    fn take(&self, path: &Path, look: &Look, desk: &Desk) -> Option<String> {
        let name = path.strip_prefix(&self.config.path).unwrap_or(path).to_string_lossy().replace('\\', "/");
        // An empty file is one that is about to be written.
        if look.bytes == 0 {
            return None;
        }
        if look.bytes > LARGEST_FILE_BYTES {
            desk.failed(&format!("{name} is larger than 512 MiB and is left where it is: no instrument exports that"));
            return None;
        }
        let bytes = fs::read(path).ok()?;
        let unchanged = look_at(path).is_ok_and(|after| after.same(look));
        if !unchanged || bytes.len() as u64 != look.bytes {
            return None;
        }
        let hash = sha256(&bytes);
        if desk.spool.has_file(&desk.instrument, &name, &hash) {
            return Some(hash);
        }
        let modified = look.modified.map(DateTime::<Utc>::from);
        let known = modified.is_some_and(|at| desk.spool.has_content(&desk.instrument, &hash, at));
        // The same content under another name that is still there is a copy, not the same file.
        let other_is_there = self.seen.values().any(|other| other.taken.as_ref() == Some(&hash));
        if known && !other_is_there {
            tracing::info!("File {name} was taken before under another name");
            return Some(hash);
        }
        let now = (desk.clock)();
        match desk.spool.store_file(&desk.instrument, &bytes, &name, modified, now) {
            Ok(_) => {
                desk.stored(now);
                tracing::info!(bytes = bytes.len(), "Took file {name}");
                Some(hash)
            }
            Err(error) => {
                desk.failed(&format!("{name} cannot be stored, it is tried again: {error}"));
                None
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
    Ok(Look { bytes: metadata.len(), modified: metadata.modified().ok(), taken: None })
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
    use std::io::Write;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::agent::Outgoing;
    use crate::agent::spool::Spool;
    use crate::agent::status::Board;

    /// A folder that is looked at when the test says so.
    struct Bench {
        folder: tempfile::TempDir,
        config: FolderConfig,
        desk: Desk,
    }

    fn bench() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let exports = folder.path().join("exports");
        fs::create_dir(&exports).unwrap();
        let (spool, _) = Spool::open(&folder.path().join("spool"), Utc::now()).unwrap();
        let desk = Desk {
            instrument: "GC-1".into(),
            place: "exports".into(),
            spool: Arc::new(spool),
            board: Arc::new(Board::default()),
            stop: Arc::new(AtomicBool::new(false)),
            clock: Arc::new(Utc::now),
            outgoing: Outgoing::default(),
            sending: AtomicBool::new(false),
            questions: None,
        };
        let config = FolderConfig { path: exports, pattern: "*.csv".into(), look_every_ms: 60, recursive: false };
        Bench { folder, config, desk }
    }

    impl Bench {
        fn path(&self, name: &str) -> PathBuf {
            self.config.path.join(name)
        }

        /// What is in the spool.
        fn taken(&self) -> Vec<String> {
            let messages = self.desk.spool.pending(100, 1 << 20).unwrap();
            messages.into_iter().map(|message| String::from_utf8(message.bytes).unwrap()).collect()
        }
    }

    fn append(path: &Path, text: &str) {
        fs::OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn a_file_is_taken_when_it_rests_and_again_when_it_was_added_to() {
        let bench = bench();
        let mut watch = Watch { config: &bench.config, seen: HashMap::new() };
        let path = bench.path("run.csv");
        for part in ["Sample,", "Area\nA", ",1\nB", ",2\n"] {
            append(&path, part);
            watch.look(&bench.desk).unwrap();
            assert!(bench.taken().is_empty(), "behind {part:?} more comes");
        }
        let whole = "Sample,Area\nA,1\nB,2\n";
        for _ in 0..3 {
            watch.look(&bench.desk).unwrap();
            assert_eq!(bench.taken(), [whole]);
        }
        append(&path, "C,3\n");
        watch.look(&bench.desk).unwrap();
        assert_eq!(bench.taken(), [whole]);
        watch.look(&bench.desk).unwrap();
        let longer = format!("{whole}C,3\n");
        assert_eq!(bench.taken(), [whole, longer.as_str()]);
    }

    #[test]
    fn a_file_that_another_is_renamed_over_is_taken_again() {
        let bench = bench();
        let mut watch = Watch { config: &bench.config, seen: HashMap::new() };
        let mut look = |times: usize| (0..times).for_each(|_| watch.look(&bench.desk).unwrap());
        fs::write(bench.path("run.csv"), "A,1\n").unwrap();
        look(3);
        assert_eq!(bench.taken(), ["A,1\n"]);
        // Of the same size, under a name that is not looked for, and put in its place at once.
        let beside = bench.folder.path().join("run.tmp");
        append(&beside, "A,2\n");
        let later = SystemTime::now() + std::time::Duration::from_secs(5);
        fs::File::options().append(true).open(&beside).unwrap().set_modified(later).unwrap();
        fs::rename(&beside, bench.path("run.csv")).unwrap();
        look(3);
        assert_eq!(bench.taken(), ["A,1\n", "A,2\n"]);
    }

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
