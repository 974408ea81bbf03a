//! `[[find]]`: variables that stand beside a table: by their key, by a line, under a title, at an address.

use std::collections::HashMap;

use regex::Regex;
use serde::Deserialize;

use super::comparing::{regex, squeezed};
use super::expr::first_group;
use crate::table::rows::Row;

/// `[[find]]`: a variable by its key cell, by a line, or at an address.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindToml {
    name: String,
    key: Option<String>,
    line: Option<String>,
    /// The text above the value.
    above: Option<String>,
    at: Option<String>,
    pattern: Option<String>,
    /// A later one replaces it: the value in force, not the first. One without a value leaves none in force.
    #[serde(default)]
    repeat: bool,
    /// With `key`: only the cell right beside it, not the first further on that is filled.
    #[serde(default)]
    next_only: bool,
    /// It stands on this sheet, and counts on all of them.
    sheet: Option<String>,
    /// Of a table: it is looked for on every line, and the latest counts in the sections that begin behind it.
    #[serde(default)]
    before_section: bool,
}

#[derive(Debug, Clone)]
pub struct Find {
    pub name: String,
    pub by: FindBy,
    pub pattern: Option<Regex>,
    pub repeat: bool,
    pub sheet: Option<String>,
    pub before_section: bool,
}

#[derive(Debug, Clone)]
pub enum FindBy {
    /// The first non-empty cell to the right of the one with this text (a colon at its end, or alone in a cell behind it, does
    /// not count), before the next key.
    Key {
        text: String,
        next_only: bool,
    },
    Line(Regex),
    /// The next non-empty cell below the one with this text.
    Above(String),
    At {
        column: usize,
        row: usize,
    },
}

/// What one `[[find]]` remembers of the rows above.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The column of a text seen above, whose value is still to come.
    below: Option<usize>,
    /// The value in force that it gave.
    given: Option<String>,
}

impl FindToml {
    pub fn names_sheet(&self) -> bool {
        self.sheet.is_some()
    }

    pub fn stands_before(&self) -> bool {
        self.before_section
    }

    pub fn compile(&self, key: &str) -> Result<Find, String> {
        let by = match (&self.key, &self.line, &self.above, &self.at) {
            (Some(text), None, None, None) => FindBy::Key { text: text.clone(), next_only: self.next_only },
            (None, Some(text), None, None) => FindBy::Line(regex(text, &format!("{key}.line"))?),
            (None, None, Some(text), None) => FindBy::Above(text.clone()),
            (None, None, None, Some(address)) => {
                let (column, row) =
                    cell_address(address).ok_or_else(|| format!("{key}.at: '{address}' is no address like A3"))?;
                FindBy::At { column, row }
            }
            _ => return Err(format!("{key}: give exactly one of key, line, above, at")),
        };
        if self.next_only && !matches!(by, FindBy::Key { .. }) {
            return Err(format!("{key}.next_only: belongs to key, beside which the value stands"));
        }
        let pattern = self.pattern.as_deref().map(|text| regex(text, &format!("{key}.pattern"))).transpose()?;
        Ok(Find {
            name: self.name.clone(),
            by,
            pattern,
            repeat: self.repeat,
            sheet: self.sheet.clone(),
            before_section: self.before_section,
        })
    }
}

/// `C7` is column 2, row 7.
fn cell_address(text: &str) -> Option<(usize, usize)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let column = text[..digits].bytes().try_fold(0usize, |column, letter| {
        letter.is_ascii_uppercase().then(|| column * 26 + usize::from(letter - b'A') + 1)
    })?;
    let row: usize = text[digits..].parse().ok()?;
    (column > 0 && row > 0).then(|| (column - 1, row))
}

impl Find {
    /// Puts what this row holds of it among the variables. `number`: of the row within its section or file, from 1.
    pub fn look(&self, row: &Row, number: usize, seen: &mut Seen, variables: &mut HashMap<String, String>) {
        let Some(value) = self.value_at(row, number, &mut seen.below) else { return };
        let replaces = self.repeat || self.before_section;
        if !value.is_empty() && replaces {
            seen.given = Some(value.clone());
            variables.insert(self.name.clone(), value);
        } else if !value.is_empty() {
            variables.entry(self.name.clone()).or_insert(value);
        } else if replaces
            && let Some(given) = seen.given.take()
            && variables.get(&self.name) == Some(&given)
        {
            // The next sample has no name: that of the one before is not its own. What another find of this name
            // gave stays.
            variables.remove(&self.name);
        }
    }

    /// The value when this row holds it; an empty text where the row says that there is none.
    fn value_at(&self, row: &Row, number: usize, below: &mut Option<usize>) -> Option<String> {
        let value = match &self.by {
            FindBy::Key { text, next_only } => value_beside(row, text, *next_only)?.to_string(),
            FindBy::Line(pattern) => {
                let value = first_group(pattern, row.line())?;
                // A pattern that also fits where nothing stands says nothing there.
                if value.is_empty() && pattern.find(row.line())?.as_str().trim().is_empty() {
                    return None;
                }
                value.to_string()
            }
            FindBy::Above(text) => {
                let here = row.cells.iter().position(|cell| is_called(cell, text));
                let value = below.map(|column| row.cell(column).trim()).filter(|value| !value.is_empty());
                match (here, value) {
                    (Some(column), _) => {
                        *below = Some(column);
                        return None;
                    }
                    (None, None) => return None,
                    (None, Some(value)) => {
                        *below = None;
                        value.to_string()
                    }
                }
            }
            FindBy::At { column, row: wanted } if *wanted == number => row.cell(*column).trim().to_string(),
            FindBy::At { .. } => return None,
        };
        match &self.pattern {
            Some(pattern) if !value.is_empty() => first_group(pattern, &value).map(str::to_string),
            _ => Some(value),
        }
    }
}

/// What stands beside a key; empty where it is the key for certain and has no value.
fn value_beside<'r>(row: &'r Row, key: &str, next_only: bool) -> Option<&'r str> {
    let at = row.cells.iter().position(|cell| is_called(cell, key))?;
    let beside = row.cells.iter().skip(at + 1).map(str::trim).filter(|cell| !is_colon(cell));
    let value = beside.take(if next_only { 1 } else { usize::MAX }).find(|cell| !cell.is_empty());
    match value {
        // What ends with a colon is the next key: this one has no value.
        Some(value) if !value.ends_with([':', '：']) => Some(value),
        _ => is_certainly_key(row, at).then_some(""),
    }
}

/// Whether a cell that is called as a key, and has no value beside it, is the key: it has a colon, or is the first of
/// its line with other cells behind it. A title alone in its line, or a cell at the end of a row of a table, is none.
fn is_certainly_key(row: &Row, at: usize) -> bool {
    let has_colon = row.cell(at).trim_end().ends_with([':', '：']) || is_colon(row.cell(at + 1).trim());
    let is_first = row.cells.iter().take(at).all(|cell| cell.trim().is_empty());
    has_colon || (is_first && at + 1 < row.cells.len())
}

fn is_colon(cell: &str) -> bool {
    matches!(cell, ":" | "：")
}

/// Colons at the end do not count, nor does which blanks stand between the words.
fn is_called(cell: &str, key: &str) -> bool {
    let (cell, key) = (strip_colon(cell), strip_colon(key));
    // Their first byte tells nearly all cells apart.
    cell.as_bytes().first() == key.as_bytes().first() && squeezed(cell) == squeezed(key)
}

fn strip_colon(text: &str) -> &str {
    text.trim().trim_end_matches([':', '：']).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value in force behind each of these lines, whose cells stand apart by `|`.
    fn in_force(find: &str, lines: &[&str]) -> Vec<String> {
        let find: FindToml = toml::from_str(&format!("name = 'id'\n{find}")).unwrap();
        let find = find.compile("find 1").unwrap();
        let (mut seen, mut variables) = (Seen::default(), HashMap::new());
        let after = lines.iter().enumerate().map(|(at, line)| {
            let row = Row { number: at + 1, cells: line.split('|').collect() };
            find.look(&row, row.number, &mut seen, &mut variables);
            variables.get("id").cloned().unwrap_or_default()
        });
        after.collect()
    }

    #[test]
    fn a_key_without_a_value_forgets_the_value_before() {
        for way in ["repeat = true", "before_section = true"] {
            let find = format!("key = 'Sample'\n{way}");
            assert_eq!(in_force(&find, &["Sample|F1", "Pb|1", "Sample|", "Pb|2"]), ["F1", "F1", "", ""]);
            assert_eq!(in_force(&find, &["Sample|F1", "Sample:", "Sample|F2"]), ["F1", "", "F2"]);
            assert_eq!(in_force(&find, &["Sample|F1", "Sample|:|"]), ["F1", ""]);
            assert_eq!(in_force(&find, &["Sample|F1", "|Sample| |"]), ["F1", ""]);
            // The next key has a colon, so this one has no value.
            assert_eq!(in_force(&find, &["Sample|F1", "Vial:|4|Sample:||Lot:|7"]), ["F1", ""]);
        }
        let next_only = "key = 'Sample'\nnext_only = true\nrepeat = true";
        assert_eq!(in_force(next_only, &["Sample|F1", "Sample||Vial|4"]), ["F1", ""]);
        let pattern = "key = 'Sample'\npattern = '^F\\d+'\nrepeat = true";
        assert_eq!(in_force(pattern, &["Sample|F1", "Sample|other", "Sample|"]), ["F1", "F1", ""]);
    }

    #[test]
    fn what_is_called_as_the_key_and_may_be_none_forgets_nothing() {
        let find = "key = 'Sample'\nrepeat = true";
        // A title, the last heading of a table, a cell of a table.
        for line in ["Sample", "Conc|Sample", "Conc|Sample|", "Pb|0.5|Sample||"] {
            assert_eq!(in_force(find, &["Sample|F1", line]), ["F1", "F1"], "{line}");
        }
        // Beside a heading stands the next one, as ever.
        assert_eq!(in_force(find, &["Sample|F1", "Sample|Conc"]), ["F1", "Conc"]);
    }

    #[test]
    fn a_line_with_an_empty_group_forgets_the_value_before() {
        let find = "line = '^Sample:(.*)$'\nbefore_section = true";
        assert_eq!(in_force(find, &["Sample: F1", "", "Sample: "]), ["F1", "F1", ""]);
        // This one fits every blank line.
        assert_eq!(in_force("line = '^(F?\\d*)$'\nrepeat = true", &["F1", "", "F2"]), ["F1", "F1", "F2"]);
    }

    #[test]
    fn the_first_value_stays_where_none_replaces_it() {
        assert_eq!(
            in_force("key = 'Sample'", &["Sample|", "Sample|F1", "Sample|", "Sample|F2"]),
            ["", "F1", "F1", "F1"]
        );
        assert_eq!(in_force("line = '^Sample:(.*)$'", &["Sample:", "Sample: F1", "Sample:"]), ["", "F1", "F1"]);
    }

    #[test]
    fn a_value_that_another_find_gave_is_not_forgotten() {
        let find = |key: &str| {
            let find: FindToml = toml::from_str(&format!("name = 'id'\nkey = '{key}'\nrepeat = true")).unwrap();
            (find.compile("find 1").unwrap(), Seen::default())
        };
        let mut finds = [find("Sample Name"), find("Sample ID")];
        let mut variables = HashMap::new();
        let mut after = |line: &str| {
            let row = Row { number: 1, cells: line.split('|').collect() };
            for (find, seen) in &mut finds {
                find.look(&row, row.number, seen, &mut variables);
            }
            variables.get("id").cloned()
        };
        assert_eq!(after("Sample Name|F1").as_deref(), Some("F1"));
        assert_eq!(after("Sample ID|").as_deref(), Some("F1"));
        assert_eq!(after("Sample Name|"), None);
        assert_eq!(after("Sample ID|7").as_deref(), Some("7"));
    }
}
