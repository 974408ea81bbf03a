//! From text to rows: delimited cells or whole lines, taken off the front of a text that may come in pieces.
//!
//! Quotation is read as the `csv` crate reads it (a test compares the two), but for a quote that is never closed: it is an
//! ordinary character, and the lines behind it are rows. Blank lines are rows too, because they end blocks, and every row
//! knows its line as a person counts it.

use super::cells::Cells;
use super::rows::{Delimited, Delimiter, Row};

/// Takes rows off a text.
pub struct Splitter {
    rules: Option<Delimited>,
    begun: bool,
    /// Number of the next line.
    line: usize,
    /// Blank lines seen and not yet told: at the end of a text they are none.
    blank: usize,
    row: Row,
    /// Lines in which a quote opens that is not closed.
    open_quotes: Vec<usize>,
}

impl Splitter {
    /// Without rules every line is one cell.
    pub fn new(rules: Option<&Delimited>) -> Splitter {
        let row = Row::default();
        Splitter { rules: rules.cloned(), begun: false, line: 1, blank: 0, row, open_quotes: Vec::new() }
    }

    /// Numbers of the lines in which a quote opens that is not closed: it is read as an ordinary character.
    pub fn into_open_quotes(self) -> Vec<usize> {
        self.open_quotes
    }

    /// Calls `each` for every row that is whole, blank ones included, and returns how many bytes they took; what is left
    /// must come again with more behind it. `last`: nothing more comes. The row is reused: copy what must stay.
    pub fn feed(&mut self, text: &str, last: bool, each: &mut impl FnMut(&Row)) -> usize {
        let mut taken = 0;
        if !self.begun {
            if !last && text.len() < LONGEST_FIRST_LINE && !text.contains('\n') {
                return 0;
            }
            self.begun = true;
            taken = self.excel_line(text);
        }
        let rest = &text[taken..];
        taken
            + match &self.rules {
                Some(Delimited { delimiter: Delimiter::Byte(delimiter), quote, .. }) => {
                    let marks = Marks { delimiter: *delimiter, quote: *quote };
                    self.records(rest, last, marks, each)
                }
                _ => self.lines(rest, last, each),
            }
    }

    /// Excel's first line `sep=;` names the delimiter and is no data.
    fn excel_line(&mut self, text: &str) -> usize {
        let Some(rules) = &mut self.rules else { return 0 };
        let named = text.split_once('\n').and_then(|(first, _)| Some((first.len() + 1, excel_delimiter(first)?)));
        let Some((length, delimiter)) = named else { return 0 };
        rules.delimiter = Delimiter::Byte(delimiter);
        self.line = 2;
        length
    }

    fn records(&mut self, text: &str, last: bool, marks: Marks, each: &mut impl FnMut(&Row)) -> usize {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            at += text.len() - at - behind_marks(&text[at..]).len();
            if at == bytes.len() {
                break;
            }
            if matches!(bytes[at], b'\r' | b'\n') {
                let Some(length) = line_end(&bytes[at..], last) else { break };
                self.blank += 1;
                at += length;
                continue;
            }
            let Some(record) = marks.record(&text[at..], last, &mut self.row.cells) else { break };
            if self.blank > 0 {
                let mut blank = Row { number: self.line, ..Row::default() };
                for _ in 0..std::mem::take(&mut self.blank) {
                    each(&blank);
                    blank.number += 1;
                }
                self.line = blank.number;
            }
            self.row.number = self.line;
            each(&self.row);
            self.open_quotes.extend(record.open_quote.map(|line| self.line + line));
            self.line += record.lines;
            at += record.length;
        }
        at
    }

    /// Lines end at CR, LF, CR LF, FF or ETX. What follows the last one is a line, too.
    fn lines(&mut self, text: &str, last: bool, each: &mut impl FnMut(&Row)) -> usize {
        let bytes = text.as_bytes();
        let mut at = 0;
        loop {
            let end = bytes[at..].iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0xc | 0x3));
            let (line, step) = match end {
                Some(length) => match line_end(&bytes[at + length..], last) {
                    Some(step) => (&text[at..at + length], step),
                    None => return at,
                },
                None if last => (&text[at..], 0),
                None => return at,
            };
            self.row.number = self.line;
            self.row.cells.clear();
            let text = behind_marks(line);
            match &self.rules {
                Some(rules) => split_line(text, rules, &mut self.row.cells),
                None => self.row.cells.push(text),
            }
            each(&self.row);
            self.line += 1;
            at += line.len() + step;
            if end.is_none() {
                return at;
            }
        }
    }
}

/// Bytes. `sep=;` is shorter, whatever blanks stand behind it.
const LONGEST_FIRST_LINE: usize = 4096;

/// Calls `each` for every row of a text that is all there. Returns the lines in which a quote opens that is not closed.
pub fn each_delimited(text: &str, rules: &Delimited, mut each: impl FnMut(&Row)) -> Vec<usize> {
    let unquoted;
    let text = if rules.unquote_lines {
        unquoted = text.lines().map(unquote).collect::<Vec<_>>().join("\n");
        &unquoted
    } else {
        text
    };
    let mut splitter = Splitter::new(Some(rules));
    splitter.feed(text, true, &mut each);
    splitter.into_open_quotes()
}

/// `"a,""b"",c"` is `a,"b",c`; `"a","b"` is no line within quotation marks, and stays.
fn unquote(line: &str) -> String {
    let inner = line.strip_prefix('"').and_then(|rest| rest.trim_end().strip_suffix('"'));
    match inner.filter(|inner| !inner.replace("\"\"", "").contains('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => line.to_string(),
    }
}

/// `sep=;`, also in quotation marks.
pub fn excel_delimiter(first: &str) -> Option<u8> {
    let first = behind_marks(first).trim_end().trim_matches('"');
    let mark = first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and(first.get(4..))?;
    match mark.as_bytes() {
        [one] => Some(*one),
        _ => None,
    }
}

/// Where exports were put one behind the other, a byte order mark or Ctrl-Z stands at the beginning of a line.
fn behind_marks(line: &str) -> &str {
    line.trim_start_matches(['\u{feff}', '\u{1a}'])
}

/// Bytes of the line end in front; `None` when a CR is the last byte and its LF may still come. CR CR LF is a CR LF that was
/// translated once too often, and one.
fn line_end(bytes: &[u8], last: bool) -> Option<usize> {
    match bytes {
        [b'\r', b'\r', b'\n', ..] => Some(3),
        [b'\r', b'\n', ..] => Some(2),
        [b'\r'] | [b'\r', b'\r'] if !last => None,
        _ => Some(1),
    }
}

#[derive(Clone, Copy)]
struct Marks {
    delimiter: u8,
    quote: Option<u8>,
}

/// What is known of a record beside its cells.
struct Record {
    /// Bytes.
    length: usize,
    /// Line ends in it, the last one included.
    lines: usize,
    /// How many lines below its first one a quote opens that is not closed.
    open_quote: Option<usize>,
}

/// Where a quoted text ends.
enum Closing {
    /// Behind the closing mark.
    At(usize),
    Nowhere,
    /// What comes behind the text decides.
    Later,
}

/// Bytes. No cell is longer: a quote that is not closed before is taken for one that never is, so that it does not draw
/// all that stands behind it into memory.
const LONGEST_QUOTED: usize = 16 << 20;

impl Marks {
    /// The record in front. `None` when the text ends before the record does and more comes.
    fn record(self, text: &str, last: bool, cells: &mut Cells) -> Option<Record> {
        let bytes = text.as_bytes();
        let (mut at, mut lines, mut open_quote) = (0, 1, None);
        cells.clear();
        loop {
            cells.open();
            if self.quote.is_some() && bytes.get(at).copied() == self.quote {
                match self.quoted(text, at + 1, last, cells) {
                    Closing::At(end) => {
                        lines += line_ends(&bytes[at..end]);
                        at = end;
                    }
                    Closing::Nowhere => {
                        cells.reopen();
                        open_quote = open_quote.or(Some(lines - 1));
                    }
                    Closing::Later => return None,
                }
            }
            let ends = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\r' | b'\n');
            let end = bytes[at..].iter().position(ends).map_or(bytes.len(), |length| at + length);
            cells.add(&text[at..end]);
            cells.close();
            match bytes.get(end) {
                Some(byte) if *byte == self.delimiter => at = end + 1,
                Some(_) => {
                    let length = end + line_end(&bytes[end..], last)?;
                    return Some(Record { length, lines, open_quote });
                }
                None if last => return Some(Record { length: end, lines, open_quote }),
                None => return None,
            }
        }
    }

    /// Adds the text up to the closing mark. A doubled mark is one.
    fn quoted(self, text: &str, mut at: usize, last: bool, cells: &mut Cells) -> Closing {
        let Some(quote) = self.quote else { return Closing::Nowhere };
        let bytes = text.as_bytes();
        let furthest = at + LONGEST_QUOTED;
        let end = bytes.len().min(furthest);
        loop {
            let Some(length) = bytes[at.min(end)..end].iter().position(|byte| *byte == quote) else {
                return if last || end == furthest { Closing::Nowhere } else { Closing::Later };
            };
            let mark = at + length;
            match bytes.get(mark + 1) {
                // The first of the two stays.
                Some(next) if *next == quote => {
                    cells.add(&text[at..=mark]);
                    at = mark + 2;
                }
                None if !last => return Closing::Later,
                _ => {
                    cells.add(&text[at..mark]);
                    return Closing::At(mark + 1);
                }
            }
        }
    }
}

/// As a person counts them: CR LF is one, and so is CR CR LF.
fn line_ends(bytes: &[u8]) -> usize {
    let lone_cr = |at: usize| bytes[at] == b'\r' && !matches!(bytes[at + 1..], [b'\n', ..] | [b'\r', b'\n', ..]);
    (0..bytes.len()).filter(|at| bytes[*at] == b'\n' || lone_cr(*at)).count()
}

/// Cells of one line; a quoted cell may hold the delimiter, but no line end.
fn split_line(line: &str, rules: &Delimited, cells: &mut Cells) {
    let delimiter = &rules.delimiter;
    let mut rest = match delimiter {
        Delimiter::Blanks | Delimiter::Gaps => line.trim_matches(is_blank),
        _ => line,
    };
    if rest.is_empty() {
        return;
    }
    let quote = rules.quote.map(char::from);
    loop {
        cells.open();
        if let Some(quote) = quote.filter(|quote| rest.starts_with(*quote)) {
            rest = quoted_piece(&rest[1..], quote, cells);
        }
        let end = delimiter_in(rest, delimiter);
        cells.add(&rest[..end.map_or(rest.len(), |(at, _)| at)]);
        cells.close();
        match end {
            Some((at, length)) => rest = &rest[at + length..],
            None => return,
        }
    }
}

/// Where the next delimiter stands and how long it is.
fn delimiter_in(text: &str, delimiter: &Delimiter) -> Option<(usize, usize)> {
    let least = match delimiter {
        Delimiter::Byte(byte) => return text.bytes().position(|known| known == *byte).map(|at| (at, 1)),
        Delimiter::Text(mark) => return text.find(mark.as_str()).map(|at| (at, mark.len())),
        Delimiter::Blanks => 1,
        Delimiter::Gaps => 2,
    };
    let mut from = 0;
    while let Some(at) = text[from..].find(is_blank).map(|at| from + at) {
        let run = &text[at..];
        let run = &run[..run.find(|c: char| !is_blank(c)).unwrap_or(run.len())];
        if run.contains('\t') || run.chars().count() >= least {
            return Some((at, run.len()));
        }
        from = at + run.len();
    }
    None
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{a0}' | '\u{3000}')
}

/// Adds the text up to the closing mark and returns what stands behind it. A doubled mark is one.
fn quoted_piece<'t>(mut rest: &'t str, quote: char, cells: &mut Cells) -> &'t str {
    while let Some(at) = rest.find(quote) {
        cells.add(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix(quote) {
            Some(behind) => {
                cells.add(quote.encode_utf8(&mut [0; 4]));
                rest = behind;
            }
            None => return rest,
        }
    }
    cells.add(rest);
    ""
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str, rules: &Delimited) -> Vec<(usize, Vec<String>)> {
        let mut rows = Vec::new();
        each_delimited(text, rules, |row| rows.push((row.number, row.cells.iter().map(String::from).collect())));
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
        // CR CR LF is one line end; two lone CR stay two.
        check("a\r\r\nb\r\r\n\r\r\nc", &comma(), &[(1, &["a"]), (2, &["b"]), (3, &[]), (4, &["c"])]);
        check("\"x\r\r\ny\",1\r\r\nb,2", &comma(), &[(1, &["x\r\r\ny", "1"]), (3, &["b", "2"])]);
        check("a\r\rb", &comma(), &[(1, &["a"]), (2, &[]), (3, &["b"])]);
    }

    #[test]
    fn marks_between_exports_are_no_text() {
        let text = "\u{feff}a,1\r\n\u{1a}\u{feff}b,2\r\n\u{1a}\r\nc,3\r\n\u{1a}";
        check(text, &comma(), &[(1, &["a", "1"]), (2, &["b", "2"]), (3, &[]), (4, &["c", "3"])]);
        let gaps = Delimited { delimiter: Delimiter::Gaps, ..comma() };
        check("a  1\n\u{feff}b  2\n\u{1a}", &gaps, &[(1, &["a", "1"]), (2, &["b", "2"]), (3, &[])]);
    }

    #[test]
    fn odd_quoting() {
        let whole = Delimited { unquote_lines: true, ..comma() };
        check(
            "\"S1\",\"0,5\"\n\"S2,0.6\"\n\"\",\"7\"",
            &whole,
            &[(1, &["S1", "0,5"]), (2, &["S2", "0.6"]), (3, &["", "7"])],
        );
        check("\"a,b\"\n\"c,\"\"d\"\"\"\n", &whole, &[(1, &["a", "b"]), (2, &["c", "d"])]);
        check("sep=;\na;b\n", &comma(), &[(2, &["a", "b"])]);
        let plain = Delimited { delimiter: Delimiter::Byte(b'\t'), quote: None, unquote_lines: false };
        check("5\"\tx\n", &plain, &[(1, &["5\"", "x"])]);
        check("\"sep=;\"\na;b\n", &comma(), &[(2, &["a", "b"])]);
    }

    fn open_quotes(text: &str) -> Vec<usize> {
        each_delimited(text, &comma(), |_: &Row| {})
    }

    #[test]
    fn a_quote_that_is_never_closed_is_an_ordinary_character() {
        let text = "a,\"tube 5\nb,1\r\n\r\nc,\"\"\n";
        check(text, &comma(), &[(1, &["a", "\"tube 5"]), (2, &["b", "1"]), (3, &[]), (4, &["c", ""])]);
        assert_eq!(open_quotes(text), [1]);
        // Doubled marks close nothing; the quoted lines before it are counted.
        let text = "\"x\ny\",\"5\"\" tube,z\nb,2";
        check(text, &comma(), &[(1, &["x\ny", "\"5\"\" tube", "z"]), (3, &["b", "2"])]);
        assert_eq!(open_quotes(text), [2]);
        check("a,\"", &comma(), &[(1, &["a", "\""])]);
        assert_eq!(open_quotes("a,\""), [1]);
        for text in ["a,\"b\"", "a,\"b\n\"\"c\"\n", "a,5\" tube\nb,2\n", ""] {
            assert!(open_quotes(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn a_quoted_text_has_an_end_within_bounds() {
        let line = "x".repeat(4095) + "\n";
        let lines = |more: &str| format!("a,\"{}{more}", line.repeat(LONGEST_QUOTED / 4096 - 1));
        let closed = lines("\"\nb,1\n");
        assert_eq!((open_quotes(&closed).len(), rows(&closed, &comma()).len()), (0, 2));
        let longer = lines(&format!("{line}{line}x\"\nb,1\n"));
        assert_eq!((open_quotes(&longer), rows(&longer, &comma()).len()), (vec![1], 4099));
        // What is known to be open need not wait for the end of the source.
        let begun = lines(&line.repeat(2));
        assert_eq!(Splitter::new(Some(&comma())).feed(&begun, false, &mut |_: &Row| {}), begun.len());
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

    proptest! {
        #[test]
        fn cells_are_those_of_the_csv_crate(text in "[ab,\"\r\n]{0,60}") {
            let plain = |text: &str| -> Vec<Vec<String>> {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
                reader.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect()
            };
            // One more line is a record of its own, unless a quote is open.
            let is_open = plain(&format!("{text}\nZ")).last() != Some(&vec!["Z".to_string()]);
            let mut found: Vec<Vec<String>> = Vec::new();
            let open = each_delimited(&text, &comma(), |row| found.push(row.cells.iter().map(String::from).collect()));
            prop_assert_eq!(open.len(), usize::from(is_open));
            found.retain(|cells| !cells.is_empty());
            if !is_open {
                prop_assert_eq!(found, plain(&text));
            }
        }

        #[test]
        fn pieces_make_no_difference(
            text in "(sep=;\n)?[ab;,\"\r\n 样\u{3}\u{1a}\u{feff}]{0,60}",
            lengths in prop::collection::vec(1usize..9, 1..9),
            kind in 0usize..4,
        ) {
            let by = |delimiter| Delimited { delimiter, ..comma() };
            let ways = [Some(comma()), Some(by(Delimiter::Blanks)), Some(by(Delimiter::Text("样".into()))), None];
            let way = ways[kind].as_ref();
            let seen = |row: &Row| (row.number, row.cells.iter().map(String::from).collect::<Vec<_>>());
            let mut whole = Vec::new();
            Splitter::new(way).feed(&text, true, &mut |row| whole.push(seen(row)));
            let mut pieces = Vec::new();
            let mut splitter = Splitter::new(way);
            let (mut left, mut rest) = (String::new(), text.as_str());
            for length in lengths.iter().cycle() {
                let at = rest.char_indices().nth(*length).map_or(rest.len(), |(at, _)| at);
                left.push_str(&rest[..at]);
                rest = &rest[at..];
                let taken = splitter.feed(&left, rest.is_empty(), &mut |row| pieces.push(seen(row)));
                left.drain(..taken);
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(pieces, whole);
        }
    }
}
