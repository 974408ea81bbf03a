//! The reader of tables: sections, header rows, rows, columns. Rows are pushed in order; observations come out.
//!
//! For each `[[table]]` of a profile one [`Reader`] follows the rows: is this a section start, is a header found, does the
//! row belong, which observations does it hold. State never looks ahead, so files of any length can be read.

use std::collections::HashMap;

use super::cut::{Cut, cut_at, is_ruler, named, ruler_cuts};
use super::header::Header;
use super::rows::{Place, Row};
use super::scope::Here;
use crate::number::NumberRules;
use crate::observation::{Reading, Trouble};
use crate::profile::condition::{all, any};
use crate::profile::expr::{Expr, Reference};
use crate::profile::fields::Place as FieldPlace;
use crate::profile::table::Table;

/// Variables by name; stored tables by name and key.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub variables: HashMap<String, String>,
    pub stored: HashMap<String, HashMap<String, String>>,
}

/// Follows one `[[table]]` through the rows of one grid.
pub struct Reader<'p> {
    table: &'p Table,
    numbers: &'p NumberRules,
    place: Place,
    inside: bool,
    stopped: bool,
    section_rows: usize,
    header: Option<Header>,
    recent: Vec<Row>,
    cuts: Option<Vec<usize>>,
    /// Variables of this section, over those of the file.
    local: HashMap<String, String>,
    carried: HashMap<&'static str, String>,
    columns: Vec<usize>,
    pub headers_found: usize,
    pub sections_found: usize,
    pub rows_used: usize,
}

impl<'p> Reader<'p> {
    pub fn new(table: &'p Table, numbers: &'p NumberRules, place: Place) -> Self {
        Reader {
            table,
            numbers,
            place,
            inside: table.section_start.is_empty(),
            stopped: false,
            section_rows: 0,
            header: None,
            recent: Vec::new(),
            cuts: None,
            local: HashMap::new(),
            carried: HashMap::new(),
            columns: Vec::new(),
            headers_found: 0,
            sections_found: 0,
            rows_used: 0,
        }
    }

    /// Takes the next row.
    pub fn row(&mut self, row: &Row, known: &mut Known, reading: &mut Reading) {
        if !self.follow_section(row, known) || self.stopped {
            return;
        }
        self.section_rows += 1;
        for find in &self.table.finds {
            if let Some((name, value)) = find.at(row, self.section_rows) {
                self.local.entry(name).or_insert(value);
            }
        }
        let recut;
        let row = match self.cut(row) {
            Cut::AsItIs => row,
            Cut::Cells(cells) => {
                recut = Row { number: row.number, cells };
                &recut
            }
            Cut::Several(rows) => {
                for cells in rows {
                    self.body(&Row { number: row.number, cells }, known, reading);
                }
                return;
            }
            Cut::Ruler | Cut::Nothing => return,
        };
        if self.find_header(row, known) {
            return;
        }
        self.body(row, known, reading);
    }

    /// True while the row belongs to a section.
    fn follow_section(&mut self, row: &Row, known: &Known) -> bool {
        if self.table.section_start.is_empty() {
            if !self.table.section_end.is_empty() && all(&self.table.section_end, &self.scope(row, known, None)) {
                self.inside = false;
            }
            return self.inside;
        }
        let mut found = Vec::new();
        let starts = {
            let scope = self.scope(row, known, None);
            self.table.section_start.iter().all(|condition| {
                let captures = condition.captures(&scope);
                let holds = captures.is_some() != condition.is_negated();
                found.extend(captures.unwrap_or_default());
                holds
            })
        };
        if starts {
            self.sections_found += 1;
            self.inside = true;
            self.stopped = false;
            self.section_rows = 0;
            self.cuts = None;
            self.recent.clear();
            self.carried.clear();
            self.local = found.into_iter().collect();
            if !self.table.keep_header {
                self.header = None;
            }
            return self.table.include_start;
        }
        if self.inside
            && !self.table.section_end.is_empty()
            && all(&self.table.section_end, &self.scope(row, known, None))
        {
            self.inside = false;
        }
        self.inside
    }

    fn cut(&mut self, row: &Row) -> Cut {
        let line = || row.line();
        if let Some(pattern) = &self.table.line {
            let line = line();
            let Some(groups) = pattern.captures(&line) else {
                return Cut::Nothing;
            };
            let head: Vec<&str> = named(pattern, &groups);
            return match &self.table.each {
                None => Cut::Cells(head.into_iter().collect()),
                Some(each) => {
                    let rows =
                        each.captures_iter(&line).map(|item| head.iter().copied().chain(named(each, &item)).collect());
                    Cut::Several(rows.collect())
                }
            };
        }
        if self.table.ruler {
            let line = line();
            if is_ruler(&line) {
                self.cuts = Some(ruler_cuts(&line));
                return Cut::Ruler;
            }
            return match &self.cuts {
                Some(cuts) => Cut::Cells(cut_at(&line, cuts)),
                None => Cut::Nothing,
            };
        }
        if !self.table.cut.is_empty() {
            return Cut::Cells(cut_at(&line(), &self.table.cut));
        }
        Cut::AsItIs
    }

    /// True when the row is (part of) a header, or comes before one.
    fn find_header(&mut self, row: &Row, known: &Known) -> bool {
        let Some(rules) = &self.table.header else {
            return false;
        };
        if self.header.is_some() && !rules.repeat {
            return false;
        }
        self.recent.push(row.clone());
        let count = rules.rows;
        if self.recent.len() > count {
            self.recent.remove(0);
        }
        if self.recent.len() == count {
            let mut header = Header::of(&self.recent, rules.fill);
            header.bind(self.table.references.iter());
            let fits = self.has_needed(&header) && all(&rules.matches, &self.scope(&self.recent[0], known, None));
            if fits {
                self.headers_found += 1;
                self.columns = self.value_columns(&header, known);
                self.header = Some(header);
                self.recent.clear();
                self.carried.clear();
                return true;
            }
        }
        self.header.is_none()
    }

    fn has_needed(&self, header: &Header) -> bool {
        let needed = |expr: &Expr| {
            expr.alternatives().any(|references| {
                references.iter().all(|id| match self.table.references.get(*id) {
                    Reference::Column { optional: false, .. } => header.bound[*id].is_some(),
                    _ => true,
                })
            })
        };
        let names = &self.table.header.as_ref().map_or(&[][..], |rules| &rules.names);
        self.table.needed().all(needed) && names.iter().all(|name| header.column(name, 1).is_some())
    }

    /// The columns that hold values in a wide table.
    fn value_columns(&self, header: &Header, known: &Known) -> Vec<usize> {
        let Some(rules) = &self.table.columns else {
            return Vec::new();
        };
        let width = header.levels.iter().map(Vec::len).max().unwrap_or(0).max(rules.width);
        let edge = |edge: &Option<String>| edge.as_ref().and_then(|name| place_of(name, header));
        let from = edge(&rules.from).or(edge(&rules.after).map(|column| column + 1)).unwrap_or(0);
        let to = edge(&rules.to).or(edge(&rules.before).map(|column| column.saturating_sub(1))).unwrap_or(usize::MAX);
        let empty = Row::default();
        (from..width)
            .filter(|column| *column <= to)
            .filter(|column| {
                let name = crate::profile::expr::squeeze(header.head(0, *column));
                (rules.names.is_empty() || rules.names.contains(&name)) && !rules.except.contains(&name)
            })
            .filter(|column| {
                let scope = Here { header: Some(header), ..self.scope(&empty, known, Some(*column)) };
                all(&rules.conditions, &scope)
            })
            .collect()
    }

    fn body(&mut self, row: &Row, known: &mut Known, reading: &mut Reading) {
        if row.is_blank() {
            if self.table.blank_ends && self.rows_used > 0 {
                self.stopped = true;
            }
            return;
        }
        {
            let scope = self.scope(row, known, None);
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
        self.set_lets(row, None, known);
        if let Some((name, key, value)) = &self.table.store {
            let columns = self.columns_here(row);
            for column in columns {
                let scope = self.scope(row, known, column);
                let (key, value) = (key.text(&scope), value.text(&scope));
                if !key.is_empty() && !value.is_empty() {
                    known.stored.entry(name.clone()).or_default().insert(key, value);
                }
            }
            return;
        }
        for column in self.columns_here(row) {
            if column.is_some() {
                self.set_lets(row, column, known);
            }
            self.observe(row, column, known, reading);
        }
    }

    fn set_lets(&mut self, row: &Row, column: Option<usize>, known: &Known) {
        for (name, expr) in &self.table.lets {
            let value = expr.text(&self.scope(row, known, column));
            if !(expr.carry && value.is_empty()) {
                self.local.insert(name.clone(), value);
            }
        }
    }

    fn columns_here(&self, row: &Row) -> Vec<Option<usize>> {
        match (&self.table.columns, &self.header) {
            (None, _) => vec![None],
            (Some(_), Some(_)) => self.columns.iter().map(|column| Some(*column)).collect(),
            (Some(rules), None) => {
                let header =
                    Header { levels: vec![vec![String::new(); row.cells.len().max(rules.width)]], bound: Vec::new() };
                let edge = |edge: &Option<String>| edge.as_ref().and_then(|name| place_of(name, &header));
                let from = edge(&rules.from).unwrap_or(0);
                let to = edge(&rules.to).unwrap_or(usize::MAX);
                (from..row.cells.len()).filter(|column| *column <= to).map(Some).collect()
            }
        }
    }

    fn observe(&mut self, row: &Row, column: Option<usize>, known: &Known, reading: &mut Reading) {
        let Some(fields) = &self.table.fields else {
            return;
        };
        let (sample, analyte, unit, values, position) = {
            let scope = self.scope(row, known, column);
            let value_column = column.or_else(|| self.first_column(&fields.value));
            let values = fields.value.text(&scope);
            (
                fields.sample.text(&scope),
                fields.analyte.text(&scope),
                fields.unit.text(&scope),
                values,
                self.place.position(row.number, value_column),
            )
        };
        let sample = self.carry("sample", &fields.sample, sample);
        let analyte = self.carry("analyte", &fields.analyte, analyte);
        let unit = self.carry("unit", &fields.unit, unit);
        // A wide row holds many values; each keeps its own cell, not a copy of the whole row.
        let raw = column.map_or_else(|| row.line(), |column| row.cell(column).to_string());
        let parts: Vec<String> = match &self.table.split_values {
            Some(mark) => values
                .split(mark.as_str())
                .map(|part| part.trim().to_string())
                .filter(|part| !part.is_empty())
                .collect(),
            None => vec![values],
        };
        let mut troubles = Vec::new();
        for value in parts {
            let scope = self.scope(row, known, column);
            let place = FieldPlace {
                sample: sample.clone(),
                analyte: analyte.clone(),
                value,
                unit: unit.clone(),
                position: position.clone(),
                raw: raw.trim_end(),
            };
            reading.observations.extend(fields.observe(&scope, place, self.numbers, &mut troubles));
        }
        reading.troubles.append(&mut troubles);
    }

    fn carry(&mut self, name: &'static str, expr: &Expr, text: String) -> String {
        if !expr.carry {
            return text;
        }
        if text.is_empty() {
            return self.carried.get(name).cloned().unwrap_or_default();
        }
        self.carried.insert(name, text.clone());
        text
    }

    /// The column of the first cell that an expression names, for positions in sheets.
    fn first_column(&self, expr: &Expr) -> Option<usize> {
        let ids: Vec<usize> = expr.alternatives().flatten().collect();
        ids.into_iter().find_map(|id| match (self.table.references.get(id), &self.header) {
            (_, Some(header)) => header.bound.get(id).copied().flatten(),
            (Reference::Cell(number), None) if *number > 0 => Some(*number as usize - 1),
            _ => None,
        })
    }

    fn scope<'s>(&'s self, row: &'s Row, known: &'s Known, column: Option<usize>) -> Here<'s> {
        Here {
            table: self.table,
            header: self.header.as_ref(),
            row,
            column,
            local: &self.local,
            known,
            line: std::cell::OnceCell::new(),
            number: std::cell::OnceCell::new(),
        }
    }
}

fn place_of(name: &str, header: &Header) -> Option<usize> {
    match name.strip_prefix('#').and_then(|digits| digits.parse::<usize>().ok()) {
        Some(number) => number.checked_sub(1),
        None => header.column(&crate::profile::expr::squeeze(name), 1),
    }
}
