//! `[numbers]`: how numbers are printed, for a whole source, for a table, or for some of its columns.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::condition::{Condition, ConditionToml, OneOrMany};
use super::expr::References;
use crate::number::NumberRules;
use crate::observation::Qualifier;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumbersToml {
    /// `"."`, `","`, or both for a source that prints either.
    decimal_mark: Option<OneOrMany>,
    thousands: Option<String>,
    #[serde(default)]
    markers: BTreeMap<String, Qualifier>,
}

impl NumbersToml {
    /// What is left out is as in `above`.
    pub fn compile(&self, key: &str, above: &NumberRules) -> Result<NumberRules, String> {
        let marks = match &self.decimal_mark {
            None => [Some(above.decimal_mark), above.other_mark],
            Some(written) => match &written.list()[..] {
                [one] => [Some(mark(one, key)?), None],
                [one, other] => [Some(mark(one, key)?), Some(mark(other, key)?)],
                _ => return Err(format!("{key}.decimal_mark: one or two marks, \".\" or \",\"")),
            },
        };
        let thousands = match self.thousands.as_deref() {
            None => above.thousands.clone(),
            Some("none") => None,
            Some(text) => Some(text.to_string()),
        };
        if let Some(text) = &thousands {
            let one = text.chars().count() == 1 && !text.starts_with(|c: char| c.is_ascii_digit());
            if !one || marks.iter().flatten().any(|mark| text.starts_with(*mark)) {
                return Err(format!(
                    "{key}.thousands: '{text}' must be one character, no digit and not the decimal mark; \"none\" for none"
                ));
            }
        }
        if thousands.is_some() && marks[1].is_some() {
            return Err(format!(
                "{key}.thousands: with two decimal marks a group of three digits has no clear meaning"
            ));
        }
        let own = self.markers.iter().map(|(text, qualifier)| (text.clone(), *qualifier));
        Ok(NumberRules {
            decimal_mark: marks[0].unwrap_or('.'),
            other_mark: marks[1],
            thousands,
            markers: own.chain(above.markers.iter().cloned()).collect(),
        })
    }
}

fn mark(text: &str, key: &str) -> Result<char, String> {
    match text {
        "." => Ok('.'),
        "," => Ok(','),
        other => Err(format!("{key}.decimal_mark: '{other}' must be \".\" or \",\"")),
    }
}

/// `numbers` of a table: one set of rules, or several of which the first whose conditions hold counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a table with decimal_mark, thousands, markers, or a list of such with when")]
pub enum TableNumbersToml {
    One(NumbersToml),
    Several(Vec<SomeNumbersToml>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SomeNumbersToml {
    #[serde(default)]
    when: Vec<ConditionToml>,
    decimal_mark: Option<OneOrMany>,
    thousands: Option<String>,
    #[serde(default)]
    markers: BTreeMap<String, Qualifier>,
}

impl TableNumbersToml {
    pub fn compile(
        &self,
        key: &str,
        above: &NumberRules,
        references: &mut References,
    ) -> Result<Vec<(Vec<Condition>, NumberRules)>, String> {
        match self {
            TableNumbersToml::One(rules) => Ok(vec![(Vec::new(), rules.compile(key, above)?)]),
            TableNumbersToml::Several(list) => list
                .iter()
                .map(|some| {
                    let rules = NumbersToml {
                        decimal_mark: some.decimal_mark.clone(),
                        thousands: some.thousands.clone(),
                        markers: some.markers.clone(),
                    };
                    let when = ConditionToml::compile_all(&some.when, &format!("{key}.when"), references)?;
                    Ok((when, rules.compile(key, above)?))
                })
                .collect(),
        }
    }
}
