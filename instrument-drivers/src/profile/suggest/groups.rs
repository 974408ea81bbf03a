//! Proposals for tables with one analyte per group of columns: its title stands above them, the same names in every group.

use std::collections::HashSet;

use super::called::{find_value, find_word, find_word_where};
use super::cells::is_value;
use super::columns::sample_column;
use super::finding::{Finding, note};
use super::header::HeaderPlace;
use super::roles::role;
use super::sheet::{Sheet, squeezed};
use super::units::is_unit;
use super::words::{ANALYTE, STATISTICS, VALUE, WEAK_ANALYTE, plain};
use super::writing::{quote, reference};

/// Two header rows: titles of compounds, with ` Results` behind them, above groups of equal names.
pub fn result_groups(sheet: &Sheet, header: &HeaderPlace, findings: &mut Vec<Finding>) -> Option<String> {
    let lower = &header.names;
    let upper = squeezed(sheet.rows.get(header.row.checked_sub(1)?)?);
    // What stands above the first column is the title of it all: `Quantitation Results`.
    let titles = |end: &str| upper.iter().skip(1).filter(|title| title.ends_with(end)).count();
    let (end, qualifier) = RESULTS.into_iter().find(|(end, _)| titles(end) > 0)?;
    let value = find_word(lower, VALUE).or_else(|| lower.iter().position(|name| name == "Area"))?;
    if names_analytes(sheet, header, lower) {
        return None;
    }
    let sample = find_word(lower, &["data file", "sample name", "name", "数据文件", "样品名称", "名称"])?;
    note(
        findings,
        "shape",
        "groups of columns under a title",
        85,
        format!("{} titles above repeated names", titles(end)),
    );
    note(
        findings,
        "value",
        lower[value].clone(),
        50,
        "several result columns are possible; it is the laboratory's choice",
    );
    Some(format!(
        "[[table]]\nsample = {}\nanalyte = {{ from = \"{{@head1}}\", pattern = '^(.*){end}$' }}\nheader = {{ rows = 2, fill = true }}\nempty = \"row\"\n\n\
         [table.columns]\nwhere = [\n  {{ cell = \"{{@head1}}\", matches = '{end}$' }},\n  {{ cell = \"{{@head1}}\", matches = '^{qualifier}', not = true }},\n  {{ cell = \"{{@head2}}\", is = {} }},\n]\n",
        quote(&reference(lower, sample)),
        quote(&lower[value])
    ))
}

/// What stands behind the compound in the title of its results, and how the titles of its qualifiers begin.
const RESULTS: [(&str, &str); 2] = [(" Results", "Qualifier"), (" 结果", "定性")];

/// Two header rows: the same names again and again, a title above the first of each, or above every one. Three, where the
/// titles are the same in every group of a line above them.
pub fn groups(sheet: &Sheet, header: &HeaderPlace, findings: &mut Vec<Finding>) -> Option<String> {
    // The row that was found may be the upper or the lower one.
    let below = sheet.rows.get(header.row + 1).map(|row| squeezed(row));
    let above = header.row.checked_sub(1).map(|row| squeezed(&sheet.rows[row]));
    let pairs = [(above, Some(header.names.clone())), (Some(header.names.clone()), below)];
    let (at, (upper, lower)) = pairs.into_iter().enumerate().find_map(|(at, (upper, lower))| {
        let (upper, lower) = (upper?, lower?);
        is_grouped(&upper, &lower).then_some((at, (upper, lower)))
    })?;
    let numeric = |at: usize| header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(is_value));
    let repeated = |at: usize| lower.iter().filter(|name| **name == lower[at]).count() > 1 && !lower[at].is_empty();
    let value = find_value(&lower, |at| repeated(at) && numeric(at)).or_else(|| {
        // Where the result has a column of its own, what is repeated are numbers of samples and compounds.
        let single = find_value(&lower, numeric).is_some();
        (0..lower.len()).find(|at| !single && repeated(*at) && numeric(*at))
    })?;
    // A column without a name in the lower row is called by the upper one.
    let called =
        |at: usize| lower.get(at).filter(|name| !name.is_empty()).or(upper.get(at)).cloned().unwrap_or_default();
    let names = (0..lower.len().max(upper.len())).map(called).collect();
    let both = HeaderPlace { names, ..header.clone() };
    if names_analytes(sheet, header, &both.names) {
        return None;
    }
    let columns: Vec<usize> = (0..lower.len()).filter(|at| lower[*at] == lower[value]).collect();
    let titles = titles_above(&upper, &columns);
    let top = (header.row + at).checked_sub(2).map(|row| squeezed(&sheet.rows[row]));
    let parts = top.as_ref().and_then(|top| part_of_groups(&titles_above(top, &columns), &titles));
    if parts.is_none() && different(&titles) < 2 {
        return None;
    }
    note(
        findings,
        "shape",
        "groups of columns under a title",
        80,
        format!("{} titles above repeated names", titles.len()),
    );
    note(
        findings,
        "value",
        lower[value].clone(),
        60,
        "several result columns are possible; it is the laboratory's choice",
    );
    let under = |names: &[String]| {
        let column = sample_column(sheet, &HeaderPlace { names: names.to_vec(), ..header.clone() })?;
        Some((column, reference(names, column)))
    };
    let sample = under(&lower).filter(|(at, _)| !repeated(*at)).or_else(|| under(&upper));
    let (column, sample) = sample.map_or((None, "{#1}".to_string()), |(at, sample)| (Some(at), sample));
    note(findings, "sample", sample.clone(), 75, "the name of the column");
    let (rows, part) = match parts {
        Some(part) => {
            note(findings, "columns", part.clone(), 50, "the title of the results in every group");
            (3, format!("{{ cell = \"{{@head2}}\", is = {} }}, ", quote(&part)))
        }
        None => (2, String::new()),
    };
    let unit = match lower[value].contains(['(', '[', '（']) {
        true => {
            note(findings, "unit", "in brackets of the lower heading", 75, format!("the heading: {}", lower[value]));
            let pattern = r"[\[(（]\s*([^\])）]*?)\s*[\])）]$";
            format!("unit = {{ from = \"{{@head{rows}}}\", pattern = '{pattern}' }}\n")
        }
        false => String::new(),
    };
    let role = role(sheet, &both, column, findings).unwrap_or_default();
    let skip = format!("skip = [{{ cell = [\"{{#1}}\", \"{{#2}}\"], matches = '{STATISTICS}' }}]\n");
    Some(format!(
        "[[table]]\nsample = {}\nanalyte = \"{{@head1}}\"\n{unit}header = {{ rows = {rows}, fill = true }}\n{skip}{role}\n\
         [table.columns]\nwhere = [{{ cell = \"{{@head{rows}}}\", is = {} }}, {part}{{ cell = \"{{@head1}}\", empty = false }}]\n",
        quote(&sample),
        quote(&lower[value])
    ))
}

/// A column of texts says in every row what was measured: what stands above the names is no analyte.
fn names_analytes(sheet: &Sheet, header: &HeaderPlace, names: &[String]) -> bool {
    let is_text = |cell: &str| !cell.is_empty() && !is_value(cell);
    let texts = |at: usize| header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(is_text));
    let weak = |at: usize| WEAK_ANALYTE.contains(&plain(&names[at]).as_str());
    find_word_where(names, ANALYTE, |at| !weak(at) && texts(at)).is_some()
}

/// The title above each of these columns, or the nearest one to its left.
fn titles_above(upper: &[String], columns: &[usize]) -> Vec<String> {
    let above = |at: &usize| upper.iter().take(at + 1).rfind(|title| !title.is_empty());
    columns.iter().filter_map(above).cloned().collect()
}

fn different(titles: &[String]) -> usize {
    titles.iter().collect::<HashSet<_>>().len()
}

/// The title of the results, where every group above has the same ones: `Quantifier` and `Qualifier` of each compound.
fn part_of_groups(above: &[String], below: &[String]) -> Option<String> {
    let pairs: HashSet<(&String, &String)> = above.iter().zip(below).collect();
    let (groups, parts) = (different(above), different(below));
    let whole = above.len() == below.len() && pairs.len() == below.len() && groups * parts == below.len();
    let says = |title: &&String| RESULT_PARTS.iter().any(|word| title.to_lowercase().starts_with(word));
    below.iter().find(says).filter(|_| whole && groups > 1 && parts > 1).cloned()
}

/// How the part of a group in which its results stand begins, in lower case.
const RESULT_PARTS: [&str; 4] = ["quant", "result", "定量", "结果"];

/// At least two titles, each above the first of the same run of names; or above every one of it.
fn is_grouped(upper: &[String], lower: &[String]) -> bool {
    let title = |at: usize| upper.get(at).map_or("", String::as_str);
    let begins = |at: usize| !title(at).is_empty() && (at == 0 || title(at) != title(at - 1));
    let starts: Vec<usize> = (0..lower.len())
        .filter(|at| begins(*at) && !lower[*at].is_empty() && !is_value(&lower[*at]))
        .filter(|at| lower.iter().enumerate().any(|(other, name)| other != *at && *name == lower[*at] && begins(other)))
        .collect();
    let [first, second, ..] = starts[..] else { return false };
    let width = second - first;
    if width == 1 {
        // One column each: names of results, or it is a row of units.
        let is_result = find_value(&lower[first..=first], |_| true).is_some();
        return is_result && starts.iter().all(|at| !is_unit(title(*at)) && !is_value(title(*at)));
    }
    let next = lower.get(first + 1).filter(|name| !name.is_empty());
    !begins(first + 1) && next.is_some() && next == lower.get(second + 1)
}
