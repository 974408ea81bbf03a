//! Sources made of rows: which cells they have, and how every table of a profile is read from them.

use std::borrow::Cow;
use std::collections::HashMap;

use regex::Regex;

use super::amiss::Amiss;
use super::choose::Candidate;
use super::comparing::squeeze;
use super::fields::Output;
use super::find::{Find, Seen};
use super::reading::engine::Reader;
use super::reading::known::Known;
use super::reading::misfit::Misfits;
use super::table::Table;
use crate::number::NumberRules;
use crate::observation::{Reading, Sink};
use crate::table::charset::Charset;
use crate::table::cut::cut_rows;
use crate::table::pieces::{Source, Text};
use crate::table::rows::{Delimited, Grid, Place, Row};
use crate::table::tree::{Node, Paths};
use crate::table::{markup, text, tree, workbook};
use crate::trouble::{self, Reason};

#[derive(Debug, Clone)]
pub struct TableRules {
    pub encodings: Vec<Charset>,
    /// Some bytes may be of none of them.
    pub lossy: bool,
    pub cells: Cells,
    pub transpose: bool,
    pub finds: Vec<Find>,
    pub tables: Vec<Table>,
}

/// Where cells come from.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Several: the one by which the source is read without a trouble, else the one that yields most values.
    Delimited(Vec<Delimited>),
    /// Every line is one cell.
    Lines,
    Workbook(Sheets),
    Json(Paths),
    Xml(Paths),
}

/// What a person can point at in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cutting {
    /// Cells of a sheet, or what stands between delimiters.
    Cells,
    /// Columns that begin at characters, told by the profile or by a ruler in the source.
    Places,
    /// Lines as a whole: patterns or records find the values in them.
    Whole,
}

#[derive(Debug, Clone, Default)]
pub struct Sheets {
    pub only: Option<Regex>,
    pub except: Option<Regex>,
}

impl Sheets {
    fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.is_match(name))
            && !self.except.as_ref().is_some_and(|except| except.is_match(name))
    }
}

impl TableRules {
    /// Hands all tables, from all sheets, to a sink.
    pub fn read(&self, mut source: Source<'_>, numbers: &NumberRules, known: &Known, sink: &mut dyn Sink) {
        let chooses = |table: &Table| table.fields.as_ref().is_some_and(|fields| fields.choose.is_some());
        if self.tables.iter().any(chooses) {
            // Which of several lines counts is known at the end only.
            return self.survey(&mut source, numbers, known).reading.pour(sink);
        }
        let mut out = Output::new(sink);
        let way = match &self.ways()[..] {
            [only] => *only,
            ways => {
                let (way, doubt) = self.best_way(ways, &mut source, numbers, known);
                doubt.into_iter().for_each(|doubt| out.trouble("", doubt));
                way
            }
        };
        self.read_one_way(source, numbers, &mut known.clone(), way, false, &mut out);
    }

    /// Bytes as text.
    pub fn decoded<'b>(&self, bytes: &'b [u8]) -> Result<Cow<'b, str>, Reason> {
        match self.lossy {
            true => text::decode_damaged(bytes, &self.encodings).map(|(text, _)| text),
            false => text::decode(bytes, &self.encodings),
        }
    }

    /// The ways to cut a line into cells.
    pub(super) fn ways(&self) -> Vec<Option<&Delimited>> {
        match &self.cells {
            Cells::Delimited(ways) => ways.iter().map(Some).collect(),
            _ => vec![None],
        }
    }

    /// `survey`: rows that no table reads are to be counted.
    pub(super) fn read_one_way(
        &self,
        source: Source<'_>,
        numbers: &NumberRules,
        known: &mut Known,
        way: Option<&Delimited>,
        survey: bool,
        out: &mut Output<'_>,
    ) -> State {
        let mut state = State {
            survey,
            pass: None,
            sheet: 0,
            used: Vec::new(),
            found: vec![None; self.tables.len()],
            lost: Vec::new(),
            candidates: vec![Vec::new(); self.tables.len()],
            unmapped: Vec::new(),
            headers: Vec::new(),
            told: false,
            open_quotes: Vec::new(),
        };
        let mut amiss = Amiss::default();
        let sheets = self.sheets(source, way, &mut amiss).map(|mut sheets| {
            self.find_on_their_sheets(&sheets, known);
            if let Cells::Workbook(wanted) = &self.cells {
                sheets.retain(|sheet| matches!(sheet, Sheet::Grid(grid) if wanted.wants(&grid.name)));
            }
            sheets
        });
        state.open_quotes = std::mem::take(&mut amiss.open_quotes);
        amiss.tell(out);
        match sheets {
            Err(reason) => out.trouble("", reason),
            Ok(sheets) if sheets.is_empty() => out.trouble("", &trouble::NO_SHEET),
            Ok(mut sheets) => {
                // What a table stores may be looked up by a table, and on a sheet, that stands before it.
                let stores = self.tables.iter().any(|table| table.store.is_some());
                let passes: &[Option<bool>] = if stores { &[Some(true), Some(false)] } else { &[None] };
                state.used.resize(sheets.len(), Vec::new());
                for pass in passes {
                    for (at, sheet) in sheets.iter_mut().enumerate() {
                        (state.pass, state.sheet) = (*pass, at);
                        self.read_sheet(sheet, way, numbers, known, &mut state, out);
                    }
                }
                // A table that is in one of several sheets is not missing.
                let missing = state.found.iter().flatten().flatten();
                missing.for_each(|reason| out.trouble("", reason.clone()));
                for (index, position, reason) in std::mem::take(&mut state.lost) {
                    if state.found[index] == Some(None) {
                        out.trouble(position, reason);
                    }
                }
            }
        }
        for line in &state.open_quotes {
            out.trouble(line.to_string(), &trouble::QUOTE_OPEN);
        }
        state
    }

    /// The cells that the tables are read from, and every other sheet of the workbook.
    pub fn cells(&self, bytes: &[u8], most: usize) -> Result<Vec<Grid>, Reason> {
        let cells = match &self.cells {
            Cells::Workbook(_) => Cells::Workbook(Sheets::default()),
            other => other.clone(),
        };
        let way = self.ways().first().copied().flatten();
        let every = TableRules { cells, ..self.clone() };
        let cut = |sheet: Sheet<'_>| match sheet {
            Sheet::Grid(mut grid) => {
                grid.rows.truncate(most);
                Ok(grid)
            }
            Sheet::Text(mut text) => first_rows(&mut text, way, most),
        };
        let mut grids = every
            .sheets(Source::Bytes(bytes), way, &mut Amiss::default())?
            .into_iter()
            .map(cut)
            .collect::<Result<Vec<Grid>, Reason>>()?;
        if let (Cutting::Places, Some(table)) = (self.cutting(), self.tables.first()) {
            grids.iter_mut().for_each(|grid| cut_rows(&mut grid.rows, &table.cut, table.ruler, table.wide));
        }
        Ok(grids)
    }

    /// How the first table cuts the lines of a source.
    pub fn cutting(&self) -> Cutting {
        let Some(table) = self.tables.first() else { return Cutting::Cells };
        let by_places = table.ruler || !table.cut.is_empty();
        match (&table.line, &self.cells) {
            (None, _) if by_places && !self.transpose => Cutting::Places,
            (Some(_), _) | (None, Cells::Lines) => Cutting::Whole,
            (None, _) => Cutting::Cells,
        }
    }

    pub(super) fn sheets<'s>(
        &self,
        mut source: Source<'s>,
        way: Option<&Delimited>,
        amiss: &mut Amiss,
    ) -> Result<Vec<Sheet<'s>>, Reason> {
        let whole = |error: std::io::Error| trouble::NOT_READ.with("why", error.to_string());
        let mut text = |mut source: Source<'s>, encodings: &[Charset]| {
            if !self.lossy {
                return Text::of(source, encodings);
            }
            let bytes = source.whole().map_err(whole)?;
            let (text, lines) = text::decode_damaged(&bytes, encodings)?;
            amiss.damaged = lines;
            Ok(Text::Whole(Cow::Owned(text.into_owned())))
        };
        let grids = match &self.cells {
            Cells::Workbook(sheets) => {
                let wanted = |name: &str| sheets.wants(name) || self.finds_on(name);
                let bytes = source.whole().map_err(whole)?;
                workbook::grids_with_formulas(&bytes, &self.encodings, wanted, &mut amiss.formulas)?
            }
            Cells::Json(paths) => {
                self.tree_grids(&tree::from_json(&text(source, &self.encodings)?.whole()?)?, paths)?
            }
            Cells::Xml(paths) => {
                let mut encodings = self.encodings.clone();
                encodings.extend(markup::declared_encoding(&source.start(XML_DECLARATION).map_err(whole)?));
                self.tree_grids(&tree::from_xml(&text(source, &encodings)?.whole()?)?, paths)?
            }
            Cells::Delimited(_) | Cells::Lines if !self.transpose => {
                return Ok(vec![Sheet::Text(text(source, &self.encodings)?)]);
            }
            Cells::Delimited(_) | Cells::Lines => {
                let mut rows = Vec::new();
                let open = text(source, &self.encodings)?.each_row(way, |row| rows.push(row.clone()))?;
                amiss.open_quotes = open;
                vec![grid_of(rows)]
            }
        };
        let turned = |grid: Grid| if self.transpose { grid.transposed() } else { Ok(grid) };
        grids.into_iter().map(|grid| turned(grid).map(Sheet::Grid)).collect()
    }

    /// Where the tables name all leaves that they read, the others are no reason to refuse a long export.
    fn tree_grids(&self, root: &Node, paths: &Paths) -> Result<Vec<Grid>, Reason> {
        let by_name = !self.transpose && self.finds.is_empty() && self.tables.iter().all(Table::names_its_leaves);
        if !by_name {
            return tree::grids(root, paths);
        }
        tree::grids_with(root, paths, &|leaf| {
            let leaf = squeeze(leaf);
            self.tables.iter().any(|table| table.asks_for(&leaf))
        })
    }

    fn read_sheet(
        &self,
        sheet: &mut Sheet<'_>,
        way: Option<&Delimited>,
        numbers: &NumberRules,
        known: &mut Known,
        state: &mut State,
        out: &mut Output<'_>,
    ) {
        let file_wide = known.variables.clone();
        if let Sheet::Grid(grid) = sheet {
            known.variables.insert("sheet".into(), grid.name.clone());
        }
        let is_named = matches!(&self.cells, Cells::Workbook(Sheets { only: Some(_), .. })) && state.pass.is_none();
        let (mut is_read, mut lost) = (false, Vec::new());
        let mut outcomes = vec![self.find_beside(sheet, way, known, state)];
        let mut misfits = Misfits::among(&self.tables);
        let wanted = |table: &Table, pass: Option<bool>| pass.is_none_or(|stores| table.store.is_some() == stores);
        for (index, table) in self.tables.iter().enumerate().filter(|(_, table)| wanted(table, state.pass)) {
            let mut reader = Reader::new(table, numbers, sheet.place());
            reader.candidates = std::mem::take(&mut state.candidates[index]);
            if is_named {
                reader.await_header_on_sheet();
            }
            reader.misfits = misfits;
            let used = &mut state.used[state.sheet];
            let mut at = 0;
            outcomes.push(sheet.each_row(way, |row| {
                let before = reader.rows_used;
                reader.row(row, known, out);
                if let Some(used) = used.get_mut(at) {
                    *used |= reader.rows_used > before || reader.keeps_rows();
                }
                at += 1;
            }));
            reader.finish(known, out);
            is_read |= reader.headers_found > 0 || reader.rows_used > 0;
            lost.extend(reader.lost_sections().into_iter().map(|(position, reason)| (index, position, reason)));
            state.headers.extend(reader.header_row.map(|row| (sheet.name(), row)));
            if state.found[index] != Some(None) {
                state.found[index] = Some(reader.missing(index));
            }
            state.unmapped.append(&mut reader.unmapped);
            state.candidates[index] = reader.candidates;
            misfits = reader.misfits;
        }
        // A sheet from which one table is read need not hold the others.
        if is_named && !is_read {
            state.lost.append(&mut lost);
        }
        misfits.tell(out);
        // Every pass over a damaged file meets the same damage.
        for outcome in outcomes {
            match outcome {
                Ok(open) if open.is_empty() => {}
                Ok(open) => state.open_quotes = open,
                Err(_) if state.told => {}
                Err(reason) => {
                    state.told = true;
                    out.trouble("", reason);
                }
            }
        }
        known.variables = file_wide;
    }

    /// Some variable stands on the sheet of this name.
    fn finds_on(&self, sheet: &str) -> bool {
        self.finds.iter().any(|find| find.sheet.as_deref() == Some(sheet))
    }

    /// Variables that stand on one sheet and count on all.
    fn find_on_their_sheets(&self, sheets: &[Sheet<'_>], known: &mut Known) {
        for find in &self.finds {
            let on_its_sheet = |sheet: &&Grid| find.sheet.as_ref() == Some(&sheet.name);
            let grids = sheets.iter().filter_map(|sheet| match sheet {
                Sheet::Grid(grid) => Some(grid),
                Sheet::Text(_) => None,
            });
            let mut seen = Seen::default();
            for row in grids.filter(on_its_sheet).flat_map(|grid| &grid.rows) {
                find.look(row, row.number, &mut seen, &mut known.variables);
            }
        }
    }

    /// The variables that stand beside the tables, wherever they stand; for a survey, the blank rows, too.
    fn find_beside(
        &self,
        sheet: &mut Sheet<'_>,
        way: Option<&Delimited>,
        known: &mut Known,
        state: &mut State,
    ) -> Result<Vec<usize>, Reason> {
        let used = &mut state.used[state.sheet];
        let count = state.survey && used.is_empty();
        if self.finds.is_empty() && !count {
            return Ok(Vec::new());
        }
        let mut here: HashMap<String, String> = HashMap::new();
        let mut seen = vec![Seen::default(); self.finds.len()];
        let outcome = sheet.each_row(way, |row| {
            if count {
                used.push(row.is_blank() || row.number == 0);
            }
            for (find, seen) in self.finds.iter().zip(&mut seen).filter(|(find, _)| find.sheet.is_none()) {
                find.look(row, row.number, seen, &mut here);
            }
        });
        for (name, value) in here {
            known.variables.entry(name).or_insert(value);
        }
        outcome
    }
}

/// What a reading leaves aside, for the person who makes a profile.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    pub reading: Reading,
    /// Rows with text that gave no value: titles, headings, statistics, or something forgotten.
    pub skipped: usize,
    /// Headings of columns that no expression names.
    pub unmapped: Vec<String>,
    /// Where headers were found: name of the sheet (empty for a text), number of the lowest header row.
    pub headers: Vec<(String, usize)>,
}

/// What is known of every table while sheet after sheet is read.
pub(super) struct State {
    survey: bool,
    /// Only the tables that store, or only the others, or all.
    pass: Option<bool>,
    sheet: usize,
    /// For each sheet and, in a survey, row: it is blank, or some table reads it.
    pub(super) used: Vec<Vec<bool>>,
    /// Why it was not found yet, `Some(None)` once it was.
    found: Vec<Option<Option<Reason>>>,
    /// Tables whose header is not on a sheet that the profile names: where, and what is told if another sheet has it.
    lost: Vec<(usize, String, Reason)>,
    pub(super) candidates: Vec<Vec<Candidate>>,
    pub(super) unmapped: Vec<String>,
    /// As in [`Survey`].
    pub(super) headers: Vec<(String, usize)>,
    /// That the source cannot be read to its end.
    told: bool,
    /// Lines in which a quote opens that is not closed.
    open_quotes: Vec<usize>,
}

/// Bytes in which `<?xml … encoding="…"?>` stands.
const XML_DECLARATION: usize = 256;

/// One sheet or text.
pub(super) enum Sheet<'a> {
    Text(Text<'a>),
    Grid(Grid),
}

impl Sheet<'_> {
    /// Empty for a text.
    fn name(&self) -> String {
        match self {
            Sheet::Text(_) => String::new(),
            Sheet::Grid(grid) => grid.name.clone(),
        }
    }

    fn place(&self) -> Place {
        match self {
            Sheet::Text(_) => Place::Line,
            Sheet::Grid(grid) => grid.place.clone(),
        }
    }

    /// Returns the lines in which a quote opens that is not closed.
    pub(super) fn each_row(&mut self, way: Option<&Delimited>, each: impl FnMut(&Row)) -> Result<Vec<usize>, Reason> {
        match self {
            Sheet::Text(text) => text.each_row(way, each),
            Sheet::Grid(grid) => {
                grid.rows.iter().for_each(each);
                Ok(Vec::new())
            }
        }
    }
}

/// The first lines of a text, each as one cell.
pub fn lines_of(text: &str, most: usize) -> Grid {
    // What is there whole can be read to its end.
    first_rows(&mut Text::Whole(Cow::Borrowed(text)), None, most).unwrap_or_else(|_| grid_of(Vec::new()))
}

fn first_rows(text: &mut Text<'_>, way: Option<&Delimited>, most: usize) -> Result<Grid, Reason> {
    let mut rows = Vec::new();
    text.each_row(way, |row| {
        if rows.len() < most {
            rows.push(row.clone());
        }
    })?;
    Ok(grid_of(rows))
}

fn grid_of(rows: Vec<Row>) -> Grid {
    Grid { name: String::new(), place: Place::Line, rows }
}

/// Marks are looked for in the first bytes of a text: 64 KiB hold every header seen so far.
pub const PREVIEW_BYTES: usize = 64 << 10;
/// And in the first rows of every sheet.
const PREVIEW_ROWS: usize = 60;

/// Sheet names as `[name]` and rows with tabs; empty when the bytes are no workbook.
pub fn preview_workbook(source: &mut Source<'_>, encodings: &[Charset], sheets: &Sheets) -> String {
    // A long text is not read whole to see that it is none.
    let may_be = source.start(PREVIEW_BYTES).is_ok_and(|start| workbook::may_be_workbook(&start));
    let Some(bytes) = may_be.then(|| source.whole().ok()).flatten() else {
        return String::new();
    };
    if !workbook::looks_like_workbook(&bytes, encodings) {
        return String::new();
    }
    let mut preview = String::new();
    for grid in workbook::grids(&bytes, encodings, |name| sheets.wants(name)).unwrap_or_default() {
        preview.push_str(&format!("[{}]\n", grid.name));
        for row in grid.rows.iter().take(PREVIEW_ROWS) {
            preview.push_str(row.line());
            preview.push('\n');
        }
    }
    preview
}
