//! Workbooks written as text: SpreadsheetML 2003 and HTML tables, which much software saves under the name `.xls`.
//!
//! Read leniently, as spreadsheets do: tags need not be closed, and what is no table is passed over.

use super::charset::Charset;
use super::entity::unescape;
use super::mhtml;
use super::rows::{Grid, Place, Row};
use super::stored::as_stored;
use super::text;

/// The text, when the bytes are such a workbook.
pub fn decode(bytes: &[u8], encodings: &[Charset]) -> Option<String> {
    let start = &bytes[..bytes.len().min(PROLOGUE_BYTES)];
    if mhtml::begins_as_archive(start) {
        return mhtml::pages(bytes);
    }
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

/// Whether the first bytes are those of a page, of XML, or of a page in an archive.
pub fn may_be_markup(start: &[u8]) -> bool {
    begins_with_tag(start) || mhtml::begins_as_archive(&start[..start.len().min(PROLOGUE_BYTES)])
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
    let mut sheets = Sheets::default();
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
        for (opening, closing) in [
            ("<!--", "-->"),
            ("<script", "</script"),
            ("<style", "</style"),
            ("<title", "</title"),
            ("<xml", "</xml"),
            ("<![CDATA[", "]]>"),
        ] {
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

#[derive(Default)]
struct Sheets {
    grids: Vec<Grid>,
    open: Option<Grid>,
    row: Option<(usize, Vec<String>)>,
    cell: Option<Cell>,
    /// For each column: how many of the next rows a cell above covers.
    covered: Vec<usize>,
    /// Cells of the open row that cover rows below: column, columns, rows.
    reaching: Vec<(usize, usize, usize)>,
    in_worksheet: bool,
    /// It is no page, whose text outside of tables is for people.
    is_workbook: bool,
    /// Text outside of tables, and what of it is ended: titles of the next table.
    loose: String,
    titles: Vec<String>,
}

/// The open cell.
#[derive(Default)]
struct Cell {
    text: String,
    /// Columns and rows that it spans.
    across: usize,
    down: usize,
    /// Its text is a number, as the workbook says.
    is_number: bool,
}

/// No sheet is wider or longer; the bound keeps a damaged index from filling memory.
const MOST_COLUMNS: usize = 16_384;
const MOST_ROWS: usize = 1 << 20;
/// Lines of text above a table.
const MOST_TITLES: usize = 1000;

impl Sheets {
    fn tag(&mut self, tag: &str) {
        let end = tag.find(|c: char| c.is_whitespace()).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(end);
        let closing = name.starts_with('/');
        let name = name.trim_matches('/').to_ascii_lowercase();
        let number = |key: &str| attribute(attributes, key).and_then(|text| text.parse::<usize>().ok());
        let empty = tag.ends_with('/');
        let name = name.rsplit(':').next().unwrap_or_default();
        if !matches!(name, "b" | "i" | "u" | "a" | "span" | "font" | "strong" | "em" | "sup" | "sub" | "small" | "big")
        {
            self.end_title();
        }
        match (name, closing) {
            ("workbook", false) => self.is_workbook = true,
            ("sup", false) => self.verbatim("^"),
            ("thead" | "tbody" | "tfoot", _) => {
                self.close_row();
                self.covered.clear();
            }
            ("data", false) => {
                if let Some(cell) = &mut self.cell {
                    cell.is_number = attribute(attributes, "type").as_deref() == Some("Number");
                }
            }
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
                self.covered.iter_mut().for_each(|rows| *rows = rows.saturating_sub(at - before - 1));
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
                if number("index").is_none() {
                    self.pass_covered();
                }
                let spans =
                    |merge, span| number(merge).map(|more| more.saturating_add(1)).or(number(span)).unwrap_or(1);
                let (across, down) = (spans("mergeacross", "colspan"), spans("mergedown", "rowspan"));
                self.cell = Some(Cell {
                    across: across.clamp(1, MOST_COLUMNS),
                    // 0 means up to the end of this part of the table.
                    down: if down == 0 { MOST_ROWS } else { down.min(MOST_ROWS) },
                    ..Cell::default()
                });
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
        if self.cell.is_some() || (self.row.is_none() && !self.is_workbook) {
            let plain = unescape(text);
            self.verbatim(&plain);
        }
    }

    fn verbatim(&mut self, text: &str) {
        match &mut self.cell {
            Some(cell) => cell.text.push_str(text),
            None if self.row.is_none() && !self.is_workbook => self.loose.push_str(text),
            None => {}
        }
    }

    /// A line of text outside of tables ends.
    fn end_title(&mut self) {
        let title = squeezed(&std::mem::take(&mut self.loose));
        if title.is_empty() || self.titles.len() >= MOST_TITLES {
            return;
        }
        match &mut self.open {
            // The caption of a table.
            Some(grid) if grid.rows.iter().all(|row| row.number == 0) => grid.rows.push(title_row(title)),
            _ => self.titles.push(title),
        }
    }

    /// Columns that a cell above covers are empty here.
    fn pass_covered(&mut self) {
        if let Some((_, cells)) = &mut self.row {
            while self.covered.get(cells.len()).is_some_and(|rows| *rows > 0) {
                cells.push(String::new());
            }
        }
    }

    fn open_table(&mut self, name: Option<String>) {
        self.close_table();
        let name = name.unwrap_or_else(|| format!("Table{}", self.grids.len() + 1));
        // What stands above a table of a page says what it is about. It has no row of its own in it.
        let rows = std::mem::take(&mut self.titles).into_iter().map(title_row).collect();
        self.open = Some(Grid { place: Place::Sheet(name.clone()), name, rows });
    }

    fn close_table(&mut self) {
        self.close_row();
        self.covered.clear();
        self.grids.extend(self.open.take());
    }

    fn close_row(&mut self) {
        self.close_cell();
        let reaching = std::mem::take(&mut self.reaching);
        if let (Some(grid), Some((number, cells))) = (&mut self.open, self.row.take()) {
            grid.rows.push(Row { number, cells: cells.into_iter().collect() });
            self.covered.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
            for (column, columns, rows) in reaching {
                let end = column + columns;
                if self.covered.len() < end {
                    self.covered.resize(end, 0);
                }
                self.covered[column..end].fill(rows);
            }
        }
    }

    fn close_cell(&mut self) {
        if let (Some((_, cells)), Some(cell)) = (&mut self.row, self.cell.take()) {
            let column = cells.len();
            let room = MOST_COLUMNS.saturating_sub(column);
            let text = squeezed(&cell.text);
            cells.push(if cell.is_number { as_stored(text) } else { text });
            // Merged cells keep their columns, as in a spreadsheet.
            cells.extend(std::iter::repeat_n(String::new(), (cell.across - 1).min(room)));
            if cell.down > 1 && column < MOST_COLUMNS {
                self.reaching.push((column, cell.across.min(room), cell.down - 1));
            }
        }
    }
}

fn title_row(title: String) -> Row {
    Row { number: 0, cells: [title].into_iter().collect() }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
        check(
            text,
            &[
                ("Table1", 1, &["结果", "", "a b"]),
                ("Table1", 2, &["<0.01", "5 µg"]),
                ("Table2", 0, &["x"]),
                ("Table2", 1, &["1"]),
            ],
        );
        let (bytes, _, _) = encoding_rs::GBK.encode(text);
        assert!(decode(&bytes, &[Charset::utf_8()]).is_some_and(|text| text.contains("结果")));
        assert_eq!(decode(b"a,b\n<table>", &[Charset::utf_8()]), None);
        assert_eq!(decode(b"<?xml version='1.0'?><Run/>", &[Charset::utf_8()]), None);
    }

    #[test]
    fn cells_that_cover_rows_below() {
        check(
            "<table><tr><td rowspan=2>F26-1<td>Pb<td rowspan=3>x</tr><tr><td>Cd</tr><tr><td>F26-2<td>Pb</tr>\
             <tr><td>F26-3<td>As<td>y</table><table><tr><td>1</table>",
            &[
                ("Table1", 1, &["F26-1", "Pb", "x"]),
                ("Table1", 2, &["", "Cd"]),
                ("Table1", 3, &["F26-2", "Pb"]),
                ("Table1", 4, &["F26-3", "As", "y"]),
                ("Table2", 1, &["1"]),
            ],
        );
        check(
            "<table><tr><th rowspan=2 colspan=2>No<th colspan=2>Pb</tr><tr><th>Conc<th>RSD</tr><tr><td>1<td>F<td>2<td>3</table>",
            &[
                ("Table1", 1, &["No", "", "Pb", ""]),
                ("Table1", 2, &["", "", "Conc", "RSD"]),
                ("Table1", 3, &["1", "F", "2", "3"]),
            ],
        );
        // Excel itself says where the next cell stands.
        let row = |cells: &str| format!("<Row>{cells}</Row>");
        let text = [
            "<Workbook><Worksheet ss:Name=\"R\"><Table>".to_string(),
            row("<Cell ss:MergeDown=\"1\"><Data>S</Data></Cell><Cell><Data>Pb</Data></Cell>"),
            row("<Cell ss:Index=\"2\"><Data>Cd</Data></Cell>"),
            row("<Cell><Data>T</Data></Cell>"),
        ];
        check(&text.concat(), &[("R", 1, &["S", "Pb"]), ("R", 2, &["", "Cd"]), ("R", 3, &["T"])]);
    }

    #[test]
    fn text_between_tables_is_above_the_next_one() {
        check(
            "<html><title>Page</title><body><h2>Sample F26-1</h2>Lot <b>7</b><br>x<table><caption>Metals</caption><tr><td>1</table>\
             <p>Sample F26-2<table> <tr> <td>2</table>",
            &[
                ("Table1", 0, &["Sample F26-1"]),
                ("Table1", 0, &["Lot 7"]),
                ("Table1", 0, &["x"]),
                ("Table1", 0, &["Metals"]),
                ("Table1", 1, &["1"]),
                ("Table2", 0, &["Sample F26-2"]),
                ("Table2", 1, &["2"]),
            ],
        );
        check("<table><tr><td>1.2&times;10<sup>3</sup>", &[("Table1", 1, &["1.2×10^3"])]);
    }

    #[test]
    fn numbers_with_more_digits_than_they_hold() {
        for (written, read) in [
            ("0.1000000000000000055", "0.1"),
            ("0.10000000000000001", "0.1"),
            ("1.2E-3", "0.0012"),
            ("-0E0", "0"),
            ("0.10", "0.10"),
            ("123456789012345", "123456789012345"),
            ("ND", "ND"),
        ] {
            let text =
                format!("<Workbook><Worksheet ss:Name=\"R\"><Row><Cell><Data ss:Type=\"Number\">{written}</Data>");
            check(&text, &[("R", 1, &[read])]);
        }
        check(
            "<Workbook><Worksheet ss:Name=\"R\"><Row><Cell><Data ss:Type=\"String\">1E5</Data>",
            &[("R", 1, &["1E5"])],
        );
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
