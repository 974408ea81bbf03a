//! Qualitative results: what an instrument says of presence, in a word. A word that a person mapped stands before those that
//! the instrument's profile declares; any other word says nothing, and the row waits for a person.

use instrument_drivers::profile::findings as declared;

use super::calls::Finding;
use super::store::{Mapping, ObservationRow};

/// The kind of a mapping from a printed word to one of [`TARGETS`].
pub const KIND: &str = "finding";
/// What a word may be mapped to.
pub const TARGETS: &[&str] = &["detected", "not_detected"];

/// The word of a row in the place where its instrument prints it.
pub fn word<'r>(row: &'r ObservationRow, words: Option<&declared::Findings>) -> &'r str {
    words.map_or(row.value.as_str(), |words| words.word(&row.value, &row.flag))
}

/// What a row says, by the words that its instrument's profile declares.
pub fn finding(row: &ObservationRow, words: Option<&declared::Findings>, mappings: &[Mapping]) -> Option<Finding> {
    let word = word(row, words);
    let mapped = mappings.iter().find(|(kind, source, _)| kind == KIND && source == word);
    if let Some((.., target)) = mapped {
        return match target.as_str() {
            "detected" => Some(Finding::Detected),
            "not_detected" => Some(Finding::NotDetected),
            _ => None,
        };
    }
    words?.of(word).map(|said| match said {
        declared::Finding::Detected => Finding::Detected,
        declared::Finding::NotDetected => Finding::NotDetected,
    })
}
