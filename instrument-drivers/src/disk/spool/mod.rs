//! The spool: every byte on the agent's own disk before anyone is told "received".
//!
//! One folder holds one stream: numbered segment files, appended only. A record is a JSON head and bytes with a SHA-256
//! over both. Pieces (frames of an unfinished message) are written; a message is written whole and synced. After a crash
//! a torn last record is moved aside and pieces without their message come back as a *partial* message. A stream has a
//! UUID, new after loss; messages are numbered from 1 without holes. Two processes cannot use one folder.

mod heard;
mod message;
mod record;
mod recover;
mod segments;
mod state;
mod taken;
mod withheld;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

pub use super::file::sha256;
use super::file::{sync_folder, write_replacing};
pub use message::{MessageKind, SpooledMessage};
use record::{Head, Scan, read_record};
use recover::{Recovered, begin_anew, recover};
use segments::{segment_path, segments};
use state::{Place, State};
pub use withheld::Withheld;
use withheld::{FOLDER, note_path};

#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error("the spool folder {0} is in use by another agent; only one may write to it")]
    InUse(PathBuf),
    #[error("the spool in {path} cannot be used: {source}")]
    Io { path: PathBuf, source: io::Error },
}

/// The open spool. All methods may be called from any thread.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    state: Mutex<State>,
    grown: Condvar,
    _lock: File,
}

impl Spool {
    /// Opens or creates the spool of a folder, repairs a torn end and returns what had to be done, in words.
    pub fn open(folder: &Path, now: DateTime<Utc>) -> Result<(Spool, Vec<String>), SpoolError> {
        let failed = |source| SpoolError::Io { path: folder.to_path_buf(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SpoolError::InUse(folder.to_path_buf())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let (recovered, notes) = recover(folder).map_err(failed)?;
        let Recovered { state, open_pieces } = recovered;
        let spool =
            Spool { folder: folder.to_path_buf(), state: Mutex::new(state), grown: Condvar::new(), _lock: lock };
        for (instrument, bytes) in open_pieces {
            spool.store(&instrument, MessageKind::Partial, &bytes, None, now).map_err(failed)?;
        }
        Ok((spool, notes))
    }

    pub fn stream(&self) -> Uuid {
        self.lock().stream
    }

    /// Goes on as a new stream, with everything that is still on the disk: the server knows other messages under these
    /// numbers, because this spool was copied or brought back from a copy.
    pub fn begin_anew(&self) -> io::Result<()> {
        let mut state = self.lock();
        if state.broken {
            state.repair()?;
        }
        state.sync()?;
        let mut fresh = begin_anew(&self.folder)?;
        fresh.taken = std::mem::take(&mut state.taken);
        fresh.heard = std::mem::take(&mut state.heard);
        *state = fresh;
        self.grown.notify_all();
        Ok(())
    }

    /// Writes a frame of an unfinished message. It is not synced: the message that it belongs to will be.
    pub fn piece(&self, instrument: &str, bytes: &[u8], now: DateTime<Utc>) -> io::Result<()> {
        let mut state = self.lock();
        let head = head(0, instrument, MessageKind::Partial, bytes, None, now);
        state.append(&self.folder, &head, bytes).map(|_| ())
    }

    /// Stores a message durably and returns its number. After an error nothing of it counts.
    pub fn store(
        &self,
        instrument: &str,
        kind: MessageKind,
        bytes: &[u8],
        file_name: Option<&str>,
        now: DateTime<Utc>,
    ) -> io::Result<u64> {
        self.store_with(head(0, instrument, kind, bytes, file_name, now), bytes)
    }

    /// Stores a file with the time of its last change, by which it is known again after it was renamed.
    pub fn store_file(
        &self,
        instrument: &str,
        bytes: &[u8],
        file_name: &str,
        modified: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> io::Result<u64> {
        let head = head(0, instrument, MessageKind::File, bytes, Some(file_name), now);
        self.store_with(Head { modified: modified.map(|at| at.trunc_subsecs(3)), ..head }, bytes)
    }

    fn store_with(&self, mut head: Head, bytes: &[u8]) -> io::Result<u64> {
        let mut state = self.lock();
        let seq = state.next_seq;
        head.seq = seq;
        let place = state.append(&self.folder, &head, bytes)?;
        state.sync()?;
        state.index.insert(seq, place);
        state.next_seq += 1;
        state.taken.insert(&head);
        state.heard.insert(&head);
        self.grown.notify_all();
        Ok(seq)
    }

    /// When the last message of an instrument came over its line, or the last file out of a folder, as far as this disk
    /// still knows.
    pub fn last_message_at(&self, instrument: &str, in_folder: bool) -> Option<DateTime<Utc>> {
        self.lock().heard.last(instrument, in_folder)
    }

    /// Whether a file with this name and content was taken before.
    pub fn has_file(&self, instrument: &str, file_name: &str, sha256: &str) -> bool {
        self.lock().taken.has(instrument, file_name, sha256)
    }

    /// Whether a file with this content and this time of its last change was taken before, under any name.
    pub fn has_content(&self, instrument: &str, sha256: &str, modified: DateTime<Utc>) -> bool {
        self.lock().taken.has_content(instrument, sha256, modified.trunc_subsecs(3))
    }

    /// The next messages that are not acknowledged yet, at most so many and about so many bytes, in order.
    pub fn pending(&self, max_messages: usize, max_bytes: usize) -> io::Result<Vec<SpooledMessage>> {
        let (stream, places): (Uuid, Vec<(u64, Place)>) = {
            let state = self.lock();
            let waiting = state.index.range(state.acknowledged + 1..).take(max_messages);
            (state.stream, waiting.map(|(seq, place)| (*seq, *place)).collect())
        };
        let mut batch = Vec::new();
        let mut bytes = 0;
        for (seq, place) in places {
            let (mut head, mut body) = self.read_at(place)?;
            if let Some(note) = self.withheld_as(seq) {
                body = serde_json::to_vec(&note).map_err(io::Error::other)?;
                (head.kind, head.sha256) = (MessageKind::Withheld, sha256(&body));
                withheld::fit(&mut head);
            }
            bytes += body.len();
            if bytes > max_bytes && !batch.is_empty() {
                break;
            }
            batch.push(SpooledMessage {
                stream,
                seq,
                instrument: head.instrument,
                kind: head.kind,
                received_at: head.received_at,
                sha256: head.sha256,
                bytes: body,
                file_name: head.file_name,
            });
        }
        Ok(batch)
    }

    /// The server has everything up to this number. Survives a restart. It is not synced: losing it in a power cut only
    /// means sending again, and a sync would take its time away from the instruments.
    pub fn acknowledge(&self, seq: u64) -> io::Result<()> {
        let mut state = self.lock();
        if seq <= state.acknowledged {
            return Ok(());
        }
        state.acknowledged = seq.min(state.next_seq - 1);
        let text = format!("{} {}\n", state.stream, state.acknowledged);
        let beside = self.folder.join("acknowledged.new");
        fs::write(&beside, text)?;
        fs::rename(&beside, self.folder.join("acknowledged"))
    }

    /// The server has less than it once acknowledged (it was restored from a backup): go on behind `stored`. False when
    /// the messages from there on are no longer on this disk.
    pub fn rewind(&self, stored: u64) -> io::Result<bool> {
        let mut state = self.lock();
        if stored >= state.acknowledged || !state.index.contains_key(&(stored + 1)) {
            return Ok(false);
        }
        state.acknowledged = stored;
        let text = format!("{} {stored}\n", state.stream);
        write_replacing(&self.folder.join("acknowledged"), text.as_bytes())?;
        Ok(true)
    }

    /// Deletes whole segments in which every message is acknowledged and older than `keep`.
    pub fn prune(&self, keep: Duration, now: DateTime<Utc>) -> io::Result<usize> {
        let mut state = self.lock();
        let mut removed = 0;
        for (number, path) in segments(&self.folder)? {
            if number == state.segment_first {
                break;
            }
            let last =
                state.index.iter().rev().find(|(_, place)| place.segment == number).map(|(seq, place)| (*seq, *place));
            match last {
                Some((seq, place)) => {
                    let (head, _) = self.read_at(place)?;
                    let age = (now - head.received_at).to_std().unwrap_or_default();
                    if seq > state.acknowledged || age < keep {
                        break;
                    }
                }
                // Frames alone: their message stands behind them, or is still to come.
                None if !state.index.values().any(|place| place.segment > number) => break,
                None => {}
            }
            // What was taken stays known after its bytes are gone.
            self.remember_taken(&path)?;
            fs::remove_file(&path)?;
            state.index.retain(|_, place| place.segment != number);
            removed += 1;
        }
        Ok(removed)
    }

    fn remember_taken(&self, path: &Path) -> io::Result<()> {
        let scan = Scan::of(path)?;
        let lines: String = scan.heads.iter().filter_map(|(head, _)| taken::line(head)).collect();
        let last = scan.heads.iter().map(|(head, _)| head.seq).max().unwrap_or(0);
        let mut file = OpenOptions::new().create(true).append(true).open(self.folder.join("taken"))?;
        file.write_all(lines.as_bytes())?;
        file.sync_data()?;
        if last == 0 {
            return Ok(());
        }
        write_replacing(&self.folder.join("pruned"), format!("{last}\n").as_bytes())
    }

    /// Lays a message aside; from now on [`Spool::pending`] gives the note in its place.
    pub fn withhold(&self, seq: u64, why: &str) -> io::Result<()> {
        let (stream, place) = {
            let state = self.lock();
            (state.stream, state.index.get(&seq).copied())
        };
        let place = place.ok_or_else(|| io::Error::other(format!("message {seq} is no longer in the spool")))?;
        let (head, body) = self.read_at(place)?;
        let folder = self.folder.join(FOLDER);
        fs::create_dir_all(&folder)?;
        let name = format!("{stream}-{seq}");
        let note = Withheld {
            stream,
            seq,
            instrument: head.instrument,
            kind: head.kind,
            received_at: head.received_at,
            file_name: head.file_name,
            sha256: head.sha256,
            bytes: body.len() as u64,
            kept_as: format!("{name}.bytes"),
            why: why.to_string(),
        };
        let mut file = File::create(folder.join(&note.kept_as))?;
        file.write_all(&body)?;
        file.sync_all()?;
        let text = serde_json::to_vec_pretty(&note).map_err(io::Error::other)?;
        write_replacing(&folder.join(format!("{name}.json")), &text)?;
        sync_folder(&self.folder)?;
        let mut state = self.lock();
        state.withheld.retain(|known| (known.stream, known.seq) != (note.stream, note.seq));
        state.withheld.push(note);
        Ok(())
    }

    /// Everything that stays here, oldest first.
    pub fn withheld(&self) -> Vec<Withheld> {
        self.lock().withheld.clone()
    }

    /// How many stay here, and the newest of them.
    pub fn newest_withheld(&self, most: usize) -> (u64, Vec<Withheld>) {
        let state = self.lock();
        let from = state.withheld.len().saturating_sub(most);
        (state.withheld.len() as u64, state.withheld[from..].to_vec())
    }

    fn withheld_as(&self, seq: u64) -> Option<Withheld> {
        let state = self.lock();
        state.withheld.iter().find(|note| (note.stream, note.seq) == (state.stream, seq)).cloned()
    }

    /// Stores everything withheld as new messages, for a server that takes more than before. Returns how many. The notes
    /// that went in their place stay as they are.
    pub fn resend_withheld(&self, now: DateTime<Utc>) -> io::Result<usize> {
        let notes = self.withheld();
        for note in &notes {
            let bytes_path = self.folder.join(FOLDER).join(&note.kept_as);
            let bytes = fs::read(&bytes_path)?;
            self.store(&note.instrument, note.kind, &bytes, note.file_name.as_deref(), now)?;
            fs::remove_file(note_path(&self.folder, note))?;
            fs::remove_file(bytes_path)?;
            self.lock().withheld.retain(|known| known != note);
        }
        Ok(notes.len())
    }

    /// Messages stored but not acknowledged.
    pub fn backlog(&self) -> u64 {
        let state = self.lock();
        state.next_seq - 1 - state.acknowledged
    }

    pub fn last_seq(&self) -> u64 {
        self.lock().next_seq - 1
    }

    /// Waits until something is unacknowledged or the time is over.
    pub fn wait(&self, timeout: Duration) {
        let state = self.lock();
        let nothing = |state: &mut State| state.next_seq - 1 == state.acknowledged;
        drop(self.grown.wait_timeout_while(state, timeout, nothing));
    }

    /// Wakes everyone in [`Spool::wait`].
    pub fn wake(&self) {
        self.grown.notify_all();
    }

    fn read_at(&self, place: Place) -> io::Result<(Head, Vec<u8>)> {
        let mut file = File::open(segment_path(&self.folder, place.segment))?;
        file.seek(SeekFrom::Start(place.offset))?;
        let (head, body, _) =
            read_record(&mut file)?.ok_or_else(|| io::Error::other("a record of the spool has changed on disk"))?;
        Ok((head, body))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn head(
    seq: u64,
    instrument: &str,
    kind: MessageKind,
    bytes: &[u8],
    file_name: Option<&str>,
    now: DateTime<Utc>,
) -> Head {
    Head {
        seq,
        instrument: instrument.to_string(),
        kind,
        received_at: now.trunc_subsecs(3),
        sha256: sha256(bytes),
        file_name: file_name.map(String::from),
        modified: None,
    }
}
