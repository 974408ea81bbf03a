//! Sources made of rows: which cells they have, and how every table of a profile is read from them.

use std::collections::HashMap;

use encoding_rs::Encoding;
use regex::Regex;

use super::choose::Candidate;
use super::find::Find;
use super::reference::Reference;
use super::table::Table;
use crate::number::NumberRules;
use crate::observation::{Reading, Trouble};
use crate::table::engine::{Known, Reader};
use crate::table::rows::{Delimited, Grid, Place, Row, each_delimited, each_line};
use crate::table::tree::Paths;
use crate::table::{markup, text, tree, workbook};

#[derive(Debug, Clone)]
pub struct TableRules {
    pub encodings: Vec<&'static Encoding>,
    pub cells: Cells,
    pub transpose: bool,
    pub finds: Vec<Find>,
    pub tables: Vec<Table>,
}

/// Where cells come from.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Several: the first by which the source is read without a trouble, else the one that yields most values.
    Delimited(Vec<Delimited>),
    /// Every line is one cell.
    Lines,
    Workbook(Sheets),
    Json(Paths),
    Xml(Paths),
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
    /// All tables, from all sheets.
    pub fn read(&self, bytes: &[u8], numbers: &NumberRules, known: &Known) -> Survey {
        let ways = match &self.cells {
            Cells::Delimited(ways) => ways.iter().map(Some).collect(),
            _ => vec![None],
        };
        let mut best: Option<Survey> = None;
        for way in ways {
            let survey = self.read_one_way(bytes, numbers, &mut known.clone(), way);
            if survey.reading.troubles.is_empty() && !survey.reading.observations.is_empty() {
                return survey;
            }
            let found = |survey: &Survey| survey.reading.observations.len();
            if best.as_ref().is_none_or(|best| found(&survey) > found(best)) {
                best = Some(survey);
            }
        }
        best.unwrap_or_default()
    }

    fn read_one_way(&self, bytes: &[u8], numbers: &NumberRules, known: &mut Known, way: Option<&Delimited>) -> Survey {
        let mut survey = Survey::default();
        match self.sources(bytes, way) {
            Err(reason) => survey.reading.troubles.push(Trouble::new("", reason)),
            Ok(sources) if sources.is_empty() => {
                let reason = "the workbook has none of the sheets that the profile reads";
                survey.reading.troubles.push(Trouble::new("", reason));
            }
            Ok(sources) => {
                // What a table stores may be looked up on a sheet that stands before it.
                let stores = sources.len() > 1 && self.tables.iter().any(|table| table.store.is_some());
                let passes: &[Option<bool>] = if stores { &[Some(true), Some(false)] } else { &[None] };
                let mut state = State {
                    pass: None,
                    sheet: 0,
                    used: vec![Vec::new(); sources.len()],
                    found: vec![None; self.tables.len()],
                    candidates: vec![Vec::new(); self.tables.len()],
                };
                for pass in passes {
                    for (at, source) in sources.iter().enumerate() {
                        (state.pass, state.sheet) = (*pass, at);
                        self.read_source(source, way, numbers, known, &mut state, &mut survey);
                    }
                }
                survey.skipped = state.used.iter().flatten().filter(|used| !**used).count();
                for (table, candidates) in self.tables.iter().zip(&state.candidates) {
                    if let Some(choose) = table.fields.as_ref().and_then(|fields| fields.choose.as_ref()) {
                        choose.settle(candidates, &mut survey.reading.observations);
                    }
                }
                // A table that is in one of several sheets is not missing.
                let missing = state.found.into_iter().flatten().flatten();
                survey.reading.troubles.extend(missing.map(|reason| Trouble::new("", reason)));
            }
        }
        survey
    }

    /// The cells that the tables are read from, and every other sheet of the workbook.
    pub fn cells(&self, bytes: &[u8], most: usize) -> Result<Vec<Grid>, String> {
        let way = match &self.cells {
            Cells::Delimited(ways) => ways.first(),
            _ => None,
        };
        let sources = match &self.cells {
            Cells::Workbook(_) => {
                let every = TableRules { cells: Cells::Workbook(Sheets::default()), ..self.clone() };
                every.sources(bytes, way)?
            }
            _ => self.sources(bytes, way)?,
        };
        let cut = |source: Source| match source {
            Source::Grid(mut grid) => {
                grid.rows.truncate(most);
                Ok(grid)
            }
            source @ Source::Text(_) => {
                let mut rows = Vec::new();
                each_row(&source, way, |row| {
                    if rows.len() < most {
                        rows.push(row.clone());
                    }
                })?;
                Ok(Grid { name: String::new(), place: Place::Line, rows })
            }
        };
        sources.into_iter().map(cut).collect()
    }

    fn sources(&self, bytes: &[u8], way: Option<&Delimited>) -> Result<Vec<Source>, String> {
        let decoded = || text::decode(bytes, &self.encodings);
        let grids = match &self.cells {
            Cells::Workbook(sheets) => workbook::grids(bytes, &self.encodings, |name| sheets.wants(name))?,
            Cells::Json(paths) => vec![tree::rows(&tree::from_json(&decoded()?)?, paths)],
            Cells::Xml(paths) => {
                let mut encodings = self.encodings.clone();
                encodings.extend(markup::declared_encoding(&bytes[..bytes.len().min(XML_DECLARATION)]));
                vec![tree::rows(&tree::from_xml(&text::decode(bytes, &encodings)?)?, paths)]
            }
            Cells::Delimited(_) | Cells::Lines if !self.transpose => {
                return Ok(vec![Source::Text(decoded()?)]);
            }
            Cells::Delimited(_) | Cells::Lines => {
                let mut rows = Vec::new();
                each_row(&Source::Text(decoded()?), way, |row| rows.push(row.clone()))?;
                vec![Grid { name: String::new(), place: Place::Line, rows }]
            }
        };
        Ok(grids.into_iter().map(|grid| Source::Grid(if self.transpose { grid.transposed() } else { grid })).collect())
    }

    fn read_source(
        &self,
        source: &Source,
        way: Option<&Delimited>,
        numbers: &NumberRules,
        known: &mut Known,
        state: &mut State,
        survey: &mut Survey,
    ) {
        let file_wide = known.variables.clone();
        if let Source::Grid(grid) = source {
            known.variables.insert("sheet".into(), grid.name.clone());
        }
        let mut here: HashMap<String, String> = HashMap::new();
        let mut below = vec![None; self.finds.len()];
        let wanted = |table: &Table| state.pass.is_none_or(|stores| table.store.is_some() == stores);
        let used = &mut state.used[state.sheet];
        let first = used.is_empty();
        let outcome = each_row(source, way, |row| {
            if first {
                used.push(row.is_blank() || row.number == 0);
            }
            for (find, below) in self.finds.iter().zip(&mut below) {
                if let Some((name, value)) = find.at(row, row.number, below) {
                    match find.repeat {
                        true => here.insert(name, value),
                        false => Some(here.entry(name).or_insert(value).clone()),
                    };
                }
            }
        });
        for (name, value) in here {
            known.variables.entry(name).or_insert(value);
        }
        if let (Err(reason), true) = (outcome, first) {
            survey.reading.troubles.push(Trouble::new("", reason));
        }
        for (index, table) in self.tables.iter().enumerate().filter(|(_, table)| wanted(table)) {
            let place = match source {
                Source::Text(_) => Place::Line,
                Source::Grid(grid) => grid.place.clone(),
            };
            let mut reader = Reader::new(table, numbers, place);
            reader.candidates = std::mem::take(&mut state.candidates[index]);
            let mut at = 0;
            // The first pass has told of any problem with the rows.
            let _ = each_row(source, way, |row| {
                let before = reader.rows_used;
                reader.row(row, known, &mut survey.reading);
                if let Some(used) = used.get_mut(at) {
                    *used |= reader.rows_used > before || reader.keeps_rows();
                }
                at += 1;
            });
            reader.finish(known, &mut survey.reading);
            if let Some(row) = reader.header_row {
                let sheet = match source {
                    Source::Text(_) => String::new(),
                    Source::Grid(grid) => grid.name.clone(),
                };
                survey.headers.push((sheet, row));
            }
            if state.found[index] != Some(None) {
                state.found[index] = Some(missing(&reader, table, index));
            }
            survey.unmapped.extend(std::mem::take(&mut reader.unmapped));
            state.candidates[index] = reader.candidates;
        }
        known.variables = file_wide;
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
struct State {
    /// Only the tables that store, or only the others, or all.
    pass: Option<bool>,
    sheet: usize,
    /// For each sheet and row: it is blank, or some table reads it.
    used: Vec<Vec<bool>>,
    /// Why it was not found yet, `Some(None)` once it was.
    found: Vec<Option<Option<String>>>,
    candidates: Vec<Vec<Candidate>>,
}

/// Bytes in which `<?xml … encoding="…"?>` stands.
const XML_DECLARATION: usize = 256;

fn each_row(source: &Source, way: Option<&Delimited>, mut each: impl FnMut(&Row)) -> Result<(), String> {
    match (source, way) {
        (Source::Grid(grid), _) => grid.rows.iter().for_each(each),
        (Source::Text(text), Some(rules)) => each_delimited(text, rules, &mut each)?,
        (Source::Text(text), None) => each_line(text, each),
    }
    Ok(())
}

/// The first lines of a text, each as one cell.
pub fn lines_of(text: &str, most: usize) -> Grid {
    let mut rows = Vec::new();
    each_line(text, |row| {
        if rows.len() < most {
            rows.push(row.clone());
        }
    });
    Grid { name: String::new(), place: Place::Line, rows }
}

/// One sheet or text.
enum Source {
    Text(String),
    Grid(Grid),
}

/// Why a table gave nothing, when that is not simply an empty table.
fn missing(reader: &Reader<'_>, table: &Table, index: usize) -> Option<String> {
    if table.optional {
        return None;
    }
    let number = index + 1;
    if (!table.section_start.is_empty() || table.blocks) && reader.sections_found == 0 {
        return Some(format!("table {number}: no line starts its section; is this the right profile?"));
    }
    let header = table.header.as_ref()?;
    (reader.headers_found == 0).then(|| {
        let names: Vec<String> = table
            .references
            .iter()
            .filter_map(|reference| match reference {
                Reference::Column { title, optional: false, .. } => Some(title.text().to_string()),
                _ => None,
            })
            .chain(header.names.iter().cloned())
            .collect();
        format!("table {number}: no header row was found with the columns {}", names.join(", "))
    })
}

/// Marks are looked for in the first bytes of a text: 64 KiB hold every header seen so far.
pub const PREVIEW_BYTES: usize = 64 << 10;
/// And in the first rows of every sheet.
const PREVIEW_ROWS: usize = 60;

/// Sheet names as `[name]` and rows with tabs; empty when the bytes are no workbook.
pub fn preview_workbook(bytes: &[u8], encodings: &[&'static Encoding], sheets: &Sheets) -> String {
    if !workbook::looks_like_workbook(bytes, encodings) {
        return String::new();
    }
    let mut preview = String::new();
    for grid in workbook::grids(bytes, encodings, |name| sheets.wants(name)).unwrap_or_default() {
        preview.push_str(&format!("[{}]\n", grid.name));
        for row in grid.rows.iter().take(PREVIEW_ROWS) {
            preview.push_str(&row.line());
            preview.push('\n');
        }
    }
    preview
}
