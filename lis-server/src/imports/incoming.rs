//! A list as it comes in, from a page or a program: bytes, and what the sender says about them.

use serde::Deserialize;

use super::lists::{Checked, List};
use crate::catalogue::table::{Encoding, File};
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

/// Encodings that a sender can name.
pub const ENCODINGS: &[&str] = &["utf-8", GB18030];
const GB18030: &str = "gb18030";

/// A list of which every row is right for itself.
///
/// # Errors
/// An unknown kind or encoding; every mistake of every row, with its row and column.
pub fn read(about: &About, bytes: &[u8], laboratory: &str) -> Result<Checked, Refusal> {
    let mut check = Checker::new();
    let list = check.parsed("kind", &about.kind, "expected-list", List::parse);
    let known = |code: &str| ENCODINGS.iter().copied().find(|known| *known == code);
    let encoding = check.optional("encoding", &about.encoding, "expected-listed", known);
    let list = check.done(list)?;
    let encoding = (encoding == Some(GB18030)).then_some(Encoding::Gb18030);
    (list.read)(File { bytes, name: &about.file_name, encoding }, laboratory)
}
