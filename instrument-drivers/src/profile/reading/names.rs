//! Whether a row can be a header at all, told before it is tried as one: most rows of a source cannot, and trying costs as much
//! as reading them. And whether it is the header of the table at hand once more.

use super::header::Header;
use crate::number::{NumberRules, exact};
use crate::profile::comparing::{squeeze, squeezed};
use crate::profile::expr::Expr;
use crate::profile::reference::{Reference, Title};
use crate::profile::table::Table;
use crate::table::rows::Row;

/// What the columns of a table are called, where a header has at least one of these names.
pub struct Names<'p>(Vec<&'p str>);

impl<'p> Names<'p> {
    /// `None`: a header may do without a name, or have one that only a pattern tells.
    pub fn of(table: &'p Table) -> Option<Names<'p>> {
        let own = table.header.as_ref().map_or(&[][..], |rules| &rules.names);
        let is_name = |id: usize| matches!(table.references.get(id), Reference::Column { optional: false, .. });
        let is_asked = |expr: &Expr| expr.alternatives().all(|mut references| references.any(is_name));
        if own.is_empty() && !table.needed().any(is_asked) {
            return None;
        }
        let mut names: Vec<&str> = own.iter().map(String::as_str).collect();
        for reference in table.references.iter() {
            match reference {
                Reference::Column { title: Title::Name(name), optional: false, whole, .. } => {
                    names.push(name);
                    names.extend(whole.as_deref());
                }
                Reference::Column { title: Title::Pattern(_), optional: false, .. } => return None,
                _ => {}
            }
        }
        Some(Names(names))
    }

    /// Some cell is called so.
    pub fn are_in(&self, row: &Row) -> bool {
        row.cells.iter().map(str::trim).any(|cell| self.0.iter().any(|name| is_called(cell, name)))
    }
}

/// What the columns of the table at hand are called. A row of exactly these texts is its header again, in whatever order.
#[derive(Default)]
pub struct Headings {
    /// In alphabetical order.
    names: Vec<String>,
    /// Their first bytes, each once.
    firsts: Vec<u8>,
}

impl Headings {
    /// None where a line of values could be the same: a single name, numbers alone; nor where the header has several rows.
    pub fn of(header: &Header, numbers: &NumberRules) -> Headings {
        let [texts] = &header.levels[..] else { return Headings::default() };
        let mut names: Vec<String> = texts.iter().map(|text| squeeze(text)).filter(|name| !name.is_empty()).collect();
        if names.len() < 2 || names.iter().all(|name| exact(name, numbers).is_ok()) {
            return Headings::default();
        }
        names.sort_unstable();
        let mut firsts: Vec<u8> = names.iter().filter_map(|name| name.as_bytes().first().copied()).collect();
        firsts.dedup();
        Headings { names, firsts }
    }

    /// The filled cells of the row are these, each as often. The first byte of the row tells nearly all rows apart.
    pub fn are_in(&self, row: &Row) -> bool {
        let first = row.line().trim_start().as_bytes().first();
        if !first.is_some_and(|first| self.firsts.contains(first)) {
            return false;
        }
        let cells = || row.cells.iter().map(squeezed).filter(|cell| !cell.is_empty());
        if !cells().all(|cell| self.names.binary_search_by(|name| name.as_str().cmp(&cell)).is_ok()) {
            return false;
        }
        let mut found: Vec<_> = cells().collect();
        found.sort_unstable();
        found.iter().eq(self.names.iter())
    }
}

/// Names are squeezed already. Their first byte tells nearly all cells apart.
fn is_called(cell: &str, name: &str) -> bool {
    cell.as_bytes().first() == name.as_bytes().first() && squeezed(cell) == name
}
