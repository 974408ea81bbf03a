//! Every file of the development set, read with the profile named in `docs/reference/development-set.csv` and compared
//! row by row with the complete expected table. The files are not part of the repository.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use instrument_drivers::profile::{Context, Profile, recognise, suggest};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn shared() -> Option<PathBuf> {
    let shared = repository().join("../shared/instruments");
    if shared.is_dir() {
        return Some(shared);
    }
    // Straight to the terminal: the test runner keeps what a passing test prints to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: the development set is not there ({})", shared.display());
    None
}

/// Sample, analyte, value, unit.
type Values = BTreeMap<(String, String, String, String), usize>;

fn table(path: &Path) -> csv::Reader<std::fs::File> {
    csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// From the set's own index: file and expected table.
fn index(shared: &Path) -> Vec<(String, PathBuf)> {
    let mut reader = table(&shared.join("INDEX.csv"));
    let names = reader.headers().unwrap().clone();
    let column = |name: &str| names.iter().position(|known| known == name).unwrap();
    let (file, expected) = (column("file"), column("full_expected_table"));
    reader.records().map(|row| row.unwrap()).map(|row| (row[file].to_string(), shared.join(&row[expected]))).collect()
}

fn profiles() -> BTreeMap<String, String> {
    let mut reader = table(&repository().join("docs/reference/development-set.csv"));
    reader.records().map(|row| row.unwrap()).map(|row| (row[0].to_string(), row[1].to_string())).collect()
}

fn expected(path: &Path) -> Values {
    let mut values = Values::new();
    for row in table(path).records() {
        let row = row.unwrap();
        let cell = |at: usize| row[at].trim().to_string();
        *values.entry((cell(0), cell(1), cell(2), cell(3))).or_default() += 1;
    }
    values
}

fn context(file: &str) -> Context {
    Context { file_name: file.rsplit('/').next().map(String::from), ..Context::default() }
}

#[test]
fn every_row_of_every_file() {
    let Some(shared) = shared() else { return };
    let profiles = profiles();
    let files = index(&shared);
    let only = std::env::var("DEVELOPMENT_SET_ONLY").ok();
    let (mut whole, mut rows, mut different) = (0, 0, Vec::new());
    for (file, expected_path) in &files {
        if only.as_ref().is_some_and(|only| !file.contains(only.as_str())) {
            continue;
        }
        let expected = expected(expected_path);
        rows += expected.values().sum::<usize>();
        let Some(name) = profiles.get(file) else {
            different.push(format!("{file}: no profile is named"));
            continue;
        };
        let profile = match Profile::load(name) {
            Ok(profile) => profile,
            Err(error) => {
                different.push(format!("{file}: {error}"));
                continue;
            }
        };
        let reading = profile.read(&std::fs::read(shared.join(file)).unwrap(), &context(file));
        let mut found = Values::new();
        for one in reading.observations {
            *found.entry((one.sample_id, one.analyte, one.value, one.unit)).or_default() += 1;
        }
        if found == expected {
            whole += 1;
            continue;
        }
        let count = |values: &Values| values.values().sum::<usize>();
        let mut text = format!("{file} ({name}): {} rows, expected {}", count(&found), count(&expected));
        let missing = expected.iter().filter(|(key, n)| found.get(key) != Some(n)).take(3);
        missing.for_each(|(key, n)| text.push_str(&format!("\n    missing  {n} x {key:?}")));
        let extra = found.iter().filter(|(key, n)| expected.get(key) != Some(n)).take(3);
        extra.for_each(|(key, n)| text.push_str(&format!("\n    too much {n} x {key:?}")));
        reading.troubles.iter().take(3).for_each(|trouble| text.push_str(&format!("\n    trouble  {trouble}")));
        different.push(text);
    }
    println!("{whole} of {} files whole, {rows} rows", files.len());
    assert!(different.is_empty(), "{}", different.join("\n"));
}

fn same(found: &Profile, named: &Profile, bytes: &[u8], context: &Context) -> bool {
    (&found.maker, &found.model) == (&named.maker, &named.model)
        || found.read(bytes, context) == named.read(bytes, context)
}

#[test]
fn every_file_is_recognised_without_being_told() {
    let Some(shared) = shared() else { return };
    let profiles = profiles();
    let mut wrong = Vec::new();
    for (file, _) in index(&shared) {
        let Some(name) = profiles.get(&file) else {
            continue;
        };
        let bytes = std::fs::read(shared.join(&file)).unwrap();
        match recognise::best(&bytes, &context(&file)) {
            Ok(profile) if profile.name == *name => {}
            // Another result column of the same software is the laboratory's choice; another profile that reads the
            // same is no mistake.
            Ok(profile) if same(&profile, &Profile::load(name).unwrap(), &bytes, &context(&file)) => {}
            Ok(profile) => wrong.push(format!("{file}: {} instead of {name}", profile.name)),
            Err(nearest) => wrong.push(format!("{file}: nothing instead of {name}; nearest {}", nearest.join(", "))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Leave one out: a proposal made without any profile of that instrument, corrected by a person at most five times. The
/// corrections are in `docs/reference/proposal-corrections.csv`.
#[test]
fn proposals_for_unknown_files() {
    let Some(shared) = shared() else { return };
    let mut corrections: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in table(&repository().join("docs/reference/proposal-corrections.csv")).records() {
        let row = row.unwrap();
        corrections.entry(row[0].to_string()).or_default().push((row[1].to_string(), row[2].to_string()));
    }
    assert!(corrections.values().all(|list| list.len() <= 5));
    let (mut untouched, mut whole, mut broken) = (0, 0, Vec::new());
    for (file, expected_path) in index(&shared) {
        let bytes = std::fs::read(shared.join(&file)).unwrap();
        let own = corrections.remove(&file).unwrap_or_default();
        let Ok(proposal) = suggest::suggest(&bytes) else {
            println!("{file}: no proposal");
            continue;
        };
        let text = own.iter().fold(proposal.toml, |text, (key, value)| suggest::correct(&text, key, value).unwrap());
        let profile = Profile::parse(&file, &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut found = Values::new();
        let reading = profile.read(&bytes, &context(&file));
        for one in &reading.observations {
            let key = (one.sample_id.clone(), one.analyte.clone(), one.value.clone(), one.unit.clone());
            *found.entry(key).or_default() += 1;
        }
        let expected = expected(&expected_path);
        if found == expected {
            whole += 1;
            untouched += usize::from(own.is_empty());
        } else if own.is_empty() {
            println!("{file}: not whole, {} values", reading.observations.len());
        } else {
            let extra: Vec<_> = found.iter().filter(|(key, n)| expected.get(key) != Some(n)).take(2).collect();
            let missing: Vec<_> = expected.iter().filter(|(key, n)| found.get(key) != Some(n)).take(2).collect();
            broken.push(format!(
                "{file}: too much {extra:?}, missing {missing:?}, {:?}\n{text}",
                reading.troubles.first()
            ));
        }
    }
    println!("{whole} of 75 proposals are whole after at most five corrections, {untouched} without any");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(whole >= 70 && untouched >= 44, "{whole}, {untouched}");
}
