//! Conditions of the profile language: which rows begin, belong, are skipped, or end.

use regex::Regex;
use serde::Deserialize;

use super::expr::{Expr, ExprToml, References, Scope, regex};

/// As written: `{ cell = "{#1}", matches = '^\d+$' }`. Without `cell` the whole line is meant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionToml {
    /// A template; the whole line (cells joined by tabs) when left out.
    cell: Option<String>,
    /// One of these texts, exactly.
    is: Option<OneOrMany>,
    /// A regular expression. Named groups become variables where a section starts.
    matches: Option<String>,
    /// The text is empty.
    empty: Option<bool>,
    /// So many cells of the row are not empty.
    cells: Option<usize>,
    /// Turns the condition round.
    #[serde(default)]
    not: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a text or a list of texts")]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub fn list(&self) -> Vec<String> {
        match self {
            OneOrMany::One(text) => vec![text.clone()],
            OneOrMany::Many(texts) => texts.clone(),
        }
    }
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct Condition {
    expr: Expr,
    is: Option<Vec<String>>,
    matches: Option<Regex>,
    empty: Option<bool>,
    cells: Option<(Expr, String)>,
    not: bool,
}

impl ConditionToml {
    pub fn compile_all(
        list: &[ConditionToml],
        key: &str,
        references: &mut References,
    ) -> Result<Vec<Condition>, String> {
        list.iter().map(|one| one.compile(key, references)).collect()
    }

    pub fn compile(&self, key: &str, references: &mut References) -> Result<Condition, String> {
        if self.is.is_none() && self.matches.is_none() && self.empty.is_none() && self.cells.is_none() {
            return Err(format!("{key}: a condition needs one of is, matches, empty, cells"));
        }
        let cell = self.cell.clone().unwrap_or_else(|| "{@line}".into());
        let cells = match self.cells {
            Some(count) => Some((ExprToml::Text("{@cells}".into()).compile(key, references)?, count.to_string())),
            None => None,
        };
        Ok(Condition {
            expr: ExprToml::Text(cell).compile(&format!("{key}.cell"), references)?,
            is: self.is.as_ref().map(OneOrMany::list),
            matches: self.matches.as_deref().map(|text| regex(text, &format!("{key}.matches"))).transpose()?,
            empty: self.empty,
            cells,
            not: self.not,
        })
    }
}

impl Condition {
    pub fn holds(&self, scope: &dyn Scope) -> bool {
        self.captures(scope).is_some() != self.not
    }

    /// Whether it holds (before `not`), with the named groups of `matches`.
    pub fn captures(&self, scope: &dyn Scope) -> Option<Vec<(String, String)>> {
        if let Some((expr, count)) = &self.cells
            && expr.text(scope) != *count
        {
            return None;
        }
        if self.is.is_none() && self.matches.is_none() && self.empty.is_none() {
            return Some(Vec::new());
        }
        let text = self.expr.text(scope);
        if self.is.as_ref().is_some_and(|texts| !texts.contains(&text))
            || self.empty.is_some_and(|empty| empty != text.is_empty())
        {
            return None;
        }
        let Some(pattern) = &self.matches else {
            return Some(Vec::new());
        };
        let groups = pattern.captures(&text)?;
        let named = pattern.capture_names().flatten().filter_map(|name| {
            let found = groups.name(name)?;
            Some((name.to_string(), found.as_str().trim().to_string()))
        });
        Some(named.collect())
    }

    pub fn is_negated(&self) -> bool {
        self.not
    }
}

pub fn all(conditions: &[Condition], scope: &dyn Scope) -> bool {
    conditions.iter().all(|condition| condition.holds(scope))
}

pub fn any(conditions: &[Condition], scope: &dyn Scope) -> bool {
    conditions.iter().any(|condition| condition.holds(scope))
}
