//! The log as a page: every act, newest first, filtered by object or person.

use actix_web::web;
use askama::Template;
use serde::{Deserialize, Serialize};

use serde_json::Value;

use super::store::{self, Filter};
use super::verify::StoredEntry;
use crate::accounts::role::ReadLog;
use crate::accounts::{Actor, May, Role};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/log", log)
}

/// Acts on one page.
const PAGE_ROWS: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
struct LogQuery {
    kind: String,
    id: String,
    actor: String,
    before: String,
}

#[derive(Template)]
#[template(path = "audit/pages/log.html")]
struct LogPage {
    ui: Ui,
    acts: Vec<Act>,
    kind: String,
    id: String,
    actor: String,
    next: String,
}

async fn log(by: May<ReadLog>, ui: Ui, lis: web::Data<Lis>, query: web::Query<LogQuery>) -> Answer {
    let LogQuery { kind, id, actor, before } = query.into_inner();
    let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let filter = Filter {
        object_kind: given(&kind),
        object_id: id.trim().parse().ok(),
        actor: given(&actor),
        before: before.parse().ok(),
    };
    let mut rows = lis.db.read(move |conn| Ok(store::entries(conn, &filter, PAGE_ROWS + 1)?)).await?;
    let more = rows.len() as i64 > PAGE_ROWS;
    rows.truncate(PAGE_ROWS as usize);
    let next = match rows.last() {
        Some((position, _)) if more => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("kind", &kind), ("id", &id), ("actor", &actor)])
                .append_pair("before", &position.to_string())
                .finish();
            format!("/log?{query}")
        }
        _ => String::new(),
    };
    let in_full = reads_in_full(&by);
    let acts = rows.into_iter().map(|(position, entry)| act(position, entry, in_full)).collect();
    page(&LogPage { ui, acts, kind, id, actor, next }, false)
}

/// One act.
#[derive(Clone, Debug)]
struct Act {
    position: i64,
    at: Moment,
    actor: String,
    role: String,
    device: String,
    object_kind: String,
    object_id: i64,
    event: String,
    changes: Vec<Change>,
    /// What was written is not for the reader.
    withheld: bool,
}

/// One field that an act changed. Sealed personal words are not opened here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LogChange)]
pub(super) struct Change {
    field: String,
    /// Empty: there was no value before.
    old: String,
    new: String,
}

/// What an administrator reads in full: accounts and the program's own work. Of all else he sees who did what when, not
/// what was written: he sees no results (`workflow.md` 2).
const OF_ADMINISTRATION: &[&str] = &["person", "api_token", "region", "job"];

/// Whether somebody reads every act with its values.
pub fn reads_in_full(reader: &Actor) -> bool {
    reader.roles.iter().any(|role| matches!(role, Role::QualityOfficer | Role::TechnicalManager))
}

/// Whether the values of an act about a kind of object are for a reader.
fn may_read(in_full: bool, object_kind: &str) -> bool {
    in_full || OF_ADMINISTRATION.contains(&object_kind)
}

/// The fields that an act changed; `None`: they are not for the reader.
pub(super) fn changes_of(entry: &StoredEntry, in_full: bool) -> Option<Vec<Change>> {
    if !may_read(in_full, &entry.object_kind) {
        return None;
    }
    let body: Value = serde_json::from_str(&entry.body).unwrap_or(Value::Null);
    let changes = body["changes"].as_object().map(|fields| {
        fields
            .iter()
            .map(|(field, pair)| Change { field: field.clone(), old: said(&pair[0]), new: said(&pair[1]) })
            .collect()
    });
    Some(changes.unwrap_or_default())
}

/// A stored entry as an act.
fn act(position: i64, entry: StoredEntry, in_full: bool) -> Act {
    let changes = changes_of(&entry, in_full);
    Act {
        position,
        at: entry.at,
        actor: entry.actor,
        role: entry.role,
        device: entry.device,
        object_kind: entry.object_kind,
        object_id: entry.object_id,
        event: entry.event,
        withheld: changes.is_none(),
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
