//! Every crate that the program is built from, and every font that it prints with, has a licence that allows what we do
//! with it. `cargo metadata` says which; it works without a network once the crates are there. A font says it in its
//! own table of names.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{none, root};

/// Permissive licences by SPDX identifier; MPL-2.0 for crates used as they are.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "NCSA",
    "OFL-1.1",
    "PostgreSQL",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// Crates whose licence stands in a file instead of an expression, read by a person. Crate, what the file is.
const READ: &[(&str, &str)] = &[];

/// Whether an SPDX expression allows a way that is on the list.
fn is_allowed(expression: &str) -> bool {
    // Old manifests write "MIT/Apache-2.0".
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at) && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize) -> bool {
    let mut allowed = all_of(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        allowed |= all_of(words, at);
    }
    allowed
}

fn all_of(words: &[&str], at: &mut usize) -> bool {
    let mut allowed = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        allowed &= one(words, at);
    }
    allowed
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let allowed = any_of(words, at);
        *at += 1;
        return allowed;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return ALLOWED.contains(&format!("{word} WITH {exception}").as_str());
    }
    ALLOWED.contains(word)
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON of cargo");
    metadata["packages"].as_array().expect("a list of packages").clone()
}

fn complaints(packages: &[Value]) -> Vec<String> {
    packages
        .iter()
        .filter_map(|package| {
            let name = package["name"].as_str().unwrap_or_default();
            match package["license"].as_str() {
                Some(expression) if is_allowed(expression) => None,
                Some(expression) => Some(format!("{name} has the licence {expression}, which is not on the list")),
                None if READ.iter().any(|(read, _)| *read == name) => None,
                None => Some(format!("{name} names no licence ({})", package["license_file"])),
            }
        })
        .collect()
}

#[test]
fn every_crate_has_a_permissive_licence() {
    none(complaints(&packages()));
}

#[test]
fn a_crate_with_another_licence_is_noticed() {
    let crate_with = |licence: Value| serde_json::json!({"name": "x", "license": licence, "license_file": null});
    assert_eq!(
        complaints(&[
            crate_with("MIT OR GPL-3.0-only".into()),
            crate_with("GPL-3.0-only".into()),
            crate_with(Value::Null)
        ]),
        ["x has the licence GPL-3.0-only, which is not on the list", "x names no licence (null)"]
    );
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR Apache-2.0",
    ] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in [
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR Apache-2.0) AND GPL-2.0",
        "GPL-2.0 WITH Classpath-exception-2.0",
        "",
    ] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

/// What a font under the SIL Open Font License says of itself.
const FONT_LICENCE: &str = "SIL Open Font License, Version 1.1";

/// The id of the licence in a font's table of names (OpenType, `name`).
const LICENCE_NAME: u16 = 13;

/// What is wrong with a font: its bytes, and the text of the licence beside it.
fn font_complaint(font: &str, bytes: &[u8], licence_file: Option<&str>) -> Option<String> {
    let said = licence_of(bytes).unwrap_or_default();
    if !said.contains(FONT_LICENCE) {
        return Some(format!("{font} says of its licence {said:?}, not {FONT_LICENCE}"));
    }
    // The licence asks that its text goes with every copy.
    let goes_with = licence_file.is_some_and(|text| text.contains(FONT_LICENCE));
    (!goes_with).then(|| format!("{font} has no OFL.txt beside it"))
}

/// The licence in a font's table of names, as a Windows name in UTF-16.
fn licence_of(font: &[u8]) -> Option<String> {
    let u16_at = |at: usize| Some(u16::from_be_bytes(font.get(at..at + 2)?.try_into().ok()?));
    let u32_at = |at: usize| Some(u32::from_be_bytes(font.get(at..at + 4)?.try_into().ok()?) as usize);
    let tables = usize::from(u16_at(4)?);
    let table = (0..tables).map(|number| 12 + 16 * number).find(|at| font.get(*at..at + 4) == Some(b"name"))?;
    let names = u32_at(table + 8)?;
    let texts = names + usize::from(u16_at(names + 4)?);
    (0..usize::from(u16_at(names + 2)?)).map(|number| names + 6 + 12 * number).find_map(|record| {
        const WINDOWS: u16 = 3;
        (u16_at(record)? == WINDOWS && u16_at(record + 6)? == LICENCE_NAME).then_some(())?;
        let (length, at) = (usize::from(u16_at(record + 8)?), texts + usize::from(u16_at(record + 10)?));
        let units: Vec<u16> =
            font.get(at..at + length)?.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    })
}

/// Every font of the repository.
fn fonts() -> Vec<PathBuf> {
    let (mut found, mut folders) =
        (Vec::new(), ["lis-server", "instrument-drivers", "tests", "docs"].map(|f| root().join(f)).to_vec());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a readable folder").path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
            if path.is_dir() {
                folders.push(path);
            } else if ["ttf", "otf", "ttc", "otc", "woff", "woff2"].contains(&ending.as_str()) {
                found.push(path);
            }
        }
    }
    found
}

fn licence_beside(font: &Path) -> Option<String> {
    std::fs::read_to_string(font.with_file_name("OFL.txt")).ok()
}

#[test]
fn every_font_has_a_licence_that_lets_it_go_with_the_program() {
    let fonts = fonts();
    assert_eq!(fonts.len(), 4, "two weights of two fonts: {fonts:?}");
    let complaint = |font: &PathBuf| {
        let bytes = std::fs::read(font).expect("a readable font");
        font_complaint(&font.display().to_string(), &bytes, licence_beside(font).as_deref())
    };
    none(fonts.iter().filter_map(complaint).collect());
}

#[test]
fn a_font_with_another_licence_is_noticed() {
    let font = fonts().pop().expect("a font");
    let mut bytes = std::fs::read(&font).expect("a readable font");
    let beside = licence_beside(&font);
    assert_eq!(font_complaint("f", &bytes, None).as_deref(), Some("f has no OFL.txt beside it"));
    // "SIL" becomes "XIL" in the font's own words.
    let words: Vec<u8> = "SIL Open".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let at = bytes.windows(words.len()).position(|window| window == words).expect("the licence in UTF-16");
    bytes[at + 1] = b'X';
    let said = font_complaint("f", &bytes, beside.as_deref()).expect("a complaint");
    assert!(said.contains("XIL Open Font License") && said.contains("not SIL"), "{said}");
    assert!(font_complaint("f", b"no font", beside.as_deref()).is_some());
}
