//! What the cells of an unknown table are: values, moments, rows that repeat themselves, samples that are carried down.

use std::collections::HashSet;

use super::suggest::{BODY_ROWS, Finding, HeaderPlace, note, quote, reference, squeezed};
use super::suggest_numbers::parts_groups;
use super::suggest_source::Sheet;
use super::suggest_words::{FLAG, SAMPLE, TYPE, UNIT, WELL, find_word_where, plain};
use crate::marker::marker;
use crate::number::{NumberRules, exact};

/// A number by any convention, or a qualifier: what a value column holds.
pub fn is_value(cell: &str) -> bool {
    let cell = cell.trim().trim_start_matches(['<', '>', '≤', '≥', '＜', '＞']).trim_start_matches('=').trim();
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let number = digits > 0
        && cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | 'e' | 'E'))
        && !cell[1.min(cell.len())..].contains(|c: char| c == '-' && !cell.contains(['e', 'E']));
    // `1,2×10^4`, whatever its decimal mark is.
    let power = || cell.contains("10") && exact(&cell.replace(',', "."), &NumberRules::default()).is_ok();
    number || (digits > 0 && (power() || parts_groups(cell))) || marker(cell, &NumberRules::default()).is_some()
}

/// `2026-03-10 09:30`, `10.03.2026`: digits and signs of dates and times.
pub fn is_moment(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let signs = text.chars().filter(|c| matches!(c, '-' | '.' | '/' | ':')).count();
    digits >= 6 && signs >= 2 && digits + signs + text.matches([' ', 'T']).count() == text.chars().count()
}

/// A row whose texts stand again below it, beside numbers, is a row of data.
pub fn repeats_itself(sheet: &Sheet, row: usize, names: &[String], named: usize) -> bool {
    let below = sheet.rows[row + 1..].iter().take(BODY_ROWS);
    below.filter(|cells| squeezed(cells) != names).any(|cells| {
        let same = names.iter().zip(cells.iter()).filter(|(name, cell)| !name.is_empty() && name == cell).count();
        same >= 2 && same * 3 >= named && cells.iter().any(|cell| is_value(cell))
    })
}

/// Gaps cut most of these rows into more cells than there are names: the cells do not stand below their names.
pub fn misaligned(sheet: &Sheet, named: usize, body: &[usize]) -> bool {
    let filled = |row: &usize| sheet.rows[*row].iter().filter(|cell| !cell.is_empty()).count();
    let more = body.iter().filter(|row| filled(row) > named).count();
    sheet.gaps && more > body.iter().filter(|row| filled(row) == named).count()
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

/// The column of samples: by the most preferred name, unless it has gaps or only counts the rows and another column of
/// samples does not.
pub fn sample_column(sheet: &Sheet, header: &HeaderPlace) -> Option<usize> {
    let names = &header.names;
    let cells = |at: usize| header.body.iter().map(move |row| sheet.cell(*row, at).unwrap_or_default());
    let filled = |at: usize| cells(at).filter(|cell| !cell.is_empty()).count();
    let best = find_word_where(names, SAMPLE, |at| filled(at) > 0)?;
    let gaps = filled(best) < header.body.len();
    let counts = cells(best).zip(1usize..).all(|(cell, row)| cell.parse::<usize>().is_ok_and(|number| number <= row))
        && cells(best).next() == Some("1");
    if !gaps && !counts {
        return Some(best);
    }
    let says_sample = |at: usize| {
        let name = plain(&names[at]);
        ["sample", "样品", "样本", "probe", "échantillon"].iter().any(|word| name.contains(word))
    };
    let whole = |at: usize| filled(at) == header.body.len();
    find_word_where(names, SAMPLE, |at| at != best && says_sample(at) && whole(at)).or(Some(best))
}

/// `ug/kg`, `mg/L`, `g/100g`: so much of something in something.
pub fn is_unit_of_content(text: &str) -> bool {
    let Some((part, whole)) = text.split_once('/') else { return false };
    let mass = ["pg", "ng", "ug", "µg", "μg", "mg", "g"].contains(&part.trim());
    mass && ["l", "ml", "kg", "g", "100g", "100 g", "100ml", "100 ml"].contains(&whole.trim().to_lowercase().as_str())
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
    let known =
        |at: usize| [SAMPLE, TYPE, FLAG, UNIT, WELL].iter().any(|words| words.contains(&plain(&names[at]).as_str()));
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
