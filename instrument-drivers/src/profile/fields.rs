//! The fields of an observation, as expressions, and how they become one.

use serde::Deserialize;

use super::choose::{Candidate, Choose, ChooseToml};
use super::condition::{Condition, ConditionToml, all};
use super::expr::{Expr, ExprToml, References, Scope, regex};
use crate::number::interpret;
use crate::observation::{Observation, Reading, Role, Trouble};

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
        let value = need(one(&self.value.clone().or(default), "value")?, "value")?;
        let dilution_applied = match &self.dilution_applied {
            None => None,
            Some(AppliedToml::Always(applied)) => Some(Applied::Always(*applied)),
            Some(AppliedToml::Text(expr)) => one(&Some(expr.clone()), "dilution_applied")?.map(Applied::Text),
        };
        Ok(Fields {
            sample,
            analyte,
            value,
            dilution_applied,
            number: one(&self.number, "number")?,
            unit: one(&self.unit, "unit")?.unwrap_or_default(),
            flag: one(&self.flag, "flag")?.unwrap_or_default(),
            role: one(&self.role, "role")?,
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
        })
    }
}

/// Sample and analyte as they stand at one place, with carried values already applied.
pub struct Place<'a> {
    pub sample: String,
    pub analyte: String,
    pub value: String,
    pub unit: String,
    pub position: String,
    pub raw: &'a str,
}

impl Fields {
    /// Adds one observation to the reading, and to those that compete for being reportable.
    pub fn observe(&self, scope: &dyn Scope, place: Place<'_>, reading: &mut Reading, candidates: &mut Vec<Candidate>) {
        let Some(one) = self.observation(scope, place, &mut reading.troubles) else {
            return;
        };
        if let Some(choose) = &self.choose {
            candidates.push(choose.candidate(scope, &one, reading.observations.len()));
        }
        reading.observations.push(one);
    }

    /// `None` for an empty value that is skipped. A problem with the value is told beside it.
    fn observation(&self, scope: &dyn Scope, place: Place<'_>, troubles: &mut Vec<Trouble>) -> Option<Observation> {
        let role = match self.role(scope) {
            Ok(role) => role,
            Err(reason) => {
                troubles.push(Trouble::new(&place.position, reason));
                return None;
            }
        };
        let wants_value = !matches!(role, Role::Order | Role::Query);
        if place.value.is_empty() && wants_value && self.empty == Empty::Skip {
            return None;
        }
        if let Some(pattern) = &self.value_pattern
            && !place.value.is_empty()
            && !pattern.is_match(&place.value)
        {
            let reason = format!(
                "'{}' ({}) is not a value as this instrument prints them; look at the raw record",
                place.value, place.analyte
            );
            troubles.push(Trouble::new(&place.position, reason));
            return None;
        }
        if place.sample.is_empty() {
            let reason = format!("no sample for the value '{}' of '{}'", place.value, place.analyte);
            troubles.push(Trouble::new(&place.position, reason));
            return None;
        }
        if place.analyte.is_empty() && wants_value {
            let reason = format!("no analyte for the value '{}' of sample '{}'", place.value, place.sample);
            troubles.push(Trouble::new(&place.position, reason));
            return None;
        }
        let own = self.number.as_ref().map(|expr| expr.text(scope)).filter(|text| !text.is_empty());
        let meaning = interpret(own.as_ref().unwrap_or(&place.value), scope.numbers());
        if let Some(problem) = meaning.problem {
            troubles.push(Trouble::new(&place.position, problem));
        }
        let text = |expr: &Expr| expr.text(scope);
        let optional = |expr: &Option<Expr>| expr.as_ref().map(text).filter(|text| !text.is_empty());
        let match_sample = optional(&self.match_sample).unwrap_or_else(|| place.sample.clone());
        let match_analyte = optional(&self.match_analyte).unwrap_or_else(|| place.analyte.clone());
        Some(Observation {
            match_sample,
            match_analyte,
            flag: text(&self.flag),
            role,
            completed_at: optional(&self.completed_at),
            number: meaning.number,
            qualifier: meaning.qualifier,
            bound: meaning.bound,
            replicate: optional(&self.replicate),
            dilution: optional(&self.dilution),
            dilution_applied: self.dilution_applied.as_ref().and_then(|applied| applied.at(scope)),
            reportable: all(&self.reportable, scope),
            raw: place.raw.to_string(),
            sample_id: place.sample,
            analyte: place.analyte,
            value: place.value,
            unit: place.unit,
            position: place.position,
        })
    }

    fn role(&self, scope: &dyn Scope) -> Result<Role, String> {
        let Some(expr) = &self.role else {
            return Ok(Role::Sample);
        };
        let text = expr.text(scope);
        Role::parse(&text).ok_or_else(|| {
            let names = Role::ALL.map(Role::name).join(", ");
            format!("'{text}' is no role; the profile must map it to one of {names}, or give a default")
        })
    }
}
