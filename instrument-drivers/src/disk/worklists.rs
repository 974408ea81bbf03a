//! What is to be done, as the server last told it: kept on this disk, asked for again and again, and at once when an
//! instrument asks for something unknown. An instrument is answered, or told, from here, whether the server can be reached
//! or not.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::file::{sha256, write_replacing};
use crate::clock::Clock;
use crate::work::WorkList;

/// The server is asked so often; an unchanged list costs it a few hundred bytes.
const EVERY: Duration = Duration::from_secs(30);
/// How often a waiting thread looks whether it should stop.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What the server says when it is asked for a work list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// As it was under the tag that was named.
    Unchanged,
    New {
        list: WorkList,
        tag: String,
    },
}

impl Fetched {
    /// The answer of one who has the list at hand.
    pub fn of(list: WorkList, known: Option<&str>) -> Fetched {
        // A list is texts: writing it works.
        let tag = sha256(&serde_json::to_vec(&list).unwrap_or_default());
        if known == Some(tag.as_str()) { Fetched::Unchanged } else { Fetched::New { list, tag } }
    }
}

/// A work list with when the server last said that it is so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub list: WorkList,
    pub at: DateTime<Utc>,
    tag: String,
}

/// The work lists of all instruments that ask or are told.
pub struct WorkLists {
    file: PathBuf,
    held: Mutex<BTreeMap<String, Held>>,
    rounds: Mutex<Rounds>,
    bell: Condvar,
}

/// A round asks the server for every list.
#[derive(Default)]
struct Rounds {
    begun: u64,
    done: u64,
    wanted: bool,
}

impl WorkLists {
    /// What was known when the agent last ran. A file that cannot be read is as none: the server is asked anyway.
    pub fn open(folder: &Path) -> WorkLists {
        let file = folder.join("work_lists.json");
        let held = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        WorkLists { file, held: Mutex::new(held), rounds: Mutex::default(), bell: Condvar::new() }
    }

    pub fn of(&self, instrument: &str) -> Option<Held> {
        self.held().get(instrument).cloned()
    }

    /// Changes when the list does.
    pub fn tag_of(&self, instrument: &str) -> Option<String> {
        self.held().get(instrument).map(|held| held.tag.clone())
    }

    /// Wants a round now; its number, for [`is_done`](Self::is_done).
    pub fn ask(&self) -> u64 {
        let mut rounds = self.rounds();
        rounds.wanted = true;
        self.bell.notify_all();
        rounds.begun + 1
    }

    /// Whether a round that began after it was asked for is over, well or badly.
    pub fn is_done(&self, round: u64) -> bool {
        self.rounds().done >= round
    }

    /// Keeps the lists of these instruments until `stop`; `ask` asks the server for the list of one, by the tag of the list
    /// that is known here, and `look` looks at each of them as often as the server has told it.
    pub fn run(
        &self,
        instruments: &[String],
        ask: &dyn Fn(&str, Option<&str>) -> Result<Fetched, String>,
        (clock, stop): (&Clock, &AtomicBool),
        look: &dyn Fn(&WorkList),
    ) {
        let mut errors: BTreeMap<&str, String> = BTreeMap::new();
        while !stop.load(Ordering::Relaxed) {
            let round = self.begin();
            for instrument in instruments {
                match self.fetch(instrument, ask, clock) {
                    Ok(()) => {
                        errors.remove(instrument.as_str());
                        if let Some(held) = self.of(instrument) {
                            look(&held.list);
                        }
                    }
                    Err(error) => {
                        // The log gets it once.
                        if errors.get(instrument.as_str()) != Some(&error) {
                            tracing::info!(%instrument, "The work list is not fetched: {error}");
                        }
                        errors.insert(instrument, error);
                    }
                }
            }
            self.rounds().done = round;
            self.wait(stop);
        }
    }

    fn begin(&self) -> u64 {
        let mut rounds = self.rounds();
        rounds.wanted = false;
        rounds.begun += 1;
        rounds.begun
    }

    fn fetch(
        &self,
        instrument: &str,
        ask: &dyn Fn(&str, Option<&str>) -> Result<Fetched, String>,
        clock: &Clock,
    ) -> Result<(), String> {
        let known = self.of(instrument).map(|held| held.tag);
        match ask(instrument, known.as_deref())? {
            Fetched::Unchanged => {
                if let Some(held) = self.held().get_mut(instrument) {
                    held.at = clock();
                }
                Ok(())
            }
            Fetched::New { list, tag } => {
                self.held().insert(instrument.to_owned(), Held { list, at: clock(), tag });
                self.store().map_err(|error| format!("{}: {error}", self.file.display()))
            }
        }
    }

    fn store(&self) -> io::Result<()> {
        let text = serde_json::to_vec(&*self.held())?;
        write_replacing(&self.file, &text)
    }

    /// Until the next round is due or wanted.
    fn wait(&self, stop: &AtomicBool) {
        let until = Instant::now() + EVERY;
        let mut rounds = self.rounds();
        while !rounds.wanted && Instant::now() < until && !stop.load(Ordering::Relaxed) {
            rounds = self.bell.wait_timeout(rounds, LOOK_EVERY).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
