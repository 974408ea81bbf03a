//! How names are compared: "黄曲霉毒素B₁", "黄曲霉毒素 B1" and "黄曲霉毒素Ｂ1" are one name, "总砷" and "砷" are not.

use std::borrow::Cow;

/// The form of a name that is compared: no spaces, half-width Latin letters, digits and brackets, lower case,
/// sub- and superscript digits as digits, one sign for micro. Chinese characters and their order are untouched.
pub fn fold(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).map(plain).flat_map(char::to_lowercase).collect()
}

fn plain(c: char) -> char {
    match c {
        // Full-width ASCII stands at a fixed distance from ASCII in Unicode.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '₀'..='₉' => digit(c as u32 - '₀' as u32, c),
        '⁴'..='⁹' => digit(c as u32 - '⁴' as u32 + 4, c),
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁻' | '−' => '-',
        'μ' => 'µ',
        _ => c,
    }
}

fn digit(value: u32, otherwise: char) -> char {
    char::from_digit(value, 10).unwrap_or(otherwise)
}

/// Units and codes as they are kept: trimmed, with U+00B5 for micro (both signs occur in real files).
pub fn unit(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.contains('μ') { Cow::Owned(text.replace('μ', "µ")) } else { Cow::Borrowed(text) }
}

/// Splits a printed standard into its number and the year of its edition: `GB 2762-2025` is `("GB 2762", Some(2025))`;
/// a notice without an edition is all number.
pub fn split_edition(standard: &str) -> (&str, Option<i32>) {
    let standard = standard.trim();
    if let Some((number, year)) = standard.rsplit_once('-')
        && year.len() == 4
        && let Ok(year) = year.parse()
    {
        return (number.trim_end(), Some(year));
    }
    (standard, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_print_differently_compare_equal() {
        assert_eq!(fold("黄曲霉毒素B₁"), fold("黄曲霉毒素 b1"));
        assert_eq!(fold("铅（以Pb计）"), fold("铅(以Pb计)"));
        assert_eq!(fold("亚硝酸盐（以NO₂⁻计）"), fold("亚硝酸盐(以NO2-计)"));
        assert_ne!(fold("总砷"), fold("砷"));
    }

    #[test]
    fn micro_has_one_sign() {
        assert_eq!(unit(" \u{3BC}g/kg "), "\u{B5}g/kg");
        assert_eq!(unit("mg/kg"), "mg/kg");
    }

    #[test]
    fn an_edition_is_the_year_behind_the_last_hyphen() {
        assert_eq!(split_edition("GB 2762-2025"), ("GB 2762", Some(2025)));
        assert_eq!(split_edition("GB 31650.1-2022"), ("GB 31650.1", Some(2022)));
        assert_eq!(split_edition("GB/T 5009.199"), ("GB/T 5009.199", None));
        assert_eq!(split_edition("农业农村部公告第250号"), ("农业农村部公告第250号", None));
    }
}
