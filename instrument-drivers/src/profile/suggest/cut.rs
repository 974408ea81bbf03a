//! Columns that stand at fixed places: gaps do not show that the first cells of a line are empty, its place does.

use super::called::{find_value, find_word};
use super::cells::is_value;
use super::sheet::Sheet;
use super::words::{ANALYTE, SAMPLE, UNIT, VALUE};
use crate::table::cut::{cut_at, cut_between_words, header_cuts, is_wide, width};

/// The lines as cells at the places that a header shows, where lines below it begin with blanks instead of their first cells.
pub fn placed(text: &str) -> Option<Sheet> {
    let lines: Vec<&str> = text.lines().collect();
    if text.contains('\t') {
        return None;
    }
    let wide = text.contains(is_wide);
    let (header, cuts) = (0..lines.len()).find_map(|at| Some((at, cuts_at(&lines[at..], wide)?)))?;
    // What stands above is no table, and is found by whole lines.
    let above = lines[..header].iter().map(|line| vec![line.trim().to_string()]);
    let below = lines[header..].iter().map(|line| match line.trim() {
        "" => Vec::new(),
        _ => cut_at(line, &cuts, wide).iter().map(|cell| cell.trim().to_string()).collect(),
    });
    let mut sheet = Sheet::new(String::new(), above.chain(below).collect(), Vec::new());
    let ends = lines[header..].iter().position(|line| line.trim().is_empty()).map(|end| header + end);
    let repeats = lines[header + 1..].contains(&lines[header]);
    sheet.ends = ends.is_some_and(|end| lines[end..].iter().any(|line| !line.trim().is_empty())) && !repeats;
    (sheet.cuts, sheet.wide) = (cuts, wide);
    Some(sheet)
}

/// The lines below a header as cells under its names, where gaps would put some of them under another one: a cell within the
/// line is empty. `None` where gaps do as well, or nobody can tell.
pub fn below_names(text: &str) -> Option<Sheet> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    if text.contains('\t') {
        return None;
    }
    let wide = text.contains(is_wide);
    let header = lines.iter().position(|line| names_columns(line, wide))?;
    let cuts = header_cuts(lines[header], wide);
    // What stands above, and between the blocks, is no table, and is found by whole lines.
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (mut inside, mut first, mut shifted) = (false, true, false);
    for line in &lines {
        inside = (inside || *line == lines[header]) && !line.is_empty();
        let drawn = line.chars().all(|c| matches!(c, '-' | '=' | '_' | '+' | ' '));
        if !inside || drawn {
            rows.push(if drawn { Vec::new() } else { vec![line.trim().to_string()] });
            continue;
        }
        let (cells, unclear) = cut_between_words(line, &cuts, wide);
        let cells: Vec<String> = cells.iter().map(|cell| cell.trim().to_string()).collect();
        if unclear {
            return None;
        }
        if *line != lines[header] {
            // Units below the names would be a second row of the header, which cannot be cut so.
            if std::mem::take(&mut first) && !cells.iter().any(|cell| is_value(cell)) {
                return None;
            }
            let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
            shifted |= cells[..filled].iter().any(String::is_empty);
        }
        rows.push(cells);
    }
    let end = (header..lines.len()).find(|at| lines[*at].is_empty());
    let mut sheet = Sheet::new(String::new(), rows, Vec::new());
    let repeats = lines[header + 1..].contains(&lines[header]);
    sheet.ends = !repeats && end.is_some_and(|end| lines[end..].iter().any(|line| !line.is_empty()));
    (sheet.by_header, sheet.wide) = (true, wide);
    shifted.then_some(sheet)
}

/// A line of three names and more, of which two are usual ones of different meaning.
fn names_columns(line: &str, wide: bool) -> bool {
    let names: Vec<String> = cells_of(line, wide).into_iter().map(|(_, _, name)| name).collect();
    let usual = [SAMPLE, ANALYTE, UNIT].iter().filter(|words| find_word(&names, words).is_some()).count();
    let result = find_value(&names, |_| true).or_else(|| find_word(&names, VALUE)).is_some();
    names.len() > 2 && usual + usize::from(result) > 1
}

/// Places of the cells below a header, which is the first line.
fn cuts_at(lines: &[&str], wide: bool) -> Option<Vec<usize>> {
    let words = cells_of(lines[0], wide);
    let names: Vec<String> = words.iter().map(|(_, _, name)| name.clone()).collect();
    let known = [SAMPLE, ANALYTE, VALUE, UNIT].iter().filter(|list| find_word(&names, list).is_some()).count();
    if names.len() < 3 || known < 2 || words[0].0 > 1 {
        return None;
    }
    let drawn = |line: &&str| line.chars().all(|c| matches!(c, '-' | '=' | '_' | '+' | ' '));
    let block = lines.iter().take_while(|line| !line.trim().is_empty()).copied();
    let block: Vec<&str> = block.filter(|line| !drawn(line)).collect();
    let second = words[1].0;
    let begins = |line: &&&str| cells_of(line, wide).first().map_or(0, |first| first.0);
    let full = block[1..].iter().filter(|line| begins(line) < 2).count();
    let indented = block[1..].iter().filter(|line| begins(line) + 2 >= second).count();
    if full == 0 || indented == 0 {
        return None;
    }
    let mut taken = vec![false; block.iter().map(|line| width(line, wide)).max()? + 1];
    for (from, to, _) in block.iter().flat_map(|line| cells_of(line, wide)) {
        taken[from..to].fill(true);
    }
    let mut cuts = vec![0];
    for pair in words.windows(2) {
        let [(left, ..), (right, end, _)] = pair else { return None };
        // Blank in every line, between the one word and the other.
        let free = |from: usize| (from..*end).take_while(|at| !taken[*at]).count();
        let from = (*left..*end).max_by_key(|at| (free(*at), std::cmp::Reverse(*at)))?;
        let gap = free(from);
        if gap == 0 {
            return None;
        }
        cuts.push(if from + gap >= *right { *right.min(&(from + gap)) } else { from + gap.div_ceil(2) });
    }
    Some(cuts)
}

/// Begin and end of the cells of a line, parted by two blanks and more, and their texts.
fn cells_of(line: &str, wide: bool) -> Vec<(usize, usize, String)> {
    let mut cells: Vec<(usize, usize, String)> = Vec::new();
    let (mut place, mut blanks) = (0, 2);
    for c in line.chars() {
        let next = place + if wide && is_wide(c) { 2 } else { 1 };
        if c.is_whitespace() {
            blanks += 1;
        } else {
            match cells.last_mut().filter(|_| blanks < 2) {
                Some((_, end, text)) => {
                    text.extend((blanks == 1).then_some(' '));
                    text.push(c);
                    *end = next;
                }
                None => cells.push((place, next, c.to_string())),
            }
            blanks = 0;
        }
        place = next;
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_first_cell_is_seen_by_its_place() {
        let text = "Sample ID   Element   Result   Unit\nF26-1       Pb         0.512   mg/kg\n            Cd        <0.01    mg/kg\n";
        let sheet = placed(text).unwrap();
        assert_eq!(sheet.rows[2], ["", "Cd", "<0.01", "mg/kg"]);
        assert_eq!(sheet.rows[1], ["F26-1", "Pb", "0.512", "mg/kg"]);
        // A line that is drawn holds nothing.
        let drawn = text.replacen('\n', "\n----------------------------------\n", 1);
        assert_eq!(placed(&drawn).unwrap().rows[3], ["", "Cd", "<0.01", "mg/kg"]);
        // A cell within the line is empty, which gaps do not show.
        let hole = "  Report\n\nSample  Test  Result  Unit\nF26-1   Pb    0.5     ppm\nF26-2   Cd            ppm\n\nEnd of report\n";
        let sheet = below_names(hole).unwrap();
        assert_eq!(sheet.rows[4], ["F26-2", "Cd", "", "ppm"]);
        assert_eq!((sheet.rows[0].len(), sheet.ends, sheet.by_header), (1, true, true));
        assert!(below_names(&hole.replace("        ppm\n\n", "<1      ppm\n\n")).is_none());
        // Every line begins with its first cell: gaps are enough.
        assert!(placed(&text.replace("            Cd", "F26-1       Cd")).is_none());
    }
}
