//! SYLK (symbolic link), a spreadsheet as lines of text: `C;Y2;X1;K"F26-1"`. Old software writes it where it says Excel.
//! Source: Microsoft, SYLK file format, records ID, C, F and E.

use super::charset::Charset;
use super::stored::as_stored;
use super::text;

/// The text, when the bytes are such a spreadsheet.
pub fn decode(bytes: &[u8], encodings: &[Charset]) -> Option<String> {
    if !may_be_sylk(bytes) {
        return None;
    }
    let text = text::decode(bytes, encodings).ok()?;
    // `ID;Pb;Cd` above lines of numbers is a table with semicolons.
    let mut lines = text.lines().take(LINES_THAT_SHOW).filter(|line| !line.trim().is_empty());
    lines.all(|line| RECORDS.contains(&line.split(';').next().unwrap_or(line).trim())).then(|| text.into_owned())
}

/// The first bytes of every such file, whatever program wrote it.
pub fn may_be_sylk(start: &[u8]) -> bool {
    start.starts_with(b"ID;P")
}

/// Row and column of each cell that has a value, from 0, and what stands there.
pub fn cells(text: &str) -> impl Iterator<Item = ((u32, u32), String)> {
    // What a record does not say of its place is as in the record before.
    let (mut row, mut column) = (1u32, 1u32);
    text.lines().filter_map(move |line| {
        let mut parts = fields(line.trim_end());
        if !matches!(parts.next()?.as_str(), "C" | "F") {
            return None;
        }
        let mut value = None;
        for field in parts {
            let rest = field.get(1..).unwrap_or_default();
            match field.chars().next() {
                Some('X') => column = rest.parse().unwrap_or(column),
                Some('Y') => row = rest.parse().unwrap_or(row),
                Some('K') => value = Some(written(rest)),
                _ => {}
            }
        }
        Some(((row.checked_sub(1)?, column.checked_sub(1)?), value?))
    })
}

/// What stands between semicolons; two of them are one that belongs to a text.
fn fields(line: &str) -> impl Iterator<Item = String> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut end = 0;
        while let Some(at) = text[end..].find(';') {
            match text[end + at + 1..].starts_with(';') {
                true => end += at + 2,
                false => {
                    rest = Some(&text[end + at + 1..]);
                    return Some(text[..end + at].replace(";;", ";"));
                }
            }
        }
        rest = None;
        Some(text.replace(";;", ";"))
    })
}

/// A text without its quotation marks; a number as other workbooks have it.
fn written(value: &str) -> String {
    match value.strip_prefix('"') {
        Some(text) => text.strip_suffix('"').unwrap_or(text).to_string(),
        None => as_stored(value.to_string()),
    }
}

/// Names of records.
const RECORDS: [&str; 12] = ["ID", "B", "C", "F", "P", "E", "O", "NN", "NE", "NU", "NL", "W"];
/// Other texts that begin with the same letters soon say so.
const LINES_THAT_SHOW: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_where_their_records_say() {
        let text = "ID;PWXL;N;E\r\nP;PGeneral\r\nB;Y3;X3;D0 0 2 2\r\nC;Y1;X1;K\"样品\"\r\nC;X2;K\"Pb;;total\"\r\nF;P0;FG0G;X3\r\n\
                    C;K\"Cd\"\r\nC;Y2;X1;K\"F26-1\"\r\nC;X2;K0.520\r\nC;X3;K\"ND\"\r\nC;Y3;X1;K\"F26-2\"\r\nC;X2;K1.2E-3;ERC[-1]*2\r\nE\r\n";
        let text = decode(text.as_bytes(), &[Charset::utf_8()]).unwrap();
        let found: Vec<(u32, u32, String)> = cells(&text).map(|((row, column), text)| (row, column, text)).collect();
        let expected = [
            (0, 0, "样品"),
            (0, 1, "Pb;total"),
            (0, 2, "Cd"),
            (1, 0, "F26-1"),
            (1, 1, "0.520"),
            (1, 2, "ND"),
            (2, 0, "F26-2"),
            (2, 1, "0.0012"),
        ];
        assert_eq!(found, expected.map(|(row, column, text)| (row, column, text.to_string())));
    }

    #[test]
    fn a_table_with_semicolons_is_none() {
        assert_eq!(decode(b"ID;Pb;Cd\nF26-1;0.1;0.2\n", &[Charset::utf_8()]), None);
        assert_eq!(decode(b"Sample;Pb\n", &[Charset::utf_8()]), None);
        assert_eq!(cells("C;Y0;X1;K1\nC;Y-1;X2;K2\n").count(), 0);
    }
}
