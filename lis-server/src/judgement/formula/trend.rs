//! Which way the result of a formula goes while one of its inputs grows: what is only known to lie below or above something bounds
//! the result on one side, and this says on which. Told from how the formula is written and from exact values at the ends.

use std::collections::{BTreeMap, BTreeSet};

use num_integer::Integer;
use num_traits::{Signed, Zero};

use crate::judgement::number::Ratio;

use super::evaluate::{evaluate, holds};
use super::{Condition, Expr, Formula, Function, Operator};

/// How a result moves while an input grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    Constant,
    Rises,
    Falls,
}

/// Where an input lies, both ends included; `None`: there is no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub low: Option<Ratio>,
    pub high: Option<Ratio>,
}

impl Formula {
    /// How the result moves while one input grows over a span and the others stay as they are. `None`: not in one direction, or it
    /// cannot be told.
    pub fn trend(&self, name: &str, span: &Span, inputs: &BTreeMap<String, Ratio>) -> Option<Trend> {
        Path { name, span, inputs }.look(&self.root).trend
    }
}

impl Trend {
    fn reversed(self) -> Self {
        match self {
            Self::Constant => Self::Constant,
            Self::Rises => Self::Falls,
            Self::Falls => Self::Rises,
        }
    }

    /// Of a sum of two.
    fn joined(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one?, other?) {
            (Self::Constant, trend) | (trend, Self::Constant) => Some(trend),
            (one, other) => (one == other).then_some(one),
        }
    }
}

/// The input that grows, and what all inputs are.
struct Path<'p> {
    name: &'p str,
    span: &'p Span,
    inputs: &'p BTreeMap<String, Ratio>,
}

/// A part of a formula on the way, with its least and its greatest value; `None`: it has no end, or it cannot be told.
struct Seen {
    trend: Option<Trend>,
    low: Option<Ratio>,
    high: Option<Ratio>,
}

impl Path<'_> {
    fn look(&self, expr: &Expr) -> Seen {
        if !self.is_in([expr]) {
            let value = evaluate(expr, self.inputs).ok();
            return Seen { trend: Some(Trend::Constant), low: value.clone(), high: value };
        }
        let trend = match expr {
            Expr::Number(_) => Some(Trend::Constant),
            Expr::Name(_) => Some(Trend::Rises),
            Expr::Negate(inner) => self.look(inner).trend.map(Trend::reversed),
            Expr::Binary(operator, left, right) => of_two(*operator, &self.look(left), &self.look(right)),
            Expr::Call(Function::Abs, arguments) => arguments.first().and_then(|part| {
                let part = self.look(part);
                part.times(part.trend)
            }),
            Expr::Call(Function::Mean | Function::Min | Function::Max, arguments) => {
                let trends = arguments.iter().map(|part| self.look(part).trend);
                trends.reduce(Trend::joined).flatten()
            }
            Expr::If(condition, then, otherwise) => self.chosen(condition, [then, otherwise]),
        };
        let (first, last) = (self.at(expr, self.span.low.as_ref()), self.at(expr, self.span.high.as_ref()));
        let (low, high) = match trend {
            Some(Trend::Rises) => (first, last),
            Some(Trend::Falls) => (last, first),
            Some(Trend::Constant) => (first.clone().or(last.clone()), last.or(first)),
            None => (None, None),
        };
        Seen { trend, low, high }
    }

    /// A condition that the input decides may jump from one branch to the other.
    fn chosen(&self, condition: &Condition, [then, otherwise]: [&Expr; 2]) -> Option<Trend> {
        if self.is_in([&condition.left, &condition.right]) {
            return None;
        }
        let branch = if holds(condition, self.inputs).ok()? { then } else { otherwise };
        self.look(branch).trend
    }

    fn is_in<const N: usize>(&self, parts: [&Expr; N]) -> bool {
        let mut names = BTreeSet::new();
        for part in parts {
            part.collect_names(&mut names);
        }
        names.contains(self.name)
    }

    /// The value of a part where the input is at an end of its span.
    fn at(&self, expr: &Expr, end: Option<&Ratio>) -> Option<Ratio> {
        let mut inputs = self.inputs.clone();
        inputs.insert(self.name.to_owned(), end?.clone());
        evaluate(expr, &inputs).ok()
    }
}

fn of_two(operator: Operator, left: &Seen, right: &Seen) -> Option<Trend> {
    let reversed = right.trend.map(Trend::reversed);
    match operator {
        Operator::Add => Trend::joined(left.trend, right.trend),
        Operator::Subtract => Trend::joined(left.trend, reversed),
        Operator::Multiply => Trend::joined(right.times(left.trend), left.times(right.trend)),
        // The inverse of what never is zero has its sign, and moves the other way.
        Operator::Divide if right.is_never_zero() => Trend::joined(right.times(left.trend), left.times(reversed)),
        Operator::Divide => None,
        Operator::Power => left.to_the(right),
    }
}

impl Seen {
    /// How the product of something that moves like `trend` with this moves, as far as that something goes.
    fn times(&self, trend: Option<Trend>) -> Option<Trend> {
        let is_at_least_zero = self.low.as_ref().is_some_and(|low| !low.is_negative());
        let is_at_most_zero = self.high.as_ref().is_some_and(|high| !high.is_positive());
        match trend? {
            Trend::Constant => Some(Trend::Constant),
            _ if is_at_least_zero && is_at_most_zero => Some(Trend::Constant),
            trend if is_at_least_zero => Some(trend),
            trend if is_at_most_zero => Some(trend.reversed()),
            _ => None,
        }
    }

    fn is_never_zero(&self) -> bool {
        self.low.as_ref().is_some_and(Signed::is_positive) || self.high.as_ref().is_some_and(Signed::is_negative)
    }

    fn to_the(&self, exponent: &Self) -> Option<Trend> {
        let value =
            exponent.low.as_ref().filter(|value| value.is_integer() && exponent.high.as_ref() == Some(*value))?;
        if value.is_zero() {
            return Some(Trend::Constant);
        }
        let is_even = value.to_integer().is_even();
        let trend = if is_even { self.times(self.trend) } else { self.trend };
        match value.is_negative() {
            false => trend,
            true if self.is_never_zero() => trend.map(Trend::reversed),
            true => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        crate::domain::decimal::Decimal::parse(text).unwrap().to_ratio()
    }

    fn inputs() -> BTreeMap<String, Ratio> {
        [("x", "2"), ("blank", "5"), ("k", "3"), ("minus", "-3"), ("zero", "0")]
            .map(|(name, value)| (name.to_owned(), ratio(value)))
            .into()
    }

    /// With x from 0 to 2.
    fn below(formula: &str) -> Option<Trend> {
        let span = Span { low: Some(ratio("0")), high: Some(ratio("2")) };
        Formula::parse(formula).unwrap().trend("x", &span, &inputs())
    }

    /// With x from 2 on.
    fn above(formula: &str) -> Option<Trend> {
        Formula::parse(formula).unwrap().trend("x", &Span { low: Some(ratio("2")), high: None }, &inputs())
    }

    #[test]
    fn sums_and_products_with_what_stays() {
        use Trend::*;
        for (formula, trend) in [
            ("(x-blank)*k/1000", Rises),
            // Back titration: what the blank used less what the sample used.
            ("(blank-x)*k/1000", Falls),
            ("(x-blank)*minus", Falls),
            ("-x", Falls),
            ("x/minus", Falls),
            ("100-(blank-x)/k", Rises),
            ("x*zero", Constant),
            ("blank*k", Constant),
            ("mean(x, x-blank, k)", Rises),
            ("min(blank-x, k)", Falls),
        ] {
            assert_eq!((below(formula), above(formula)), (Some(trend), Some(trend)), "{formula}");
        }
        assert_eq!(below("x-x*2"), None, "what pulls both ways is not told apart");
        assert_eq!(below("max(x, blank-x)"), None);
    }

    #[test]
    fn quotients_powers_and_sizes_go_by_their_sign() {
        use Trend::*;
        assert_eq!((below("k/(x+1)"), above("k/(x+1)")), (Some(Falls), Some(Falls)));
        assert_eq!((below("minus/(x+1)"), above("minus/(x+1)")), (Some(Rises), Some(Rises)));
        assert_eq!(below("k/x"), None, "x may be zero");
        assert_eq!(above("k/x"), Some(Falls));
        // 5 - x is 3 to 5 below 2, and passes zero above it.
        assert_eq!((below("k/(blank-x)"), above("k/(blank-x)")), (Some(Rises), None));
        assert_eq!((below("(x-blank)^2"), above("(x-blank)^2")), (Some(Falls), None));
        assert_eq!(
            (below("x^2"), above("x^3"), above("x^-1"), above("x^0")),
            (Some(Rises), Some(Rises), Some(Falls), Some(Constant))
        );
        assert_eq!(below("k^x"), None);
        assert_eq!((below("abs(x-blank)"), above("abs(x-blank)")), (Some(Falls), None));
        assert_eq!((below("x*x"), below("x*(blank-x)")), (Some(Rises), None));
    }

    #[test]
    fn a_condition_that_the_input_decides_says_nothing() {
        use Trend::*;
        assert_eq!(below("if(blank > k, x, -x)"), Some(Rises));
        assert_eq!(below("if(blank < k, x, -x)"), Some(Falls));
        assert_eq!(below("if(x < k, x, -x)"), None);
        assert_eq!(below("if(x < k, blank, blank)"), None);
    }
}
