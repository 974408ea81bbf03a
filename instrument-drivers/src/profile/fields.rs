//! The fields of an observation, as expressions, and how they become one.

use std::borrow::Cow;

use serde::Deserialize;

use super::choose::{Candidate, Choose, ChooseToml};
use super::comparing::regex;
use super::condition::{Condition, ConditionToml, all};
use super::expr::{Expr, ExprToml, References, Scope};
use super::record_status::StatusRules;
use crate::number::interpret;
use crate::observation::{Observation, Role, Seen, Sink, Status, Trouble};
use crate::trouble::{self, Reason};

/// The keys that every kind of source shares. They stand directly in `[[table]]`, `[astm]`, `[hl7]` and `[vidas]`.
#[derive(Debug, Clone, Deserialize)]
pub struct FieldsToml {
    pub sample: Option<ExprToml>,
    pub analyte: Option<ExprToml>,
    pub value: Option<ExprToml>,
    pub unit: Option<ExprToml>,
    pub flag: Option<ExprToml>,
    pub role: Option<ExprToml>,
    pub completed_at: Option<ExprToml>,
    pub replicate: Option<ExprToml>,
    pub dilution: Option<ExprToml>,
    /// Whether the printed value already holds the dilution: for the whole source, or by a column.
    pub dilution_applied: Option<AppliedToml>,
    /// What is read as a number, when that is not the whole value.
    pub number: Option<ExprToml>,
    pub match_sample: Option<ExprToml>,
    pub match_analyte: Option<ExprToml>,
    /// A value that does not match is a trouble, for sources whose damage can pass their check sums.
    pub value_pattern: Option<String>,
    /// Rows for which these do not all hold are not reportable.
    #[serde(default)]
    pub reportable: Vec<ConditionToml>,
    /// One line of several is reportable.
    pub choose: Option<ChooseToml>,
    /// What an empty value means.
    #[serde(default)]
    pub empty: Empty,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "true, false, or an expression that yields one of these")]
pub enum AppliedToml {
    Always(bool),
    Text(ExprToml),
}

/// What becomes of a row whose value is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Empty {
    /// There is nothing: no observation.
    #[default]
    Skip,
    /// It is an observation without a value (not found, not measured).
    Row,
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct Fields {
    pub sample: Expr,
    pub analyte: Expr,
    pub value: Expr,
    pub unit: Expr,
    pub flag: Expr,
    pub role: Option<Expr>,
    pub completed_at: Option<Expr>,
    pub replicate: Option<Expr>,
    pub dilution: Option<Expr>,
    pub dilution_applied: Option<Applied>,
    pub number: Option<Expr>,
    pub match_sample: Option<Expr>,
    pub match_analyte: Option<Expr>,
    pub value_pattern: Option<regex::Regex>,
    /// Of records only.
    pub status: Option<StatusRules>,
    pub reportable: Vec<Condition>,
    pub choose: Option<Choose>,
    pub empty: Empty,
}

#[derive(Debug, Clone)]
pub enum Applied {
    Always(bool),
    Text(Expr),
}

impl Applied {
    fn at(&self, scope: &dyn Scope) -> Option<bool> {
        match self {
            Applied::Always(applied) => Some(*applied),
            Applied::Text(expr) => match expr.text(scope).to_lowercase().as_str() {
                "true" | "yes" | "y" | "1" | "是" => Some(true),
                "false" | "no" | "n" | "0" | "否" => Some(false),
                _ => None,
            },
        }
    }
}

impl FieldsToml {
    /// `value_default` is the template used when `value` is left out (the cell itself in wide tables).
    pub fn compile(
        &self,
        key: &str,
        references: &mut References,
        value_default: Option<&str>,
    ) -> Result<Fields, String> {
        let mut one = |expr: &Option<ExprToml>, name: &str| match expr {
            Some(expr) => expr.compile(&format!("{key}.{name}"), references).map(Some),
            None => Ok(None),
        };
        let need = |expr: Option<Expr>, name: &str| {
            expr.ok_or_else(|| format!("{key}.{name} is missing: say where it stands"))
        };
        let sample = need(one(&self.sample, "sample")?, "sample")?;
        let analyte = need(one(&self.analyte, "analyte")?, "analyte")?;
        let default = value_default.map(|text| ExprToml::Text(text.into()));
        let value = one(&self.value.clone().or(default), "value")?;
        let value = value
            .ok_or_else(|| format!("{key}.value is missing: say where it stands, or which columns hold values"))?;
        let dilution_applied = match &self.dilution_applied {
            None => None,
            Some(AppliedToml::Always(applied)) => Some(Applied::Always(*applied)),
            Some(AppliedToml::Text(expr)) => one(&Some(expr.clone()), "dilution_applied")?.map(Applied::Text),
        };
        let role = one(&self.role, "role")?;
        if let Some(wrong) = role.iter().flat_map(Expr::written_texts).find(|text| Role::parse(text).is_none()) {
            let names = Role::ALL.map(Role::name).join(", ");
            return Err(format!("{key}.role: '{wrong}' is no role; write one of {names}"));
        }
        Ok(Fields {
            sample,
            analyte,
            value,
            dilution_applied,
            number: one(&self.number, "number")?,
            unit: one(&self.unit, "unit")?.unwrap_or_default(),
            flag: one(&self.flag, "flag")?.unwrap_or_default(),
            role,
            completed_at: one(&self.completed_at, "completed_at")?,
            replicate: one(&self.replicate, "replicate")?,
            dilution: one(&self.dilution, "dilution")?,
            match_sample: one(&self.match_sample, "match_sample")?,
            match_analyte: one(&self.match_analyte, "match_analyte")?,
            value_pattern: self
                .value_pattern
                .as_deref()
                .map(|text| regex(text, &format!("{key}.value_pattern")))
                .transpose()?,
            reportable: ConditionToml::compile_all(&self.reportable, &format!("{key}.reportable"), references)?,
            choose: self
                .choose
                .as_ref()
                .map(|choose| choose.compile(&format!("{key}.choose"), references))
                .transpose()?,
            empty: self.empty,
            status: None,
        })
    }
}

/// Sample and analyte as they stand at one place, with carried values already applied.
pub struct Place<'a> {
    pub sample: Cow<'a, str>,
    pub analyte: Cow<'a, str>,
    pub value: &'a str,
    pub unit: Cow<'a, str>,
    pub position: &'a str,
    pub raw: &'a str,
}

/// Where observations go, and the lines among them that compete for being reportable.
pub struct Output<'a> {
    sink: &'a mut dyn Sink,
    delivered: usize,
    /// What comes is of a message for training or debugging.
    pub is_practice: bool,
}

impl<'a> Output<'a> {
    pub fn new(sink: &'a mut dyn Sink) -> Self {
        Output { sink, delivered: 0, is_practice: false }
    }

    pub fn trouble(&mut self, position: impl Into<String>, reason: impl Into<Reason>) {
        self.sink.trouble(Trouble::new(position, reason));
    }

    /// How many observations were handed on so far.
    pub fn delivered(&self) -> usize {
        self.delivered
    }

    pub fn observation(&mut self, mut one: Seen<'_>) {
        self.delivered += 1;
        if self.is_practice && !matches!(one.role, Role::Order | Role::Query) {
            (one.status, one.status_said) = (Status::Practice, true);
        }
        self.sink.observation(one);
    }
}

impl Fields {
    /// Hands on one observation, and adds it to those that compete for being reportable.
    pub fn observe(&self, scope: &dyn Scope, place: &Place<'_>, out: &mut Output<'_>, candidates: &mut Vec<Candidate>) {
        let Some(one) = self.observation(scope, place, out) else {
            return;
        };
        if let Some(reason) = scope.twofold() {
            out.trouble(place.position, reason);
            return;
        }
        if let Some(choose) = &self.choose {
            candidates.push(choose.candidate(scope, &one, out.delivered));
        }
        out.observation(one);
    }

    /// `None` for an empty value that is skipped. A problem with the value is told beside it.
    fn observation<'s>(&'s self, scope: &'s dyn Scope, place: &'s Place<'s>, out: &mut Output<'_>) -> Option<Seen<'s>> {
        let Place { sample, analyte, value, unit, position, raw } = place;
        let role = match (self.role(scope), scope.twofold()) {
            // Of an empty cell nothing is lost.
            (_, Some(_)) if raw.is_empty() => return None,
            (_, Some(reason)) | (Err(reason), None) => {
                out.trouble(*position, reason);
                return None;
            }
            (Ok(role), None) => role,
        };
        let wants_value = !matches!(role, Role::Order | Role::Query);
        if value.is_empty() && wants_value && self.empty == Empty::Skip {
            return None;
        }
        if let Some(pattern) = &self.value_pattern
            && !value.is_empty()
            && !pattern.is_match(value)
        {
            let reason = trouble::UNLIKELY_VALUE.with("value", *value).with("analyte", &**analyte);
            out.trouble(*position, reason);
            return None;
        }
        if sample.is_empty() {
            out.trouble(*position, trouble::NO_SAMPLE.with("value", *value).with("analyte", &**analyte));
            return None;
        }
        if analyte.is_empty() && wants_value {
            out.trouble(*position, trouble::NO_ANALYTE.with("value", *value).with("sample", &**sample));
            return None;
        }
        let optional = |expr: &'s Option<Expr>| expr.as_ref().map(|e| e.text(scope)).filter(|text| !text.is_empty());
        let meaning = match optional(&self.number) {
            None => interpret(value, scope.numbers()),
            Some(Cow::Borrowed(own)) => interpret(own, scope.numbers()),
            Some(Cow::Owned(own)) => interpret(&own, scope.numbers()).into_owned(),
        };
        if let Some(problem) = meaning.problem {
            out.trouble(*position, problem);
        }
        let status = self.status.as_ref().and_then(|status| status.at(scope));
        Some(Observation {
            match_sample: optional(&self.match_sample).unwrap_or(Cow::Borrowed(sample)),
            match_analyte: optional(&self.match_analyte).unwrap_or(Cow::Borrowed(analyte)),
            flag: self.flag.text(scope),
            role,
            completed_at: optional(&self.completed_at),
            number: meaning.number,
            qualifier: meaning.qualifier,
            bound: meaning.bound,
            replicate: optional(&self.replicate),
            dilution: optional(&self.dilution),
            dilution_applied: self.dilution_applied.as_ref().and_then(|applied| applied.at(scope)),
            status: status.unwrap_or_default(),
            status_said: status.is_some(),
            reportable: all(&self.reportable, scope),
            raw: Cow::Borrowed(raw),
            sample_id: Cow::Borrowed(sample),
            analyte: Cow::Borrowed(analyte),
            value: Cow::Borrowed(value),
            unit: Cow::Borrowed(unit),
            position: Cow::Borrowed(position),
        })
    }

    fn role(&self, scope: &dyn Scope) -> Result<Role, Reason> {
        let Some(expr) = &self.role else {
            return Ok(Role::Sample);
        };
        let text = expr.text(scope);
        Role::parse(&text).ok_or_else(|| {
            let names = Role::ALL.map(Role::name).join(", ");
            trouble::UNKNOWN_ROLE.with("role", text).with("known", names)
        })
    }
}
