//! Rules for the whole crate, each with its message.

use std::path::{Path, PathBuf};

use instrument_drivers::profile::{Maturity, Profile};

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn crate_sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Lines that name Unix-only things without `#[cfg(unix)]` in the eight lines above.
fn unix_only(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let marks = ["std::os::unix", "TTYPort", "libc::", "nix::"];
    (0..lines.len())
        .filter(|at| {
            let line = lines[*at].trim_start();
            let covered = lines[at.saturating_sub(8)..*at].iter().any(|above| above.contains("cfg(unix)"));
            !line.starts_with("//") && marks.iter().any(|mark| line.contains(mark)) && !covered
        })
        .collect()
}

#[test]
fn unix_only_code_stands_under_cfg() {
    for (path, text) in crate_sources() {
        assert_eq!(unix_only(&text), [] as [usize; 0], "{}: put it under #[cfg(unix)]", path.display());
    }
    assert_eq!(unix_only("fn x() {\n    serialport::TTYPort::pair();\n}"), [1], "the scan itself must see it");
}

/// Only `port/`, `agent/` and the command line do input and output.
fn does_io(text: &str) -> bool {
    let own = text.split("#[cfg(test)]").next().unwrap_or("");
    ["std::fs", "std::net", "serialport", "ureq::", "thread::sleep", "Instant::now()", "Utc::now"]
        .iter()
        .any(|mark| own.contains(mark))
}

#[test]
fn only_ports_and_agent_do_io() {
    for (path, text) in crate_sources() {
        let place = path.to_string_lossy().replace('\\', "/");
        let rim = ["/src/port/", "/src/agent/", "/src/cli/", "/src/bin/"].iter().any(|room| place.contains(room));
        // A profile may be a file: loading it by its path is the one exception.
        let exception = place.ends_with("/src/profile/mod.rs");
        assert!(rim || exception || !does_io(&text), "{place} does input or output, or asks the clock");
    }
    assert!(does_io("let now = Instant::now();"), "the scan itself must see it");
}

#[test]
fn files_stay_short_enough_to_read() {
    for (path, text) in crate_sources() {
        let count = text.lines().count();
        assert!(count <= 700, "{} has {count} lines; split it", path.display());
        assert!(text.starts_with("//!"), "{} does not say what it is for", path.display());
    }
}

/// `docs/reference/profiles.md` lists what is shipped. With UPDATE_DOCS=1 it is written anew.
#[test]
fn the_list_of_profiles_is_up_to_date() {
    let mut text = String::from(
        "# Shipped profiles\n\nGenerated from the profiles themselves; a test compares it (`UPDATE_DOCS=1` writes it anew).\n\n\
         *other way*: the profile answers the instrument's questions, or writes a sequence file, and how far that is to be \
         trusted.\n\n\
         | name | instrument | technique | maturity | source | other way |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for name in Profile::shipped() {
        let profile = Profile::load(name).unwrap();
        let word = |maturity: &Maturity| serde_json::to_value(maturity).unwrap().as_str().unwrap().to_owned();
        let questions = profile.query.as_ref().map(|query| format!("questions ({})", word(&query.maturity)));
        let sequence = profile.worklist.as_ref().map(|list| format!("sequence file ({})", word(&list.maturity)));
        let other_way: Vec<String> = questions.into_iter().chain(sequence).collect();
        text.push_str(&format!(
            "| `{name}` | {} | {} | {} | {} | {} |\n",
            profile.title,
            profile.technique,
            word(&profile.maturity),
            profile.source,
            other_way.join(", ")
        ));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/profiles.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "{} is old: run this test with UPDATE_DOCS=1", path.display());
}
