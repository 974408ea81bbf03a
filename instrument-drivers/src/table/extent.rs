//! How far the cells of a workbook reach, before anything is made of them.
//!
//! XLS and ODS are read by a library that makes every cell between the first and the last one that is written: one stray cell
//! in the corner of a sheet would be gigabytes. Such a file is refused by what it says of itself, and one that is packed by what it
//! unpacks to (`packed`).

use std::io::{BufReader, Cursor, Read, Seek};

use calamine::{Cell, DataRef, Sheets, XlsxError};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::biff;
use super::packed::{self, MOST_TEXT, too_much_text};
use super::rows::column_letters;
use super::workbook::unreadable;
use crate::trouble::{self, Reason};

/// The first and the last row and column of a sheet that hold something, from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    pub sheet: String,
    rows: Option<(u64, u64)>,
    columns: (u64, u64),
}

impl Extent {
    pub fn of(sheet: String) -> Extent {
        Extent { sheet, ..Extent::default() }
    }

    /// There is something in these rows and columns.
    pub fn reach(&mut self, rows: (u64, u64), columns: (u64, u64)) {
        match self.rows {
            Some(known) => {
                self.rows = Some((known.0.min(rows.0), known.1.max(rows.1)));
                self.columns = (self.columns.0.min(columns.0), self.columns.1.max(columns.1));
            }
            None => (self.rows, self.columns) = (Some(rows), columns),
        }
    }

    pub fn cells(&self) -> u64 {
        let count = |(first, last): (u64, u64)| last.saturating_sub(first).saturating_add(1);
        self.rows.map_or(0, |rows| count(rows).saturating_mul(count(self.columns)))
    }

    /// What to tell the person who has the file.
    pub fn too_large(&self) -> Reason {
        let rows = self.rows.unwrap_or_default();
        let at = |row: u64, column: u64| format!("{}{}", column_letters(usize::try_from(column).unwrap_or(0)), row + 1);
        trouble::SHEET_TOO_FAR
            .with("sheet", &self.sheet)
            .with("from", at(rows.0, self.columns.0))
            .with("to", at(rows.1, self.columns.1))
            .with("cells", self.cells().to_string())
            .with("most", MOST_CELLS.to_string())
    }
}

/// Cells of all sheets of a workbook together, those between written ones counted: 65,536 rows of 76 columns. Each takes some
/// hundred bytes while it is read.
pub const MOST_CELLS: u64 = 5_000_000;

/// Refuses an XLS or ODS whose cells reach too far, and an XLSX or ODS in which too much is packed. What is no such file, or is damaged
/// in another way, is for its reader.
///
/// # Errors
/// Which sheet, how far, and what can be done.
pub fn check(bytes: &[u8]) -> Result<(), Reason> {
    let sheets = match bytes {
        [0xd0, 0xcf, ..] => biff::extents(bytes)?,
        [b'P', b'K', ..] => {
            packed::check(bytes)?;
            of_ods(bytes)?
        }
        _ => Vec::new(),
    };
    let mut cells = 0u64;
    for sheet in sheets {
        cells = cells.saturating_add(sheet.cells());
        if cells > MOST_CELLS {
            return Err(sheet.too_large());
        }
    }
    Ok(())
}

/// The same for one sheet of a workbook that is open, whose cells are written one by one (XLSX, XLSB), for who reads it as a
/// whole; of others `check` has told.
///
/// # Errors
/// Which sheet, how far, and what can be done; or that it cannot be read.
pub fn check_sheet<R: Read + Seek>(workbook: &mut Sheets<R>, name: &str) -> Result<(), Reason> {
    let mut extent = Extent::of(name.to_string());
    match workbook {
        Sheets::Xlsx(workbook) => match workbook.worksheet_cells_reader(name) {
            Ok(mut cells) => follow(&mut extent, || cells.next_cell())?,
            Err(XlsxError::NotAWorksheet(_)) => {}
            Err(error) => return Err(unreadable(name, error)),
        },
        Sheets::Xlsb(workbook) => match workbook.worksheet_cells_reader(name) {
            Ok(mut cells) => follow(&mut extent, || cells.next_cell())?,
            Err(error) => return Err(unreadable(name, error)),
        },
        Sheets::Xls(_) | Sheets::Ods(_) => {}
    }
    if extent.cells() > MOST_CELLS { Err(extent.too_large()) } else { Ok(()) }
}

fn follow<'a, E: std::fmt::Display>(
    extent: &mut Extent,
    mut next: impl FnMut() -> Result<Option<Cell<DataRef<'a>>>, E>,
) -> Result<(), Reason> {
    let mut texts = 0;
    while let Some(cell) = next().map_err(|error| unreadable(&extent.sheet, error))? {
        texts += match cell.get_value() {
            DataRef::String(text) => text.len() as u64,
            DataRef::SharedString(text) => text.len() as u64,
            _ => 0,
        };
        if texts > MOST_TEXT {
            return Err(too_much_text(&extent.sheet));
        }
        let (row, column) = cell.get_position();
        let (row, column) = (u64::from(row), u64::from(column));
        extent.reach((row, row), (column, column));
    }
    Ok(())
}

/// The sheets of an ODS; none where it is another archive.
fn of_ods(bytes: &[u8]) -> Result<Vec<Extent>, Reason> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(Vec::new()) };
    if is_encrypted(&mut archive) {
        return Err(Reason::from(&trouble::WORKBOOK_ENCRYPTED));
    }
    let Ok(content) = archive.by_name("content.xml") else { return Ok(Vec::new()) };
    let mut reader = Reader::from_reader(BufReader::new(content));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.check_comments = false;
    config.expand_empty_elements = true;
    let (mut buffer, mut inner) = (Vec::new(), Vec::new());
    let mut sheets: Vec<Extent> = Vec::new();
    let mut rows = Rows::default();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|error| trouble::CONTENT_DAMAGED.with("why", error.to_string()))? {
            Event::Start(start) if start.name().0 == "table:table" => {
                let name = attribute(&start, "table:name").unwrap_or_else(|| (sheets.len() + 1).to_string());
                sheets.push(Extent::of(name));
                rows.next = 0;
            }
            Event::Start(start) if start.name().0 == "table:table-row" => {
                rows.open(repeated(&start, "table:number-rows-repeated"));
            }
            Event::Start(start) if matches!(start.name().0, "table:table-cell" | "table:covered-table-cell") => {
                let read = reader.read_to_end_into(start.name(), &mut inner);
                let span = read.map_err(|error| trouble::CONTENT_DAMAGED.with("why", error.to_string()))?;
                let text = is_filled(&start).then(|| text_of(&start, span.end.saturating_sub(span.start)));
                rows.cell(repeated(&start, "table:number-columns-repeated"), text);
            }
            Event::End(end) if end.name().0 == "table:table-row" => {
                if let Some(sheet) = sheets.last_mut() {
                    rows.close(sheet)?;
                }
            }
            Event::Eof => return Ok(sheets),
            _ => {}
        }
    }
}

/// The list of its parts says so: the content is noise.
fn is_encrypted(archive: &mut ZipArchive<Cursor<&[u8]>>) -> bool {
    let Ok(manifest) = archive.by_name("META-INF/manifest.xml") else { return false };
    let mut text = Vec::new();
    let read = manifest.take(MOST_MANIFEST).read_to_end(&mut text);
    read.is_ok() && memchr::memmem::find(&text, b"encryption-data").is_some()
}

/// Bytes of a list of parts that are looked at.
const MOST_MANIFEST: u64 = 1 << 20;

/// The rows of a sheet as they come.
#[derive(Default)]
struct Rows {
    /// Number of the row at hand, from 0, and how often it stands there.
    next: u64,
    repeated: u64,
    /// Columns of it so far, and the first and last that are filled.
    column: u64,
    filled: Option<(u64, u64)>,
    /// Bytes of its texts, each as often as it stands there, and those of all rows of all sheets.
    text: u64,
    texts: u64,
    /// Cells that rows of all sheets hold up to their last filled one, whatever stands before it: they are made first.
    written: u64,
}

impl Rows {
    fn open(&mut self, repeated: u64) {
        (self.repeated, self.column, self.filled, self.text) = (repeated, 0, None, 0);
    }

    /// `text`: the bytes of its text; none: it is not filled.
    fn cell(&mut self, repeated: u64, text: Option<u64>) {
        let first = self.column;
        self.column = self.column.saturating_add(repeated).min(MOST_COLUMNS);
        if let Some(text) = text.filter(|_| self.column > first) {
            self.text = self.text.saturating_add(text.saturating_mul(self.column - first));
            let begin = self.filled.map_or(first, |(begin, _)| begin);
            self.filled = Some((begin, self.column - 1));
        }
    }

    fn close(&mut self, sheet: &mut Extent) -> Result<(), Reason> {
        let first = self.next;
        self.next = self.next.saturating_add(self.repeated).min(MOST_ROWS);
        let Some((begin, end)) = self.filled.take().filter(|_| self.next > first) else { return Ok(()) };
        sheet.reach((first, self.next - 1), (begin, end));
        self.texts = self.texts.saturating_add(self.text.saturating_mul(self.next - first));
        if self.texts > MOST_TEXT {
            return Err(too_much_text(&sheet.sheet));
        }
        self.written = self.written.saturating_add(end + 1);
        if self.written > MOST_CELLS {
            sheet.reach((first, first), (0, end));
            return Err(sheet.too_large());
        }
        Ok(())
    }
}

/// What goes beyond these is left out where the cells are made.
const MOST_ROWS: u64 = 1 << 20;
const MOST_COLUMNS: u64 = 1 << 14;

fn repeated(start: &BytesStart<'_>, key: &str) -> u64 {
    attribute(start, key).and_then(|text| text.trim().parse().ok()).unwrap_or(1)
}

/// A value, a text or a formula; a cell that is only drawn has none of their attributes.
fn is_filled(start: &BytesStart<'_>) -> bool {
    let says = |key: &str| key.starts_with("office:") || key == "table:formula";
    start.attributes().flatten().any(|attribute| says(attribute.key.0))
}

/// Bytes that a filled cell keeps of its texts; `inner`: what stands between its tags, which of a number nobody needs.
fn text_of(start: &BytesStart<'_>, inner: u64) -> u64 {
    let (mut text, mut is_number) = (0, false);
    for attribute in start.attributes().flatten() {
        match attribute.key.0 {
            "office:value" | "office:boolean-value" => is_number = true,
            "office:string-value" | "office:date-value" | "office:time-value" | "table:formula" => {
                text += attribute.value.len() as u64;
            }
            _ => {}
        }
    }
    if is_number { text } else { text + inner }
}

fn attribute(start: &BytesStart<'_>, key: &str) -> Option<String> {
    let found = start.attributes().flatten().find(|attribute| attribute.key.0 == key)?;
    Some(quick_xml::escape::unescape(&found.value).map_or_else(|_| found.value.to_string(), |text| text.into_owned()))
}
