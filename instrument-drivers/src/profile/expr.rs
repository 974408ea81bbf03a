//! Expressions of the profile language: where a text comes from and how it is cut.
//!
//! `"{Well} {Sample Name}"` is a template. A table adds steps in this order: `from` (template), `pattern` (regular
//! expression; its first group, or the whole match, stays; with `to` what is written there), `lookup` (a stored table),
//! `when` and `map` (translation), `default`; what they yield is a template too. A list of expressions yields the first text
//! that is not empty. `carry` repeats the last one down the rows.

use std::borrow::Cow;

use regex::Regex;
use serde::Deserialize;

use super::comparing::regex;
use super::reference::{Reference, field, special};
use crate::number::NumberRules;
use crate::trouble::Reason;

/// All references of one set of rules, each once; templates hold their index.
#[derive(Debug, Clone, Default)]
pub struct References {
    list: Vec<Reference>,
    /// Expressions that are carried down, counted.
    carries: usize,
    /// Stored tables in which something is looked up.
    lookups: Vec<String>,
    /// Record formats read `{O.3}` as a field; tables read it as a column name.
    records: bool,
}

impl References {
    /// For formats made of records.
    pub fn for_records() -> Self {
        References { records: true, ..References::default() }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Reference> {
        self.list.iter()
    }

    /// Names of the stored tables in which something is looked up.
    pub fn lookups(&self) -> &[String] {
        &self.lookups
    }

    /// Some expression is carried down.
    pub fn carries(&self) -> bool {
        self.carries > 0
    }

    pub fn get(&self, id: usize) -> &Reference {
        &self.list[id]
    }

    fn intern(&mut self, reference: Reference) -> usize {
        match self.list.iter().position(|known| *known == reference) {
            Some(id) => id,
            None => {
                self.list.push(reference);
                self.list.len() - 1
            }
        }
    }

    fn parse(&mut self, text: &str) -> Result<usize, String> {
        let reference = if let Some(name) = text.strip_prefix('@') {
            special(name).unwrap_or_else(|| Reference::Variable(name.to_string()))
        } else if let Some(place) = text.strip_prefix('#').and_then(Reference::place) {
            place?
        } else if self.records {
            field(text)
                .ok_or_else(|| format!("'{{{text}}}' is not a field: write {{O.3}} or {{O.4.2}}, or {{@name}}"))?
        } else {
            Reference::column(text)?
        };
        Ok(self.intern(reference))
    }
}

/// What the references of a template stand for at one place of a source.
pub trait Scope {
    fn get(&self, id: usize) -> &str;
    fn lookup(&self, table: &str, key: &str) -> Option<&str>;
    /// A key was looked up here that stands for two values: what depends on it cannot be told.
    fn twofold(&self) -> Option<Reason> {
        None
    }
    /// How numbers are printed here.
    fn numbers(&self) -> &NumberRules;
    /// For an expression that is carried down: the text, or the last one when it is empty.
    fn carry<'s>(&'s self, _id: usize, text: Cow<'s, str>) -> Cow<'s, str> {
        text
    }
}

/// A compiled expression.
#[derive(Debug, Clone, Default)]
pub struct Expr {
    alternatives: Vec<Step>,
    /// An empty text repeats the last one; the number tells which.
    carry: Option<usize>,
    /// All that the expression refers to, in its order.
    references: Vec<usize>,
    /// It is nothing but this reference, as most are.
    bare: Option<usize>,
}

#[derive(Debug, Clone)]
struct Step {
    /// Templates; the first that is not empty counts.
    from: Vec<Vec<Part>>,
    pattern: Option<Regex>,
    /// The cells among what the pattern is asked of.
    cells: Vec<usize>,
    to: Option<String>,
    lookup: Option<String>,
    when: Vec<(Regex, Vec<Part>)>,
    map: Vec<(String, Vec<Part>)>,
    default: Option<Vec<Part>>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Reference(usize),
}

impl Expr {
    /// The trimmed text at this place; empty when there is none. It is copied only where it is put together.
    pub fn text<'s>(&'s self, scope: &'s dyn Scope) -> Cow<'s, str> {
        if let Some(id) = self.bare {
            return Cow::Borrowed(trim(scope.get(id)));
        }
        let text = first_filled(self.alternatives.iter().map(|step| step.text(scope)));
        match self.carry {
            Some(id) => scope.carry(id, text),
            None => text,
        }
    }

    /// For a place where the text is empty: what stands in its cells all the same, and does not fit the pattern.
    pub fn misfit<'s>(&'s self, scope: &'s dyn Scope) -> Option<Cow<'s, str>> {
        self.alternatives.iter().find_map(|step| step.misfit(scope))
    }

    /// Some pattern is asked of cells, and may not fit them.
    pub fn may_misfit(&self) -> bool {
        self.alternatives.iter().any(|step| !step.cells.is_empty())
    }

    /// No expression was given.
    pub fn is_nothing(&self) -> bool {
        self.alternatives.is_empty()
    }

    /// Texts that do not come from the source: those that refer to nothing, and what stands where nothing was found.
    pub fn own_texts(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().flat_map(|step| step.from.iter().chain(&step.default).filter_map(|parts| plain(parts)))
    }

    /// Every text that the profile itself writes: the outcomes of its translations, and what refers to nothing.
    pub fn written_texts(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().flat_map(|step| {
            let translates = !step.when.is_empty() || !step.map.is_empty();
            let stays = !translates && step.pattern.is_none() && step.lookup.is_none();
            let whole = step.from.iter().filter(move |_| stays);
            whole.chain(step.outcomes()).filter_map(|parts| plain(parts))
        })
    }

    /// All references, in the order of the alternatives.
    pub fn references(&self) -> &[usize] {
        &self.references
    }

    /// References of each alternative, and of all that it may be translated to.
    pub fn alternatives(&self) -> impl Iterator<Item = impl Iterator<Item = usize>> {
        self.alternatives.iter().flat_map(|step| {
            let outcomes = move || step.outcomes().flat_map(|parts| references(parts));
            step.from.iter().map(move |parts| references(parts).chain(outcomes()))
        })
    }
}

impl Step {
    /// One reference and nothing else.
    fn is_bare(&self) -> bool {
        matches!(&self.from[..], [parts] if matches!(parts[..], [Part::Reference(_)]))
            && self.pattern.is_none()
            && self.lookup.is_none()
            && self.when.is_empty()
            && self.map.is_empty()
            && self.default.is_none()
    }

    /// What its text may be translated to.
    fn outcomes(&self) -> impl Iterator<Item = &Vec<Part>> {
        let translated = self.when.iter().map(|(_, to)| to).chain(self.map.iter().map(|(_, to)| to));
        translated.chain(&self.default)
    }

    fn text<'s>(&'s self, scope: &'s dyn Scope) -> Cow<'s, str> {
        let mut text = first_filled(self.from.iter().map(|parts| filled(parts, scope)));
        if let Some(pattern) = &self.pattern {
            text = match (&self.to, text) {
                (Some(to), text) => {
                    let mut written = String::new();
                    if let Some(groups) = pattern.captures(&text) {
                        groups.expand(to, &mut written);
                    }
                    trimmed(written)
                }
                (None, Cow::Borrowed(text)) => Cow::Borrowed(first_group(pattern, text).unwrap_or("")),
                (None, Cow::Owned(text)) => Cow::Owned(first_group(pattern, &text).unwrap_or("").to_string()),
            };
        }
        if let Some(table) = &self.lookup {
            text = Cow::Borrowed(scope.lookup(table, &text).unwrap_or_default());
        }
        if !self.when.is_empty() || !self.map.is_empty() {
            let by_pattern = self.when.iter().find(|(pattern, _)| pattern.is_match(&text)).map(|(_, to)| to);
            let found = by_pattern.or_else(|| self.map.iter().find(|(from, _)| *from == text).map(|(_, to)| to));
            if let Some(to) = found.or(self.default.as_ref()) {
                return filled(to, scope);
            }
        }
        match &self.default {
            Some(default) if text.is_empty() => filled(default, scope),
            _ => text,
        }
    }

    fn misfit<'s>(&'s self, scope: &'s dyn Scope) -> Option<Cow<'s, str>> {
        let pattern = self.pattern.as_ref()?;
        if self.cells.iter().all(|id| trim(scope.get(*id)).is_empty()) {
            return None;
        }
        let text = first_filled(self.from.iter().map(|parts| filled(parts, scope)));
        (!pattern.is_match(&text)).then_some(text)
    }
}

/// The first text that is not empty.
fn first_filled<'s>(mut texts: impl Iterator<Item = Cow<'s, str>>) -> Cow<'s, str> {
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}

/// What a pattern finds: its first group that takes part, or the whole match; trimmed.
pub fn first_group<'t>(pattern: &Regex, text: &'t str) -> Option<&'t str> {
    // Groups cost several times as much as the match alone.
    let found = match pattern.captures_len() {
        1 => pattern.find(text)?,
        _ => {
            let groups = pattern.captures(text)?;
            groups.iter().skip(1).flatten().next().or(groups.get(0))?
        }
    };
    Some(found.as_str().trim())
}

/// The text of a template that refers to nothing.
fn plain(parts: &[Part]) -> Option<&str> {
    match parts {
        [Part::Text(text)] => Some(text.trim()),
        _ => None,
    }
}

fn references(parts: &[Part]) -> impl Iterator<Item = usize> {
    parts.iter().filter_map(|part| match part {
        Part::Reference(id) => Some(*id),
        Part::Text(_) => None,
    })
}

/// The trimmed text of a template.
fn filled<'s>(parts: &'s [Part], scope: &'s dyn Scope) -> Cow<'s, str> {
    let text = |part: &'s Part| match part {
        Part::Text(text) => text.as_str(),
        Part::Reference(id) => trim(scope.get(*id)),
    };
    match parts {
        [one] => Cow::Borrowed(trim(text(one))),
        several => trimmed(several.iter().map(text).collect()),
    }
}

/// As `str::trim`; most texts have nothing to trim, which two bytes show.
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

fn trimmed(text: String) -> Cow<'static, str> {
    match text.trim() {
        whole if whole.len() == text.len() => Cow::Owned(text),
        part => Cow::Owned(part.to_string()),
    }
}

/// An expression as written in TOML.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "an expression: a text like \"{Column}\", a table with the keys from (a text or a list of texts), pattern, to, lookup, when, map, default, carry, or a list of such"
)]
pub enum ExprToml {
    Text(String),
    Step(Box<StepToml>),
    List(Vec<ExprToml>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepToml {
    from: FromToml,
    pattern: Option<String>,
    /// What a fitting `pattern` becomes: `$1-$2`.
    to: Option<String>,
    lookup: Option<String>,
    #[serde(default)]
    when: Vec<WhenToml>,
    #[serde(default)]
    map: std::collections::BTreeMap<String, String>,
    default: Option<String>,
    #[serde(default)]
    carry: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a template, or a list of templates of which the first that is not empty counts")]
enum FromToml {
    One(String),
    Several(Vec<String>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenToml {
    matches: String,
    then: String,
}

impl ExprToml {
    /// `key` names the place in the profile for error texts.
    pub fn compile(&self, key: &str, references: &mut References) -> Result<Expr, String> {
        let mut expr = Expr::default();
        self.add_to(&mut expr, key, references)?;
        expr.references =
            expr.alternatives.iter().flat_map(|step| &step.from).flat_map(|parts| self::references(parts)).collect();
        expr.bare = match (&expr.alternatives[..], &expr.references[..]) {
            ([step], [id]) if step.is_bare() && expr.carry.is_none() => Some(*id),
            _ => None,
        };
        Ok(expr)
    }

    fn add_to(&self, expr: &mut Expr, key: &str, references: &mut References) -> Result<(), String> {
        match self {
            ExprToml::Text(text) => expr.alternatives.push(Step {
                from: vec![template(text, key, references)?],
                pattern: None,
                cells: Vec::new(),
                to: None,
                lookup: None,
                when: Vec::new(),
                map: Vec::new(),
                default: None,
            }),
            ExprToml::Step(step) => {
                let from = match &step.from {
                    FromToml::One(text) => std::slice::from_ref(text),
                    FromToml::Several(texts) => texts,
                };
                if step.to.is_some() && step.pattern.is_none() {
                    return Err(format!("{key}.to: needs pattern, whose groups it writes"));
                }
                let pattern = step.pattern.as_deref().map(|text| regex(text, &format!("{key}.pattern"))).transpose()?;
                if let (Some(to), Some(text), Some(pattern)) = (&step.to, &step.pattern, &pattern) {
                    check_groups(to, text, pattern).map_err(|reason| format!("{key}.to: {reason}"))?;
                }
                if step.carry && expr.carry.is_none() {
                    expr.carry = Some(references.carries);
                    references.carries += 1;
                }
                references.lookups.extend(step.lookup.clone());
                let from = from.iter().map(|text| template(text, &format!("{key}.from"), references));
                let from: Vec<Vec<Part>> = from.collect::<Result<_, String>>()?;
                let asked = from.iter().filter(|_| pattern.is_some()).flat_map(|parts| self::references(parts));
                let cells = asked.filter(|id| references.get(*id).is_cell()).collect();
                let mut outcome = |text: &str, of: &str| template(text, &format!("{key}.{of}"), references);
                let when = step
                    .when
                    .iter()
                    .map(|when| Ok((regex(&when.matches, &format!("{key}.when"))?, outcome(&when.then, "when")?)));
                let when = when.collect::<Result<_, String>>()?;
                let map = step.map.iter().map(|(from, to)| Ok((from.clone(), outcome(to, "map")?)));
                let map = map.collect::<Result<_, String>>()?;
                let default = step.default.as_deref().map(|text| outcome(text, "default")).transpose()?;
                expr.alternatives.push(Step {
                    from,
                    pattern,
                    cells,
                    to: step.to.clone(),
                    lookup: step.lookup.clone(),
                    when,
                    map,
                    default,
                });
            }
            ExprToml::List(list) => {
                for one in list {
                    one.add_to(expr, key, references)?;
                }
            }
        }
        Ok(())
    }
}

/// Every group that is written is one of the pattern: `$1_` is the group `1_`, and would be nothing.
fn check_groups(to: &str, text: &str, pattern: &Regex) -> Result<(), String> {
    let mut rest = to;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        let (name, behind) = if let Some(behind) = rest.strip_prefix('$') {
            ("", behind)
        } else if let Some(inner) = rest.strip_prefix('{') {
            inner.split_once('}').unwrap_or(("", rest))
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest.split_at(end)
        };
        let known = match name.parse::<usize>() {
            Ok(number) => number < pattern.captures_len(),
            Err(_) => name.is_empty() || pattern.capture_names().flatten().any(|known| known == name),
        };
        if !known {
            return Err(format!(
                "'${name}' is no group of the pattern '{text}'; where a letter, a digit or _ follows the group write ${{1}}"
            ));
        }
        rest = behind;
    }
    Ok(())
}

fn template(text: &str, key: &str, references: &mut References) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        if at > 0 {
            parts.push(Part::Text(rest[..at].to_string()));
        }
        let end = rest[at..].find('}').ok_or_else(|| format!("{key}: '{text}' has a '{{' without its '}}'"))? + at;
        let id = references.parse(&rest[at + 1..end]).map_err(|error| format!("{key}: {error}"))?;
        parts.push(Part::Reference(id));
        rest = &rest[end + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_string()));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
