//! Units through a formula.

use std::collections::BTreeMap;

use num_traits::ToPrimitive;

use crate::judgement::JudgementError;
use crate::judgement::number::{Ratio, one};
use crate::judgement::units::Unit;

use super::{Expr, Formula, FormulaError, MAX_EXPONENT, Operator};

pub(super) fn check(
    formula: &Formula,
    inputs: &BTreeMap<String, String>,
    result: &str,
) -> Result<Ratio, JudgementError> {
    let missing = formula.without(|name| inputs.contains_key(name));
    if !missing.is_empty() {
        return Err(FormulaError::MissingUnits(missing).into());
    }
    let mut units = BTreeMap::new();
    for name in formula.names() {
        units.insert(name, Unit::parse(&inputs[name])?);
    }
    let expected = Unit::parse(result)?;
    let found = unit_of(&formula.root, &units)?;
    if found.dimension != expected.dimension {
        let (found, expected) = (found.describe(), result.to_owned());
        return Err(FormulaError::ResultUnit { found, expected }.into());
    }
    Ok(found.factor / expected.factor)
}

fn unit_of(expr: &Expr, units: &BTreeMap<&str, Unit>) -> Result<Unit, FormulaError> {
    match expr {
        Expr::Number(_) => Ok(Unit::number()),
        Expr::Name(name) => Ok(units.get(name.as_str()).cloned().unwrap_or_else(Unit::number)),
        Expr::Negate(inner) => unit_of(inner, units),
        Expr::Binary(Operator::Multiply, left, right) => Ok(unit_of(left, units)?.times(&unit_of(right, units)?)),
        Expr::Binary(Operator::Divide, left, right) => Ok(unit_of(left, units)?.per(&unit_of(right, units)?)),
        Expr::Binary(Operator::Power, base, exponent) => power(unit_of(base, units)?, base, exponent),
        Expr::Binary(Operator::Add | Operator::Subtract, left, right) => same(&[left, right], expr, units),
        Expr::Call(_, arguments) => same(&arguments.iter().collect::<Vec<_>>(), expr, units),
        Expr::If(condition, then, otherwise) => {
            same(&[&condition.left, &condition.right], expr, units)?;
            same(&[then, otherwise], expr, units)
        }
    }
}

/// The unit that all parts share. A bare number stands in the unit of its neighbour: `x - 0.5`, `if(x < 1, …)`.
fn same(parts: &[&Expr], place: &Expr, units: &BTreeMap<&str, Unit>) -> Result<Unit, FormulaError> {
    let mut shared: Option<Unit> = None;
    for part in parts.iter().filter(|part| !part.is_bare_number()) {
        let unit = unit_of(part, units)?;
        match &shared {
            Some(before) if before.dimension != unit.dimension || before.factor != unit.factor => {
                return Err(FormulaError::UnitsDiffer {
                    left: before.describe(),
                    right: unit.describe(),
                    place: place.to_string(),
                });
            }
            Some(_) => {}
            None => shared = Some(unit),
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
        .filter(|exponent| exponent.abs() <= MAX_EXPONENT)
        .ok_or_else(|| FormulaError::UnitExponent(base_text.to_string()))?;
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
