//! What the references of a profile stand for at one row and column.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::header::Header;
use super::known::{Known, Stored};
use crate::number::NumberRules;
use crate::profile::expr::Scope;
use crate::profile::reference::{Part, Reference};
use crate::profile::table::Table;
use crate::table::rows::{Row, column_letters};
use crate::trouble::{self, Reason};

/// What references stand for, here.
pub struct Here<'s> {
    pub table: &'s Table,
    pub numbers: &'s NumberRules,
    pub header: Option<&'s Header>,
    pub row: &'s Row,
    pub column: Option<usize>,
    /// Which of several results on one line, from 1; 0 where a line holds one.
    pub item: usize,
    pub local: &'s HashMap<String, String>,
    pub known: &'s Known,
    /// Rows of this section or below this header so far, this one included.
    pub count: usize,
    /// Sections begun so far, this one included.
    pub section: usize,
    /// One of several results in the cell.
    pub part: &'s str,
    pub carried: &'s RefCell<HashMap<usize, String>>,
    /// What to tell of a key that was looked up and stands for two values.
    pub twofold: &'s RefCell<Option<Reason>>,
    pub texts: Texts,
}

/// Texts that are made only when asked for.
#[derive(Default)]
pub struct Texts {
    cells: OnceCell<String>,
    row: OnceCell<String>,
    section: OnceCell<String>,
    letter: OnceCell<String>,
    column: OnceCell<String>,
}

impl Here<'_> {
    fn neighbour(&self, column: usize, steps: i32) -> &str {
        column.checked_add_signed(steps as isize).map_or("", |column| self.row.cell(column))
    }

    /// Words of the language that a profile's own variables may hide.
    fn built_in(&self, name: &str) -> &str {
        match name {
            "line" => self.row.line(),
            "cells" => self
                .texts
                .cells
                .get_or_init(|| self.row.cells.iter().filter(|cell| !cell.trim().is_empty()).count().to_string()),
            "cell" => self.column.map_or("", |column| self.row.cell(column)),
            "part" => self.part,
            "row" => self.texts.row.get_or_init(|| self.count.to_string()),
            "section" => self.texts.section.get_or_init(|| self.section.to_string()),
            "letter" => self.texts.letter.get_or_init(|| column_letters(self.count.saturating_sub(1))),
            "column" => match self.column.map_or(self.item, |column| column + 1) {
                0 => "",
                column => self.texts.column.get_or_init(|| column.to_string()),
            },
            _ => "",
        }
    }
}

impl Scope for Here<'_> {
    fn get(&self, id: usize) -> &str {
        match self.table.references.get(id) {
            Reference::Column { title, nth, part, .. } => {
                let group = || match self.header {
                    None if *nth == 1 => self.table.group(title.text()),
                    _ => None,
                };
                let bound = self.header.and_then(|header| header.bound.get(id).copied().flatten()).or_else(group);
                let Some(column) = bound else {
                    return "";
                };
                match part {
                    Part::Cell => self.row.cell(column),
                    Part::Head(level) => self.header.map_or("", |header| header.head(*level, column)),
                    Part::Neighbour(steps) => self.neighbour(column, *steps),
                }
            }
            Reference::Cell(number) if *number > 0 => self.row.cell(*number as usize - 1),
            Reference::Cell(number) => {
                // From the right, over empty cells that only fill the line.
                let count = self.row.cells.len();
                let used = (0..count).rev().find(|at| !self.row.cell(*at).trim().is_empty()).map_or(0, |last| last + 1);
                used.checked_sub(number.unsigned_abs() as usize).map_or("", |index| self.row.cell(index))
            }
            Reference::HeadOf(column, level) => self.header.map_or("", |header| header.head(*level, *column)),
            Reference::Head(level) => match (self.header, self.column) {
                (Some(header), Some(column)) => header.head(*level, column),
                _ => "",
            },
            Reference::Neighbour(steps) => self.column.map_or("", |column| self.neighbour(column, *steps)),
            Reference::Variable(name) => match self.local.get(name).or_else(|| self.known.variables.get(name)) {
                Some(value) => value,
                None => self.built_in(name),
            },
            Reference::Field { .. } => "",
        }
    }

    fn lookup(&self, table: &str, key: &str) -> Option<&str> {
        match self.known.stored(table, key)? {
            Stored::Value(value) => Some(value),
            Stored::Twofold(one, other) => {
                let reason = trouble::KEY_TWOFOLD.with("key", key).with("store", table);
                *self.twofold.borrow_mut() = Some(reason.with("one", one).with("other", other));
                None
            }
        }
    }

    fn twofold(&self) -> Option<Reason> {
        self.twofold.borrow().clone()
    }

    fn numbers(&self) -> &NumberRules {
        self.numbers
    }

    fn carry<'s>(&'s self, id: usize, text: Cow<'s, str>) -> Cow<'s, str> {
        let mut carried = self.carried.borrow_mut();
        if text.is_empty() {
            if self.twofold.borrow().is_some() {
                // Rows that go on below belong to what could not be told, not to what stood before it.
                carried.remove(&id);
            }
            return Cow::Owned(carried.get(&id).cloned().unwrap_or_default());
        }
        let last = carried.entry(id).or_default();
        if *last != text {
            text.as_ref().clone_into(last);
        }
        text
    }
}
