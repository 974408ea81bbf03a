//! Which of several lines of one sample and analyte is the one to report: the last, the mean, the highest dilution.
//!
//! This needs all lines, so it is settled when the whole source is read. What is not chosen stays in the reading, not
//! reportable.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use super::condition::{Condition, ConditionToml};
use super::expr::{Expr, ExprToml, References, Scope};
use crate::number::{compare, exact};
use crate::observation::{Observation, Seen};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChooseToml {
    /// Lines for which an earlier condition holds come before the others.
    #[serde(default)]
    prefer: Vec<ConditionToml>,
    /// Among these.
    #[serde(default)]
    take: Take,
    /// What `highest` and `lowest` compare, as exact numbers; the value when left out.
    of: Option<ExprToml>,
    /// Lines of one group compete; sample, analyte and role when left out.
    group: Option<ExprToml>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Take {
    First,
    #[default]
    Last,
    Highest,
    Lowest,
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct Choose {
    prefer: Vec<Condition>,
    take: Take,
    of: Option<Expr>,
    group: Option<Expr>,
}

/// One line that competes.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Place of its observation in the reading.
    index: usize,
    group: String,
    rank: usize,
    number: Option<String>,
}

impl ChooseToml {
    pub fn compile(&self, key: &str, references: &mut References) -> Result<Choose, String> {
        let mut expr = |expr: &Option<ExprToml>, name: &str| {
            expr.as_ref().map(|expr| expr.compile(&format!("{key}.{name}"), references)).transpose()
        };
        let (of, group) = (expr(&self.of, "of")?, expr(&self.group, "group")?);
        if of.is_some() && !matches!(self.take, Take::Highest | Take::Lowest) {
            return Err(format!("{key}.of: is compared by take = \"highest\" or \"lowest\" only"));
        }
        let prefer = ConditionToml::compile_all(&self.prefer, &format!("{key}.prefer"), references)?;
        Ok(Choose { prefer, take: self.take, of, group })
    }
}

impl Choose {
    /// `index`: where the observation will stand in the reading.
    pub fn candidate(&self, scope: &dyn Scope, one: &Seen<'_>, index: usize) -> Candidate {
        let group = match &self.group {
            Some(expr) => expr.text(scope).into_owned(),
            None => [&*one.sample_id, one.role.name(), &*one.match_analyte].join("\u{1f}"),
        };
        let number = match &self.of {
            Some(expr) => exact(&expr.text(scope), scope.numbers()).ok().map(Cow::into_owned),
            None => one.number.as_deref().map(String::from),
        };
        let rank = self.prefer.iter().position(|condition| condition.holds(scope)).unwrap_or(self.prefer.len());
        Candidate { index, group, rank, number }
    }

    /// Leaves one reportable line in every group.
    pub fn settle(&self, candidates: &[Candidate], observations: &mut [Observation]) {
        let mut best: HashMap<&str, &Candidate> = HashMap::new();
        let reportable =
            |one: &&Candidate| observations.get(one.index).is_some_and(|observation| observation.reportable);
        for one in candidates.iter().filter(reportable) {
            best.entry(&one.group)
                .and_modify(|known| {
                    if self.is_better(one, known) {
                        *known = one;
                    }
                })
                .or_insert(one);
        }
        let chosen: std::collections::HashSet<usize> = best.values().map(|one| one.index).collect();
        for one in candidates.iter().filter(|one| !chosen.contains(&one.index)) {
            if let Some(observation) = observations.get_mut(one.index) {
                observation.reportable = false;
            }
        }
    }

    /// Whether a later line takes the place of an earlier one.
    fn is_better(&self, later: &Candidate, earlier: &Candidate) -> bool {
        if later.rank != earlier.rank {
            return later.rank < earlier.rank;
        }
        let order = match (&later.number, &earlier.number) {
            (Some(later), Some(earlier)) => compare(later, earlier),
            (later, earlier) => later.is_some().cmp(&earlier.is_some()),
        };
        match self.take {
            Take::First => false,
            Take::Last => true,
            Take::Highest => order.is_ge(),
            // What is no number is not the lowest.
            Take::Lowest if later.number.is_none() != earlier.number.is_none() => later.number.is_some(),
            Take::Lowest => order.is_le(),
        }
    }
}
