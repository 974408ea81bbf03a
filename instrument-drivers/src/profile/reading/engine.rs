//! The reader of tables: sections, header rows, columns. Rows are pushed in order; observations come out (see `values`).
//!
//! For each `[[table]]` of a profile one [`Reader`] follows the rows: is this a section start, is a header found, does the
//! row belong. Only a table that is turned round keeps the rows of its section; everything else never looks ahead, so
//! files of any length can be read.

use std::cell::RefCell;
use std::collections::HashMap;

use super::header::Header;
use super::known::Known;
use super::scope::{Here, Texts};
use crate::number::NumberRules;
use crate::profile::choose::Candidate;
use crate::profile::comparing::squeeze;
use crate::profile::condition::all;
use crate::profile::expr::Expr;
use crate::profile::fields::Output;
use crate::profile::reference::{Part, Reference};
use crate::profile::table::{HeaderRules, Table};
use crate::table::cells::Cells;
use crate::table::cut::{Cut, cut_at, cut_between_words, header_cuts, is_ruler, named, ruler_cuts};
use crate::table::rows::{Place, Row, may_be_turned};

/// A row that is no header, but has some of its names.
#[derive(Debug, Clone)]
pub struct Nearest {
    named: usize,
    pub position: String,
    pub missing: Vec<String>,
}

/// Follows one `[[table]]` through the rows of one grid.
pub struct Reader<'p> {
    pub(super) table: &'p Table,
    /// The table's rules where it has some for all its columns, else the source's.
    pub(super) numbers: &'p NumberRules,
    pub(super) place: Place,
    inside: bool,
    pub(super) stopped: bool,
    /// The row before was blank, or there was none: a block may begin.
    gap: bool,
    section_rows: usize,
    pub(super) header: Option<Header>,
    /// Rows that may become a header together with the next one.
    recent: Vec<Row>,
    cuts: Option<Vec<usize>>,
    /// Lines that may be the header of the next ruler.
    above: Vec<Row>,
    /// For each `[[table.find]]`: the column under which its value is to come.
    below: Vec<Option<usize>>,
    /// What stands before the sections that begin from here on.
    ahead: HashMap<String, String>,
    /// The row that the next one may go on with.
    pub(super) held: Option<(Row, bool)>,
    /// A text of the row at hand runs over its column.
    pub(super) unclear: bool,
    /// Rows of a section that is turned round at its end.
    turned: Vec<Row>,
    /// Variables of this section, over those of the file.
    pub(super) local: HashMap<String, String>,
    pub(super) carried: RefCell<HashMap<usize, String>>,
    pub(super) columns: Vec<usize>,
    /// Rows read in this section or below this header.
    pub(super) count: usize,
    pub headers_found: usize,
    /// The row with most of the names, as long as none was the header.
    pub nearest: Option<Nearest>,
    /// Number of the first header's lowest row, where rows are those of the source.
    pub header_row: Option<usize>,
    pub sections_found: usize,
    pub rows_used: usize,
    /// The position of the value at hand; kept for its memory.
    pub(super) position: String,
    /// Lines that compete for being reportable.
    pub candidates: Vec<Candidate>,
    /// Headings of columns that the profile does not name.
    pub unmapped: Vec<String>,
}

impl<'p> Reader<'p> {
    pub fn new(table: &'p Table, numbers: &'p NumberRules, place: Place) -> Self {
        let own = table.numbers.iter().find(|(when, _)| when.is_empty()).map(|(_, rules)| rules);
        Reader {
            table,
            numbers: own.unwrap_or(numbers),
            place,
            inside: table.section_start.is_empty() && !table.blocks,
            stopped: false,
            gap: true,
            section_rows: 0,
            header: None,
            recent: Vec::new(),
            cuts: None,
            above: Vec::new(),
            below: vec![None; table.finds.len()],
            ahead: HashMap::new(),
            held: None,
            unclear: false,
            turned: Vec::new(),
            local: HashMap::new(),
            carried: RefCell::default(),
            columns: Vec::new(),
            count: 0,
            headers_found: 0,
            nearest: None,
            header_row: None,
            sections_found: 0,
            rows_used: 0,
            position: String::new(),
            candidates: Vec::new(),
            unmapped: Vec::new(),
        }
    }

    /// Takes the next row.
    pub fn row(&mut self, row: &Row, known: &mut Known, out: &mut Output<'_>) {
        self.find_ahead(row);
        if !self.follow_section(row, known, out) || self.stopped {
            return;
        }
        self.section_rows += 1;
        if !self.table.join_lines.is_empty() {
            return self.hold(row, known, out);
        }
        self.find_in(row);
        let cut = self.cut(row, known);
        self.cut_row(row, cut, known, out);
    }

    /// Looks on every line for what counts in the sections behind it.
    fn find_ahead(&mut self, row: &Row) {
        for (find, below) in self.table.finds.iter().zip(&mut self.below).filter(|(find, _)| find.before_section) {
            if let Some((name, value)) = find.at(row, row.number, below) {
                self.ahead.insert(name, value);
            }
        }
    }

    pub(super) fn find_in(&mut self, row: &Row) {
        for (find, below) in self.table.finds.iter().zip(&mut self.below).filter(|(find, _)| !find.before_section) {
            if let Some((name, value)) = find.at(row, self.section_rows, below) {
                match find.repeat {
                    true => self.local.insert(name, value),
                    false => Some(self.local.entry(name).or_insert(value).clone()),
                };
            }
        }
    }

    pub(super) fn cut_row(&mut self, row: &Row, cut: Cut, known: &mut Known, out: &mut Output<'_>) {
        match cut {
            Cut::AsItIs => self.cells(row, known, out),
            Cut::Cells(cells) => self.cells(&Row { number: row.number, cells }, known, out),
            Cut::Several(rows) => {
                for cells in rows {
                    self.body(&Row { number: row.number, cells }, known, out);
                }
            }
            Cut::Ruler | Cut::Nothing => {}
        }
    }

    /// The row is kept for the end of its section, or for the next one.
    pub fn keeps_rows(&self) -> bool {
        !self.turned.is_empty() || self.held.is_some()
    }

    /// Ends the source: what waits for the end of its section is read.
    pub fn finish(&mut self, known: &mut Known, out: &mut Output<'_>) {
        self.turn(known, out);
    }

    fn cells(&mut self, row: &Row, known: &mut Known, out: &mut Output<'_>) {
        if !self.table.transpose {
            if !self.find_header(row, known) {
                self.body(row, known, out);
            }
        } else if !row.is_blank() {
            self.turned.push(row.clone());
        } else if self.table.blank_ends && !self.turned.is_empty() {
            self.stopped = true;
        }
    }

    /// Reads the columns of the section as rows.
    fn turn(&mut self, known: &mut Known, out: &mut Output<'_>) {
        self.release(known, out);
        if self.turned.is_empty() {
            return;
        }
        let rows = std::mem::take(&mut self.turned);
        let lines = rows.iter().map(|row| row.number).collect();
        let place = Place::Turned { place: Box::new(self.place.clone()), lines };
        let upright = std::mem::replace(&mut self.place, place);
        self.stopped = false;
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        if let Err(reason) = may_be_turned(width, rows.len()) {
            out.trouble(upright.position(rows[0].number, None), reason);
            self.place = upright;
            return;
        }
        for column in 0..width {
            let cells: Cells = rows.iter().map(|row| row.cell(column)).collect();
            let row = Row { number: column + 1, cells };
            if !self.stopped && !self.find_header(&row, known) {
                self.body(&row, known, out);
            }
        }
        self.place = upright;
        self.header = None;
    }

    /// True while the row belongs to a section.
    fn follow_section(&mut self, row: &Row, known: &mut Known, out: &mut Output<'_>) -> bool {
        let blank = row.is_blank();
        let gap = std::mem::replace(&mut self.gap, blank);
        if self.table.blocks && blank {
            self.turn(known, out);
            self.inside = false;
            return false;
        }
        let may_start = !self.table.blocks || gap;
        if may_start && (self.table.blocks || !self.table.section_start.is_empty()) {
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
                self.turn(known, out);
                self.open_section(found);
                return self.table.include_start || self.table.blocks;
            }
        }
        if self.inside
            && !self.table.section_end.is_empty()
            && all(&self.table.section_end, &self.scope(row, known, None))
        {
            self.turn(known, out);
            self.inside = false;
        }
        self.inside
    }

    fn open_section(&mut self, found: Vec<(String, String)>) {
        self.sections_found += 1;
        self.inside = true;
        self.stopped = false;
        self.section_rows = 0;
        self.count = 0;
        self.cuts = None;
        self.above.clear();
        self.recent.clear();
        let finds = self.table.finds.iter().zip(&mut self.below);
        finds.filter(|(find, _)| !find.before_section).for_each(|(_, below)| *below = None);
        self.carried.borrow_mut().clear();
        self.local = self.ahead.clone();
        self.local.extend(found);
        if !self.table.keep_header {
            self.header = None;
        }
    }

    pub(super) fn cut(&mut self, row: &Row, known: &Known) -> Cut {
        let line = row.line();
        if let Some(pattern) = &self.table.line {
            let Some(groups) = pattern.captures(line) else {
                return Cut::Nothing;
            };
            let head: Vec<&str> = named(pattern, &groups);
            return match &self.table.each {
                None => Cut::Cells(head.into_iter().collect()),
                Some(each) => {
                    let rows =
                        each.captures_iter(line).map(|item| head.iter().copied().chain(named(each, &item)).collect());
                    Cut::Several(rows.collect())
                }
            };
        }
        if self.table.ruler {
            if is_ruler(line) {
                let cuts = ruler_cuts(line);
                // A row of dashes below a ruler without bars holds values that are missing.
                if line.contains(['|', '+']) || self.cuts.as_ref().is_none_or(|known| *known == cuts) {
                    self.header_above(&cuts, known);
                    self.cuts = Some(cuts);
                    return Cut::Ruler;
                }
            }
            if let Some(rules) = &self.table.header {
                keep_last(&mut self.above, row, rules.rows);
            }
            return match &self.cuts {
                Some(cuts) => Cut::Cells(cut_at(line, cuts, self.table.wide)),
                None => Cut::Nothing,
            };
        }
        if self.table.cut_by_header {
            let own = header_cuts(line, self.table.wide);
            let row = Row { number: row.number, cells: cut_at(line, &own, self.table.wide) };
            let repeat = self.table.header.as_ref().is_some_and(|rules| rules.repeat);
            return match &self.cuts {
                Some(cuts) if self.header.is_some() && !(repeat && self.has_names(&row)) => {
                    let (cells, unclear) = cut_between_words(line, cuts, self.table.wide);
                    self.unclear = unclear;
                    Cut::Cells(cells)
                }
                _ => {
                    self.unclear = false;
                    self.cuts = Some(own);
                    Cut::Cells(row.cells)
                }
            };
        }
        if !self.table.cut.is_empty() {
            return Cut::Cells(cut_at(line, &self.table.cut, self.table.wide));
        }
        Cut::AsItIs
    }

    /// The lines above a ruler may be the header, cut as the ruler says.
    fn header_above(&mut self, cuts: &[usize], known: &Known) {
        let Some(rules) = &self.table.header else {
            return;
        };
        let above = std::mem::take(&mut self.above);
        let rows: Vec<Row> = above
            .iter()
            .map(|row| Row { number: row.number, cells: cut_at(row.line(), cuts, self.table.wide) })
            .collect();
        if rows.len() == rules.rows {
            self.try_header(rules, &rows, known);
        }
    }

    /// A blank line below a ruler: what follows is cut by the next one.
    pub(super) fn end_ruler(&mut self) {
        self.cuts = None;
        if self.table.header.is_some() {
            self.header = None;
        }
    }

    /// True when the row is (part of) a header, or comes before one.
    fn find_header(&mut self, row: &Row, known: &Known) -> bool {
        let Some(rules) = &self.table.header else {
            return false;
        };
        if self.header.is_none() && !rules.given.is_empty() {
            let given = Row { number: 0, cells: Cells::from_iter(&rules.given) };
            self.install(Header::of(&[given], false, false), known);
            return false;
        }
        if self.header.is_some() && !rules.repeat {
            return false;
        }
        keep_last(&mut self.recent, row, rules.rows);
        if self.recent.len() == rules.rows {
            let rows = std::mem::take(&mut self.recent);
            if self.try_header(rules, &rows, known) {
                return true;
            }
            self.recent = rows;
        }
        self.header.is_none()
    }

    fn try_header(&mut self, rules: &HeaderRules, rows: &[Row], known: &Known) -> bool {
        let mut header = Header::of(rows, rules.fill, rules.down);
        header.bind(self.table.references.iter());
        // A first header above whose columns no value stands is a title that happens to hold the names.
        let has_values =
            || self.header.is_some() || self.table.columns.is_none() || !self.value_columns(&header, known).is_empty();
        // Nor does one above it that leaves them without an analyte: names in the upper of two rows, seen a row too early.
        let has_analytes = || self.header.is_some() || self.names_analytes(&header, known);
        let fits = self.has_needed(&header)
            && self.has_words_beside_names(&header)
            && all(&rules.matches, &self.scope(&rows[0], known, None))
            && has_values()
            && has_analytes();
        if fits {
            let turned = matches!(self.place, Place::Turned { .. });
            self.header_row = self.header_row.or(rows.last().map(|row| row.number).filter(|_| !turned));
            self.install(header, known);
        } else if self.headers_found == 0 {
            self.note_nearest(&header, rows);
        }
        fits
    }

    /// For the person who asks why no header was found.
    fn note_nearest(&mut self, header: &Header, rows: &[Row]) {
        let columns = || {
            self.table.references.iter().zip(&header.bound).filter_map(|(reference, bound)| match reference {
                Reference::Column { title, optional: false, .. } => Some((title.text(), bound.is_some())),
                _ => None,
            })
        };
        let named = columns().filter(|(_, bound)| *bound).count();
        if named == 0 || self.nearest.as_ref().is_some_and(|nearest| nearest.named >= named) {
            return;
        }
        let own = self.table.header.iter().flat_map(|rules| &rules.names);
        let own = own.filter(|name| header.named(name).is_none()).cloned();
        let missing = columns().filter(|(_, bound)| !bound).map(|(name, _)| name.to_string()).chain(own).collect();
        let position = self.place.position(rows.last().map_or(0, |row| row.number), None);
        self.nearest = Some(Nearest { named, position, missing });
    }

    fn install(&mut self, mut header: Header, known: &Known) {
        header.bind(self.table.references.iter());
        self.headers_found += 1;
        self.count = 0;
        self.columns = self.value_columns(&header, known);
        self.note_unmapped(&header);
        self.header = Some(header);
        self.recent.clear();
        // Where the header stands again on every page, a group of rows goes on behind it.
        if !self.table.header.as_ref().is_some_and(|rules| rules.pages) {
            self.carried.borrow_mut().clear();
        }
    }

    fn note_unmapped(&mut self, header: &Header) {
        let names = header.levels.last().map_or(&[][..], Vec::as_slice);
        for (column, name) in names.iter().enumerate() {
            let used = header.bound.contains(&Some(column)) || self.columns.contains(&column);
            if !used && !name.is_empty() && !self.unmapped.contains(name) && self.unmapped.len() < MOST_UNMAPPED {
                self.unmapped.push(name.clone());
            }
        }
    }

    fn has_needed(&self, header: &Header) -> bool {
        let needed = |expr: &Expr| {
            expr.alternatives().any(|mut references| {
                references.all(|id| match self.table.references.get(id) {
                    Reference::Column { optional: false, .. } => header.bound[id].is_some(),
                    _ => true,
                })
            })
        };
        let names = &self.table.header.as_ref().map_or(&[][..], |rules| &rules.names);
        self.table.needed().all(needed) && names.iter().all(|name| header.named(name).is_some())
    }

    /// `{Conc@head2}` is a unit in the second row, not the name itself: names in the lower of two rows, seen a row too early.
    fn has_words_beside_names(&self, header: &Header) -> bool {
        let names_itself = |(reference, bound): (&Reference, &Option<usize>)| match (reference, bound) {
            (Reference::Column { title, part: Part::Head(level @ 2..), .. }, Some(column)) => {
                let fits = |level| title.fits(&squeeze(header.head(level, *column)));
                fits(*level) && !fits(1)
            }
            _ => false,
        };
        !self.table.references.iter().zip(&header.bound).any(names_itself)
    }

    /// Where analytes are called by nothing but headings: some column of values has one.
    fn names_analytes(&self, header: &Header, known: &Known) -> bool {
        let Some(fields) = self.table.fields.as_ref().filter(|_| self.table.columns.is_some()) else { return true };
        let ids = fields.analyte.references();
        let by_headings = ids.iter().all(|id| matches!(self.table.references.get(*id), Reference::Head(_)));
        if ids.is_empty() || !by_headings {
            return true;
        }
        let row = Row::default();
        let scope = |column| Here { header: Some(header), ..self.scope(&row, known, Some(column)) };
        let named = |column: usize| !fields.analyte.text(&scope(column)).is_empty();
        self.value_columns(header, known).into_iter().any(named)
    }

    fn has_names(&self, row: &Row) -> bool {
        let mut header = Header::of(std::slice::from_ref(row), false, false);
        header.bind(self.table.references.iter());
        self.has_needed(&header)
    }

    /// The columns that hold values in a wide table.
    fn value_columns(&self, header: &Header, known: &Known) -> Vec<usize> {
        let width = header.levels.iter().map(Vec::len).max().unwrap_or(0);
        self.fitting_columns(&Row::default(), Some(header), width, known)
    }

    /// Columns chosen by edges, names, conditions and step; `row` for tables without a header.
    pub(super) fn fitting_columns(
        &self,
        row: &Row,
        header: Option<&Header>,
        width: usize,
        known: &Known,
    ) -> Vec<usize> {
        let Some(rules) = &self.table.columns else {
            return Vec::new();
        };
        let edge = |names: &[String]| names.iter().find_map(|name| place_of(name, header));
        let from = edge(&rules.from).or(edge(&rules.after).map(|column| column + 1)).unwrap_or(0);
        let to = match edge(&rules.before) {
            // Nothing stands before the first column.
            Some(0) => return Vec::new(),
            Some(before) => before - 1,
            None => usize::MAX,
        };
        let to = edge(&rules.to).unwrap_or(to);
        (from..width)
            .filter(|column| *column <= to)
            .filter(|column| {
                let name = header.map_or(String::new(), |header| squeeze(header.head(0, *column)));
                (rules.names.is_empty() || rules.names.contains(&name)) && !rules.except.contains(&name)
            })
            .filter(|column| all(&rules.conditions, &Here { header, ..self.scope(row, known, Some(*column)) }))
            .step_by(rules.every)
            .collect()
    }

    pub(super) fn scope<'s>(&'s self, row: &'s Row, known: &'s Known, column: Option<usize>) -> Here<'s> {
        Here {
            table: self.table,
            numbers: self.numbers,
            header: self.header.as_ref(),
            row,
            column,
            local: &self.local,
            known,
            count: self.count,
            section: self.sections_found,
            part: "",
            carried: &self.carried,
            texts: Texts::default(),
        }
    }
}

/// Names kept for the person who looks at a proposal; a wide table can have thousands.
const MOST_UNMAPPED: usize = 200;

/// Keeps the last rows, as many as a header has.
fn keep_last(rows: &mut Vec<Row>, row: &Row, count: usize) {
    rows.push(row.clone());
    if rows.len() > count {
        rows.remove(0);
    }
}

fn place_of(name: &str, header: Option<&Header>) -> Option<usize> {
    match name.strip_prefix('#').and_then(|digits| digits.parse::<usize>().ok()) {
        Some(number) => number.checked_sub(1),
        None => header?.named(name),
    }
}
