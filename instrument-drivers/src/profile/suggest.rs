//! Proposes a profile for a file that no profile reads yet, and says how sure it is of each choice.
//!
//! A proposal is for a person to correct: what was chosen, how sure, and why, stands beside the profile. Nothing is used
//! unseen. Tables with a header are understood, one analyte per row or per column, in sections, turned round; plates; tables
//! without a header; rows of JSON and XML; ASTM, HL7 and VIDAS are recognised.

pub use super::suggest_cells::is_value;
use super::suggest_cells::{
    carried_or_named, is_moment, is_unit_of_content, misaligned, repeats_itself, sample_column, told_apart,
};
use super::suggest_numbers::numbers;
use super::suggest_roles::role;
use super::suggest_sections::{brackets, sample_key, titles};
use super::suggest_shapes::{across, headerless, plate};
pub use super::suggest_source::DELIMITERS;
use super::suggest_source::{Sheet, Source, look};
use super::suggest_wide::{grouped, groups, unit_for, value_columns, wide};
use super::suggest_words::{ANALYTE, FLAG, RAW, SAMPLE, STATISTICS, UNIT, VALUE, WEAK_SAMPLE};
use super::suggest_words::{find_value, find_word, find_word_where, plain};
use super::{Profile, suggest_tree};
use crate::table::charset::Charset;
use crate::table::text;

/// One choice of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was decided: `encoding`, `delimiter`, `header`, `shape`, `sample`, …
    pub what: &'static str,
    pub choice: String,
    /// In per cent. 100: proven by the bytes.
    pub sure: u8,
    pub why: String,
}

/// A proposed profile.
#[derive(Debug, Clone)]
pub struct Suggestion {
    pub toml: String,
    pub profile: Profile,
    pub findings: Vec<Finding>,
}

/// What a person has said of a source already; what is left out is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// As in a profile.
    pub encoding: Option<String>,
    /// As in a profile.
    pub delimiter: Option<String>,
    /// Name of the only sheet to read.
    pub sheet: Option<String>,
    /// Number of the line or row in which the names of the columns stand, from 1.
    pub header: Option<usize>,
}

/// Proposes a profile. The error says what was not understood.
pub fn suggest(bytes: &[u8]) -> Result<Suggestion, String> {
    suggest_with(bytes, &Hints::default())
}

/// The same by what a person has said.
pub fn suggest_with(bytes: &[u8], hints: &Hints) -> Result<Suggestion, String> {
    let mut findings = Vec::new();
    let source = look(bytes, hints, &mut findings)?;
    let body = match &source {
        Source::Records(text) => text.clone(),
        Source::Tree { tree, encoding } => suggest_tree::proposal(tree, encoding, &mut findings)?,
        Source::Table { head, sheets } => {
            let found = match hints.header {
                Some(line) => sheets.iter().find_map(|sheet| Some((sheet, header_at(sheet, line)?))),
                None => sheets
                    .iter()
                    .filter_map(|sheet| Some((sheet, find_header(sheet)?)))
                    .max_by_key(|(_, header)| header.score),
            };
            let told = hints.header.is_some();
            let known = found.as_ref().map_or(0, |(_, header)| header.known);
            let may_be_plate = !told && known < 2;
            let shaped =
                sheets.iter().filter(|_| may_be_plate).find_map(|sheet| Some((sheet, plate(sheet, &mut findings)?)));
            let bare = || {
                // A person has said that there is a header.
                if told {
                    return None;
                }
                let mut notes = Vec::new();
                let table = sheets.iter().find_map(|sheet| Some((sheet, headerless(sheet, &mut notes)?)))?;
                Some((table, notes))
            };
            let headed = || found.and_then(|(sheet, header)| with_header(sheet, &header, sheets));
            let (sheet, numbers, table) = match shaped {
                Some((sheet, (numbers, table))) => (sheet, numbers, table),
                None => match headed() {
                    Some((sheet, numbers, table, notes)) => {
                        findings.extend(notes);
                        (sheet, numbers, table)
                    }
                    None => {
                        let ((sheet, (numbers, table)), notes) = bare().ok_or(
                            "no table was found: no line of names stands above lines with numbers, and no columns of \
                             texts and decimals stand side by side",
                        )?;
                        findings.extend(notes);
                        (sheet, numbers, table)
                    }
                },
            };
            let sheets = match sheet.name.is_empty() {
                true => String::new(),
                // Every sheet is an analyte.
                false if table.contains("{@sheet}") => String::new(),
                false => {
                    let pattern = sheets_pattern(sheet, hints.sheet.as_deref(), sheets);
                    format!("[workbook]\nsheets = {}\n\n", quote(&pattern))
                }
            };
            format!("{head}{sheets}[numbers]\n{numbers}\n{table}")
        }
    };
    let toml = format!("title = \"\"\nmaturity = \"draft\"\nsource = \"proposed from an example\"\n{body}");
    let profile =
        Profile::parse("proposal", &toml).map_err(|error| format!("the proposal is not a profile: {error}"))?;
    Ok(Suggestion { toml, profile, findings })
}

/// Format and rows of a source that is JSON or XML by its first signs, for a person to point at what was not understood.
pub fn tree_rows(bytes: &[u8]) -> Option<(&'static str, String)> {
    let text = text::decode(bytes, &[Charset::utf_8()]).unwrap_or_else(|_| String::from_utf8_lossy(bytes));
    let format = suggest_tree::format_of(&text)?;
    let tree = suggest_tree::tree_of(&text);
    Some((format, tree.map_or_else(|| "item".to_string(), |tree| suggest_tree::commonest_rows(&tree.root))))
}

/// Numbers and table of a sheet whose header was found, with what was decided; `None` where no columns of values are.
fn with_header<'s>(
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
        skip_too(&mut table, &format!("{{ matches = '{DASHES}' }}"));
    }
    let numbers = numbers(sheet, header, &mut findings);
    Some((sheet, numbers, table, findings))
}

/// A line, its cells joined by tabs, in which nothing but dashes stands.
const DASHES: &str = r"^[-=_+\s]+$";

/// One more condition of lines that are no results.
fn skip_too(table: &mut String, condition: &str) {
    match table.contains("\nskip = [") {
        true => *table = table.replacen("\nskip = [", &format!("\nskip = [{condition}, "), 1),
        false => insert_field(table, &format!("skip = [{condition}]\n")),
    }
}

/// The pattern in `workbook.sheets` for one sheet.
pub fn sheet_pattern(name: &str) -> String {
    format!("^{}$", regex::escape(name))
}

/// The same for this one and those that hold the same line of names, as where every injection has a sheet.
fn sheets_pattern(sheet: &Sheet, told: Option<&str>, sheets: &[Sheet]) -> String {
    let header = find_header(sheet).filter(|header| told.is_none() && header.known >= 2);
    let Some(header) = header else { return sheet_pattern(&sheet.name) };
    let alike = |other: &&Sheet| other.rows.iter().any(|row| squeezed(row) == header.names);
    let names: Vec<String> = sheets.iter().filter(alike).map(|other| regex::escape(&other.name)).collect();
    match &names[..] {
        [_] | [] => sheet_pattern(&sheet.name),
        several => format!("^({})$", several.join("|")),
    }
}

/// A TOML string.
pub fn quote(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

pub fn note(
    findings: &mut Vec<Finding>,
    what: &'static str,
    choice: impl Into<String>,
    sure: u8,
    why: impl Into<String>,
) {
    findings.push(Finding { what, choice: choice.into(), sure, why: why.into() });
}

/// Where the names stand.
#[derive(Debug, Clone)]
pub struct HeaderPlace {
    pub row: usize,
    score: usize,
    pub names: Vec<String>,
    known: usize,
    /// Rows below that hold numbers.
    pub body: Vec<usize>,
    /// A person said that it is the header.
    told: bool,
}

impl HeaderPlace {
    fn sure(&self) -> u8 {
        (40 + 15 * self.known.min(3) + self.body.len().min(15)) as u8
    }
}

/// Rows looked at for a header: reports have long heads, but not longer.
const HEADER_ROWS: usize = 400;
/// Names that say nothing by themselves have their first value within so many rows.
const FIRST_VALUE_ROWS: usize = 3;
/// Rows below a header that are looked at.
pub const BODY_ROWS: usize = 60;

fn find_header(sheet: &Sheet) -> Option<HeaderPlace> {
    let mut best: Option<HeaderPlace> = None;
    for row in 0..sheet.rows.len().min(HEADER_ROWS) {
        let names: Vec<String> = sheet.rows[row].iter().map(|cell| super::expr::squeeze(cell)).collect();
        let named = names.iter().filter(|name| !name.is_empty()).count();
        // `Na` and `Nd` are elements here, no markers.
        let is_number = |name: &&String| is_value(name) && !name.chars().all(char::is_alphabetic);
        let numbers = names.iter().filter(is_number).count();
        if named < 2 || numbers * 4 > named {
            continue;
        }
        let same_width = |cells: &Vec<String>| {
            cells
                .iter()
                .enumerate()
                .any(|(at, cell)| is_value(cell) && names.get(at).is_some_and(|name| !name.is_empty()))
        };
        if repeats_itself(sheet, row, &names, named) {
            continue;
        }
        let known = [SAMPLE, ANALYTE, VALUE, UNIT].iter().filter(|words| find_word(&names, words).is_some()).count();
        // A line of numbers and times is data, unless its other names say that it is a header.
        if known == 0 && names.iter().any(|name| is_moment(name) || is_number(&name)) {
            continue;
        }
        let far = |body: &[usize]| body.first().is_some_and(|first| *first > row + FIRST_VALUE_ROWS);
        // Results may be texts, where the names leave no doubt.
        let sure = known >= 3 && named >= 3;
        let filled = |cells: &Vec<String>| cells.iter().filter(|cell| !cell.is_empty()).count() * 2 >= named;
        let fits = |cells: &Vec<String>| same_width(cells) || (sure && filled(cells));
        let below = (row + 1..sheet.rows.len().min(row + 1 + BODY_ROWS)).filter(|at| fits(&sheet.rows[*at]));
        let body: Vec<usize> = below.collect();
        if body.is_empty() || (known == 0 && far(&body)) || misaligned(sheet, named, &body) {
            continue;
        }
        let near = body.iter().filter(|at| **at <= row + 12).count();
        let score = known * 20 + near.min(10) * 2 + named.min(12);
        if best.as_ref().is_none_or(|best| score > best.score) {
            best = Some(HeaderPlace { row, score, names, known, body, told: false });
        }
    }
    best
}

/// The header in the line that a person points at.
pub fn header_at(sheet: &Sheet, line: usize) -> Option<HeaderPlace> {
    let row = sheet.row_of(line)?;
    let names = squeezed(sheet.rows.get(row)?);
    let holds = |cells: &[String]| {
        cells.iter().zip(&names).any(|(cell, name)| !name.is_empty() && !cell.is_empty() && is_value(cell))
    };
    let below = row + 1..sheet.rows.len().min(row + 1 + BODY_ROWS);
    let body: Vec<usize> = below.filter(|at| holds(&sheet.rows[*at])).collect();
    (!body.is_empty()).then_some(HeaderPlace { row, score: 0, names, known: 0, body, told: true })
}

/// `one_of_many`: other sheets have the same header.
fn describe(
    sheet: &Sheet,
    header: &HeaderPlace,
    one_of_many: bool,
    findings: &mut Vec<Finding>,
) -> Result<String, String> {
    if let Some(text) = grouped(sheet, header, findings) {
        return Ok(text);
    }
    if let Some(text) = across(header, sheet, findings).or_else(|| groups(sheet, header, findings)) {
        return Ok(text);
    }
    let names = &header.names;
    let filled = |at: usize| header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(|cell| !cell.is_empty()));
    let numeric = |at: usize| header.body.iter().any(|row| sheet.cell(*row, at).is_some_and(is_value));
    let weak = |at: usize| WEAK_SAMPLE.contains(&plain(&names[at]).as_str());
    let titles =
        titles(sheet, header, find_word_where(names, ANALYTE, |at| filled(at) && !weak(at)).is_some(), findings);
    let titled_sample = titles.as_ref().is_some_and(|titles| titles.is_sample);
    let titled_analyte = titles.as_ref().is_some_and(|titles| !titles.is_sample);
    let column = sample_column(sheet, header);
    let key = match column {
        _ if titled_sample => None,
        Some(at) if !weak(at) || titled_analyte => None,
        _ => sample_key(sheet, header, findings),
    };
    let sample = column.filter(|_| key.is_none() && !titled_sample);
    let analyte = find_word_where(names, ANALYTE, |at| Some(at) != sample && filled(at)).filter(|_| !titled_analyte);
    let free = |at: usize| Some(at) != analyte && Some(at) != sample;
    let value = find_value(names, |at| free(at) && numeric(at));
    // A heading that is a unit is a result; an area is one only where nothing else is.
    let in_unit = (0..names.len()).find(|at| free(*at) && numeric(*at) && is_unit_of_content(&names[*at]));
    let value = value
        .filter(|at| in_unit.is_none() || !RAW.contains(&plain(&names[*at]).as_str()))
        .or(in_unit)
        .or_else(|| find_word_where(names, VALUE, |at| Some(at) != analyte && filled(at)));
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
    let mut table = key.unwrap_or_default();
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
        (Some(analyte), Some(value)) => {
            note(
                findings,
                "shape",
                "one analyte per row",
                85,
                format!("the columns of analyte and value: {analyte}, {}", names[value]),
            );
            table.push_str(&format!("analyte = {}\nvalue = {}\n", quote(&analyte), quote(&reference(names, value))));
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
        insert_field(&mut table, &format!("ruler = true\nblank_ends = true\nheader = {{ rows = {rows} }}\n"));
        if let (2.., Some(value)) = (rows, value) {
            note(findings, "unit", "second header row", 70, "in brackets below the name");
            let from = quote(&format!("{}@head2}}", reference(names, value).trim_end_matches('}')));
            insert_field(&mut table, &format!("unit = {{ from = {from}, pattern = '\\[(.*)\\]' }}\n"));
        }
    }
    if sheet.by_header {
        let (wide, ends) =
            (["", "wide = true\n"][usize::from(sheet.wide)], ["", "blank_ends = true\n"][usize::from(sheet.ends)]);
        insert_field(&mut table, &format!("cut = \"header\"\n{wide}{ends}"));
    } else if !sheet.cuts.is_empty() {
        let places: Vec<String> = sheet.cuts.iter().map(usize::to_string).collect();
        let (wide, ends) =
            (["", "wide = true\n"][usize::from(sheet.wide)], ["", "blank_ends = true\n"][usize::from(sheet.ends)]);
        insert_field(&mut table, &format!("cut = [{}]\n{wide}{ends}", places.join(", ")));
    }
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
    }
    if sheet.rows[header.row + 1..].iter().any(|row| squeezed(row) == *names) {
        note(findings, "header repeats", "yes", 95, "the same names stand again further down");
        match table.contains("header = { ") {
            true => table = table.replacen("header = { ", "header = { repeat = true, ", 1),
            false => insert_field(&mut table, "header = { repeat = true }\n"),
        }
    }
    Ok(table)
}

/// The unit in the row between a name and its first value, which holds no numbers and leaves the sample and analyte free.
fn unit_below(sheet: &Sheet, header: &HeaderPlace, value: usize) -> Option<String> {
    let row = sheet.rows.get(header.row + 1).filter(|_| !sheet.ruler && !sheet.by_header && sheet.cuts.is_empty())?;
    let cell = row.get(value)?;
    let bare = cell.trim_matches(['[', ']', '(', ')', '{', '}', ' ']);
    let fits = header.body.first().is_some_and(|first| *first > header.row + 1)
        && row.first().is_none_or(String::is_empty)
        && !row.iter().any(|cell| is_value(cell) && cell.contains(|c: char| c.is_ascii_digit()));
    (fits && super::suggest_shapes::is_unit(bare)).then(|| bare.to_string())
}

/// Keys of the table itself stand before its sub-tables.
pub fn insert_field(table: &mut String, line: &str) {
    let at = table.find("\n[table.").map_or(table.len(), |at| at + 1);
    table.insert_str(at, line);
}

pub fn squeezed(row: &[String]) -> Vec<String> {
    row.iter().map(|cell| super::expr::squeeze(cell)).collect()
}

/// `{Name}`, or `{Name#2}` for a later column of the same name.
pub fn reference(names: &[String], at: usize) -> String {
    let name = &names[at];
    match names[..at].iter().filter(|other| *other == name).count() {
        _ if name.contains(['{', '}']) => format!("{{#{}}}", at + 1),
        0 => format!("{{{name}}}"),
        before => format!("{{{name}#{}}}", before + 1),
    }
}

/// Corrects a proposal: sets one key, `table.value` for the first table, `text.encoding`, to a TOML value. A value that is
/// no TOML is taken as text; an empty one removes the key.
pub fn correct(proposal: &str, key: &str, value: &str) -> Result<String, String> {
    let mut whole: toml::Table = proposal.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let steps: Vec<&str> = key.split('.').collect();
    let (last, above) = steps.split_last().ok_or("the key is empty")?;
    let mut here = &mut whole;
    for step in above {
        let next = here.entry(step.to_string()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        here = match next {
            toml::Value::Array(list) => list.first_mut().and_then(toml::Value::as_table_mut),
            other => other.as_table_mut(),
        }
        .ok_or_else(|| format!("'{step}' in '{key}' is no table"))?;
    }
    if value.is_empty() {
        here.remove(*last);
    } else {
        let parsed = format!("x = {value}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("x"));
        here.insert(last.to_string(), parsed.unwrap_or_else(|| toml::Value::String(value.to_string())));
    }
    toml::to_string(&whole).map_err(|error| error.to_string())
}
