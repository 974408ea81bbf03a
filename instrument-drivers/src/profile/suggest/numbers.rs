//! What a proposal says about number marks: which sign is the decimal mark, which one parts groups of three digits.
//!
//! Only cells of values are looked at: dates, versions and codes hold the same signs. A sign is a separator of groups only
//! where every group behind it has three digits and the first does not begin with 0.

use super::called::find_value;
use super::cells::{APOSTROPHES, BLANKS, is_grouped, is_value};
use super::columns::value_columns;
use super::finding::{Finding, note};
use super::header::HeaderPlace;
use super::roles::markers;
use super::sheet::Sheet;
use super::writing::quote;
use crate::number::TIMES;

/// `[numbers]` from the values below a header.
pub fn numbers(sheet: &Sheet, header: &HeaderPlace, findings: &mut Vec<Finding>) -> String {
    let numeric = |at: usize| header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(is_value));
    let columns = match find_value(&header.names, numeric) {
        Some(value) => (0..header.names.len()).filter(|at| header.names[*at] == header.names[value]).collect(),
        None => value_columns(sheet, header, None),
    };
    let below = || sheet.rows.iter().skip(header.row + 1);
    let mut marks = Marks::of(below().flat_map(|row| columns.iter().filter_map(|at| row.get(*at))));
    if marks.say_nothing() {
        // Whole numbers: the columns beside them show how decimals are printed.
        marks = Marks::of(below().flatten());
    }
    marks.rules(findings) + &markers(sheet, header, &columns, findings)
}

/// `[numbers]` from these cells.
pub fn numbers_of<'s>(cells: impl Iterator<Item = &'s String>, findings: &mut Vec<Finding>) -> String {
    Marks::of(cells).rules(findings)
}

/// How numbers are printed, counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Marks {
    /// One comma, or one point, and nothing else; and how many of these may be a separator of groups.
    comma: usize,
    comma_groups: usize,
    point: usize,
    point_groups: usize,
    /// Separator of groups and decimal mark, as a number shows both beyond doubt.
    grouped: Option<(&'static str, &'static str)>,
}

impl Marks {
    fn of<'s>(cells: impl Iterator<Item = &'s String>) -> Marks {
        let mut marks = Marks::default();
        for cell in cells.filter(|cell| cell.contains(|c: char| c.is_ascii_digit()) && is_value(cell)) {
            marks.count(cell.trim().trim_start_matches(['<', '>', '≤', '≥', '＜', '＞', '=', '-', '+', ' ']));
        }
        marks
    }

    fn count(&mut self, number: &str) {
        // What stands behind the mantissa says nothing.
        let number = number.split(['e', 'E']).next().unwrap_or(number);
        let number = number.split(TIMES).next().unwrap_or(number).trim_end();
        let signs: Vec<char> = number.chars().filter(|c| !c.is_ascii_digit()).collect();
        match &signs[..] {
            [','] => {
                self.comma += 1;
                self.comma_groups += usize::from(is_grouped(number, &[',']));
            }
            ['.'] => {
                self.point += 1;
                self.point_groups += usize::from(is_grouped(number, &['.']));
            }
            _ => {
                let last = number.rfind(['.', ',']).map(|at| number.split_at(at));
                self.grouped = match last {
                    // Both in one number: the last one is the decimal mark.
                    Some((whole, rest)) if rest.starts_with('.') && is_grouped(whole, &[',']) => Some((",", ".")),
                    Some((whole, rest)) if rest.starts_with(',') && is_grouped(whole, &['.']) => Some((".", ",")),
                    Some((whole, rest)) if is_grouped(whole, &APOSTROPHES) => {
                        Some(("'", if rest.starts_with('.') { "." } else { "," }))
                    }
                    Some((whole, rest)) if is_grouped(whole, &BLANKS) => {
                        Some((" ", if rest.starts_with('.') { "." } else { "," }))
                    }
                    None if is_grouped(number, &APOSTROPHES) => self.grouped.or(Some(("'", "."))),
                    None if is_grouped(number, &BLANKS) => self.grouped.or(Some((" ", "."))),
                    _ if is_grouped(number, &[',']) => Some((",", ".")),
                    _ if is_grouped(number, &['.']) => Some((".", ",")),
                    _ => self.grouped,
                };
            }
        }
    }

    fn say_nothing(&self) -> bool {
        *self == Marks::default()
    }

    fn rules(&self, findings: &mut Vec<Finding>) -> String {
        let (comma, point) = (self.comma, self.point);
        let mixed = || match comma > 0 && point > 0 {
            true if self.comma_groups == comma && self.point_groups < point => Some((",", ".", 75)),
            true if self.point_groups == point && self.comma_groups < comma => Some((".", ",", 75)),
            _ => None,
        };
        let grouped = self.grouped.map(|(thousands, mark)| (thousands, mark, 90)).or_else(mixed);
        if let Some((thousands, mark, sure)) = grouped {
            note(findings, "decimal mark", mark, sure, format!("numbers hold a thousands separator: {thousands}"));
            return format!("decimal_mark = {}\nthousands = {}\n", quote(mark), quote(thousands));
        }
        let (mark, sure) = match (comma, point) {
            (0, 0) => (".", 50),
            (0, _) => (".", 95),
            // Every one of them may also be thousands.
            (_, 0) if self.comma_groups == comma => (",", 55),
            (_, 0) => (",", 85),
            (comma, point) => (if comma > point { "," } else { "." }, 55),
        };
        note(findings, "decimal mark", mark, sure, format!("{point} numbers with a point, {comma} with a comma"));
        format!("decimal_mark = {}\n", quote(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(cells: &[&str]) -> String {
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_string()).collect();
        numbers_of(cells.iter(), &mut Vec::new()).replace('\n', " ").trim_end().to_string()
    }

    #[test]
    fn a_separator_of_groups_parts_groups_of_three_only() {
        let point = "decimal_mark = \".\"";
        // What is no number says nothing: markers, versions, dates.
        assert_eq!(rules(&["0.512", "n.d.", "1.203", "n.a."]), point);
        assert_eq!(rules(&["3.08.01", "10.03.2026", "0.5"]), point);
        assert_eq!(rules(&["0.045", "-0.123", "<0.001"]), point);
        assert_eq!(rules(&["1,234.5", "0.5"]), format!("{point} thousands = \",\""));
        assert_eq!(rules(&["1,234,567"]), format!("{point} thousands = \",\""));
        assert_eq!(rules(&["2,150", "0.5"]), format!("{point} thousands = \",\""));
        let comma = "decimal_mark = \",\"";
        assert_eq!(rules(&["3,52", "1.234,5"]), format!("{comma} thousands = \".\""));
        assert_eq!(rules(&["2'701,5", "0,3"]), format!("{comma} thousands = \"'\""));
        assert_eq!(rules(&["2 701,5", "0,3"]), format!("{comma} thousands = \" \""));
        assert_eq!(rules(&["0,045", "1,5"]), comma);
    }
}
