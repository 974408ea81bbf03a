//! Sampling forms of the national system from a file (XLSX, CSV) by a mapping that the laboratory can edit. Pure: bytes and
//! a mapping in, one checked form or all its reasons per row out.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;

use super::form::fields::{self, Kind};
use super::form::{Circumstances, Doubt, FormInput, SamplingForm};
use super::words::FormSource;
use super::{FORM_NO_REPEATED, IMPORT_EMPTY, IMPORT_TOO_LONG, MAPPING_INVALID, MAPPING_VALUE};
use crate::catalogue::refusing;
use crate::catalogue::table::{Encoding, File, RowError, Table};
use crate::domain::refusal::{Reason, Reasons, Refusal};
use crate::domain::text;

/// The mapping that the program ships.
pub const SHIPPED: &str = include_str!("../../assets/mappings/national_forms.toml");

/// Rows of one file: a month of a city. A longer file is cut by the one who exports it.
const ROWS_MOST: usize = 3_000;

/// How their columns and words become ours.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    #[serde(default)]
    encoding: String,
    #[serde(default)]
    dates: Vec<String>,
    #[serde(default)]
    times: Vec<String>,
    #[serde(default)]
    ignored: Vec<String>,
    columns: BTreeMap<String, String>,
    /// Columns that a file may leave out.
    #[serde(default)]
    optional: BTreeMap<String, String>,
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    fixed: BTreeMap<String, String>,
}

impl Mapping {
    /// Reads a mapping; TOML.
    ///
    /// # Errors
    /// `mapping-invalid` with the place and what would be right.
    pub fn parse(source: &str) -> Result<Self, Refusal> {
        let invalid = |detail: String| Refusal::from(MAPPING_INVALID.with("detail", detail).at("mapping"));
        let mapping: Self = toml::from_str(source).map_err(|error| invalid(error.to_string()))?;
        let named = mapping
            .columns
            .keys()
            .chain(mapping.optional.keys())
            .chain(mapping.values.keys())
            .chain(mapping.fixed.keys());
        let unknown: Vec<&str> = named.map(String::as_str).filter(|name| !fields::is_field(name)).collect();
        if !unknown.is_empty() {
            let known: Vec<&str> = fields::FIELDS.iter().map(|field| field.name).collect();
            return Err(invalid(format!("{} — {}", unknown.join(", "), known.join(", "))));
        }
        if !["", "utf-8", "gb18030"].contains(&mapping.encoding.as_str()) {
            return Err(invalid(format!("encoding = {:?}: utf-8, gb18030", mapping.encoding)));
        }
        let mut columns: Vec<&String> = mapping.columns.values().chain(mapping.optional.values()).collect();
        columns.sort();
        if let Some(twice) = columns.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(invalid(format!("{:?} × 2", twice[0])));
        }
        Ok(mapping)
    }

    /// Their column of our field.
    fn column<'a>(&'a self, field: &'a str) -> &'a str {
        self.columns.get(field).or_else(|| self.optional.get(field)).map_or(field, String::as_str)
    }
}

/// One row of the file.
#[derive(Clone, Debug)]
pub struct Row {
    /// As a spreadsheet counts: the header is 1.
    pub number: u64,
    pub input: FormInput,
    pub form: Result<SamplingForm, Vec<Reason>>,
}

impl Row {
    pub fn is_good(&self) -> bool {
        self.form.is_ok()
    }

    /// What is doubtful about a good row.
    pub fn doubts(&self) -> &[Doubt] {
        self.form.as_ref().map(|form| form.doubts.as_slice()).unwrap_or_default()
    }

    /// Adds reasons found later; the row is bad then.
    pub fn refuse(&mut self, reasons: Vec<Reason>) {
        if reasons.is_empty() {
            return;
        }
        match &mut self.form {
            Ok(_) => self.form = Err(reasons),
            Err(earlier) => earlier.extend(reasons),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// When the table as a whole cannot be read: another header, another encoding, no rows. A row of another shape than the
/// header is a bad row.
pub fn read(name: &str, bytes: &[u8], mapping: &Mapping, around: &Circumstances) -> Result<Vec<Row>, Refusal> {
    let columns: Vec<&str> = mapping.columns.values().map(String::as_str).collect();
    let ignored: Vec<&str> = mapping.ignored.iter().chain(mapping.optional.values()).map(String::as_str).collect();
    let encoding = if mapping.encoding == "gb18030" { Encoding::Gb18030 } else { Encoding::Utf8 };
    let file = File { bytes, name, encoding: Some(encoding) };
    let mut misshapen = Vec::new();
    let table = Table::read(file, &columns, &ignored, &mut misshapen).map_err(|errors| {
        let reasons = errors.iter().map(refusing::reason).collect();
        Refusal { reasons, current: None }
    })?;
    let mut rows = misshapen_rows(&misshapen);
    let count = rows.len() + table.rows().len();
    let mut reasons = Reasons::new();
    reasons.add_if(count == 0, || IMPORT_EMPTY.at("file"));
    reasons.add_if(count > ROWS_MOST, || IMPORT_TOO_LONG.with("limit", ROWS_MOST).at("file"));
    reasons.none()?;
    for row in table.rows() {
        let mut input = FormInput::default();
        let mut strange = Vec::new();
        for (field, fixed) in &mapping.fixed {
            input.set(field, fixed.clone());
        }
        for (field, column) in mapping.columns.iter().chain(&mapping.optional) {
            let cell = table.cell(row, column);
            match mapping.translate(field, cell) {
                Ok(value) => drop(input.set(field, value)),
                Err(reason) => {
                    // The word itself stays, so that the check that follows names it once and not as missing.
                    input.set(field, cell.to_owned());
                    strange.push(reason.at(field.as_str()));
                }
            }
        }
        let checked = input.checked(FormSource::Import, around).map_err(|refusal| refusal.reasons);
        let form = match (checked, strange.is_empty()) {
            (Ok(form), true) => Ok(form),
            (checked, _) => {
                let named: Vec<Option<String>> = strange.iter().map(|reason| reason.field.clone()).collect();
                let rest =
                    checked.err().unwrap_or_default().into_iter().filter(|reason| !named.contains(&reason.field));
                Err(strange.into_iter().chain(rest).collect())
            }
        };
        rows.push(Row {
            number: row.number,
            input,
            form: form.map_err(|reasons| placed(reasons, row.number, mapping)),
        });
    }
    rows.sort_by_key(|row| row.number);
    refuse_repeated(&mut rows, mapping);
    Ok(rows)
}

/// Rows that cannot be read by the header: bad ones among the others, each once with all its reasons.
fn misshapen_rows(errors: &[RowError]) -> Vec<Row> {
    let mut of_row: BTreeMap<u64, Vec<Reason>> = BTreeMap::new();
    for error in errors {
        of_row.entry(error.row.unwrap_or_default()).or_default().push(refusing::reason(error));
    }
    let row = |(number, reasons)| Row { number, input: FormInput::default(), form: Err(reasons) };
    of_row.into_iter().map(row).collect()
}

/// Reasons at their row and at the name that the column bears in the file.
pub fn placed(reasons: Vec<Reason>, row: u64, mapping: &Mapping) -> Vec<Reason> {
    let place = |reason: Reason| {
        let column = mapping.column(reason.field.as_deref().unwrap_or_default()).to_owned();
        reason.at(column).in_row(row)
    };
    reasons.into_iter().map(place).collect()
}

/// Form numbers that stand twice in the file: the later rows are bad.
fn refuse_repeated(rows: &mut [Row], mapping: &Mapping) {
    let mut seen: HashMap<String, u64> = HashMap::new();
    for row in rows {
        let number = text::code(&row.input.form_no).to_ascii_uppercase();
        if number.is_empty() {
            continue;
        }
        match seen.get(&number) {
            Some(earlier) => {
                let reason = FORM_NO_REPEATED.with("earlier", earlier).at("form_no");
                row.refuse(placed(vec![reason], row.number, mapping));
            }
            None => drop(seen.insert(number, row.number)),
        }
    }
}

impl Mapping {
    /// Their text as ours: words to codes, dates to `2026-11-16`, times to `2026-11-16 08:00:00`; `/` is their blank.
    fn translate(&self, field: &str, cell: &str) -> Result<String, Reason> {
        let cell = text::tidy(cell);
        let kind = fields::field(field).map(|field| field.kind);
        if matches!(cell.as_str(), "/" | "——" | "-") && !matches!(kind, Some(Kind::Text(_) | Kind::Lines(_))) {
            return Ok(String::new());
        }
        if field == "storage" {
            let parts = cell.split(['、', '，', ',', ';', '；']).map(str::trim).filter(|part| !part.is_empty());
            let codes: Result<Vec<String>, Reason> = parts.map(|part| self.word(field, part)).collect();
            return Ok(codes?.join(";"));
        }
        match kind {
            Some(Kind::Choice(..)) => self.word(field, &cell),
            Some(Kind::Date) if !cell.is_empty() => {
                let date = self.dates.iter().find_map(|format| NaiveDate::parse_from_str(&cell, format).ok());
                // A date cell of a spreadsheet may carry a time.
                let date = date.or_else(|| self.time(&cell).map(|time| time.date()));
                Ok(date.map_or(cell, |date| date.to_string()))
            }
            Some(Kind::Moment) if !cell.is_empty() => {
                Ok(self.time(&cell).map_or(cell, |time| time.format("%Y-%m-%d %H:%M:%S").to_string()))
            }
            Some(Kind::Decimal | Kind::Whole | Kind::Region) => Ok(text::code(&cell)),
            _ => Ok(cell),
        }
    }

    fn time(&self, cell: &str) -> Option<NaiveDateTime> {
        let of_day =
            |format: &String| NaiveDate::parse_from_str(cell, format).ok().and_then(|date| date.and_hms_opt(0, 0, 0));
        let exact = self.times.iter().find_map(|format| NaiveDateTime::parse_from_str(cell, format).ok());
        exact.or_else(|| self.dates.iter().find_map(of_day))
    }

    /// A word of the mapping, or a code as it is. Full-width brackets are the same as half-width ones.
    fn word(&self, field: &str, cell: &str) -> Result<String, Reason> {
        if cell.is_empty() {
            return Ok(String::new());
        }
        let Some(words) = self.values.get(field) else {
            return Ok(cell.to_owned());
        };
        let plain = text::code(cell);
        if let Some((_, code)) = words.iter().find(|(word, _)| text::code(word) == plain) {
            return Ok(code.clone());
        }
        if words.values().any(|code| *code == plain) {
            return Ok(plain);
        }
        let known: Vec<&str> = words.keys().map(String::as_str).collect();
        Err(MAPPING_VALUE.with("found", cell).with("allowed", known.join(", ")))
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
