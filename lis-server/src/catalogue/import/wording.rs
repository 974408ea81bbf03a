//! What is wrong with a formula, as facts that are said in the reader's language.

use crate::domain::refusal::Fact;
use crate::judgement::JudgementError;
use crate::judgement::formula::FormulaError;
use crate::judgement::units::UnitError;

/// What following the units of a formula found.
pub fn said_of_units(error: &JudgementError) -> Fact {
    match error {
        JudgementError::Formula(error) => said(error),
        JudgementError::Unit(UnitError::Unknown(unit)) => {
            Fact::sentence("expected-formula-known-unit", [("what", unit.into())])
        }
        other => Fact::Text(other.to_string()),
    }
}

pub fn said(error: &FormulaError) -> Fact {
    use FormulaError as E;
    let of = |key: &str, what: &str| Fact::sentence(key, [("what", what.into())]);
    match error {
        E::TooLong(count) => of("expected-formula-shorter", &count.to_string()),
        E::TooDeep(count) => of("expected-formula-flatter", &count.to_string()),
        E::Syntax { position, rest, .. } => {
            Fact::sentence("expected-formula", [("position", position.into()), ("rest", rest.into())])
        }
        E::MissingInputs(names) => of("expected-formula-values", &names.join(", ")),
        E::DivisionByZero(place) => of("expected-formula-divisor", place),
        E::Exponent(exponent) => of("expected-formula-exponent", exponent),
        E::TooLarge(place) => of("expected-formula-smaller", place),
        E::UnitsDiffer { left, right, place } => {
            let facts = [("left", left.into()), ("right", right.into()), ("place", place.into())];
            Fact::sentence("expected-formula-same-units", facts)
        }
        E::UnitExponent(exponent) => of("expected-formula-unit-exponent", exponent),
        E::MissingUnits(names) => of("expected-formula-units", &names.join(", ")),
        E::ResultUnit { found, expected } => {
            Fact::sentence("expected-formula-result-unit", [("found", found.into()), ("expected", expected.into())])
        }
        E::ResultFactor { times, expected } => {
            Fact::sentence("expected-formula-factor", [("times", times.into()), ("expected", expected.into())])
        }
        E::Example { found, expected } => {
            Fact::sentence("expected-formula-example", [("found", found.into()), ("expected", expected.into())])
        }
    }
}
