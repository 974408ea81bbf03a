//! Proposals for tables with one analyte per column, or per group of columns.

use std::collections::HashSet;

use super::cells::is_value;
use super::finding::{Finding, note};
use super::header::HeaderPlace;
use super::roles::role;
use super::sheet::{Sheet, squeezed};
use super::units::{is_unit, split_unit, units_behind, with_units};
use super::words::{SAMPLE, STATISTICS, VALUE, find_value, find_word};
use super::writing::{quote, reference};

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
        text.push_str("analyte = { from = \"{@head}\", pattern = '^(.*?)\\s*(?:\\[[^\\]]*\\])?$' }\nunit = { from = \"{@head}\", pattern = '\\[([^\\]]*)\\]$' }\n");
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

/// Two header rows: titles of compounds above groups of equal names.
pub fn grouped(sheet: &Sheet, header: &HeaderPlace, findings: &mut Vec<Finding>) -> Option<String> {
    let lower = &header.names;
    let upper = squeezed(sheet.rows.get(header.row.checked_sub(1)?)?);
    let titles: Vec<&String> = upper.iter().filter(|title| title.ends_with(" Results")).collect();
    let value = find_word(lower, VALUE).or_else(|| lower.iter().position(|name| name == "Area"))?;
    if titles.is_empty() {
        return None;
    }
    let sample = find_word(lower, &["data file", "sample name", "name"])?;
    note(
        findings,
        "shape",
        "groups of columns under a title",
        85,
        format!("{} titles above repeated names", titles.len()),
    );
    note(
        findings,
        "value",
        lower[value].clone(),
        50,
        "several result columns are possible; it is the laboratory's choice",
    );
    Some(format!(
        "[[table]]\nsample = {}\nanalyte = {{ from = \"{{@head1}}\", pattern = '^(.*) Results$' }}\nheader = {{ rows = 2, fill = true }}\nempty = \"row\"\n\n\
         [table.columns]\nwhere = [\n  {{ cell = \"{{@head1}}\", matches = ' Results$' }},\n  {{ cell = \"{{@head1}}\", matches = '^Qualifier', not = true }},\n  {{ cell = \"{{@head2}}\", is = {} }},\n]\n",
        quote(&reference(lower, sample)),
        quote(&lower[value])
    ))
}

/// Two header rows: the same names again and again, a title above the first of each.
pub fn groups(sheet: &Sheet, header: &HeaderPlace, findings: &mut Vec<Finding>) -> Option<String> {
    // The row that was found may be the upper or the lower one.
    let below = sheet.rows.get(header.row + 1).map(|row| squeezed(row));
    let above = header.row.checked_sub(1).map(|row| squeezed(&sheet.rows[row]));
    let pairs = [(above, Some(header.names.clone())), (Some(header.names.clone()), below)];
    let (upper, lower) = pairs.into_iter().find_map(|(upper, lower)| {
        let (upper, lower) = (upper?, lower?);
        is_grouped(&upper, &lower).then_some((upper, lower))
    })?;
    let numeric = |at: usize| header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(is_value));
    let repeated = |at: usize| lower.iter().filter(|name| **name == lower[at]).count() > 1 && !lower[at].is_empty();
    let value = find_value(&lower, |at| repeated(at) && numeric(at))
        .or_else(|| (0..lower.len()).find(|at| repeated(*at) && numeric(*at)))?;
    let titles = upper
        .iter()
        .zip(&lower)
        .filter(|(title, name)| !title.is_empty() && lower.iter().filter(|n| n == name).count() > 1);
    note(
        findings,
        "shape",
        "groups of columns under a title",
        80,
        format!("{} titles above repeated names", titles.count()),
    );
    note(
        findings,
        "value",
        lower[value].clone(),
        60,
        "several result columns are possible; it is the laboratory's choice",
    );
    let sample = find_word(&lower, SAMPLE)
        .map(|at| reference(&lower, at))
        .or_else(|| find_word(&upper, SAMPLE).map(|at| reference(&upper, at)))
        .unwrap_or("{#1}".to_string());
    note(findings, "sample", sample.clone(), 75, "the name of the column");
    let unit = match lower[value].contains(['(', '[', '（']) {
        true => {
            note(findings, "unit", "in brackets of the lower heading", 75, format!("the heading: {}", lower[value]));
            let pattern = r"[\[(（]\s*([^\])）]*?)\s*[\])）]$";
            format!("unit = {{ from = \"{{@head2}}\", pattern = '{pattern}' }}\n")
        }
        false => String::new(),
    };
    let role = role(sheet, header, find_word(&header.names, SAMPLE), findings).unwrap_or_default();
    let skip = format!("skip = [{{ cell = [\"{{#1}}\", \"{{#2}}\"], matches = '{STATISTICS}' }}]\n");
    Some(format!(
        "[[table]]\nsample = {}\nanalyte = \"{{@head1}}\"\n{unit}header = {{ rows = 2, fill = true }}\n{skip}{role}\n\
         [table.columns]\nwhere = [{{ cell = \"{{@head2}}\", is = {} }}, {{ cell = \"{{@head1}}\", empty = false }}]\n",
        quote(&sample),
        quote(&lower[value])
    ))
}

/// At least two titles, each above the first of the same run of names.
fn is_grouped(upper: &[String], lower: &[String]) -> bool {
    let titled = |at: usize| upper.get(at).is_some_and(|title| !title.is_empty());
    let starts: Vec<usize> = (0..lower.len())
        .filter(|at| titled(*at) && !lower[*at].is_empty())
        .filter(|at| lower.iter().enumerate().any(|(other, name)| other != *at && *name == lower[*at] && titled(other)))
        .collect();
    let [first, second, ..] = starts[..] else { return false };
    // More than one column each, or it is a row of units.
    let width = second - first;
    let next = lower.get(first + 1).filter(|name| !name.is_empty());
    width > 1 && !titled(first + 1) && next.is_some() && next == lower.get(second + 1)
}
