//! Messages that the server does not take, because of their size or another rule: kept in a folder of their own, for as
//! long as nobody removes them.
//!
//! A number of the stream may not be left out, so a [`MessageKind::Withheld`] message goes in its place and the stream
//! goes on. The bytes stay here until they are sent again (`run --resend-withheld`) or a person takes them away.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::message::MessageKind;
use super::record::Head;
use crate::disk::names::{CODE_MOST, FILE_NAME_MOST, is_name};

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

pub const FOLDER: &str = "withheld";

/// The note's head must pass where its message did not: a code or a file name that no server takes stands in the note only.
pub fn fit(head: &mut Head) {
    if !is_name(&head.instrument, CODE_MOST) {
        let printable = head.instrument.chars().filter(|c| !c.is_control());
        head.instrument = printable.take(CODE_MOST).collect();
        if head.instrument.is_empty() {
            head.instrument = "?".to_string();
        }
    }
    head.file_name = head.file_name.take().filter(|name| name.chars().count() <= FILE_NAME_MOST);
}

pub fn note_path(folder: &Path, note: &Withheld) -> PathBuf {
    folder.join(FOLDER).join(format!("{}-{}.json", note.stream, note.seq))
}

/// The notes in the folder, oldest first. What cannot be read as a note is left alone.
pub fn load(folder: &Path) -> io::Result<Vec<Withheld>> {
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
