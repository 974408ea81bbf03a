//! Corrects a profile by what a person says of a cell of its example: this column holds the samples, this one the unit, here
//! the columns of analytes begin, such lines are no results.
//!
//! Only the first `[[table]]` is corrected, as by [`correct`](super::suggest::correct). Nothing is guessed from the
//! pointing: what it means is written into the profile, where it can be read and changed.

mod texts;

use toml::{Table, Value};

use super::comparing::squeeze;
use super::correction::{self, opened, written};
use super::suggest::{BEFORE_BRACKETS, BRACKETS, is_value, reference};
use crate::table::rows::{Grid, Row};
use crate::trouble::Reason;
pub use texts::{role_words, set_roles};

/// What a person says that a cell is; of most, that its column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The row holds the names of the columns.
    Header,
    Sample,
    Analyte,
    Value,
    /// The first of the columns that hold one analyte each.
    FirstAnalyte,
    LastAnalyte,
    Unit,
    Flag,
    /// The column holds the type of each row: sample, control, blank, standard.
    Role,
    Replicate,
    Dilution,
    CompletedAt,
    /// Nothing of it is read.
    NotRead,
    /// A line with this text in this column is no result.
    SkipLine,
    /// The table ends at a line with this text in this column.
    EndLine,
    /// This text, wherever it stands in place of a number, means that; as the profile's `markers` say it.
    NotDetected,
    BelowQuantification,
    OverRange,
    UnderRange,
    Missing,
    Invalid,
    /// A result in words.
    Text,
}

impl Meaning {
    pub const ALL: [Meaning; 22] = [
        Meaning::Header,
        Meaning::Sample,
        Meaning::Analyte,
        Meaning::Value,
        Meaning::FirstAnalyte,
        Meaning::LastAnalyte,
        Meaning::Unit,
        Meaning::Flag,
        Meaning::Role,
        Meaning::Replicate,
        Meaning::Dilution,
        Meaning::CompletedAt,
        Meaning::NotRead,
        Meaning::SkipLine,
        Meaning::EndLine,
        Meaning::NotDetected,
        Meaning::BelowQuantification,
        Meaning::OverRange,
        Meaning::UnderRange,
        Meaning::Missing,
        Meaning::Invalid,
        Meaning::Text,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Meaning::Header => "header",
            Meaning::Sample => "sample",
            Meaning::Analyte => "analyte",
            Meaning::Value => "value",
            Meaning::FirstAnalyte => "first_analyte",
            Meaning::LastAnalyte => "last_analyte",
            Meaning::Unit => "unit",
            Meaning::Flag => "flag",
            Meaning::Role => "role",
            Meaning::Replicate => "replicate",
            Meaning::Dilution => "dilution",
            Meaning::CompletedAt => "completed_at",
            Meaning::NotRead => "not_read",
            Meaning::SkipLine => "skip_line",
            Meaning::EndLine => "end_line",
            Meaning::NotDetected => "not_detected",
            Meaning::BelowQuantification => "below_quantification",
            Meaning::OverRange => "over_range",
            Meaning::UnderRange => "under_range",
            Meaning::Missing => "missing",
            Meaning::Invalid => "invalid",
            Meaning::Text => "text",
        }
    }

    /// It is said of a text that stands where a number would, not of a column or line.
    pub fn is_marker(self) -> bool {
        use Meaning::{BelowQuantification, Invalid, Missing, NotDetected, OverRange, Text, UnderRange};
        matches!(self, NotDetected | BelowQuantification | OverRange | UnderRange | Missing | Invalid | Text)
    }

    pub fn parse(name: &str) -> Option<Meaning> {
        Meaning::ALL.into_iter().find(|meaning| meaning.name() == name)
    }
}

/// The place that a person points at.
#[derive(Debug, Clone, Copy)]
pub struct Pointed<'g> {
    pub grid: &'g Grid,
    /// Number of the row in which the names stand; `None` where columns have no names.
    pub header: Option<usize>,
    /// Number of the row; 0 for the column as a whole.
    pub row: usize,
    /// From 0.
    pub column: usize,
}

/// Columns that hold one value each, per row or per column.
const COLUMN_FIELDS: [(Meaning, &str); 6] = [
    (Meaning::Sample, "sample"),
    (Meaning::Flag, "flag"),
    (Meaning::Replicate, "replicate"),
    (Meaning::Dilution, "dilution"),
    (Meaning::CompletedAt, "completed_at"),
    (Meaning::Unit, "unit"),
];

/// The corrected profile. The error says why this place cannot be that.
///
/// [`Meaning::Header`] needs the whole source: a new proposal with [`Hints`](super::suggest::Hints).
pub fn point(profile: &str, at: &Pointed<'_>, meaning: Meaning) -> Result<String, Reason> {
    let mut whole = opened(profile)?;
    let above = at.row > 0 && at.header.is_some_and(|header| at.row < header);
    let field = COLUMN_FIELDS.into_iter().find(|(one, _)| *one == meaning).map(|(_, field)| field);
    match (meaning, field) {
        (Meaning::Sample | Meaning::Unit, Some(field)) if above => beside_the_table(&mut whole, at, field)?,
        (Meaning::Analyte, _) if above => beside_the_table(&mut whole, at, "analyte")?,
        (marker, _) if marker.is_marker() => texts::marker(&mut whole, at, marker.name())?,
        _ => {
            let table = first_table(&mut whole)?;
            match (meaning, field) {
                (Meaning::Unit, _) => unit(table, at)?,
                (_, Some(field)) => set_column(table, field, &at.reference()),
                (Meaning::Analyte, _) => analyte_per_row(table, at),
                (Meaning::Role, _) => texts::role(table, at)?,
                (Meaning::Value, _) => value(table, at),
                (Meaning::FirstAnalyte, _) => edge(table, at, "from"),
                (Meaning::LastAnalyte, _) => edge(table, at, "to"),
                (Meaning::NotRead, _) => not_read(table, at)?,
                (Meaning::SkipLine, _) => push_line(table, at, "skip")?,
                (Meaning::EndLine, _) => push_line(table, at, "stop")?,
                (Meaning::Header, _) => return Err(Reason::from(&correction::NEW_HEADER)),
                _ => return Err(Reason::from(&correction::NOT_POINTED_AT)),
            }
        }
    }
    written(&whole)
}

/// What each column is read as, for a person to see: names of fields, `value` for columns of analytes.
pub fn columns(profile: &str, grid: &Grid, header: Option<usize>) -> Vec<Option<&'static str>> {
    let Ok(mut whole) = profile.parse::<Table>() else { return Vec::new() };
    let Ok(table) = first_table(&mut whole) else { return Vec::new() };
    let width = grid.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let at = Pointed { grid, header, row: 0, column: 0 };
    let names = at.names();
    let fields = ["sample", "analyte", "value", "unit", "flag", "role", "replicate", "dilution", "completed_at"];
    let wide = table.get("columns").and_then(Value::as_table);
    let place = |edge: &str| {
        let named = wide.and_then(|columns| columns.get(edge)).map(texts).unwrap_or_default();
        (0..width).find(|column| named.contains(&name_or_number(&names, *column)))
    };
    let first = place("from").or(place("after").map(|column| column + 1));
    let last = place("to").or(place("before").and_then(|column| column.checked_sub(1)));
    let list = |key: &str| wide.and_then(|columns| columns.get(key)).map(texts).unwrap_or_default();
    let (listed, except) = (list("names"), list("except"));
    let conditions = wide.and_then(|columns| columns.get("where")).map(texts_within).unwrap_or_default();
    (0..width)
        .map(|column| {
            let refers = |field: &&str| table.get(*field).is_some_and(|value| mentions(value, &names, column));
            if let Some(field) = fields.into_iter().find(refers) {
                return Some(field);
            }
            let name = names.get(column).cloned().unwrap_or_default();
            let edges = first.is_some() || last.is_some();
            let between = edges && first.is_none_or(|first| column >= first) && last.is_none_or(|last| column <= last);
            let chosen = between || listed.contains(&name) || (!name.is_empty() && conditions.contains(&name));
            (wide.is_some() && chosen && !except.contains(&name)).then_some("value")
        })
        .collect()
}

impl Pointed<'_> {
    fn row_at(&self, number: usize) -> Option<&Row> {
        self.grid.rows.iter().find(|row| row.number == number)
    }

    fn cell(&self, number: usize, column: usize) -> String {
        self.row_at(number).map_or(String::new(), |row| squeeze(row.cell(column)))
    }

    fn names(&self) -> Vec<String> {
        let row = self.header.and_then(|header| self.row_at(header));
        row.map_or(Vec::new(), |row| (0..row.cells.len()).map(|column| squeeze(row.cell(column))).collect())
    }

    /// `{Name}`, or `{#3}` where the column has no name.
    fn reference(&self) -> String {
        let names = self.names();
        match names.get(self.column) {
            Some(name) if !name.is_empty() => reference(&names, self.column),
            _ => format!("{{#{}}}", self.column + 1),
        }
    }

    /// The text that is pointed at; the heading where the whole column is.
    fn text(&self) -> String {
        self.cell(if self.row == 0 { self.header.unwrap_or_default() } else { self.row }, self.column)
    }
}

pub(super) fn first_table(whole: &mut Table) -> Result<&mut Table, Reason> {
    let tables = whole.get_mut("table").and_then(Value::as_array_mut);
    let first = tables.and_then(|tables| tables.first_mut()).and_then(Value::as_table_mut);
    first.ok_or(Reason::from(&correction::NO_COLUMNS))
}

fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}

/// The texts of a value that is one or several.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_string).collect(),
        _ => Vec::new(),
    }
}

/// All texts at any depth.
fn texts_within(value: &Value) -> Vec<String> {
    match value {
        Value::Table(table) => table.values().flat_map(texts_within).collect(),
        Value::Array(list) => list.iter().flat_map(texts_within).collect(),
        other => texts(other),
    }
}

/// Whether an expression reads this column.
fn mentions(expression: &Value, names: &[String], column: usize) -> bool {
    let number = format!("{{#{}}}", column + 1);
    let named = names.get(column).filter(|name| !name.is_empty()).map(|_| reference(names, column));
    let stem = named.map(|named| named.trim_end_matches('}').to_string());
    texts_within(expression).iter().any(|text| {
        let by_name = stem.as_ref().is_some_and(|stem| {
            text.match_indices(stem.as_str()).any(|(at, _)| text[at + stem.len()..].starts_with(['}', '@', '?']))
        });
        by_name || text.contains(&number)
    })
}

fn name_or_number(names: &[String], column: usize) -> String {
    match names.get(column) {
        Some(name) if !name.is_empty() => name.clone(),
        _ => format!("#{}", column + 1),
    }
}

/// Sets a field; what else its expression says (a column carried down) stays.
fn set_column(table: &mut Table, field: &str, reference: &str) {
    match table.get_mut(field).and_then(Value::as_table_mut).filter(|expression| expression.contains_key("carry")) {
        Some(expression) => {
            expression.insert("from".into(), text(reference));
        }
        None => {
            table.insert(field.into(), text(reference));
        }
    }
}

/// A text above the table, with its key on its left: `Sample: F26-1`.
fn beside_the_table(whole: &mut Table, at: &Pointed<'_>, field: &str) -> Result<(), Reason> {
    let left = (0..at.column).rev().map(|column| at.cell(at.row, column)).find(|cell| !cell.is_empty());
    let mut find = Table::new();
    find.insert("name".into(), text(field));
    match left {
        Some(key) => find.insert("key".into(), text(key)),
        None if at.text().is_empty() => return Err(Reason::from(&correction::CELL_EMPTY)),
        None => {
            let letters = crate::table::rows::column_letters(at.column);
            find.insert("at".into(), text(format!("{letters}{}", at.row)))
        }
    };
    let finds = whole.entry("find").or_insert_with(|| Value::Array(Vec::new()));
    let finds = finds.as_array_mut().ok_or_else(|| correction::KEY_NO_LIST.with("key", "find"))?;
    finds.retain(|one| one.get("name").and_then(Value::as_str) != Some(field));
    finds.push(Value::Table(find));
    let table = first_table(whole)?;
    table.insert(field.into(), text(format!("{{@{field}}}")));
    Ok(())
}

/// One analyte per row: a wide table gets its first column of values as the value.
fn analyte_per_row(table: &mut Table, at: &Pointed<'_>) {
    let names = at.names();
    if let Some(columns) = table.remove("columns") {
        let columns = columns.as_table().cloned().unwrap_or_default();
        let wanted = columns.get("names").or(columns.get("from")).map(texts).unwrap_or_default();
        let first = (0..names.len()).find(|column| wanted.contains(&name_or_number(&names, *column)));
        let first = first.map_or_else(|| "{#-1}".to_string(), |column| reference(&names, column));
        table.entry("value").or_insert_with(|| text(first));
        forget_wide(table);
    }
    table.insert("analyte".into(), text(at.reference()));
}

/// What only means something where every column is an analyte.
fn forget_wide(table: &mut Table) {
    for field in ["analyte", "unit"] {
        let of_heading = table.get(field).map(texts_within).unwrap_or_default();
        if of_heading.iter().any(|text| text.contains("{@head") || text.contains("{@next")) {
            table.remove(field);
        }
    }
    if let Some(header) = table.get_mut("header").and_then(Value::as_table_mut) {
        header.remove("names");
        if header.is_empty() {
            table.remove("header");
        }
    }
}

/// The value's column; in a wide table one more column of values.
fn value(table: &mut Table, at: &Pointed<'_>) {
    let names = at.names();
    match table.get_mut("columns").and_then(Value::as_table_mut) {
        None => {
            table.insert("value".into(), text(at.reference()));
        }
        Some(columns) => {
            let name = name_or_number(&names, at.column);
            if let Some(except) = columns.get_mut("except").and_then(Value::as_array_mut) {
                except.retain(|one| one.as_str() != Some(&name));
            }
            if let Some(listed) = columns.get_mut("names").and_then(Value::as_array_mut)
                && !listed.iter().any(|one| one.as_str() == Some(&name))
            {
                listed.push(text(name));
            }
        }
    }
}

/// The first or last of the columns that hold one analyte each.
fn edge(table: &mut Table, at: &Pointed<'_>, edge: &str) {
    let names = at.names();
    let name = name_or_number(&names, at.column);
    let mut columns = table.remove("columns").and_then(|columns| columns.as_table().cloned()).unwrap_or_default();
    let listed = columns.remove("names").map(|names| texts(&names)).unwrap_or_default();
    for given in ["where", edge, if edge == "from" { "after" } else { "before" }] {
        columns.remove(given);
    }
    // The other edge stays where the list had it.
    let (kept, other) = if edge == "from" { (listed.last(), "to") } else { (listed.first(), "from") };
    if let Some(kept) = kept.filter(|_| !columns.contains_key(other)) {
        let order = |name: &str| names.iter().position(|one| one == name);
        let sound = match edge {
            "from" => order(kept).is_some_and(|place| place >= at.column),
            _ => order(kept).is_some_and(|place| place <= at.column),
        };
        if sound {
            columns.insert(other.into(), text(kept.clone()));
        }
    }
    columns.insert(edge.into(), text(name.clone()));
    if !columns.contains_key("from") && !columns.contains_key("after") {
        columns.insert("from".into(), text(name.clone()));
    }
    let first = columns.get("from").map(texts).unwrap_or_default();
    table.insert("columns".into(), Value::Table(columns));
    table.remove("value");
    let from_heading = |value: &Value| texts_within(value).iter().any(|text| text.contains("{@head"));
    if !table.get("analyte").is_some_and(from_heading) {
        table.insert("analyte".into(), text("{@head}"));
    }
    // The header is found by the first of them too.
    if let Some(first) = first.first().filter(|name| !name.starts_with('#')) {
        let header = table.entry("header").or_insert_with(|| Value::Table(Table::new()));
        if let Some(header) = header.as_table_mut() {
            header.insert("names".into(), Value::Array(vec![text(first.clone())]));
        }
    }
}

/// A unit in brackets of the heading, in the row below the heading, in the column behind each value, or in a column.
fn unit(table: &mut Table, at: &Pointed<'_>) -> Result<(), Reason> {
    let names = at.names();
    let wide = table.contains_key("columns");
    let heading = at.row == 0 || Some(at.row) == at.header;
    let bracketed = regex::Regex::new(BRACKETS).is_ok_and(|pattern| pattern.is_match(&at.text()));
    let cut = |from: String, pattern: &str| {
        let mut expression = Table::new();
        expression.insert("from".into(), text(from));
        expression.insert("pattern".into(), text(pattern));
        Value::Table(expression)
    };
    if heading && bracketed {
        let from = match wide {
            true => "{@head}".to_string(),
            false => format!("{}@head}}", at.reference().trim_end_matches('}')),
        };
        if wide {
            table.insert("analyte".into(), cut("{@head}".into(), BEFORE_BRACKETS));
        }
        table.insert("unit".into(), cut(from, BRACKETS));
        return Ok(());
    }
    let below = at.header.is_some_and(|header| at.row == header + 1) && !is_value(&at.text());
    if wide && below {
        let header = table.entry("header").or_insert_with(|| Value::Table(Table::new()));
        let header = header.as_table_mut().ok_or_else(|| correction::KEY_NO_TABLE.with("key", "header"))?;
        header.insert("rows".into(), Value::Integer(2));
        header.remove("names");
        table.insert("analyte".into(), text("{@head1}"));
        table.insert("unit".into(), text("{@head2}"));
        if let Some(columns) = table.get_mut("columns").and_then(Value::as_table_mut)
            && let Some(listed) = columns.remove("names")
        {
            let mut condition = Table::new();
            condition.insert("cell".into(), text("{@head1}"));
            condition.insert("is".into(), listed);
            columns.insert("where".into(), Value::Array(vec![Value::Table(condition)]));
        }
        return Ok(());
    }
    let unnamed = names.get(at.column).is_none_or(String::is_empty);
    let reference = if wide && unnamed && at.column > 0 { "{@next}".to_string() } else { at.reference() };
    table.insert("unit".into(), text(reference));
    Ok(())
}

fn not_read(table: &mut Table, at: &Pointed<'_>) -> Result<(), Reason> {
    let names = at.names();
    let name = name_or_number(&names, at.column);
    for field in ["unit", "flag", "role", "replicate", "dilution", "completed_at"] {
        if table.get(field).is_some_and(|value| mentions(value, &names, at.column)) {
            table.remove(field);
        }
    }
    for field in ["sample", "analyte", "value"] {
        if table.get(field).is_some_and(|value| mentions(value, &names, at.column)) {
            return Err(correction::FIELD_NEEDED.with("field", field));
        }
    }
    let Some(columns) = table.get_mut("columns").and_then(Value::as_table_mut) else { return Ok(()) };
    if let Some(listed) = columns.get_mut("names").and_then(Value::as_array_mut) {
        listed.retain(|one| one.as_str() != Some(&name));
        return if listed.is_empty() { Err(Reason::from(&correction::VALUES_NEEDED)) } else { Ok(()) };
    }
    let except = columns.entry("except").or_insert_with(|| Value::Array(Vec::new()));
    let except = except.as_array_mut().ok_or_else(|| correction::KEY_NO_LIST.with("key", "except"))?;
    if !except.iter().any(|one| one.as_str() == Some(&name)) {
        except.push(text(name));
    }
    Ok(())
}

fn push_line(table: &mut Table, at: &Pointed<'_>, key: &str) -> Result<(), Reason> {
    let said = at.text();
    if at.row == 0 || said.is_empty() {
        return Err(Reason::from(&correction::NO_SUCH_LINES));
    }
    let mut condition = Table::new();
    condition.insert("cell".into(), text(format!("{{#{}}}", at.column + 1)));
    condition.insert("is".into(), text(said));
    let list = table.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    let list = list.as_array_mut().ok_or_else(|| correction::KEY_NO_LIST.with("key", key))?;
    let condition = Value::Table(condition);
    if !list.contains(&condition) {
        list.push(condition);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
