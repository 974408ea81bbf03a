//! Shapes of unknown tables beside one row per result and one column per analyte: samples across, plates, no header.

use std::collections::BTreeSet;

use super::cells::is_value;
use super::finding::{Finding, note};
use super::header::HeaderPlace;
use super::numbers::numbers_of;
use super::sections::common_prefix;
use super::sheet::Sheet;
use super::units::{is_unit, split_unit, with_units};
use super::words::{ANALYTE, SAMPLE, UNIT, VALUE, plain};
use super::writing::{quote, reference};

/// Samples stand across, analytes down: `Parameter | Unit | S1 | S2`.
pub fn across(header: &HeaderPlace, sheet: &Sheet, findings: &mut Vec<Finding>) -> Option<String> {
    let names = &header.names;
    let first = plain(names.first()?);
    let has_digit = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    let labels: Vec<&str> =
        header.body.iter().filter_map(|row| sheet.cell(*row, 0)).filter(|c| !c.is_empty()).collect();
    let unit = names.get(1).filter(|name| UNIT.contains(&plain(name).as_str()));
    let heads: Vec<&String> =
        names[if unit.is_some() { 2 } else { 1 }..].iter().filter(|name| !is_no_sample(name)).collect();
    let others: Vec<String> = names.iter().filter(|name| is_no_sample(name)).map(|name| quote(name)).collect();
    let is_check = |name: &str| CHECKS.iter().any(|word| plain(name).starts_with(word));
    let numbered = heads.iter().filter(|name| has_digit(name) || is_check(name)).count();
    let says_analyte = ANALYTE.contains(&first.as_str()) && first != "name";
    let says_sample = SAMPLE.contains(&first.as_str());
    let looks_so = labels.len() > 1
        && heads.len() > 1
        && numbered * 10 >= heads.len() * 7
        && labels.iter().filter(|label| has_digit(label)).count() * 5 <= labels.len();
    let others_known = heads.iter().any(|name| {
        let name = plain(name);
        [ANALYTE, SAMPLE, VALUE].iter().any(|words| words.contains(&name.as_str()))
    });
    // Numbers of samples begin alike; elements and wavelengths do not, or with one letter.
    let samples = || heads.iter().filter(|name| !is_check(name));
    let common = samples().skip(1).fold(samples().next().map_or("", |name| name.as_str()), |common, name| {
        let same = common.char_indices().zip(name.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        &common[..same.unwrap_or(common.len().min(name.len()))]
    });
    let alike = common.chars().count() >= if says_sample { 1 } else { 3 };
    let sure = says_analyte || unit.is_some() || first.is_empty() || says_sample;
    if others_known || !looks_so || !(alike || says_analyte) || !(sure || labels.len() > 2) {
        return None;
    }
    note(findings, "shape", "one sample per column", 65, "headings look like samples, first cells like analytes");
    note(findings, "sample", "the headings", 65, "they hold numbers, the first cells of the rows do not");
    let analyte = if names[0].is_empty() { "{#1}".to_string() } else { reference(names, 0) };
    let in_brackets = unit.is_none() && with_units(labels.iter().copied());
    let analyte = if in_brackets {
        note(findings, "unit", "in brackets behind the name", 80, "most names end with [unit]");
        split_unit(&analyte)
    } else {
        format!("analyte = {}\n", quote(&analyte))
    };
    let mut table = format!("[[table]]\nsample = \"{{@head}}\"\n{analyte}");
    let after = match unit {
        Some(unit) => {
            table.push_str(&format!("unit = {}\n", quote(&reference(names, 1))));
            unit.clone()
        }
        None => "#1".to_string(),
    };
    table.push_str(&format!("header = {{ names = [{}] }}\n", quote(heads.first()?)));
    table.push_str(&format!("\n[table.columns]\nafter = {}\n", quote(&after)));
    if !others.is_empty() {
        table.push_str(&format!("except = [{}]\n", others.join(", ")));
    }
    Some(table)
}

/// What stands among samples and is none.
const CHECKS: [&str; 7] = ["blank", "blk", "qc", "control", "空白", "质控", "leerwert"];

/// A column beside those of the samples: a limit, a method.
fn is_no_sample(name: &str) -> bool {
    let name = plain(name);
    ["mdl", "lod", "loq", "dl", "rl", "limit", "limits", "method", "cas", "cas no", "检出限", "定量限", "限量", "方法"]
        .contains(&name.as_str())
}

/// Numbers and tables of a plate: headings 1, 2, 3, … above rows A, B, C, …; with a grid of names, both by well.
pub fn plate(sheet: &Sheet, findings: &mut Vec<Finding>) -> Option<(String, String)> {
    let grids: Vec<Grid> = (0..sheet.rows.len()).filter_map(|row| grid_at(sheet, row)).collect();
    let values = grids.iter().find(|grid| grid.numeric)?;
    let layout = grids.iter().find(|grid| !grid.numeric);
    note(findings, "shape", "plate", 85, format!("columns from 1 and rows from A, {} wells", values.wells));
    let find = |grid: &Grid| {
        let corner = match grid.corner.as_str() {
            "" => "{ cell = \"{#1}\", empty = true }".to_string(),
            text => format!("{{ cell = \"{{#1}}\", is = {} }}", quote(text)),
        };
        format!(
            "only = [{{ cell = \"{{#1}}\", matches = '^[A-P]$' }}]\nheader = {{ matches = [{corner}, {{ cell = \"{{#2}}\", is = {} }}] }}\n\
             columns = {{ where = [{{ cell = \"{{@head}}\", matches = '^\\d+$' }}] }}\nblank_ends = true\n",
            quote(&grid.first)
        )
    };
    // Grids under the same corner are told apart by the line above them.
    let section = |grid: &Grid| match &grid.title {
        Some(title) => {
            format!(
                "section = {{ start = [{{ cell = \"{{#1}}\", is = {} }}], end = [{{ empty = true }}] }}\n",
                quote(title)
            )
        }
        None => String::new(),
    };
    let several =
        grids.len() > 1 && grids.iter().any(|grid| grid.corner == grids[0].corner && grid.row != grids[0].row);
    let rules = |grid: &Grid| if several { section(grid) + &find(grid) } else { find(grid) };
    let alike = |grid: &&Grid| grid.numeric && grid.corner == values.corner && grid.title == values.title;
    let below = grids.iter().filter(alike).count();
    if below > 1 && values.title.is_none() {
        note(
            findings,
            "plates",
            format!("the first of {below}"),
            30,
            "no title tells them apart: the others are not read",
        );
    }
    let analyte = values.title.clone().or(Some(values.corner.clone())).filter(|text| !text.is_empty());
    note(
        findings,
        "analyte",
        analyte.clone().unwrap_or("absorbance".into()),
        40,
        "a plate rarely says what it measures",
    );
    let values_of = |sample: &str, more: &str| -> String {
        // Another one is told apart by its corner or by the line above it.
        let apart = |grid: &Grid| {
            grid.corner != values.corner || grid.title.as_ref().is_some_and(|_| grid.title != values.title)
        };
        let all = grids.iter().filter(|grid| grid.numeric && (grid.row == values.row || apart(grid)));
        let tables = all.map(|grid| {
            let named = grid.title.clone().or(Some(grid.corner.clone())).filter(|text| !text.is_empty());
            let analyte = quote(&named.unwrap_or("absorbance".into()));
            format!("[[table]]\nsample = {sample}\nanalyte = {analyte}\n{more}{}", rules(grid))
        });
        tables.collect::<Vec<String>>().join("\n")
    };
    let table = match layout {
        Some(layout) => {
            note(findings, "sample", "a grid of names", 75, "a second plate holds texts");
            let sample = "{ from = \"{#1}{@head}\", lookup = \"layout\" }";
            format!(
                "[[table]]\nstore = {{ name = \"layout\", key = \"{{#1}}{{@head}}\", value = \"{{@cell}}\" }}\n{}\n{}",
                rules(layout),
                values_of(sample, "flag = \"{#1}{@head}\"\n")
            )
        }
        None => values_of("\"{#1}{@head}\"", ""),
    };
    let wells = (values.row + 1..=values.row + values.letters).flat_map(|row| sheet.rows[row].iter().skip(1));
    Some((numbers_of(wells, findings), table))
}

struct Grid {
    row: usize,
    corner: String,
    /// The heading of the first column, `1` or `01`.
    first: String,
    title: Option<String>,
    numeric: bool,
    letters: usize,
    wells: usize,
}

fn grid_at(sheet: &Sheet, row: usize) -> Option<Grid> {
    let cells = &sheet.rows[row];
    let is_column = |at: &usize| cells[*at] == at.to_string() || cells[*at] == format!("{at:02}");
    let width = (1..cells.len()).take_while(is_column).count();
    // A strip of a plate has at least three columns and two rows.
    if width < 3 {
        return None;
    }
    let letters = (row + 1..sheet.rows.len())
        .zip('A'..='P')
        .take_while(|(at, letter)| sheet.cell(*at, 0) == Some(letter.to_string().as_str()))
        .count();
    if letters < 2 {
        return None;
    }
    let filled: Vec<&str> = (row + 1..=row + letters)
        .flat_map(|at| (1..=width).filter_map(move |column| sheet.cell(at, column)))
        .filter(|cell| !cell.is_empty())
        .collect();
    // A map of a plate that nobody filled in has dashes in its wells.
    if !filled.iter().any(|cell| cell.contains(char::is_alphanumeric)) {
        return None;
    }
    let numeric = filled.iter().filter(|cell| is_value(cell)).count() * 2 > filled.len();
    let title = row.checked_sub(1).map(|above| &sheet.rows[above]).and_then(|above| {
        let mut texts = above.iter().filter(|cell| !cell.is_empty());
        texts.next().filter(|first| texts.next().is_none() && above[0] == **first).cloned()
    });
    let (corner, first) = (cells[0].clone(), cells[1].clone());
    Some(Grid { row, corner, first, title, numeric, letters, wells: filled.len() })
}

/// Numbers and table where no header is at all: columns by what stands in them.
pub fn headerless(sheet: &Sheet, findings: &mut Vec<Finding>) -> Option<(String, String)> {
    let (kind, rows) = typed_rows(sheet)?;
    let width = rows.iter().map(|row| row.len()).max()?;
    let column = |at: usize| rows.iter().filter_map(move |row| row.get(at)).filter(|cell| !cell.is_empty());
    let different = |at: usize| column(at).collect::<BTreeSet<_>>().len();
    let full = |at: usize| column(at).count() * 10 >= rows.len() * 9;
    let texts = |at: usize| full(at) && column(at).all(|cell| !is_value(cell) && cell.chars().any(char::is_alphabetic));
    let is_date = |at: usize| column(at).all(|cell| cell.contains(':') || cell.matches(['-', '/', '.']).count() >= 2);
    let unit = (1..width).find(|at| full(*at) && column(*at).all(|cell| is_unit(cell)));
    let decimals = |at: &usize| {
        let cells: Vec<&String> = column(*at).collect();
        full(*at) && cells.iter().all(|cell| is_value(cell)) && cells.iter().any(|cell| cell.contains(['.', ',']))
    };
    let value = (unit.map_or(1, |unit| unit + 1)..width).find(decimals).or_else(|| (1..width).find(decimals))?;
    let names: Vec<usize> = (usize::from(kind.is_some())..unit.unwrap_or(value).min(value))
        .filter(|at| texts(*at) && !is_date(*at) && different(*at) > 1)
        .collect();
    let titles = lone_titles(sheet);
    let (sample, analyte) = match (&names[..], &titles) {
        ([], _) => return None,
        ([one], None) => (*one, Some(*one)),
        ([first, ..], Some(_)) => (*first, None),
        ([first, .., last], None) => (*first, Some(*last)),
    };
    note(
        findings,
        "header",
        "none",
        60,
        "no line of names stands above the numbers; columns are chosen by what they hold",
    );
    note(findings, "sample", format!("column {}", sample + 1), 45, "the first column of different texts");
    match analyte {
        Some(at) => {
            note(findings, "analyte", format!("column {}", at + 1), 45, "the last column of texts before the numbers")
        }
        None => note(
            findings,
            "analyte",
            "titles between the rows",
            65,
            "lines with a single cell stand above blocks of rows",
        ),
    }
    note(findings, "value", format!("column {}", value + 1), 45, "the first column of decimals");
    let cell = |at: usize| quote(&format!("{{#{}}}", at + 1));
    let analyte = analyte.map_or(quote("{@title}"), cell);
    let mut table = format!("[[table]]\nsample = {}\nanalyte = {analyte}\nvalue = {}\n", cell(sample), cell(value));
    table.push_str(titles.as_deref().unwrap_or_default());
    if let Some(unit) = unit {
        note(findings, "unit", format!("column {}", unit + 1), 70, "every cell looks like a unit");
        table.push_str(&format!("unit = {}\n", cell(unit)));
    }
    if let Some(kind) = kind {
        table.push_str(&format!("only = [{{ cell = \"{{#1}}\", is = {} }}]\n", quote(&kind)));
    }
    Some((numbers_of(column(value), findings), table))
}

/// `section = …` where single cells stand above blocks of rows.
fn lone_titles(sheet: &Sheet) -> Option<String> {
    let filled = |row: &Vec<String>| row.iter().filter(|cell| !cell.is_empty()).count();
    let next = |at: usize| sheet.rows[at + 1..].iter().map(filled).find(|count| *count > 0).unwrap_or(0);
    let is_title = |at: &usize| filled(&sheet.rows[*at]) == 1 && !sheet.rows[*at][0].is_empty() && next(*at) > 2;
    let titles: Vec<String> =
        (0..sheet.rows.len()).filter(is_title).map(|at| sheet.rows[at][0].clone()).take(MOST_ROWS).collect();
    if titles.len() < 2 || titles.iter().all(|title| *title == titles[0]) {
        return None;
    }
    let pattern = format!("^{} *(?P<title>.+)$", regex::escape(common_prefix(&titles).trim_end()));
    Some(format!("section = {{ start = [{{ cells = 1, cell = \"{{#1}}\", matches = {} }}] }}\n", quote(&pattern)))
}

/// The rows of the commonest width; with the first cell that nearly all of them share.
fn typed_rows(sheet: &Sheet) -> Option<(Option<String>, Vec<&Vec<String>>)> {
    let rows: Vec<&Vec<String>> = sheet
        .rows
        .iter()
        .filter(|row| row.iter().filter(|cell| !cell.is_empty()).count() > 2)
        .take(MOST_ROWS)
        .collect();
    let mut firsts = std::collections::BTreeMap::<&str, usize>::new();
    rows.iter().for_each(|row| *firsts.entry(row[0].as_str()).or_default() += 1);
    let (first, count) = firsts.into_iter().max_by_key(|(_, count)| *count)?;
    if rows.len() > 2 && count * 10 >= rows.len() * 6 && !first.is_empty() {
        return Some((Some(first.to_string()), rows.into_iter().filter(|row| row[0] == first).collect()));
    }
    (rows.len() > 1).then_some((None, rows))
}

/// Enough to know the columns.
const MOST_ROWS: usize = 400;
