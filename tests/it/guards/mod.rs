//! Guards: rules that hold for the whole program and that no single test shows. Each rule is a function over data, so
//! that a second test can break the rule on purpose and see the guard fail.

mod append_only;
mod architecture;
mod floats;
mod licences;
mod log_words;
mod messages;
mod openapi;
mod parity;
mod reference;
mod requirements;
pub(crate) mod routes;

use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A source file: its path from the root, with forward slashes, and its text.
#[derive(Clone)]
struct Source {
    path: String,
    text: String,
}

/// Every file below a folder whose name ends in one of the endings, in order of path.
fn sources(folder: &str, endings: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let path = path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The source of the server: the rooms that `lib.rs` declares. A folder that it does not declare is not compiled.
fn server_sources(endings: &[&str]) -> Vec<Source> {
    let lib = std::fs::read_to_string(root().join("lis-server/src/lib.rs")).expect("lib.rs");
    let declared =
        |room: &str| lib.lines().any(|line| line.ends_with(&format!("mod {};", room.trim_end_matches(".rs"))));
    sources("lis-server/src", endings)
        .into_iter()
        .filter(|source| {
            let inside = source.path.strip_prefix("lis-server/src/").unwrap_or_default();
            let room = inside.split('/').next().unwrap_or_default();
            ["lib.rs", "main.rs"].contains(&room) || declared(room)
        })
        .collect()
}

/// Stops with every complaint, one per line.
#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{} complaints:\n  {}", complaints.len(), complaints.join("\n  "));
}
