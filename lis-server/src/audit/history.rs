//! What the log says of one object, for the pages of the capabilities: who did what, when, and what changed.

use serde_json::Value;

use super::store::{self, Filter};
use super::verify::StoredEntry;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::refusal::Outcome;

/// One act.
#[derive(Clone, Debug)]
pub struct Act {
    pub position: i64,
    pub at: Moment,
    pub actor: String,
    pub role: String,
    pub device: String,
    pub object_kind: String,
    pub object_id: i64,
    pub event: String,
    pub changes: Vec<Change>,
}

/// One field that an act changed. Sealed personal words are not opened here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub field: String,
    pub old: String,
    pub new: String,
}

/// The history of one object, oldest first. Only linked entries: what has no position yet is not shown.
pub fn of_object(conn: &mut Conn, kind: &str, id: i64) -> Outcome<Vec<Act>> {
    /// Acts of one object shown on its page; an object with more has its full history in the log.
    const MOST: i64 = 200;
    let filter = Filter { object_kind: Some(kind.to_owned()), object_id: Some(id), ..Filter::default() };
    let mut acts: Vec<Act> =
        store::entries(conn, &filter, MOST)?.into_iter().map(|(position, entry)| act(position, entry)).collect();
    acts.reverse();
    Ok(acts)
}

/// A stored entry as an act.
pub fn act(position: i64, entry: StoredEntry) -> Act {
    let body: Value = serde_json::from_str(&entry.body).unwrap_or(Value::Null);
    let changes = body["changes"].as_object().map(|fields| {
        fields
            .iter()
            .map(|(field, pair)| Change { field: field.clone(), old: said(&pair[0]), new: said(&pair[1]) })
            .collect()
    });
    Act {
        position,
        at: entry.at,
        actor: entry.actor,
        role: entry.role,
        device: entry.device,
        object_kind: entry.object_kind,
        object_id: entry.object_id,
        event: entry.event,
        changes: changes.unwrap_or_default(),
    }
}

fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(super::personal::MARK) => "•••".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
