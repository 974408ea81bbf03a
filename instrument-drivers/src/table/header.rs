//! Header rows: found by the names that the profile needs, one to three rows, and what the columns are called in them.

use super::rows::Row;
use crate::profile::expr::{Reference, squeeze};

/// The header rows in force, and where each reference of the profile points.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// For each header row, from the top: the text above each column.
    pub levels: Vec<Vec<String>>,
    /// For each reference of the table: the column it points to.
    pub bound: Vec<Option<usize>>,
}

impl Header {
    /// `fill`: titles of upper rows span the columns to their right.
    pub fn of(rows: &[Row], fill: bool) -> Header {
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let count = rows.len();
        let levels = rows.iter().enumerate().map(|(level, row)| {
            let mut texts: Vec<String> = (0..width).map(|column| row.cell(column).trim().to_string()).collect();
            if fill && level + 1 < count {
                for column in 1..width {
                    if texts[column].is_empty() {
                        texts[column] = texts[column - 1].clone();
                    }
                }
            }
            texts
        });
        Header { levels: levels.collect(), bound: Vec::new() }
    }

    /// The nth column with this name, looked for from the lowest header row upwards.
    pub fn column(&self, name: &str, nth: usize) -> Option<usize> {
        self.levels.iter().rev().find_map(|texts| {
            texts.iter().enumerate().filter(|(_, text)| squeeze(text) == name).nth(nth - 1).map(|(column, _)| column)
        })
    }

    /// Text above a column; level 0 is the lowest row, others count from the top.
    pub fn head(&self, level: usize, column: usize) -> &str {
        let texts = match level {
            0 => self.levels.last(),
            level => self.levels.get(level - 1),
        };
        texts.and_then(|texts| texts.get(column)).map_or("", String::as_str)
    }

    /// Points every reference to its column. Names that are not there stay open.
    pub fn bind<'a>(&mut self, references: impl Iterator<Item = &'a Reference>) {
        self.bound = references
            .map(|reference| match reference {
                Reference::Column { name, nth, .. } => self.column(name, *nth),
                Reference::Cell(number) if *number > 0 => Some(*number as usize - 1),
                _ => None,
            })
            .collect();
    }
}
