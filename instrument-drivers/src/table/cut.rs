//! Lines without cells of their own, cut by named groups, by a ruler line or at character positions.

use super::cells::Cells;
use super::rows::Row;
use regex::{Captures, Regex};

/// What became of a line.
pub enum Cut {
    AsItIs,
    Cells(Cells),
    Several(Vec<Cells>),
    /// The line only tells where to cut.
    Ruler,
    Nothing,
}

pub fn named<'t>(pattern: &Regex, groups: &Captures<'t>) -> Vec<&'t str> {
    pattern.capture_names().flatten().map(|name| groups.name(name).map_or("", |found| found.as_str())).collect()
}

/// `----|-------|`, `+----+----+`, `-----  -----  ---`: only dashes, with bars or gaps between.
pub fn is_ruler(line: &str) -> bool {
    let line = line.trim();
    let runs = line.split_whitespace().count();
    line.len() > 4
        && (line.contains(['|', '+']) || runs > 1)
        && line.contains(['-', '='])
        && line.chars().all(|c| matches!(c, '-' | '=' | '|' | '+' | ' ' | '\t'))
}

/// Characters at which a new column begins: behind every bar, or with every run of dashes.
pub fn ruler_cuts(line: &str) -> Vec<usize> {
    let chars: Vec<char> = line.chars().collect();
    let is_bar = |c: char| matches!(c, '|' | '+');
    let begins = |at: usize| match chars.iter().any(|c| is_bar(*c)) {
        true => at > 0 && is_bar(chars[at - 1]),
        false => at > 0 && !chars[at].is_whitespace() && chars[at - 1].is_whitespace(),
    };
    let first = chars.iter().position(|c| !c.is_whitespace()).unwrap_or(0);
    std::iter::once(0).chain((first + 1..chars.len()).filter(|at| begins(*at))).collect()
}

/// `wide`: characters of East Asian scripts take two places.
pub fn cut_at(line: &str, cuts: &[usize], wide: bool) -> Cells {
    let mut cells = vec![String::new(); cuts.len()];
    let mut place = 0;
    for c in line.chars() {
        if let Some(cell) = cuts.iter().rposition(|cut| *cut <= place) {
            cells[cell].push(c);
        }
        place += if wide && is_wide(c) { 2 } else { 1 };
    }
    cells.into_iter().collect()
}

/// Cuts lines for a person to look at: at places, or (`ruler`) as the rulers among them say; what stands above the first
/// ruler is cut as that one says.
pub fn cut_rows(rows: &mut [Row], places: &[usize], ruler: bool, wide: bool) {
    let mut cuts = match ruler {
        true => rows.iter().map(Row::line).find(|line| is_ruler(line)).map(ruler_cuts).unwrap_or_default(),
        false => places.to_vec(),
    };
    for row in rows {
        if ruler && is_ruler(row.line()) {
            cuts = ruler_cuts(row.line());
        }
        if !cuts.is_empty() {
            row.cells = cut_at(row.line(), &cuts, wide);
        }
    }
}

/// Places that a line takes.
pub fn width(line: &str, wide: bool) -> usize {
    line.chars().map(|c| if wide && is_wide(c) { 2 } else { 1 }).sum()
}

/// Characters of East Asian scripts.
pub fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rulers() {
        for (line, cuts) in [
            ("----|---|--", vec![0, 5, 9]),
            ("+----+---+", vec![0, 1, 6, 10]),
            (" ----  ---- --", vec![0, 7, 12]),
            ("===== =====", vec![0, 6]),
        ] {
            assert!(is_ruler(line), "{line}");
            let within: Vec<usize> = cuts.into_iter().filter(|cut| *cut < line.len()).collect();
            assert_eq!(ruler_cuts(line), within, "{line}");
        }
        for line in ["----------", "a | b", "1 - 2", "---"] {
            assert!(!is_ruler(line), "{line}");
        }
    }

    #[test]
    fn wide_characters_take_two_places() {
        let cells: Vec<String> = cut_at("铅      0.5", &[0, 8], true).iter().map(|cell| cell.trim().into()).collect();
        assert_eq!(cells, ["铅", "0.5"]);
    }
}
