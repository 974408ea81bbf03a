//! How texts of a profile are compared with those of a source: by their words, or by a pattern.

use regex::Regex;

/// Trimmed, with every run of blanks, tabs and line breaks as one blank: how header texts are compared.
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A regular expression of a profile; the error names the key.
pub fn regex(text: &str, key: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| format!("{key}: '{text}' is not a regular expression: {error}"))
}
