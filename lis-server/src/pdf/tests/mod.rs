//! Every document in both languages, its text read back from the file; what may not happen with any text.
//!
//! Text is read by `pdftotext` (poppler-utils), codes by `zbarimg` (zbar-tools). Where one is not installed the test says
//! aloud what it leaves out; `tests/run` installs both.

mod papers;
mod records;
mod reports;
mod robustness;
mod samples;

use std::io::Write;
use std::{fs, process::Command};

use super::{Options, Typesetter};

fn typesetter() -> Typesetter {
    Typesetter::new(&Options::default()).expect("the embedded templates parse")
}

/// The text of a file, page by page, without any white space; `None`, said aloud, when there is no program to read it.
fn pages_of(pdf: &[u8]) -> Option<Vec<String>> {
    let text = run("pdftotext", &["-layout"], pdf, &["-"])?;
    let mut pages: Vec<String> =
        text.split('\u{c}').map(|page| page.chars().filter(|c| !c.is_whitespace()).collect()).collect();
    pages.pop();
    Some(pages)
}

fn text_of(pdf: &[u8]) -> Option<String> {
    pages_of(pdf).map(|pages| pages.concat())
}

/// Runs a program on a file with these bytes and returns what it prints.
fn run(program: &str, options: &[&str], bytes: &[u8], after: &[&str]) -> Option<String> {
    if Command::new(program).arg("-v").output().is_err() {
        skipped("what a document says", &format!("{program} is not installed"));
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("document.pdf");
    fs::write(&path, bytes).expect("writable");
    let output = Command::new(program).args(options).arg(&path).args(after).output().expect("runs");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

/// Says what is not checked, straight to the terminal: the test runner keeps what a passing test prints to itself.
fn skipped(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED {what}: {why} (tests/run installs what is missing)");
}

/// Fails with the whole text when one of the expected pieces is not in it. White space does not count.
#[track_caller]
fn assert_says(text: &str, expected: &[&str]) {
    for piece in expected {
        let piece: String = piece.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(text.contains(&piece), "\"{piece}\" is not in:\n{text}");
    }
}

#[track_caller]
fn assert_silent(text: &str, unexpected: &[&str]) {
    for piece in unexpected {
        assert!(!text.contains(piece), "\"{piece}\" is in:\n{text}");
    }
}
