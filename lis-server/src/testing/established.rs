//! What the rules ask a person about a result (`judgement.md` 6 and 7): whether a finding of what must not be detected is
//! confirmed, whether an additive that is not permitted was carried over, by which factor a product is concentrated or
//! diluted. The answer becomes part of what is asked, so that the rules judge by it and a replay gives the same bytes.

use serde::{Deserialize, Serialize};

use super::compute::{Asked, LimitAsked, LimitRowAsked, Record};
use crate::catalogue::import::Evaluation;
use crate::judgement::explain::StepKey;
use crate::judgement::limit::{Bound, LimitRule};
use crate::judgement::measured::{CarryOver, Measured, MeasuredValue};
use crate::judgement::number::{Factor, Ratio};
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

/// A factor above zero.
pub fn factor(text: &str) -> Option<Factor> {
    Factor::parse(text).ok().filter(|factor| factor.value() > &Ratio::default())
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
        let times = self.established.and_then(|known| known.times);
        let established = times.map(|times| Established { times: Some(times), ..Established::default() });
        Self { established, ..self }
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
    /// The limit as papers print it, with the factor that it was multiplied by: `≤ 0.1 mg/kg × 4.0`.
    pub fn limit_text(&self) -> String {
        let LimitAsked::Row(row) = &self.asked.limit else { return String::new() };
        match self.asked.established.as_ref().and_then(|known| known.times.as_ref()) {
            Some(times) => format!("{} × {}", row.text, times.as_str()),
            None => row.text.clone(),
        }
    }
}
