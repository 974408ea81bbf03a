//! The reader of tables: sections, and how their lines are cut. Rows are pushed in order; observations come out (see `values`).
//!
//! For each `[[table]]` of a profile one [`Reader`] follows the rows: is this a section start, is a header found, does the
//! row belong. Only a table that is turned round keeps the rows of its section; everything else never looks ahead, so
//! files of any length can be read.

use std::cell::RefCell;
use std::collections::HashMap;

use super::header::Header;
use super::heading::{Nearest, keep_last};
use super::known::Known;
use super::lost::Lost;
use super::misfit::Misfits;
use super::names::{Headings, Names};
use super::scope::{Here, Texts};
use crate::number::NumberRules;
use crate::profile::choose::Candidate;
use crate::profile::condition::all;
use crate::profile::fields::Output;
use crate::profile::find::Seen;
use crate::profile::table::Table;
use crate::table::cells::Cells;
use crate::table::cut::{Cut, cut_at, cut_between_words, header_cuts, is_ruler, named, ruler_cuts};
use crate::table::rows::{Place, Row, may_be_turned};
use crate::trouble::Reason;

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
    pub(super) names: Option<Names<'p>>,
    /// What the header in force says.
    pub(super) headings: Headings,
    /// More filled cells than these are no row of it.
    pub(super) most_cells: Option<usize>,
    pub(super) lost: Lost,
    /// Rows that may become a header together with the next one.
    pub(super) recent: Vec<Row>,
    cuts: Option<Vec<usize>>,
    /// Lines that may be the header of the next ruler.
    above: Vec<Row>,
    /// For each `[[table.find]]`.
    seen: Vec<Seen>,
    /// What stands before the sections that begin from here on.
    ahead: HashMap<String, String>,
    /// Which of several results on one line is at hand, from 1; 0 where a line holds one.
    item: usize,
    /// The row that the next one may go on with.
    pub(super) held: Option<(Row, bool)>,
    /// A text of the row at hand runs over its column.
    pub(super) unclear: bool,
    /// Rows of a section that is turned round at its end.
    turned: Vec<Row>,
    /// Variables of this section, over those of the file.
    pub(super) local: HashMap<String, String>,
    pub(super) carried: RefCell<HashMap<usize, String>>,
    /// What to tell of a key that was looked up for the row or cell at hand and stands for two values.
    pub(super) twofold: RefCell<Option<Reason>>,
    pub(super) columns: Vec<usize>,
    /// Rows read in this section or below this header.
    pub(super) count: usize,
    /// And those that conditions left aside, too: the third row is the third, whatever is wanted of it.
    pub(super) met: usize,
    pub headers_found: usize,
    /// The row with most of the names, as long as none was the header.
    pub nearest: Option<Nearest>,
    /// Where a row stands that would be the header, but that its headings are numbers.
    pub(super) numbered: Option<String>,
    /// Number of the first header's lowest row, where rows are those of the source.
    pub header_row: Option<usize>,
    pub sections_found: usize,
    pub rows_used: usize,
    /// The position of the value at hand; kept for its memory.
    pub(super) position: String,
    /// Lines that compete for being reportable.
    pub candidates: Vec<Candidate>,
    /// Cells that the pattern of the value does not fit.
    pub misfits: Misfits,
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
            names: Names::of(table),
            headings: Headings::default(),
            most_cells: None,
            lost: Lost::default(),
            recent: Vec::new(),
            cuts: None,
            above: Vec::new(),
            seen: vec![Seen::default(); table.finds.len()],
            ahead: HashMap::new(),
            item: 0,
            held: None,
            unclear: false,
            turned: Vec::new(),
            local: HashMap::new(),
            carried: RefCell::default(),
            twofold: RefCell::default(),
            columns: Vec::new(),
            count: 0,
            met: 0,
            headers_found: 0,
            nearest: None,
            numbered: None,
            header_row: None,
            sections_found: 0,
            rows_used: 0,
            position: String::new(),
            candidates: Vec::new(),
            misfits: Misfits::default(),
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
        for (find, seen) in self.table.finds.iter().zip(&mut self.seen).filter(|(find, _)| find.before_section) {
            find.look(row, row.number, seen, &mut self.ahead);
        }
    }

    pub(super) fn find_in(&mut self, row: &Row) {
        for (find, seen) in self.table.finds.iter().zip(&mut self.seen).filter(|(find, _)| !find.before_section) {
            find.look(row, self.section_rows, seen, &mut self.local);
        }
    }

    pub(super) fn cut_row(&mut self, row: &Row, cut: Cut, known: &mut Known, out: &mut Output<'_>) {
        match cut {
            Cut::AsItIs => self.cells(row, known, out),
            Cut::Cells(cells) => self.cells(&Row { number: row.number, cells }, known, out),
            Cut::Several(rows) => {
                for (at, cells) in rows.into_iter().enumerate() {
                    self.item = at + 1;
                    self.body(&Row { number: row.number, cells }, known, out);
                }
                self.item = 0;
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
        self.end_section(out);
    }

    fn cells(&mut self, row: &Row, known: &mut Known, out: &mut Output<'_>) {
        if !self.table.transpose {
            match self.find_header(row, known) {
                true => self.note_unread(row),
                false => self.body(row, known, out),
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
            self.end_section(out);
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
                self.end_section(out);
                self.open_section(found);
                self.await_header(row);
                return self.table.include_start || self.table.blocks;
            }
        }
        if self.inside
            && !self.table.section_end.is_empty()
            && all(&self.table.section_end, &self.scope(row, known, None))
        {
            self.turn(known, out);
            self.end_section(out);
            self.inside = false;
        }
        self.inside
    }

    fn open_section(&mut self, found: Vec<(String, String)>) {
        self.sections_found += 1;
        self.inside = true;
        self.stopped = false;
        self.section_rows = 0;
        (self.count, self.met) = (0, 0);
        self.cuts = None;
        self.above.clear();
        self.recent.clear();
        let finds = self.table.finds.iter().zip(&mut self.seen);
        finds.filter(|(find, _)| !find.before_section).for_each(|(_, seen)| *seen = Seen::default());
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
                Some(cuts)
                    if self.header.is_some()
                        && !(repeat && self.has_names(&row, known))
                        && !self.headings.are_in(&row) =>
                {
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

    pub(super) fn scope<'s>(&'s self, row: &'s Row, known: &'s Known, column: Option<usize>) -> Here<'s> {
        Here {
            table: self.table,
            numbers: self.numbers,
            header: self.header.as_ref(),
            row,
            column,
            item: self.item,
            local: &self.local,
            known,
            count: self.count,
            section: self.sections_found,
            part: "",
            carried: &self.carried,
            twofold: &self.twofold,
            texts: Texts::default(),
        }
    }
}
