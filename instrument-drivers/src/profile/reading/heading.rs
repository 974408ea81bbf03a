//! Whether a row is (part of) the header, and which columns hold values below it.

use super::engine::Reader;
use super::header::Header;
use super::known::Known;
use super::names::Headings;
use super::scope::Here;
use crate::number::exact;
use crate::profile::comparing::{squeeze, squeezed};
use crate::profile::condition::all;
use crate::profile::expr::Expr;
use crate::profile::reference::{Part, Reference};
use crate::profile::table::{Edge, HeaderRules};
use crate::table::cells::Cells;
use crate::table::rows::{Place, Row};
use crate::trouble::{self, Kind, Reason};

/// A row that is no header, but has some of its names.
#[derive(Debug, Clone)]
pub struct Nearest {
    named: usize,
    pub position: String,
    pub missing: Vec<String>,
}

impl Reader<'_> {
    /// True when the row is (part of) a header, or comes before one.
    pub(super) fn find_header(&mut self, row: &Row, known: &Known) -> bool {
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
        if rules.rows == 1 {
            let rows = std::slice::from_ref(row);
            return self.may_be_header(rows) && self.try_header(rules, rows, known) || self.header.is_none();
        }
        keep_last(&mut self.recent, row, rules.rows);
        if self.recent.len() == rules.rows {
            let rows = std::mem::take(&mut self.recent);
            if self.may_be_header(&rows) && self.try_header(rules, &rows, known) {
                return true;
            }
            self.recent = rows;
        }
        self.header.is_none()
    }

    /// Rows without any name of a column are none; of the others [`try_header`](Self::try_header) tells.
    pub(super) fn may_be_header(&self, rows: &[Row]) -> bool {
        self.names.as_ref().is_none_or(|names| rows.iter().any(|row| names.are_in(row)))
    }

    /// Why the table gave nothing, when that is not simply an empty table; `index`: its place among those of the profile.
    pub fn missing(&self, index: usize) -> Option<Reason> {
        let table = self.table;
        if table.optional {
            return None;
        }
        let number = (index + 1).to_string();
        if (!table.section_start.is_empty() || table.blocks) && self.sections_found == 0 {
            return Some(trouble::NO_SECTION.with("table", number));
        }
        if table.header.is_none() || self.headers_found > 0 {
            return None;
        }
        let names = self.wanted_columns();
        // A header without names of its own is found by conditions alone.
        if names.is_empty() {
            return Some(trouble::HEADER_UNMET.with("table", number));
        }
        let without = |kind: &'static Kind| kind.with("table", number).with("columns", names.join(", "));
        if let Some(place) = &self.numbered {
            return Some(without(&trouble::HEADER_NUMBERS).with("place", place));
        }
        Some(match &self.nearest {
            None => without(&trouble::NO_HEADER),
            Some(Nearest { position, missing, .. }) if missing.is_empty() => {
                without(&trouble::HEADER_UNFIT).with("place", position)
            }
            Some(Nearest { position, missing, .. }) => {
                without(&trouble::HEADER_WITH_GAPS).with("place", position).with("missing", missing.join(", "))
            }
        })
    }

    /// What its header must hold, for a person to read: names, and edges of its columns.
    pub(super) fn wanted_columns(&self) -> Vec<String> {
        let table = self.table;
        let Some(header) = &table.header else { return Vec::new() };
        let needed = table.references.iter().filter_map(|reference| match reference {
            Reference::Column { title, optional: false, .. } => Some(title.text().to_string()),
            _ => None,
        });
        let edges =
            table.columns.iter().filter_map(|columns| columns.from.first().or(columns.after.first())?.written());
        let own = header.names.iter().cloned();
        let mut names: Vec<String> = needed.chain(own).chain(edges.map(String::from)).collect();
        let is_heading = |reference: &Reference| matches!(reference, Reference::Head(_) | Reference::HeadOf(..));
        if names.is_empty() && header.matches.is_empty() && table.references.iter().any(is_heading) {
            names.push("{@head}".to_string());
        }
        names
    }

    pub(super) fn try_header(&mut self, rules: &HeaderRules, rows: &[Row], known: &Known) -> bool {
        let mut header = Header::of(rows, rules.fill, rules.down);
        header.bind(self.table.references.iter());
        // A first header above whose columns no value stands is a title that happens to hold the names.
        let has_values =
            || self.header.is_some() || self.table.columns.is_none() || !self.value_columns(&header, known).is_empty();
        // Nor does one above it that leaves them without an analyte: names in the upper of two rows, seen a row too early.
        let has_analytes = || self.header.is_some() || self.names_analytes(&header, known);
        let has_headings = || self.header.is_some() || self.has_headings(&header, known);
        let is_named = self.has_needed(&header)
            && self.has_words_beside_names(&header)
            && all(&rules.matches, &self.scope(&rows[0], known, None))
            && has_values()
            && has_analytes();
        let fits = is_named && has_headings();
        if fits {
            let turned = matches!(self.place, Place::Turned { .. });
            self.header_row = self.header_row.or(rows.last().map(|row| row.number).filter(|_| !turned));
            self.install(header, known);
        } else if self.headers_found == 0 {
            // A column that the profile names stands here, and nothing is missing but headings that are words.
            let mut begins = self.table.columns.iter().flat_map(|columns| columns.from.iter().chain(&columns.after));
            let names_some = begins.any(|edge| edge.written().is_some());
            if is_named && names_some && self.numbered.is_none() {
                self.numbered = Some(self.place.position(rows.last().map_or(0, |row| row.number), None));
            }
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
        let begins = self.table.columns.iter().flat_map(|columns| [&columns.from, &columns.after]);
        let begins = begins.filter(|edges| edges.iter().all(|edge| edge.place(Some(header)).is_none()));
        let begins = begins.filter_map(|edges| edges.first()?.written()).map(String::from);
        let missing = columns().filter(|(_, bound)| !bound).map(|(name, _)| name.to_string());
        let missing = missing.chain(own).chain(begins).collect();
        let position = self.place.position(rows.last().map_or(0, |row| row.number), None);
        self.nearest = Some(Nearest { named, position, missing });
    }

    fn install(&mut self, mut header: Header, known: &Known) {
        header.bind(self.table.references.iter());
        self.headers_found += 1;
        (self.count, self.met) = (0, 0);
        self.columns = self.value_columns(&header, known);
        self.note_unmapped(&header);
        self.headings = Headings::of(&header, self.numbers);
        self.most_cells = self.most_cells(&header);
        self.lost.header_is_found();
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
                let fits = |level| title.fits(&squeezed(header.head(level, *column)));
                fits(*level) && !fits(1)
            }
            _ => false,
        };
        !self.table.references.iter().zip(&header.bound).any(names_itself)
    }

    /// Where analytes are called by nothing but headings: some column of values has one, in every row that the name is made of.
    fn names_analytes(&self, header: &Header, known: &Known) -> bool {
        let Some(fields) = self.table.fields.as_ref().filter(|_| self.table.columns.is_some()) else { return true };
        let ids = fields.analyte.references();
        let by_headings = ids.iter().all(|id| matches!(self.table.references.get(*id), Reference::Head(_)));
        if ids.is_empty() || !by_headings {
            return true;
        }
        let row = Row::default();
        let scope = |column| Here { header: Some(header), ..self.scope(&row, known, Some(column)) };
        let columns = self.value_columns(header, known);
        let named = columns.iter().any(|column| !fields.analyte.text(&scope(*column)).is_empty());
        // `{@head1} {@head2}`: names that go on in a second row have something in each, above one column or another.
        let is_said = |id: &usize| match self.table.references.get(*id) {
            Reference::Head(level) => columns.iter().any(|column| !header.head(*level, *column).is_empty()),
            _ => true,
        };
        let mut ways = fields.analyte.alternatives().map(Iterator::collect::<Vec<usize>>);
        named && ways.any(|ids| ids.len() < 2 || ids.iter().all(is_said))
    }

    /// Where neither names nor conditions tell the header: some column of values has a heading. A number is one only beside an
    /// empty first cell, as above a plate; elsewhere it is a value.
    fn has_headings(&self, header: &Header, known: &Known) -> bool {
        let is_named = |reference: &Reference| matches!(reference, Reference::Column { optional: false, .. });
        let has_rules = |rules: &HeaderRules| !rules.names.is_empty() || !rules.matches.is_empty();
        if self.table.references.iter().any(is_named) || self.table.header.as_ref().is_some_and(has_rules) {
            return true;
        }
        let has_corner = header.levels.iter().any(|texts| texts.first().is_some_and(|first| !first.is_empty()));
        let is_heading = |text: &String| !(text.is_empty() || has_corner && exact(text, self.numbers).is_ok());
        let is_headed = |column: usize| header.levels.iter().any(|texts| texts.get(column).is_some_and(is_heading));
        self.table.columns.is_none() || self.value_columns(header, known).into_iter().any(is_headed)
    }

    /// True where the row is the header once more; the columns below follow its order. `aside`: the profile itself leaves such rows
    /// aside, so that only another order makes a difference.
    pub(super) fn follow_header(&mut self, row: &Row, aside: bool, known: &Known) -> bool {
        let Some(header) = self.header.as_ref().filter(|_| self.headings.are_in(row)) else { return false };
        let is_same = |(column, cell): (usize, &str)| squeezed(cell) == squeezed(header.head(0, column));
        if !aside || !row.cells.iter().enumerate().all(is_same) {
            self.install(Header::of(std::slice::from_ref(row), false, false), known);
        }
        true
    }

    /// Whether a row below a header is one again.
    pub(super) fn has_names(&self, row: &Row, known: &Known) -> bool {
        if !self.may_be_header(std::slice::from_ref(row)) {
            return false;
        }
        let mut header = Header::of(std::slice::from_ref(row), false, false);
        header.bind(self.table.references.iter());
        let matches = self.table.header.as_ref().map_or(&[][..], |rules| &rules.matches);
        self.has_needed(&header) && all(matches, &self.scope(row, known, None))
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
        let edge = |edges: &[Edge]| edges.iter().find_map(|edge| edge.place(header));
        let from = match edge(&rules.from).or(edge(&rules.after).map(|column| column + 1)) {
            Some(from) => from,
            // Below a header that has none of these names no column is meant, rather than all.
            None if header.is_some() && !(rules.from.is_empty() && rules.after.is_empty()) => return Vec::new(),
            None => 0,
        };
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
}

/// Names kept for the person who looks at a proposal; a wide table can have thousands.
const MOST_UNMAPPED: usize = 200;

/// Keeps the last rows, as many as a header has.
pub(super) fn keep_last(rows: &mut Vec<Row>, row: &Row, count: usize) {
    rows.push(row.clone());
    if rows.len() > count {
        rows.remove(0);
    }
}
