//! Conditions of the profile language: which rows begin, belong, are skipped, or end.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use regex::Regex;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::comparing::{regex, squeezed};
use super::expr::{Expr, ExprToml, References, Scope};
use crate::number::{self, NumberRules};

/// As written: `{ cell = "{#1}", matches = '^\d+$' }`. Without `cell` the whole line is meant.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionToml {
    /// An expression; the whole line (cells joined by tabs) when left out.
    cell: Option<ExprToml>,
    /// One of these texts.
    is: Option<OneOrMany>,
    /// A regular expression. Named groups become variables where a section starts.
    matches: Option<String>,
    /// The text is empty.
    empty: Option<bool>,
    /// The same text as this other expression.
    same_as: Option<ExprToml>,
    /// It is a number (or is none), by the declared rules.
    number: Option<bool>,
    /// It is a number, and beyond or within these.
    above: Option<Limit>,
    below: Option<Limit>,
    at_least: Option<Limit>,
    at_most: Option<Limit>,
    /// So many cells of the row are not empty.
    cells: Option<usize>,
    /// The row begins with a blank, or its first cell is empty.
    indented: Option<bool>,
    /// One of these holds.
    any: Option<Vec<ConditionToml>>,
    /// Turns the condition round.
    #[serde(default)]
    not: bool,
}

/// One condition, or a list of them, all of which must hold.
#[derive(Debug, Clone)]
pub struct ConditionsToml(Vec<ConditionToml>);

impl<'de> Deserialize<'de> for ConditionsToml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrAll)
    }
}

/// Tells a condition from a list by its form, so that a mistake within either is named.
struct OneOrAll;

impl<'de> Visitor<'de> for OneOrAll {
    type Value = ConditionsToml;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a condition like { cell = \"{Column}\", is = \"text\" }, or a list of conditions")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ConditionsToml, A::Error> {
        ConditionToml::deserialize(MapAccessDeserializer::new(map)).map(|one| ConditionsToml(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<ConditionsToml, A::Error> {
        Vec::<ConditionToml>::deserialize(SeqAccessDeserializer::new(list)).map(ConditionsToml)
    }
}

impl ConditionsToml {
    /// At least one, for none would always hold.
    pub fn compile(&self, key: &str, references: &mut References) -> Result<Vec<Condition>, String> {
        match self.0.is_empty() {
            true => Err(format!("{key}: needs a condition; without one it would hold for every row")),
            false => ConditionToml::compile_all(&self.0, key, references),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a text or a list of texts")]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A limit is written as a whole number or, so that it stays exact, as a text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a whole number, or a decimal as a text such as \"0.05\"")]
enum Limit {
    Whole(i64),
    Text(String),
}

impl Limit {
    fn compile(&self, key: &str) -> Result<String, String> {
        match self {
            Limit::Whole(number) => Ok(number.to_string()),
            Limit::Text(text) => number::decimal(text.trim(), &NumberRules::default())
                .map(Cow::into_owned)
                .map_err(|error| format!("{key}: {error}")),
        }
    }
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
    tests: Vec<Test>,
    not: bool,
}

#[derive(Debug, Clone)]
enum Test {
    Is(Vec<String>),
    Matches(Regex),
    Empty(bool),
    SameAs(Expr),
    Number(bool),
    Limit(Ordering, bool, String),
    Cells(Expr, String),
    /// Of the line, blanks and all.
    Indented(usize, bool),
    Any(Vec<Condition>),
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
        let mut tests = Vec::new();
        // The cheap ones first; `matches` last, because its groups are what stays.
        if let Some(count) = self.cells {
            let cells = ExprToml::Text("{@cells}".into()).compile(key, references)?;
            tests.push(Test::Cells(cells, count.to_string()));
        }
        if let Some(indented) = self.indented {
            let line = ExprToml::Text("{@line}".into()).compile(key, references)?;
            tests.extend(line.references().first().map(|id| Test::Indented(*id, indented)));
        }
        tests.extend(self.empty.map(Test::Empty));
        tests.extend(self.is.as_ref().map(|texts| Test::Is(texts.list())));
        if let Some(other) = &self.same_as {
            tests.push(Test::SameAs(other.compile(&format!("{key}.same_as"), references)?));
        }
        tests.extend(self.number.map(Test::Number));
        for (limit, name, order, or_equal) in [
            (&self.above, "above", Ordering::Greater, false),
            (&self.below, "below", Ordering::Less, false),
            (&self.at_least, "at_least", Ordering::Greater, true),
            (&self.at_most, "at_most", Ordering::Less, true),
        ] {
            if let Some(limit) = limit {
                tests.push(Test::Limit(order, or_equal, limit.compile(&format!("{key}.{name}"))?));
            }
        }
        if let Some(any) = &self.any {
            tests.push(Test::Any(ConditionToml::compile_all(any, &format!("{key}.any"), references)?));
        }
        if let Some(text) = &self.matches {
            tests.push(Test::Matches(regex(text, &format!("{key}.matches"))?));
        }
        if tests.is_empty() {
            return Err(format!(
                "{key}: a condition needs one of is, matches, empty, same_as, number, above, below, at_least, at_most, cells, indented, any"
            ));
        }
        let cell = self.cell.clone().unwrap_or_else(|| ExprToml::Text("{@line}".into()));
        Ok(Condition { expr: cell.compile(&format!("{key}.cell"), references)?, tests, not: self.not })
    }
}

impl Condition {
    pub fn holds(&self, scope: &dyn Scope) -> bool {
        self.tests_hold(scope, None) != self.not
    }

    /// Whether it holds (before `not`), with the named groups of `matches`.
    pub fn captures(&self, scope: &dyn Scope) -> Option<Vec<(String, String)>> {
        let mut named = Vec::new();
        self.tests_hold(scope, Some(&mut named)).then_some(named)
    }

    fn tests_hold(&self, scope: &dyn Scope, mut named: Option<&mut Vec<(String, String)>>) -> bool {
        let mut text: Option<Cow<'_, str>> = None;
        self.tests.iter().all(|test| {
            let text = match test {
                Test::Cells(..) | Test::Indented(..) | Test::Any(_) => "",
                _ => text.get_or_insert_with(|| self.expr.text(scope)),
            };
            match test {
                Test::Is(texts) => is_one_of(text, texts),
                Test::Empty(empty) => *empty == text.is_empty(),
                Test::SameAs(other) => other.text(scope) == text,
                Test::Number(wanted) => number::exact(text, scope.numbers()).is_ok() == *wanted,
                Test::Limit(order, or_equal, limit) => number::exact(text, scope.numbers()).is_ok_and(|decimal| {
                    let found = number::compare(&decimal, limit);
                    found == *order || (*or_equal && found == Ordering::Equal)
                }),
                Test::Indented(id, wanted) => scope.get(*id).starts_with(char::is_whitespace) == *wanted,
                Test::Cells(expr, count) => expr.text(scope) == count.as_str(),
                Test::Any(conditions) => any(conditions, scope),
                Test::Matches(pattern) => match named.as_deref_mut() {
                    None => pattern.is_match(text),
                    Some(named) => pattern.captures(text).is_some_and(|groups| {
                        named.extend(pattern.capture_names().flatten().filter_map(|name| {
                            let found = groups.name(name)?;
                            Some((name.to_string(), found.as_str().trim().to_string()))
                        }));
                        true
                    }),
                },
            }
        })
    }

    /// Names of the groups of its patterns.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().flat_map(|test| match test {
            Test::Matches(pattern) => pattern.capture_names().flatten().collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    }

    pub fn is_negated(&self) -> bool {
        self.not
    }
}

/// As written, or but for the kind and number of its blanks.
fn is_one_of(text: &str, known: &[String]) -> bool {
    // Their first byte tells nearly all texts apart.
    let begins_alike = |known: &str| known.as_bytes().first() == text.as_bytes().first();
    known.iter().any(|known| known == text || (begins_alike(known) && squeezed(text) == known.as_str()))
}

pub fn all(conditions: &[Condition], scope: &dyn Scope) -> bool {
    conditions.iter().all(|condition| condition.holds(scope))
}

pub fn any(conditions: &[Condition], scope: &dyn Scope) -> bool {
    conditions.iter().any(|condition| condition.holds(scope))
}
