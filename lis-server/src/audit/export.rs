//! The log as a file that an outsider can verify without the server: one JSON object per line, in order of position.
//! `lis-server audit export > log.ndjson`, then `lis-server audit verify --file log.ndjson` (or any program that
//! follows `docs/reference/log.md`).

use std::io::{self, BufRead, Write};

use super::verify::{Damage, Linked, Root, Walk, page_after};
use crate::db::Conn;
use crate::domain::refusal::{Fault, Outcome};

/// Writes the whole log; says how many entries.
pub fn export(conn: &mut Conn, out: &mut impl Write) -> Outcome<i64> {
    let mut position = 0;
    loop {
        let page = page_after(conn, position)?;
        let Some(last) = page.last() else {
            return Ok(position);
        };
        position = last.position;
        for linked in &page {
            let line = serde_json::to_string(linked).map_err(Fault::broken)?;
            writeln!(out, "{line}").map_err(Fault::broken)?;
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum FileDamage {
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("line {line} is not an entry of the log: {why}")]
    NotAnEntry { line: usize, why: String },
    #[error(transparent)]
    Log(#[from] Damage),
}

/// Verifies an export; returns the walk at its end (entries, chain hash), to be compared with a known head.
pub fn verify_file(file: impl BufRead) -> Result<Walk, FileDamage> {
    verify_file_past(file, None)
}

/// The same, and that it passes a root that was kept elsewhere.
pub fn verify_file_past(file: impl BufRead, root: Option<Root>) -> Result<Walk, FileDamage> {
    let mut walk = Walk::past(root);
    for (index, line) in file.lines().enumerate() {
        let linked: Linked = serde_json::from_str(&line?)
            .map_err(|error| FileDamage::NotAnEntry { line: index + 1, why: error.to_string() })?;
        walk.step(&linked)?;
    }
    walk.end()?;
    Ok(walk)
}
