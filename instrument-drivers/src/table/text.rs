//! From bytes to text by declared or proven encoding, never by guess.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::charset::Charset;

/// The encodings that a profile may declare, tried in order; the first that fits without an error is proven.
/// A byte order mark decides alone.
pub fn decode<'a>(bytes: &'a [u8], candidates: &[Charset]) -> Result<Cow<'a, str>, String> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        // A stray byte (a micro sign in a comment) does not make the file unreadable; it is visible as U+FFFD.
        let (text, _) = encoding.decode_without_bom_handling(&bytes[length..]);
        return Ok(without_end_marks(text));
    }
    for encoding in candidates {
        let (text, malformed) = encoding.decode_without_bom_handling(bytes);
        if !malformed && plausible(&text, *encoding) {
            return Ok(without_end_marks(text));
        }
    }
    Err(in_none_of(candidates))
}

/// Why a text cannot be read.
pub fn in_none_of(candidates: &[Charset]) -> String {
    let names: Vec<&str> = candidates.iter().map(|encoding| encoding.name()).collect();
    format!("the bytes are not {}; declare the encoding of this source in [text] encoding", names.join(" or "))
}

/// Old software ends a text with Ctrl-Z, or fills it up with NUL.
pub const END_MARKS: [char; 2] = ['\u{1a}', '\0'];

fn without_end_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end_matches(END_MARKS)),
        Cow::Owned(mut text) => {
            text.truncate(text.trim_end_matches(END_MARKS).len());
            Cow::Owned(text)
        }
    }
}

/// NUL and other control characters mean that the bytes were cut wrongly (UTF-16 read as bytes, or the reverse). The
/// first [`SAMPLE`] characters are looked at.
pub fn plausible(text: &str, encoding: Charset) -> bool {
    let wide = encoding.is_wide();
    let strange =
        |c: char| matches!(c, '\0') || (wide && matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fffe}' | '\u{ffff}'));
    let end = text.char_indices().nth(SAMPLE).map_or(text.len(), |(at, _)| at);
    let sample = &text[..end];
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
        assert!(decode(&gb, &candidates(&["utf-8"])).unwrap_err().contains("declare the encoding"));
        assert_eq!(decode("样品".as_bytes(), &candidates(&["utf-8", "gb18030"])).unwrap(), "样品");
        assert_eq!(decode(b"\xb5g/L", &candidates(&["utf-8", "windows-1252"])).unwrap(), "µg/L");
        assert_eq!(decode(b"25 \xf8C", &candidates(&["utf-8", "cp850"])).unwrap(), "25 °C");
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
