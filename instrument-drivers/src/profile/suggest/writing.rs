//! How a proposal is written and corrected: texts, names of columns and fields of a table, in the words of a profile.

use crate::profile::correction::{self, opened, written};
use crate::trouble::Reason;

/// The delimiters that are proposed and can be chosen, as they are written in a profile.
pub const DELIMITERS: [&str; 5] = ["tab", ";", ",", "|", "gaps"];

/// A TOML string.
pub fn quote(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

/// `{Name}`, or `{Name#2}` for a later column of the same name.
pub fn reference(names: &[String], at: usize) -> String {
    let name = &names[at];
    match names[..at].iter().filter(|other| *other == name).count() {
        _ if name.contains(['{', '}']) => format!("{{#{}}}", at + 1),
        0 => format!("{{{name}}}"),
        before => format!("{{{name}#{}}}", before + 1),
    }
}

/// The pattern in `workbook.sheets` for one sheet.
pub fn sheet_pattern(name: &str) -> String {
    format!("^{}$", regex::escape(name))
}

/// Keys of the table itself stand before its sub-tables.
pub fn insert_field(table: &mut String, line: &str) {
    let below = ["\n[table.", "\n[[table."].iter().filter_map(|mark| table.find(mark)).min();
    let at = below.map_or(table.len(), |at| at + 1);
    table.insert_str(at, line);
}

/// Corrects a proposal: sets one key, `table.value` for the first table, `text.encoding`, to a TOML value. A value that is
/// no TOML is taken as text; an empty one removes the key.
pub fn correct(proposal: &str, key: &str, value: &str) -> Result<String, Reason> {
    let mut whole = opened(proposal)?;
    let steps: Vec<&str> = key.split('.').collect();
    let (last, above) = steps.split_last().ok_or(&correction::KEY_EMPTY)?;
    let mut here = &mut whole;
    for step in above {
        let next = here.entry(step.to_string()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        here = match next {
            toml::Value::Array(list) => list.first_mut().and_then(toml::Value::as_table_mut),
            other => other.as_table_mut(),
        }
        .ok_or_else(|| correction::STEP_NO_TABLE.with("step", *step).with("key", key))?;
    }
    if value.is_empty() {
        here.remove(*last);
    } else {
        let parsed = format!("x = {value}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("x"));
        here.insert(last.to_string(), parsed.unwrap_or_else(|| toml::Value::String(value.to_string())));
    }
    written(&whole)
}
