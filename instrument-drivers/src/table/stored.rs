//! Numbers that a spreadsheet stores as doubles: they become text once.

/// Display of f64 is the shortest text that reads back to it, never with an exponent. -0 is 0.
pub fn shortest(number: f64) -> String {
    if number == 0.0 { "0".into() } else { number.to_string() }
}

/// The same of a number that is written out; none: it is no number that a workbook stores.
fn stored(text: &str) -> Option<String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(shortest)
}

/// A stored number as in other workbooks, where it was written with an exponent or with more digits than such a number holds.
pub fn as_stored(text: String) -> String {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['-', '+', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let is_rewritten = digits > EXACT_DIGITS || mantissa.len() < text.len();
    is_rewritten.then(|| stored(&text)).flatten().unwrap_or(text)
}

/// Digits that every number of a workbook keeps.
const EXACT_DIGITS: usize = 15;
