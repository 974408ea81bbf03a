//! `[[find]]`: variables that stand beside a table: by their key, by a line, under a title, at an address.

use regex::Regex;
use serde::Deserialize;

use super::comparing::{regex, squeezed};
use super::expr::first_group;
use crate::table::rows::Row;

/// `[[find]]`: a variable by its key cell, by a line, or at an address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindToml {
    name: String,
    key: Option<String>,
    line: Option<String>,
    /// The text above the value.
    above: Option<String>,
    at: Option<String>,
    pattern: Option<String>,
    /// A later one replaces it: the value in force, not the first.
    #[serde(default)]
    repeat: bool,
    /// With `key`: only the cell right beside it, not the first further on that is filled.
    #[serde(default)]
    next_only: bool,
    /// It stands on this sheet, and counts on all of them.
    sheet: Option<String>,
    /// Of a table: it is looked for on every line, and the latest counts in the sections that begin behind it.
    #[serde(default)]
    before_section: bool,
}

#[derive(Debug, Clone)]
pub struct Find {
    pub name: String,
    pub by: FindBy,
    pub pattern: Option<Regex>,
    pub repeat: bool,
    pub sheet: Option<String>,
    pub before_section: bool,
}

#[derive(Debug, Clone)]
pub enum FindBy {
    /// The first non-empty cell to the right of the one with this text (a colon at its end, or alone in a cell behind it, does
    /// not count), before the next key.
    Key {
        text: String,
        next_only: bool,
    },
    Line(Regex),
    /// The next non-empty cell below the one with this text.
    Above(String),
    At {
        column: usize,
        row: usize,
    },
}

impl FindToml {
    pub fn names_sheet(&self) -> bool {
        self.sheet.is_some()
    }

    pub fn stands_before(&self) -> bool {
        self.before_section
    }

    pub fn compile(&self, key: &str) -> Result<Find, String> {
        let by = match (&self.key, &self.line, &self.above, &self.at) {
            (Some(text), None, None, None) => FindBy::Key { text: text.clone(), next_only: self.next_only },
            (None, Some(text), None, None) => FindBy::Line(regex(text, &format!("{key}.line"))?),
            (None, None, Some(text), None) => FindBy::Above(text.clone()),
            (None, None, None, Some(address)) => {
                let (column, row) =
                    cell_address(address).ok_or_else(|| format!("{key}.at: '{address}' is no address like A3"))?;
                FindBy::At { column, row }
            }
            _ => return Err(format!("{key}: give exactly one of key, line, above, at")),
        };
        if self.next_only && !matches!(by, FindBy::Key { .. }) {
            return Err(format!("{key}.next_only: belongs to key, beside which the value stands"));
        }
        let pattern = self.pattern.as_deref().map(|text| regex(text, &format!("{key}.pattern"))).transpose()?;
        Ok(Find {
            name: self.name.clone(),
            by,
            pattern,
            repeat: self.repeat,
            sheet: self.sheet.clone(),
            before_section: self.before_section,
        })
    }
}

/// `C7` is column 2, row 7.
fn cell_address(text: &str) -> Option<(usize, usize)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let column = text[..digits].bytes().try_fold(0usize, |column, letter| {
        letter.is_ascii_uppercase().then(|| column * 26 + usize::from(letter - b'A') + 1)
    })?;
    let row: usize = text[digits..].parse().ok()?;
    (column > 0 && row > 0).then(|| (column - 1, row))
}

impl Find {
    /// Name and value when this row holds it. `number`: of the row within its section or file, from 1. `below`: the column
    /// of a text seen above, whose value is still to come.
    pub fn at(&self, row: &Row, number: usize, below: &mut Option<usize>) -> Option<(String, String)> {
        let value = match &self.by {
            FindBy::Key { text, next_only } => {
                let at = row.cells.iter().position(|cell| is_called(cell, text))?;
                let beside = row.cells.iter().skip(at + 1).map(str::trim).filter(|cell| !matches!(*cell, ":" | "："));
                let value = beside.take(if *next_only { 1 } else { usize::MAX }).find(|cell| !cell.is_empty())?;
                // What ends with a colon is the next key: this one has no value.
                Some(value).filter(|value| !value.ends_with([':', '：']))?.to_string()
            }
            FindBy::Line(pattern) => first_group(pattern, row.line())?.to_string(),
            FindBy::Above(text) => {
                let here = row.cells.iter().position(|cell| is_called(cell, text));
                let value = below.map(|column| row.cell(column).trim()).filter(|value| !value.is_empty());
                match (here, value) {
                    (Some(column), _) => {
                        *below = Some(column);
                        return None;
                    }
                    (None, None) => return None,
                    (None, Some(value)) => {
                        *below = None;
                        value.to_string()
                    }
                }
            }
            FindBy::At { column, row: wanted } if *wanted == number => row.cell(*column).trim().to_string(),
            FindBy::At { .. } => return None,
        };
        let value = match &self.pattern {
            Some(pattern) => first_group(pattern, &value)?.to_string(),
            None => value,
        };
        (!value.is_empty()).then(|| (self.name.clone(), value))
    }
}

/// Colons at the end do not count, nor does which blanks stand between the words.
fn is_called(cell: &str, key: &str) -> bool {
    let (cell, key) = (strip_colon(cell), strip_colon(key));
    // Their first byte tells nearly all cells apart.
    cell.as_bytes().first() == key.as_bytes().first() && squeezed(cell) == squeezed(key)
}

fn strip_colon(text: &str) -> &str {
    text.trim().trim_end_matches([':', '：']).trim_end()
}
