//! ASTM E1394 / LIS02-A2 records: H P O R C Q M S L, their fields, repeats, components and escapes.
//!
//! The delimiters are always read from H; a new H may bring others. Fields are numbered as in the standard: 1 is the
//! record letter, in H field 2 is the list of delimiters. Source: ASTM E1394-97 clauses 5 and 6, PROTOCOLS 2.

use std::borrow::Cow;

/// Field, repeat, component and escape delimiter of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    pub field: char,
    pub repeat: char,
    pub component: char,
    pub escape: char,
}

impl Default for Delimiters {
    fn default() -> Self {
        Delimiters { field: '|', repeat: '\\', component: '^', escape: '&' }
    }
}

impl Delimiters {
    /// From the text of an H record: bytes 2 to 5, where byte 6 is the field delimiter again or the end. A simulator
    /// writes the back slash twice (`H|\\^&`): then the repeated character is one delimiter.
    pub fn of_header(record: &str) -> Option<Delimiters> {
        let mut chars = record.strip_prefix('H')?.chars();
        let field = chars.next()?;
        let mut list: Vec<char> = chars.take_while(|c| *c != field).collect();
        if list.len() == 4 && list[0] == list[1] {
            list.remove(0);
        }
        let [repeat, component, escape] = list[..] else {
            return None;
        };
        Some(Delimiters { field, repeat, component, escape })
    }
}

/// One record as received, without its CR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'t> {
    pub raw: &'t str,
    delimiters: Delimiters,
    /// Where the first fields end; the next one begins behind the delimiter. No record is longer than 4 GiB.
    ends: [u32; MARKED],
    marked: usize,
    /// The escape delimiter stands somewhere in it; in most records it does not, and no field is searched for it.
    escaped: bool,
}

/// Fields that are found at once. Those of a result that matter are among them.
const MARKED: usize = 16;

impl<'t> Record<'t> {
    pub fn parse(raw: &'t str, delimiters: Delimiters) -> Record<'t> {
        let escaped = raw.contains(delimiters.escape);
        let mut record = Record { raw, delimiters, ends: [0; MARKED], marked: 0, escaped };
        // Bytes are looked at faster than characters.
        match u8::try_from(delimiters.field) {
            Ok(mark @ 0..0x80) => record.mark(raw.bytes().map(|byte| byte == mark).enumerate()),
            _ => record.mark(raw.char_indices().map(|(at, c)| (at, c == delimiters.field))),
        }
        record
    }

    /// Finds the first fields, given every place and whether the field delimiter stands there. Each place is written and
    /// only a delimiter moves on from it: a branch at every delimiter would be guessed wrong every few bytes.
    fn mark(&mut self, places: impl Iterator<Item = (usize, bool)>) {
        let mut marked = 0;
        for (at, ends) in places {
            self.ends[marked] = at as u32;
            marked += usize::from(ends);
            if marked == MARKED {
                break;
            }
        }
        // The end of the record ends its last field.
        if let Some(end) = self.ends.get_mut(marked) {
            *end = self.raw.len() as u32;
            marked += 1;
        }
        self.marked = marked;
    }

    /// The record letter.
    pub fn kind(&self) -> char {
        let first = self.raw.chars().find(|c| *c == self.delimiters.field || !c.is_whitespace());
        first.filter(|c| *c != self.delimiters.field).unwrap_or(' ')
    }

    /// A field as received, escapes included; empty when the record is shorter. `number` as in the standard.
    pub fn raw_field(&self, number: usize) -> &'t str {
        let at = number.saturating_sub(1);
        if at >= self.marked {
            return nth_part(self.raw, self.delimiters.field, at);
        }
        let from = match at.checked_sub(1) {
            Some(before) => self.ends[before] as usize + self.delimiters.field.len_utf8(),
            None => 0,
        };
        self.raw.get(from..self.ends[at] as usize).unwrap_or("")
    }

    /// A field with its escapes replaced.
    pub fn field(&self, number: usize) -> Cow<'t, str> {
        self.unescaped(self.raw_field(number))
    }

    /// The repeats of a field, escapes replaced; an empty field has one empty repeat.
    pub fn repeats(&self, number: usize) -> Vec<Cow<'t, str>> {
        self.raw_field(number).split(self.delimiters.repeat).map(|part| self.unescaped(part)).collect()
    }

    /// One component (from 1) of the first repeat, escapes replaced.
    pub fn component(&self, number: usize, component: usize) -> Cow<'t, str> {
        let first = nth_part(self.raw_field(number), self.delimiters.repeat, 0);
        self.unescaped(nth_part(first, self.delimiters.component, component.saturating_sub(1)))
    }

    fn unescaped(&self, part: &'t str) -> Cow<'t, str> {
        if self.escaped { unescape(part, &self.delimiters) } else { Cow::Borrowed(part) }
    }
}

/// As `text.split(delimiter).nth(n)`.
fn nth_part(text: &str, delimiter: char, n: usize) -> &str {
    let mut rest = text;
    for _ in 0..n {
        match place_of(rest, delimiter) {
            Some(at) => rest = &rest[at + delimiter.len_utf8()..],
            None => return "",
        }
    }
    &rest[..place_of(rest, delimiter).unwrap_or(rest.len())]
}

/// As `text.find(delimiter)`, several times faster in texts of a few bytes, as fields are.
fn place_of(text: &str, delimiter: char) -> Option<usize> {
    match u8::try_from(delimiter) {
        Ok(byte @ 0..0x80) => text.bytes().position(|known| known == byte),
        _ => text.find(delimiter),
    }
}

/// Everything from H to L.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message<'t> {
    /// With the number of the record in the whole text, from 1.
    pub records: Vec<(usize, Record<'t>)>,
    pub has_header: bool,
    /// Field 3 of L: N normal, F final, I no information, T R E Q errors. `None` without an L record.
    pub terminator: Option<String>,
}

impl Message<'_> {
    /// L with T (sender aborted), R (receiver aborted) or E (unknown error): do not file.
    pub fn aborted(&self) -> bool {
        matches!(self.terminator.as_deref(), Some("T" | "R" | "E"))
    }
}

/// Splits a text into messages at H and L, records at CR, LF or both. Lines that begin with `#` are comments of files.
pub fn messages(text: &str) -> Vec<Message<'_>> {
    let mut messages = Vec::new();
    let mut open = Message::default();
    let mut delimiters = Delimiters::default();
    let lines = lines(text).filter(|line| !line.trim_ascii_start().is_empty() && !line.starts_with('#'));
    for (index, line) in lines.enumerate() {
        if let Some(found) = Delimiters::of_header(line) {
            if !open.records.is_empty() {
                messages.push(std::mem::take(&mut open));
            }
            delimiters = found;
            open.has_header = true;
        }
        let record = Record::parse(line, delimiters);
        let ends = record.kind() == 'L';
        if ends {
            let code = record.field(3);
            open.terminator = Some(if code.is_empty() { "N".into() } else { code.into_owned() });
        }
        open.records.push((index + 1, record));
        if ends {
            messages.push(std::mem::take(&mut open));
        }
    }
    if !open.records.is_empty() {
        messages.push(open);
    }
    messages
}

/// What stands between CR and LF.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memchr2(b'\r', b'\n', text.as_bytes());
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// Replaces `&F& &S& &R& &E& &Xhh..&`; highlighting `&H& &N&` is dropped; an `&` without a second one is plain text.
pub fn unescape<'t>(text: &'t str, delimiters: &Delimiters) -> Cow<'t, str> {
    if place_of(text, delimiters.escape).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(delimiters.escape) {
        out.push_str(&rest[..at]);
        let after = &rest[at + delimiters.escape.len_utf8()..];
        let sequence = after.find(delimiters.escape).map(|end| (&after[..end], end));
        let replacement = match sequence {
            Some(("F", _)) => Some(delimiters.field.to_string()),
            Some(("S", _)) => Some(delimiters.component.to_string()),
            Some(("R", _)) => Some(delimiters.repeat.to_string()),
            Some(("E", _)) => Some(delimiters.escape.to_string()),
            Some(("H" | "N", _)) => Some(String::new()),
            Some((other, _)) => other
                .strip_prefix('X')
                .and_then(|digits| hex::decode(digits).ok())
                .filter(|bytes| !bytes.is_empty())
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            None => None,
        };
        match (replacement, sequence) {
            (Some(replacement), Some((_, end))) => {
                out.push_str(&replacement);
                rest = &after[end + delimiters.escape.len_utf8()..];
            }
            _ => {
                out.push(delimiters.escape);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Protects every delimiter and every control byte in a text that becomes part of a field.
pub fn escape(text: &str, delimiters: &Delimiters) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let letter = match c {
            c if c == delimiters.field => Some('F'),
            c if c == delimiters.component => Some('S'),
            c if c == delimiters.repeat => Some('R'),
            c if c == delimiters.escape => Some('E'),
            _ => None,
        };
        match letter {
            Some(letter) => out.extend([delimiters.escape, letter, delimiters.escape]),
            None if c.is_control() => {
                let mut bytes = [0; 4];
                let digits = hex::encode_upper(c.encode_utf8(&mut bytes).as_bytes());
                out.push(delimiters.escape);
                out.push('X');
                out.push_str(&digits);
                out.push(delimiters.escape);
            }
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_and_components() {
        let text = "H|\\^&|||MULTI^LAB1^3.2|||||LIS||P|LIS2-A2|20260310091500\rP|1\rO|1|F26-000123||^^^SO2F\\^^^SO2T\rR|1|^^^SO2F|32|mg/L||N||F\rL|1|N\r";
        let found = messages(text);
        assert_eq!(found.len(), 1);
        let records: Vec<&Record> = found[0].records.iter().map(|(_, record)| record).collect();
        assert_eq!(records[0].field(2), "\\^&");
        assert_eq!(records[0].component(5, 2), "LAB1");
        assert_eq!(records[0].field(14), "20260310091500");
        assert_eq!(records[2].repeats(5), ["^^^SO2F", "^^^SO2T"]);
        assert_eq!((records[3].field(4), records[3].field(5)), ("32".into(), "mg/L".into()));
        assert_eq!(found[0].terminator.as_deref(), Some("N"));
    }

    #[test]
    fn delimiters_come_from_the_header() {
        for (header, repeat, component) in [("H|@^\\|||x", '@', '^'), ("H|\\\\^&", '\\', '^'), ("H|\\^&", '\\', '^')] {
            let delimiters = Delimiters::of_header(header).unwrap();
            assert_eq!((delimiters.repeat, delimiters.component), (repeat, component), "{header}");
        }
        assert_eq!(Delimiters::of_header("H|"), None);
    }

    #[test]
    fn escapes_are_replaced_after_splitting() {
        let delimiters = Delimiters::default();
        for (text, plain) in [
            ("Type &F& Screen", "Type | Screen"),
            ("Type &R& Screen", "Type \\ Screen"),
            ("Type &S& Screen", "Type ^ Screen"),
            ("Type &E& Screen", "Type & Screen"),
            ("&X4142&", "AB"),
            ("&H&bold&N&", "bold"),
            ("R & D", "R & D"),
            ("A & B & C", "A & B & C"),
        ] {
            assert_eq!(unescape(text, &delimiters), plain);
        }
    }

    #[test]
    fn every_field_is_found_in_records_of_any_length() {
        // Around the 16 fields that are found at once, with delimiters of one and of two bytes.
        for delimiter in ['|', '§'] {
            for count in [1, 2, 15, 16, 17, 18, 40] {
                let fields: Vec<String> = (1..=count).map(|number| format!("f{number}µ")).collect();
                let raw = fields.join(&delimiter.to_string());
                let record = Record::parse(&raw, Delimiters { field: delimiter, ..Delimiters::default() });
                for (number, field) in (1..).zip(&fields) {
                    assert_eq!(record.raw_field(number), field, "{raw}");
                }
                assert_eq!(record.raw_field(count + 1), "", "{raw}");
                assert_eq!(record.raw_field(count + 20), "", "{raw}");
            }
        }
        assert_eq!(Record::parse("", Delimiters::default()).raw_field(1), "");
        assert_eq!(Record::parse("R||", Delimiters::default()).raw_field(3), "");
    }

    #[test]
    fn several_messages_in_one_session() {
        let found = messages("H|\\^&\rR|1|a|1\rL|1|N\rH|\\^&\rR|1|b|2\rL|1|T\r");
        assert_eq!(found.len(), 2);
        assert!(!found[0].aborted() && found[1].aborted());
        assert_eq!(found[1].records[1].0, 5);
    }

    proptest! {
        #[test]
        fn escaping_is_undone(text in "[ -~\u{1}-\u{1f}µ中]{0,40}") {
            let delimiters = Delimiters::default();
            let escaped = escape(&text, &delimiters);
            prop_assert!(!escaped.contains(['|', '^', '\\', '\r']));
            prop_assert_eq!(unescape(&escaped, &delimiters), text);
        }

        #[test]
        fn noise_never_panics(text in "\\PC{0,200}") {
            for message in messages(&text) {
                for (_, record) in message.records {
                    record.field(3);
                    record.component(4, 2);
                    record.repeats(5);
                }
            }
        }
    }
}
