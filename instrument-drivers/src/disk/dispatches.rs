//! What a person sends to an instrument now: orders for its line, a sequence file for the folder of its software. How it went is
//! kept on this disk until the server no longer asks for it, so that it is tried once, also when the agent is started anew.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::file::write_replacing;
use crate::work::{DispatchedFile, WorkList};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Went {
    /// The instrument has acknowledged it; the file lies in its folder.
    Delivered,
    Refused,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    pub id: i64,
    pub instrument: String,
    pub state: Went,
    pub at: DateTime<Utc>,
    /// Why it was refused, or where the file lies.
    pub detail: String,
}

/// By which ways something can be sent to an instrument here.
#[derive(Debug, Default)]
pub struct Ways {
    /// Its line sends orders.
    pub orders: bool,
    /// Where its software takes sequence files.
    pub folder: Option<PathBuf>,
}

pub struct Dispatches {
    file: PathBuf,
    settled: Mutex<BTreeMap<i64, Settled>>,
    /// The server has not been told of the last one.
    news: AtomicBool,
}

impl Dispatches {
    /// A file that cannot be read is as none: an instrument takes an order that it has for the same, and a file that is there
    /// stays as it is.
    pub fn open(folder: &Path) -> Dispatches {
        let file = folder.join("dispatches.json");
        let settled: Vec<Settled> =
            fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let settled = settled.into_iter().map(|one| (one.id, one)).collect();
        Dispatches { file, settled: Mutex::new(settled), news: AtomicBool::new(false) }
    }

    pub fn is_settled(&self, id: i64) -> bool {
        self.lock().contains_key(&id)
    }

    pub fn all(&self) -> Vec<Settled> {
        self.lock().values().cloned().collect()
    }

    /// Whether something was settled since this was asked last.
    pub fn take_news(&self) -> bool {
        self.news.swap(false, Ordering::Relaxed)
    }

    /// The first word counts.
    pub fn settle(&self, id: i64, instrument: &str, (state, detail): (Went, &str), at: DateTime<Utc>) {
        let mut all = self.lock();
        if all.contains_key(&id) {
            return;
        }
        tracing::info!(id, %instrument, "Sent by a person: {state:?} {detail}");
        let (instrument, detail) = (instrument.to_owned(), detail.to_owned());
        all.insert(id, Settled { id, instrument, state, at, detail });
        self.store(&all);
        self.news.store(true, Ordering::Relaxed);
    }

    /// The server has told the list of an instrument: what it names no more it knows. A file is put into its folder at once;
    /// orders are left to the line; what has no way here is refused.
    pub fn look(&self, list: &WorkList, ways: &Ways, now: DateTime<Utc>) {
        self.forget(list);
        for dispatch in list.dispatches.iter().filter(|dispatch| !self.is_settled(dispatch.id)) {
            let went = match (&dispatch.file, &ways.folder) {
                (Some(file), Some(folder)) => Some(put(folder, file)),
                (Some(_), None) => Some(Err("no port of the instrument has a sequence_folder here".to_owned())),
                (None, _) if !ways.orders => {
                    Some(Err("no port of the instrument has send_orders = true here".to_owned()))
                }
                (None, _) => None,
            };
            match went {
                Some(Ok(place)) => self.settle(dispatch.id, &list.instrument, (Went::Delivered, &place), now),
                Some(Err(why)) => self.settle(dispatch.id, &list.instrument, (Went::Refused, &why), now),
                None => {}
            }
        }
    }

    fn forget(&self, list: &WorkList) {
        let mut all = self.lock();
        let before = all.len();
        let asked = |id: i64| list.dispatches.iter().any(|dispatch| dispatch.id == id);
        all.retain(|id, one| one.instrument != list.instrument || asked(*id));
        if all.len() < before {
            self.store(&all);
        }
    }

    fn store(&self, all: &BTreeMap<i64, Settled>) {
        let list: Vec<&Settled> = all.values().collect();
        let stored = serde_json::to_vec(&list).map_err(io::Error::from);
        if let Err(error) = stored.and_then(|text| write_replacing(&self.file, &text)) {
            tracing::warn!(
                "How it went with what a person sent cannot be stored; after a restart it is tried again: {error}"
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Settled>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a file into the folder of the instrument's software, whole or not at all; says where it lies. A file of the same name
/// stays as it is: where its content is the same it is the one.
fn put(folder: &Path, file: &DispatchedFile) -> Result<String, String> {
    let bytes = STANDARD.decode(&file.bytes).map_err(|error| format!("the file is not base64: {error}"))?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if file.name.is_empty() || file.name.starts_with('.') || !file.name.chars().all(is_plain) {
        return Err(format!("'{}' is no plain name of a file", file.name));
    }
    let path = folder.join(&file.name);
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    match fs::read(&path) {
        Ok(known) if known == bytes => return Ok(path.display().to_string()),
        Ok(_) => return Err(format!("{} is there with another content and is not overwritten", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    // The software must not see half of it; it takes no file of such a name.
    let part = folder.join(format!(".{}.part", file.name));
    let written = File::create(&part).and_then(|mut open| {
        open.write_all(&bytes)?;
        open.sync_all()
    });
    written.and_then(|()| fs::rename(&part, &path)).map_err(failed)?;
    Ok(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::{Dispatch, Work};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_773_104_400, 0).unwrap()
    }

    fn file(id: i64, name: &str, text: &str) -> Dispatch {
        let file = DispatchedFile { name: name.into(), bytes: STANDARD.encode(text) };
        Dispatch { id, file: Some(file), ..Dispatch::default() }
    }

    fn list(dispatches: Vec<Dispatch>) -> WorkList {
        WorkList { instrument: "LC-1".into(), dispatches, ..WorkList::default() }
    }

    fn said(dispatches: &Dispatches) -> Vec<(i64, Went, String)> {
        dispatches.all().into_iter().map(|one| (one.id, one.state, one.detail)).collect()
    }

    #[test]
    fn a_file_is_put_once_and_nothing_is_overwritten() {
        let (spool, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let dispatches = Dispatches::open(spool.path());
        let ways = Ways { orders: false, folder: Some(folder.path().to_owned()) };
        let path = |name: &str| folder.path().join(name);
        fs::write(path("old.csv"), "the laboratory's own").unwrap();
        let asked = list(vec![file(1, "new.csv", "a,b\r\n"), file(2, "old.csv", "a"), file(3, "../x.csv", "a")]);
        dispatches.look(&asked, &ways, now());
        let there = path("new.csv").display().to_string();
        let kept = format!("{} is there with another content and is not overwritten", path("old.csv").display());
        assert_eq!(
            said(&dispatches),
            [
                (1, Went::Delivered, there.clone()),
                (2, Went::Refused, kept),
                (3, Went::Refused, "'../x.csv' is no plain name of a file".to_owned()),
            ]
        );
        assert_eq!(fs::read_to_string(path("new.csv")).unwrap(), "a,b\r\n");
        assert_eq!(fs::read_to_string(path("old.csv")).unwrap(), "the laboratory's own");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert!(dispatches.take_news() && !dispatches.take_news());

        // The software takes it away: it is not put there again, also after a restart. Sent anew it is.
        fs::remove_file(path("new.csv")).unwrap();
        let again = Dispatches::open(spool.path());
        again.look(&asked, &ways, now());
        assert!(!path("new.csv").exists());
        again.look(&list(vec![file(4, "new.csv", "a,b\r\n")]), &ways, now());
        assert_eq!(said(&again), [(4, Went::Delivered, there)], "the server knows the others");
    }

    #[test]
    fn what_has_no_way_here_is_refused_and_orders_are_left_to_the_line() {
        let spool = tempfile::tempdir().unwrap();
        let orders = Dispatch { id: 5, samples: vec![Work::default()], ..Dispatch::default() };
        let none = Dispatches::open(spool.path());
        none.look(&list(vec![file(4, "a.csv", ""), orders.clone()]), &Ways::default(), now());
        let why = |what: &str| format!("no port of the instrument has {what} here");
        assert_eq!(
            said(&none),
            [(4, Went::Refused, why("a sequence_folder")), (5, Went::Refused, why("send_orders = true")),]
        );
        let other = tempfile::tempdir().unwrap();
        let line = Dispatches::open(other.path());
        line.look(&list(vec![orders]), &Ways { orders: true, folder: None }, now());
        assert_eq!(said(&line), []);
        // What is known of another instrument is not forgotten over this one.
        line.settle(9, "LC-2", (Went::Delivered, ""), now());
        line.look(&list(Vec::new()), &Ways::default(), now());
        assert_eq!(said(&line), [(9, Went::Delivered, String::new())]);
    }
}
