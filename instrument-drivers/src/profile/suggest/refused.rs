//! Why no profile is proposed for a source.

use super::writing::DELIMITERS;

/// What was not understood of a source. The sentences are those of the command line; who speaks to people in other languages
/// has words for each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    #[error(
        "no table was found: no line of names stands above lines with numbers, and no columns of texts and decimals stand side \
         by side"
    )]
    NoTable,
    #[error("no delimiter was found: the text has no columns; look at format = \"lines\"")]
    NoDelimiter,
    /// A person named it.
    #[error("'{told}' is none of the delimiters {}", DELIMITERS.join("  "))]
    UnknownDelimiter { told: String },
    /// A person named it.
    #[error("{why}")]
    UnknownEncoding { told: String, why: String },
    #[error(
        "no elements with a sample and values were found in the tree; name the path of the rows in [tree] and the leaves in \
         [[table]]"
    )]
    NoRows,
    #[error("no numbers stand in the elements of the tree")]
    NoNumbers,
    #[error("only tables have rows and columns that can be exchanged")]
    NotTurnable,
    #[error("{0}")]
    TooLargeToTurn(String),
    /// Its bytes are no text of the encoding, beginning with those of a line.
    #[error("{why}")]
    NoText { encoding: &'static str, line: Option<usize>, why: String },
    #[error("{0}")]
    NoWorkbook(String),
    /// The proposal itself is wrong.
    #[error("the proposal is not a profile: {0}")]
    NoProfile(String),
}

impl NotUnderstood {
    /// Stable: what it is called wherever it is put into other words.
    pub fn code(&self) -> &'static str {
        match self {
            NotUnderstood::NoTable => "no-table",
            NotUnderstood::NoDelimiter => "no-delimiter",
            NotUnderstood::UnknownDelimiter { .. } => "unknown-delimiter",
            NotUnderstood::UnknownEncoding { .. } => "unknown-encoding",
            NotUnderstood::NoRows => "no-rows",
            NotUnderstood::NoNumbers => "no-numbers",
            NotUnderstood::NotTurnable => "not-turnable",
            NotUnderstood::TooLargeToTurn(_) => "too-large-to-turn",
            NotUnderstood::NoText { line: Some(_), .. } => "no-text-in-line",
            NotUnderstood::NoText { line: None, .. } => "no-text",
            NotUnderstood::NoWorkbook(_) => "no-workbook",
            NotUnderstood::NoProfile(_) => "no-profile",
        }
    }

    /// What it is about, each under the name by which a sentence names it.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        match self {
            NotUnderstood::UnknownDelimiter { told } => vec![("told", told.clone()), ("known", DELIMITERS.join("  "))],
            NotUnderstood::UnknownEncoding { told, .. } => vec![("told", told.clone())],
            NotUnderstood::NoText { encoding, line, .. } => {
                let line = line.map(|line| ("line", line.to_string()));
                [("encoding", encoding.to_string())].into_iter().chain(line).collect()
            }
            NotUnderstood::NoTable
            | NotUnderstood::NoDelimiter
            | NotUnderstood::NoRows
            | NotUnderstood::NoNumbers
            | NotUnderstood::NotTurnable
            | NotUnderstood::TooLargeToTurn(_)
            | NotUnderstood::NoWorkbook(_)
            | NotUnderstood::NoProfile(_) => Vec::new(),
        }
    }
}
