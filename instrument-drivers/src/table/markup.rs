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
    sheets.text(rest);
    sheets.close_tables();
    sheets.grids.into_iter().filter(|grid| wanted(&grid.name)).collect()
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[derive(Default)]
struct Sheets {
    grids: Vec<Grid>,
    table: Table,
    /// Tables that go on behind the open one, which stands in a cell of the last of them.
    around: Vec<Table>,
    in_worksheet: bool,
    /// It is no page, whose text outside of tables is for people.
    is_workbook: bool,
    /// Text outside of tables, and what of it is ended: titles of the next table.
    loose: String,
    titles: Vec<String>,
}

/// The open table.
#[derive(Default)]
struct Table {
    /// Which of the grids it is; `None` outside of tables.
    grid: Option<usize>,
    row: Option<(usize, Vec<String>)>,
    cell: Option<Cell>,
    /// For each column: how many of the next rows a cell above covers.
    covered: Vec<usize>,
    /// Cells of the open row that cover rows below: column, columns, rows.
    reaching: Vec<(usize, usize, usize)>,
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
    /// The element in it whose text nobody sees, and how many of its name are open, it included.
    hidden: Option<(String, usize)>,
    /// A table stood in it: what follows may be the title of the next one.
    held_table: bool,
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
        self.hide(name, closing, empty, attributes);
        match (name, closing) {
            ("workbook", false) => self.is_workbook = true,
            ("sup", false) => self.verbatim("^"),
            ("thead" | "tbody" | "tfoot", _) => {
                self.close_row();
                self.table.covered.clear();
            }
            ("data", false) => {
                if let Some(cell) = &mut self.table.cell {
                    cell.is_number = attribute(attributes, "type").as_deref() == Some("Number");
                }
            }
            ("worksheet", false) => {
                self.in_worksheet = true;
                self.close_tables();
                self.open_table(attribute(attributes, "name"));
            }
            ("worksheet", true) => {
                self.close_tables();
                self.in_worksheet = false;
            }
            ("table", false) if !self.in_worksheet => self.open_table(None),
            ("table", true) if !self.in_worksheet => self.close_table(),
            ("row" | "tr", false) => {
                self.close_row();
                let before = self.grid().and_then(|grid| grid.rows.last()).map_or(0, |row| row.number);
                let at = number("index").unwrap_or(before + 1).clamp(before + 1, MOST_ROWS);
                self.table.covered.iter_mut().for_each(|rows| *rows = rows.saturating_sub(at - before - 1));
                self.table.row = Some((at, Vec::new()));
            }
            ("row" | "tr", true) => self.close_row(),
            ("cell" | "td" | "th", false) => {
                self.close_cell();
                if let (Some((_, cells)), Some(index)) = (&mut self.table.row, number("index")) {
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
                self.table.cell = Some(Cell {
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
        if self.table.cell.is_some() || (self.table.row.is_none() && !self.is_workbook) {
            let plain = unescape(text);
            self.verbatim(&plain);
        }
    }

    fn verbatim(&mut self, text: &str) {
        match &mut self.table.cell {
            Some(Cell { hidden: Some(_), .. }) => {}
            Some(cell) => {
                cell.text.push_str(text);
                if cell.held_table {
                    self.loose.push_str(text);
                }
            }
            None if self.table.row.is_none() && !self.is_workbook => self.loose.push_str(text),
            None => {}
        }
    }

    /// Text in a cell that a page does not show is none of its value.
    fn hide(&mut self, name: &str, closing: bool, empty: bool, attributes: &str) {
        let Some(cell) = self.table.cell.as_mut().filter(|_| !empty && !WITHOUT_TEXT.contains(&name)) else { return };
        // A paragraph ends where the next one begins.
        if name == "p" && cell.hidden.as_ref().is_some_and(|(hidden, _)| hidden == "p") {
            cell.hidden = None;
        }
        match &mut cell.hidden {
            None if !closing && is_hidden(attributes) => cell.hidden = Some((name.to_string(), 1)),
            Some((hidden, depth)) if *hidden == name => {
                *depth = if closing { *depth - 1 } else { *depth + 1 };
                if *depth == 0 {
                    cell.hidden = None;
                }
            }
            _ => {}
        }
    }

    /// A line of text outside of tables ends.
    fn end_title(&mut self) {
        let title = squeezed(&std::mem::take(&mut self.loose));
        if title.is_empty() || self.titles.len() >= MOST_TITLES {
            return;
        }
        let is_caption = self.table.row.is_none();
        match self.grid().filter(|grid| is_caption && grid.rows.iter().all(|row| row.number == 0)) {
            Some(grid) => grid.rows.push(title_row(title)),
            None => self.titles.push(title),
        }
    }

    /// The sheet of the open table.
    fn grid(&mut self) -> Option<&mut Grid> {
        self.grids.get_mut(self.table.grid?)
    }

    /// Columns that a cell above covers are empty here.
    fn pass_covered(&mut self) {
        if let Some((_, cells)) = &mut self.table.row {
            while self.table.covered.get(cells.len()).is_some_and(|rows| *rows > 0) {
                cells.push(String::new());
            }
        }
    }

    /// A table in a cell of another one is a sheet of its own, behind which the other one goes on.
    fn open_table(&mut self, name: Option<String>) {
        if self.table.grid.is_some() && self.table.row.is_some() && self.table.cell.is_some() {
            self.around.push(std::mem::take(&mut self.table));
        } else {
            self.close_row();
        }
        let name = name.unwrap_or_else(|| format!("Table{}", self.grids.len() + 1));
        // What stands above a table of a page says what it is about. It has no row of its own in it.
        let rows = std::mem::take(&mut self.titles).into_iter().map(title_row).collect();
        self.table = Table { grid: Some(self.grids.len()), ..Table::default() };
        self.grids.push(Grid { place: Place::Sheet(name.clone()), name, rows });
    }

    fn close_table(&mut self) {
        self.close_row();
        self.table = self.around.pop().unwrap_or_default();
        if let Some(cell) = &mut self.table.cell {
            cell.text.push(' ');
            cell.held_table = true;
        }
    }

    /// The open table and all around it.
    fn close_tables(&mut self) {
        while self.table.grid.is_some() {
            self.close_table();
        }
    }

    fn close_row(&mut self) {
        self.close_cell();
        let Some((number, cells)) = self.table.row.take() else { return };
        if let Some(grid) = self.grid() {
            grid.rows.push(Row { number, cells: cells.into_iter().collect() });
        }
        let Table { covered, reaching, .. } = &mut self.table;
        covered.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
        for (column, columns, rows) in reaching.drain(..) {
            let end = column + columns;
            if covered.len() < end {
                covered.resize(end, 0);
            }
            covered[column..end].fill(rows);
        }
    }

    fn close_cell(&mut self) {
        if let (Some((_, cells)), Some(cell)) = (&mut self.table.row, self.table.cell.take()) {
            let column = cells.len();
            let room = MOST_COLUMNS.saturating_sub(column);
            let text = squeezed(&cell.text);
            cells.push(if cell.is_number { as_stored(text) } else { text });
            // Merged cells keep their columns, as in a spreadsheet.
            cells.extend(std::iter::repeat_n(String::new(), (cell.across - 1).min(room)));
            if cell.down > 1 && column < MOST_COLUMNS {
                self.table.reaching.push((column, cell.across.min(room), cell.down - 1));
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

/// Elements that hold no text, or are parts of a table: what is hidden of these is read, as hidden rows of a workbook are.
const WITHOUT_TEXT: [&str; 18] = [
    "area", "base", "br", "col", "colgroup", "embed", "hr", "img", "input", "link", "meta", "wbr", "table", "tr",
    "row", "td", "th", "cell",
];

/// `style="display:none"`, or the attribute `hidden`.
fn is_hidden(attributes: &str) -> bool {
    let attributes = attributes.to_ascii_lowercase();
    if attributes.contains("display") {
        let style: String = attribute(&attributes, "style").unwrap_or_default().split_whitespace().collect();
        if style.split(';').any(|rule| matches!(rule, "display:none" | "display:none!important")) {
            return true;
        }
    }
    if !attributes.contains("hidden") {
        return false;
    }
    // What stands within quotation marks is no name.
    let (mut names, mut quote) = (String::new(), None);
    for c in attributes.chars() {
        match quote {
            Some(mark) if c == mark => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => names.push(c),
        }
    }
    names.split(|c: char| c.is_whitespace() || c == '/').any(|word| word.split('=').next() == Some("hidden"))
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
#[path = "markup_tests.rs"]
mod tests;
