//! Sections of an unknown file: titles above repeated headers, names in brackets, and keys beside which the sample stands.

use super::finding::{Finding, note};
use super::header::HeaderPlace;
use super::sheet::{Sheet, squeezed};
use super::words::{ANALYTE, SAMPLE_KEY, UNIT, VALUE, plain};
use super::writing::quote;

/// Sections found, as a line for the table, and what `{@title}` is.
pub struct Titles {
    pub line: String,
    pub is_sample: bool,
}

/// The same header again and again, each with another line above it.
pub fn titles(sheet: &Sheet, header: &HeaderPlace, has_analyte: bool, findings: &mut Vec<Finding>) -> Option<Titles> {
    let places: Vec<usize> = (0..sheet.rows.len()).filter(|row| squeezed(&sheet.rows[*row]) == header.names).collect();
    if places.len() < 2 {
        return None;
    }
    // The nearest lines above each header, from below; the first that differ from block to block are the titles, before
    // others those with a sample's key.
    let mut above: Vec<Vec<&Vec<String>>> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let first = if index == 0 { 0 } else { places[index - 1] + 1 };
        let filled =
            (first..*place).rev().map(|at| &sheet.rows[at]).filter(|row| row.iter().any(|cell| !cell.is_empty()));
        above.push(filled.take(TITLE_LINES).collect());
    }
    let candidates: Vec<Vec<&Vec<String>>> =
        (0..TITLE_LINES).map_while(|step| above.iter().map(|rows| rows.get(step).copied()).collect()).collect();
    let texts = |rows: &[&Vec<String>]| -> Vec<String> {
        rows.iter().map(|row| row.join("\t").trim_end().to_string()).collect()
    };
    // Lines that differ in a number only count something, and are no titles.
    let counts = |lines: &Vec<String>| {
        let prefix = common_prefix(lines).len();
        prefix > 0 && lines.iter().all(|line| line[prefix..].trim().chars().all(|c| c.is_ascii_digit()))
    };
    let differ =
        |lines: &Vec<String>| lines.iter().any(|line| *line != lines[0]) && !(counts(lines) && says_count(lines));
    let keyed = |lines: &Vec<String>| {
        differ(lines) && SAMPLE_KEY.contains(&plain(common_prefix(lines).trim_end_matches([' ', '\t'])).as_str())
    };
    let step = candidates
        .iter()
        .position(|rows| keyed(&texts(rows)))
        .or_else(|| candidates.iter().take(1).position(|rows| differ(&texts(rows))))?;
    let lines = texts(&candidates[step]);
    let single = candidates[step].iter().all(|row| row.iter().filter(|cell| !cell.is_empty()).count() == 1);
    let prefix = common_prefix(&lines);
    let start = match prefix {
        "" if single => "{ cells = 1, matches = '^(?P<title>[^\\t]+?)\\t*$' }".to_string(),
        "" => return None,
        prefix => {
            let pattern = format!(
                "^{} *(?:\\d+[.:]\\s*)?(?P<title>[^\\t]+?)(?: {{2,}}[^\\t]*)?(?:\\t|$)",
                regex::escape(prefix).replace('\t', "\\t")
            );
            format!("{{ matches = {} }}", quote(&pattern))
        }
    };
    let lower = prefix.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let is_sample = match (says(TITLE_OF_SAMPLE), says(TITLE_OF_ANALYTE)) {
        (true, _) => true,
        (false, true) => false,
        (false, false) => has_analyte,
    };
    let whose = if is_sample { "sample" } else { "analyte" };
    note(
        findings,
        "sections",
        format!("{} blocks, the title is the {whose}", places.len()),
        70,
        format!("the header stands again below lines such as: {}", lines[1].replace('\t', " ")),
    );
    Some(Titles { line: format!("section = {{ start = [{start}] }}\n"), is_sample })
}

/// `# of Peaks`, `Number of rows`: how many there are, not what it is.
fn says_count(lines: &[String]) -> bool {
    let lower = lines[0].to_lowercase();
    ["# of", "number of", "no. of", "count", "anzahl", "nombre de", "个数", "数量", "id数", "峰数"]
        .iter()
        .any(|word| lower.contains(word))
}

/// A block has no longer head.
const TITLE_LINES: usize = 6;

/// What all lines begin with, up to a blank or sign: half a word is no prefix.
pub fn common_prefix(lines: &[String]) -> &str {
    let first = &lines[0];
    let mut end = first.len();
    for line in &lines[1..] {
        let same = first.char_indices().zip(line.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        end = end.min(same.unwrap_or(first.len().min(line.len())));
    }
    while !first.is_char_boundary(end) {
        end -= 1;
    }
    let prefix = first[..end].trim_end_matches(|c: char| c.is_ascii_digit());
    // A key ends at its colon or its cell; without one, at the last sign.
    let cut = prefix.rfind([':', '：', '\t']).or_else(|| prefix.rfind(|c: char| !c.is_alphanumeric()));
    cut.map_or("", |at| &prefix[..at + prefix[at..].chars().next().map_or(0, char::len_utf8)])
}

/// `[Results]` above the header, with other names in brackets around it.
pub fn brackets(sheet: &Sheet, header: &HeaderPlace, findings: &mut Vec<Finding>) -> Option<String> {
    let is_title = |row: &Vec<String>| {
        let first = row.first().map_or("", String::as_str);
        first.starts_with('[') && first.ends_with(']') && row[1..].iter().all(String::is_empty)
    };
    if sheet.rows.iter().filter(|row| is_title(row)).count() < 2 {
        return None;
    }
    let title = sheet.rows[..header.row].iter().rev().find(|row| is_title(row))?[0].clone();
    let end = "end = [{ cell = \"{#1}\", matches = '^\\[' }]";
    if let Some((titles, pattern)) = channels(sheet, header, &title) {
        note(
            findings,
            "sections",
            titles.join(", "),
            75,
            "names in brackets that differ only in a number or a channel, above the same header",
        );
        let pattern = quote(&pattern);
        return Some(format!("section = {{ start = [{{ cell = \"{{#1}}\", matches = {pattern} }}], {end} }}\n"));
    }
    note(findings, "sections", title.clone(), 85, "names in brackets stand alone on their lines");
    Some(format!("section = {{ start = [{{ cell = \"{{#1}}\", is = {} }}], {end} }}\n", quote(&title)))
}

/// The titles that differ from this one only in a number or in what stands in parentheses behind it, such as a channel,
/// and a pattern for them all. At least one other of them stands above the same header.
fn channels(sheet: &Sheet, header: &HeaderPlace, title: &str) -> Option<(Vec<String>, String)> {
    let (stem, tail) = stem_of(title)?;
    let is_title = |row: &[String]| row.first().is_some_and(|cell| cell.starts_with('[') && cell.ends_with(']'));
    let mut titles = vec![title.to_string()];
    for (at, row) in sheet.rows.iter().enumerate().filter(|(_, row)| is_title(row)) {
        let mut below = sheet.rows[at + 1..].iter().take_while(|row| !is_title(row));
        if stem_of(&row[0]) == Some((stem, tail))
            && !titles.contains(&row[0])
            && below.any(|row| squeezed(row) == header.names)
        {
            titles.push(row[0].clone());
        }
    }
    (titles.len() > 1).then(|| (titles, format!("^{}{tail}", regex::escape(stem))))
}

/// What a title in brackets begins with, and the pattern of the rest: `[Compound Results` of
/// `[Compound Results(PDA-Ch1)]`, `[Results` of `[Results 2]`.
fn stem_of(title: &str) -> Option<(&str, &'static str)> {
    let inner = title.strip_suffix(']')?;
    let (stem, tail) = match inner.strip_suffix([')', '）']).and_then(|inner| inner.rfind(['(', '（'])) {
        Some(at) => (&inner[..at], r"\s*[(（].*[)）]\]$"),
        None => (inner.trim_end_matches(|c: char| c.is_ascii_digit()), r"\s*\d+\]$"),
    };
    let stem = stem.trim_end();
    (stem.len() > 1 && stem.len() < inner.len()).then_some((stem, tail))
}

/// Where the sample stands beside a key above the table.
pub struct Key {
    /// As `[[find]]`.
    pub find: String,
    /// The key stands again with another sample, as in exports of several files in one.
    pub stands_again: bool,
}

/// The sample of the whole file, or of the sections below it.
pub fn sample_key(sheet: &Sheet, header: &HeaderPlace, findings: &mut Vec<Finding>) -> Option<Key> {
    let above = &sheet.rows[..header.row];
    for word in SAMPLE_KEY {
        for row in above {
            let filled: Vec<&String> = row.iter().filter(|cell| !cell.is_empty()).collect();
            let Some(at) = filled.iter().position(|cell| plain(cell) == *word) else {
                continue;
            };
            // A key has its value beside it, and no further names: that would be a header, or a line of titles above one.
            let is_name = |value: &&String| {
                let plain = plain(value);
                let titles =
                    filled.len() > 2 && [ANALYTE, VALUE, UNIT].iter().any(|words| words.contains(&plain.as_str()));
                titles || SAMPLE_KEY.contains(&plain.as_str())
            };
            if filled.get(at + 1).is_some_and(|value| !is_name(value)) && filled.len() <= 8 {
                note(findings, "sample", filled[at].clone(), 70, "a key above the table with the sample beside it");
                // A path is cut to the name of its file.
                let cut = if word.contains("file") { "pattern = '([^\\\\/]+)$'\n" } else { "" };
                let find = format!("[[find]]\nname = \"sample\"\nkey = {}\n{cut}\n", quote(filled[at]));
                return Some(Key { find, stands_again: stands_again(sheet, filled[at]) });
            }
        }
        let inline = above.iter().flatten().find(|cell| {
            let cut = cell.find([':', '：']).filter(|at| plain(&cell[..*at]) == *word);
            cut.is_some_and(|at| cell[at..].chars().count() > 2)
        });
        if let Some(cell) = inline {
            let key = cell.split([':', '：']).next().unwrap_or_default();
            note(findings, "sample", key.to_string(), 65, "a key above the table with the sample in the same cell");
            // Of a whole line the next key begins behind a gap.
            let whole = sheet.ruler || sheet.by_header || !sheet.cuts.is_empty();
            let end = if whole { "([^\\t]+?)(?: {2,}|$)" } else { "([^\\t]+)" };
            let start = if whole { "^\\s*" } else { "(?:^|\\t)" };
            let pattern = format!("{start}{}\\s*[:：]\\s*{end}", regex::escape(key));
            let find = format!("[[find]]\nname = \"sample\"\nline = {}\n\n", quote(&pattern));
            let is_key = |other: &String| other.split([':', '：']).next() == Some(key);
            let stands_again = sheet.rows.iter().flatten().any(|other| other != cell && is_key(other));
            return Some(Key { find, stands_again });
        }
    }
    None
}

/// Two rows have this key with different values beside it.
fn stands_again(sheet: &Sheet, key: &str) -> bool {
    let mut beside = sheet.rows.iter().filter_map(|row| {
        let mut filled = row.iter().filter(|cell| !cell.is_empty()).skip_while(|cell| *cell != key);
        filled.nth(1)
    });
    let first = beside.next();
    beside.any(|other| Some(other) != first)
}

/// The `[[find]]` of a proposal, looked for anew before each section of its table.
pub fn find_before_sections(table: &str) -> String {
    match table.split_once("[[table]]\n") {
        Some((find, rest)) => {
            let find = find.trim_end().replacen("[[find]]", "[[table.find]]", 1);
            format!("[[table]]\n{rest}\n{find}\nbefore_section = true\n")
        }
        None => table.to_string(),
    }
}

/// Words in a title that tell whose title it is.
const TITLE_OF_SAMPLE: &[&str] = &["sample", "specimen", "vial", "样品", "样本", "probe"];
const TITLE_OF_ANALYTE: &[&str] = &[
    "compound",
    "analyte",
    "element",
    "component",
    "method",
    "name",
    "signal",
    "test",
    "target",
    "化合物",
    "组分",
    "元素",
    "项目",
    "méthode",
];
