//! Spreadsheets (XLSX, XLS, ODS) by calamine, and those written as XML, HTML or SYLK, as grids.
//!
//! A stored number becomes text once: the shortest decimal that reads back to it, in plain notation, whole numbers
//! without a point. Nothing is computed from it.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::io::{Cursor, Read, Seek};

use super::cells::Cells;
use super::charset::Charset;
use calamine::{Cell, Data, DataRef, Reader, Sheets, Xlsx, XlsxError, open_workbook_auto_from_rs};

use super::extent;
use super::formulas;
use super::markup;
use super::packed::{MOST_TEXT, too_much_text};
use super::rows::{Grid, Place, Row};
use super::stored::shortest;
use super::sylk;
use crate::trouble::{self, Reason};

/// The sheets whose names fit, in the order of the workbook. The encodings are for workbooks written as text.
pub fn grids(bytes: &[u8], encodings: &[Charset], wanted: impl Fn(&str) -> bool) -> Result<Vec<Grid>, Reason> {
    grids_of(bytes, encodings, wanted, None)
}

/// The same, and what is to be told of their formulas without results, each with its place.
pub fn grids_with_formulas(
    bytes: &[u8],
    encodings: &[Charset],
    wanted: impl Fn(&str) -> bool,
    told: &mut Vec<(String, Reason)>,
) -> Result<Vec<Grid>, Reason> {
    grids_of(bytes, encodings, wanted, Some(told))
}

fn grids_of(
    bytes: &[u8],
    encodings: &[Charset],
    wanted: impl Fn(&str) -> bool,
    mut told: Option<&mut Vec<(String, Reason)>>,
) -> Result<Vec<Grid>, Reason> {
    if let Some(text) = markup::decode(bytes, encodings) {
        return Ok(markup::grids(&text, wanted));
    }
    if let Some(text) = sylk::decode(bytes, encodings) {
        let mut cells = sylk::cells(&text).map(|(at, text)| Cell::new(at, DataRef::String(text)));
        let rows = written_rows(SYLK_SHEET, || Ok::<_, Infallible>(cells.next()))?;
        let grid = Grid { name: SYLK_SHEET.into(), place: Place::Sheet(SYLK_SHEET.into()), rows };
        return Ok(Some(grid).into_iter().filter(|grid| wanted(&grid.name)).collect());
    }
    extent::check(bytes)?;
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| trouble::WORKBOOK_UNREADABLE.with("why", error.to_string()))?;
    let names: Vec<String> = workbook.sheet_names().into_iter().filter(|name| wanted(name)).collect();
    let mut grids = Vec::new();
    let mut may_have_formulas = None;
    for name in names {
        let written = match &mut workbook {
            Sheets::Xlsx(workbook) => {
                let (rows, has_empty_cell) = rows_of_xlsx(workbook, &name)?;
                if let Some(told) = told.as_deref_mut()
                    && has_empty_cell
                    && *may_have_formulas.get_or_insert_with(|| formulas::may_be_in(bytes))
                {
                    told.extend(formulas::without_result(workbook, &name));
                }
                Some(Ok(rows))
            }
            Sheets::Xlsb(workbook) => Some(match workbook.worksheet_cells_reader(&name) {
                Ok(mut cells) => written_rows(&name, || cells.next_cell()),
                Err(error) => Err(unreadable(&name, error)),
            }),
            Sheets::Xls(_) | Sheets::Ods(_) => None,
        };
        if let Some(rows) = written {
            grids.push(Grid { place: Place::Sheet(name.clone()), name, rows: rows? });
            continue;
        }
        let range = workbook.worksheet_range(&name).map_err(|error| unreadable(&name, error))?;
        let (first_row, first_column) = range.start().unwrap_or((0, 0));
        let mut rows = Vec::new();
        for (index, cells) in range.rows().enumerate() {
            let last = cells.iter().rposition(|cell| !matches!(cell, Data::Empty)).map_or(0, |last| last + 1);
            let mut record: Cells = (0..first_column).map(|_| "").collect();
            record.extend(cells[..last].iter().map(text));
            rows.push(Row { number: first_row as usize + index + 1, cells: record });
        }
        grids.push(Grid { place: Place::Sheet(name.clone()), name, rows });
    }
    Ok(grids)
}

/// The rows of a sheet, and whether a cell without a value is written in it.
fn rows_of_xlsx<R: Read + Seek>(workbook: &mut Xlsx<R>, name: &str) -> Result<(Vec<Row>, bool), Reason> {
    let mut cells = match workbook.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        // A diagram that has a sheet of its own.
        Err(XlsxError::NotAWorksheet(_)) => return Ok((Vec::new(), false)),
        Err(error) => return Err(unreadable(name, error)),
    };
    let mut has_empty_cell = false;
    let rows = written_rows(name, || {
        let cell = cells.next_cell();
        if let Ok(Some(cell)) = &cell {
            has_empty_cell |= matches!(cell.get_value(), DataRef::Empty);
        }
        cell
    })?;
    Ok((rows, has_empty_cell))
}

/// The rows of a sheet from the cells that are written in it. One with something in its last row and column would have
/// 17 thousand million cells, if those between were made.
fn written_rows<'a, E: fmt::Display>(
    sheet: &str,
    mut next: impl FnMut() -> Result<Option<Cell<DataRef<'a>>>, E>,
) -> Result<Vec<Row>, Reason> {
    let mut cells: Vec<((u32, u32), Data)> = Vec::new();
    let mut texts = 0;
    while let Some(cell) = next().map_err(|error| unreadable(sheet, error))? {
        let value = Data::from(cell.get_value().clone());
        if let Data::String(text) = &value {
            texts += text.len() as u64;
        }
        if value != Data::Empty {
            cells.push((cell.get_position(), value));
        }
        if cells.len() > MOST_CELLS {
            return Err(too_large(sheet));
        }
        if texts > MOST_TEXT {
            return Err(too_much_text(sheet));
        }
    }
    // Of two that are written for one place the later one counts, as everywhere.
    cells.sort_by_key(|(at, _)| *at);
    let mut rows: Vec<Row> = Vec::new();
    let mut count = 0;
    for (at, ((row, column), value)) in cells.iter().enumerate() {
        if cells.get(at + 1).is_some_and(|(next, _)| *next == (*row, *column)) {
            continue;
        }
        let (number, column) = (*row as usize + 1, *column as usize);
        let last = rows.last().map_or(number, |last| last.number);
        if number > last {
            // Blank rows end blocks; one does that for thousands.
            let first = if number - last > MOST_BLANK_ROWS { number - 1 } else { last + 1 };
            rows.extend((first..number).map(|number| Row { number, ..Row::default() }));
        }
        if rows.last().is_none_or(|last| last.number < number) {
            rows.push(Row { number, ..Row::default() });
        }
        let Some(last) = rows.last_mut() else { continue };
        count += column + 1 - last.cells.len();
        if count > MOST_CELLS {
            return Err(too_large(sheet));
        }
        (last.cells.len()..column).for_each(|_| last.cells.push(""));
        last.cells.push(&text(value));
    }
    Ok(rows)
}

pub(super) fn unreadable(sheet: &str, error: impl fmt::Display) -> Reason {
    trouble::SHEET_UNREADABLE.with("sheet", sheet).with("why", error.to_string())
}

fn too_large(sheet: &str) -> Reason {
    trouble::SHEET_TOO_LARGE.with("sheet", sheet).with("most", MOST_CELLS.to_string())
}

/// The only sheet of a SYLK file, which does not say what it is called.
const SYLK_SHEET: &str = "Sheet1";
/// Cells of a sheet, those left of written ones counted: a million rows of ten columns.
const MOST_CELLS: usize = 10_000_000;
/// Blank rows between written ones that are kept.
const MOST_BLANK_ROWS: usize = 10_000;

/// Whether the bytes begin as XLSX (a ZIP) or XLS (an OLE file) do, or are a workbook written as text.
pub fn looks_like_workbook(bytes: &[u8], encodings: &[Charset]) -> bool {
    is_packed(bytes) || markup::decode(bytes, encodings).is_some() || sylk::decode(bytes, encodings).is_some()
}

/// The same by the first bytes alone: false where the rest cannot make it a workbook.
pub fn may_be_workbook(start: &[u8]) -> bool {
    is_packed(start) || markup::may_be_markup(start) || sylk::may_be_sylk(start)
}

fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

fn text(cell: &Data) -> Cow<'_, str> {
    let written = match cell {
        Data::Empty => return Cow::Borrowed(""),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => return Cow::Borrowed(text),
        Data::Bool(yes) => return Cow::Borrowed(if *yes { "TRUE" } else { "FALSE" }),
        Data::Float(number) => shortest(*number),
        Data::Int(number) => number.to_string(),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::DateTime(span) => span.as_f64().to_string(),
        Data::Error(error) => error.to_string(),
        #[allow(unreachable_patterns)] // new kinds of cells may appear in calamine
        other => other.to_string(),
    };
    Cow::Owned(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_a_person_would() {
        for (number, expected) in [
            (3.0, "3"),
            (0.1, "0.1"),
            (643647.821964247, "643647.821964247"),
            (1e-7, "0.0000001"),
            (1e21, "1000000000000000000000"),
            (-0.0, "0"),
        ] {
            assert_eq!(text(&Data::Float(number)), expected);
        }
    }

    #[test]
    fn garbage_is_refused() {
        assert!(grids(b"PK\x03\x04nonsense", &[], |_| true).is_err());
        assert!(grids(b"", &[], |_| true).is_err());
    }
}
