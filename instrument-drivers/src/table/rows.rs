//! Rows of cells, from texts and spreadsheets, each with its place in the source.

use std::fmt::{self, Write};

use super::cells::Cells;
use crate::trouble::{self, Reason};

/// One row. Cells keep their blanks; trimming is the reader's work.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Line number in a text, row number in a sheet, or number of the record; from 1.
    pub number: usize,
    pub cells: Cells,
}

impl Row {
    pub fn cell(&self, index: usize) -> &str {
        self.cells.get(index).unwrap_or("")
    }

    pub fn is_blank(&self) -> bool {
        // The tabs between cells are blanks, too.
        self.line().trim_start().is_empty()
    }

    /// The row as one text: cells joined by tabs.
    pub fn line(&self) -> &str {
        self.cells.line()
    }
}

/// How positions are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `12`
    Line,
    /// `Sheet1!C7`
    Sheet(String),
    /// `record 5`
    Record,
    /// The rows are columns of the source, which stood in these lines.
    Turned { place: Box<Place>, lines: Vec<usize> },
}

impl Place {
    pub fn position(&self, row: usize, column: Option<usize>) -> String {
        let mut position = String::new();
        self.write_position(row, column, &mut position);
        position
    }

    /// Adds the position to a text.
    pub fn write_position(&self, row: usize, column: Option<usize>, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Place::Line => write!(out, "{row}"),
            Place::Record => write!(out, "record {row}"),
            Place::Turned { place, lines } => {
                let line = lines.get(column.unwrap_or(0)).or(lines.last()).copied().unwrap_or(0);
                place.write_position(line, row.checked_sub(1), out);
                Ok(())
            }
            Place::Sheet(name) => write!(out, "{name}!{}{row}", column_letters(column.unwrap_or(0))),
        };
    }
}

/// 0 is A, 26 is AA.
pub fn column_letters(mut index: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (index % 26) as u8);
        if index < 26 {
            break;
        }
        index = index / 26 - 1;
    }
    letters.reverse();
    String::from_utf8_lossy(&letters).into_owned()
}

/// A sheet, or a whole text.
#[derive(Debug, Clone)]
pub struct Grid {
    pub name: String,
    pub place: Place,
    pub rows: Vec<Row>,
}

impl Grid {
    /// Columns become rows.
    ///
    /// # Errors
    /// The turned table would be larger than any that an instrument writes.
    pub fn transposed(self) -> Result<Grid, Reason> {
        let width = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let height = self.rows.last().map_or(0, |row| row.number);
        // Rows that a sheet leaves out are blank cells here, unless most of the sheet is left out.
        let lines: Vec<usize> = match height <= self.rows.len() + MOST_BLANK_ROWS {
            true => (1..=height).collect(),
            false => self.rows.iter().map(|row| row.number).collect(),
        };
        may_be_turned(width, lines.len())?;
        let rows = (0..width).map(|column| {
            let mut cells = vec![""; lines.len()];
            for row in &self.rows {
                if let Ok(at) = lines.binary_search(&row.number) {
                    cells[at] = row.cell(column);
                }
            }
            Row { number: column + 1, cells: cells.into_iter().collect() }
        });
        let place = Place::Turned { place: Box::new(self.place.clone()), lines: lines.clone() };
        Ok(Grid { name: self.name.clone(), place, rows: rows.collect() })
    }
}

/// One line of very many cells among very many lines would make of each of these as many cells.
pub fn may_be_turned(columns: usize, rows: usize) -> Result<(), Reason> {
    match columns.saturating_mul(rows) > MOST_TURNED {
        true => Err(trouble::TOO_LARGE_TO_TURN.with("columns", columns.to_string()).with("rows", rows.to_string())),
        false => Ok(()),
    }
}

/// Cells of a table that is turned round: 10,000 samples by 1,000 analytes.
const MOST_TURNED: usize = 10_000_000;

/// A sheet may name its last row only; its blank ones need no memory.
const MOST_BLANK_ROWS: usize = 10_000;

/// How a text is cut into cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delimited {
    pub delimiter: Delimiter,
    /// `None`: quotation marks are ordinary characters.
    pub quote: Option<u8>,
    /// Every line is one quoted text that holds the cells.
    pub unquote_lines: bool,
}

/// What stands between two cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delimiter {
    Byte(u8),
    /// Several characters, or one beyond ASCII.
    Text(String),
    /// Any run of blanks and tabs.
    Blanks,
    /// A tab, or two blanks and more: single blanks belong to the names.
    Gaps,
}

impl fmt::Display for Delimiter {
    /// As a profile names it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Delimiter::Byte(b'\t') => out.write_str("'tab'"),
            Delimiter::Byte(byte) => write!(out, "'{}'", char::from(*byte)),
            Delimiter::Text(text) => write!(out, "'{text}'"),
            Delimiter::Blanks => out.write_str("'blanks'"),
            Delimiter::Gaps => out.write_str("'gaps'"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 2, 25, 26, 701, 702].map(column_letters), ["A", "C", "Z", "AA", "ZZ", "AAA"]);
        assert_eq!(Place::Sheet("Sheet1".into()).position(7, Some(2)), "Sheet1!C7");
    }
}
