//! Walks the log and says whether it is whole: every position present, every entry the one that was hashed, every
//! column the one in the hashed body, the chain unbroken, nothing outside the chain.

use std::fmt;
use std::str::FromStr;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canonical::canonical;
use super::chain::{ChainHash, chained};
use super::entry::entry_hash;
use crate::db::schema::{audit_entry, audit_pending, log_head, log_link};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::refusal::Outcome;

/// One line of the log with its position, as read from the database or from an export.
#[derive(Queryable, Selectable, Serialize, Deserialize, Clone, Debug)]
#[diesel(table_name = audit_entry)]
pub struct StoredEntry {
    pub at: Moment,
    pub actor: String,
    pub role: String,
    pub device: String,
    pub cause: String,
    pub object_kind: String,
    pub object_id: i64,
    pub object_version: i64,
    pub event: String,
    pub regions: String,
    pub body: String,
    pub entry_hash: String,
}

/// An entry in its place.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct Linked {
    pub position: i64,
    pub chain_hash: String,
    #[serde(flatten)]
    pub entry: StoredEntry,
}

/// The state of a verified log.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    pub log_id: String,
    pub entries: i64,
    pub chain_hash: String,
    pub pending: i64,
}

/// What somebody outside was given of the log: its chain at a position. Everything up to there is fixed by it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Root {
    pub position: i64,
    pub chain_hash: String,
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.chain_hash)
    }
}

impl FromStr for Root {
    type Err = String;

    /// As it is shown: `POSITION:HASH`.
    fn from_str(text: &str) -> Result<Self, String> {
        let unusual =
            || format!("{text:?} is no root of a log; write its position, a colon, and 64 hexadecimal digits");
        let (position, chain_hash) = text.trim().split_once(':').ok_or_else(unusual)?;
        let position: i64 = position.parse().map_err(|_| unusual())?;
        let is_hash = chain_hash.len() == 64 && chain_hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if position < 1 || !is_hash {
            return Err(unusual());
        }
        Ok(Self { position, chain_hash: chain_hash.to_lowercase() })
    }
}

/// What is wrong, and where.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Damage {
    #[error("position {expected} is missing: position {found} follows")]
    Hole { expected: i64, found: i64 },
    #[error("position {position}: the entry's text does not have the stored hash; it was changed after it was written")]
    EntryHash { position: i64 },
    #[error("position {position}: column {column} says {stored:?}, the hashed text says {hashed:?}")]
    Column { position: i64, column: &'static str, stored: String, hashed: String },
    #[error("position {position}: the entry's text is not canonical JSON")]
    NotCanonical { position: i64 },
    #[error("position {position}: the chain is broken; an entry before it was changed, removed or put in")]
    Chain { position: i64 },
    #[error("the head names position {head}, the log ends at {last}: its end was cut off or forged")]
    Head { head: i64, last: i64 },
    #[error("entries that are neither in the chain nor waiting for a position: {count}")]
    Loose { count: i64 },
    #[error("position {position}: the chain is not the one of the given root; something up to there was changed since")]
    OtherRoot { position: i64 },
    #[error("the given root is of position {root}, the log ends at {last}: its end was cut off, or it is another log")]
    BeyondRoot { root: i64, last: i64 },
}

/// Checks entries one after the other, in order of position.
pub struct Walk {
    position: i64,
    chain: ChainHash,
    /// What is known of this log from elsewhere.
    root: Option<Root>,
}

impl Default for Walk {
    fn default() -> Self {
        Self { position: 0, chain: ChainHash::genesis(), root: None }
    }
}

impl Walk {
    /// A walk that must pass a root that was kept elsewhere, when there is one.
    pub fn past(root: Option<Root>) -> Self {
        Self { root, ..Self::default() }
    }

    pub fn step(&mut self, linked: &Linked) -> Result<(), Damage> {
        let position = self.position + 1;
        if linked.position != position {
            return Err(Damage::Hole { expected: position, found: linked.position });
        }
        let entry = &linked.entry;
        if entry_hash(&entry.body) != entry.entry_hash {
            return Err(Damage::EntryHash { position });
        }
        compare_columns(position, entry)?;
        let chain = chained(&self.chain, position, &entry.entry_hash);
        if chain.to_string() != linked.chain_hash {
            return Err(Damage::Chain { position });
        }
        if self.root.as_ref().is_some_and(|root| root.position == position && root.chain_hash != linked.chain_hash) {
            return Err(Damage::OtherRoot { position });
        }
        self.position = position;
        self.chain = chain;
        Ok(())
    }

    /// The log has ended: a root must have been passed.
    pub fn end(&self) -> Result<(), Damage> {
        match &self.root {
            Some(root) if root.position > self.position => {
                Err(Damage::BeyondRoot { root: root.position, last: self.position })
            }
            _ => Ok(()),
        }
    }

    pub fn position(&self) -> i64 {
        self.position
    }

    pub fn chain_hash(&self) -> String {
        self.chain.to_string()
    }
}

fn compare_columns(position: i64, entry: &StoredEntry) -> Result<(), Damage> {
    let body: Value = serde_json::from_str(&entry.body).map_err(|_| Damage::NotCanonical { position })?;
    if canonical(&body) != entry.body {
        return Err(Damage::NotCanonical { position });
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let columns = [
        ("at", entry.at.rfc3339(), text(&body["at"])),
        ("actor", entry.actor.clone(), text(&body["actor"])),
        ("role", entry.role.clone(), text(&body["role"])),
        ("device", entry.device.clone(), text(&body["device"])),
        ("cause", entry.cause.clone(), text(&body["cause"])),
        ("object_kind", entry.object_kind.clone(), text(&body["object"]["kind"])),
        ("object_id", entry.object_id.to_string(), text(&body["object"]["id"])),
        ("object_version", entry.object_version.to_string(), text(&body["object"]["version"])),
        ("event", entry.event.clone(), text(&body["event"])),
        ("regions", entry.regions.clone(), text(&body["regions"])),
    ];
    match columns.into_iter().find(|(_, stored, hashed)| stored != hashed) {
        Some((column, stored, hashed)) => Err(Damage::Column { position, column, stored, hashed }),
        None => Ok(()),
    }
}

/// Rows read at a time: keeps a long log out of memory.
const PAGE: i64 = 2_000;

/// Verifies the log of a database.
pub fn verify(conn: &mut Conn) -> Outcome<Result<Verified, Damage>> {
    verify_past(conn, None)
}

/// The same, and that it passes a root that was kept elsewhere.
pub fn verify_past(conn: &mut Conn, root: Option<Root>) -> Outcome<Result<Verified, Damage>> {
    let mut walk = Walk::past(root);
    loop {
        let page = page_after(conn, walk.position())?;
        for linked in &page {
            if let Err(damage) = walk.step(linked) {
                return Ok(Err(damage));
            }
        }
        if page.is_empty() {
            break;
        }
    }
    if let Err(damage) = walk.end() {
        return Ok(Err(damage));
    }
    let (log_id, head, chain_hash): (String, i64, String) =
        log_head::table.select((log_head::log_id, log_head::position, log_head::chain_hash)).first(conn)?;
    if head != walk.position() || chain_hash != walk.chain_hash() {
        return Ok(Err(Damage::Head { head, last: walk.position() }));
    }
    let all: i64 = audit_entry::table.count().get_result(conn)?;
    let pending: i64 = audit_pending::table.count().get_result(conn)?;
    if all != head + pending {
        return Ok(Err(Damage::Loose { count: all - head - pending }));
    }
    Ok(Ok(Verified { log_id, entries: head, chain_hash, pending }))
}

/// The next entries after a position, in order.
pub fn page_after(conn: &mut Conn, position: i64) -> QueryResult<Vec<Linked>> {
    let rows: Vec<(i64, String, StoredEntry)> = log_link::table
        .inner_join(audit_entry::table)
        .filter(log_link::position.gt(position))
        .order(log_link::position)
        .limit(PAGE)
        .select((log_link::position, log_link::chain_hash, cols::<StoredEntry>()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(position, chain_hash, entry)| Linked { position, chain_hash, entry }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_read_as_it_is_shown() {
        let hash = "f82db6e0de46a257154926d5afb61585e77eab5df7f4c552ddb8cce2ea7e0d9a";
        let root: Root = format!(" 543:{}\n", hash.to_uppercase()).parse().unwrap();
        assert_eq!(root.to_string(), format!("543:{hash}"));
        for wrong in ["", hash, "543", "x:0", &format!("0:{hash}"), &format!("-1:{hash}"), &format!("1:{hash}0")] {
            assert!(wrong.parse::<Root>().is_err(), "{wrong}");
        }
    }
}
