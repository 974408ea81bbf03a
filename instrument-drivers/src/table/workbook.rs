//! Spreadsheets (XLSX, XLS, ODS) by calamine, and those written as XML or HTML, as grids.
//!
//! A stored number becomes text once: the shortest decimal that reads back to it, in plain notation, whole numbers
//! without a point. Nothing is computed from it.

use std::borrow::Cow;
use std::io::Cursor;

use super::cells::Cells;
use super::charset::Charset;
use calamine::{Data, Reader, open_workbook_auto_from_rs};

use super::markup;
use super::rows::{Grid, Place, Row};
use super::stored::shortest;

/// The sheets whose names fit, in the order of the workbook. The encodings are for workbooks written as text.
pub fn grids(bytes: &[u8], encodings: &[Charset], wanted: impl Fn(&str) -> bool) -> Result<Vec<Grid>, String> {
    if let Some(text) = markup::decode(bytes, encodings) {
        return Ok(markup::grids(&text, wanted));
    }
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes))
        .map_err(|error| format!("this is no readable workbook: {error}"))?;
    let names: Vec<String> = workbook.sheet_names().into_iter().filter(|name| wanted(name)).collect();
    let mut grids = Vec::new();
    for name in names {
        let range = workbook.worksheet_range(&name).map_err(|error| format!("sheet {name}: {error}"))?;
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

/// Whether the bytes begin as XLSX (a ZIP) or XLS (an OLE file) do, or are a workbook written as text.
pub fn looks_like_workbook(bytes: &[u8], encodings: &[Charset]) -> bool {
    is_packed(bytes) || markup::decode(bytes, encodings).is_some()
}

/// The same by the first bytes alone: false where the rest cannot make it a workbook.
pub fn may_be_workbook(start: &[u8]) -> bool {
    is_packed(start) || markup::may_be_markup(start)
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
