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

/// A regular expression of a profile; the error names the key. A blank in it is any blank of a line.
pub fn regex(text: &str, key: &str) -> Result<Regex, String> {
    // Bytes (`(?-u)`) have no other blanks, and a mistake is shown as it was written.
    Regex::new(&any_blank(text)).or_else(|_| regex_of_headings(text, key))
}

/// The same for what is squeezed before it is compared.
pub fn regex_of_headings(text: &str, key: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| format!("{key}: '{text}' is not a regular expression: {error}"))
}

/// Each blank as the class of all that look like one: fixed ones are printed where nobody sees the difference.
fn any_blank(pattern: &str) -> Cow<'_, str> {
    // Where blanks only part the pieces of a pattern they mean nothing.
    if !pattern.contains(' ') || ignores_blanks(pattern) {
        return Cow::Borrowed(pattern);
    }
    let mut written = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    let mut before = None;
    while let Some(letter) = rest.next() {
        // `[ -~]` is a range, and stays one; so does a blank that is escaped.
        let stays = before == Some('-') || rest.peek() == Some(&'-');
        match letter {
            ' ' if !stays => written.push_str(BLANKS),
            _ => written.push(letter),
        }
        if letter == '\\' {
            written.extend(rest.next());
        }
        before = Some(letter);
    }
    Cow::Owned(written)
}

/// Blank, fixed blank, narrow fixed blank, full-width blank. A class within a class adds to it.
const BLANKS: &str = r"[ \u{a0}\u{202f}\u{3000}]";

/// `(?x)`, alone or among other flags.
fn ignores_blanks(pattern: &str) -> bool {
    let mut flags = pattern.split("(?").skip(1).filter_map(|rest| rest.split([':', ')', '-', '<']).next());
    flags.any(|flags| flags.contains('x') && flags.chars().all(|flag| flag.is_ascii_lowercase()))
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

    #[test]
    fn a_blank_of_a_pattern_is_any_blank() {
        for (pattern, text, fits) in [
            ("^Results for (.*)$", "Results for\u{a0}Abs 1", true),
            ("^Results for (.*)$", "Results\u{3000}for Abs 1", true),
            ("^Results for", "Resultsfor", false),
            ("^Wert {2,}\\d", "Wert\u{a0} 7", true),
            ("^[A-Z ]+$", "A\u{202f}B", true),
            ("^[^ ]+$", "A\u{a0}B", false),
            ("^[ -~]+$", "A\u{a0}B", false),
            ("^[ -~]+$", "A B", true),
            ("^a\\ b$", "a\u{a0}b", false),
            ("^a\\ b$", "a b", true),
            ("(?x) ^ a b $", "ab", true),
            ("(?<exact>a b)", "a\u{a0}b", true),
        ] {
            assert_eq!(regex(pattern, "matches").unwrap().is_match(text), fits, "{pattern} in {text:?}");
        }
        assert!(regex("a (", "matches").unwrap_err().contains("'a ('"));
    }
}
