//! Proposals for tables with a header: one analyte per row or per column, in sections, turned round.

use super::called::{find_value, find_word, find_word_where};
use super::cells::is_value;
use super::columns::{carried_or_named, sample_column, told_apart, value_columns};
use super::finding::{Finding, note};
use super::groups::{groups, result_groups};
use super::header::HeaderPlace;
use super::numbers::numbers;
use super::roles::role;
use super::sections::{brackets, find_before_sections, sample_key, titles};
use super::shapes::across;
use super::sheet::{Sheet, squeezed};
use super::units::{is_ratio, is_unit, is_unit_of_content, unit_for};
use super::wide::wide;
use super::words::{ANALYTE, COUNTED_ANALYTE, FLAG, RAW, STATISTICS, VALUE, WEAK_SAMPLE, plain};
use super::writing::{has_field, insert_field, quote, reference};

/// Numbers and table of a sheet whose header was found, with what was decided; `None` where no columns of values are.
pub fn with_header<'s>(
    sheet: &'s Sheet,
    header: &HeaderPlace,
    sheets: &[Sheet],
) -> Option<(&'s Sheet, String, String, Vec<Finding>)> {
    let mut findings = Vec::new();
    let place = format!("row {}", header.row + 1);
    let sure = if header.told { 100 } else { header.sure() };
    let why = if header.told { "a person said so" } else { "names above rows with numbers" };
    note(&mut findings, "header", place, sure, why);
    let alike = |other: &&Sheet| other.rows.iter().any(|row| squeezed(row) == header.names);
    let alike: Vec<&Sheet> = sheets.iter().filter(alike).collect();
    let mut table = describe(sheet, header, alike.len() > 1, &mut findings).ok()?;
    if sheet.dashes {
        note(&mut findings, "skip", "lines of dashes", 95, "they are drawn, and no results");
        insert_field(&mut table, &format!("skip = [{{ matches = '{DASHES}' }}]\n"));
    }
    let numbers = numbers(sheet, header, &mut findings);
    Some((sheet, numbers, table, findings))
}

/// A line, its cells joined by tabs, in which nothing but dashes stands.
const DASHES: &str = r"^[-=_+\s]+$";

/// `one_of_many`: other sheets have the same header.
fn describe(
    sheet: &Sheet,
    header: &HeaderPlace,
    one_of_many: bool,
    findings: &mut Vec<Finding>,
) -> Result<String, String> {
    if let Some(text) = result_groups(sheet, header, findings) {
        return Ok(text);
    }
    if let Some(text) = across(header, sheet, findings).or_else(|| groups(sheet, header, findings)) {
        return Ok(text);
    }
    let names = &header.names;
    let filled = |at: usize| header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(|cell| !cell.is_empty()));
    let numeric = |at: usize| header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(is_value));
    let weak = |at: usize| WEAK_SAMPLE.contains(&plain(&names[at]).as_str());
    let analyte_where = |fits: &dyn Fn(usize) -> bool| {
        // `Na` and `Nd` are elements here, no markers.
        let is_number = |cell: &str| is_value(cell) && cell.contains(|c: char| c.is_ascii_digit());
        let texts = |at: usize| fits(at) && !header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(is_number));
        find_word_where(names, ANALYTE, fits).or_else(|| find_word_where(names, COUNTED_ANALYTE, texts))
    };
    let titles = titles(sheet, header, analyte_where(&|at| filled(at) && !weak(at)).is_some(), findings);
    let titled_sample = titles.as_ref().is_some_and(|titles| titles.is_sample);
    let titled_analyte = titles.as_ref().is_some_and(|titles| !titles.is_sample);
    let column = sample_column(sheet, header);
    let key = match column {
        _ if titled_sample => None,
        Some(at) if !weak(at) || titled_analyte => None,
        _ => sample_key(sheet, header, findings),
    };
    let sample = column.filter(|_| key.is_none() && !titled_sample);
    let analyte = analyte_where(&|at| Some(at) != sample && filled(at)).filter(|_| !titled_analyte);
    let free = |at: usize| Some(at) != analyte && Some(at) != sample;
    let value = find_value(names, |at| free(at) && numeric(at));
    // A heading that is a unit is a result; an area is one only where nothing else is.
    let in_unit = (0..names.len()).find(|at| free(*at) && numeric(*at) && is_unit_of_content(&names[*at]));
    let value = value
        .filter(|at| in_unit.is_none() || !RAW.contains(&plain(&names[*at]).as_str()))
        .or(in_unit)
        .or_else(|| find_word_where(names, VALUE, |at| Some(at) != analyte && filled(at)));
    // Below titles that name analytes one column of numbers is the result, whatever it is called.
    let value = value.or_else(|| match &value_columns(sheet, header, sample)[..] {
        [only] if titled_analyte => Some(*only),
        _ => None,
    });
    let analyte = match (analyte, sample, value) {
        (None, Some(sample), Some(value)) if !titled_analyte => told_apart(sheet, header, (sample, value), findings),
        (analyte, ..) => analyte,
    };
    let sample_ref = match sample {
        Some(at) => {
            note(findings, "sample", names[at].clone(), 85, "the name of the column");
            reference(names, at)
        }
        None if titled_sample => "{@title}".to_string(),
        None if key.is_some() => "{@sample}".to_string(),
        None if one_of_many && analyte.is_some() => {
            note(findings, "sample", "the name of the sheet", 65, "several sheets have the same header");
            "{@sheet}".to_string()
        }
        None => {
            note(findings, "sample", "first column", 40, "no column has a usual name");
            "{#1}".to_string()
        }
    };
    let several_files = key.as_ref().is_some_and(|key| key.stands_again);
    let mut table = key.map(|key| key.find).unwrap_or_default();
    table.push_str("[[table]]\n");
    table.push_str(&match sample {
        Some(at) => carried_or_named(sheet, header, (at, value), findings),
        None => format!("sample = {}\n", quote(&sample_ref)),
    });
    let analyte_ref = match analyte {
        _ if titled_analyte => Some("{@title}".to_string()),
        None if one_of_many && value.is_some() => {
            note(findings, "analyte", "the name of the sheet", 65, "several sheets have the same header");
            Some("{@sheet}".to_string())
        }
        analyte => analyte.map(|at| reference(names, at)),
    };
    match (analyte_ref, value) {
        (Some(analyte_ref), Some(value)) => {
            let why = match analyte {
                Some(at) => format!("the columns of analyte and value: {}, {}", names[at], names[value]),
                None => format!("the column of the value: {}", names[value]),
            };
            note(findings, "shape", "one analyte per row", 85, why);
            table.push_str(&format!(
                "analyte = {}\nvalue = {}\n",
                quote(&analyte_ref),
                quote(&reference(names, value))
            ));
            if let Some(unit) = unit_for(names, value) {
                note(findings, "unit", names[unit].clone(), 80, "the name of the column");
                table.push_str(&format!("unit = {}\n", quote(&reference(names, unit))));
            } else if let Some(text) = unit_below(sheet, header, value) {
                note(findings, "unit", text, 75, "below the name of the value, above the first row");
                let heading = format!("{}@head2}}", reference(names, value).trim_end_matches('}'));
                table.push_str(&format!(
                    "unit = {{ from = {}, pattern = '[^\\[\\](){{}} ][^\\[\\](){{}}]*' }}\nheader = {{ rows = 2 }}\n",
                    quote(&heading)
                ));
            } else if names[value].contains(['(', '[', '（']) && names[value].ends_with([')', ']', '）']) {
                note(findings, "unit", "in brackets of the heading", 75, format!("the heading: {}", names[value]));
                let heading = format!("{}@head}}", reference(names, value).trim_end_matches('}'));
                let pattern = r"[\[(（]\s*([^\])）]*?)\s*[\])）]$";
                table.push_str(&format!("unit = {{ from = {}, pattern = '{pattern}' }}\n", quote(&heading)));
            } else if names[value].rsplit_once(' ').is_some_and(|(_, unit)| is_ratio(unit)) {
                note(findings, "unit", "behind the name in the heading", 70, format!("the heading: {}", names[value]));
                let heading = format!("{}@head}}", reference(names, value).trim_end_matches('}'));
                table.push_str(&format!("unit = {{ from = {}, pattern = '\\S+$' }}\n", quote(&heading)));
            } else if is_unit_of_content(&names[value]) {
                note(findings, "unit", names[value].clone(), 75, "the heading of the values");
                let heading = format!("{}@head}}", reference(names, value).trim_end_matches('}'));
                table.push_str(&format!("unit = {}\n", quote(&heading)));
            }
            table.push_str("empty = \"row\"\n");
        }
        _ => {
            let mut columns = value_columns(sheet, header, sample);
            let result = value.filter(|at| !RAW.contains(&plain(&names[*at]).as_str()) && columns.contains(at));
            // With a unit it is the outcome; without one it is a column like others.
            let outcome = |at: &usize| {
                let name = plain(&names[*at]);
                unit_for(names, *at).is_some()
                    || name.contains(['(', '[', '（'])
                    || ["ct", "cq", "cp"].contains(&name.as_str())
            };
            if let Some(result) = result.filter(|at| columns.len() > 1 && outcome(at)) {
                note(
                    findings,
                    "value",
                    names[result].clone(),
                    55,
                    "the usual name of a result; other numbers stand beside it",
                );
                columns.retain(|at| names[*at] == names[result]);
            }
            if columns.is_empty() {
                return Err("no column of numbers was found below the header".into());
            }
            note(findings, "shape", "one analyte per column", 70, format!("{} columns of numbers", columns.len()));
            let text = wide(sheet, header, &columns, findings);
            if let Some(unit) = result.and_then(|at| unit_for(names, at)).filter(|_| !text.contains("unit = ")) {
                note(findings, "unit", names[unit].clone(), 80, "the name of the column");
                table.push_str(&format!("unit = {}\n", quote(&reference(names, unit))));
            }
            table.push_str(&text);
        }
    }
    if let Some(at) = find_word(names, FLAG).filter(|at| Some(*at) != sample && Some(*at) != analyte) {
        note(findings, "flag", names[at].clone(), 60, "the name of the column");
        insert_field(&mut table, &format!("flag = {}\n", quote(&reference(names, at))));
    }
    if sheet.ruler {
        let rows = sheet.rows[header.row..].iter().take_while(|row| !row.is_empty()).count().max(1);
        insert_field(&mut table, "ruler = true\n");
        insert_field(&mut table, "blank_ends = true\n");
        insert_field(&mut table, &format!("header = {{ rows = {rows} }}\n"));
        if let (2.., Some(value), false) = (rows, value, has_field(&table, "unit")) {
            note(findings, "unit", "second header row", 70, "in brackets below the name");
            let from = quote(&format!("{}@head2}}", reference(names, value).trim_end_matches('}')));
            insert_field(&mut table, &format!("unit = {{ from = {from}, pattern = '\\[(.*)\\]' }}\n"));
        }
    }
    cut_below(sheet, &mut table);
    if let Some(role) = role(sheet, header, sample, findings) {
        insert_field(&mut table, &role);
    }
    let statistics = regex::Regex::new(STATISTICS).map_err(|error| error.to_string())?;
    let first = |row: &Vec<String>| row.iter().find(|cell| !cell.is_empty()).cloned().unwrap_or_default();
    // Beside a number: `min` alone in a row of units is a unit.
    let holds =
        |row: &&Vec<String>| row.iter().any(|cell| is_value(cell) && cell.contains(|c: char| c.is_ascii_digit()));
    let below = sheet.rows[header.row + 1..].iter().filter(holds);
    let lines = below.map(first).find(|text| statistics.is_match(text));
    if let Some(line) = lines {
        note(findings, "skip", line, 70, "the usual name of a line of statistics");
        insert_field(
            &mut table,
            &format!("skip = [{{ cell = [\"{{#1}}\", \"{{#2}}\"], matches = '{STATISTICS}' }}]\n"),
        );
    }
    if let Some(titles) = titles {
        insert_field(&mut table, &titles.line);
        // What stands between the blocks has no sample.
        if let Some(at) = sample {
            let cell = quote(&reference(names, at));
            insert_field(&mut table, &format!("only = [{{ cell = {cell}, empty = false }}]\n"));
        }
        return Ok(table);
    }
    if let Some(section) = brackets(sheet, header, findings) {
        insert_field(&mut table, &section);
        if several_files {
            note(findings, "sample", "before each section", 70, "the key stands again with another sample");
            table = find_before_sections(&table);
        }
    }
    if sheet.rows[header.row + 1..].iter().any(|row| squeezed(row) == *names) {
        note(findings, "header repeats", "yes", 95, "the same names stand again further down");
        insert_field(&mut table, "header = { repeat = true }\n");
    }
    Ok(table)
}

/// How the lines are cut into cells, where their places say it.
fn cut_below(sheet: &Sheet, table: &mut String) {
    if sheet.by_header {
        insert_field(table, "cut = \"header\"\n");
    } else if sheet.cuts.is_empty() {
        return;
    } else {
        let places: Vec<String> = sheet.cuts.iter().map(usize::to_string).collect();
        insert_field(table, &format!("cut = [{}]\n", places.join(", ")));
    }
    if sheet.wide {
        insert_field(table, "wide = true\n");
    }
    if sheet.ends {
        insert_field(table, "blank_ends = true\n");
    }
}

/// The unit in the row between a name and its first value, which holds no numbers and leaves the sample and analyte free.
fn unit_below(sheet: &Sheet, header: &HeaderPlace, value: usize) -> Option<String> {
    let row = sheet.rows.get(header.row + 1).filter(|_| !sheet.ruler && !sheet.by_header && sheet.cuts.is_empty())?;
    let cell = row.get(value)?;
    let bare = cell.trim_matches(['[', ']', '(', ')', '{', '}', ' ']);
    let fits = header.body.first().is_some_and(|first| *first > header.row + 1)
        && row.first().is_none_or(String::is_empty)
        && !row.iter().any(|cell| is_value(cell) && cell.contains(|c: char| c.is_ascii_digit()));
    (fits && is_unit(bare)).then(|| bare.to_string())
}
