//! What single texts of the example mean: the type of a row, or something where a number would stand.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::{Pointed, first_table, mentions, text};
use crate::marker::MAX_MARKER;
use crate::profile::correction::{self, opened, written};
use crate::profile::suggest::role_of;
use crate::table::rows::Grid;
use crate::trouble::Reason;

/// More different texts than this name samples, not types: software knows a dozen.
const MOST_TYPES: usize = 24;

/// The types of the rows stand in this column: each of its texts gets the role that it usually means.
pub(super) fn role(table: &mut Table, at: &Pointed<'_>) -> Result<(), Reason> {
    let words = below(at.grid, at.header, at.column);
    if words.is_empty() {
        return Err(Reason::from(&correction::COLUMN_EMPTY));
    }
    if words.len() > MOST_TYPES {
        return Err(correction::NO_TYPES.with("count", words.len().to_string()));
    }
    let map: Table = words.into_iter().map(|word| (word.clone(), text(role_of(&word).unwrap_or(SAMPLE)))).collect();
    table.insert("role".into(), translated(&at.reference(), map));
    Ok(())
}

/// What a text is that no type is said for.
const SAMPLE: &str = "sample";

fn translated(reference: &str, map: Table) -> Value {
    let mut expression = Table::new();
    expression.insert("from".into(), text(reference));
    expression.insert("map".into(), Value::Table(map));
    expression.insert("default".into(), text(SAMPLE));
    Value::Table(expression)
}

/// The texts of a column below the names, each once.
fn below(grid: &Grid, header: Option<usize>, column: usize) -> Vec<String> {
    let rows = grid.rows.iter().filter(|row| header.is_none_or(|header| row.number > header));
    let mut words: Vec<String> =
        rows.map(|row| row.cell(column).trim().to_string()).filter(|word| !word.is_empty()).collect();
    words.sort();
    words.dedup();
    words
}

/// The column that the roles are read from, as it is written; `None` where they come from elsewhere, or by patterns.
fn types(table: &Table) -> Option<(String, Table, String)> {
    match table.get("role")? {
        Value::String(from) => Some((from.clone(), Table::new(), SAMPLE.to_string())),
        Value::Table(role) if role.keys().all(|key| ["from", "map", "default"].contains(&key.as_str())) => {
            let from = role.get("from")?.as_str()?.to_string();
            let map = role.get("map").and_then(Value::as_table).cloned().unwrap_or_default();
            Some((from, map, role.get("default").and_then(Value::as_str).unwrap_or(SAMPLE).to_string()))
        }
        _ => None,
    }
}

/// The texts of the column of types, with the role that the profile gives each; nothing where no column holds types.
pub fn role_words(profile: &str, grid: &Grid, header: Option<usize>) -> BTreeMap<String, String> {
    let Ok(mut whole) = profile.parse::<Table>() else { return BTreeMap::new() };
    let Some((from, map, default)) = first_table(&mut whole).ok().and_then(|table| types(table)) else {
        return BTreeMap::new();
    };
    let at = Pointed { grid, header, row: 0, column: 0 };
    let names = at.names();
    let width = grid.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let from = text(from);
    let column = (0..width).find(|column| mentions(&from, &names, *column));
    let found = column.map(|column| below(grid, header, column)).filter(|words| words.len() <= MOST_TYPES);
    let said = map.into_iter().filter_map(|(word, role)| Some((word, role.as_str()?.to_string())));
    // What is said comes over what is found.
    found.unwrap_or_default().into_iter().map(|word| (word, default.clone())).chain(said).collect()
}

/// The profile with these roles of the texts in its column of types.
///
/// # Errors
/// No column holds types.
pub fn set_roles(profile: &str, roles: &[(String, String)]) -> Result<String, Reason> {
    let mut whole = opened(profile)?;
    let table = first_table(&mut whole)?;
    let (from, mut map, default) = types(table).ok_or(&correction::NO_COLUMN_OF_TYPES)?;
    for (word, role) in roles {
        map.insert(word.clone(), text(role.as_str()));
    }
    let mut role = translated(&from, map);
    if let Some(role) = role.as_table_mut() {
        role.insert("default".into(), text(default));
    }
    table.insert("role".into(), role);
    written(&whole)
}

/// The text stands where a number would, and means this.
pub(super) fn marker(whole: &mut Table, at: &Pointed<'_>, meaning: &str) -> Result<(), Reason> {
    let said = at.row_at(at.row).map_or("", |row| row.cell(at.column).trim()).to_string();
    if said.is_empty() || at.header.is_some_and(|header| at.row <= header) {
        return Err(Reason::from(&correction::NO_SIGN));
    }
    if said.len() > MAX_MARKER {
        let bytes = said.len().to_string();
        return Err(correction::SIGN_TOO_LONG.with("bytes", bytes).with("most", MAX_MARKER.to_string()));
    }
    // What a table says of its own numbers would come before this.
    if let Some(numbers) = first_table(whole)?.get_mut("numbers") {
        match numbers {
            Value::Array(list) => list.iter_mut().for_each(|one| forget(one, &said)),
            one => forget(one, &said),
        }
    }
    let numbers = whole.entry("numbers").or_insert_with(|| Value::Table(Table::new()));
    forget(numbers, &said);
    let no_table = |key: &str| correction::KEY_NO_TABLE.with("key", key);
    let numbers = numbers.as_table_mut().ok_or_else(|| no_table("numbers"))?;
    let markers = numbers.entry("markers").or_insert_with(|| Value::Table(Table::new()));
    markers.as_table_mut().ok_or_else(|| no_table("numbers.markers"))?.insert(said, text(meaning));
    Ok(())
}

/// Markers are compared without case.
fn forget(numbers: &mut Value, said: &str) {
    let said = said.to_lowercase();
    if let Some(markers) = numbers.get_mut("markers").and_then(Value::as_table_mut) {
        markers.retain(|marker, _| marker.to_lowercase() != said);
    }
}
