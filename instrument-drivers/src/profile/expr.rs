//! Expressions of the profile language: where a text comes from and how it is cut.
//!
//! `"{Well} {Sample Name}"` is a template. A table adds steps in this order: `from` (template), `pattern` (regular
//! expression; its first group, or the whole match, stays), `lookup` (a stored table), `when` and `map` (translation),
//! `default`. A list of expressions yields the first text that is not empty. `carry` repeats the last one down the rows.

use regex::Regex;
use serde::Deserialize;

/// A place that a template names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `{Name}`, `{Name#2}` (second column of that name), `{Name?}` (may be absent).
    Column { name: String, nth: usize, optional: bool },
    /// `{#3}` from the left, `{#-1}` from the right.
    Cell(i32),
    /// `{@name}`: found by a key, a section title, or built in.
    Variable(String),
    /// `{@head}`, `{@head1}`: text above the value's column; 0 is the last header row.
    Head(usize),
    /// `{@next}`, `{@next2}`: cells to the right of the value.
    Neighbour(usize),
    /// `{O.3}`, `{OBX.5.2}`: field and component of a record.
    Field { record: String, field: usize, component: Option<usize> },
}

/// All references of one set of rules, each once; templates hold their index.
#[derive(Debug, Clone, Default)]
pub struct References {
    list: Vec<Reference>,
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
            special(name, "head")
                .map(Reference::Head)
                .or_else(|| special(name, "next").map(Reference::Neighbour))
                .unwrap_or_else(|| Reference::Variable(name.to_string()))
        } else if let Some(number) = text.strip_prefix('#').and_then(|digits| digits.parse::<i32>().ok()) {
            if number == 0 {
                return Err("{#0}: cells are counted from 1, or from -1 at the right end".into());
            }
            Reference::Cell(number)
        } else if self.records {
            field(text)
                .ok_or_else(|| format!("'{{{text}}}' is not a field: write {{O.3}} or {{O.4.2}}, or {{@name}}"))?
        } else {
            column(text)
        };
        Ok(self.intern(reference))
    }
}

/// `head` is 0, `head2` is 2; `next` is 1.
fn special(name: &str, word: &str) -> Option<usize> {
    let rest = name.strip_prefix(word)?;
    match (rest, word) {
        ("", "next") => Some(1),
        ("", _) => Some(0),
        (digits, _) => digits.parse().ok().filter(|number| *number > 0),
    }
}

fn field(text: &str) -> Option<Reference> {
    let mut parts = text.split('.');
    let record = parts.next().filter(|name| !name.is_empty())?.to_string();
    let field = match parts.next() {
        // VIDAS fields have a tag and no number.
        None => {
            return Some(Reference::Field { record, field: 0, component: None });
        }
        Some(number) => number.parse().ok()?,
    };
    let component = match parts.next() {
        None => None,
        Some(number) => Some(number.parse().ok()?),
    };
    parts.next().is_none().then_some(Reference::Field { record, field, component })
}

fn column(text: &str) -> Reference {
    let (text, optional) = match text.strip_suffix('?') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (name, nth) = match text.rsplit_once('#').map(|(name, digits)| (name, digits.parse::<usize>())) {
        Some((name, Ok(nth))) if nth > 0 && !name.is_empty() => (name, nth),
        _ => (text, 1),
    };
    Reference::Column { name: squeeze(name), nth, optional }
}

/// Trimmed, with every run of blanks, tabs and line breaks as one blank: how header texts are compared.
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the references of a template stand for at one place of a source.
pub trait Scope {
    fn get(&self, id: usize) -> &str;
    fn lookup(&self, table: &str, key: &str) -> Option<&str>;
}

/// A compiled expression.
#[derive(Debug, Clone, Default)]
pub struct Expr {
    alternatives: Vec<Step>,
    pub carry: bool,
}

#[derive(Debug, Clone)]
struct Step {
    parts: Vec<Part>,
    pattern: Option<Regex>,
    lookup: Option<String>,
    when: Vec<(Regex, String)>,
    map: Vec<(String, String)>,
    default: Option<String>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Reference(usize),
}

impl Expr {
    /// The trimmed text at this place; empty when there is none.
    pub fn text(&self, scope: &dyn Scope) -> String {
        self.alternatives.iter().map(|step| step.text(scope)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// References of each alternative.
    pub fn alternatives(&self) -> impl Iterator<Item = Vec<usize>> {
        self.alternatives.iter().map(|step| {
            let references = step.parts.iter().filter_map(|part| match part {
                Part::Reference(id) => Some(*id),
                Part::Text(_) => None,
            });
            references.collect()
        })
    }
}

impl Step {
    fn text(&self, scope: &dyn Scope) -> String {
        let mut text = match &self.parts[..] {
            [Part::Reference(id)] => scope.get(*id).trim().to_string(),
            parts => {
                let filled: String = parts
                    .iter()
                    .map(|part| match part {
                        Part::Text(text) => text.as_str(),
                        Part::Reference(id) => scope.get(*id).trim(),
                    })
                    .collect();
                filled.trim().to_string()
            }
        };
        if let Some(pattern) = &self.pattern {
            text = match pattern.captures(&text) {
                Some(groups) => {
                    let group = groups.iter().skip(1).flatten().next().or(groups.get(0));
                    group.map_or("", |found| found.as_str()).trim().to_string()
                }
                None => String::new(),
            };
        }
        if let Some(table) = &self.lookup {
            text = scope.lookup(table, &text).unwrap_or_default().to_string();
        }
        if !self.when.is_empty() || !self.map.is_empty() {
            let by_pattern = self.when.iter().find(|(pattern, _)| pattern.is_match(&text)).map(|(_, to)| to);
            let found = by_pattern.or_else(|| self.map.iter().find(|(from, _)| *from == text).map(|(_, to)| to));
            match (found, &self.default) {
                (Some(to), _) => return to.clone(),
                (None, Some(default)) => return default.clone(),
                (None, None) => {}
            }
        }
        match &self.default {
            Some(default) if text.is_empty() => default.clone(),
            _ => text,
        }
    }
}

/// An expression as written in TOML.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "an expression: a text like \"{Column}\", a table with the keys from, pattern, lookup, when, map, default, carry, or a list of such"
)]
pub enum ExprToml {
    Text(String),
    Step(Box<StepToml>),
    List(Vec<ExprToml>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepToml {
    from: String,
    pattern: Option<String>,
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
        Ok(expr)
    }

    fn add_to(&self, expr: &mut Expr, key: &str, references: &mut References) -> Result<(), String> {
        match self {
            ExprToml::Text(text) => expr.alternatives.push(Step {
                parts: template(text, key, references)?,
                pattern: None,
                lookup: None,
                when: Vec::new(),
                map: Vec::new(),
                default: None,
            }),
            ExprToml::Step(step) => {
                let when =
                    step.when.iter().map(|when| Ok((regex(&when.matches, &format!("{key}.when"))?, when.then.clone())));
                expr.carry |= step.carry;
                expr.alternatives.push(Step {
                    parts: template(&step.from, &format!("{key}.from"), references)?,
                    pattern: step.pattern.as_deref().map(|text| regex(text, &format!("{key}.pattern"))).transpose()?,
                    lookup: step.lookup.clone(),
                    when: when.collect::<Result<_, String>>()?,
                    map: step.map.clone().into_iter().collect(),
                    default: step.default.clone(),
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

/// A regular expression of a profile; the error names the key.
pub fn regex(text: &str, key: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| format!("{key}: '{text}' is not a regular expression: {error}"))
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
mod tests {
    use super::*;

    struct Fixed(Vec<&'static str>);

    impl Scope for Fixed {
        fn get(&self, id: usize) -> &str {
            self.0[id]
        }
        fn lookup(&self, table: &str, key: &str) -> Option<&str> {
            (table == "layout" && key == "A1").then_some("STD1")
        }
    }

    #[derive(Deserialize)]
    struct Holder {
        e: ExprToml,
    }

    fn check(toml_text: &str, values: Vec<&'static str>, expected: &str) {
        let holder: Holder = toml::from_str(toml_text).unwrap();
        let mut references = References::default();
        let expr = holder.e.compile("e", &mut references).unwrap();
        assert_eq!(expr.text(&Fixed(values)), expected, "{toml_text}");
    }

    #[test]
    fn expressions() {
        check(r#"e = "{Well} {Sample}""#, vec!["A1", " x "], "A1 x");
        check(r#"e = ["{A}", "{B}"]"#, vec!["", "b"], "b");
        check(r#"e = { from = "{File}", pattern = '([^\\]+)$' }"#, vec![r"C:\data\run7.qgd"], "run7.qgd");
        check(r#"e = { from = "{T}", map = { "Cal" = "standard" }, default = "sample" }"#, vec!["Cal"], "standard");
        check(r#"e = { from = "{T}", map = { "Cal" = "standard" }, default = "sample" }"#, vec!["x"], "sample");
        check(r#"e = { from = "{T}", when = [{ matches = "^BLK", then = "blank" }] }"#, vec!["BLK3"], "blank");
        check(r#"e = { from = "{W}", lookup = "layout" }"#, vec!["A1"], "STD1");
        check(r#"e = "absorbance""#, vec![], "absorbance");
    }

    #[test]
    fn references_have_their_kinds() {
        let mut references = References::default();
        for (text, expected) in [
            ("Unit#2", Reference::Column { name: "Unit".into(), nth: 2, optional: false }),
            ("ID#", Reference::Column { name: "ID#".into(), nth: 1, optional: false }),
            ("Flag?", Reference::Column { name: "Flag".into(), nth: 1, optional: true }),
            ("#-1", Reference::Cell(-1)),
            ("@head2", Reference::Head(2)),
            ("@next", Reference::Neighbour(1)),
            ("@sheet", Reference::Variable("sheet".into())),
        ] {
            let id = references.parse(text).unwrap();
            assert_eq!(references.get(id), &expected, "{text}");
        }
        references.records = true;
        let id = references.parse("O.4.2").unwrap();
        assert_eq!(references.get(id), &Reference::Field { record: "O".into(), field: 4, component: Some(2) });
    }

    #[test]
    fn mistakes_are_named() {
        let mut references = References::default();
        let error = ExprToml::Text("{Sample".into()).compile("table.sample", &mut references).unwrap_err();
        assert!(error.contains("table.sample"), "{error}");
        let error = toml::from_str::<Holder>("e = 5").err().unwrap().to_string();
        assert!(error.contains("an expression"), "{error}");
    }
}
