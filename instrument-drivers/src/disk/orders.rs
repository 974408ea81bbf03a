//! Which orders an instrument has: kept on this disk, so that it gets each of them once, also when the agent is started anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::file::write_replacing;

/// Tests by the code on their container, as the instrument calls them.
pub type Sent = BTreeMap<String, BTreeSet<String>>;

/// What all instruments have that are told without asking.
pub struct SentOrders {
    file: PathBuf,
    /// By the code of the instrument.
    sent: Mutex<BTreeMap<String, Sent>>,
}

impl SentOrders {
    /// A file that cannot be read is as none: an instrument takes an order that it has for the same.
    pub fn open(folder: &Path) -> SentOrders {
        let file = folder.join("orders_sent.json");
        let sent = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        SentOrders { file, sent: Mutex::new(sent) }
    }

    pub fn of(&self, instrument: &str) -> Sent {
        self.lock().get(instrument).cloned().unwrap_or_default()
    }

    pub fn set(&self, instrument: &str, sent: Sent) -> io::Result<()> {
        let mut all = self.lock();
        if all.get(instrument) == Some(&sent) {
            return Ok(());
        }
        all.insert(instrument.to_owned(), sent);
        write_replacing(&self.file, &serde_json::to_vec(&*all)?)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Sent>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
