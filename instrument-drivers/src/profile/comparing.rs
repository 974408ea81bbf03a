//! How texts of a profile are compared with those of a source: by their words, or by a pattern.

use std::borrow::Cow;

use regex::Regex;

/// Trimmed, with every run of blanks, tabs and line breaks as one blank: how header texts are compared.
pub fn squeeze(text: &str) -> String {
    squeezed(text).into_owned()
}

/// The same; most texts are so already. Every cell of a source may be asked whether it is a heading.
pub fn squeezed(text: &str) -> Cow<'_, str> {
    if is_squeezed(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn is_squeezed(text: &str) -> bool {
    let mut after_blank = true;
    for letter in text.chars() {
        let blank = letter.is_whitespace();
        if blank && (after_blank || letter != ' ') {
            return false;
        }
        after_blank = blank;
    }
    text.is_empty() || !after_blank
}

/// A regular expression of a profile; the error names the key.
pub fn regex(text: &str, key: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| format!("{key}: '{text}' is not a regular expression: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_blanks_become_one() {
        for (text, squeezed) in [
            ("", ""),
            ("Pb", "Pb"),
            ("Final Conc.", "Final Conc."),
            (" Final  Conc. ", "Final Conc."),
            ("Final\nConc.", "Final Conc."),
            ("样品\u{3000}编号", "样品 编号"),
            ("a\u{a0}b", "a b"),
            (" ", ""),
            ("trailing ", "trailing"),
            (" leading", "leading"),
        ] {
            assert_eq!(squeeze(text), squeezed, "{text:?}");
        }
        assert!(matches!(squeezed("Final Conc."), Cow::Borrowed(_)));
    }
}
