//! Asks every version of every result again, by the rules that made it: those on reports that were replaced since, too.

use std::fmt;

use super::compute::{UnknownEdition, replays};
use super::store;
use crate::db::Conn;
use crate::domain::ids::{ItemId, ResultId};
use crate::domain::refusal::Outcome;

/// What came of some versions.
pub struct Replayed {
    pub asked: usize,
    /// The last of them; `None`: there are no more.
    pub last: Option<ResultId>,
    pub differing: Vec<Differing>,
}

/// A version whose record its rules do not give again.
pub struct Differing {
    sample_no: String,
    item: ItemId,
    analyte: (String, String),
    version_no: i64,
    /// The edition that only a newer program has.
    edition: Option<u32>,
}

impl fmt::Display for Differing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sample_no, item, analyte: (zh, en), version_no, edition } = self;
        write!(f, "sample {sample_no}, item {item} ({zh} {en}), version {version_no}: ")?;
        match edition {
            Some(edition) => {
                write!(f, "made by a newer program, by rules (edition {edition}) that this one does not have")
            }
            None => f.write_str("its rules give another record than the one that is stored"),
        }
    }
}

/// Versions asked at a time: a record is some kilobytes, and all of them stay out of memory.
const PAGE: i64 = 500;

/// Asks the next versions after one, oldest first. A record without a sample and an item cannot be: the keys see to it.
pub fn replay_after(conn: &mut Conn, after: ResultId) -> Outcome<Replayed> {
    let rows = store::versions_after(conn, after, PAGE)?;
    let (asked, last) = (rows.len(), rows.last().map(|row| row.id));
    let differing = rows.into_iter().filter_map(|row| {
        let edition = match replays(&row.record) {
            Ok(true) => return None,
            Ok(false) => None,
            Err(UnknownEdition(edition)) => Some(edition),
        };
        Some(Differing {
            sample_no: row.sample_no.unwrap_or_default(),
            item: row.item,
            analyte: (row.analyte_zh, row.analyte_en),
            version_no: row.version_no,
            edition,
        })
    });
    Ok(Replayed { asked, last, differing: differing.collect() })
}
