//! Messages that the server does not take, because of their size or another rule: kept in a folder of their own, for as
//! long as nobody removes them.
//!
//! A number of the stream may not be left out, so a [`MessageKind::Withheld`] message goes in its place and the stream
//! goes on. The bytes stay here until they are sent again (`run --resend-withheld`) or a person takes them away.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::record::Head;
use super::{MessageKind, Spool, sync_folder, write_replacing};
use crate::agent::http::{CODE_MOST, FILE_NAME_MOST, is_name};

/// One message that stays here; also the text that travels in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    pub stream: Uuid,
    pub seq: u64,
    pub instrument: String,
    /// What it really is.
    pub kind: MessageKind,
    pub received_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Of the bytes that stay here.
    pub sha256: String,
    pub bytes: u64,
    /// Name of the file with the bytes, in the folder `withheld` of the spool.
    pub kept_as: String,
    /// Why the server did not take it.
    #[serde(default)]
    pub why: String,
}

const FOLDER: &str = "withheld";

impl Spool {
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

    pub(super) fn withheld_as(&self, seq: u64) -> Option<Withheld> {
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
}

/// The note's head must pass where its message did not: a code or a file name that no server takes stands in the note only.
pub(super) fn fit(head: &mut Head) {
    if !is_name(&head.instrument, CODE_MOST) {
        let printable = head.instrument.chars().filter(|c| !c.is_control());
        head.instrument = printable.take(CODE_MOST).collect();
        if head.instrument.is_empty() {
            head.instrument = "?".to_string();
        }
    }
    head.file_name = head.file_name.take().filter(|name| name.chars().count() <= FILE_NAME_MOST);
}

fn note_path(folder: &Path, note: &Withheld) -> PathBuf {
    folder.join(FOLDER).join(format!("{}-{}.json", note.stream, note.seq))
}

/// The notes in the folder, oldest first. What cannot be read as a note is left alone.
pub(super) fn load(folder: &Path) -> io::Result<Vec<Withheld>> {
    let entries = match fs::read_dir(folder.join(FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut notes = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            notes.extend(serde_json::from_slice::<Withheld>(&fs::read(path)?).ok());
        }
    }
    notes.sort_by_key(|note| (note.received_at, note.seq));
    Ok(notes)
}
