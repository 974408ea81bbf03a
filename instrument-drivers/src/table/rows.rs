//! From text and spreadsheets to rows of cells, each with its place in the source.

use csv::StringRecord;

/// One row. Cells keep their blanks; trimming is the reader's work.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Line number in a text, row number in a sheet, or number of the record; from 1.
    pub number: usize,
    pub cells: StringRecord,
}

impl Row {
    pub fn cell(&self, index: usize) -> &str {
        self.cells.get(index).unwrap_or("")
    }

    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// The row as one text: cells joined by tabs.
    pub fn line(&self) -> String {
        let mut line = String::with_capacity(self.cells.as_slice().len() + self.cells.len());
        for (index, cell) in self.cells.iter().enumerate() {
            if index > 0 {
                line.push('\t');
            }
            line.push_str(cell);
        }
        line
    }
}

/// How positions are printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `12`
    Line,
    /// `Sheet1!C7`
    Sheet(String),
    /// `record 5`
    Record,
    /// The rows are columns of the source, which stood in these lines.
    Turned { place: Box<Place>, lines: Vec<usize> },
}

impl Place {
    pub fn position(&self, row: usize, column: Option<usize>) -> String {
        match self {
            Place::Line => row.to_string(),
            Place::Record => format!("record {row}"),
            Place::Turned { place, lines } => {
                let line = lines.get(column.unwrap_or(0)).or(lines.last()).copied().unwrap_or(0);
                place.position(line, row.checked_sub(1))
            }
            Place::Sheet(name) => format!("{name}!{}{row}", column_letters(column.unwrap_or(0))),
        }
    }
}

/// 0 is A, 26 is AA.
pub fn column_letters(mut index: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (index % 26) as u8);
        if index < 26 {
            break;
        }
        index = index / 26 - 1;
    }
    letters.reverse();
    String::from_utf8_lossy(&letters).into_owned()
}

/// A sheet, or a whole text.
#[derive(Debug, Clone)]
pub struct Grid {
    pub name: String,
    pub place: Place,
    pub rows: Vec<Row>,
}

impl Grid {
    /// Columns become rows.
    pub fn transposed(self) -> Grid {
        let width = self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let height = self.rows.last().map_or(0, |row| row.number);
        // Rows that a sheet leaves out are blank cells here, unless most of the sheet is left out.
        let lines: Vec<usize> = match height <= self.rows.len() + MOST_BLANK_ROWS {
            true => (1..=height).collect(),
            false => self.rows.iter().map(|row| row.number).collect(),
        };
        let rows = (0..width).map(|column| {
            let mut cells = vec![""; lines.len()];
            for row in &self.rows {
                if let Ok(at) = lines.binary_search(&row.number) {
                    cells[at] = row.cell(column);
                }
            }
            Row { number: column + 1, cells: StringRecord::from(cells) }
        });
        let place = Place::Turned { place: Box::new(self.place.clone()), lines: lines.clone() };
        Grid { name: self.name.clone(), place, rows: rows.collect() }
    }
}

/// A sheet may name its last row only; its blank ones need no memory.
const MOST_BLANK_ROWS: usize = 10_000;

/// How a text is cut into cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delimited {
    pub delimiter: Delimiter,
    /// `None`: quotation marks are ordinary characters.
    pub quote: Option<u8>,
    /// Every line is one quoted text that holds the cells.
    pub unquote_lines: bool,
}

/// What stands between two cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delimiter {
    Byte(u8),
    /// Several characters, or one beyond ASCII.
    Text(String),
    /// Any run of blanks and tabs.
    Blanks,
    /// A tab, or two blanks and more: single blanks belong to the names.
    Gaps,
}

/// Calls `each` for every line in order, blank ones included. The row is reused: copy what must stay.
pub fn each_delimited(text: &str, rules: &Delimited, mut each: impl FnMut(&Row)) -> Result<(), String> {
    let unquoted;
    let text = if rules.unquote_lines {
        unquoted = text.lines().map(unquote).collect::<Vec<_>>().join("\n");
        &unquoted
    } else {
        text
    };
    // Excel's first line `sep=;` names the delimiter and is no data.
    let named = text.split_once('\n').and_then(|(first, rest)| Some((excel_delimiter(first)?, rest)));
    let (text, delimiter, line) = match (named, &rules.delimiter) {
        (Some((delimiter, rest)), _) => (rest, delimiter, 2),
        (None, Delimiter::Byte(delimiter)) => (text, *delimiter, 1),
        (None, other) => {
            each_line(text, |row| {
                each(&Row { number: row.number, cells: split_line(row.cell(0), other, rules.quote) })
            });
            return Ok(());
        }
    };
    each_csv(text, delimiter, rules.quote, line, each)
}

/// `sep=;`, also in quotation marks.
fn excel_delimiter(first: &str) -> Option<u8> {
    let first = first.trim_end().trim_matches('"');
    let mark = first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and(first.get(4..))?;
    match mark.as_bytes() {
        [one] => Some(*one),
        _ => None,
    }
}

fn each_csv(
    text: &str,
    delimiter: u8,
    quote: Option<u8>,
    mut line: usize,
    mut each: impl FnMut(&Row),
) -> Result<(), String> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter);
    match quote {
        Some(quote) => builder.quote(quote),
        None => builder.quoting(false),
    };
    let mut reader = builder.from_reader(text.as_bytes());
    let mut row = Row::default();
    let mut counted = 0;
    loop {
        let more = reader.read_record(&mut row.cells).map_err(|error| error.to_string())?;
        let mut start = match row.cells.position() {
            Some(position) if more => position.byte() as usize,
            _ => text.len(),
        };
        line += line_ends(&text[counted..start]);
        // The reader ends a record at CR; the LF behind it belongs to the same line end.
        if text.as_bytes()[..start].ends_with(b"\r") && text[start..].starts_with('\n') {
            start += 1;
        }
        counted = start;
        // The csv reader swallows blank lines; they carry meaning (the end of a block).
        let blank = text[start..].bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if blank > 0 && more {
            for _ in 0..line_ends(&text[start..start + blank]) {
                each(&Row { number: line, cells: StringRecord::new() });
                line += 1;
            }
            counted = start + blank;
        }
        if !more {
            return Ok(());
        }
        row.number = line;
        each(&row);
    }
}

/// Cells of one line; a quoted cell may hold the delimiter, but no line end.
fn split_line(line: &str, delimiter: &Delimiter, quote: Option<u8>) -> StringRecord {
    let blanks = |least: usize| {
        move |rest: &str| {
            let end = rest.find(|c: char| !is_blank(c)).unwrap_or(rest.len());
            let run = &rest[..end];
            (run.chars().count() >= least || run.contains('\t')).then_some(end)
        }
    };
    let at_delimiter: Box<dyn Fn(&str) -> Option<usize> + '_> = match delimiter {
        Delimiter::Byte(byte) => Box::new(move |rest| rest.as_bytes().starts_with(&[*byte]).then_some(1)),
        Delimiter::Text(text) => Box::new(move |rest| rest.starts_with(text.as_str()).then_some(text.len())),
        Delimiter::Blanks => Box::new(blanks(1)),
        Delimiter::Gaps => Box::new(blanks(2)),
    };
    let mut rest = match delimiter {
        Delimiter::Blanks | Delimiter::Gaps => line.trim_matches(is_blank),
        _ => line,
    };
    let mut cells = StringRecord::new();
    if rest.is_empty() {
        return cells;
    }
    let quote = quote.map(char::from);
    loop {
        let mut cell = String::new();
        if quote.is_some_and(|quote| rest.starts_with(quote)) {
            let (inner, behind) = quoted(&rest[1..], quote.unwrap_or('"'));
            cell = inner;
            rest = behind;
        }
        loop {
            if let Some(length) = at_delimiter(rest).filter(|length| *length > 0) {
                rest = &rest[length..];
                break;
            }
            match rest.chars().next() {
                Some(c) => {
                    cell.push(c);
                    rest = &rest[c.len_utf8()..];
                }
                None => {
                    cells.push_field(&cell);
                    return cells;
                }
            }
        }
        cells.push_field(&cell);
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{a0}' | '\u{3000}')
}

/// The text up to the closing mark, and what stands behind it. A doubled mark is one.
fn quoted(text: &str, quote: char) -> (String, &str) {
    let mut inner = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(quote) {
        inner.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix(quote) {
            Some(behind) => {
                inner.push(quote);
                rest = behind;
            }
            None => return (inner, rest),
        }
    }
    inner.push_str(rest);
    (inner, "")
}

/// Calls `each` with every line as one cell. Lines end at CR, LF, CR LF, FF or ETX.
pub fn each_line(text: &str, mut each: impl FnMut(&Row)) {
    let mut number = 1;
    let mut rest = text;
    loop {
        let end = rest.find(['\r', '\n', '\u{c}', '\u{3}']).unwrap_or(rest.len());
        let cells = StringRecord::from(vec![&rest[..end]]);
        each(&Row { number, cells });
        if end == rest.len() {
            return;
        }
        let step = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[end + step..];
        number += 1;
    }
}

fn line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    let lone_cr =
        bytes.iter().enumerate().filter(|(i, byte)| **byte == b'\r' && bytes.get(i + 1) != Some(&b'\n')).count();
    bytes.iter().filter(|byte| **byte == b'\n').count() + lone_cr
}

/// `"a,""b"",c"` is `a,"b",c`.
fn unquote(line: &str) -> String {
    match line.strip_prefix('"').and_then(|rest| rest.trim_end().strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, rules: &Delimited) -> Vec<(usize, Vec<String>)> {
        let mut rows = Vec::new();
        each_delimited(text, rules, |row| rows.push((row.number, row.cells.iter().map(String::from).collect())))
            .unwrap();
        rows
    }

    fn comma() -> Delimited {
        Delimited { delimiter: Delimiter::Byte(b','), quote: Some(b'"'), unquote_lines: false }
    }

    fn check(text: &str, rules: &Delimited, expected: &[(usize, &[&str])]) {
        let expected: Vec<(usize, Vec<String>)> =
            expected.iter().map(|(n, cells)| (*n, cells.iter().map(|c| c.to_string()).collect())).collect();
        assert_eq!(rows(text, rules), expected, "{text:?}");
    }

    #[test]
    fn lines_are_counted_as_a_person_counts_them() {
        check("a,b\n\nc,d\n", &comma(), &[(1, &["a", "b"]), (2, &[]), (3, &["c", "d"])]);
        check("a\r\n\r\n\r\nb", &comma(), &[(1, &["a"]), (2, &[]), (3, &[]), (4, &["b"])]);
        check("a\rb\r", &comma(), &[(1, &["a"]), (2, &["b"])]);
        check("\"x\ny\",1\nb,2\n", &comma(), &[(1, &["x\ny", "1"]), (3, &["b", "2"])]);
        check("\n\na", &comma(), &[(1, &[]), (2, &[]), (3, &["a"])]);
    }

    #[test]
    fn odd_quoting() {
        let whole = Delimited { unquote_lines: true, ..comma() };
        check("\"a,b\"\n\"c,\"\"d\"\"\"\n", &whole, &[(1, &["a", "b"]), (2, &["c", "d"])]);
        check("sep=;\na;b\n", &comma(), &[(2, &["a", "b"])]);
        let plain = Delimited { delimiter: Delimiter::Byte(b'\t'), quote: None, unquote_lines: false };
        check("5\"\tx\n", &plain, &[(1, &["5\"", "x"])]);
        check("\"sep=;\"\na;b\n", &comma(), &[(2, &["a", "b"])]);
    }

    #[test]
    fn delimiters_of_several_characters_and_blanks() {
        let by = |delimiter| Delimited { delimiter, ..comma() };
        let bars = by(Delimiter::Text("||".into()));
        check("a||\"b||c\"||\n", &bars, &[(1, &["a", "b||c", ""]), (2, &[])]);
        check("样品；铅", &by(Delimiter::Text("；".into())), &[(1, &["样品", "铅"])]);
        check("  S 1 \t 0.5\n", &by(Delimiter::Blanks), &[(1, &["S", "1", "0.5"]), (2, &[])]);
        check("Sample 1   0.5\tmg/l\n", &by(Delimiter::Gaps), &[(1, &["Sample 1", "0.5", "mg/l"]), (2, &[])]);
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 2, 25, 26, 701, 702].map(column_letters), ["A", "C", "Z", "AA", "ZZ", "AAA"]);
        assert_eq!(Place::Sheet("Sheet1".into()).position(7, Some(2)), "Sheet1!C7");
    }
}
