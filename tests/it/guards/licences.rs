//! Every crate that the program is built from has a licence that allows what we do with it. `cargo metadata` says
//! which; it works without a network once the crates are there.

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
