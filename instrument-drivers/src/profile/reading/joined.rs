//! Rows that go on in the next line of the source: each waits until it is seen whether the next one belongs to it.

use super::engine::Reader;
use super::known::Known;
use crate::profile::condition::any;
use crate::profile::fields::Output;
use crate::table::cut::Cut;
use crate::table::rows::Row;

impl Reader<'_> {
    /// Keeps a row for the next one, which may go on with it; the one kept before is read, or gets this one's cells.
    pub(super) fn hold(&mut self, row: &Row, known: &mut Known, out: &mut Output<'_>) {
        if self.table.cut_by_header && self.header.is_none() {
            // The row before may be the header, which says where this one is cut.
            self.release(known, out);
        }
        // What a pattern cuts is put together before it is cut.
        let cells = match self.table.line.is_some() {
            true => row.cells.clone(),
            false => match self.cut(row, known) {
                Cut::AsItIs => row.cells.clone(),
                Cut::Cells(cells) => cells,
                Cut::Several(_) | Cut::Ruler | Cut::Nothing => {
                    return self.release(known, out);
                }
            },
        };
        let here = Row { number: row.number, cells };
        if !here.is_blank() && self.held.is_some() && any(&self.table.join_lines, &self.scope(&here, known, None)) {
            if let Some((held, unclear)) = &mut self.held {
                *unclear |= self.unclear;
                let width = held.cells.len().max(here.cells.len());
                held.cells = (0..width).map(|at| joined(held.cell(at), here.cell(at))).collect();
            }
            return;
        }
        self.release(known, out);
        if self.stopped {
            return;
        }
        self.find_in(row);
        self.held = Some((here, self.unclear));
    }

    /// The row that was kept goes on with nothing more.
    pub(super) fn release(&mut self, known: &mut Known, out: &mut Output<'_>) {
        let Some((row, unclear)) = self.held.take().filter(|_| !self.stopped) else { return };
        let cut = match self.table.line.is_some() {
            true => self.cut(&row, known),
            false => Cut::AsItIs,
        };
        let here = std::mem::replace(&mut self.unclear, unclear);
        self.cut_row(&row, cut, known, out);
        self.unclear = here;
    }
}

/// Two pieces of one cell. A hyphen at the end of a line belongs to the name.
fn joined(first: &str, more: &str) -> String {
    let (first, more) = (first.trim_end(), more.trim());
    match first.is_empty() || more.is_empty() || first.ends_with('-') {
        true => format!("{first}{more}"),
        false => format!("{first} {more}"),
    }
}
