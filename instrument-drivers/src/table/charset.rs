//! Encodings of a source: those of the WHATWG list, and the code pages of DOS, which printers and old software still use.

use std::borrow::Cow;

use encoding_rs::{Decoder, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset {
    encoding: &'static Encoding,
    /// What the bytes above ASCII are instead.
    page: Option<&'static Page>,
}

/// A code page of one byte a character.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    /// The first is its name.
    labels: [&'static str; 4],
    /// The characters of the bytes from 80 to FF.
    upper: &'static str,
}

/// The upper halves as Unicode's mapping tables have them (VENDORS/MICSFT/PC/CP437.TXT and CP850.TXT). CP858 is CP850 with
/// the euro sign in place of the dotless i.
static PAGES: [Page; 3] = [
    Page {
        labels: ["cp437", "ibm437", "437", "dos-437"],
        upper: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
         áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
         └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
         αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
    Page {
        labels: ["cp850", "ibm850", "850", "dos-850"],
        upper: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ\
         áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
         └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
         ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    },
    Page {
        labels: ["cp858", "ibm00858", "858", "dos-858"],
        upper: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ\
         áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
         └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀\
         ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    },
];

/// Where the bytes above ASCII stand before they are translated: the private characters of `x-user-defined`.
const FIRST: u32 = 0xf780;

impl From<&'static Encoding> for Charset {
    fn from(encoding: &'static Encoding) -> Charset {
        Charset { encoding, page: None }
    }
}

impl Charset {
    pub fn utf_8() -> Charset {
        UTF_8.into()
    }

    /// By a label of the WHATWG list, or the name of a code page.
    pub fn named(label: &str) -> Option<Charset> {
        let label = label.trim().to_ascii_lowercase();
        if let Some(page) = PAGES.iter().find(|page| page.labels.contains(&label.as_str())) {
            return Some(Charset { encoding: X_USER_DEFINED, page: Some(page) });
        }
        if label == "cp932" {
            return Some(SHIFT_JIS.into());
        }
        Encoding::for_label(label.as_bytes()).map(Charset::from)
    }

    pub fn name(self) -> &'static str {
        self.page.map_or_else(|| self.encoding.name(), |page| page.labels[0])
    }

    pub fn is(self, encoding: &'static Encoding) -> bool {
        self.page.is_none() && self.encoding == encoding
    }

    /// Whatever the bytes are, they are characters of it.
    pub fn is_single_byte(self) -> bool {
        self.encoding.is_single_byte()
    }

    /// Two bytes a character and more.
    pub fn is_wide(self) -> bool {
        self.is(UTF_16LE) || self.is(UTF_16BE)
    }

    /// The text, and whether some of the bytes are none of this encoding.
    pub fn decode_without_bom_handling(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        let (text, malformed) = self.encoding.decode_without_bom_handling(bytes);
        (self.translated(text), malformed)
    }

    /// A byte order mark decides alone.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        self.translated(self.encoding.decode(bytes).0)
    }

    /// For a text in pieces; what it decodes is translated afterwards.
    pub fn decoder(self) -> Decoder {
        self.encoding.new_decoder_without_bom_handling()
    }

    /// Puts the characters of the code page into a decoded text, from one place on.
    pub fn translate(self, text: &mut String, from: usize) {
        let Some(page) = self.page else { return };
        let upper: Vec<char> = page.upper.chars().collect();
        let tail = text.split_off(from);
        text.extend(tail.chars().map(|c| {
            let at = u32::from(c).checked_sub(FIRST).and_then(|at| usize::try_from(at).ok());
            at.and_then(|at| upper.get(at)).copied().unwrap_or(c)
        }));
    }

    fn translated(self, text: Cow<'_, str>) -> Cow<'_, str> {
        if self.page.is_none() {
            return text;
        }
        let mut text = text.into_owned();
        self.translate(&mut text, 0);
        Cow::Owned(text)
    }

    /// The bytes of a text; `None` where it has characters that the encoding lacks.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let Some(page) = self.page else {
            let (bytes, _, lossy) = self.encoding.encode(text);
            return (!lossy).then(|| bytes.into_owned());
        };
        let byte = |c: char| {
            if c.is_ascii() {
                return u8::try_from(c).ok();
            }
            let at = page.upper.chars().position(|known| known == c)?;
            u8::try_from(at + 0x80).ok()
        };
        text.chars().map(byte).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_of_dos() {
        for page in &PAGES {
            assert_eq!(page.upper.chars().count(), 128, "{}", page.labels[0]);
        }
        for (label, bytes, text) in [
            ("cp437", &b"25.0 \xf8C, 1.5 \xe6g/L \xff"[..], "25.0 °C, 1.5 µg/L \u{a0}"),
            ("CP850", &b"\x99l \xf8C \xe6S/cm \xfc \xd5"[..], "Öl °C µS/cm ³ ı"),
            ("IBM00858", &b"\xd5 5, \xc4\xc4"[..], "€ 5, ──"),
            ("cp932", &b"\x8e\x8e\x97\xbf"[..], "試料"),
            ("cp1252", &b"\xb5g"[..], "µg"),
        ] {
            let charset = Charset::named(label).unwrap();
            assert_eq!(charset.decode_without_bom_handling(bytes), (text.into(), false), "{label}");
            assert_eq!(charset.decode(bytes), text, "{label}");
            assert_eq!(charset.encode(text).as_deref(), Some(bytes), "{label}");
        }
        assert_eq!(Charset::named("cp437").unwrap().encode("€"), None);
        assert_eq!(Charset::named("cp850").unwrap().name(), "cp850");
        assert_eq!(Charset::named("cp9999"), None);
    }
}
