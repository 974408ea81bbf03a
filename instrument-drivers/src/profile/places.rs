//! Columns at fixed places, as a person points at the characters where they begin.
//!
//! As by [`point`](super::point::point), only the first `[[table]]` is corrected. Columns that are read stay read when one is cut in
//! two or joined: `{#3}` follows its column.

use regex::Regex;
use toml::{Table, Value};

use super::correction::{self, opened, written};
use super::point::first_table;
use crate::trouble::Reason;

/// Where columns begin now; empty where lines are not cut at places.
pub fn places(profile: &str) -> Vec<usize> {
    let Ok(mut whole) = profile.parse::<Table>() else { return Vec::new() };
    first_table(&mut whole).map(|table| places_of(table)).unwrap_or_default()
}

fn places_of(table: &Table) -> Vec<usize> {
    let list = table.get("cut").and_then(Value::as_array).cloned().unwrap_or_default();
    list.iter().filter_map(Value::as_integer).filter_map(|place| usize::try_from(place).ok()).collect()
}

/// The profile with columns that begin at these characters, counted from 0; none: lines are whole again. `wide`: Chinese,
/// Japanese and Korean characters take two places.
///
/// # Errors
/// The source is no text.
pub fn cut(profile: &str, places: &[usize], wide: bool) -> Result<String, Reason> {
    let mut whole = opened(profile)?;
    let format = whole.get("format").and_then(Value::as_str).unwrap_or_default();
    if !["lines", "delimited"].contains(&format) {
        return Err(Reason::from(&correction::NO_LINES));
    }
    let after = sound(places);
    let table = first_table(&mut whole)?;
    let before = places_of(table);
    if before.is_empty() {
        // What was read by names, delimiters or patterns means nothing among other columns.
        *table = begun();
    } else {
        table.iter_mut().for_each(|(_, value)| renumber(value, &before, &after));
    }
    let list = after.iter().filter_map(|place| i64::try_from(*place).ok()).map(Value::Integer).collect();
    for (key, value) in [("cut", Value::Array(list)), ("wide", Value::Boolean(wide))] {
        table.remove(key);
        if !after.is_empty() && value != Value::Boolean(false) {
            table.insert(key.into(), value);
        }
    }
    whole.insert("format".into(), Value::String("lines".into()));
    if let Some(text) = whole.get_mut("text").and_then(Value::as_table_mut) {
        ["delimiter", "quote", "unquote_lines"].iter().for_each(|key| drop(text.remove(*key)));
    }
    written(&whole)
}

/// In order; the first column begins at the beginning. One column is no cutting.
fn sound(places: &[usize]) -> Vec<usize> {
    let mut places: Vec<usize> = std::iter::once(0).chain(places.iter().copied()).collect();
    places.sort_unstable();
    places.dedup();
    if places.len() > 1 { places } else { Vec::new() }
}

/// A table that reads its first three columns, whatever they hold.
fn begun() -> Table {
    let fields = [("sample", "{#1}"), ("analyte", "{#2}"), ("value", "{#3}")];
    fields.into_iter().map(|(field, column)| (field.to_string(), Value::String(column.to_string()))).collect()
}

/// Lets every `{#3}` and `#3` follow its column.
fn renumber(value: &mut Value, before: &[usize], after: &[usize]) {
    match value {
        Value::String(text) => {
            let Ok(pattern) = Regex::new(r"(\{#|^#)(\d+)") else { return };
            let column = |found: &regex::Captures<'_>| {
                let number = found[2].parse().map_or(0, |number| column_now(number, before, after));
                format!("{}{number}", &found[1])
            };
            *text = pattern.replace_all(text, column).into_owned();
        }
        Value::Array(list) => list.iter_mut().for_each(|one| renumber(one, before, after)),
        Value::Table(table) => table.iter_mut().for_each(|(_, one)| renumber(one, before, after)),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// The number of the column that holds the beginning of an earlier one; both count from 1.
fn column_now(number: usize, before: &[usize], after: &[usize]) -> usize {
    let begins = number.checked_sub(1).and_then(|at| before.get(at));
    let now = begins.and_then(|begins| after.iter().rposition(|place| place <= begins));
    now.map_or(number, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Context, Profile};

    const FILE: &str = "LAUF 8\n01M-1      Cd      2.05ug/L\n02K 17     Cd      2.11ug/L\n";

    /// Sample, analyte, value and unit of every value.
    fn read(profile: &str) -> Vec<String> {
        let read = Profile::parse("test", profile).unwrap().read(FILE.as_bytes(), &Context::default());
        let texts = |one: &crate::observation::Observation| {
            [one.sample_id.as_str(), &one.analyte, &one.value, &one.unit].join("|")
        };
        read.observations.iter().map(texts).collect()
    }

    #[test]
    fn columns_follow_when_one_is_cut_in_two_or_joined() {
        let first = "maturity = 'draft'\nsource = 'x'\nformat = 'delimited'\ntext = { delimiter = ';' }\n\
                     [[table]]\nsample = '{Label}'\nvalue = '{Result}'\nanalyte = 'Cd'\n";
        // The number in front of the label is not told apart yet.
        let rough = cut(first, &[11, 19, 23], false).unwrap();
        assert_eq!(places(&rough), [0, 11, 19, 23]);
        assert_eq!(read(&rough), ["01M-1|Cd|2.05|", "02K 17|Cd|2.11|"]);
        let apart = cut(&rough, &[0, 2, 11, 19, 23], false).unwrap();
        assert_eq!(read(&apart), ["01|Cd|2.05|", "02|Cd|2.11|"], "the sample begins where it began");
        let set = apart.replace("sample = \"{#1}\"", "sample = \"{#2}\"\nunit = \"{#5}\"");
        assert_eq!(read(&set), ["M-1|Cd|2.05|ug/L", "K 17|Cd|2.11|ug/L"]);
        let joined = cut(&set, &[0, 2, 19, 23], false).unwrap();
        assert_eq!(read(&joined), ["M-1      Cd|M-1      Cd|2.05|ug/L", "K 17     Cd|K 17     Cd|2.11|ug/L"]);
        assert_eq!(places(&cut(&joined, &[], false).unwrap()), [] as [usize; 0]);
    }

    #[test]
    fn a_workbook_has_no_characters_to_cut_at() {
        let workbook =
            "maturity = 'draft'\nsource = 'x'\nformat = 'workbook'\n[[table]]\nsample = '{#1}'\nvalue = '{#2}'\n";
        assert!(cut(workbook, &[4], false).unwrap_err().code() == "no-lines");
    }

    #[test]
    fn ends_of_columns_follow_too() {
        let mut value = Value::Array(vec![Value::String("#3".into()), Value::String("{#3@head} {#1}".into())]);
        renumber(&mut value, &[0, 8, 14], &[0, 4, 8, 14]);
        assert_eq!(value.to_string(), "[\"#4\", \"{#4@head} {#1}\"]");
    }
}
