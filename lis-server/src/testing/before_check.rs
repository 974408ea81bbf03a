//! What a checker sees of every item that he may sign: result, limit, verdict, and what was read, container by container.
//! Nobody signs values that he was not shown.

use std::collections::{BTreeSet, HashMap};

use super::compute::Record;
use super::places::STANDARD;
use super::planning::{WaitingItem, waiting_items};
use super::store::{self, EntryRow, ItemFilter};
use crate::db::Conn;
use crate::domain::ids::{ItemId, PositionId};
use crate::domain::refusal::Outcome;

/// An item before its check.
pub struct ToCheck {
    pub item: WaitingItem,
    /// The limit that it was judged by, with its standard; empty: none.
    pub limit: String,
    /// What its result rests on, without the standards of a curve, which its own page shows.
    pub places: Vec<PlaceRead>,
}

/// What was entered at one place of a sheet.
pub struct PlaceRead {
    /// `sample`, `duplicate`, `blank` and so on.
    pub kind: String,
    pub label_code: String,
    pub entries: Vec<EntryRow>,
}

impl PlaceRead {
    /// The key of what stands in the container.
    pub fn word(&self) -> String {
        format!("control-{}", self.kind)
    }
}

/// Items in some states, in order of id. Three statements beside those of the list, however many items there are.
pub fn to_check(conn: &mut Conn, filter: &ItemFilter, limit: i64) -> Outcome<Vec<ToCheck>> {
    let items = waiting_items(conn, filter, limit)?;
    let ids: Vec<ItemId> = items.iter().map(|item| ItemId(item.id)).collect();
    let made: HashMap<ItemId, (BTreeSet<i64>, String)> =
        store::made_of(conn, &ids)?.into_iter().map(|(id, used, record)| (id, (numbers(&used), record))).collect();
    let all: BTreeSet<i64> = made.values().flat_map(|(used, _)| used.iter().copied()).collect();
    let entries = store::entries_by_id(conn, &all.into_iter().collect::<Vec<_>>())?;
    let positions: BTreeSet<PositionId> = entries.iter().map(|entry| entry.position_id).collect();
    let places = store::places(conn, &positions.into_iter().collect::<Vec<_>>())?;
    let shown = |item: WaitingItem| {
        let Some((used, record)) = made.get(&ItemId(item.id)) else {
            return ToCheck { item, limit: String::new(), places: Vec::new() };
        };
        let own = |position: PositionId| -> Vec<EntryRow> {
            let own = entries.iter().filter(|entry| entry.position_id == position && used.contains(&entry.id.0));
            own.cloned().collect()
        };
        let read = places.iter().filter(|(_, kind, _)| kind != STANDARD).map(|(position, kind, label)| PlaceRead {
            kind: kind.clone(),
            label_code: label.clone(),
            entries: own(*position),
        });
        let places = read.filter(|place| !place.entries.is_empty()).collect();
        ToCheck { limit: limit_of(record), places, item }
    };
    Ok(items.into_iter().map(shown).collect())
}

/// Ids separated by blanks.
fn numbers(text: &str) -> BTreeSet<i64> {
    text.split(' ').filter_map(|id| id.parse().ok()).collect()
}

/// As the item's own page prints it.
fn limit_of(record: &str) -> String {
    serde_json::from_str::<Record>(record).map(|record| record.limit_named()).unwrap_or_default()
}
