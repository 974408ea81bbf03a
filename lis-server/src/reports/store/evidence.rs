//! The raw values that the results of items rest on, with where they came from (decision 0012).

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::db::schema::{observation, person, result_entry, result_version, test_item, worksheet_position};
use crate::db::{Conn, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, MessageId, ObservationId, ResultEntryId};
use crate::domain::refusal::Outcome;

/// A raw value of an item, with where it came from.
#[derive(Queryable, Clone, Debug)]
pub struct Evidence {
    pub id: ResultEntryId,
    /// The item that it is shown with; of a control that several items share, each.
    pub item_id: Option<ItemId>,
    /// What stands in the container: `sample`, `duplicate`, `blank`, `standard` and so on.
    pub kind: String,
    pub label_code: String,
    pub field: String,
    pub replicate: i64,
    pub value: String,
    pub unit: String,
    pub source: String,
    pub reason: String,
    pub at: Moment,
    pub person: Option<String>,
    pub message: Option<MessageId>,
    pub place: Option<String>,
    pub observation: Option<ObservationId>,
    /// When it was made, where it was typed late.
    pub run_at: Option<Moment>,
}

impl Evidence {
    /// The page of the message that the value came in, with its place marked.
    pub fn href(&self) -> String {
        match (self.message, self.observation) {
            (Some(message), Some(row)) => format!("/evidence/{message}?row={row}#shown"),
            _ => String::new(),
        }
    }

    /// The key of what stands in the container.
    pub fn word(&self) -> String {
        format!("control-{}", self.kind)
    }
}

/// The raw values of items, place by place, and those of blanks, standards and other places that their results in force rest
/// on. Three statements.
pub fn evidence_of(conn: &mut Conn, items: &[ItemId]) -> Outcome<Vec<Evidence>> {
    let used = used_by(conn, items)?;
    let own: Vec<i64> = result_entry::table
        .inner_join(worksheet_position::table)
        .filter(worksheet_position::item_id.eq_any(items.iter().map(|id| Some(id.0))))
        .select(result_entry::id)
        .load(conn)?;
    let all: BTreeSet<i64> = own.into_iter().chain(used.iter().flat_map(|(_, entries)| entries.clone())).collect();
    let mut found = Vec::new();
    for row in values(conn, &all.into_iter().collect::<Vec<_>>())? {
        for (item, entries) in &used {
            if row.item_id != Some(*item) && entries.contains(&row.id.0) {
                found.push(Evidence { item_id: Some(*item), ..row.clone() });
            }
        }
        if row.item_id.is_some_and(|item| items.contains(&item)) {
            found.push(row);
        }
    }
    Ok(found)
}

/// The entries that the results in force of items name.
fn used_by(conn: &mut Conn, items: &[ItemId]) -> Outcome<Vec<(ItemId, BTreeSet<i64>)>> {
    let named: Vec<(ItemId, String)> = test_item::table
        .inner_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(test_item::id.eq_any(items.iter().map(|id| id.0)))
        .select((test_item::id, result_version::entries))
        .load(conn)?;
    let ids = |entries: String| entries.split(' ').filter_map(|id| id.parse().ok()).collect();
    Ok(named.into_iter().map(|(item, entries)| (item, ids(entries))).collect())
}

/// Entries in the order of their places.
fn values(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<Evidence>> {
    in_pieces(ids, |ids| {
        result_entry::table
            .inner_join(worksheet_position::table)
            .left_join(observation::table)
            .left_join(person::table)
            .filter(result_entry::id.eq_any(ids.to_vec()))
            .order((
                worksheet_position::worksheet_id,
                worksheet_position::place,
                result_entry::field,
                result_entry::replicate,
                result_entry::entry_no,
            ))
            .select((
                result_entry::id,
                worksheet_position::item_id,
                worksheet_position::kind,
                worksheet_position::label_code,
                result_entry::field,
                result_entry::replicate,
                result_entry::value,
                result_entry::unit,
                result_entry::source,
                result_entry::reason,
                result_entry::at,
                person::name.nullable(),
                observation::message_id.nullable(),
                observation::source_place.nullable(),
                result_entry::observation_id,
                result_entry::run_at,
            ))
            .load(conn)
    })
}
