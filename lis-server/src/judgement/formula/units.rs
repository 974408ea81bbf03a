//! Units through a formula.

use std::collections::BTreeMap;

use num_traits::ToPrimitive;

use crate::domain::decimal::Decimal;
use crate::judgement::JudgementError;
use crate::judgement::number::{Ratio, one, plain};
use crate::judgement::units::Unit;

use super::{Expr, Formula, FormulaError, MAX_EXPONENT, Operator};

/// What is known about the parts of a formula.
struct Known<'f> {
    inputs: BTreeMap<&'f str, Unit>,
    /// Numbers written in the formula that have a unit: a molar mass, the strength of a reagent.
    numbers: Vec<(&'f Decimal, Unit)>,
}

pub(super) fn check(
    formula: &Formula,
    inputs: &BTreeMap<String, String>,
    numbers: &[(Decimal, String)],
    result: &str,
) -> Result<(), JudgementError> {
    let missing = formula.without(|name| inputs.contains_key(name));
    if !missing.is_empty() {
        return Err(FormulaError::MissingUnits(missing).into());
    }
    let mut known = Known { inputs: BTreeMap::new(), numbers: Vec::new() };
    for name in formula.names() {
        known.inputs.insert(name, Unit::parse(&inputs[name])?);
    }
    for (number, unit) in numbers {
        known.numbers.push((number, Unit::parse(unit)?));
    }
    let expected = Unit::parse(result)?;
    let found = unit_of(&formula.root, &known)?;
    if found.dimension != expected.dimension || found.is_share_of_another(&expected) {
        let (found, expected) = (found.describe(), result.to_owned());
        return Err(FormulaError::ResultUnit { found, expected }.into());
    }
    if found.factor != expected.factor {
        let times = plain(&(expected.factor / found.factor));
        return Err(FormulaError::ResultFactor { times, expected: result.to_owned() }.into());
    }
    Ok(())
}

fn unit_of(expr: &Expr, known: &Known<'_>) -> Result<Unit, FormulaError> {
    match expr {
        Expr::Number(number) => Ok(unit_of_number(number, known)),
        Expr::Name(name) => Ok(known.inputs.get(name.as_str()).cloned().unwrap_or_else(Unit::number)),
        Expr::Negate(inner) => unit_of(inner, known),
        Expr::Binary(Operator::Multiply, left, right) => Ok(unit_of(left, known)?.times(&unit_of(right, known)?)),
        Expr::Binary(Operator::Divide, left, right) => Ok(unit_of(left, known)?.per(&unit_of(right, known)?)),
        Expr::Binary(Operator::Power, base, exponent) => power(unit_of(base, known)?, base, exponent),
        Expr::Binary(Operator::Add | Operator::Subtract, left, right) => same(&[left, right], expr, known),
        Expr::Call(_, arguments) => same(&arguments.iter().collect::<Vec<_>>(), expr, known),
        Expr::If(condition, then, otherwise) => {
            same(&[&condition.left, &condition.right], expr, known)?;
            same(&[then, otherwise], expr, known)
        }
    }
}

/// A number that converts: what is multiplied by 1000 stands in a unit of a thousandth. One that has a unit is an input that
/// never changes.
fn unit_of_number(number: &Decimal, known: &Known<'_>) -> Unit {
    if let Some((_, unit)) = known.numbers.iter().find(|(own, _)| own.cmp_value(number).is_eq()) {
        return unit.clone();
    }
    let mut unit = Unit::number();
    if !number.is_zero() {
        unit.factor = one() / number.to_ratio();
    }
    unit
}

/// The unit that all parts share. A bare number stands in the unit of its neighbour: `x - 0.5`, `if(x < 1, …)`.
fn same(parts: &[&Expr], place: &Expr, known: &Known<'_>) -> Result<Unit, FormulaError> {
    let mut shared: Option<Unit> = None;
    for part in parts.iter().filter(|part| !part.is_bare_number()) {
        let unit = unit_of(part, known)?;
        match &shared {
            Some(before)
                if before.dimension != unit.dimension
                    || before.factor != unit.factor
                    || before.is_share_of_another(&unit) =>
            {
                return Err(FormulaError::UnitsDiffer {
                    left: before.describe(),
                    right: unit.describe(),
                    place: place.to_string(),
                });
            }
            Some(before) if before.is_share() => {}
            _ => shared = Some(unit),
        }
    }
    Ok(shared.unwrap_or_else(Unit::number))
}

fn power(base: Unit, base_text: &Expr, exponent: &Expr) -> Result<Unit, FormulaError> {
    if base.is_number() && base.factor == one() {
        return Ok(base);
    }
    let value = super::evaluate::evaluate(exponent, &BTreeMap::new()).ok();
    let exponent = value
        .filter(Ratio::is_integer)
        .and_then(|value| value.to_integer().to_i32())
        .filter(|exponent| exponent.abs() <= MAX_EXPONENT);
    let Some(exponent) = exponent else {
        // Ten to an input is a plain number: a dilution.
        let bare = base_text.is_bare_number();
        return if bare { Ok(Unit::number()) } else { Err(FormulaError::UnitExponent(base_text.to_string())) };
    };
    let steps = (0..exponent.unsigned_abs()).fold(Unit::number(), |unit, _| unit.times(&base));
    Ok(if exponent < 0 { Unit::number().per(&steps) } else { steps })
}

impl Expr {
    fn is_bare_number(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Negate(inner) => inner.is_bare_number(),
            _ => false,
        }
    }
}
