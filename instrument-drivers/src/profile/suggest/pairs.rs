//! Proposals for texts that are no table: blocks of lines with a key and its value.

use super::cells::is_value;
use super::finding::{Finding, note};
use super::units::{split_unit, with_units};
use super::words::{NOT_A_VALUE, SAMPLE_KEY, plain};
use super::writing::quote;

/// Nearly all lines are a key and its value, and no key holds a delimiter: what stands behind the keys may.
pub fn is_of_pairs(lines: &[&str]) -> bool {
    let has_key = |line: &&&str| {
        line.split_once(SIGNS).is_some_and(|(key, _)| !key.trim().is_empty() && !key.contains(['\t', ';', ',', '|']))
    };
    lines.len() > 1 && lines.iter().filter(has_key).count() * 5 >= lines.len() * 4
}

/// `Key: value` or `Key = value` lines in blocks: every block is a record, what its keys hold with digits are values.
pub fn records(text: &str, encoding: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let pairs: Vec<(&str, &str)> = lines
        .iter()
        .filter_map(|line| line.split_once(SIGNS))
        .map(|(key, value)| (key.trim(), value.trim()))
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
        .collect();
    let sample = pairs.iter().map(|(key, _)| *key).find(|key| SAMPLE_KEY.contains(&plain(key).as_str()))?;
    if pairs.len() * 3 < lines.len() * 2 {
        return None;
    }
    let is_measured = |value: &str| is_value(value.split_whitespace().next().unwrap_or_default());
    let mut keys: Vec<&str> = Vec::new();
    for (key, value) in &pairs {
        if *key != sample && is_measured(value) && !keys.contains(key) && !NOT_A_VALUE.contains(&plain(key).as_str()) {
            keys.push(key);
        }
    }
    if keys.is_empty() {
        return None;
    }
    note(
        findings,
        "shape",
        "blocks of keys and values",
        75,
        format!("{} lines with a colon or an equals sign", pairs.len()),
    );
    note(findings, "sample", sample, 85, "the usual name of the key");
    let in_brackets = with_units(keys.iter().copied());
    let (analyte, more) = match in_brackets {
        true => {
            note(findings, "unit", "in brackets behind the name", 80, "most names end with [unit]");
            (split_unit("{@head}"), "")
        }
        false => {
            note(findings, "unit", "behind the number", 60, "values are cut at the first blank");
            let unit = "unit = { from = \"{@cell}\", pattern = '^\\S+\\s+(\\S.*)$' }\n";
            ("analyte = \"{@head}\"\n".to_string(), unit)
        }
    };
    let names: Vec<String> = keys.iter().map(|key| quote(key)).collect();
    let start = quote(&format!("^\\s*{}\\s*[:：=]", regex::escape(sample)));
    Some(format!(
        "format = \"lines\"\n\n[text]\nencoding = {}\n\n[[table]]\nline = '^\\s*(?P<key>[^:：=]+?)\\s*[:：=]\\s*(?P<value>.*)$'\n\
         transpose = true\nsample = {}\n{analyte}value = {{ from = \"{{@cell}}\", pattern = '^\\S+' }}\n{more}section = {{ start = [{{ matches = {start} }}], include_start = true }}\n\
         columns = {{ names = [{}] }}\n",
        quote(encoding),
        quote(&format!("{{{sample}}}")),
        names.join(", ")
    ))
}

/// The first of these stands between a key and its value; a block may mix them.
const SIGNS: [char; 3] = [':', '：', '='];
