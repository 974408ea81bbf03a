//! Proposals for JSON and XML: which elements are rows, and which of their leaves are sample, analyte, value and unit.

use std::collections::{HashMap, HashSet};

use super::cells::is_value;
use super::columns::{only_counts, says_sample};
use super::finding::{Finding, note};
use super::header::header_at;
use super::numbers::numbers_of;
use super::refused::NotUnderstood;
use super::roles::role_by;
use super::sheet::Sheet;
use super::words::{ANALYTE, FLAG, NOT_A_VALUE, RAW, SAMPLE, TYPE, UNIT, VALUE, WEAK_SAMPLE};
use super::writing::{insert_field, quote, reference};
use crate::table::tree::{self, Node};

/// A text that was read as a tree.
pub struct Tree {
    /// `json` or `xml`.
    pub format: &'static str,
    pub root: Node,
}

/// JSON or XML by its first sign; `None` where it is neither, or is damaged.
pub fn tree_of(text: &str) -> Option<Tree> {
    let format = format_of(text)?;
    let root = if format == "json" { tree::from_json(text) } else { tree::from_xml(text) };
    Some(Tree { format, root: root.ok()? })
}

/// What a text is by its first signs: a line such as `[Header]` begins no JSON.
pub fn format_of(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let second = text.chars().skip(1).find(|c| !c.is_whitespace());
    match (text.chars().next()?, second) {
        ('{', Some('"' | '}')) | ('[', Some('{' | '[' | ']' | '"')) => Some("json"),
        ('<', Some(c)) if c.is_alphabetic() || matches!(c, '?' | '!' | '_') => Some("xml"),
        _ => None,
    }
}

/// The path of the elements that stand there most often, for a profile that a person makes.
pub fn commonest_rows(root: &Node) -> String {
    let count = |path: &String| sheet_of(root, path).map_or(0, |sheet| sheet.rows.len());
    paths(root).into_iter().max_by_key(count).unwrap_or_else(|| ROOT.to_string())
}

/// The root as the only row.
const ROOT: &str = "$";
/// Paths that are looked at: exports have few, but for those that hold their method too.
const MOST_PATHS: usize = 100;
/// Rows that are looked at.
const MOST_ROWS: usize = 399;

/// A path whose elements can be rows, and what their leaves are.
struct Shape {
    path: String,
    sheet: Sheet,
    names: Vec<String>,
    /// The columns, those of the rows themselves first, then those of the nearest elements above.
    near: Vec<usize>,
    sample: usize,
    values: Values,
}

enum Values {
    PerRow { analyte: usize, value: usize },
    PerColumn(Vec<usize>),
}

/// Format, rows, numbers and table of a proposal.
pub fn proposal(tree: &Tree, encoding: &str, findings: &mut Vec<Finding>) -> Result<String, NotUnderstood> {
    note(findings, "format", tree.format, 100, "all of it is read as such");
    let best = |root: &Node| {
        let shapes = paths(root).into_iter().filter_map(|path| shape(root, path));
        shapes.max_by_key(Shape::score)
    };
    let called = || {
        let shapes = called_alike(&tree.root).into_iter().filter_map(|named| {
            Some((best(&tree::called_by_leaf(tree.root.clone(), std::slice::from_ref(&named), &[]))?, Some(named)))
        });
        shapes.max_by_key(|(shape, _)| shape.score())
    };
    let found = best(&tree.root).map(|shape| (shape, None)).or_else(called);
    let (shape, named) = found.ok_or(NotUnderstood::NoRows)?;
    let named = named.map(|(element, leaf)| format!("{element}.{leaf}"));
    let named = named.map_or(String::new(), |named| {
        note(findings, "names", named.clone(), 60, "elements of one name, which this leaf tells apart");
        format!("named = {}\n", quote(&named))
    });
    let text = if encoding == "utf-8" { String::new() } else { format!("[text]\nencoding = {}\n\n", quote(encoding)) };
    let head = format!("format = \"{}\"\n\n{text}[tree]\nrows = {}\n{named}\n", tree.format, quote(&shape.path));
    let table = shape.table(findings)?;
    let values = shape.columns();
    let cells = shape.sheet.rows.iter().skip(1).flat_map(|row| values.iter().filter_map(|at| row.get(*at)));
    let numbers = numbers_of(cells, findings);
    Ok(format!("{head}[numbers]\n{numbers}\n{table}"))
}

/// Elements of one name beside each other that a leaf tells apart, and that leaf.
fn called_alike(root: &Node) -> Vec<(String, String)> {
    fn collect(node: &Node, found: &mut Vec<(String, String)>) {
        let mut seen = HashSet::new();
        for child in &node.children {
            let leaf = child.children.iter().find(|leaf| NAMES.contains(&leaf.name.to_lowercase().as_str()));
            if let Some(leaf) = leaf.filter(|_| seen.len() < MOST_KINDS && seen.insert(child.name.as_str())) {
                let alike = node.children.iter().filter(|other| other.name == child.name);
                let texts: Vec<&str> = alike.map(|other| text_of(other, &leaf.name)).collect();
                let different: HashSet<&str> = texts.iter().copied().collect();
                let named = (child.name.clone(), leaf.name.clone());
                let tells = texts.len() > 1 && different.len() == texts.len() && !different.contains("");
                if tells && !found.contains(&named) {
                    found.push(named);
                }
            }
            if found.len() < MOST_NAMED {
                collect(child, found);
            }
        }
    }
    let mut found = Vec::new();
    collect(root, &mut found);
    found
}

/// The text of a leaf; empty where there is none.
fn text_of<'n>(node: &'n Node, leaf: &str) -> &'n str {
    node.children.iter().find(|own| own.name == leaf).map_or("", |own| own.text.as_str())
}

/// Leaves that say what their element is, in lower case.
const NAMES: [&str; 5] = ["name", "key", "field", "parameter", "label"];
/// Kinds of such elements that are looked at.
const MOST_NAMED: usize = 8;
/// And of names within one element.
const MOST_KINDS: usize = 40;

/// Paths of elements that have something below them, each once, from the top.
fn paths(root: &Node) -> Vec<String> {
    fn collect(node: &Node, above: &str, found: &mut Vec<String>) {
        for child in node.children.iter().filter(|child| !child.children.is_empty() && !child.name.contains('.')) {
            let path = if above.is_empty() { child.name.clone() } else { format!("{above}.{}", child.name) };
            collect_one(child, path, found);
        }
    }
    fn collect_one(node: &Node, path: String, found: &mut Vec<String>) {
        if !found.contains(&path) {
            if found.len() == MOST_PATHS {
                return;
            }
            found.push(path.clone());
        }
        collect(node, &path, found);
    }
    let mut found = vec![ROOT.to_string()];
    collect(root, "", &mut found);
    found
}

/// The elements of a path as rows below the names of their leaves.
fn sheet_of(root: &Node, path: &str) -> Option<Sheet> {
    let grid = tree::first_rows(root, path, MOST_ROWS)?;
    let rows = grid.rows.iter().map(|row| row.cells.iter().map(|cell| cell.trim().to_string()).collect());
    Some(Sheet::new(String::new(), rows.collect(), Vec::new()))
}

fn shape(root: &Node, path: String) -> Option<Shape> {
    let sheet = sheet_of(root, &path)?;
    let names = sheet.rows.first()?.clone();
    let cells = |at: usize| sheet.rows[1..].iter().map(move |row| row.get(at).map_or("", String::as_str));
    let filled = |at: usize| cells(at).any(|cell| !cell.is_empty());
    let numeric = |at: usize| cells(at).any(is_value);
    let steps: Vec<&str> = path.split('.').collect();
    let above = &steps[..steps.len() - 1];
    // How far above the rows a leaf stands. Farther up are others of the same name: of the method, of the calibration.
    let distance = |at: usize| match names[at].split_once('.') {
        Some((ROOT, _)) => above.len() + 1,
        Some((first, _)) => above.iter().rev().position(|step| *step == first).map_or(0, |far| far + 1),
        None => 0,
    };
    let mut near: Vec<usize> = (0..names.len()).collect();
    near.sort_by_cached_key(|at| distance(*at));
    // What stands in an element above is the same for all its rows.
    let is_own = |at: usize| distance(at) == 0;
    let counts = counted(&names);
    let single = |at: usize| counts[names[at].as_str()] == 1;
    let told = |at: usize| filled(at) && (is_own(at) || single(at));
    let best = find(&names, &near, SAMPLE, told)?;
    // One that only counts the samples is not how they are called.
    let calls =
        |at: usize| told(at) && !only_counts(cells(at)) && spoken(&names[at]).iter().any(|name| says_sample(name));
    let sample = Some(best).filter(|best| !only_counts(cells(*best)));
    let sample = sample.or_else(|| find(&names, &near, SAMPLE, calls)).unwrap_or(best);
    let analyte = find(&names, &near, ANALYTE, |at| at != sample && told(at));
    // Such an analyte belongs to rows further down.
    if analyte.is_some_and(|at| !single(at)) {
        return None;
    }
    // A leaf that comes several times in one row belongs to elements of its own: the rows are there.
    let other = |at: usize| at != sample && Some(at) != analyte && single(at);
    // The text of an element whose attributes say the rest.
    let text = || (0..names.len()).find(|at| names[*at] == "text" && numeric(*at));
    let value = find(&names, &near, VALUE, |at| other(at) && is_own(at) && numeric(at)).or_else(text);
    let values = match (analyte, value) {
        (Some(analyte), Some(value)) => Values::PerRow { analyte, value },
        _ => {
            let no_value = |at: usize| spoken(&names[at]).iter().any(|name| NOT_A_VALUE.contains(&name.as_str()));
            let columns: Vec<usize> =
                (0..names.len()).filter(|at| is_own(*at) && numeric(*at) && other(*at) && !no_value(*at)).collect();
            // Numbers with their units are results before those without.
            let quantities: Vec<usize> = columns.iter().copied().filter(|at| is_quantity(&names, *at)).collect();
            let columns = if quantities.is_empty() { columns } else { quantities };
            (!columns.is_empty()).then_some(Values::PerColumn(columns))?
        }
    };
    Some(Shape { path, sheet, names, near, sample, values })
}

impl Shape {
    /// One analyte per row is never an accident; then whether samples are called so, and whether these are results and not what
    /// they were made from; then the most values count.
    fn score(&self) -> (bool, bool, bool, usize) {
        let filled = |at: &usize| {
            self.sheet.rows[1..].iter().filter(|row| row.get(*at).is_some_and(|cell| !cell.is_empty())).count()
        };
        let is_one_of =
            |at: usize, words: &[&str]| spoken(&self.names[at]).iter().any(|name| words.contains(&name.as_str()));
        let columns = self.columns();
        (
            matches!(self.values, Values::PerRow { .. }),
            !is_one_of(self.sample, WEAK_SAMPLE),
            columns.iter().any(|at| !is_one_of(*at, RAW)),
            columns.iter().map(filled).sum(),
        )
    }

    /// The columns of values.
    fn columns(&self) -> Vec<usize> {
        match &self.values {
            Values::PerRow { value, .. } => vec![*value],
            Values::PerColumn(columns) => columns.clone(),
        }
    }

    fn table(&self, findings: &mut Vec<Finding>) -> Result<String, NotUnderstood> {
        let names = &self.names;
        let header = header_at(&self.sheet, 1).ok_or(NotUnderstood::NoNumbers)?;
        let named = |at: usize| quote(&reference(names, at));
        // One of several in elements above is that of another row.
        let counts = counted(names);
        let single = |at: usize| counts[names[at].as_str()] == 1;
        note(findings, "rows", self.path.clone(), 80, format!("{} elements of this path", self.sheet.rows.len() - 1));
        note(findings, "sample", names[self.sample].clone(), 85, "the name of the column");
        let mut table = format!("[[table]]\nsample = {}\n", named(self.sample));
        match &self.values {
            Values::PerRow { analyte, value } => {
                let why = format!("the columns of analyte and value: {}, {}", names[*analyte], names[*value]);
                note(findings, "shape", "one analyte per row", 85, why);
                table.push_str(&format!("analyte = {}\nvalue = {}\n", named(*analyte), named(*value)));
                if let Some(unit) = find(names, &self.near, UNIT, |at| at != *analyte && at != *value && single(at)) {
                    note(findings, "unit", names[unit].clone(), 80, "the name of the column");
                    table.push_str(&format!("unit = {}\n", named(unit)));
                }
                table.push_str("empty = \"row\"\n");
            }
            Values::PerColumn(columns) => {
                note(findings, "shape", "one analyte per column", 70, format!("{} columns of numbers", columns.len()));
                // The element around the values is no part of their names, unless each value has one of its own.
                let nested = columns.iter().all(|at| names[*at].contains('.'));
                let analyte = if columns.iter().all(|at| is_quantity(names, *at)) {
                    note(findings, "unit", "beside each value", 80, "an element holds a value and its unit");
                    "analyte = { from = \"{@head}\", pattern = '([^.]+)\\.[^.]+$' }\nunit = \"{@next}\"\n"
                } else if nested {
                    "analyte = { from = \"{@head}\", pattern = '([^.]+)$' }\n"
                } else {
                    "analyte = \"{@head}\"\n"
                };
                table.push_str(analyte);
                let list: Vec<String> = columns.iter().map(|at| quote(&names[*at])).collect();
                table.push_str(&format!("\n[table.columns]\nnames = [{}]\n", list.join(", ")));
            }
        }
        if let Some(flag) = find(names, &self.near, FLAG, |at| at != self.sample && single(at)) {
            note(findings, "flag", names[flag].clone(), 60, "the name of the column");
            insert_field(&mut table, &format!("flag = {}\n", named(flag)));
        }
        // The type of a row or of its sample, not that of a compound.
        let is_type = |at: &usize, word: &str| spoken(&names[*at]).first().is_some_and(|name| name == word);
        let types = TYPE.iter().find_map(|word| self.near.iter().copied().find(|at| is_type(at, word)));
        if let Some(role) = role_by(&self.sheet, &header, (types, Some(self.sample)), findings) {
            insert_field(&mut table, &role);
        }
        Ok(table)
    }
}

/// How often each name stands there.
fn counted(names: &[String]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    names.iter().for_each(|name| *counts.entry(name.as_str()).or_default() += 1);
    counts
}

/// A value whose unit stands beside it in an element of both: `fat.value`, `fat.unit`.
fn is_quantity(names: &[String], at: usize) -> bool {
    let leaf = |at: usize| names.get(at).and_then(|name| name.rsplit_once('.'));
    match (leaf(at), leaf(at + 1)) {
        (Some((element, _)), Some((same, unit))) => element == same && UNIT.contains(&words(unit).as_str()),
        _ => false,
    }
}

/// The column with the most preferred name for which more is true; of several the first in this order.
fn find(names: &[String], order: &[usize], words: &[&str], fits: impl Fn(usize) -> bool) -> Option<usize> {
    let spoken: Vec<Vec<String>> = names.iter().map(|name| spoken(name)).collect();
    let called = |at: usize, word: &str| spoken[at].iter().any(|name| name == word);
    words.iter().find_map(|word| order.iter().copied().find(|at| called(*at, word) && fits(*at)))
}

/// The names of a leaf as people write them: of `samples.id` and `Sample.ID1` `sample id`, of `resultUnit` `result unit`. What
/// belongs to a sample is called by its own name alone only where that says so itself (`samples.sampleName`).
fn spoken(name: &str) -> Vec<String> {
    let mut steps = name.rsplit('.').filter(|step| *step != ROOT);
    let own = words(steps.next().unwrap_or_default());
    let Some(above) = steps.next().map(words) else { return vec![own] };
    let above = above.strip_suffix('s').unwrap_or(above.as_str()).to_string();
    if !SAMPLE.contains(&above.as_str()) {
        return vec![format!("{above} {own}"), own];
    }
    let names_it = matches!(
        own.as_str(),
        "id" | "id1" | "id 1" | "code" | "barcode" | "label" | "number" | "no" | "编号" | "条码"
    );
    let says_so = own.split(' ').any(|word| SAMPLE_WORDS.contains(&word)) && SAMPLE.contains(&own.as_str());
    match (names_it, says_so) {
        (true, _) => vec!["sample id".to_string()],
        (_, true) => vec![own],
        _ if !own.is_ascii() => vec![format!("{above}{own}")],
        _ => vec![format!("{above} {own}")],
    }
}

/// Names with one of these words are a sample's wherever they stand.
const SAMPLE_WORDS: [&str; 4] = ["sample", "specimen", "sampleid", "samplename"];

/// `sampleId`, `Sample_ID` and `sample-id` are `sample id`.
fn words(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for c in name.chars() {
        if c.is_uppercase() && was_small {
            spaced.push(' ');
        }
        was_small = c.is_lowercase() || c.is_ascii_digit();
        spaced.extend(if matches!(c, '_' | '-') { ' '.to_lowercase() } else { c.to_lowercase() });
    }
    crate::profile::comparing::squeeze(&spaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_said_as_people_write_them() {
        assert_eq!(spoken("sampleId"), ["sample id"]);
        assert_eq!(spoken("Sample_ID"), ["sample id"]);
        assert_eq!(spoken("run.samples.id"), ["sample id"]);
        assert_eq!(spoken("samples.sampleName"), ["sample name"]);
        assert_eq!(spoken("Sample.ID1"), ["sample id"]);
        assert_eq!(spoken("sample.barcode"), ["sample id"]);
        assert_eq!(spoken("sample.name"), ["sample name"]);
        // Not the result of a sample, but a name in it.
        assert_eq!(spoken("sample.result"), ["sample result"]);
        assert_eq!(spoken("value.unit"), ["value unit", "unit"]);
        assert_eq!(spoken("$.operator"), ["operator"]);
        assert_eq!(spoken("样品编号"), ["样品编号"]);
    }

    #[test]
    fn first_signs() {
        for (text, format) in [
            ("[{\"a\": 1}]", Some("json")),
            ("\u{feff} { \"a\": 1", Some("json")),
            ("<?xml version=\"1.0\"?><a/>", Some("xml")),
            ("[Header]\nName\tX\n", None),
            ("<0.01,mg/kg\n", None),
            ("{abc}", None),
            ("", None),
        ] {
            assert_eq!(format_of(text), format, "{text}");
        }
    }
}
