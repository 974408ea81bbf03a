//! Exact evaluation of a tree.

use std::collections::BTreeMap;

use num_traits::{Pow, Signed, ToPrimitive, Zero};

use crate::judgement::number::{self, Ratio, plain, whole};

use super::{Comparator, Condition, Expr, FormulaError, Function, MAX_EXPONENT, Operator};

/// The value of the tree. Only the chosen branch of an `if` is evaluated.
pub(super) fn evaluate(expr: &Expr, inputs: &BTreeMap<String, Ratio>) -> Result<Ratio, FormulaError> {
    match expr {
        Expr::Number(number) => Ok(number.to_ratio()),
        Expr::Name(name) => inputs.get(name).cloned().ok_or_else(|| FormulaError::MissingInputs(vec![name.clone()])),
        Expr::Negate(inner) => Ok(-evaluate(inner, inputs)?),
        Expr::Binary(operator, left, right) => {
            let (x, y) = (evaluate(left, inputs)?, evaluate(right, inputs)?);
            let value = match operator {
                Operator::Add => x + y,
                Operator::Subtract => x - y,
                Operator::Multiply => x * y,
                Operator::Divide if y.is_zero() => {
                    return Err(FormulaError::DivisionByZero(right.to_string()));
                }
                Operator::Divide => x / y,
                Operator::Power => power(&x, &y, left)?,
            };
            bounded(value, expr)
        }
        Expr::Call(function, arguments) => {
            let values = arguments.iter().map(|part| evaluate(part, inputs)).collect::<Result<Vec<_>, _>>()?;
            Ok(call(*function, values))
        }
        Expr::If(condition, then, otherwise) => match holds(condition, inputs)? {
            true => evaluate(then, inputs),
            false => evaluate(otherwise, inputs),
        },
    }
}

pub(super) fn holds(condition: &Condition, inputs: &BTreeMap<String, Ratio>) -> Result<bool, FormulaError> {
    let (left, right) = (evaluate(&condition.left, inputs)?, evaluate(&condition.right, inputs)?);
    Ok(match condition.comparator {
        Comparator::Less => left < right,
        Comparator::LessOrEqual => left <= right,
        Comparator::Greater => left > right,
        Comparator::GreaterOrEqual => left >= right,
        Comparator::Equal => left == right,
        Comparator::NotEqual => left != right,
    })
}

/// The grammar gives every function at least one argument.
fn call(function: Function, values: Vec<Ratio>) -> Ratio {
    match function {
        Function::Mean => number::sum(&values) / whole(values.len().max(1) as i64),
        Function::Min => values.into_iter().min().unwrap_or_default(),
        Function::Max => values.into_iter().max().unwrap_or_default(),
        Function::Abs => values.into_iter().next().unwrap_or_default().abs(),
    }
}

fn power(base: &Ratio, exponent: &Ratio, base_text: &Expr) -> Result<Ratio, FormulaError> {
    let whole_exponent = exponent
        .is_integer()
        .then(|| exponent.to_integer().to_i32())
        .flatten()
        .filter(|exponent| exponent.abs() <= MAX_EXPONENT)
        .ok_or_else(|| FormulaError::Exponent(plain(exponent)))?;
    if whole_exponent < 0 && base.is_zero() {
        return Err(FormulaError::DivisionByZero(base_text.to_string()));
    }
    // Bits grow with the exponent; the check below comes too late for a base that is already large.
    if bits(base) * u64::from(whole_exponent.unsigned_abs()) > MAX_BITS {
        return Err(FormulaError::TooLarge(base_text.to_string()));
    }
    Ok(Pow::pow(base, whole_exponent))
}

fn bounded(value: Ratio, expr: &Expr) -> Result<Ratio, FormulaError> {
    if bits(&value) > MAX_BITS { Err(FormulaError::TooLarge(expr.to_string())) } else { Ok(value) }
}

fn bits(value: &Ratio) -> u64 {
    value.numer().bits() + value.denom().bits()
}

/// Largest value in bits of numerator and denominator: some thousand digits, and no more than milliseconds of work.
const MAX_BITS: u64 = 40_000;
