//! `docs/requirements/`: every number of the requirements, where it is met, and which test shows it.
//!
//! `numbers.csv` is the list of numbers, `met.csv` says by hand how far each is met, and a test says what it shows by a line
//! `// Requirement: Q77-2, Q78-1` above it. `requirements.md` is made of the three and compared;
//! `LIS_WRITE_REFERENCE=1 cargo test -p lis-tests requirements` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Source, none, root, sources};

/// What a test says that it shows.
const TAG: &str = "// Requirement: ";

#[derive(Clone, Debug)]
struct Number {
    number: String,
    clause: String,
    title_zh: String,
    title_en: String,
    source: String,
}

/// How far a number is met: `met`, `partly`, `not`; where, and why not whole.
#[derive(Clone, Debug)]
struct Met {
    number: String,
    state: String,
    place: String,
    reason: String,
}

/// Number → the tests that show it, as `path: name`.
type Shown = BTreeMap<String, BTreeSet<String>>;

fn rows(file: &str, columns: usize) -> Vec<Vec<String>> {
    let path = root().join("docs/requirements").join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let read = reader.records().map(|record| record.expect("a line of the table"));
    let rows: Vec<Vec<String>> = read.map(|record| record.iter().map(str::to_owned).collect()).collect();
    assert!(rows.iter().all(|row| row.len() == columns), "{file} has {columns} columns");
    rows
}

fn numbers() -> Vec<Number> {
    let number = |row: Vec<String>| {
        let [number, clause, title_zh, title_en, source] = <[String; 5]>::try_from(row).expect("five columns");
        Number { number, clause, title_zh, title_en, source }
    };
    rows("numbers.csv", 5).into_iter().map(number).collect()
}

fn met() -> Vec<Met> {
    let met = |row: Vec<String>| {
        let [number, state, place, reason] = <[String; 4]>::try_from(row).expect("four columns");
        Met { number, state, place, reason }
    };
    rows("met.csv", 4).into_iter().map(met).collect()
}

fn all_tests() -> Vec<Source> {
    ["tests/it", "lis-server/src", "instrument-drivers/src"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs"]))
        .collect()
}

/// The name of the test in a line: `fn NAME(`, `demonstrated!(NAME,`, `on_both!(NAME,`.
fn test_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = ["fn ", "demonstrated!(", "on_both!("].iter().find_map(|start| line.strip_prefix(start))?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some(&rest[..end])
}

/// Whether a line may stand between a tag and its test.
fn is_between(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with("#[")
}

/// What the tests show, and tags that stand above no test.
fn shown(files: &[Source]) -> (Shown, Vec<String>) {
    let (mut shown, mut lost) = (Shown::new(), Vec::new());
    for file in files {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(tag) = line.trim_start().strip_prefix(TAG) else { continue };
            let below = lines[at + 1..].iter().find(|line| !is_between(line));
            let Some(name) = below.and_then(|line| test_name(line)) else {
                lost.push(format!("{}, line {}: the tag {tag:?} stands above no test", file.path, at + 1));
                continue;
            };
            for number in tag.split(',') {
                let tests = shown.entry(number.trim().to_owned()).or_default();
                tests.insert(format!("`{}`: `{name}`", file.path));
            }
        }
    }
    (shown, lost)
}

/// Where the list of numbers, what is said of them and the tags differ.
fn complaints(numbers: &[Number], met: &[Met], shown: &Shown) -> Vec<String> {
    let known: BTreeSet<&str> = numbers.iter().map(|one| one.number.as_str()).collect();
    let said: BTreeSet<&str> = met.iter().map(|one| one.number.as_str()).collect();
    let mut complaints = Vec::new();
    if known.len() < numbers.len() || said.len() < met.len() {
        complaints.push("a number stands twice in numbers.csv or met.csv".to_owned());
    }
    complaints.extend(known.difference(&said).map(|number| format!("{number} is missing from met.csv")));
    complaints.extend(said.difference(&known).map(|number| format!("{number} of met.csv is no number of numbers.csv")));
    let unknown = shown.iter().filter(|(number, _)| !known.contains(number.as_str()));
    complaints.extend(unknown.map(|(number, tests)| format!("{number} is tagged and unknown: {tests:?}")));
    for one in met {
        let is_shown = shown.contains_key(&one.number);
        let wrong = match one.state.as_str() {
            "met" if !is_shown => "is met and no test shows it",
            "met" if !one.reason.is_empty() => "is met and has a reason why not",
            "partly" if !is_shown => "is partly met and no test shows that",
            "partly" if one.reason.is_empty() => "is partly met and does not say what is missing",
            "not" if is_shown => "is not met and a test says that it shows it",
            "not" if one.reason.is_empty() => "is not met and does not say why",
            "met" | "partly" if one.place.is_empty() => "does not say where it is met",
            "met" | "partly" | "not" => continue,
            _ => "has a state that is none of met, partly, not",
        };
        complaints.push(format!("{} {wrong}", one.number));
    }
    complaints
}

const HEAD: &str = "# Requirements\n\n\
    Every number of `quality.md`, and the numbers Q02 to Q10 of `judgement.md`: how far it is met, where, and which test\n\
    shows it. `numbers.csv` lists the numbers, `met.csv` is written by hand, the tests are read from their tags\n\
    (`// Requirement: Q77-2` above a test). What is not met is said with its reason.\n\n\
    Made from the three: `LIS_WRITE_REFERENCE=1 cargo test -p lis-tests requirements` writes this page.\n";

fn page(numbers: &[Number], met: &[Met], shown: &Shown) -> String {
    let count = |state: &str| met.iter().filter(|one| one.state == state).count();
    let mut page = HEAD.to_owned();
    let _ = writeln!(page, "\nMet: {} · partly: {} · not: {}", count("met"), count("partly"), count("not"));
    let mut clause = "";
    for number in numbers {
        if number.clause != clause {
            clause = &number.clause;
            let _ = writeln!(page, "\n## {clause}");
        }
        let _ = writeln!(page, "\n### {} {} · {}\n", number.number, number.title_zh, number.title_en);
        let Some(said) = met.iter().find(|one| one.number == number.number) else { continue };
        let place = if said.place.is_empty() { String::new() } else { format!(" in {}", said.place) };
        let reason = if said.reason.is_empty() { String::new() } else { format!(". {}", said.reason) };
        let _ = writeln!(page, "- **{}**{place} ({}){reason}", said.state, number.source);
        for test in shown.get(&number.number).into_iter().flatten() {
            let _ = writeln!(page, "- {test}");
        }
    }
    page
}

#[test]
fn every_requirement_is_met_or_said_not_to_be() {
    let (shown, mut found) = shown(&all_tests());
    let (numbers, met) = (numbers(), met());
    assert_eq!(numbers.len(), 70, "61 numbers of quality.md and nine of judgement.md");
    found.extend(complaints(&numbers, &met, &shown));
    let made = page(&numbers, &met, &shown);
    let path = root().join("docs/requirements/requirements.md");
    if std::env::var_os("LIS_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, &made).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    if written != made {
        let differs = written.lines().zip(made.lines()).find(|(old, new)| old != new);
        found.push(format!("docs/requirements/requirements.md is behind: {differs:?}; see the head of this file"));
    }
    none(found);
}

#[test]
fn every_gap_is_noticed() {
    let number = |number: &str| Number {
        number: number.to_owned(),
        clause: "7.7".to_owned(),
        title_zh: String::new(),
        title_en: String::new(),
        source: "quality.md".to_owned(),
    };
    let said = |number: &str, state: &str, place: &str, reason: &str| Met {
        number: number.to_owned(),
        state: state.to_owned(),
        place: place.to_owned(),
        reason: reason.to_owned(),
    };
    let text = [
        "// Requirement: Q1, Q9",
        "#[test]",
        "fn it_holds() {}",
        "    // Requirement: Q2",
        "    let x = 1;",
        "// Requirement: Q3",
        "demonstrated!(a_whole_way, |lis| {});",
    ]
    .join("\n");
    let file = Source { path: "a.rs".to_owned(), text };
    let (shown, lost) = shown(&[file]);
    assert_eq!(lost, ["a.rs, line 4: the tag \"Q2\" stands above no test"]);
    assert_eq!(shown.keys().collect::<Vec<_>>(), ["Q1", "Q3", "Q9"]);
    assert!(shown["Q3"].contains("`a.rs`: `a_whole_way`"));

    let numbers = ["Q1", "Q2", "Q3", "Q4", "Q5"].map(number);
    let good = [
        said("Q1", "met", "a", ""),
        said("Q2", "not", "", "nobody has begun"),
        said("Q3", "partly", "a", "half of it"),
        said("Q4", "not", "", "no"),
        said("Q5", "not", "", "no"),
    ];
    assert_eq!(complaints(&numbers, &good, &shown).len(), 1, "Q9 is tagged and unknown");
    let bad = [
        said("Q1", "not", "", "no"),
        said("Q2", "met", "a", ""),
        said("Q3", "partly", "a", ""),
        said("Q4", "not", "", ""),
        said("Q6", "maybe", "", ""),
    ];
    let found = complaints(&numbers, &bad, &shown);
    assert_eq!(
        found,
        [
            "Q5 is missing from met.csv",
            "Q6 of met.csv is no number of numbers.csv",
            "Q9 is tagged and unknown: {\"`a.rs`: `it_holds`\"}",
            "Q1 is not met and a test says that it shows it",
            "Q2 is met and no test shows it",
            "Q3 is partly met and does not say what is missing",
            "Q4 is not met and does not say why",
            "Q6 has a state that is none of met, partly, not",
        ]
    );
}
