//! How a step is refused: with every reason at once, each with a stable code, so that both faces (page and API) can
//! say what, where, why and what now in the user's language.
//!
//! A code is declared once, beside the rule it belongs to:
//! `pub const SAMPLE_WRONG_STATE: Problem = Problem::new("sample-wrong-state", 409);`
//! The sentence for a person stands in the message files under `problem-<code>` (and `problem-<code>-advice`).

use std::fmt;

use serde::Serialize;

/// A kind of refusal: its stable code and its HTTP status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Problem {
    pub code: &'static str,
    pub status: u16,
}

impl Problem {
    pub const fn new(code: &'static str, status: u16) -> Self {
        Self { code, status }
    }

    /// A reason without further facts.
    pub fn reason(self) -> Reason {
        Reason { problem: self, field: None, facts: Vec::new() }
    }

    /// A reason with a fact that its sentence names.
    pub fn with(self, name: &'static str, fact: impl Into<Fact>) -> Reason {
        self.reason().with(name, fact)
    }

    /// A reason that belongs to a field of the form or document.
    pub fn at(self, field: impl Into<String>) -> Reason {
        self.reason().at(field)
    }
}

/// A fact named in a sentence: said as it is, itself a word to be translated (a state, a role), words with facts of
/// their own, or a name that a table has in both languages (an analyte).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Text(String),
    Word(String),
    Sentence(String, Vec<(&'static str, Fact)>),
    Named { zh: String, en: String },
}

impl Fact {
    /// A message key, translated when the sentence is made.
    pub fn word(key: impl Into<String>) -> Self {
        Self::Word(key.into())
    }

    /// A message key with the facts that its text names.
    pub fn sentence<const FACTS: usize>(key: impl Into<String>, facts: [(&'static str, Fact); FACTS]) -> Self {
        Self::Sentence(key.into(), facts.into())
    }

    /// A name in both languages; where the English one is missing, the Chinese one is said.
    pub fn named(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Named { zh: zh.into(), en: en.into() }
    }
}

impl<T: fmt::Display> From<T> for Fact {
    fn from(value: T) -> Self {
        Self::Text(value.to_string())
    }
}

/// One reason of a refusal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    pub problem: Problem,
    pub field: Option<String>,
    pub facts: Vec<(&'static str, Fact)>,
}

impl Reason {
    pub fn with(mut self, name: &'static str, fact: impl Into<Fact>) -> Self {
        self.facts.push((name, fact.into()));
        self
    }

    /// A fact that is itself a message key.
    pub fn with_word(mut self, name: &'static str, key: impl Into<String>) -> Self {
        self.facts.push((name, Fact::word(key)));
        self
    }

    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same in a row of a file, counted as a spreadsheet does: the field becomes `rows[5].uscc`.
    pub fn in_row(mut self, row: u64) -> Self {
        self.field = Some(format!("rows[{row}].{}", self.field.unwrap_or_default()));
        self
    }

    /// Row and field, when it lies in a row of a file.
    pub fn place(&self) -> Option<(u64, &str)> {
        let (row, field) = self.field.as_deref()?.strip_prefix("rows[")?.split_once("].")?;
        Some((row.parse().ok()?, field))
    }
}

/// A refused step: at least one reason. The first decides the status of the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    pub reasons: Vec<Reason>,
    /// What stands there now, when the step came too late (HTTP 412).
    pub current: Option<serde_json::Value>,
}

impl Refusal {
    pub fn status(&self) -> u16 {
        self.reasons.first().map_or(500, |reason| reason.problem.status)
    }

    pub fn with_current(mut self, current: serde_json::Value) -> Self {
        self.current = Some(current);
        self
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reasons: vec![reason], current: None }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        problem.reason().into()
    }
}

/// Collects reasons, so that a refusal names all of them and not only the first.
#[derive(Default, Debug)]
pub struct Reasons(Vec<Reason>);

impl Reasons {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, reason: impl Into<Reason>) {
        self.0.push(reason.into());
    }

    pub fn add_if(&mut self, applies: bool, reason: impl FnOnce() -> Reason) {
        if applies {
            self.0.push(reason());
        }
    }

    /// Adds a reason about something that its sentence names by a fact. Where the same reason stands at the same field already,
    /// that one names it too.
    pub fn gather(&mut self, reason: Reason, fact: &'static str, about: &str) {
        let same = |known: &&mut Reason| known.problem == reason.problem && known.field == reason.field;
        let Some(known) = self.0.iter_mut().find(same) else {
            self.0.push(reason.with(fact, about));
            return;
        };
        let named = known.facts.iter_mut().find(|(name, _)| *name == fact);
        if let Some((_, Fact::Text(text))) = named
            && text.split(", ").all(|one| one != about)
        {
            *text += &format!(", {about}");
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn extend(&mut self, more: impl IntoIterator<Item = Reason>) {
        self.0.extend(more);
    }

    /// Takes what was collected elsewhere.
    pub fn take(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Takes what was wrong with a row of a table, each reason with the row's number.
    pub fn of_row(&mut self, row: u64, refusal: Refusal) {
        self.extend(refusal.reasons.into_iter().map(|reason| reason.in_row(row)));
    }

    /// What came of a row of a table; `None` when it was refused, whose reasons are taken.
    ///
    /// # Errors
    /// What broke underneath.
    pub fn row<T>(&mut self, row: u64, done: Outcome<T>) -> Outcome<Option<T>> {
        match done {
            Ok(value) => Ok(Some(value)),
            Err(Fault::Refused(refusal)) => {
                self.of_row(row, refusal);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Ok when nothing was collected.
    pub fn none(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal { reasons: self.0, current: None }) }
    }
}

impl From<Problem> for Reason {
    fn from(problem: Problem) -> Self {
        problem.reason()
    }
}

/// Why a use case did not happen: refused by a rule, or broken underneath.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("refused: {}", codes(.0))]
    Refused(Refusal),
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    #[error("{0}")]
    Broken(String),
}

fn codes(refusal: &Refusal) -> String {
    let named: Vec<String> = refusal
        .reasons
        .iter()
        .map(|reason| {
            let facts: Vec<String> = reason.facts.iter().map(|(name, fact)| format!("{name}={fact:?}")).collect();
            format!("{}({}) {}", reason.problem.code, reason.field.as_deref().unwrap_or(""), facts.join(" "))
        })
        .collect();
    named.join("; ")
}

impl Fault {
    pub fn broken(what: impl fmt::Display) -> Self {
        Self::Broken(what.to_string())
    }

    /// The refusal, when it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Database(_) | Self::Broken(_) => None,
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Reason> for Fault {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason.into())
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.into())
    }
}

/// What a use case yields.
pub type Outcome<T> = Result<T, Fault>;

// Problems that every capability meets.

/// The thing does not exist, or this person may not know that it does.
pub const NOT_FOUND: Problem = Problem::new("not-found", 404);
/// The person's roles do not allow the action.
pub const NOT_ALLOWED: Problem = Problem::new("not-allowed", 403);
/// A required field is empty.
pub const FIELD_MISSING: Problem = Problem::new("field-missing", 422);
/// A field is longer than its place (`limit` characters).
pub const FIELD_TOO_LONG: Problem = Problem::new("field-too-long", 422);
/// A field's value is not of the kind it must be (`expected` says which).
pub const FIELD_INVALID: Problem = Problem::new("field-invalid", 422);
/// The check character of an identifier is wrong (`found`, `correct`).
pub const CHECK_CHARACTER: Problem = Problem::new("check-character", 422);
/// A letter stands in an identifier whose alphabet does not have it (`letter`).
pub const FOREIGN_LETTER: Problem = Problem::new("foreign-letter", 422);
/// The object was changed by someone else since it was read.
pub const STALE_VERSION: Problem = Problem::new("stale-version", 412);
/// The request does not say which version it saw.
pub const VERSION_MISSING: Problem = Problem::new("version-missing", 428);
/// The same idempotency key came with another request.
pub const KEY_REUSED: Problem = Problem::new("idempotency-key-reused", 422);

/// Codes declared here, for the reference list.
pub const PROBLEMS: &[Problem] = &[
    NOT_FOUND,
    NOT_ALLOWED,
    FIELD_MISSING,
    FIELD_TOO_LONG,
    FIELD_INVALID,
    CHECK_CHARACTER,
    FOREIGN_LETTER,
    STALE_VERSION,
    VERSION_MISSING,
    KEY_REUSED,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_reason_about_several_things_is_said_once() {
        let mut reasons = Reasons::new();
        let reason = || FIELD_MISSING.at("reason");
        for label in ["F26-1", "F26-2", "F26-1"] {
            reasons.gather(reason(), "label", label);
        }
        reasons.gather(FIELD_MISSING.at("remark"), "label", "F26-3");
        let said: Vec<_> = reasons.0.iter().map(|one| one.facts.clone()).collect();
        let named = |labels: &str| vec![("label", Fact::Text(labels.to_owned()))];
        assert_eq!(said, [named("F26-1, F26-2"), named("F26-3")], "each field has its own");
    }
}
