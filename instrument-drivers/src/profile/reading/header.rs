//! Header rows: found by the names that the profile needs, one to three rows, and what the columns are called in them.

use crate::profile::comparing::{squeeze, squeezed};
use crate::profile::reference::{Reference, Title};
use crate::table::rows::Row;

/// The header rows in force, and where each reference of the profile points.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// For each header row, from the top: the text above each column.
    pub levels: Vec<Vec<String>>,
    /// For each reference of the table: the column it points to.
    pub bound: Vec<Option<usize>>,
}

impl Header {
    /// `fill`: titles of upper rows span the columns to their right. `down`: they also stand for empty cells below.
    pub fn of(rows: &[Row], fill: bool, down: bool) -> Header {
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
        let mut levels: Vec<Vec<String>> = levels.collect();
        if down {
            for level in 1..count {
                let (upper, lower) = levels.split_at_mut(level);
                for (above, text) in upper[level - 1].iter().zip(&mut lower[0]) {
                    if text.is_empty() {
                        text.clone_from(above);
                    }
                }
            }
        }
        Header { levels, bound: Vec::new() }
    }

    /// The nth column with this name, looked for from the lowest header row upwards.
    pub fn column(&self, title: &Title, nth: usize) -> Option<usize> {
        self.levels.iter().rev().find_map(|texts| {
            let fitting = texts.iter().enumerate().filter(|(_, text)| title.fits(&squeezed(text)));
            fitting.map(|(column, _)| column).nth(nth - 1)
        })
    }

    /// The first column with this name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.column(&Title::Name(squeeze(name)), 1)
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
                Reference::Column { title, nth, whole, .. } => {
                    whole.as_ref().and_then(|whole| self.named(whole)).or_else(|| self.column(title, *nth))
                }
                Reference::Cell(number) if *number > 0 => Some(*number as usize - 1),
                _ => None,
            })
            .collect();
    }
}
