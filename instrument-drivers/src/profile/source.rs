//! Sources made of rows: which cells they have, and how every table of a profile is read from them.

use encoding_rs::Encoding;
use regex::Regex;

use super::expr;
use super::table::{Find, Table};
use crate::number::NumberRules;
use crate::observation::{Reading, Trouble};
use crate::table::engine::{Known, Reader};
use crate::table::rows::{Delimited, Grid, Place, Row, each_delimited, each_line};
use crate::table::{text, tree, workbook};

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
    Delimited(Delimited),
    /// Every line is one cell.
    Lines,
    Workbook(Sheets),
    Json {
        rows: String,
    },
    Xml {
        rows: String,
    },
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
    pub fn read(&self, bytes: &[u8], numbers: &NumberRules, known: &mut Known) -> Reading {
        let mut reading = Reading::default();
        match self.sources(bytes) {
            Err(reason) => reading.troubles.push(Trouble::new("", reason)),
            Ok(sources) if sources.is_empty() => {
                reading.troubles.push(Trouble::new("", "the workbook has none of the sheets that the profile reads"));
            }
            Ok(sources) => {
                let mut found = vec![None; self.tables.len()];
                for source in &sources {
                    self.read_source(source, numbers, known, &mut found, &mut reading);
                }
                // A table that is in one of several sheets is not missing.
                reading.troubles.extend(found.into_iter().flatten().flatten().map(|reason| Trouble::new("", reason)));
            }
        }
        reading
    }

    fn sources(&self, bytes: &[u8]) -> Result<Vec<Source>, String> {
        let decoded = || text::decode(bytes, &self.encodings);
        let grids = match &self.cells {
            Cells::Workbook(sheets) => workbook::grids(bytes, |name| sheets.wants(name))?,
            Cells::Json { rows } => vec![tree::rows(&tree::from_json(&decoded()?)?, rows)],
            Cells::Xml { rows } => vec![tree::rows(&tree::from_xml(&decoded()?)?, rows)],
            Cells::Delimited(_) | Cells::Lines if !self.transpose => {
                return Ok(vec![Source::Text(decoded()?)]);
            }
            Cells::Delimited(_) | Cells::Lines => {
                let mut rows = Vec::new();
                self.each_row(&Source::Text(decoded()?), |row| rows.push(row.clone()))?;
                vec![Grid { name: String::new(), place: Place::Line, rows }]
            }
        };
        Ok(grids.into_iter().map(|grid| Source::Grid(if self.transpose { grid.transposed() } else { grid })).collect())
    }

    /// `found`: for each table why it was not found yet, `Some(None)` once it was.
    fn read_source(
        &self,
        source: &Source,
        numbers: &NumberRules,
        known: &mut Known,
        found: &mut [Option<Option<String>>],
        reading: &mut Reading,
    ) {
        let file_wide = known.variables.clone();
        if let Source::Grid(grid) = source {
            known.variables.insert("sheet".into(), grid.name.clone());
        }
        let mut here = Vec::new();
        let outcome = self.each_row(source, |row| {
            for find in &self.finds {
                here.extend(find.at(row, row.number));
            }
        });
        for (name, value) in here {
            known.variables.entry(name).or_insert(value);
        }
        if let Err(reason) = outcome {
            reading.troubles.push(Trouble::new("", reason));
        }
        for (index, table) in self.tables.iter().enumerate() {
            let place = match source {
                Source::Text(_) => Place::Line,
                Source::Grid(grid) => grid.place.clone(),
            };
            let mut reader = Reader::new(table, numbers, place);
            // The first pass has told of any problem with the rows.
            let _ = self.each_row(source, |row| reader.row(row, known, reading));
            if found[index] != Some(None) {
                found[index] = Some(missing(&reader, table, index));
            }
        }
        known.variables = file_wide;
    }

    fn each_row(&self, source: &Source, mut each: impl FnMut(&Row)) -> Result<(), String> {
        match (source, &self.cells) {
            (Source::Grid(grid), _) => grid.rows.iter().for_each(each),
            (Source::Text(text), Cells::Delimited(rules)) => each_delimited(text, rules, &mut each)?,
            (Source::Text(text), _) => each_line(text, each),
        }
        Ok(())
    }
}

/// One sheet or text.
enum Source {
    Text(String),
    Grid(Grid),
}

/// Why a table gave nothing, when that is not simply an empty table.
fn missing(reader: &Reader<'_>, table: &Table, index: usize) -> Option<String> {
    let number = index + 1;
    if !table.section_start.is_empty() && reader.sections_found == 0 {
        return Some(format!("table {number}: no line starts its section; is this the right profile?"));
    }
    let header = table.header.as_ref()?;
    (reader.headers_found == 0).then(|| {
        let names: Vec<String> = table
            .references
            .iter()
            .filter_map(|reference| match reference {
                expr::Reference::Column { name, optional: false, .. } => Some(name.clone()),
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
pub fn preview_workbook(bytes: &[u8], sheets: &Sheets) -> String {
    if !workbook::looks_like_workbook(bytes) {
        return String::new();
    }
    let mut preview = String::new();
    for grid in workbook::grids(bytes, |name| sheets.wants(name)).unwrap_or_default() {
        preview.push_str(&format!("[{}]\n", grid.name));
        for row in grid.rows.iter().take(PREVIEW_ROWS) {
            preview.push_str(&row.line());
            preview.push('\n');
        }
    }
    preview
}
