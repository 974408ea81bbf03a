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
    sources_in("src")
}

fn sources_in(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Lines that name what only Unix has and stand in no item under `#[cfg(unix)]` or `#[cfg(target_os = "linux")]`, in a file that
/// is not under it as a whole.
fn unix_only(text: &str) -> Vec<usize> {
    let marks = [
        "std::os::unix",
        "std::os::linux",
        "std::os::fd",
        "signal::unix",
        "UnixStream",
        "UnixListener",
        "TTYPort",
        "libc::",
        "nix::",
        "rustix::",
        "\"/dev/",
        "\"/proc/",
        "\"/tmp",
        "Command::new(\"sh\")",
        "PermissionsExt",
        "AsRawFd",
        "FileTypeExt",
        "from_mode(",
        // The crate's own, which is under it.
        "pseudo_terminal(",
    ];
    let is_unix = |line: &str| {
        let cfg = ["unix", "target_os = \"linux\""].map(|what| format!("cfg({what})]"));
        cfg.iter().any(|cfg| line.ends_with(cfg.as_str())) && line.starts_with('#')
    };
    if text.lines().any(|line| line.starts_with("#![") && is_unix(line)) {
        return Vec::new();
    }
    let mut outside = Vec::new();
    // How many braces are open, and how many were where the item under `cfg` begins, while it lasts.
    let (mut open, mut item) = (0, None);
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("//") {
            continue;
        }
        if item.is_none() {
            if is_unix(line) {
                item = Some(open);
            } else if marks.iter().any(|mark| line.contains(mark)) {
                outside.push(at);
            }
        }
        open += line.matches('{').count() as i64 - line.matches('}').count() as i64;
        // An item ends with the line that closes its braces or, where it has none, with its semicolon.
        if item.is_some_and(|before| open <= before) && line.ends_with(['}', ';']) {
            item = None;
        }
    }
    outside
}

#[test]
fn unix_only_code_stands_under_cfg() {
    // The tests run on Windows too. This file names what it looks for.
    let tests = sources_in("tests").into_iter().filter(|(path, _)| !path.ends_with("guards.rs"));
    for (path, text) in crate_sources().into_iter().chain(tests) {
        let found: Vec<usize> = unix_only(&text).into_iter().map(|at| at + 1).collect();
        assert!(found.is_empty(), "{}, lines {found:?}: put it under #[cfg(unix)]", path.display());
    }
    // The scan itself must see what is outside, and only that.
    let call = "    serialport::TTYPort::pair();\n";
    assert_eq!(unix_only(&format!("fn x() {{\n{call}}}")), [1]);
    assert_eq!(unix_only(&format!("#[cfg(unix)]\nuse a;\nfn x() {{\n{call}}}")), [3]);
    assert_eq!(unix_only(&format!("#[cfg(unix)]\nfn x() {{\n    if a {{\n    }}\n}}\nfn y() {{\n{call}}}")), [6]);
    assert_eq!(unix_only(&format!("#![cfg(unix)]\nfn x() {{\n{call}}}")), [] as [usize; 0]);
    assert_eq!(unix_only(&format!("#[cfg(target_os = \"linux\")]\nfn x() {{\n{call}}}")), [] as [usize; 0]);
    assert_eq!(unix_only(&format!("#[cfg(not(unix))]\nfn x() {{\n{call}}}")), [2]);
    assert_eq!(unix_only("fn x() {\n    let (a, b) = pseudo_terminal().unwrap();\n}"), [1]);
    let long = "    a();\n".repeat(20);
    assert_eq!(unix_only(&format!("#[cfg(unix)]\nfn x() {{\n{long}{call}}}")), [] as [usize; 0]);
}

/// Only `port/`, `disk/`, `agent/` and the command line do input and output; `clock.rs` lets time pass.
fn does_io(text: &str) -> bool {
    let own = own(text);
    ["std::fs", "std::net", "serialport", "ureq::", "thread::sleep", "Instant::now()", "Utc::now"]
        .iter()
        .any(|mark| own.contains(mark))
}

#[test]
fn only_ports_disk_and_agent_do_io() {
    for (path, text) in crate_sources() {
        let place = path.to_string_lossy().replace('\\', "/");
        let rim = ["/src/port/", "/src/disk/", "/src/agent/", "/src/cli/", "/src/bin/", "/src/clock.rs"]
            .iter()
            .any(|room| place.contains(room));
        // A profile may be a file: loading it by its path is the one exception.
        let exception = place.ends_with("/src/profile/mod.rs");
        assert!(rim || exception || !does_io(&text), "{place} does input or output, or asks the clock");
    }
    assert!(does_io("let now = Instant::now();"), "the scan itself must see it");
}

/// The code of a file without its tests.
fn own(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or("")
}

/// Names a shipped profile: a device would have code of its own.
fn names_a_profile(text: &str) -> Option<&'static str> {
    Profile::shipped().find(|name| own(text).contains(&format!("\"{name}\"")))
}

/// The true exceptions stand in `docs/reference/profile-language.md`.
#[test]
fn no_code_belongs_to_one_instrument() {
    for (path, text) in crate_sources() {
        let place = path.to_string_lossy().replace('\\', "/");
        assert_eq!(names_a_profile(&text), None, "{place}: what an instrument needs is said in its profile");
        // Weight lines are written for the simulator; the profiles read them.
        let writes = ["balances::", "mt_sics::"].iter().any(|mark| own(&text).contains(mark));
        assert!(!writes || place.contains("/src/port/simulate/"), "{place} writes the lines of a balance");
    }
    assert_eq!(names_a_profile("if name == \"roche_cobas\" {"), Some("roche_cobas"));
    assert_eq!(names_a_profile("use crate::wire::astm_orders;\n#[cfg(test)]\n\"roche_cobas\""), None);
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
         trusted; where it is known from stands in the second table.\n\n\
         | name | instrument | technique | maturity | source | other way |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    let mut sources = String::from(
        "\n## Sequence files and questions\n\n| name | what | maturity | source |\n| --- | --- | --- | --- |\n",
    );
    for name in Profile::shipped() {
        let profile = Profile::load(name).unwrap();
        let word = |maturity: &Maturity| serde_json::to_value(maturity).unwrap().as_str().unwrap().to_owned();
        let questions = profile.query.as_ref().map(|query| format!("questions ({})", word(&query.maturity)));
        let sequence = profile.worklist.as_ref().map(|list| format!("sequence file ({})", word(&list.maturity)));
        let of = |what: &str, maturity: &Maturity, source: &str| {
            format!("| `{name}` | {what} | {} | {source} |\n", word(maturity))
        };
        sources.extend(profile.query.as_ref().map(|query| of("questions", &query.maturity, &query.source)));
        sources.extend(profile.worklist.as_ref().map(|list| of("sequence file", &list.maturity, &list.source)));
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
    text.push_str(&sources);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/profiles.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "{} is old: run this test with UPDATE_DOCS=1", path.display());
}
