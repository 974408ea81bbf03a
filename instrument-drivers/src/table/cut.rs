//! Lines without cells of their own, cut by named groups, by a ruler line or at character positions.

use csv::StringRecord;
use regex::{Captures, Regex};

/// What became of a line.
pub enum Cut {
    AsItIs,
    Cells(StringRecord),
    Several(Vec<StringRecord>),
    /// The line only tells where to cut.
    Ruler,
    Nothing,
}

pub fn named<'t>(pattern: &Regex, groups: &Captures<'t>) -> Vec<&'t str> {
    pattern.capture_names().flatten().map(|name| groups.name(name).map_or("", |found| found.as_str())).collect()
}

/// `----|-------|`: only dashes and bars.
pub fn is_ruler(line: &str) -> bool {
    let line = line.trim();
    line.len() > 4 && line.contains('|') && line.chars().all(|c| matches!(c, '-' | '|'))
}

/// Characters at which a new column begins.
pub fn ruler_cuts(line: &str) -> Vec<usize> {
    let bars = line.chars().enumerate().filter(|(_, c)| *c == '|').map(|(at, _)| at + 1);
    std::iter::once(0).chain(bars).collect()
}

pub fn cut_at(line: &str, cuts: &[usize]) -> StringRecord {
    let chars: Vec<char> = line.chars().collect();
    let ends = cuts.iter().skip(1).copied().chain([usize::MAX]);
    cuts.iter()
        .zip(ends)
        .map(|(from, to)| chars.iter().skip(*from).take(to.saturating_sub(*from)).collect::<String>())
        .collect::<Vec<_>>()
        .into()
}
