//! Calculation formulas of methods: `(rho-rho0)*V/(m*1000)`.
//!
//! A formula is read once ([`Formula::parse`]), its units are checked when it is saved ([`Formula::check_units`]), and it
//! is evaluated exactly over named inputs. The grammar: numbers, names, `+ - * / ^`, brackets, `mean`, `min`, `max`,
//! `abs` and `if(a < b, then, otherwise)`. A power needs a whole exponent: anything else would not be exact.

mod evaluate;
mod parse;
mod trend;
mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::number::{Ratio, plain};

pub use trend::{Span, Trend};

/// A formula that was read without error. Serialises as its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Formula {
    text: String,
    root: Expr,
}

/// A worked example that is stored with a formula and must come out the same after every change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormulaExample {
    pub inputs: BTreeMap<String, Decimal>,
    /// As [`plain`] prints it.
    pub expected: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    #[error("the formula has {0} characters; at most {MAX_CHARS} are read")]
    TooLong(usize),
    #[error("the brackets are nested {0} deep; at most {MAX_DEPTH} are read")]
    TooDeep(usize),
    #[error("the formula cannot be read from character {position}: \"{rest}\"; {hint}")]
    Syntax { position: usize, rest: String, hint: String },
    #[error("the formula uses {}, for which no value is given", .0.join(", "))]
    MissingInputs(Vec<String>),
    #[error("division by zero: {0} is zero")]
    DivisionByZero(String),
    #[error("the exponent {0} is not a whole number between -{MAX_EXPONENT} and {MAX_EXPONENT}")]
    Exponent(String),
    #[error("the result of {0} has too many digits")]
    TooLarge(String),
    #[error(
        "units: {left} and {right} cannot be added or compared in {place}; convert one of them in the formula's inputs"
    )]
    UnitsDiffer { left: String, right: String, place: String },
    #[error("units: the exponent of {0} must be a plain whole number, because its base has a unit")]
    UnitExponent(String),
    #[error("units: no unit is given for {}", .0.join(", "))]
    MissingUnits(Vec<String>),
    #[error("units: the formula gives {found}, the result should be in {expected}")]
    ResultUnit { found: String, expected: String },
    #[error(
        "units: taken as {expected}, the result would be {times} times what the inputs say; mend a factor of the formula, or \
         name the unit of a number that is no conversion"
    )]
    ResultFactor { times: String, expected: String },
    #[error("the stored example gives {found}, expected is {expected}")]
    Example { found: String, expected: String },
}

/// The tree of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expr {
    Number(Decimal),
    Name(String),
    Negate(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    If(Box<Condition>, Box<Expr>, Box<Expr>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    left: Expr,
    comparator: Comparator,
    right: Expr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Mean,
    Min,
    Max,
    Abs,
}

impl Formula {
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        Ok(Self { root: parse::parse(text)?, text: text.to_owned() })
    }

    /// The exact result. Every name needs a value; further values are not looked at.
    pub fn evaluate(&self, inputs: &BTreeMap<String, Ratio>) -> Result<Ratio, FormulaError> {
        let missing = self.without(|name| inputs.contains_key(name));
        if !missing.is_empty() {
            return Err(FormulaError::MissingInputs(missing));
        }
        evaluate::evaluate(&self.root, inputs)
    }

    /// [`Formula::evaluate`] over decimals.
    pub fn evaluate_decimals(&self, inputs: &BTreeMap<String, Decimal>) -> Result<Ratio, FormulaError> {
        let exact = inputs.iter().map(|(name, value)| (name.clone(), value.to_ratio())).collect();
        self.evaluate(&exact)
    }

    /// Runs the stored example.
    pub fn prove(&self, example: &FormulaExample) -> Result<(), FormulaError> {
        let found = plain(&self.evaluate_decimals(&example.inputs)?);
        let expected = example.expected.clone();
        if found == expected { Ok(()) } else { Err(FormulaError::Example { found, expected }) }
    }

    /// Follows the units of all inputs through the formula to the unit of the result.
    ///
    /// The formula's own numbers convert: `(rho-rho0)*V/(m*1000)` with µg/L, mL and g gives mg/kg because of its `/1000`;
    /// without it the dimensions would be right and the results wrong by a thousand, which is refused. A number that is
    /// something else than a conversion has its unit in `numbers`: `56.1` g/mol.
    ///
    /// # Errors
    /// An input without a unit, a unit that is not known, parts that cannot be added, a result in another unit.
    pub fn check_units(
        &self,
        inputs: &BTreeMap<String, String>,
        numbers: &[(Decimal, String)],
        result: &str,
    ) -> Result<(), super::JudgementError> {
        units::check(self, inputs, numbers, result)
    }

    /// The names of its inputs.
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.root.collect_names(&mut names);
        names
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn without(&self, known: impl Fn(&str) -> bool) -> Vec<String> {
        self.names().into_iter().filter(|name| !known(name)).map(str::to_owned).collect()
    }
}

impl Expr {
    fn collect_names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        match self {
            Self::Number(_) => {}
            Self::Name(name) => {
                names.insert(name);
            }
            Self::Negate(inner) => inner.collect_names(names),
            Self::Binary(_, left, right) => [left, right].into_iter().for_each(|part| part.collect_names(names)),
            Self::Call(_, arguments) => arguments.iter().for_each(|part| part.collect_names(names)),
            Self::If(condition, then, otherwise) => {
                [&condition.left, &condition.right, then, otherwise]
                    .into_iter()
                    .for_each(|part| part.collect_names(names));
            }
        }
    }
}

/// A part of a formula in error messages, with every bracket.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => f.write_str(name),
            Self::Negate(inner) => write!(f, "-{inner}"),
            Self::Binary(operator, left, right) => write!(f, "({left}{}{right})", operator.sign()),
            Self::Call(function, arguments) => {
                let list = arguments.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                write!(f, "{}({list})", function.name())
            }
            Self::If(condition, then, otherwise) => {
                write!(
                    f,
                    "if({} {} {}, {then}, {otherwise})",
                    condition.left,
                    condition.comparator.sign(),
                    condition.right
                )
            }
        }
    }
}

impl Operator {
    fn sign(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
            Self::Power => '^',
        }
    }
}

impl Comparator {
    fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Min => "min",
            Self::Max => "max",
            Self::Abs => "abs",
        }
    }
}

impl TryFrom<String> for Formula {
    type Error = FormulaError;
    fn try_from(text: String) -> Result<Self, FormulaError> {
        Self::parse(&text)
    }
}

impl FromStr for Formula {
    type Err = FormulaError;
    fn from_str(text: &str) -> Result<Self, FormulaError> {
        Self::parse(text)
    }
}

impl From<Formula> for String {
    fn from(formula: Formula) -> Self {
        formula.text
    }
}

/// Longest formula in bytes. The longest of a published method has about 200; the bound keeps the tree shallow enough
/// to walk on any thread's stack.
const MAX_CHARS: usize = 1000;
/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 40;
/// Largest exponent: dilutions reach 10^-12.
const MAX_EXPONENT: i32 = 64;

#[cfg(test)]
mod tests;
