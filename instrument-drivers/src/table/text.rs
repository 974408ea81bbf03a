//! From bytes to text by declared or proven encoding, never by guess.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, GB18030, GBK, UTF_8};

use super::charset::Charset;
use crate::trouble::{self, Reason};

/// The encodings that a profile may declare, tried in order; the first that fits without an error is proven, but for UTF-8 that
/// is Chinese in disguise ([`Disguise`]).
/// A byte order mark decides alone.
pub fn decode<'a>(bytes: &'a [u8], candidates: &[Charset]) -> Result<Cow<'a, str>, Reason> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        // A stray byte (a micro sign in a comment) does not make the file unreadable; it is visible as U+FFFD.
        let (text, _) = encoding.decode_without_bom_handling(&bytes[length..]);
        return Ok(cleaned(text));
    }
    let mut nearly = None;
    for encoding in candidates {
        let (text, malformed) = encoding.decode_without_bom_handling(bytes);
        if malformed {
            let is_it = Damage::of(&text).is_little(*encoding) || is_nearly_gb(*encoding, bytes);
            nearly = nearly.or_else(|| is_it.then_some(*encoding));
        } else if plausible(&text, *encoding) {
            let disguised = in_disguise(Disguise::of(&text), *encoding, candidates);
            return match (nearly.filter(|_| encoding.is_single_byte()), disguised) {
                (Some(nearly), _) => Err(nearly_in(nearly)),
                (None, Some(gb)) => Ok(cleaned(gb.decode_without_bom_handling(bytes).0)),
                (None, None) => Ok(cleaned(text)),
            };
        }
    }
    Err(in_none_of(candidates, |encoding| first_bad(&mut &bytes[..], encoding).ok().flatten()))
}

/// As [`decode`], for a source that may have some bytes of no character; the numbers of the lines with such bytes, which
/// stand as U+FFFD in the text.
pub fn decode_damaged<'a>(bytes: &'a [u8], candidates: &[Charset]) -> Result<(Cow<'a, str>, Vec<usize>), Reason> {
    let told = match decode(bytes, candidates) {
        Ok(text) if !text.contains(char::REPLACEMENT_CHARACTER) => return Ok((text, Vec::new())),
        Ok(text) => {
            let lines = damaged_lines(&text);
            return Ok((text, lines));
        }
        Err(told) => told,
    };
    let damaged = candidates.iter().filter_map(|encoding| {
        // Where any bytes are characters none is damaged: it was a text of another encoding, or of none.
        if encoding.is_single_byte() {
            return None;
        }
        let text = encoding.decode_without_bom_handling(bytes).0;
        let damage = Damage::of(&text);
        (damage.strange <= damage.right && plausible(&text, *encoding)).then_some((damage.strange, text))
    });
    let (_, text) = damaged.min_by_key(|(strange, _)| *strange).ok_or(told)?;
    let text = cleaned(text);
    let lines = damaged_lines(&text);
    Ok((text, lines))
}

/// Lines with U+FFFD, from 1.
fn damaged_lines(text: &str) -> Vec<usize> {
    let text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace('\r', "\n");
    let damaged = |(_, line): &(usize, &str)| line.contains(char::REPLACEMENT_CHARACTER);
    text.lines().enumerate().filter(damaged).map(|(at, _)| at + 1).collect()
}

/// How a text fits an encoding of several bytes a character.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Damage {
    /// Places with bytes of no character.
    pub strange: usize,
    /// Characters beyond ASCII.
    pub right: usize,
}

impl Damage {
    fn of(text: &str) -> Damage {
        let mut damage = Damage::default();
        damage.add(text);
        damage
    }

    /// Counts on.
    pub fn add(&mut self, text: &str) {
        let (mut strange, mut beyond) = (0, 0);
        for c in text.chars().filter(|c| !c.is_ascii()) {
            beyond += 1;
            strange += usize::from(c == char::REPLACEMENT_CHARACTER);
        }
        self.strange += strange;
        self.right += beyond - strange;
    }

    /// The text is UTF-8 with a stray byte: what is right so can hardly be anything else.
    pub fn is_little(self, encoding: Charset) -> bool {
        encoding.is(UTF_8) && self.right > 0 && self.strange <= self.right
    }
}

/// Whether a text that is right in UTF-8 is Chinese in GB18030 all the same. 铅, 锌 and 镁 are two bytes each that in UTF-8 are
/// one character: `Ǧ`, `п` and `þ`. Where all that is beyond ASCII is of this kind, and some of it is what no
/// instrument prints in UTF-8, it is Chinese; `µ`, `°`, `é` or `α` alone are what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Disguise {
    /// Some character is hardly ever printed.
    strange: bool,
    /// Some character is no pair of bytes of GB2312.
    no_pair: bool,
}

impl Disguise {
    pub fn of(text: &str) -> Disguise {
        let mut disguise = Disguise::default();
        disguise.add(text);
        disguise
    }

    /// Looks on.
    pub fn add(&mut self, text: &str) {
        if self.no_pair || text.is_ascii() {
            return;
        }
        for c in text.chars().filter(|c| !c.is_ascii()) {
            // The second byte in UTF-8 has the low six bits of the character; in GB2312 it begins at A1.
            self.no_pair |= c > '\u{7ff}' || u32::from(c) & 0x3f < 0x21;
            self.strange |= !matches!(c, '\u{a0}'..='\u{17f}' | '\u{370}'..='\u{3ff}') || matches!(c, 'ð' | 'þ');
        }
    }

    pub fn is_gb(self) -> bool {
        self.strange && !self.no_pair
    }
}

/// The Chinese encoding among those that a profile declares, where a text that is right in UTF-8 is rather of that.
pub fn in_disguise(text: Disguise, encoding: Charset, candidates: &[Charset]) -> Option<Charset> {
    candidates.iter().copied().find(|other| is_gb(*other)).filter(|_| encoding.is(UTF_8) && text.is_gb())
}

fn is_gb(encoding: Charset) -> bool {
    encoding.is(GB18030) || encoding.is(GBK)
}

/// The text is Chinese in GB18030, of which some bytes are wrong: most of what is beyond ASCII are pairs of two such bytes, which
/// in Western encodings hardly ever stand side by side. Its beginning is looked at.
pub fn is_nearly_gb(encoding: Charset, bytes: &[u8]) -> bool {
    if !is_gb(encoding) {
        return false;
    }
    let (mut pairs, mut others) = (0, 0);
    let mut rest = &bytes[..bytes.len().min(GB_SAMPLE)];
    while let Some(at) = rest.iter().position(|byte| !byte.is_ascii()) {
        let is_pair = rest.get(at + 1).is_some_and(|second| *second > 0xa0);
        *(if is_pair { &mut pairs } else { &mut others }) += 1;
        rest = &rest[(at + if is_pair { 2 } else { 1 }).min(rest.len())..];
    }
    pairs > 0 && pairs >= others * 2
}

/// Bytes.
pub const GB_SAMPLE: usize = 64 << 10;

/// Why a text is not read in an encoding that would hold any bytes.
pub fn nearly_in(encoding: Charset) -> Reason {
    trouble::NEARLY_ENCODED.with("encoding", encoding.name())
}

/// Why a text cannot be read, and where: by the candidate that comes furthest.
pub fn in_none_of(candidates: &[Charset], bad: impl FnMut(Charset) -> Option<Bad>) -> Reason {
    let names: Vec<&str> = candidates.iter().map(|encoding| encoding.name()).collect();
    let names = names.join(" or ");
    match candidates.iter().copied().filter_map(bad).max() {
        None => trouble::NOT_ENCODED.with("encodings", names),
        Some(Bad { at, line, byte }) => trouble::NOT_ENCODED_AT
            .with("encodings", names)
            .with("line", line.to_string())
            .with("byte", format!("{byte:02X}"))
            .with("at", (at + 1).to_string()),
    }
}

/// Where bytes begin that are no character of an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bad {
    /// From 0.
    at: u64,
    /// From 1.
    line: usize,
    byte: u8,
}

impl Bad {
    /// The line in which they stand, from 1.
    pub fn line(&self) -> usize {
        self.line
    }
}

/// The first bytes that are no character of this encoding.
pub fn first_bad(from: &mut impl Read, encoding: Charset) -> io::Result<Option<Bad>> {
    let mut decoder = encoding.decoder();
    let (mut at, mut lines, mut returns) = (0u64, 1, 0usize);
    let (mut buffer, mut text) = (Vec::new(), String::new());
    loop {
        // A character may have begun in the piece before.
        let kept = buffer.len().min(LONGEST_CHARACTER);
        buffer.drain(..buffer.len() - kept);
        let count = from.by_ref().take(BAD_PIECE).read_to_end(&mut buffer)?;
        let last = count as u64 != BAD_PIECE;
        text.clear();
        text.reserve(decoder.max_utf8_buffer_length_without_replacement(count).unwrap_or(count * 4));
        let (result, read) = decoder.decode_to_string_without_replacement(&buffer[kept..], &mut text, last);
        // CR LF is one line end, and CR CR LF too: it was translated once too often.
        for c in text.chars() {
            match c {
                '\r' => returns += 1,
                '\n' => (lines, returns) = (lines + returns.saturating_sub(1).max(1), 0),
                _ => (lines, returns) = (lines + returns, 0),
            }
        }
        if let DecoderResult::Malformed(length, after) = result {
            let begin = (kept + read).saturating_sub(usize::from(length) + usize::from(after));
            let byte = buffer.get(begin).copied().unwrap_or_default();
            return Ok(Some(Bad { at: (at + begin as u64).saturating_sub(kept as u64), line: lines + returns, byte }));
        }
        if last {
            return Ok(None);
        }
        at += count as u64;
    }
}

/// Bytes. Many lines, and few against any memory.
const BAD_PIECE: u64 = 64 << 10;
/// Bytes: a character of GB18030 or UTF-8 has four at most, and a decoder looks at some behind it.
const LONGEST_CHARACTER: usize = 16;

/// Old software ends a text with Ctrl-Z, or fills it up with NUL.
pub const END_MARKS: [char; 2] = ['\u{1a}', '\0'];

/// Fields of a fixed length are filled up with NUL, which is blank.
fn cleaned(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = without_end_marks(text);
    if text.contains('\0') { Cow::Owned(text.replace('\0', " ")) } else { text }
}

fn without_end_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end_matches(END_MARKS)),
        Cow::Owned(mut text) => {
            text.truncate(text.trim_end_matches(END_MARKS).len());
            Cow::Owned(text)
        }
    }
}

/// NUL between all the others and private characters mean that the bytes were cut wrongly (UTF-16 read as bytes, or the
/// reverse); several NUL behind one another fill a field up. The first [`SAMPLE`] characters are looked at.
pub fn plausible(text: &str, encoding: Charset) -> bool {
    let wide = encoding.is_wide();
    let strange = |c: char| wide && matches!(c, '\0' | '\u{e000}'..='\u{f8ff}' | '\u{fffe}' | '\u{ffff}');
    let end = text.char_indices().nth(SAMPLE).map_or(text.len(), |(at, _)| at);
    let sample = &text[..end];
    // Every second byte of Latin text in UTF-16 is NUL.
    let nul = |at: &usize| sample.as_bytes()[*at] == 0;
    let lone = (0..sample.len()).filter(nul).filter(|at| {
        let before = at.checked_sub(1).is_some_and(|at| nul(&at));
        !before && sample.as_bytes().get(at + 1) != Some(&0)
    });
    if lone.count() * 4 > sample.len() {
        return false;
    }
    // Text in UTF-16 has line ends or blanks; bytes taken two by two as one character have none.
    !sample.contains(strange) && (!wide || sample.contains(['\n', '\r', ' ', ',', ';', '\t']))
}

/// Characters.
pub const SAMPLE: usize = 4096;

/// The name in a profile: any label of the WHATWG list (utf-8, gb18030, gbk, windows-1252, iso-8859-1, utf-16le, big5…), or a
/// code page of DOS (cp437, cp850, cp858).
pub fn encoding_named(name: &str) -> Result<Charset, String> {
    Charset::named(name).ok_or_else(|| {
        format!("'{name}' is no known encoding; write for example utf-8, utf-16le, utf-16be, gb18030, windows-1252, iso-8859-15, cp437, cp850, big5, shift_jis")
    })
}

/// Without a declaration only UTF-8 (proven by decoding) and byte order marks count.
pub fn default_candidates() -> Vec<Charset> {
    vec![Charset::utf_8()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(names: &[&str]) -> Vec<Charset> {
        names.iter().map(|name| encoding_named(name).unwrap()).collect()
    }

    #[test]
    fn encodings_are_proven_or_declared() {
        let (gb, _, _) = encoding_rs::GB18030.encode("样品,结果\nA,1");
        assert_eq!(decode(&gb, &candidates(&["utf-8", "gb18030"])).unwrap(), "样品,结果\nA,1");
        assert!(decode(&gb, &candidates(&["utf-8"])).unwrap_err().to_string().contains("declare the encoding"));
        assert_eq!(decode("样品".as_bytes(), &candidates(&["utf-8", "gb18030"])).unwrap(), "样品");
        assert_eq!(decode(b"\xb5g/L", &candidates(&["utf-8", "windows-1252"])).unwrap(), "µg/L");
        assert_eq!(decode(b"25 \xf8C", &candidates(&["utf-8", "cp850"])).unwrap(), "25 °C");
    }

    #[test]
    fn chinese_words_that_are_right_in_utf_8_are_chinese() {
        let both = candidates(&["utf-8", "gb18030"]);
        for words in ["Sample,铅,铜,锌,镁\nF26-1,0.1,1,2,3\n", "水,12.1\n", "S1,锌\n"] {
            let (gb, _, _) = GB18030.encode(words);
            assert!(std::str::from_utf8(&gb).is_ok(), "{words}");
            assert_eq!(decode(&gb, &both).unwrap(), words);
            assert_eq!(decode(&gb, &candidates(&["gbk", "utf-8"])).unwrap(), words);
            // Nobody said that it may be Chinese.
            assert_ne!(decode(&gb, &candidates(&["utf-8"])).unwrap(), words);
        }
        for text in ["25 °C, 5 µg/L, ±0.2, é, ł, α-HCH, β", "Ǧ 水", "медь", "Ǧ, Δ"] {
            assert_eq!(decode(text.as_bytes(), &both).unwrap(), text);
        }
    }

    #[test]
    fn a_text_with_some_bytes_of_no_character() {
        // Half of the character behind 铅, as software cuts names at a byte.
        let half = b"\xd1\xf9\xc6\xb7,1\n\xc7\xa6\xb2,0.52\n";
        let both = candidates(&["utf-8", "gb18030"]);
        assert!(decode(half, &both).unwrap_err().to_string().contains("declare"));
        assert_eq!(decode_damaged(half, &both).unwrap(), ("样品,1\n铅\u{fffd},0.52\n".into(), vec![2]));
        let western = candidates(&["utf-8", "gb18030", "windows-1252"]);
        assert!(decode(half, &western).unwrap_err().to_string().contains("gb18030 but for"));
        assert_eq!(decode_damaged(half, &western).unwrap().1, [2]);
        let french = "qualité élevée, à 25 °C µg".chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<u8>>();
        assert_eq!(decode(&french, &western).unwrap(), "qualité élevée, à 25 °C µg");
        // UTF-8 with a stray byte is not taken for what any bytes are.
        let stray = b"\xe6\xb0\xb4,1\r\nS\xb5,2\r\n";
        let western = candidates(&["utf-8", "windows-1252"]);
        assert!(decode(stray, &western).unwrap_err().to_string().contains("lossy"));
        assert_eq!(decode_damaged(stray, &western).unwrap(), ("水,1\r\nS\u{fffd},2\r\n".into(), vec![2]));
        assert_eq!(decode_damaged(b"5 \xb5g", &western).unwrap(), ("5 µg".into(), vec![]));
        assert!(decode_damaged(b"\xff\xfe\xb5\xb5", &candidates(&["utf-8"])).is_ok_and(|(_, lines)| lines.is_empty()));
        assert!(decode_damaged(b"\xb5\xb5\xb5", &candidates(&["utf-8"])).is_err());
    }

    #[test]
    fn the_first_byte_that_is_no_character_is_named() {
        let told = |bytes: &[u8], names: &[&str]| decode(bytes, &candidates(names)).unwrap_err().to_string();
        let place = |line: usize, byte: &str, at: usize| {
            format!(": in line {line} the byte {byte} (byte {at} of all) is no part of a character; declare")
        };
        let stray = told(b"S,1\r\nF\r\n25 \xb5g,2\r\n\xb5", &["utf-8"]);
        assert!(stray.contains(&place(3, "B5", 12)), "{stray}");
        // The end of a character is missing, in a later piece.
        let long = ["x\r\r\n".repeat(40_000).as_bytes(), b"\xe6\xb0"].concat();
        let cut = told(&long, &["utf-8"]);
        assert!(cut.contains(&place(40_001, "E6", 160_001)), "{cut}");
        // Of two encodings the one that comes further; an old Macintosh ends lines with CR.
        let half = told(b"\xd1\xf9\r\xc7\xa6\r\xb2,1", &["utf-8", "gb18030"]);
        assert!(half.contains(&place(3, "B2", 7)), "{half}");
        // Nothing is wrong with a single byte of a text that is too wide.
        assert!(!told(b"S\x001\0,\x005\0\n\0", &["utf-8"]).contains("in line"));
        for cut in [1, 3, 70_000] {
            let bytes = [&b"a".repeat(cut)[..], b"\n\xff"].concat();
            let bad = first_bad(&mut &bytes[..], Charset::utf_8()).unwrap();
            assert_eq!(bad, Some(Bad { at: cut as u64 + 1, line: 2, byte: 0xff }));
        }
    }

    #[test]
    fn fields_filled_up_with_nul() {
        assert_eq!(decode(b"S1\0\0\0,0.5\nS2\0\0\0,0.6\n", &candidates(&["utf-8"])).unwrap(), "S1   ,0.5\nS2   ,0.6\n");
        assert!(decode(b"S\x001\0,\x005\0\n\0", &candidates(&["utf-8"])).is_err());
    }

    #[test]
    fn end_marks_are_no_text() {
        assert_eq!(decode(b"a,1\r\n\x1a", &candidates(&["utf-8"])).unwrap(), "a,1\r\n");
    }

    #[test]
    fn byte_order_marks_decide() {
        assert_eq!(decode(b"\xef\xbb\xbfa", &candidates(&["gb18030"])).unwrap(), "a");
        assert_eq!(decode(b"\xff\xfea\0b\0", &candidates(&["utf-8"])).unwrap(), "ab");
        assert_eq!(decode(b"\xfe\xff\0a", &candidates(&["utf-8"])).unwrap(), "a");
    }

    #[test]
    fn utf_16_without_a_mark_is_found_where_declared() {
        let bytes: Vec<u8> = "Sample,Area\n1,2\n".encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect();
        assert_eq!(decode(&bytes, &candidates(&["utf-8", "utf-16le"])).unwrap(), "Sample,Area\n1,2\n");
        assert_eq!(
            decode(b"Sample,Area\n1,2\n", &candidates(&["utf-16le", "windows-1252"])).unwrap_or_default().len(),
            16
        );
    }
}
