//! `[worklist]`: the file in which an instrument's software takes its work list (sequence, sample table). Lines of columns,
//! whose contents are expressions over the worksheet's places.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use serde::Deserialize;

use super::Maturity;
use super::expr::{Expr, ExprToml, References, Scope};
use super::link::LineEnd;
use super::reference::{Part, Reference, Title};
use crate::number::NumberRules;
use crate::observation::Role;
use crate::table::charset::Charset;
use crate::table::text::encoding_named;

/// As written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorklistToml {
    /// How far this section is to be trusted; the profile's own maturity is about reading.
    maturity: Maturity,
    source: String,
    file_name: ExprToml,
    #[serde(default = "utf_8")]
    encoding: String,
    /// Begins with a byte order mark.
    #[serde(default)]
    bom: bool,
    #[serde(default)]
    line_end: LineEnd,
    /// `"tab"`, or any text. Left out: columns of fixed width.
    delimiter: Option<String>,
    /// Around a text that holds the delimiter; `""`: such a text is refused.
    quote: Option<String>,
    #[serde(default)]
    quote_all: bool,
    /// Lines above the names of the columns, and at the end.
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
    /// Whether a line names the columns.
    #[serde(default = "yes")]
    header: bool,
    #[serde(default)]
    lines: Lines,
    /// What stands between the tests of a sample.
    #[serde(default = "comma")]
    tests_between: String,
    /// Names of standards that are measured first, each a line of its own.
    #[serde(default)]
    standards: Vec<String>,
    #[serde(default = "one")]
    first_vial: usize,
    tray: Option<Tray>,
    column: Vec<ColumnToml>,
}

fn utf_8() -> String {
    "utf-8".into()
}

fn yes() -> bool {
    true
}

fn comma() -> String {
    ",".into()
}

fn one() -> usize {
    1
}

/// What a line of the file is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Lines {
    /// One container with all its tests.
    #[default]
    Sample,
    /// One test of one container.
    Test,
}

/// Places that have a row and a column, filled row by row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tray {
    rows: Vec<String>,
    columns: usize,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnToml {
    name: String,
    value: ExprToml,
    /// Characters; without a delimiter only.
    width: Option<usize>,
    /// Filled up on the left.
    #[serde(default)]
    right: bool,
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct WorklistRules {
    pub maturity: Maturity,
    pub source: String,
    file_name: Template,
    encoding: Charset,
    bom: bool,
    line_end: &'static str,
    layout: Layout,
    before: Vec<Template>,
    after: Vec<Template>,
    header: bool,
    lines: Lines,
    tests_between: String,
    standards: Vec<String>,
    first_vial: usize,
    tray: Option<Tray>,
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
enum Layout {
    Delimited { delimiter: String, quote: Option<char>, always: bool },
    Fixed,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    value: Template,
    width: usize,
    right: bool,
}

/// An expression with the names that it refers to, by their numbers.
#[derive(Debug, Clone)]
struct Template {
    expr: Expr,
    names: Vec<String>,
}

/// What templates may name everywhere, and in columns.
const OF_FILE: [&str; 5] = ["worksheet", "method", "date", "time", "count"];
const OF_LINE: [&str; 10] = ["label", "number", "vial", "row", "column", "place", "role", "kind", "test", "tests"];

/// A worksheet that is to be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<'a> {
    pub worksheet: &'a str,
    /// As the laboratory's catalogue calls it.
    pub method: &'a str,
    /// When the file is written, on the laboratory's clock.
    pub at: NaiveDateTime,
    /// In the order of the worksheet.
    pub places: &'a [RunPlace],
}

/// A place of the worksheet: one test of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlace {
    pub place: i64,
    /// The code on the container, or of a control.
    pub label: String,
    /// `sample`, or what kind of control it is.
    pub kind: String,
    pub role: Role,
    /// As the instrument calls it; may be empty where [`WorklistRules::names_tests`] is false.
    pub test: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorklistError {
    /// It holds a delimiter or a line end, is too wide, or has characters that the encoding lacks.
    #[error("'{text}' cannot be written into {column}")]
    Unfit { column: String, text: String },
    #[error("the tray has {places} places, the work list {lines} lines")]
    TrayFull { places: usize, lines: usize },
}

impl WorklistToml {
    pub fn compile(&self) -> Result<WorklistRules, String> {
        let encoding = encoding_named(&self.encoding).map_err(|error| format!("worklist.encoding: {error}"))?;
        if self.bom && !(encoding.is(UTF_8) || encoding.is_wide()) {
            return Err("worklist.bom: only utf-8, utf-16le and utf-16be have a byte order mark".into());
        }
        if self.line_end == LineEnd::None {
            return Err("worklist.line_end: crlf, cr or lf".into());
        }
        if self.first_vial == 0 {
            return Err("worklist.first_vial: vials are counted from 1".into());
        }
        if self.tray.as_ref().is_some_and(|tray| tray.rows.is_empty() || tray.columns == 0) {
            return Err("worklist.tray: at least one row and one column".into());
        }
        if self.column.is_empty() {
            return Err("worklist.column: at least one [[worklist.column]]".into());
        }
        let layout = self.layout()?;
        let line = |key: &str, text: &String| Template::of(&ExprToml::Text(text.clone()), key, &OF_FILE);
        let rules = WorklistRules {
            maturity: self.maturity,
            source: self.source.clone(),
            file_name: Template::of(&self.file_name, "worklist.file_name", &OF_FILE)?,
            encoding,
            bom: self.bom,
            line_end: self.line_end.text(),
            before: self.before.iter().map(|text| line("worklist.before", text)).collect::<Result<_, _>>()?,
            after: self.after.iter().map(|text| line("worklist.after", text)).collect::<Result<_, _>>()?,
            header: self.header,
            lines: self.lines,
            tests_between: self.tests_between.clone(),
            standards: self.standards.clone(),
            first_vial: self.first_vial,
            tray: self.tray.clone(),
            columns: self.column.iter().map(|column| column.compile(&layout)).collect::<Result<_, _>>()?,
            layout,
        };
        if rules.lines == Lines::Sample && rules.columns.iter().any(|column| column.value.names("test")) {
            return Err("worklist: {test} belongs to lines = \"test\"; a sample has {tests}".into());
        }
        if rules.tray.is_none() && rules.columns.iter().any(|one| one.value.names("row") || one.value.names("column")) {
            return Err("worklist: {row} and {column} are places of a tray; declare worklist.tray".into());
        }
        Ok(rules)
    }

    fn layout(&self) -> Result<Layout, String> {
        let Some(delimiter) = self.delimiter.as_deref() else {
            if self.quote.is_some() || self.quote_all {
                return Err("worklist: quote and quote_all belong to a delimiter".into());
            }
            return Ok(Layout::Fixed);
        };
        let mut marks = self.quote.as_deref().unwrap_or("\"").chars();
        let quote = marks.next();
        if marks.next().is_some() || self.quote_all && quote.is_none() {
            return Err("worklist.quote: one character, or \"\" for none and then without quote_all".into());
        }
        match delimiter {
            "" => Err("worklist.delimiter: must not be empty".into()),
            "tab" => Ok(Layout::Delimited { delimiter: "\t".into(), quote, always: self.quote_all }),
            text => Ok(Layout::Delimited { delimiter: text.into(), quote, always: self.quote_all }),
        }
    }
}

impl ColumnToml {
    fn compile(&self, layout: &Layout) -> Result<Column, String> {
        let key = format!("worklist.column '{}'", self.name);
        let width = match (layout, self.width) {
            (Layout::Fixed, Some(width)) if width > 0 => width,
            (Layout::Fixed, _) => return Err(format!("{key}: without a delimiter every column has a width")),
            (Layout::Delimited { .. }, None) if !self.right => 0,
            (Layout::Delimited { .. }, _) => {
                return Err(format!("{key}: width and right are for files without a delimiter"));
            }
        };
        let value = Template::of(&self.value, &key, &[&OF_FILE[..], &OF_LINE[..]].concat())?;
        Ok(Column { name: self.name.clone(), value, width, right: self.right })
    }
}

impl Template {
    fn of(written: &ExprToml, key: &str, known: &[&str]) -> Result<Template, String> {
        let mut references = References::default();
        let expr = written.compile(key, &mut references)?;
        let name = |reference: &Reference| match reference {
            Reference::Column { title: Title::Name(name), nth: 1, optional: false, part: Part::Cell, .. } => {
                known.contains(&name.as_str()).then(|| name.clone())
            }
            _ => None,
        };
        let names: Option<Vec<String>> = references.iter().map(name).collect();
        let words = || known.iter().map(|word| format!("{{{word}}}")).collect::<Vec<_>>().join(", ");
        let names = names.ok_or_else(|| format!("{key}: a place of a worksheet has {}", words()))?;
        Ok(Template { expr, names })
    }

    fn names(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    fn text(&self, value: impl Fn(&str) -> String) -> String {
        let texts = self.names.iter().map(|name| value(name)).collect();
        self.expr.text(&Values { texts, numbers: NumberRules::default() }).into_owned()
    }
}

struct Values {
    texts: Vec<String>,
    numbers: NumberRules,
}

impl Scope for Values {
    fn get(&self, id: usize) -> &str {
        &self.texts[id]
    }

    fn lookup(&self, _table: &str, _key: &str) -> Option<&str> {
        None
    }

    fn numbers(&self) -> &NumberRules {
        &self.numbers
    }
}

/// One line of the file.
struct Line {
    label: String,
    kind: String,
    role: Role,
    place: String,
    tests: Vec<String>,
}

impl WorklistRules {
    /// Whether the file names tests, so that every place needs one.
    pub fn names_tests(&self) -> bool {
        self.columns.iter().any(|column| column.value.names("test") || column.value.names("tests"))
    }

    pub fn file_name(&self, run: &Run<'_>) -> String {
        let count = self.lines_of(run).len();
        self.file_name.text(|name| of_file(name, run, count))
    }

    /// The bytes of the file.
    pub fn write(&self, run: &Run<'_>) -> Result<Vec<u8>, WorklistError> {
        let lines = self.lines_of(run);
        if let Some(tray) = &self.tray
            && lines.len() + self.first_vial - 1 > tray.rows.len() * tray.columns
        {
            let places = tray.rows.len() * tray.columns - (self.first_vial - 1).min(tray.rows.len() * tray.columns);
            return Err(WorklistError::TrayFull { places, lines: lines.len() });
        }
        let mut out = Vec::new();
        if self.bom {
            self.put(&mut out, "", "\u{feff}")?;
        }
        for template in &self.before {
            self.put_line(&mut out, &template.text(|name| of_file(name, run, lines.len())))?;
        }
        if self.header {
            self.put_cells(&mut out, self.columns.iter().map(|column| Cow::Borrowed(column.name.as_str())))?;
        }
        for (index, line) in lines.iter().enumerate() {
            let value = |name: &str| self.of_line(name, line, index).unwrap_or_else(|| of_file(name, run, lines.len()));
            self.put_cells(&mut out, self.columns.iter().map(|column| Cow::Owned(column.value.text(value))))?;
        }
        for template in &self.after {
            self.put_line(&mut out, &template.text(|name| of_file(name, run, lines.len())))?;
        }
        Ok(out)
    }

    /// Standards first, then the worksheet; one line for every container, at the place where it comes first, or for every
    /// test.
    fn lines_of(&self, run: &Run<'_>) -> Vec<Line> {
        let mut lines: Vec<Line> = self
            .standards
            .iter()
            .map(|name| Line {
                label: name.clone(),
                kind: Role::Standard.name().into(),
                role: Role::Standard,
                place: String::new(),
                tests: Vec::new(),
            })
            .collect();
        for place in run.places {
            let same = |line: &&mut Line| line.role != Role::Standard && line.label == place.label;
            match lines.iter_mut().find(same).filter(|_| self.lines == Lines::Sample) {
                Some(line) if line.tests.contains(&place.test) => {}
                Some(line) => line.tests.push(place.test.clone()),
                None => lines.push(Line {
                    label: place.label.clone(),
                    kind: place.kind.clone(),
                    role: place.role,
                    place: place.place.to_string(),
                    tests: vec![place.test.clone()],
                }),
            }
        }
        lines
    }

    fn of_line(&self, name: &str, line: &Line, index: usize) -> Option<String> {
        let vial = self.first_vial + index;
        let tray = self.tray.as_ref();
        Some(match name {
            "label" => line.label.clone(),
            "number" => (index + 1).to_string(),
            "vial" => vial.to_string(),
            "row" => tray.and_then(|tray| tray.rows.get((vial - 1) / tray.columns)).cloned().unwrap_or_default(),
            "column" => tray.map(|tray| ((vial - 1) % tray.columns + 1).to_string()).unwrap_or_default(),
            "place" => line.place.clone(),
            "role" => line.role.name().to_owned(),
            "kind" => line.kind.clone(),
            "test" | "tests" => line.tests.join(&self.tests_between),
            _ => return None,
        })
    }

    fn put_cells<'t>(&self, out: &mut Vec<u8>, texts: impl Iterator<Item = Cow<'t, str>>) -> Result<(), WorklistError> {
        for (number, (column, text)) in self.columns.iter().zip(texts).enumerate() {
            if let (Layout::Delimited { delimiter, .. }, 1..) = (&self.layout, number) {
                self.put(out, &column.name, delimiter)?;
            }
            let cell = self.cell(column, &text).ok_or_else(|| unfit(&column.name, &text))?;
            self.put(out, &column.name, &cell)?;
        }
        self.put(out, "", self.line_end)
    }

    fn put_line(&self, out: &mut Vec<u8>, text: &str) -> Result<(), WorklistError> {
        self.put(out, "", text)?;
        self.put(out, "", self.line_end)
    }

    /// A text as it stands between two delimiters or in its width; `None` when it cannot.
    fn cell(&self, column: &Column, text: &str) -> Option<String> {
        if text.contains(['\r', '\n']) {
            return None;
        }
        match &self.layout {
            Layout::Delimited { delimiter, quote: Some(quote), always } => {
                let needed = *always || text.contains(delimiter.as_str()) || text.contains(*quote);
                let doubled = || text.replace(*quote, &format!("{quote}{quote}"));
                Some(if needed { format!("{quote}{}{quote}", doubled()) } else { text.to_owned() })
            }
            Layout::Delimited { delimiter, quote: None, .. } => {
                (!text.contains(delimiter.as_str())).then(|| text.to_owned())
            }
            Layout::Fixed => {
                let blanks = column.width.checked_sub(text.chars().count())?;
                let blanks = " ".repeat(blanks);
                Some(if column.right { format!("{blanks}{text}") } else { format!("{text}{blanks}") })
            }
        }
    }

    fn put(&self, out: &mut Vec<u8>, column: &str, text: &str) -> Result<(), WorklistError> {
        if self.encoding.is(UTF_16LE) {
            out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        } else if self.encoding.is(UTF_16BE) {
            out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        } else {
            out.extend(self.encoding.encode(text).ok_or_else(|| unfit(column, text))?);
        }
        Ok(())
    }
}

fn of_file(name: &str, run: &Run<'_>, count: usize) -> String {
    match name {
        "worksheet" => run.worksheet.to_owned(),
        "method" => run.method.to_owned(),
        "date" => run.at.format("%Y-%m-%d").to_string(),
        "time" => run.at.format("%H:%M:%S").to_string(),
        // The only other name that a template may have.
        _ => count.to_string(),
    }
}

fn unfit(column: &str, text: &str) -> WorklistError {
    WorklistError::Unfit { column: column.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests;
