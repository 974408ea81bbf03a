//! What of an entry its reader sees: the same for the page and for programs.

use serde::Serialize;
use serde_json::Value;

use super::personal;
use super::verify::StoredEntry;
use crate::accounts::{Actor, Role};

/// One field that an act changed. Sealed personal words are not opened here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = LogChange)]
pub struct Change {
    pub field: String,
    /// Empty: there was no value before.
    pub old: String,
    pub new: String,
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
pub fn changes_of(entry: &StoredEntry, in_full: bool) -> Option<Vec<Change>> {
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

fn said(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(personal::MARK) => "•••".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
