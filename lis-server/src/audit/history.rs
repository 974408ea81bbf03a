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
}
