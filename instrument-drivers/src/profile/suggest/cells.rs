//! What a single cell of an unknown table is: a value, a moment, a number whose groups are parted.

use crate::marker::marker;
use crate::number::{NumberRules, exact};

/// A number by any convention, or a qualifier: what a value column holds.
pub fn is_value(cell: &str) -> bool {
    let cell = cell.trim().trim_start_matches(['<', '>', '≤', '≥', '＜', '＞']).trim_start_matches('=').trim();
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let number = digits > 0
        && cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | 'e' | 'E'))
        && !cell[1.min(cell.len())..].contains(|c: char| c == '-' && !cell.contains(['e', 'E']));
    // `1,2×10^4`, whatever its decimal mark is.
    let power = || cell.contains("10") && exact(&cell.replace(',', "."), &NumberRules::default()).is_ok();
    number || (digits > 0 && (power() || parts_groups(cell))) || marker(cell, &NumberRules::default()).is_some()
}

/// `2026-03-10 09:30`, `10.03.2026`: digits and signs of dates and times.
pub fn is_moment(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let signs = text.chars().filter(|c| matches!(c, '-' | '.' | '/' | ':')).count();
    digits >= 6 && signs >= 2 && digits + signs + text.matches([' ', 'T']).count() == text.chars().count()
}

/// `2'701,5`, `12 000`: groups that are parted by signs that no decimal mark is.
pub fn parts_groups(number: &str) -> bool {
    let number = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (whole, rest) = number.split_at(number.rfind(['.', ',']).unwrap_or(number.len()));
    let rest = rest.trim_start_matches(['.', ',']);
    rest.bytes().all(|byte| byte.is_ascii_digit()) && (is_grouped(whole, &APOSTROPHES) || is_grouped(whole, &BLANKS))
}

/// Groups of three digits behind one to three digits that do not begin with 0, with these signs between them.
pub fn is_grouped(number: &str, signs: &[char]) -> bool {
    let mut groups = number.split(signs);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let first =
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && !first.starts_with('0') && digits(first));
    let rest: Vec<&str> = groups.collect();
    first && !rest.is_empty() && rest.iter().all(|group| group.len() == 3 && digits(group))
}

pub const APOSTROPHES: [char; 2] = ['\'', '’'];
pub const BLANKS: [char; 3] = [' ', '\u{a0}', '\u{202f}'];
