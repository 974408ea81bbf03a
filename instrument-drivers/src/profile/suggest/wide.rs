//! Proposals for tables with one analyte per column.

use std::collections::HashSet;

use super::cells::is_value;
use super::finding::{Finding, note};
use super::header::HeaderPlace;
use super::sheet::Sheet;
use super::units::{is_unit, split_unit, units_behind, with_units};
use super::writing::quote;

pub fn wide(sheet: &Sheet, header: &HeaderPlace, columns: &[usize], findings: &mut Vec<Finding>) -> String {
    let names = &header.names;
    let mut text = String::new();
    let mut sub = String::new();
    // A row of units between names and numbers.
    let under = sheet.rows.get(header.row + 1);
    let units_below = under.is_some_and(|row| {
        let cells: Vec<&String> = columns.iter().filter_map(|at| row.get(*at)).collect();
        !cells.is_empty() && cells.iter().all(|cell| !cell.is_empty() && !is_value(cell) && cell.chars().count() < 12)
    });
    let above = header.row.checked_sub(1).map(|row| &sheet.rows[row]);
    let units_above = above.is_some_and(|row| {
        columns.iter().all(|at| row.get(*at).is_some_and(|cell| is_unit(cell)))
            && row.first().is_some_and(String::is_empty)
    });
    let behind = units_behind(columns.iter().map(|at| names[*at].as_str()));
    let bracketed = |name: &String| name.ends_with(']') && name.contains('[');
    if units_below {
        note(findings, "unit", "second header row", 75, "short texts between names and numbers");
        text.push_str("analyte = \"{@head1}\"\nunit = \"{@head2}\"\nheader = { rows = 2 }\n");
    } else if units_above {
        note(findings, "unit", "the row above the names", 75, "units stand above all columns of numbers");
        text.push_str("analyte = \"{@head2}\"\nunit = \"{@head1}\"\nheader = { rows = 2 }\n");
    } else if let Some(units) = behind {
        note(findings, "unit", "behind the name in the heading", 70, "most headings end with a unit");
        let units = units.join("|");
        text.push_str(&format!(
            "analyte = {{ from = \"{{@head}}\", pattern = {} }}\nunit = {{ from = \"{{@head}}\", pattern = {} }}\n",
            quote(&format!(r"^(.*?)(?:\s+(?:{units}))?$")),
            quote(&format!(r"\s({units})$"))
        ));
    } else if columns.iter().filter(|at| bracketed(&names[**at])).count() * 2 > columns.len() {
        note(findings, "unit", "in brackets of the heading", 80, "most headings end with [unit]");
        text.push_str("analyte = { from = \"{@head}\", pattern = '^(.+?)\\s*(?:\\[[^\\]]*\\])?$' }\nunit = { from = \"{@head}\", pattern = '\\[([^\\]]*)\\]$' }\n");
    } else if with_units(columns.iter().map(|at| names[*at].as_str())) {
        note(findings, "unit", "in brackets of the heading", 80, "most headings end with [unit]");
        text.push_str(&split_unit("{@head}"));
    } else if paired_units(sheet, header, columns) {
        note(findings, "unit", "the next column", 75, "every value column is followed by a column without a name");
        text.push_str("analyte = \"{@head}\"\nunit = \"{@next}\"\n");
    } else {
        text.push_str("analyte = \"{@head}\"\n");
    }
    let mut seen = HashSet::new();
    let list: Vec<String> = columns
        .iter()
        .map(|at| &names[*at])
        .filter(|name| seen.insert(name.as_str()))
        .map(|name| quote(name))
        .collect();
    if units_below || units_above {
        let level = if units_below { 1 } else { 2 };
        sub.push_str(&format!(
            "\n[table.columns]\nwhere = [{{ cell = \"{{@head{level}}}\", is = [{}] }}]\n",
            list.join(", ")
        ));
    } else {
        // The names also find the header when no other column is named.
        text.push_str(&format!("header = {{ names = [{}] }}\n", list[0]));
        sub.push_str(&format!("\n[table.columns]\nnames = [{}]\n", list.join(", ")));
    }
    text + &sub
}

fn paired_units(sheet: &Sheet, header: &HeaderPlace, columns: &[usize]) -> bool {
    columns.iter().all(|at| {
        let unnamed = header.names.get(at + 1).is_some_and(String::is_empty);
        unnamed
            && header
                .body
                .iter()
                .any(|row| sheet.cell(*row, at + 1).is_some_and(|cell| !cell.is_empty() && !is_value(cell)))
    })
}
