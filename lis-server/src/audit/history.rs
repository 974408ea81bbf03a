<<<<<<< HEAD
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
=======
//! The linked entries about one object, newest first: its history, as pages show it.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::schema::{audit_entry, log_link};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{Fault, Outcome};

/// One entry as a page shows it.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: Moment,
    /// `person:12`, `system:jobs`.
    pub actor: String,
    pub role: String,
    /// Its code; the words stand under `event-<code>`.
    pub event: String,
    /// Fields that changed: name, before, after. Sealed personal words and long documents are left out.
    pub changes: Vec<(String, String, String)>,
}

impl Event {
    /// The person who did it; `None` for the program itself.
    pub fn person(&self) -> Option<PersonId> {
        self.actor.strip_prefix("person:")?.parse().ok()
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_entry)]
struct Row {
    at: Moment,
    actor: String,
    role: String,
    event: String,
    body: String,
}

/// Entries shown of one object; the log itself keeps all.
const SHOWN: i64 = 200;
/// Longest value shown, in characters: a document belongs on a page of its own.
const VALUE_MOST: usize = 120;

/// The history of one object, newest first.
pub fn of(conn: &mut Conn, kind: &str, id: i64) -> Outcome<Vec<Event>> {
    let rows: Vec<Row> = audit_entry::table
        .inner_join(log_link::table)
        .filter(audit_entry::object_kind.eq(kind.to_owned()))
        .filter(audit_entry::object_id.eq(id))
        .order(log_link::position.desc())
        .limit(SHOWN)
        .select(cols::<Row>())
        .load(conn)?;
    rows.into_iter().map(event).collect()
}

fn event(row: Row) -> Outcome<Event> {
    let body: serde_json::Value = serde_json::from_str(&row.body).map_err(Fault::broken)?;
    let mut changes = Vec::new();
    let named: HashMap<String, (serde_json::Value, serde_json::Value)> =
        serde_json::from_value(body["changes"].clone()).map_err(Fault::broken)?;
    for (field, (old, new)) in named {
        if let (Some(old), Some(new)) = (shown(&old), shown(&new)) {
            changes.push((field, old, new));
        }
    }
    changes.sort();
    Ok(Event { at: row.at, actor: row.actor, role: row.role, event: row.event, changes })
}

fn shown(value: &serde_json::Value) -> Option<String> {
    let text = match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fits = text.chars().count() <= VALUE_MOST && !text.starts_with("sealed:");
    fits.then_some(text)
>>>>>>> samples
}
