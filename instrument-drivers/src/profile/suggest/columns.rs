//! Which columns of an unknown table hold the samples, what was measured, and values.

use std::collections::HashSet;

use super::called::find_word_where;
use super::cells::{is_moment, is_value};
use super::finding::{Finding, note};
use super::header::HeaderPlace;
use super::sheet::Sheet;
use super::words::{FLAG, NOT_A_VALUE, RAW, SAMPLE, TYPE, UNIT, WELL, plain};
use super::writing::{quote, reference};

/// The column of samples: by the most preferred name, unless it has gaps or only counts the rows and another column of
/// samples does not.
pub fn sample_column(sheet: &Sheet, header: &HeaderPlace) -> Option<usize> {
    let names = &header.names;
    let cells = |at: usize| header.body.iter().map(move |row| sheet.cell(*row, at).unwrap_or_default());
    let filled = |at: usize| cells(at).filter(|cell| !cell.is_empty()).count();
    let best = find_word_where(names, SAMPLE, |at| filled(at) > 0)?;
    let gaps = filled(best) < header.body.len();
    if !gaps && !only_counts(cells(best)) {
        return Some(best);
    }
    let whole = |at: usize| filled(at) == header.body.len();
    find_word_where(names, SAMPLE, |at| at != best && says_sample(&plain(&names[at])) && whole(at)).or(Some(best))
}

/// A column that counts the rows, or the samples to which they belong: 1, 1, 2, 2.
pub fn only_counts<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let cells: Vec<&str> = cells.collect();
    let counts = cells.iter().zip(1usize..).all(|(cell, row)| cell.parse::<usize>().is_ok_and(|number| number <= row));
    counts && cells.first() == Some(&"1")
}

/// A name, in lower case, with a word for samples in it.
pub fn says_sample(name: &str) -> bool {
    ["sample", "样品", "样本", "probe", "échantillon"].iter().any(|word| name.contains(word))
}

/// `sample = …` from this column. Where a third of its cells is empty they belong to the one above, unless these rows are
/// called by another column: their own well, or another type than that of the sample above.
pub fn carried_or_named(
    sheet: &Sheet,
    header: &HeaderPlace,
    (at, value): (usize, Option<usize>),
    findings: &mut Vec<Finding>,
) -> String {
    let names = &header.names;
    let named = quote(&reference(names, at));
    let cell = |row: usize, at: usize| sheet.cell(row, at).unwrap_or_default();
    let empty: Vec<usize> = header.body.iter().copied().filter(|row| cell(*row, at).is_empty()).collect();
    let first = header.body.first().is_some_and(|row| !cell(*row, at).is_empty());
    let measured = |row: &&usize| value.is_none_or(|value| !cell(**row, value).is_empty());
    // The row above that has a sample.
    let above =
        |row: usize| header.body.iter().rev().copied().find(|other| *other < row && !cell(*other, at).is_empty());
    let differs = |other: usize| {
        empty.iter().filter(measured).any(|row| {
            !cell(*row, other).is_empty() && above(*row).is_none_or(|above| cell(above, other) != cell(*row, other))
        })
    };
    let own = |words: &[&str]| find_word_where(names, words, |other| other != at && differs(other));
    if let Some(other) = own(TYPE).or_else(|| own(WELL)) {
        note(findings, "sample", names[other].clone(), 60, "where the sample is empty this column names the row");
        return format!("sample = [{named}, {}]\n", quote(&reference(names, other)));
    }
    let placed = (sheet.by_header || !sheet.cuts.is_empty()) && !empty.is_empty();
    if first && (placed || empty.len() * 3 >= header.body.len()) {
        note(findings, "sample", "carried down", 60, "the cells below a name are empty");
        return format!("sample = {{ from = {named}, carry = true }}\n");
    }
    format!("sample = {named}\n")
}

/// A column of texts by which the rows of one sample differ: what was measured, whatever the column is called.
pub fn told_apart(
    sheet: &Sheet,
    header: &HeaderPlace,
    (sample, value): (usize, usize),
    findings: &mut Vec<Finding>,
) -> Option<usize> {
    let names = &header.names;
    let cells = |at: usize| header.body.iter().map(move |row| sheet.cell(*row, at).unwrap_or_default());
    let is_text = |cell: &str| cell.chars().any(char::is_alphabetic) && !is_value(cell) && !is_moment(cell);
    let known = |at: usize| {
        [SAMPLE, TYPE, FLAG, UNIT, WELL, PLACE].iter().any(|words| words.contains(&plain(&names[at]).as_str()))
    };
    let differ = |at: usize| {
        let pairs: Vec<(&str, &str)> = cells(sample).zip(cells(at)).collect();
        let samples: HashSet<&str> = pairs.iter().map(|(sample, _)| *sample).collect();
        let different: HashSet<&(&str, &str)> = pairs.iter().collect();
        samples.len() < pairs.len() && different.len() == pairs.len()
    };
    let fits = |at: &usize| {
        ![sample, value].contains(at) && !names[*at].is_empty() && !known(*at) && cells(*at).all(is_text) && differ(*at)
    };
    let at = (0..names.len()).find(fits)?;
    note(findings, "analyte", names[at].clone(), 50, "the texts by which the rows of one sample differ");
    Some(at)
}

pub fn value_columns(sheet: &Sheet, header: &HeaderPlace, sample: Option<usize>) -> Vec<usize> {
    let after = sample.map_or(1, |at| at + 1);
    let all: Vec<usize> = (after..header.names.len())
        .filter(|at| {
            let name = plain(&header.names[*at]);
            if name.is_empty() || is_one_of(&name, NOT_A_VALUE) || is_one_of(&name, PLACE) {
                return false;
            }
            let cells: Vec<&str> =
                header.body.iter().filter_map(|row| sheet.cell(*row, *at)).filter(|cell| !cell.is_empty()).collect();
            let values = cells.iter().filter(|cell| is_value(cell)).count();
            !cells.is_empty() && values * 2 > cells.len()
        })
        .collect();
    let made: Vec<usize> = all.iter().copied().filter(|at| !is_one_of(&plain(&header.names[*at]), RAW)).collect();
    if made.is_empty() { all } else { made }
}

/// Where a row stands and what measured it: neither a name nor a result.
const PLACE: &[&str] = &[
    "row",
    "column",
    "col",
    "plate position",
    "source position",
    "instrument id",
    "serial number",
    "software version",
    "行",
    "列",
    "位置",
];

/// A name, as names are compared, is one of these words, alone or with more behind it.
fn is_one_of(name: &str, words: &[&str]) -> bool {
    let bare = name.split(['(', '[', '（']).next().unwrap_or(name).trim_end();
    words.iter().any(|word| name == *word || bare == *word || name.starts_with(&format!("{word} ")))
}
