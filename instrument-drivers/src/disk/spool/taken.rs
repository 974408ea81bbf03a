//! Which files were taken already: by name and content, and by content and time of the last change.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::record::Head;

/// A file is known again by its name and content, also when it was copied back with a new time; and by its content and
/// time, also when it was renamed.
#[derive(Debug, Default)]
pub struct TakenFiles {
    /// Instrument, name, SHA-256.
    named: HashSet<(String, String, String)>,
    /// Instrument, SHA-256, time of the last change.
    timed: HashSet<(String, String, DateTime<Utc>)>,
}

impl TakenFiles {
    pub fn insert(&mut self, head: &Head) {
        if let Some(name) = &head.file_name {
            self.add(head.instrument.clone(), name.clone(), head.sha256.clone(), head.modified);
        }
    }

    fn add(&mut self, instrument: String, name: String, sha256: String, modified: Option<DateTime<Utc>>) {
        if let Some(at) = modified {
            self.timed.insert((instrument.clone(), sha256.clone(), at));
        }
        self.named.insert((instrument, name, sha256));
    }

    pub fn has(&self, instrument: &str, name: &str, sha256: &str) -> bool {
        self.named.contains(&(instrument.into(), name.into(), sha256.into()))
    }

    pub fn has_content(&self, instrument: &str, sha256: &str, modified: DateTime<Utc>) -> bool {
        self.timed.contains(&(instrument.into(), sha256.into(), modified))
    }

    /// Reads what [`line`] wrote. Lines without a time are of older spools.
    pub fn load(path: &Path) -> TakenFiles {
        let mut taken = TakenFiles::default();
        for text in fs::read_to_string(path).unwrap_or_default().lines() {
            if let Ok((instrument, name, sha256, modified)) = serde_json::from_str(text) {
                taken.add(instrument, name, sha256, modified);
            } else if let Ok((instrument, name, sha256)) = serde_json::from_str(text) {
                taken.add(instrument, name, sha256, None);
            }
        }
        taken
    }
}

/// What stays known of a file after its bytes are gone.
pub fn line(head: &Head) -> Option<String> {
    let name = head.file_name.as_ref()?;
    serde_json::to_string(&(&head.instrument, name, &head.sha256, head.modified)).ok().map(|line| line + "\n")
}
