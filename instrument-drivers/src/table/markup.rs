//! Workbooks written as text: SpreadsheetML 2003 and HTML tables, which much software saves under the name `.xls`.
//!
//! Read leniently, as spreadsheets do: tags need not be closed, and what is no table is passed over.

use super::charset::Charset;
use super::rows::{Grid, Place, Row};
use super::text;

/// The text, when the bytes are such a workbook.
pub fn decode(bytes: &[u8], encodings: &[Charset]) -> Option<String> {
    let start = &bytes[..bytes.len().min(PROLOGUE_BYTES)];
    let mut candidates: Vec<Charset> = encodings.to_vec();
    candidates.extend(declared_encoding(start));
    // Only what begins with a tag is decoded whole.
    if !begins_with_tag(start) {
        return None;
    }
    let text = text::decode(bytes, &candidates).ok()?;
    let head: String = text.chars().take(PROLOGUE_BYTES).collect::<String>().to_ascii_lowercase();
    let is_sheet = head.contains("urn:schemas-microsoft-com:office:spreadsheet") && head.contains("<workbook");
    let is_html = ["<html", "<table", "<!doctype html"].iter().any(|mark| head.contains(mark));
    (is_sheet || is_html).then(|| text.into_owned())
}

pub fn begins_with_tag(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(PROLOGUE_BYTES)];
    let blank = |byte: &u8| matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf | 0xff | 0xfe);
    start.iter().find(|byte| !blank(byte)) == Some(&b'<')
}

/// Declarations stand at the beginning; style sheets may come before the first table.
const PROLOGUE_BYTES: usize = 4096;

/// `<?xml … encoding="gb2312"?>` and `<meta … charset=gb2312">`.
pub fn declared_encoding(start: &[u8]) -> Option<Charset> {
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    ["encoding=", "charset="].iter().find_map(|mark| {
        let rest = text[text.find(mark)? + mark.len()..].trim_start_matches(['"', '\'']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).unwrap_or(rest.len());
        Charset::named(&rest[..end])
    })
}

/// The sheets whose names fit; the tables of a page are called `Table1`, `Table2`, ….
pub fn grids(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Grid> {
    let mut sheets = Sheets { grids: Vec::new(), open: None, row: None, cell: None, in_worksheet: false };
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        sheets.text(&rest[..at]);
        rest = &rest[at..];
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            // Not every program writes `&lt;`.
            sheets.verbatim("<");
            rest = &rest[1..];
            continue;
        }
        for (opening, closing) in
            [("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<![CDATA[", "]]>")]
        {
            if rest.get(..opening.len()).is_some_and(|start| start.eq_ignore_ascii_case(opening)) {
                let end =
                    find_ignoring_case(&rest[opening.len()..], closing).map_or(rest.len(), |end| end + opening.len());
                if opening == "<![CDATA[" {
                    sheets.verbatim(&rest[opening.len()..end]);
                }
                rest = &rest[end..];
            }
        }
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        if let Some(tag) = rest.get(1..end.saturating_sub(1)) {
            sheets.tag(tag);
        }
        rest = &rest[end..];
    }
    sheets.close_table();
    sheets.grids.into_iter().filter(|grid| wanted(&grid.name)).collect()
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

struct Sheets {
    grids: Vec<Grid>,
    open: Option<Grid>,
    row: Option<(usize, Vec<String>)>,
    /// Text of the open cell, and how many columns it spans.
    cell: Option<(String, usize)>,
    in_worksheet: bool,
}

/// No sheet is wider or longer; the bound keeps a damaged index from filling memory.
const MOST_COLUMNS: usize = 16_384;
const MOST_ROWS: usize = 1 << 20;

impl Sheets {
    fn tag(&mut self, tag: &str) {
        let end = tag.find(|c: char| c.is_whitespace()).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(end);
        let closing = name.starts_with('/');
        let name = name.trim_matches('/').to_ascii_lowercase();
        let number = |key: &str| attribute(attributes, key).and_then(|text| text.parse::<usize>().ok());
        let empty = tag.ends_with('/');
        match (name.rsplit(':').next().unwrap_or_default(), closing) {
            ("worksheet", false) => {
                self.in_worksheet = true;
                self.open_table(attribute(attributes, "name"));
            }
            ("worksheet", true) => {
                self.close_table();
                self.in_worksheet = false;
            }
            ("table", false) if !self.in_worksheet => self.open_table(None),
            ("table", true) if !self.in_worksheet => self.close_table(),
            ("row" | "tr", false) => {
                self.close_row();
                let before = self.open.as_ref().and_then(|grid| grid.rows.last()).map_or(0, |row| row.number);
                let at = number("index").unwrap_or(before + 1).clamp(before + 1, MOST_ROWS);
                self.row = Some((at, Vec::new()));
            }
            ("row" | "tr", true) => self.close_row(),
            ("cell" | "td" | "th", false) => {
                self.close_cell();
                if let (Some((_, cells)), Some(index)) = (&mut self.row, number("index")) {
                    let before = index.saturating_sub(1).min(MOST_COLUMNS);
                    if before > cells.len() {
                        cells.resize(before, String::new());
                    }
                }
                let across =
                    number("mergeacross").map(|more| more.saturating_add(1)).or(number("colspan")).unwrap_or(1);
                self.cell = Some((String::new(), across.clamp(1, MOST_COLUMNS)));
                if empty {
                    self.close_cell();
                }
            }
            ("cell" | "td" | "th", true) => self.close_cell(),
            ("br" | "p" | "div", _) => self.verbatim(" "),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.cell.is_some() {
            let plain = unescape(text);
            self.verbatim(&plain);
        }
    }

    fn verbatim(&mut self, text: &str) {
        if let Some((cell, _)) = &mut self.cell {
            cell.push_str(text);
        }
    }

    fn open_table(&mut self, name: Option<String>) {
        self.close_table();
        let name = name.unwrap_or_else(|| format!("Table{}", self.grids.len() + 1));
        self.open = Some(Grid { place: Place::Sheet(name.clone()), name, rows: Vec::new() });
    }

    fn close_table(&mut self) {
        self.close_row();
        self.grids.extend(self.open.take());
    }

    fn close_row(&mut self) {
        self.close_cell();
        if let (Some(grid), Some((number, cells))) = (&mut self.open, self.row.take()) {
            grid.rows.push(Row { number, cells: cells.into_iter().collect() });
        }
    }

    fn close_cell(&mut self) {
        if let (Some((_, cells)), Some((text, across))) = (&mut self.row, self.cell.take()) {
            let room = MOST_COLUMNS.saturating_sub(cells.len());
            cells.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
            // Merged cells keep their columns, as in a spreadsheet.
            cells.extend(std::iter::repeat_n(String::new(), (across - 1).min(room)));
        }
    }
}

/// The value of an attribute, whatever its prefix, quoted or not.
fn attribute(attributes: &str, key: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower[from..].find(key) {
        let at = from + found;
        from = at + key.len();
        let starts = lower[..at].ends_with(|c: char| c.is_whitespace() || c == ':');
        let Some(rest) = attributes[from..].trim_start().strip_prefix('=').filter(|_| starts) else {
            continue;
        };
        let rest = rest.trim_start();
        let value = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => rest[1..].split(quote).next().unwrap_or_default(),
            _ => rest.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default(),
        };
        return Some(unescape(value));
    }
    None
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        // Entities are short; a lone & stays.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((character, end)) => {
                plain.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "micro" => 'µ',
        "deg" => '°',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(String, usize, Vec<String>)> {
        let row = |name: &str, row: &Row| (name.to_string(), row.number, row.cells.iter().map(String::from).collect());
        grids(text, |_| true).iter().flat_map(|grid| grid.rows.iter().map(|one| row(&grid.name, one))).collect()
    }

    fn check(text: &str, expected: &[(&str, usize, &[&str])]) {
        let expected: Vec<(String, usize, Vec<String>)> = expected
            .iter()
            .map(|(name, number, cells)| (name.to_string(), *number, cells.iter().map(|c| c.to_string()).collect()))
            .collect();
        assert_eq!(cells(text), expected);
    }

    #[test]
    fn spreadsheet_xml() {
        let text = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Run &amp; 1"><Table ss:ExpandedColumnCount="3">
<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">Title</Data></Cell><Cell><Data>x</Data></Cell></Row>
<Row ss:Index="4"><Cell ss:Index="2"><Data ss:Type="Number">0.10</Data></Cell><Cell/></Row>
</Table></Worksheet></Workbook>"#;
        assert!(decode(text.as_bytes(), &[Charset::utf_8()]).is_some());
        check(text, &[("Run & 1", 1, &["Title", "", "x"]), ("Run & 1", 4, &["", "0.10", ""])]);
    }

    #[test]
    fn pages_with_tables() {
        let text = "<html><head><meta charset=gb2312><style>td{}</style></head><table border=1><tr><th colspan=2>结果<td>a<br>b\
                    <tr><td><0.01</td><td>&nbsp;5 &micro;g</td></table><p>x</p><TABLE><TR><TD>1</TABLE>";
        check(text, &[("Table1", 1, &["结果", "", "a b"]), ("Table1", 2, &["<0.01", "5 µg"]), ("Table2", 1, &["1"])]);
        let (bytes, _, _) = encoding_rs::GBK.encode(text);
        assert!(decode(&bytes, &[Charset::utf_8()]).is_some_and(|text| text.contains("结果")));
        assert_eq!(decode(b"a,b\n<table>", &[Charset::utf_8()]), None);
        assert_eq!(decode(b"<?xml version='1.0'?><Run/>", &[Charset::utf_8()]), None);
    }

    #[test]
    fn damage_does_no_harm() {
        for text in
            ["<", "<table", "<table><tr><td", "<table><tr ss:Index=99999999999999999999><td>x", "&&&#xffffffff;<td>"]
        {
            cells(text);
        }
        let wide = grids("<table><tr><td colspan=999999999>x", |_| true);
        assert!(wide[0].rows[0].cells.len() <= MOST_COLUMNS + 1);
    }
}
