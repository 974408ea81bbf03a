//! Folders into which software exports files. Files are only ever read: never moved, changed, locked or deleted.
//!
//! A file is taken when it has rested: its size and time have not changed for a while. A text whose last line is open rests
//! longer, because a program that writes in pieces stops anywhere, also between two digits. It is taken again whenever its
//! content changes. What was taken is known in the spool by name and SHA-256, so a restart or a share that was copied back takes nothing twice; and
//! by SHA-256 and time of the last change, so a renamed file is not taken again. A second file with the same content is a
//! message of its own: its name may be the number of its sample.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::hash::Hash;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use chrono::{DateTime, Utc};

use super::REOPEN_AFTER;
use super::config::FolderConfig;
use super::desk::Desk;
use super::record::{Recording, Stretch};
use crate::clock::sleep;
use crate::disk::sha256;

/// Looks until the agent stops. What is taken is also written into the recording at `record`.
pub fn watch(config: &FolderConfig, record: Option<&Path>, desk: &Desk) {
    let recording = record.and_then(|path| opened(path, desk));
    let mut watch = Watch { config, seen: HashMap::new(), recording };
    while !desk.stopping() {
        match watch.look(desk, Instant::now()) {
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
        sleep(config.look_every(), &desk.stop);
    }
}

/// The recording; as on a line, nothing is taken before it can be written. `None` when the agent stops.
fn opened(path: &Path, desk: &Desk) -> Option<Recording> {
    while !desk.stopping() {
        match Recording::open(path) {
            Ok(recording) => {
                desk.status(|status| status.error = None);
                return Some(recording);
            }
            Err(error) => {
                desk.failed(&format!("the recording {} cannot be written: {error}", path.display()));
                sleep(REOPEN_AFTER, &desk.stop);
            }
        }
    }
    None
}

/// A file beyond this is no export of an instrument; it stays where it is and is named in the status. 512 MiB.
const LARGEST_FILE_BYTES: u64 = 512 << 20;
const FOLDER_GONE: &str = "the folder cannot be read:";

struct Watch<'a> {
    config: &'a FolderConfig,
    seen: HashMap<PathBuf, Look>,
    recording: Option<Recording>,
}

/// How a file looked last time.
#[derive(Debug, Clone)]
struct Look {
    bytes: u64,
    modified: Option<SystemTime>,
    /// It has looked like this from then on.
    since: Instant,
    /// It has been read, and its last line has no end.
    open_line: bool,
    /// SHA-256 of what was taken.
    taken: Option<String>,
}

/// What came of reading a file that has rested.
enum Outcome {
    /// The SHA-256 of what is in the spool, now or from before.
    Taken(String),
    OpenLine,
    TryAgain,
}

impl Look {
    fn same(&self, other: &Look) -> bool {
        self.bytes == other.bytes && self.modified == other.modified
    }

    fn has_rested(&self, config: &FolderConfig, now: Instant) -> bool {
        let rest = if self.open_line { config.open_line_rest() } else { config.rest() };
        now.saturating_duration_since(self.since) >= rest
    }
}

impl Watch<'_> {
    fn look(&mut self, desk: &Desk, now: Instant) -> io::Result<()> {
        let mut files = Vec::new();
        list(&self.config.path, self.config.recursive, &mut files)?;
        files.sort();
        forget_missing(&mut self.seen, &files);
        for path in files {
            if !self.config.takes_name(&path) || desk.stopping() {
                continue;
            }
            let Ok(look) = look_at(&path, now) else { continue };
            match self.seen.get(&path) {
                Some(last) if last.same(&look) => {
                    if last.taken.is_some() || !last.has_rested(self.config, now) {
                        continue;
                    }
                    let last = last.clone();
                    match self.take(&path, &last, desk, now) {
                        Outcome::Taken(hash) => self.seen.insert(path, Look { taken: Some(hash), ..last }),
                        Outcome::OpenLine => self.seen.insert(path, Look { open_line: true, ..last }),
                        Outcome::TryAgain => None,
                    };
                }
                _ => {
                    self.seen.insert(path, look);
                }
            }
        }
        Ok(())
    }

    fn take(&self, path: &Path, look: &Look, desk: &Desk, now: Instant) -> Outcome {
        let name = path.strip_prefix(&self.config.path).unwrap_or(path).to_string_lossy().replace('\\', "/");
        // An empty file is one that is about to be written.
        if look.bytes == 0 {
            return Outcome::TryAgain;
        }
        if look.bytes > LARGEST_FILE_BYTES {
            desk.failed(&format!("{name} is larger than 512 MiB and is left where it is: no instrument exports that"));
            return Outcome::TryAgain;
        }
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                // It was taken away between two looks: that is its owner's business.
                if error.kind() != io::ErrorKind::NotFound {
                    desk.failed(&format!("{name} cannot be read, it is tried again: {error}"));
                }
                return Outcome::TryAgain;
            }
        };
        let unchanged = look_at(path, now).is_ok_and(|after| after.same(look));
        if !unchanged || bytes.len() as u64 != look.bytes {
            return Outcome::TryAgain;
        }
        let hash = sha256(&bytes);
        if desk.spool.has_file(&desk.instrument, &name, &hash) {
            return Outcome::Taken(hash);
        }
        let modified = look.modified.map(DateTime::<Utc>::from);
        let known = modified.is_some_and(|at| desk.spool.has_content(&desk.instrument, &hash, at));
        // The same content under another name that is still there is a copy, not the same file.
        let other_is_there = || self.seen.values().any(|other| other.taken.as_ref() == Some(&hash));
        if known && !other_is_there() {
            tracing::info!("File {name} was taken before under another name");
            return Outcome::Taken(hash);
        }
        let open = self.config.last_line_ended && last_line_is_open(&bytes);
        if open && !look.open_line {
            return Outcome::OpenLine;
        }
        let received = (desk.clock)();
        match desk.spool.store_file(&desk.instrument, &bytes, &name, modified, received) {
            Ok(_) => {
                desk.stored(received);
                if let Some(recording) = &self.recording {
                    recording.note(&Stretch::of_file(received, &name, &bytes));
                }
                tracing::info!(bytes = bytes.len(), "Took file {name}");
                if open {
                    desk.failed(&format!(
                        "{name} was taken although its last line has no line end: compare its last value with the \
                         instrument's. If this software never ends the last line, set last_line_ended = false"
                    ));
                }
                Outcome::Taken(hash)
            }
            Err(error) => {
                desk.failed(&format!("{name} cannot be stored, it is tried again: {error}"));
                Outcome::TryAgain
            }
        }
    }
}

/// Forgets what is not there any more. A folder holds thousands of files, and all are looked at every time.
fn forget_missing<K: Eq + Hash, V>(seen: &mut HashMap<K, V>, there: &[K]) {
    let there: HashSet<&K> = there.iter().collect();
    seen.retain(|one, _| there.contains(one));
}

/// Whether a text stops within a line. What is no text (a workbook, a PDF) has no lines, and JSON and XML end in their own
/// way, with or without a line end.
fn last_line_is_open(bytes: &[u8]) -> bool {
    const UTF16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
    const UTF8: &[u8] = b"\xef\xbb\xbf";
    let wide = UTF16.iter().any(|mark| bytes.starts_with(mark));
    let binary = !wide && bytes.iter().take(1024).any(|byte| *byte == 0);
    if binary || [&b"%PDF"[..], b"PK\x03\x04", b"\xd0\xcf\x11\xe0"].iter().any(|mark| bytes.starts_with(mark)) {
        return false;
    }
    let narrow = |byte: &u8| !wide || *byte != 0;
    let ends = bytes.iter().rev().copied().filter(narrow).find(|byte| !matches!(*byte, b' ' | b'\t' | CTRL_Z));
    let begins = bytes.strip_prefix(UTF8).unwrap_or(bytes).iter().copied().find(|byte| !byte.is_ascii_whitespace());
    !matches!(
        (begins, ends),
        (_, Some(b'\n' | b'\r' | FORM_FEED))
            | (Some(b'{'), Some(b'}'))
            | (Some(b'['), Some(b']'))
            | (Some(b'<'), Some(b'>'))
    )
}

/// How programs for DOS end a text.
const CTRL_Z: u8 = 0x1a;
const FORM_FEED: u8 = 0x0c;

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

fn look_at(path: &Path, now: Instant) -> io::Result<Look> {
    let metadata = fs::metadata(path)?;
    let modified = metadata.modified().ok();
    Ok(Look { bytes: metadata.len(), modified, since: now, open_line: false, taken: None })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::Hasher;
    use std::io::Write;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use super::*;
    use crate::disk::spool::Spool;
    use crate::port::board::Board;
    use crate::port::desk::Outgoing;

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
            orders: None,
        };
        let config = FolderConfig { pattern: "*.csv".into(), ..FolderConfig::new(exports) };
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

    /// Looks every 2 s, as an agent does.
    struct Looks<'b> {
        bench: &'b Bench,
        watch: Watch<'b>,
        now: Instant,
    }

    impl<'b> Looks<'b> {
        fn at(bench: &'b Bench) -> Self {
            Looks {
                bench,
                watch: Watch { config: &bench.config, seen: HashMap::new(), recording: None },
                now: Instant::now(),
            }
        }

        fn for_seconds(&mut self, seconds: u64) -> Vec<String> {
            for _ in 0..seconds / 2 {
                self.now += Duration::from_secs(2);
                self.watch.look(&self.bench.desk, self.now).unwrap();
            }
            self.bench.taken()
        }

        fn error(&self) -> Option<String> {
            self.bench.desk.board.ports().into_iter().next().and_then(|port| port.error)
        }
    }

    #[test]
    fn a_file_is_taken_when_it_rests_and_again_when_it_was_added_to() {
        let bench = bench();
        let mut looks = Looks::at(&bench);
        let path = bench.path("run.csv");
        for part in ["Sample,", "Area\nA", ",1\n", "B,2\n"] {
            append(&path, part);
            assert!(looks.for_seconds(10).is_empty(), "behind {part:?} more comes");
        }
        let whole = "Sample,Area\nA,1\nB,2\n";
        assert_eq!(looks.for_seconds(2), [whole]);
        assert_eq!(looks.for_seconds(30), [whole]);
        append(&path, "C,3\n");
        assert_eq!(looks.for_seconds(10), [whole]);
        let longer = format!("{whole}C,3\n");
        assert_eq!(looks.for_seconds(2), [whole, longer.as_str()]);
        assert_eq!(looks.error(), None);
    }

    #[test]
    fn half_a_number_waits_for_its_other_half() {
        let bench = bench();
        let mut looks = Looks::at(&bench);
        append(&bench.path("run.csv"), "Sample,Analyte,Result\nF2,Pb,0.5");
        assert!(looks.for_seconds(40).is_empty(), "two looks and a rest show nothing: it may be half of 0.52");
        append(&bench.path("run.csv"), "2\n");
        assert_eq!(looks.for_seconds(12), ["Sample,Analyte,Result\nF2,Pb,0.52\n"]);
        assert_eq!(looks.error(), None);
    }

    #[test]
    fn a_text_that_never_ends_its_last_line_is_taken_later_and_named() {
        let bench = bench();
        let mut looks = Looks::at(&bench);
        append(&bench.path("run.csv"), "Sample,Result\nF2,0.5");
        assert!(looks.for_seconds(60).is_empty());
        assert_eq!(looks.for_seconds(2), ["Sample,Result\nF2,0.5"]);
        let error = looks.error().unwrap();
        assert!(error.starts_with("run.csv was taken although its last line has no line end"), "{error}");
    }

    #[test]
    fn the_rule_of_the_last_line_can_be_switched_off() {
        let mut bench = bench();
        bench.config.last_line_ended = false;
        let mut looks = Looks::at(&bench);
        append(&bench.path("run.csv"), "Sample,Result\nF2,0.5");
        assert_eq!(looks.for_seconds(12), ["Sample,Result\nF2,0.5"]);
        assert_eq!(looks.error(), None);
    }

    #[test]
    fn only_texts_have_a_last_line() {
        let utf16 = |text: &str| -> Vec<u8> {
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        };
        let (ended, half) = (utf16("A,1\r\n"), utf16("A,1"));
        let cases: [(&[u8], bool); 16] = [
            (b"A,1\n", false),
            (b"A,1\r", false),
            (b"A,1\r\n\x1a", false),
            (b"A,1\n  ", false),
            (b"A,1", true),
            (b"[Header]\nA,1", true),
            (b"[Header]\nA,1\n", false),
            (b"{\"a\": [0.52]}", false),
            (b"{\"a\": [0.5", true),
            (b"\xef\xbb\xbf<r>0.52</r>", false),
            (b"<r>0.5", true),
            (b"PK\x03\x04rest", false),
            (b"%PDF-1.7 text", false),
            (b"\x00\x01\x02", false),
            (&ended, false),
            (&half, true),
        ];
        for (bytes, open) in cases {
            assert_eq!(last_line_is_open(bytes), open, "{}", String::from_utf8_lossy(bytes));
        }
    }

    thread_local! {
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// A name that counts how often it is compared.
    #[derive(Eq)]
    struct Counted(u32);

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            COMPARED.set(COMPARED.get() + 1);
            self.0 == other.0
        }
    }

    #[test]
    fn the_work_of_a_look_grows_with_the_files_and_not_with_their_square() {
        let there: Vec<Counted> = (0..8000).map(Counted).collect();
        let mut seen: HashMap<Counted, ()> = (4000..9000).map(|number| (Counted(number), ())).collect();
        COMPARED.set(0);
        forget_missing(&mut seen, &there);
        assert_eq!(seen.len(), 4000, "a thousand are gone");
        assert!(COMPARED.get() < 4 * 8000, "{} comparisons", COMPARED.get());
    }

    #[test]
    fn what_is_taken_is_recorded_once() {
        let bench = bench();
        let mut looks = Looks::at(&bench);
        let path = bench.folder.path().join("folder.jsonl");
        looks.watch.recording = Some(Recording::open(&path).unwrap());
        append(&bench.path("run.csv"), "A,1\n");
        looks.for_seconds(30);
        append(&bench.path("run.csv"), "A,2\n");
        append(&bench.path("run.tmp"), "A,3\n");
        looks.for_seconds(30);
        let stretches = crate::port::record::load(&path).unwrap();
        let files: Vec<(&str, &str)> =
            stretches.iter().map(|one| (one.file.as_deref().unwrap(), one.bytes.as_str())).collect();
        assert_eq!(files, [("run.csv", "412c310a"), ("run.csv", "412c310a412c320a")]);
        let again = bench.folder.path().join("again");
        assert_eq!(crate::port::record::replay_files(&stretches, &again, 1000.0).unwrap(), 2);
        assert_eq!(fs::read_to_string(again.join("run.csv")).unwrap(), "A,1\nA,2\n");
    }

    #[test]
    fn a_file_that_another_is_renamed_over_is_taken_again() {
        let bench = bench();
        let mut looks = Looks::at(&bench);
        fs::write(bench.path("run.csv"), "A,1\n").unwrap();
        assert_eq!(looks.for_seconds(12), ["A,1\n"]);
        // Of the same size, under a name that is not looked for, and put in its place at once.
        let beside = bench.folder.path().join("run.tmp");
        append(&beside, "A,2\n");
        let later = SystemTime::now() + Duration::from_secs(5);
        fs::File::options().append(true).open(&beside).unwrap().set_modified(later).unwrap();
        fs::rename(&beside, bench.path("run.csv")).unwrap();
        assert_eq!(looks.for_seconds(12), ["A,1\n", "A,2\n"]);
    }
}
