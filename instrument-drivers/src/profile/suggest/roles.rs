//! What a proposal says about roles, and about texts that stand where numbers would.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::called::find_word;
use super::cells::is_value;
use super::finding::{Finding, note};
use super::header::HeaderPlace;
use super::sheet::Sheet;
use super::words::TYPE;
use super::writing::{quote, reference};

/// `role = …`, from the column of types, else from the names of the samples.
pub fn role(sheet: &Sheet, header: &HeaderPlace, sample: Option<usize>, findings: &mut Vec<Finding>) -> Option<String> {
    role_by(sheet, header, (find_word(&header.names, TYPE), sample), findings)
}

/// The same where the column of types is known.
pub fn role_by(
    sheet: &Sheet,
    header: &HeaderPlace,
    (types, sample): (Option<usize>, Option<usize>),
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let cells =
        |at: usize| header.body.iter().filter_map(move |row| sheet.cell(*row, at)).filter(|cell| !cell.is_empty());
    if let Some(at) = types.filter(|at| Some(*at) != sample && cells(*at).next().is_some()) {
        let map: BTreeMap<&str, &str> = cells(at).filter_map(|text| Some((text, role_of(text)?))).collect();
        if !map.is_empty() {
            let words: Vec<String> =
                map.iter().map(|(text, role)| format!("{} = {}", quote(text), quote(role))).collect();
            let said: Vec<String> = map.iter().map(|(text, role)| format!("{text} is {role}")).collect();
            note(findings, "role", said.join(", "), 75, format!("the texts of the column: {}", header.names[at]));
            let from = quote(&reference(&header.names, at));
            return Some(format!(
                "role = {{ from = {from}, map = {{ {} }}, default = \"sample\" }}\n",
                words.join(", ")
            ));
        }
    }
    let at = sample?;
    let stands = |role: &&str| cells(at).any(|text| role_of(text) == Some(*role));
    let found: Vec<&str> = ROLES.iter().map(|(role, _)| *role).filter(stands).collect();
    // Where everything would be a standard, the pattern has misunderstood the names.
    if found.is_empty() || cells(at).all(|text| role_of(text).is_some()) {
        return None;
    }
    note(findings, "role", found.join(", "), 55, "names of samples; please look at them");
    let when: Vec<String> = ROLES
        .iter()
        .filter(|(role, _)| found.contains(role))
        .map(|(role, pattern)| format!("{{ matches = {}, then = {} }}", quote(pattern), quote(role)))
        .collect();
    let from = quote(&reference(&header.names, at));
    Some(format!("role = {{ from = {from}, when = [{}], default = \"sample\" }}\n", when.join(", ")))
}

/// The role that a text of a column of types, or the name of a sample, usually means; `None`: a sample.
pub fn role_of(text: &str) -> Option<&'static str> {
    static PATTERNS: LazyLock<Vec<(&str, Regex)>> =
        LazyLock::new(|| ROLES.iter().filter_map(|(role, pattern)| Some((*role, Regex::new(pattern).ok()?))).collect());
    PATTERNS.iter().find(|(_, pattern)| pattern.is_match(text)).map(|(role, _)| *role)
}

/// Short texts that stand repeatedly in columns of numbers, and are no known marker: a person must say what they mean.
pub fn markers(sheet: &Sheet, header: &HeaderPlace, columns: &[usize], findings: &mut Vec<Finding>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    // A row may hold nothing else, and so be none of numbers.
    let rows = header.body.first().map_or(0, |row| *row)..header.body.last().map_or(0, |row| row + 2);
    for at in columns {
        let cells: Vec<&str> =
            rows.clone().filter_map(|row| sheet.cell(row, *at)).filter(|cell| !cell.is_empty()).collect();
        // Mostly numbers: in a column of texts every text is a result.
        if cells.iter().filter(|cell| is_value(cell)).count() * 2 > cells.len() {
            for cell in cells.into_iter().filter(|cell| !is_value(cell) && cell.chars().count() <= 12) {
                *counts.entry(cell).or_default() += 1;
            }
        }
    }
    counts.retain(|text, count| *count > 1 && !text.chars().any(|c| c.is_ascii_digit()));
    if counts.is_empty() || counts.len() > MOST_MARKERS {
        return String::new();
    }
    let said: Vec<String> = counts.iter().map(|(text, count)| format!("{text} ({count} times)")).collect();
    note(findings, "markers", said.join(", "), 40, "texts among numbers; say what each means in numbers.markers");
    let list: Vec<String> = counts.keys().map(|text| format!("{} = \"text\"", quote(text))).collect();
    format!("markers = {{ {} }}\n", list.join(", "))
}

/// More different texts than this are results, not markers.
const MOST_MARKERS: usize = 6;

/// Roles by patterns, for type columns and names; the first that fits counts.
const ROLES: [(&str, &str); 3] = [
    ("blank", r"(?i)^bl(an)?k\b|\bblank|空白|\bNTC\b|^leer(wert|probe)|^blanc\b"),
    ("standard", r"(?i)^(std|cal|standard|calib\w*)\b|^(std|cal)[ _-]?\d|\bstandard\b|标准|标样|校准|^s\d$"),
    ("control", r"(?i)\bqc\b|^qc|\bcontrol\b|^kontrol|\bcheck\b|\bspike|质控|加标|平行"),
];
