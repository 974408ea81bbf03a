//! Numbers that a spreadsheet stores as doubles: they become text once.

/// Display of f64 is the shortest text that reads back to it, never with an exponent. -0 is 0.
pub fn shortest(number: f64) -> String {
    if number == 0.0 { "0".into() } else { number.to_string() }
}

/// The same of a number that is written out; none: it is no number that a workbook stores.
pub fn stored(text: &str) -> Option<String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(shortest)
}
