//! The header of an unknown table: the row in which the names of its columns stand.

use std::collections::HashSet;

use super::called::find_word;
use super::cells::{is_moment, is_value};
use super::sheet::{Sheet, squeezed};
use super::words::{ANALYTE, SAMPLE, UNIT, VALUE};
use crate::profile::comparing::squeeze;

/// Where the names stand.
#[derive(Debug, Clone)]
pub struct HeaderPlace {
    pub row: usize,
    pub score: usize,
    pub names: Vec<String>,
    pub known: usize,
    /// Rows below that hold numbers.
    pub body: Vec<usize>,
    /// A person said that it is the header.
    pub told: bool,
}

impl HeaderPlace {
    pub fn sure(&self) -> u8 {
        (40 + 15 * self.known.min(3) + self.body.len().min(15)) as u8
    }

    /// One usual name, or one row right below it: what else stands in the sheet may be what is meant.
    pub fn is_weak(&self, sheet: &Sheet) -> bool {
        let named = [SAMPLE, ANALYTE, VALUE, UNIT].iter().filter_map(|words| find_word(&self.names, words));
        named.collect::<HashSet<usize>>().len() < 2 || rows_right_below(sheet, self.row).count() < 2
    }
}

/// Rows down to the first blank one.
fn rows_right_below(sheet: &Sheet, row: usize) -> impl Iterator<Item = &Vec<String>> {
    sheet.rows[row + 1..].iter().take(BODY_ROWS).take_while(|cells| cells.iter().any(|cell| !cell.is_empty()))
}

/// What the name of a column is worth less where rows right below it are empty: peaks without a name stand above the compounds that
/// have one.
fn nameless(sheet: &Sheet, row: usize, column: usize) -> usize {
    let is_empty = |cells: &&Vec<String>| cells.get(column).is_none_or(String::is_empty);
    let rows = rows_right_below(sheet, row).count();
    (rows_right_below(sheet, row).filter(is_empty).count() * WORTH).checked_div(rows).unwrap_or(0)
}

pub fn find_header(sheet: &Sheet) -> Option<HeaderPlace> {
    let mut best: Option<HeaderPlace> = None;
    for row in 0..sheet.rows.len().min(HEADER_ROWS) {
        let names: Vec<String> = sheet.rows[row].iter().map(|cell| squeeze(cell)).collect();
        let named = names.iter().filter(|name| !name.is_empty()).count();
        // `Na` and `Nd` are elements here, no markers.
        let is_number = |name: &&String| is_value(name) && !name.chars().all(char::is_alphabetic);
        let numbers = names.iter().filter(is_number).count();
        if named < 2 || numbers * 4 > named {
            continue;
        }
        let same_width = |cells: &Vec<String>| {
            cells
                .iter()
                .enumerate()
                .any(|(at, cell)| is_value(cell) && names.get(at).is_some_and(|name| !name.is_empty()))
        };
        if repeats_itself(sheet, row, &names, named) {
            continue;
        }
        let known = [SAMPLE, ANALYTE, VALUE, UNIT].iter().filter(|words| find_word(&names, words).is_some()).count();
        // A line of numbers and times is data, unless its other names say that it is a header.
        if known == 0 && names.iter().any(|name| is_moment(name) || is_number(&name)) {
            continue;
        }
        let far = |body: &[usize]| body.first().is_some_and(|first| *first > row + FIRST_VALUE_ROWS);
        // Results may be texts, where the names leave no doubt.
        let sure = known >= 3 && named >= 3;
        let filled = |cells: &Vec<String>| cells.iter().filter(|cell| !cell.is_empty()).count() * 2 >= named;
        let is_again = |cells: &Vec<String>| cells.len() == names.len() && squeezed(cells) == names;
        let fits = |cells: &Vec<String>| (same_width(cells) || (sure && filled(cells))) && !is_again(cells);
        let below = (row + 1..sheet.rows.len().min(row + 1 + BODY_ROWS)).filter(|at| fits(&sheet.rows[*at]));
        let body: Vec<usize> = below.collect();
        if body.is_empty() || (known == 0 && far(&body)) || misaligned(sheet, named, &body) {
            continue;
        }
        let near = body.iter().filter(|at| **at <= row + 12).count();
        let nameless = find_word(&names, ANALYTE).map_or(0, |at| nameless(sheet, row, at));
        let score = (known * WORTH + near.min(10) * 2 + named.min(12)).saturating_sub(nameless);
        if best.as_ref().is_none_or(|best| score > best.score) {
            best = Some(HeaderPlace { row, score, names, known, body, told: false });
        }
    }
    best
}

/// What a usual name counts.
const WORTH: usize = 20;
/// Rows looked at for a header: reports have long heads, but not longer.
const HEADER_ROWS: usize = 400;
/// Names that say nothing by themselves have their first value within so many rows.
const FIRST_VALUE_ROWS: usize = 3;
/// Rows below a header that are looked at.
const BODY_ROWS: usize = 60;

/// The header in the line that a person points at.
pub fn header_at(sheet: &Sheet, line: usize) -> Option<HeaderPlace> {
    let row = sheet.row_of(line)?;
    let names = squeezed(sheet.rows.get(row)?);
    let holds = |cells: &[String]| {
        cells.iter().zip(&names).any(|(cell, name)| !name.is_empty() && !cell.is_empty() && is_value(cell))
    };
    let below = row + 1..sheet.rows.len().min(row + 1 + BODY_ROWS);
    let body: Vec<usize> = below.filter(|at| holds(&sheet.rows[*at])).collect();
    (!body.is_empty()).then_some(HeaderPlace { row, score: 0, names, known: 0, body, told: true })
}

/// A row whose texts stand again below it, beside numbers, is a row of data.
fn repeats_itself(sheet: &Sheet, row: usize, names: &[String], named: usize) -> bool {
    let below = sheet.rows[row + 1..].iter().take(BODY_ROWS);
    below.filter(|cells| squeezed(cells) != names).any(|cells| {
        let same = names.iter().zip(cells.iter()).filter(|(name, cell)| !name.is_empty() && name == cell).count();
        same >= 2 && same * 3 >= named && cells.iter().any(|cell| is_value(cell))
    })
}

/// Gaps cut most of these rows into more cells than there are names: the cells do not stand below their names.
fn misaligned(sheet: &Sheet, named: usize, body: &[usize]) -> bool {
    let filled = |row: &usize| sheet.rows[*row].iter().filter(|cell| !cell.is_empty()).count();
    let more = body.iter().filter(|row| filled(row) > named).count();
    sheet.gaps && more > body.iter().filter(|row| filled(row) == named).count()
}
