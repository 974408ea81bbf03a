//! The answers whose shape differs from the typed result.

use serde::Serialize;

use crate::domain::decimal::Decimal;
use crate::domain::identifiers::{CheckedIdentifier, IdentifierVerdict};
use crate::judgement::Verdict;
use crate::judgement::error::JudgementError;
use crate::judgement::micro::MicroJudged;
use crate::judgement::number::{Ratio, plain};
use crate::judgement::record::Calculated;
use crate::judgement::sums::{JudgedOn, SpeciesJudged, SumJudged};

#[derive(Serialize)]
pub(super) struct Value {
    value: String,
}

impl Value {
    pub fn of(value: Decimal) -> Self {
        Self { value: value.into() }
    }

    pub fn exact(value: &Ratio) -> Self {
        Self { value: plain(value) }
    }
}

#[derive(Serialize)]
pub(super) struct RoundAnswer {
    pub value: String,
    pub mark: &'static str,
}

#[derive(Serialize)]
pub(super) struct JudgeAnswer {
    pub verdict: Verdict,
    pub reported: String,
    pub compared: String,
    pub limit: String,
    pub reason: String,
}

#[derive(Serialize)]
pub(super) struct MicroAnswer {
    verdict: Verdict,
    over_m: u32,
    #[serde(rename = "over_M")]
    over_maximum: u32,
}

impl MicroAnswer {
    pub fn from_judged(judged: Result<MicroJudged, JudgementError>) -> Result<Self, JudgementError> {
        judged.map(|judged| Self { verdict: judged.verdict, over_m: judged.over_m, over_maximum: judged.over_maximum })
    }
}

#[derive(Serialize)]
pub(super) struct SumAnswer {
    lower: String,
    upper: Option<String>,
    verdict: Verdict,
}

impl From<SumJudged> for SumAnswer {
    fn from(judged: SumJudged) -> Self {
        Self { lower: judged.lower, upper: judged.upper, verdict: judged.verdict }
    }
}

#[derive(Serialize)]
pub(super) struct SpeciesAnswer {
    verdict: Verdict,
    judged_on: Option<JudgedOn>,
}

impl From<SpeciesJudged> for SpeciesAnswer {
    fn from(judged: SpeciesJudged) -> Self {
        Self { verdict: judged.verdict, judged_on: judged.judged_on }
    }
}

#[derive(Serialize)]
pub(super) struct FormulaAnswer {
    value: String,
    reported: String,
}

impl From<Calculated> for FormulaAnswer {
    fn from(calculated: Calculated) -> Self {
        Self { value: calculated.value, reported: calculated.reported }
    }
}

#[derive(Serialize)]
pub(super) struct IdentifierAnswer {
    verdict: IdentifierVerdict,
    normalized: String,
    reason: String,
}

impl From<CheckedIdentifier> for IdentifierAnswer {
    fn from(checked: CheckedIdentifier) -> Self {
        let reason = checked.problem.map(|problem| problem.to_string()).unwrap_or_default();
        Self { verdict: checked.verdict, normalized: checked.normalized, reason }
    }
}
