//! How a proposal is written and corrected: texts, names of columns and fields of a table, in the words of a profile.

use std::ops::Range;

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

/// Adds a field, `key = value`, to a table of a proposal: keys of the table itself stand before its sub-tables. No key
/// comes to stand twice: lists of conditions get one more, a header the parts that it lacks; any other key keeps what it
/// has.
pub fn insert_field(table: &mut String, field: &str) {
    let (key, value) = field.trim_end().split_once(" = ").unwrap_or((field, ""));
    let Some(place) = own_value(table, key) else {
        let end = own_fields(table).end;
        table.insert_str(end, field);
        return;
    };
    let known = &table[place.clone()];
    let joined = match key {
        "header" => with_parts(known, value),
        "skip" | "only" => with_conditions(known, value),
        _ => None,
    };
    if let Some(joined) = joined {
        table.replace_range(place, &joined);
    }
}

/// Whether the table itself, not one below it, has this key.
pub fn has_field(table: &str, key: &str) -> bool {
    own_value(table, key).is_some()
}

/// Where the keys of the table itself stand.
fn own_fields(table: &str) -> Range<usize> {
    const TABLE: &str = "[[table]]\n";
    let start = table.find(TABLE).map_or(0, |at| at + TABLE.len());
    let own = &table[start..];
    let below = ["\n[table.", "\n[[table."].iter().filter_map(|mark| own.find(mark)).min();
    start..below.map_or(table.len(), |at| start + at + 1)
}

/// Where the value of a key of the table itself stands.
fn own_value(table: &str, key: &str) -> Option<Range<usize>> {
    let own = own_fields(table);
    let start = format!("{key} = ");
    let mut at = own.start;
    for line in table[own].split_inclusive('\n') {
        if line.starts_with(&start) {
            return Some(at + start.len()..at + line.trim_end().len());
        }
        at += line.len();
    }
    None
}

/// An inline table with those parts of another that it lacks; `None` where it has them all.
fn with_parts(known: &str, more: &str) -> Option<String> {
    let (Some(toml::Value::Table(parts)), Some(toml::Value::Table(others))) = (value_of(known), value_of(more)) else {
        return None;
    };
    let lacking = others.iter().filter(|(key, _)| !parts.contains_key(key.as_str()));
    let mut lacking: Vec<String> = lacking.map(|(key, value)| format!("{key} = {value}")).collect();
    if lacking.is_empty() {
        return None;
    }
    let inner = known.strip_prefix('{')?.strip_suffix('}')?.trim();
    lacking.extend((!inner.is_empty()).then(|| inner.to_string()));
    Some(format!("{{ {} }}", lacking.join(", ")))
}

/// A list of conditions, with those of another before its own.
fn with_conditions(known: &str, more: &str) -> Option<String> {
    let inner = |list: &str| Some(list.strip_prefix('[')?.strip_suffix(']')?.trim().to_string());
    let lists: Vec<String> = [inner(more)?, inner(known)?].into_iter().filter(|list| !list.is_empty()).collect();
    Some(format!("[{}]", lists.join(", ")))
}

/// The value that is written so.
fn value_of(text: &str) -> Option<toml::Value> {
    format!("x = {text}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("x"))
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
        let parsed = value_of(value);
        here.insert(last.to_string(), parsed.unwrap_or_else(|| toml::Value::String(value.to_string())));
    }
    written(&whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_twice() {
        let mut table = "[[find]]\nname = \"sample\"\nkey = \"Sample\"\n\n[[table]]\nsample = \"{@sample}\"\n\
             header = { names = [\"Pb\"] }\nskip = [{ matches = '^a' }]\n\n[table.columns]\nnames = [\"Pb\"]\n"
            .to_string();
        for field in [
            "header = { rows = 2 }\n",
            "header = { rows = 3, repeat = true }\n",
            "skip = [{ cell = \"{#1}\", matches = '^[b]' }]\n",
            "sample = \"{#1}\"\n",
            // Those of other tables are no keys of this one.
            "name = \"report\"\n",
            "names = \"all\"\n",
            "names = \"some\"\n",
        ] {
            insert_field(&mut table, field);
        }
        assert_eq!(
            table,
            "[[find]]\nname = \"sample\"\nkey = \"Sample\"\n\n[[table]]\nsample = \"{@sample}\"\n\
             header = { repeat = true, rows = 2, names = [\"Pb\"] }\n\
             skip = [{ cell = \"{#1}\", matches = '^[b]' }, { matches = '^a' }]\n\n\
             name = \"report\"\nnames = \"all\"\n[table.columns]\nnames = [\"Pb\"]\n"
        );
        assert!(has_field(&table, "skip") && !has_field(&table, "key") && !has_field(&table, "unit"));
    }
}
