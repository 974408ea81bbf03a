//! Which leaves of JSON or XML a table asks for: those that it names, unless something in it asks for places or for whole rows.

use super::Table;
use crate::profile::reference::{Part, Reference};

impl Table {
    /// Whether leaves are asked for by their names alone: another reading would find the same without those that nobody names.
    pub fn names_its_leaves(&self) -> bool {
        let by_name = |reference: &Reference| match reference {
            Reference::Column { part, .. } => !matches!(part, Part::Neighbour(_)),
            Reference::Variable(name) => !OF_ROWS.contains(&name.as_str()),
            Reference::Field { .. } => true,
            Reference::Cell(_) | Reference::HeadOf(..) | Reference::Head(_) | Reference::Neighbour(_) => false,
        };
        let has_plain_header = self.header.as_ref().is_none_or(|rules| rules.rows == 1 && rules.given.is_empty());
        let looks_at_rows = self.blocks || self.blank_ends || self.transpose || self.ruler || self.cut_by_header;
        let cuts = self.line.is_some() || self.each.is_some() || !self.cut.is_empty();
        let is_wide = self.columns.is_some() || !self.finds.is_empty() || !self.join_lines.is_empty();
        has_plain_header && !looks_at_rows && !cuts && !is_wide && self.references.iter().all(by_name)
    }

    /// Whether a leaf is asked for; its name squeezed.
    pub fn asks_for(&self, leaf: &str) -> bool {
        let is_named = |reference: &Reference| match reference {
            Reference::Column { title, whole, .. } => title.fits(leaf) || whole.as_deref() == Some(leaf),
            _ => false,
        };
        self.references.iter().any(is_named)
            || self.header.as_ref().is_some_and(|rules| rules.names.iter().any(|name| name == leaf))
    }
}

/// Variables that say something of a row as a whole, of its number among those that are filled, or of where a value stands in it.
const OF_ROWS: [&str; 6] = ["line", "cells", "cell", "column", "row", "letter"];
