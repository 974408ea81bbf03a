//! The cells of a sheet or text that nobody has described yet.

use crate::profile::comparing::squeeze;
use crate::table::rows::may_be_turned;

/// Cells of one sheet or text, by line. Blank lines are empty rows.
#[derive(Default)]
pub struct Sheet {
    pub name: String,
    pub rows: Vec<Vec<String>>,
    /// The line of each row, where rows are not counted as lines are.
    pub lines: Vec<usize>,
    /// Cut by ruler lines, which are blank rows here.
    pub ruler: bool,
    /// Lines of dashes stand between the rows; they are blank rows here.
    pub dashes: bool,
    /// Cut at these places, where characters of East Asian scripts take two.
    pub cuts: Vec<usize>,
    pub wide: bool,
    /// Cut where the names of the header begin.
    pub by_header: bool,
    /// Cut at gaps of blanks.
    pub gaps: bool,
    /// The table ends at a blank line, and something else follows.
    pub ends: bool,
}

impl Sheet {
    pub fn new(name: String, rows: Vec<Vec<String>>, lines: Vec<usize>) -> Sheet {
        let mut sheet = Sheet { name, rows, lines, ..Sheet::default() };
        for row in sheet.rows.iter_mut().filter(|row| is_dashes(row)) {
            row.clear();
            sheet.dashes = true;
        }
        sheet
    }

    /// The row that stands in a line, counted from 1.
    pub fn row_of(&self, line: usize) -> Option<usize> {
        if self.lines.is_empty() { line.checked_sub(1) } else { self.lines.binary_search(&line).ok() }
    }

    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.rows.get(row)?.get(column).map(String::as_str)
    }
}

/// A row that is drawn, and holds nothing: of two cells and more, or of one that is long.
fn is_dashes(row: &[String]) -> bool {
    let filled = || row.iter().filter(|cell| !cell.is_empty());
    let drawn =
        |cell: &String| cell.chars().count() > 1 && cell.chars().all(|c| matches!(c, '-' | '=' | '_' | '+' | ' '));
    filled().all(drawn) && (filled().count() > 1 || filled().any(|cell| cell.chars().count() > 4))
}

pub fn squeezed(row: &[String]) -> Vec<String> {
    row.iter().map(|cell| squeeze(cell)).collect()
}

/// Rows and columns exchanged, as a profile with `transpose` reads them: a line that was left out is a blank cell of each row.
pub fn turned(rows: &[Vec<String>], lines: &[usize]) -> Result<Vec<Vec<String>>, String> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let height = lines.last().copied().unwrap_or(rows.len());
    may_be_turned(width, height).map_err(|why| why.to_string())?;
    let mut turned = vec![vec![String::new(); height]; width];
    for (at, row) in rows.iter().enumerate() {
        let line = lines.get(at).map_or(at, |line| line.saturating_sub(1));
        for (column, cell) in row.iter().enumerate() {
            turned[column][line].clone_from(cell);
        }
    }
    Ok(turned)
}
