//! Reads a spreadsheet (CSV or XLSX) into rows of named text cells that remember where they stood.
//!
//! The first row names the columns. Text is UTF-8 or GB18030: told by a byte order mark or by the caller; without either
//! it must be valid UTF-8. Anything else is refused rather than guessed.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::Cursor;

use calamine::{Data, Reader};
use instrument_drivers::table::extent;
use instrument_drivers::trouble;

use crate::domain::refusal::Fact;
use crate::web::language::Language;

/// How the bytes of a CSV file are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Gb18030,
}

/// A file as it was handed in.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    pub bytes: &'a [u8],
    /// Shown in errors.
    pub name: &'a str,
    /// What the person who hands it in says; not needed for XLSX, UTF-8 or a file with a byte order mark.
    pub encoding: Option<Encoding>,
}

impl<'a> File<'a> {
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        File { bytes, name, encoding: None }
    }
}

/// Why a file or a cell was refused. `code` is stable and names the sentence in each language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    Unreadable,
    Encoding,
    NoHeader,
    UnknownColumn,
    RepeatedColumn,
    MissingColumn,
    CellCount,
    FormulaError,
    Missing,
    NotAllowed,
    NotDecimal,
    NotWhole,
    NotDate,
    OutOfOrder,
    CheckDigit,
    MustBeEmpty,
    Repeated,
    Unknown,
    StillNamed,
    UnitsWrong,
}

impl Problem {
    pub fn code(self) -> &'static str {
        match self {
            Problem::Unreadable => "unreadable",
            Problem::Encoding => "encoding",
            Problem::NoHeader => "no_header",
            Problem::UnknownColumn => "unknown_column",
            Problem::RepeatedColumn => "repeated_column",
            Problem::MissingColumn => "missing_column",
            Problem::CellCount => "cell_count",
            Problem::FormulaError => "formula_error",
            Problem::Missing => "missing",
            Problem::NotAllowed => "not_allowed",
            Problem::NotDecimal => "not_decimal",
            Problem::NotWhole => "not_whole",
            Problem::NotDate => "not_date",
            Problem::OutOfOrder => "out_of_order",
            Problem::CheckDigit => "check_digit",
            Problem::MustBeEmpty => "must_be_empty",
            Problem::Repeated => "repeated",
            Problem::Unknown => "unknown",
            Problem::StillNamed => "still_named",
            Problem::UnitsWrong => "units_wrong",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Problem::Unreadable => "the file cannot be read",
            Problem::Encoding => "the text is not in the expected encoding",
            Problem::NoHeader => "there is no header row",
            Problem::UnknownColumn => "the column is not known",
            Problem::RepeatedColumn => "the column stands twice in the header",
            Problem::MissingColumn => "the column is missing from the header",
            Problem::CellCount => "the row does not have as many cells as the header",
            Problem::FormulaError => "the cell shows a formula error",
            Problem::Missing => "the cell must not be empty",
            Problem::NotAllowed => "the value is not one of those allowed",
            Problem::NotDecimal => "the value is not a plain decimal number",
            Problem::NotWhole => "the value is not a whole number in range",
            Problem::NotDate => "the value is not a date",
            Problem::OutOfOrder => "the second value lies before the first",
            Problem::CheckDigit => "the check digit does not fit",
            Problem::MustBeEmpty => "the cell must be empty for this kind of row",
            Problem::Repeated => "the value was used in an earlier row",
            Problem::Unknown => "the value names nothing that is known",
            Problem::StillNamed => "the table lacks what the set in force of another kind still names",
            Problem::UnitsWrong => "the unit of the result does not follow from the inputs",
        }
    }
}

/// One thing that is wrong with a file, placed so that a person can put a finger on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    pub file: String,
    /// Row as a spreadsheet counts (the header is 1); `None` when the whole file is meant.
    pub row: Option<u64>,
    /// Name of the column; its letter is in `letter`.
    pub column: Option<String>,
    pub letter: Option<String>,
    pub problem: Problem,
    /// What stood there.
    pub found: String,
    /// What may stand there, to be said in the reader's language; an empty text when the problem says it all.
    pub allowed: Fact,
}

impl RowError {
    /// Whether anything is said of what may stand there.
    pub fn names_allowed(&self) -> bool {
        self.allowed != Fact::Text(String::new())
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            match &self.letter {
                Some(letter) => write!(f, ", column {letter} ({column})")?,
                None => write!(f, ", column {column}")?,
            }
        }
        write!(f, ": {}", self.problem.sentence())?;
        if !self.found.is_empty() {
            write!(f, ": \"{}\"", self.found)?;
        }
        if self.names_allowed() {
            write!(f, "; allowed: {}", Language::English.said(&self.allowed))?;
        }
        Ok(())
    }
}

impl std::error::Error for RowError {}

/// A table of text cells with named columns.
#[derive(Debug)]
pub struct Table {
    pub file: String,
    columns: HashMap<String, usize>,
    rows: Vec<Row>,
}

/// One row below the header.
#[derive(Debug)]
pub struct Row {
    /// Row as a spreadsheet counts: the header is 1, blank rows count, a cell of several lines is one row.
    pub number: u64,
    cells: Vec<String>,
}

impl Table {
    /// Reads the file. `required` columns must be in the header, `optional` ones may be, any other is an error: a column
    /// that the reader would overlook is not taken in silence.
    ///
    /// A row of another shape than the header is not among the rows of the table, but among `misshapen`: the reader adds
    /// what is wrong with the others and refuses the file with both.
    ///
    /// # Errors
    /// When no row can be understood: another encoding, another header.
    pub fn read(
        file: File<'_>,
        required: &[&str],
        optional: &[&str],
        misshapen: &mut Vec<RowError>,
    ) -> Result<Table, Vec<RowError>> {
        let (mut grid, mut errors) = if is_workbook(file.bytes) { read_workbook(file)? } else { read_csv(file)? };
        grid.retain(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        if grid.is_empty() {
            return Err(vec![whole_file(file, Problem::NoHeader, "", required.join(", "))]);
        }
        let header = grid.remove(0);
        let mut columns = HashMap::new();
        for (index, name) in header.cells.iter().enumerate() {
            let mut complain = |problem, allowed: String| {
                errors.push(RowError {
                    row: Some(header.number),
                    column: Some(name.clone()),
                    letter: Some(letter(index)),
                    ..whole_file(file, problem, "", allowed)
                });
            };
            if name.is_empty() {
                if grid.iter().any(|row| row.cells.get(index).is_some_and(|cell| !cell.is_empty())) {
                    complain(Problem::UnknownColumn, [required, optional].concat().join(", "));
                }
            } else if !required.contains(&name.as_str()) && !optional.contains(&name.as_str()) {
                complain(Problem::UnknownColumn, [required, optional].concat().join(", "));
            } else if columns.insert(name.clone(), index).is_some() {
                complain(Problem::RepeatedColumn, String::new());
            }
        }
        for name in required.iter().filter(|name| !columns.contains_key(**name)) {
            errors.push(RowError {
                row: Some(header.number),
                column: Some((*name).to_string()),
                ..whole_file(file, Problem::MissingColumn, "", "")
            });
        }
        for row in grid.iter().filter(|row| row.cells.len() != header.cells.len()) {
            errors.push(RowError {
                row: Some(row.number),
                ..whole_file(file, Problem::CellCount, &row.cells.len().to_string(), header.cells.len())
            });
        }
        if errors.iter().any(|error| error.row.is_none_or(|row| row <= header.number)) {
            return Err(errors);
        }
        let bad: HashSet<u64> = errors.iter().filter_map(|error| error.row).collect();
        grid.retain(|row| !bad.contains(&row.number));
        misshapen.extend(errors);
        Ok(Table { file: file.name.to_string(), columns, rows: grid })
    }

    /// Reads a file whose columns were checked before.
    ///
    /// # Errors
    /// When the table or one of its rows cannot be understood.
    pub fn read_any(file: File<'_>) -> Result<Table, Vec<RowError>> {
        let (grid, _) = if is_workbook(file.bytes) { read_workbook(file)? } else { read_csv(file)? };
        let header = grid.iter().find(|row| row.cells.iter().any(|cell| !cell.is_empty()));
        let names: Vec<&str> = header
            .map(|row| row.cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect())
            .unwrap_or_default();
        let mut misshapen = Vec::new();
        let table = Self::read(file, &names, &[], &mut misshapen)?;
        if misshapen.is_empty() { Ok(table) } else { Err(misshapen) }
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The same cells as CSV in UTF-8, whatever the file was: the form in which a set is kept.
    pub fn to_csv(&self) -> Result<String, String> {
        let mut columns: Vec<(&str, usize)> =
            self.columns.iter().map(|(name, index)| (name.as_str(), *index)).collect();
        columns.sort_by_key(|(_, index)| *index);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(columns.iter().map(|(name, _)| *name)).map_err(|error| error.to_string())?;
        for row in &self.rows {
            let cells = columns.iter().map(|(_, index)| row.cells.get(*index).map_or("", String::as_str));
            writer.write_record(cells).map_err(|error| error.to_string())?;
        }
        let bytes = writer.into_inner().map_err(|error| error.to_string())?;
        String::from_utf8(bytes).map_err(|error| error.to_string())
    }

    /// The trimmed text of a cell; empty when the table has no such column.
    pub fn cell<'t>(&'t self, row: &'t Row, column: &str) -> &'t str {
        self.columns.get(column).and_then(|index| row.cells.get(*index)).map_or("", String::as_str)
    }

    /// An error about one cell of this table.
    pub fn error(&self, row: &Row, column: &str, problem: Problem, allowed: impl Into<Fact>) -> RowError {
        RowError {
            file: self.file.clone(),
            row: Some(row.number),
            column: Some(column.to_string()),
            letter: self.columns.get(column).map(|index| letter(*index)),
            problem,
            found: self.cell(row, column).to_string(),
            allowed: allowed.into(),
        }
    }
}

fn whole_file(file: File<'_>, problem: Problem, found: &str, allowed: impl Into<Fact>) -> RowError {
    RowError {
        file: file.name.to_string(),
        row: None,
        column: None,
        letter: None,
        problem,
        found: found.to_string(),
        allowed: allowed.into(),
    }
}

/// Column letters as spreadsheets write them: 0 is A, 25 is Z, 26 is AA.
fn letter(index: usize) -> String {
    let mut letters = String::new();
    let mut rest = index + 1;
    while rest > 0 {
        letters.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters
}

/// Rows, and errors found on the way that do not keep the others from being found.
type Grid = (Vec<Row>, Vec<RowError>);

/// XLSX is a ZIP archive, XLS an OLE2 container; no CSV begins with either signature.
fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

fn read_csv(file: File<'_>) -> Result<Grid, Vec<RowError>> {
    let text = decode(file)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| vec![whole_file(file, Problem::Unreadable, &error.to_string(), "CSV")])?;
        let begin = record.position().map_or(0, |position| position.byte() as usize);
        let before = rows.last().map_or(0, |row| row.number);
        rows.push(Row {
            number: before + blank_lines(&text, begin) + 1,
            cells: record.iter().map(|cell| cell.trim().to_string()).collect(),
        });
    }
    Ok((rows, Vec::new()))
}

/// Blank lines from `begin` on: the CSV reader passes over them, a spreadsheet counts them as rows.
fn blank_lines(text: &str, begin: usize) -> u64 {
    let (before, rest) = text.split_at_checked(begin).unwrap_or((text, ""));
    // The reader ends a row at the CR; the LF of the same line end is still ahead.
    let rest = if before.ends_with('\r') { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
    let blank = rest.find(|c| c != '\r' && c != '\n').map_or(rest, |end| &rest[..end]);
    blank.replace("\r\n", "\n").chars().count() as u64
}

fn decode(file: File<'_>) -> Result<String, Vec<RowError>> {
    const GB18030_MARK: &[u8] = &[0x84, 0x31, 0x95, 0x33];
    let (encoding, bytes) = if let Some(rest) = file.bytes.strip_prefix(b"\xEF\xBB\xBF") {
        (encoding_rs::UTF_8, rest)
    } else if let Some(rest) = file.bytes.strip_prefix(GB18030_MARK) {
        (encoding_rs::GB18030, rest)
    } else if file.encoding == Some(Encoding::Gb18030) {
        (encoding_rs::GB18030, file.bytes)
    } else {
        (encoding_rs::UTF_8, file.bytes)
    };
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if !text.contains('\0') => Ok(text.into_owned()),
        _ => Err(vec![whole_file(file, Problem::Encoding, encoding.name(), Fact::word("expected-readable-text"))]),
    }
}

fn read_workbook(file: File<'_>) -> Result<Grid, Vec<RowError>> {
    let unreadable = |error: calamine::Error| vec![whole_file(file, Problem::Unreadable, &error.to_string(), "XLSX")];
    // Every cell between the first and the last is made: a stray one far away would be gigabytes.
    let too_large = |reason: trouble::Reason| vec![whole_file(file, Problem::Unreadable, &reason.to_string(), "XLSX")];
    extent::check(file.bytes).map_err(too_large)?;
    let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(file.bytes)).map_err(unreadable)?;
    let mut filled = Vec::new();
    for sheet in workbook.sheet_names() {
        extent::check_sheet(&mut workbook, &sheet).map_err(too_large)?;
        let range = workbook.worksheet_range(&sheet).map_err(unreadable)?;
        if range.used_cells().next().is_some() {
            filled.push((sheet, range));
        }
    }
    if filled.len() > 1 {
        let sheets: Vec<&str> = filled.iter().map(|(sheet, _)| sheet.as_str()).collect();
        return Err(vec![whole_file(file, Problem::Unreadable, &sheets.join(", "), Fact::word("expected-one-sheet"))]);
    }
    let Some((_, range)) = filled.pop() else {
        return Ok((Vec::new(), Vec::new()));
    };
    let (first_row, first_column) = range.start().unwrap_or((0, 0));
    let mut errors = Vec::new();
    let mut rows = Vec::new();
    for (offset, cells) in range.rows().enumerate() {
        let number = u64::from(first_row) + offset as u64 + 1;
        // Cells left of the used range belong to columns A, B, ...: keep the letters right.
        let mut texts = vec![String::new(); first_column as usize];
        for cell in cells {
            texts.push(cell_text(cell).unwrap_or_else(|found| {
                errors.push(RowError {
                    row: Some(number),
                    column: Some(letter(texts.len())),
                    letter: Some(letter(texts.len())),
                    ..whole_file(file, Problem::FormulaError, &found, "")
                });
                String::new()
            }));
        }
        rows.push(Row { number, cells: texts });
    }
    Ok((rows, errors))
}

/// A cell as text. A stored number becomes the shortest decimal that reads back to it, in plain notation; whoever needs
/// the zeros of `5.0` formats the cell as text.
fn cell_text(cell: &Data) -> Result<String, String> {
    Ok(match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.trim().to_string(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => {
            let text = number.to_string();
            // A double has a zero below zero.
            if text == "-0" { "0".to_owned() } else { text }
        }
        Data::Bool(value) => if *value { "yes" } else { "no" }.to_string(),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => return Err(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        let letters = [0, 25, 26, 51, 52, 701, 702].map(letter);
        assert_eq!(letters, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn a_stored_number_is_its_shortest_decimal() {
        let text = |number| cell_text(&Data::Float(number)).unwrap();
        assert_eq!([text(0.0), text(-0.0), text(0.30), text(-2.5)], ["0", "0", "0.3", "-2.5"]);
    }

    #[test]
    fn rows_are_counted_as_in_a_spreadsheet() {
        for line_end in ["\n", "\r\n"] {
            let text = "a,b||\"two\nlines\",1|,| x , 2 |||y,3|".replace('|', line_end);
            let table = Table::read_any(File::new("t.csv", text.as_bytes())).expect("a good table");
            let rows: Vec<(u64, &str, &str)> =
                table.rows().iter().map(|row| (row.number, table.cell(row, "a"), table.cell(row, "b"))).collect();
            assert_eq!(rows, [(3, "two\nlines", "1"), (5, "x", "2"), (8, "y", "3")]);
        }
    }

    #[test]
    fn a_cell_in_the_last_corner_of_a_sheet_is_no_table() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, column, text) in [(0, 0, "a"), (0, 1, "b"), (1_048_575, 16_383, "x")] {
            sheet.write_string(row, column, text).expect("a text is written");
        }
        let bytes = book.save_to_buffer().expect("a workbook");
        let errors = Table::read_any(File::new("t.xlsx", &bytes)).expect_err("it is refused");
        assert_eq!(errors.iter().map(|error| error.problem).collect::<Vec<_>>(), [Problem::Unreadable]);
        let found = &errors[0].found;
        assert!(found.contains("sheet Sheet1") && found.contains("XFD1048576"), "{found}");
    }
}
