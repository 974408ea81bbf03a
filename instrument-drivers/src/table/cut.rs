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

/// Places at which a column begins: where a name of the header does. A single blank belongs to a name.
pub fn header_cuts(line: &str, wide: bool) -> Vec<usize> {
    let mut cuts = Vec::new();
    // Blanks before the character at hand; a line begins with a gap.
    let (mut place, mut blanks) = (0, 2);
    for c in line.chars() {
        if !c.is_whitespace() {
            if blanks >= 2 {
                cuts.push(place);
            }
            blanks = 0;
        } else {
            blanks += if c == '\t' { 2 } else { 1 };
        }
        place += breadth(c, wide);
    }
    // What stands left of the first name belongs to it.
    if let Some(first) = cuts.first_mut() {
        *first = 0;
    }
    cuts
}

/// As [`cut_at`], but no word is cut in two: one that begins where its column does may be too long for it; another one is
/// a number that ends below its name, and belongs to that. The second: it cannot be told where a text belongs.
pub fn cut_between_words(line: &str, cuts: &[usize], wide: bool) -> (Cells, bool) {
    let words = words(line, wide);
    let mut own = cuts.to_vec();
    let mut too_long = Vec::new();
    let mut unclear = false;
    for at in 1..own.len() {
        let (column, cut) = (own[at - 1], own[at]);
        let Some(split) = words.iter().position(|(from, to)| *from < cut && cut < *to) else { continue };
        let begins = (1..=split).rev().find(|word| words[*word].0 - words[word - 1].1 >= 2).unwrap_or(0);
        let begins = words[begins].0;
        unclear |= begins < column;
        if begins <= column {
            own[at] = words[split].1;
            too_long.push(at);
        } else {
            own[at] = words[split].0;
        }
    }
    let cells = cut_at(line, &own, wide);
    let is_empty = |at: &usize| cells.get(*at).is_none_or(|cell| cell.trim().is_empty());
    let more_behind = |at: &usize| words.iter().any(|word| word.0 >= own[*at]);
    unclear |= too_long.iter().any(|at| is_empty(at) && more_behind(at));
    (cells, unclear)
}

/// Where each word begins and ends.
fn words(line: &str, wide: bool) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let (mut place, mut within) = (0, false);
    for c in line.chars() {
        let next = place + breadth(c, wide);
        match (c.is_whitespace(), within) {
            (true, _) => within = false,
            (false, true) => words.iter_mut().last().into_iter().for_each(|word| word.1 = next),
            (false, false) => {
                words.push((place, next));
                within = true;
            }
        }
        place = next;
    }
    words
}

fn breadth(c: char, wide: bool) -> usize {
    if wide && is_wide(c) { 2 } else { 1 }
}

/// `wide`: characters of East Asian scripts take two places.
pub fn cut_at(line: &str, cuts: &[usize], wide: bool) -> Cells {
    let mut cells = vec![String::new(); cuts.len()];
    let mut place = 0;
    for c in line.chars() {
        if let Some(cell) = cuts.iter().rposition(|cut| *cut <= place) {
            cells[cell].push(c);
        }
        place += breadth(c, wide);
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
    line.chars().map(|c| breadth(c, wide)).sum()
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
    fn columns_below_the_words_of_a_header() {
        let header = "Sample ID   Test      Conc   Unit";
        let cuts = header_cuts(header, false);
        assert_eq!(cuts, [0, 12, 22, 29]);
        assert_eq!(header_cuts("  Sample  Test", false), [0, 10]);
        assert_eq!(header_cuts("样品编号  项目", true), [0, 10]);
        for (line, expected) in [
            ("F26-1       Pb        0.52   mg/kg", ["F26-1", "Pb", "0.52", "mg/kg"]),
            ("            Cd        <0.01  mg/kg", ["", "Cd", "<0.01", "mg/kg"]),
            // Numbers that end below their names, and names that are longer than their columns.
            ("F26-1       Pb     12345.67  mg/kg", ["F26-1", "Pb", "12345.67", "mg/kg"]),
            ("F26-000000001 Pb      0.52   mg/kg", ["F26-000000001", "Pb", "0.52", "mg/kg"]),
            ("F26-1       4-Hydroxyphenyl", ["F26-1", "4-Hydroxyphenyl", "", ""]),
        ] {
            let (cells, unclear) = cut_between_words(line, &cuts, false);
            let cells: Vec<String> = cells.iter().map(|cell| cell.trim().into()).collect();
            assert_eq!((cells.join("|"), unclear), (expected.join("|"), false), "{line}");
        }
        for line in
            ["F26-1       4-Hydroxybenzoate 1", "F26-1       Pb 12345.67  mg/kg", "F26-1       4-Hydroxy benzoate 1"]
        {
            assert!(cut_between_words(line, &cuts, false).1, "{line}");
        }
    }

    #[test]
    fn wide_characters_take_two_places() {
        let cells: Vec<String> = cut_at("铅      0.5", &[0, 8], true).iter().map(|cell| cell.trim().into()).collect();
        assert_eq!(cells, ["铅", "0.5"]);
    }
}
