//! The code by which anybody checks a report: how it is made, and how it is read as somebody typed it from paper.

use crate::domain::text;

/// Characters that nobody mistakes for another on paper: no 0 O 1 I L U.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Groups of a code, and letters of a group: short enough to be kept in mind while they are typed.
const GROUPS: usize = 3;
const GROUP: usize = 4;

/// Three groups of four: 58 random bits, too many to be guessed one by one.
pub fn new() -> String {
    let letters: String =
        (0..GROUPS * GROUP).map(|_| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())])).collect();
    in_groups(&letters)
}

/// The code as it is stored, of one that was typed: in any case, full-width, with or without its hyphens, with blanks. `None`:
/// no report has such a code.
pub fn read(typed: &str) -> Option<String> {
    let is_between = |c: char| c == '-' || c.is_whitespace();
    // A character more than a code has is enough to know that it is none, however long the text is.
    let letters: String = text::trimmed(typed)
        .chars()
        .map(text::half_width)
        .filter(|c| !is_between(*c))
        .map(|c| c.to_ascii_uppercase())
        .take(GROUPS * GROUP + 1)
        .collect();
    let is_whole = letters.len() == GROUPS * GROUP && letters.bytes().all(|letter| ALPHABET.contains(&letter));
    is_whole.then(|| in_groups(&letters))
}

/// Of ASCII letters.
fn in_groups(letters: &str) -> String {
    let groups: Vec<String> =
        letters.as_bytes().chunks(GROUP).map(|group| group.iter().copied().map(char::from).collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let stored = Some("8F3K-7Q2M-X4RT".to_owned());
        for typed in [
            "8F3K-7Q2M-X4RT",
            "8F3K7Q2MX4RT",
            "8f3k-7q2m-x4rt",
            " 8F3K 7Q2M\u{3000}X4RT ",
            "8F3K - 7Q2M - X4RT",
            "８Ｆ３Ｋ－７ｑ２ｍ－Ｘ４ＲＴ",
            "\u{FEFF}8F3K-7Q2M-X4RT\u{200B}",
        ] {
            assert_eq!(read(typed), stored, "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_code_is_not_made_one() {
        for typed in [
            "",
            "---",
            "8F3K-7Q2M-X4R",
            "8F3K-7Q2M-X4RT2",
            // Letters that no code has: they are not taken for others.
            "8F3K-7Q2M-X4R0",
            "8F3K-7Q2M-X4RI",
            "8F3K_7Q2M_X4RT",
            "8F3K.7Q2M.X4RT",
            "8F3K-7Q2M-X4R铅",
            "8F3K-7Q2M-%%%%",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn a_new_code_is_read_as_itself() {
        let code = new();
        assert_eq!(code.len(), 14, "{code}");
        assert_eq!(read(&code), Some(code));
    }
}
