//! Whether a row can be a header at all, told before it is tried as one: most rows of a source cannot, and trying costs as much
//! as reading them.

use crate::profile::comparing::squeezed;
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

/// Names are squeezed already. Their first byte tells nearly all cells apart.
fn is_called(cell: &str, name: &str) -> bool {
    cell.as_bytes().first() == name.as_bytes().first() && squeezed(cell) == name
}
