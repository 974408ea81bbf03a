//! What the rules ask a person about a result (`judgement.md` 6 and 7): whether a finding of what must not be detected is
//! confirmed, whether an additive that is not permitted was carried over, by which factor a product is concentrated or
//! diluted. The answer becomes part of what is asked, so that the rules judge by it and a replay gives the same bytes.

use serde::{Deserialize, Serialize};

use super::compute::{Asked, LIMIT_BASIS, LimitAsked, LimitRowAsked, Record};
use crate::catalogue::import::Evaluation;
use crate::judgement::concentration::StatedFactor;
use crate::judgement::explain::{Step, StepKey};
use crate::judgement::limit::{Bound, LimitRule};
use crate::judgement::measured::{CarryOver, Measured, MeasuredValue};
use crate::judgement::number::Factor;
use crate::judgement::record::{Answer, JudgementRecord};

/// What a person established; nothing of it is known at first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Established {
    /// A second determination or a confirmatory method found it again.
    pub confirmed: bool,
    pub carry_over: CarryOver,
    /// Concentration factor of a dried or concentrated product, dilution of one that is diluted: the limit is multiplied by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<Factor>,
    /// Where the factor comes from, if it was stated before the test; a decision has its own basis.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
}

/// Words of what can be established about a finding.
pub const FINDINGS: &[(&str, bool, CarryOver)] = &[
    ("confirmed", true, CarryOver::Unknown),
    ("carry_over_shown", false, CarryOver::Shown),
    ("carry_over_excluded", false, CarryOver::Excluded),
];

impl Established {
    /// The word of what was established about the finding; empty: nothing.
    pub fn word(&self) -> &'static str {
        let same = |(_, confirmed, carry_over): &&(&str, bool, CarryOver)| {
            (*confirmed, *carry_over) == (self.confirmed, self.carry_over)
        };
        FINDINGS.iter().find(same).map_or("", |(code, ..)| *code)
    }
}

/// What a verdict waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    Confirmation,
    CarryOver,
}

impl Open {
    /// The code of the note that says so.
    pub fn note(self) -> &'static str {
        match self {
            Self::Confirmation => FINDING_UNCONFIRMED,
            Self::CarryOver => CARRY_OVER_OPEN,
        }
    }

    /// What a judgement leaves to a person.
    pub fn of(judgement: &JudgementRecord) -> Option<Self> {
        let Answer::Item(judged) = &judgement.answer else { return None };
        match judged.reason.key {
            StepKey::AbsentUnconfirmed | StepKey::AbsentBelowLoq => Some(Self::Confirmation),
            StepKey::UseToBeExplained => Some(Self::CarryOver),
            _ => None,
        }
    }
}

pub const FINDING_UNCONFIRMED: &str = "finding-unconfirmed";
pub const CARRY_OVER_OPEN: &str = "carry-over-open";

impl Asked {
    /// The value with what is known about the finding. Only what must not be detected has to be confirmed.
    pub(super) fn measured(&self, value: MeasuredValue, bound: &Bound) -> Measured {
        let known = self.established.clone().unwrap_or_default();
        let confirmed = known.confirmed || *bound != Bound::NotDetectable;
        Measured { confirmed, carry_over: known.carry_over, ..Measured::new(value, Some(&self.unit)) }
    }

    /// A limit as it holds for the product: of a concentrated or diluted one multiplied by its factor (GB 2762 3.5).
    pub(super) fn scaled(&self, rule: &LimitRule) -> LimitRule {
        let times = self.established.as_ref().and_then(|known| known.times.clone());
        let times = times.filter(|_| rule.region().is_some());
        LimitRule { times: times.or_else(|| rule.times.clone()), ..rule.clone() }
    }

    /// The same question about a value that has changed: what was established about the old finding does not speak for it.
    /// The factor of the product does.
    pub(super) fn anew(self) -> Self {
        let known = self.established.filter(|known| known.times.is_some());
        let established =
            known.map(|known| Established { times: known.times, basis: known.basis, ..Established::default() });
        Self { established, ..self }
    }

    /// The same with the factor that was stated for the product. Where a total is compared with the limit of its species no
    /// factor is applied, and a person looks at it.
    pub(super) fn concentrated(mut self, stated: Option<StatedFactor>) -> Self {
        let Some(StatedFactor { times, basis }) = stated else { return self };
        if self.can_be_scaled() {
            self.established = Some(Established { times: Some(times), basis, ..Established::default() });
        } else if let LimitAsked::Row(LimitRowAsked { species: Some(_), doubts, .. }) = &mut self.limit
            && !doubts.iter().any(|doubt| doubt == LIMIT_BASIS)
        {
            doubts.push(LIMIT_BASIS.to_owned());
        }
        self
    }

    /// Whether a factor can be applied: there is a number to multiply, and it limits this one result alone.
    pub fn can_be_scaled(&self) -> bool {
        match &self.limit {
            LimitAsked::Row(LimitRowAsked { rule: Some(rule), species: None, .. }) => {
                rule.region().is_some() && self.evaluation != Evaluation::Proportion
            }
            _ => false,
        }
    }
}

impl Record {
    /// Where the factor comes from that the limit was multiplied by.
    pub(super) fn factor_stated(&self) -> Option<Step> {
        let known = self.asked.established.as_ref().filter(|known| !known.basis.is_empty())?;
        let times = known.times.as_ref()?.as_str().to_owned();
        Some(Step::new(StepKey::FactorStated, [("times", times), ("basis", known.basis.clone())]))
    }

    /// The limit with its standard; empty without one.
    pub fn limit_named(&self) -> String {
        match &self.asked.limit {
            LimitAsked::Row(row) => format!("{} {}", row.standard, self.limit_text()),
            _ => String::new(),
        }
    }

    /// The limit as papers print it, with the factor that it was multiplied by: `≤ 0.1 mg/kg × 4.0`.
    pub fn limit_text(&self) -> String {
        let LimitAsked::Row(row) = &self.asked.limit else { return String::new() };
        match self.asked.established.as_ref().and_then(|known| known.times.as_ref()) {
            Some(times) => format!("{} × {}", row.text, times.as_str()),
            None => row.text.clone(),
        }
    }
}
