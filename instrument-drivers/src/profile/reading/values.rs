//! From one row of a table to its observations: which rows and cells count, what stands in them.

use std::mem::take;

use super::engine::Reader;
use super::known::Known;
use super::misfit::Met;
use super::scope::Here;
use crate::number::NumberRules;
use crate::profile::condition::{all, any};
use crate::profile::expr::{Expr, first_group};
use crate::profile::fields::{Fields, Output, Place};
use crate::profile::reference::Reference;
use crate::table::rows::Row;
use crate::trouble::{self, Reason};

impl Reader<'_> {
    /// A row that is no header.
    pub(super) fn body(&mut self, row: &Row, known: &mut Known, out: &mut Output<'_>) {
        if row.is_blank() {
            if self.table.blank_ends && self.table.ruler {
                self.end_ruler();
            } else if self.table.blank_ends && self.rows_used > 0 {
                self.stopped = true;
            }
            return;
        }
        *self.twofold.get_mut() = None;
        self.met += 1;
        if self.is_left_aside(row, known, out) {
            if !self.stopped {
                self.follow_header(row, true, known);
            }
            return;
        }
        if self.follow_header(row, false, known) {
            return;
        }
        if self.unclear {
            out.trouble(self.place.position(row.number, Some(0)), &trouble::COLUMNS_UNCLEAR);
            return;
        }
        self.rows_used += 1;
        self.count += 1;
        self.set_lets(row, None, known);
        let delivered = out.delivered();
        match (&self.table.columns, self.header.is_some()) {
            (None, _) => self.value(row, None, known, out),
            (Some(_), true) => {
                for at in 0..self.columns.len() {
                    self.value(row, Some(self.columns[at]), known, out);
                }
            }
            (Some(_), false) => {
                for column in self.fitting_columns(row, None, row.cells.len(), known) {
                    self.value(row, Some(column), known, out);
                }
            }
        }
        if out.delivered() > delivered {
            self.tell_more_cells(row, out);
        }
    }

    /// Conditions of the profile say that the row is no result: the end of the table, a trouble, or nothing that counts.
    fn is_left_aside(&mut self, row: &Row, known: &Known, out: &mut Output<'_>) -> bool {
        let table = self.table;
        let conditions = [&table.stop, &table.skip, &table.only];
        if conditions.into_iter().all(Vec::is_empty) && table.troubles.is_empty() {
            return false;
        }
        let scope = Here { count: self.met, ..self.scope(row, known, None) };
        if any(&table.stop, &scope) {
            self.stopped = true;
            return true;
        }
        if let Some((_, reason)) = table.troubles.iter().find(|(conditions, _)| all(conditions, &scope)) {
            out.trouble(self.place.position(row.number, Some(0)), reason.clone());
            return true;
        }
        let is_left_out = any(&table.skip, &scope) || !all(&table.only, &scope);
        if let Some(reason) = self.twofold.take() {
            // Whether it is one of the table's rows depends on the key.
            out.trouble(self.place.position(row.number, Some(0)), reason);
            return true;
        }
        is_left_out
    }

    /// The value of a row, or of one of its columns: to be stored, or an observation.
    fn value(&mut self, row: &Row, column: Option<usize>, known: &mut Known, out: &mut Output<'_>) {
        if column.is_some() {
            *self.twofold.get_mut() = None;
            self.set_lets(row, column, known);
        }
        let skip = self.table.columns.as_ref().map_or(&[][..], |rules| &rules.skip);
        if !skip.is_empty() && any(skip, &self.scope(row, known, column)) {
            let holds_text = column.is_some_and(|column| !row.cell(column).trim().is_empty());
            if let Some(reason) = self.twofold.take().filter(|_| holds_text && self.table.store.is_none()) {
                out.trouble(self.place.position(row.number, column), reason);
            }
            return;
        }
        if let Some((name, key, value)) = &self.table.store {
            let scope = self.scope(row, known, column);
            let (key, value) = (key.text(&scope).into_owned(), value.text(&scope).into_owned());
            drop(scope);
            if !key.is_empty() && !value.is_empty() {
                known.store(name, key, value);
            }
            return;
        }
        if let Some(fields) = &self.table.fields {
            self.observe(fields, row, column, known, out);
        }
    }

    fn set_lets(&mut self, row: &Row, column: Option<usize>, known: &Known) {
        for (name, expr) in &self.table.lets {
            let value = expr.text(&self.scope(row, known, column)).into_owned();
            match self.local.get_mut(name) {
                Some(known) => *known = value,
                None => drop(self.local.insert(name.clone(), value)),
            }
        }
    }

    fn observe(&mut self, fields: &Fields, row: &Row, column: Option<usize>, known: &Known, out: &mut Output<'_>) {
        let mut candidates = take(&mut self.candidates);
        let mut position = take(&mut self.position);
        let value_column = self.value_column(&fields.value, column);
        position.clear();
        self.place.write_position(row.number, value_column, &mut position);
        let mut observe = |scope: &Here<'_>, place: &Place<'_>| fields.observe(scope, place, out, &mut candidates);
        let met = self.each_part(fields, row, (column, value_column), known, &position, &mut observe);
        self.misfits.note(met, &position, value_column);
        (self.candidates, self.position) = (candidates, position);
    }

    /// What the fields say at one cell, for every result in it. `columns`: of a wide table, and where the value stands. What
    /// a pattern does not fit is given back.
    fn each_part(
        &self,
        fields: &Fields,
        row: &Row,
        (column, value_column): (Option<usize>, Option<usize>),
        known: &Known,
        position: &str,
        each: &mut dyn FnMut(&Here<'_>, &Place<'_>),
    ) -> Vec<Met> {
        // A wide row holds many values; each keeps its own cell, not a copy of the whole row.
        let raw = match column {
            Some(column) => row.cell(value_column.unwrap_or(column)),
            None => row.line(),
        };
        let mut met = Vec::new();
        let mut part = |numbers, nth: usize, part: &str| {
            let scope = Here { numbers, part, ..self.scope(row, known, column) };
            let value = match &self.table.part_value {
                Some(pattern) => first_group(pattern, part),
                None => Some(part),
            };
            if value.is_none() && !part.is_empty() {
                met.push(Met { nth, misfit: Some(misfit("part_value", part)) });
            }
            let value = value.unwrap_or("");
            if !value.is_empty() && self.misfits.keeps_given() {
                met.push(Met { nth, misfit: None });
            }
            let place = Place {
                sample: fields.sample.text(&scope),
                analyte: fields.analyte.text(&scope),
                value,
                unit: fields.unit.text(&scope),
                position,
                raw: raw.trim_end(),
            };
            // Where neither stands, as below a table, the line is none of it.
            if !(place.sample.is_empty() && value.is_empty()) {
                each(&scope, &place);
            }
        };
        let scope = self.scope(row, known, column);
        let numbers = self.numbers_at(&scope);
        let values = fields.value.text(&scope);
        match &self.table.split_values {
            None => part(numbers, scope.item, &values),
            Some(mark) => {
                let parts = values.split(mark.as_str()).map(str::trim).filter(|text| !text.is_empty());
                parts.enumerate().for_each(|(at, text)| part(numbers, at + 1, text));
            }
        }
        if values.is_empty()
            && let Some(text) = fields.value.misfit(&scope)
        {
            met.push(Met { nth: scope.item, misfit: Some(misfit("value", &text)) });
        }
        met
    }

    /// How numbers are printed in this cell.
    fn numbers_at(&self, scope: &Here<'_>) -> &NumberRules {
        let own = self.table.numbers.iter().find(|(when, _)| all(when, scope));
        own.map_or(self.numbers, |(_, rules)| rules)
    }

    /// Where the value stands, for its position: the column of a wide table (or its neighbour that `value` names), else
    /// the first cell that `value` names.
    fn value_column(&self, expr: &Expr, column: Option<usize>) -> Option<usize> {
        let mut ids = expr.references().iter();
        match column {
            Some(column) => match ids.next().map(|id| self.table.references.get(*id)) {
                Some(Reference::Neighbour(steps)) => column.checked_add_signed(*steps as isize),
                _ => Some(column),
            },
            None => ids.find_map(|id| match (self.table.references.get(*id), &self.header) {
                (_, Some(header)) => header.bound.get(*id).copied().flatten(),
                (Reference::Cell(number), None) if *number > 0 => Some(*number as usize - 1),
                _ => None,
            }),
        }
    }
}

fn misfit(key: &str, text: &str) -> Reason {
    trouble::VALUE_MISFIT.with("key", key).with("text", text)
}
