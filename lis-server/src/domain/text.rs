//! Normalisation of typed and imported text (`records.md`, general rule 5).
//!
//! [`tidy`] is for prose: it trims and unifies the micro sign, and leaves Chinese punctuation alone.
//! [`code`] is for identifiers, numbers and units: it also turns full-width characters into half-width ones.

/// Trims blanks (also the ideographic space, byte-order marks and zero-width blanks) and writes µ as U+00B5.
///
/// `μ` (U+03BC, Greek) and `µ` (U+00B5, micro sign) look alike and both occur in real data; only one may reach a
/// comparison.
pub fn tidy(text: &str) -> String {
    trimmed(text).replace(GREEK_MU, MICRO_SIGN)
}

/// Without the blanks at both ends, those too that nobody sees.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// A character that nobody sees and that turns the direction of what follows or parts a word without a sign of it: two names
/// that look alike are then two.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}')
        || matches!(c, '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// [`tidy`], and full-width digits, letters and punctuation (U+FF01–U+FF5E) become half-width.
pub fn code(text: &str) -> String {
    tidy(text).chars().map(half_width).collect()
}

/// How many of what: `1 row`, `2 rows`; for what is said in English alone, as the command line does.
pub fn counted(count: usize, one: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {one}{end}")
}

/// The half-width twin of a full-width character; any other is itself.
pub fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - FULL_WIDTH_OFFSET).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}')
}

/// Distance between a full-width character and its ASCII twin in Unicode (block "Halfwidth and Fullwidth Forms").
const FULL_WIDTH_OFFSET: u32 = 0xFEE0;
const GREEK_MU: &str = "\u{03BC}";
const MICRO_SIGN: &str = "\u{00B5}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_keeps_its_punctuation() {
        assert_eq!(tidy(" \u{3000}所检项目，符合。\u{FEFF}"), "所检项目，符合。");
        assert_eq!(tidy("\u{03BC}g/kg"), "\u{00B5}g/kg");
    }

    #[test]
    fn one_is_no_plural() {
        let said = [0, 1, 2].map(|count| counted(count, "row"));
        assert_eq!(said, ["0 rows", "1 row", "2 rows"]);
    }

    #[test]
    fn what_nobody_sees_is_known() {
        assert_eq!(trimmed("\u{FEFF} 大米\u{200B}"), "大米");
        assert!("a\u{202E}b".chars().any(is_invisible) && "a\u{200B}b".chars().any(is_invisible));
        assert!(!"大米 500 g，µg/kg、é·👍".chars().any(is_invisible));
    }

    #[test]
    fn codes_become_half_width() {
        assert_eq!(code("　９１１３１０００ＭＡ－１ "), "91131000MA-1");
        assert_eq!(code("０．２０"), "0.20");
        assert_eq!(code("a\u{3000}b"), "a b");
        assert_eq!(code(""), "");
    }
}
