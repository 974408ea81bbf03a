//! Numbers with a point in Rust code: a double that nobody has named.

/// The floating-point literals of code, as they are written: `0.0`, `1.`, `1e-3`, `2f64`. What stands in strings, characters
/// and comments is none, nor is a field of a tuple or the end of a range.
pub fn literals(code: &str) -> Vec<String> {
    let code: Vec<char> = without_texts(code);
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let at = |place: usize| code.get(place).copied().unwrap_or(' ');
    let mut found = Vec::new();
    let mut place = 0;
    while place < code.len() {
        if !is_name(at(place)) {
            place += 1;
            continue;
        }
        let start = place;
        while is_name(at(place)) {
            place += 1;
        }
        // `.0` of `pair.0`, and `0.1` of `pair.0.1`, are fields; `..5` ends a range.
        let is_field = start > 0 && at(start - 1) == '.' && (start < 2 || at(start - 2) != '.');
        if !at(start).is_ascii_digit() || is_field {
            continue;
        }
        let mut end = place;
        if at(end) == '.' && at(end + 1) != '.' && !(at(end + 1).is_alphabetic() || at(end + 1) == '_') {
            end += 1;
            while is_name(at(end)) {
                end += 1;
            }
        }
        let word: String = code[start..end].iter().collect();
        if end > place || is_exponent_or_suffix(&word) {
            found.push(word);
        }
        place = end;
    }
    found
}

fn is_exponent_or_suffix(word: &str) -> bool {
    let is_other_base = ["0x", "0b", "0o"].iter().any(|base| word.starts_with(base));
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    let is_exponent = rest.starts_with(['e', 'E']) && rest[1..].chars().all(|c| c.is_ascii_digit() || c == '_');
    !is_other_base && (is_exponent || ["f32", "f64"].contains(&rest))
}

/// The code with strings, characters and comments cut out.
fn without_texts(code: &str) -> Vec<char> {
    let source: Vec<char> = code.chars().collect();
    let at = |place: usize| source.get(place).copied().unwrap_or('\0');
    let mut kept = Vec::with_capacity(source.len());
    let mut place = 0;
    while place < source.len() {
        match (at(place), at(place + 1)) {
            ('/', '/') => {
                while place < source.len() && at(place) != '\n' {
                    place += 1;
                }
            }
            ('/', '*') => {
                while place < source.len() && (at(place), at(place + 1)) != ('*', '/') {
                    place += 1;
                }
                place += 2;
            }
            ('"', _) => {
                place = behind_string(&source, place, raw_marks(&kept));
                kept.push(' ');
            }
            ('\'', '\\') => {
                // `'\n'`, `'\''`, `'\u{FEFF}'`
                place += 3;
                while place < source.len() && at(place) != '\'' {
                    place += 1;
                }
                place += 1;
            }
            ('\'', _) if at(place + 2) == '\'' => place += 3,
            (other, _) => {
                kept.push(other);
                place += 1;
            }
        }
    }
    kept
}

/// Before the quote: `None`, an ordinary string; `Some`, a raw one with so many `#`.
fn raw_marks(before: &[char]) -> Option<usize> {
    let marks = before.iter().rev().take_while(|c| **c == '#').count();
    let mut start = before.iter().rev().skip(marks);
    let is_raw = start.next() == Some(&'r');
    let is_word = start.next().is_some_and(|c| (c.is_alphanumeric() || *c == '_') && *c != 'b');
    (is_raw && !is_word).then_some(marks)
}

fn behind_string(source: &[char], quote: usize, raw: Option<usize>) -> usize {
    let mut place = quote + 1;
    while place < source.len() {
        match (source[place], raw) {
            ('\\', None) => place += 2,
            ('"', None) => return place + 1,
            ('"', Some(marks)) if source[place + 1..].iter().take(marks).filter(|c| **c == '#').count() == marks => {
                return place + 1 + marks;
            }
            _ => place += 1,
        }
    }
    place
}

#[test]
fn a_number_with_a_point_is_found_and_nothing_else_is() {
    for (code, expected) in [
        ("if *number == 0.0 { x }", vec!["0.0"]),
        ("let x = 1.; let y = (2.5, 1e-3, 3E4, 2f64, 1_000.5);", vec!["1.", "2.5", "1e", "3E4", "2f64", "1_000.5"]),
        ("a.0.1 + b.0 + f(0..5) + (1..=2) + 1.max(2) + 0x1e5 + 0b1 + x1e3", vec![]),
        ("\"0.5\" r\"1.5\" r#\"2.5 \"x\" 3.5\"# b\"4.5\" '\\'' '5' '\"' // 6.5", vec![]),
        ("/* 7.5 */ fn x<'a>(y: &'a str) -> u8 { z[8] }", vec![]),
        ("let s = \"\\\"9.5\"; 10.5", vec!["10.5"]),
    ] {
        assert_eq!(literals(code), expected, "{code}");
    }
}
