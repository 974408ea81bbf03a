//! What would be lost, or read wrongly, without a word: sections whose header is not found while others have theirs, and rows that
//! are longer than their header.

use std::mem::take;

use super::engine::Reader;
use super::header::Header;
use crate::number::exact;
use crate::profile::fields::Output;
use crate::table::rows::{Place, Row};
use crate::trouble::{self, Reason};

/// Sections without a header.
#[derive(Default)]
pub struct Lost {
    /// Number of the row with which the section at hand began, as long as its header is awaited.
    begun: Option<usize>,
    /// Some row of it looks like one of the table.
    has_rows: bool,
    /// Of sections that ended so: the rows with which they began.
    ended: Vec<usize>,
}

impl Lost {
    pub(super) fn header_is_found(&mut self) {
        self.begun = None;
    }
}

impl Reader<'_> {
    /// A section begins with this row.
    pub(super) fn await_header(&mut self, row: &Row) {
        self.lost.begun = None;
        if !self.table.section_start.is_empty() {
            self.await_from(row.number);
        }
    }

    /// A sheet that the profile names begins: it is as a section.
    pub fn await_header_on_sheet(&mut self) {
        if self.table.section_start.is_empty() && !self.table.blocks {
            self.await_from(1);
        }
    }

    fn await_from(&mut self, row: usize) {
        let table = self.table;
        let is_searched = table.header.as_ref().is_some_and(|rules| rules.given.is_empty()) && !table.transpose;
        let awaits = is_searched && !table.optional && self.header.is_none() && !self.wanted_columns().is_empty();
        self.lost.begun = awaits.then_some(row);
        self.lost.has_rows = false;
    }

    /// A row before the header of its section: several filled cells, a number among them, are more than a title. Two may be a
    /// key and its value, where the table has more columns.
    pub(super) fn note_unread(&mut self, row: &Row) {
        if self.lost.begun.is_none() || self.lost.has_rows {
            return;
        }
        let cells = || row.cells.iter().map(str::trim).filter(|cell| !cell.is_empty());
        self.lost.has_rows = cells().any(|cell| exact(cell, self.numbers).is_ok())
            && cells().count() >= self.wanted_columns().len().clamp(2, 3);
    }

    /// The section at hand ends. That its header is missing is told when some section has one: where none has, that is told.
    pub(super) fn end_section(&mut self, out: &mut Output<'_>) {
        let begun = self.lost.begun.take().filter(|_| self.lost.has_rows);
        self.lost.ended.extend(begun);
        if self.headers_found > 0 && !self.lost.ended.is_empty() {
            self.lost_sections().into_iter().for_each(|(position, reason)| out.trouble(position, reason));
        }
    }

    /// Where sections without a header began that were not told yet: a header may be found on another sheet.
    pub fn lost_sections(&mut self) -> Vec<(String, Reason)> {
        let ended = take(&mut self.lost.ended);
        let columns = self.wanted_columns().join(", ");
        let told = |row| {
            let reason = trouble::SECTION_WITHOUT_HEADER.with("columns", &columns);
            (self.place.position(row, Some(0)), reason)
        };
        ended.into_iter().map(told).collect()
    }

    /// How many cells a row has below a header that names every column; `None` where more may be in order. Only a sign in a text
    /// can be taken for a delimiter.
    pub(super) fn most_cells(&self, header: &Header) -> Option<usize> {
        let table = self.table;
        let is_cut = table.line.is_some() || table.ruler || table.cut_by_header || !table.cut.is_empty();
        let is_given = table.header.as_ref().is_some_and(|rules| !rules.given.is_empty());
        if self.place != Place::Line || is_cut || is_given {
            return None;
        }
        let is_filled = |text: &String| !text.is_empty();
        let widths = header.levels.iter().filter_map(|texts| texts.iter().rposition(is_filled));
        let last = widths.max()?;
        let is_named = |column: usize| header.levels.iter().any(|texts| texts.get(column).is_some_and(is_filled));
        (last > 0 && (0..last).all(is_named)).then_some(last + 1)
    }

    /// A row that gave results has filled cells beyond its header.
    pub(super) fn tell_more_cells(&self, row: &Row, out: &mut Output<'_>) {
        let Some(headings) = self.most_cells.filter(|most| row.cells.len() > *most) else { return };
        let is_filled = |column: &usize| !row.cell(*column).trim().is_empty();
        if let Some(last) = (headings..row.cells.len()).rev().find(is_filled) {
            let reason = trouble::MORE_CELLS_THAN_HEADINGS.with("cells", (last + 1).to_string());
            out.trouble(self.place.position(row.number, Some(0)), reason.with("headings", headings.to_string()));
        }
    }
}
