//! A table of the laboratory's own as it comes in, from a page or a program: bytes, and what the sender says about them.

use serde::Deserialize;

use super::Catalogue;
use super::actions::{self, Imported, Kind};
use super::refusing;
use super::table::{Encoding, File};
use crate::domain::input::Checker;
use crate::domain::refusal::Refusal;

/// What the sender says about a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct About {
    pub kind: String,
    /// `gb18030`; otherwise UTF-8 or told by the file itself.
    pub encoding: String,
    pub file_name: String,
}

/// A table without a mistake.
///
/// # Errors
/// An unknown kind; `table-cell` for every mistake of every row, with its row and column.
pub fn read(about: &About, bytes: &[u8], catalogue: &Catalogue) -> Result<Imported, Refusal> {
    let mut check = Checker::new();
    let kind = check.parsed("kind", &about.kind, "expected-catalogue-kind", Kind::parse);
    let kind = check.done(kind)?;
    let encoding = (about.encoding == GB18030).then_some(Encoding::Gb18030);
    let file = File { bytes, name: &about.file_name, encoding };
    actions::read(kind, file, catalogue)
        .map_err(|errors| Refusal { reasons: errors.iter().map(refusing::reason).collect(), current: None })
}

/// Encodings that a sender can name.
pub const ENCODINGS: &[&str] = &["utf-8", GB18030];
const GB18030: &str = "gb18030";
