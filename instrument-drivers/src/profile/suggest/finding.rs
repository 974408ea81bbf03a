//! What was decided on the way to a proposal, how sure it is, and why.

/// One choice of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was decided: `encoding`, `delimiter`, `header`, `shape`, `sample`, …
    pub what: &'static str,
    pub choice: String,
    /// In per cent. 100: proven by the bytes.
    pub sure: u8,
    pub why: String,
}

pub fn note(
    findings: &mut Vec<Finding>,
    what: &'static str,
    choice: impl Into<String>,
    sure: u8,
    why: impl Into<String>,
) {
    findings.push(Finding { what, choice: choice.into(), sure, why: why.into() });
}
