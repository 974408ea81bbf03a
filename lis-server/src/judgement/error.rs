//! Why a judgement could not be made. Wrong input never panics and is never repaired by guessing.

use crate::domain::decimal::DecimalError;

use super::formula::FormulaError;
use super::units::UnitError;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JudgementError {
    #[error("{field}: {problem}")]
    Number { field: String, problem: DecimalError },
    #[error(transparent)]
    Unit(#[from] UnitError),
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// The input is readable but makes no sense; `why` says what would.
    #[error("{field}: {why}")]
    Refused { field: String, why: String },
    /// A record of rules that only a newer program knows.
    #[error("the rules of edition {0} are not known to this program; a newer one made the record")]
    UnknownEdition(u32),
}

impl JudgementError {
    pub fn refused(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Refused { field: field.into(), why: why.into() }
    }
}
