//! Whether an unknown text is Chinese: of a word or two the frequency of characters says nothing.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GB18030, WINDOWS_1252};

/// A text is rather Chinese than of the encoding that was guessed: all that is beyond ASCII are characters of GB2312.
pub fn is_rather_chinese(bytes: &[u8], guessed: &'static Encoding) -> bool {
    if guessed == EUC_JP {
        // A few characters do not tell Japanese from Chinese, which are the same bytes; a Japanese text has kana.
        let kana = |text: &str| text.contains(|c: char| ('\u{3041}'..='\u{30fa}').contains(&c));
        return !GB18030.decode_without_bom_handling(bytes).1 && !kana(&EUC_JP.decode_without_bom_handling(bytes).0);
    }
    let Some(firsts) = first_bytes(bytes).filter(|firsts| !firsts.is_empty()) else {
        return false;
    };
    if guessed == EUC_KR {
        // Korean words are of Hangul alone, which a longer Chinese text does not look like.
        let words: Vec<u8> = firsts.into_iter().filter(|first| *first >= *HANGUL.start()).collect();
        return words.len() < KOREAN || !words.iter().all(|first| HANGUL.contains(first));
    }
    let western = guessed == WINDOWS_1252 && !firsts.iter().all(|first| is_odd_in_western(*first));
    let broken = guessed.is_single_byte() && within_words(bytes);
    !(western || broken)
}

/// So many characters of Hangul are no accident.
const KOREAN: usize = 8;
/// The first bytes of Hangul in EUC-KR.
const HANGUL: std::ops::RangeInclusive<u8> = 0xb0..=0xc8;

/// In windows-1252 `¡`, `¦` or a capital, behind which no sign and no other accent follows. Two signs (`²·`) or two
/// small letters (`Créé`) do stand side by side.
fn is_odd_in_western(first: u8) -> bool {
    matches!(first, 0xa1..=0xa6 | 0xc0..=0xd7)
}

/// The first bytes of the characters and of the signs (`℃`, `（`, `μ`) of GB2312; `None` where something else stands
/// beyond ASCII, but for what GB18030 writes with four bytes (`²`).
fn first_bytes(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut firsts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| !byte.is_ascii()) {
        rest = &rest[at..];
        let length = match rest {
            [first @ (0xa1..=0xa3 | 0xa6 | 0xb0..=0xf7), 0xa1..=0xfe, ..] => {
                firsts.push(*first);
                2
            }
            [0x81..=0x84, b'0'..=b'9', 0x81..=0xfe, b'0'..=b'9', ..] => 4,
            _ => return None,
        };
        rest = &rest[length..];
    }
    Some(firsts)
}

/// Two bytes beyond ASCII between plain letters: `CONCENTRAÇÃO` is Portuguese.
fn within_words(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|part| {
        let [before, first, second, after] = part else { return false };
        before.is_ascii_alphabetic() && !first.is_ascii() && !second.is_ascii() && after.is_ascii_alphabetic()
    })
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, ISO_8859_2, ISO_8859_5, KOI8_U, WINDOWS_1250, WINDOWS_1251, WINDOWS_1254, WINDOWS_1255};

    use super::*;

    #[test]
    fn one_word_is_chinese_whatever_was_guessed() {
        // 批, 镉, 空白, 砷, 样, 标样, 升, ℃ and μg; 米² with the four bytes of ².
        let cases: [(&[u8], &'static Encoding); 10] = [
            (b"F26-152 \xc5\xfa,2,4-D", WINDOWS_1255),
            (b"\xef\xd3,0.5", KOI8_U),
            (b"\xbf\xd5\xb0\xd7,0.5", EUC_KR),
            (b"\xc9\xe9,0.5", WINDOWS_1252),
            (b"\xd1\xf9,0.5", WINDOWS_1251),
            (b"\xb1\xea\xd1\xf9,0.5", ISO_8859_5),
            (b"mg/\xc9\xfd,0.5", WINDOWS_1250),
            (b"25\xa1\xe6", ISO_8859_2),
            (b"\xa6\xccg/L", WINDOWS_1252),
            (b"\xc3\xd7\x81\x30\x85\x35,0.5", WINDOWS_1251),
        ];
        for (bytes, guessed) in cases {
            assert!(is_rather_chinese(bytes, guessed), "{bytes:x?} {}", guessed.name());
        }
    }

    #[test]
    fn what_is_no_character_of_gb2312_stays_what_it_is() {
        // µg; Größe; Créé; m²·K; CONCENTRAÇÃO; Проба; ağır; 농도 결과 시료 명칭; 鉛.
        let cases: [(&[u8], &'static Encoding); 10] = [
            (b"\xb5g/L", WINDOWS_1252),
            (b"Gr\xf6\xdfe", WINDOWS_1252),
            (b"Cr\xe9\xe9 le", WINDOWS_1252),
            (b"m\xb2\xb7K", WINDOWS_1252),
            (b"AMOSTRA,CONCENTRA\xc7\xc3O", WINDOWS_1252),
            (b"\xcf\xf0\xee\xe1\xe0", WINDOWS_1251),
            (b"a\xf0\xfdr", WINDOWS_1254),
            (b"\xb3\xf3\xb5\xb5 \xb0\xe1\xb0\xfa \xbd\xc3\xb7\xe1 \xb8\xed\xc4\xaa", EUC_KR),
            (b"\xb9\x5d,0.5", BIG5),
            (b"plain", WINDOWS_1252),
        ];
        for (bytes, guessed) in cases {
            assert!(!is_rather_chinese(bytes, guessed), "{bytes:x?} {}", guessed.name());
        }
    }
}
