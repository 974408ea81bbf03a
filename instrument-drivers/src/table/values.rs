//! From one row of a table to its observations: which rows and cells count, what stands in them.

use super::engine::{Known, Reader};
use super::rows::Row;
use super::scope::Here;
use crate::number::NumberRules;
use crate::observation::{Reading, Trouble};
use crate::profile::condition::{all, any};
use crate::profile::expr::Expr;
use crate::profile::fields::{Fields, Place as FieldPlace};
use crate::profile::reference::Reference;

impl Reader<'_> {
    /// A row that is no header.
    pub(super) fn body(&mut self, row: &Row, known: &mut Known, reading: &mut Reading) {
        if row.is_blank() {
            if self.table.blank_ends && self.table.ruler {
                self.end_ruler();
            } else if self.table.blank_ends && self.rows_used > 0 {
                self.stopped = true;
            }
            return;
        }
        {
            let scope = Here { count: self.count + 1, ..self.scope(row, known, None) };
            if any(&self.table.stop, &scope) {
                self.stopped = true;
                return;
            }
            for (condition, say) in &self.table.troubles {
                if condition.holds(&scope) {
                    reading.troubles.push(Trouble::new(self.place.position(row.number, Some(0)), say.clone()));
                    return;
                }
            }
            if any(&self.table.skip, &scope) || !all(&self.table.only, &scope) {
                return;
            }
        }
        self.rows_used += 1;
        self.count += 1;
        self.set_lets(row, None, known);
        let columns = self.columns_here(row, known);
        if let Some((name, key, value)) = &self.table.store {
            for column in columns {
                let scope = self.scope(row, known, column);
                let (key, value) = (key.text(&scope), value.text(&scope));
                if !key.is_empty() && !value.is_empty() {
                    known.stored.entry(name.clone()).or_default().insert(key, value);
                }
            }
            return;
        }
        let Some(fields) = &self.table.fields else {
            return;
        };
        for column in columns {
            if column.is_some() {
                self.set_lets(row, column, known);
            }
            let skipped = self
                .table
                .columns
                .as_ref()
                .is_some_and(|rules| !rules.skip.is_empty() && any(&rules.skip, &self.scope(row, known, column)));
            if !skipped {
                self.observe(fields, row, column, known, reading);
            }
        }
    }

    fn set_lets(&mut self, row: &Row, column: Option<usize>, known: &Known) {
        for (name, expr) in &self.table.lets {
            let value = expr.text(&self.scope(row, known, column));
            self.local.insert(name.clone(), value);
        }
    }

    fn columns_here(&self, row: &Row, known: &Known) -> Vec<Option<usize>> {
        match (&self.table.columns, &self.header) {
            (None, _) => vec![None],
            (Some(_), Some(_)) => self.columns.iter().map(|column| Some(*column)).collect(),
            (Some(_), None) => self.fitting_columns(row, None, row.cells.len(), known).into_iter().map(Some).collect(),
        }
    }

    fn observe(&mut self, fields: &Fields, row: &Row, column: Option<usize>, known: &Known, reading: &mut Reading) {
        let mut candidates = std::mem::take(&mut self.candidates);
        let value_column = self.value_column(&fields.value, column);
        let position = self.place.position(row.number, value_column);
        // A wide row holds many values; each keeps its own cell, not a copy of the whole row.
        let raw = match column {
            Some(column) => row.cell(value_column.unwrap_or(column)).to_string(),
            None => row.line(),
        };
        let scope = self.scope(row, known, column);
        let numbers = self.numbers_at(&scope);
        let values = fields.value.text(&scope);
        let parts: Vec<&str> = match &self.table.split_values {
            Some(mark) => values.split(mark.as_str()).map(str::trim).filter(|part| !part.is_empty()).collect(),
            None => vec![&values],
        };
        for part in parts {
            let scope = Here { numbers, part, ..self.scope(row, known, column) };
            let value = match &self.table.part_value {
                Some(pattern) => pattern.captures(part).map_or("", |groups| {
                    let group = groups.iter().skip(1).flatten().next().or(groups.get(0));
                    group.map_or("", |found| found.as_str()).trim()
                }),
                None => part,
            };
            let place = FieldPlace {
                sample: fields.sample.text(&scope),
                analyte: fields.analyte.text(&scope),
                value: value.to_string(),
                unit: fields.unit.text(&scope),
                position: position.clone(),
                raw: raw.trim_end(),
            };
            fields.observe(&scope, place, reading, &mut candidates);
        }
        self.candidates = candidates;
    }

    /// How numbers are printed in this cell.
    fn numbers_at(&self, scope: &Here<'_>) -> &NumberRules {
        let own = self.table.numbers.iter().find(|(when, _)| all(when, scope));
        own.map_or(self.numbers, |(_, rules)| rules)
    }

    /// Where the value stands, for its position: the column of a wide table (or its neighbour that `value` names), else
    /// the first cell that `value` names.
    fn value_column(&self, expr: &Expr, column: Option<usize>) -> Option<usize> {
        let mut ids = expr.alternatives().flatten();
        match column {
            Some(column) => match ids.next().map(|id| self.table.references.get(id)) {
                Some(Reference::Neighbour(steps)) => column.checked_add_signed(*steps as isize),
                _ => Some(column),
            },
            None => ids.find_map(|id| match (self.table.references.get(id), &self.header) {
                (_, Some(header)) => header.bound.get(id).copied().flatten(),
                (Reference::Cell(number), None) if *number > 0 => Some(*number as usize - 1),
                _ => None,
            }),
        }
    }
}
