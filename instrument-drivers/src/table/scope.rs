//! What the references of a profile stand for at one row and column, and variables found in rows.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::engine::Known;
use super::header::Header;
use super::rows::Row;
use crate::profile::expr::{Reference, Scope};
use crate::profile::table::{Find, FindBy, Table};

/// What references stand for, here.
pub struct Here<'s> {
    pub table: &'s Table,
    pub header: Option<&'s Header>,
    pub row: &'s Row,
    pub column: Option<usize>,
    pub local: &'s HashMap<String, String>,
    pub known: &'s Known,
    pub line: OnceCell<String>,
    pub number: OnceCell<String>,
}

impl Scope for Here<'_> {
    fn get(&self, id: usize) -> &str {
        match self.table.references.get(id) {
            Reference::Column { name, nth, .. } => {
                let bound = self.header.and_then(|header| header.bound.get(id).copied().flatten());
                match (bound, self.header) {
                    (Some(column), _) => self.row.cell(column),
                    (None, None) if *nth == 1 => self.table.group(name).map_or("", |index| self.row.cell(index)),
                    _ => "",
                }
            }
            Reference::Cell(number) if *number > 0 => self.row.cell(*number as usize - 1),
            Reference::Cell(number) => {
                // From the right, over empty cells that only fill the line.
                let count = self.row.cells.len();
                let used = (0..count).rev().find(|at| !self.row.cell(*at).trim().is_empty()).map_or(0, |last| last + 1);
                used.checked_sub(number.unsigned_abs() as usize).map_or("", |index| self.row.cell(index))
            }
            Reference::Head(level) => match (self.header, self.column) {
                (Some(header), Some(column)) => header.head(*level, column),
                _ => "",
            },
            Reference::Neighbour(steps) => self.column.map_or("", |column| self.row.cell(column + steps)),
            Reference::Variable(name) => match name.as_str() {
                "line" => self.line.get_or_init(|| self.row.line()),
                "cells" => self
                    .number
                    .get_or_init(|| self.row.cells.iter().filter(|cell| !cell.trim().is_empty()).count().to_string()),
                "cell" => self.column.map_or("", |column| self.row.cell(column)),
                name => self.local.get(name).or_else(|| self.known.variables.get(name)).map_or("", String::as_str),
            },
            Reference::Field { .. } => "",
        }
    }

    fn lookup(&self, table: &str, key: &str) -> Option<&str> {
        self.known.stored.get(table)?.get(key).map(String::as_str)
    }
}

impl Find {
    /// Name and value when this row holds it. `number`: of the row within its section or file, from 1.
    pub fn at(&self, row: &Row, number: usize) -> Option<(String, String)> {
        let value = match &self.by {
            FindBy::Key(key) => {
                let at = row.cells.iter().position(|cell| strip_colon(cell) == strip_colon(key))?;
                row.cells.iter().skip(at + 1).map(str::trim).find(|cell| !cell.is_empty()).unwrap_or("").to_string()
            }
            FindBy::Line(pattern) => {
                let line = row.line();
                let groups = pattern.captures(&line)?;
                let group = groups.iter().skip(1).flatten().next().or(groups.get(0));
                group.map_or("", |found| found.as_str()).trim().to_string()
            }
            FindBy::At { column, row: wanted } if *wanted == number => row.cell(*column).trim().to_string(),
            FindBy::At { .. } => return None,
        };
        let value = match &self.pattern {
            Some(pattern) => {
                let groups = pattern.captures(&value)?;
                let group = groups.iter().skip(1).flatten().next().or(groups.get(0));
                group.map_or("", |found| found.as_str()).trim().to_string()
            }
            None => value,
        };
        (!value.is_empty()).then(|| (self.name.clone(), value))
    }
}

fn strip_colon(text: &str) -> &str {
    text.trim().trim_end_matches(':').trim_end()
}
