//! From text to tree.
//!
//! ```text
//! sum       = product (("+" | "-") product)*
//! product   = unary (("*" | "/") unary)*
//! unary     = "-"* power
//! power     = atom ("^" "-"? atom)?             one power only: a^b^c needs brackets
//! atom      = number | call | name | "(" sum ")"
//! call      = ("mean" | "min" | "max") "(" sum ("," sum)* ")" | "abs" "(" sum ")"
//!           | "if" "(" sum ("<" | "<=" | ">" | ">=" | "==" | "=" | "!=") sum "," sum "," sum ")"
//! ```

use winnow::Result as Parsed;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, delimited, opt, preceded, repeat, separated};
use winnow::error::ParserError;
use winnow::prelude::*;
use winnow::token::{literal, one_of, take_while};

use crate::domain::decimal::Decimal;

use super::{Comparator, Condition, Expr, FormulaError, Function, MAX_CHARS, MAX_DEPTH, Operator};

pub(super) fn parse(text: &str) -> Result<Expr, FormulaError> {
    if text.len() > MAX_CHARS {
        return Err(FormulaError::TooLong(text.len()));
    }
    let depth = deepest_bracket(text);
    if depth > MAX_DEPTH {
        return Err(FormulaError::TooDeep(depth));
    }
    sum.parse(text).map_err(|error| syntax_error(text, error.offset()))
}

fn sum(input: &mut &str) -> Parsed<Expr> {
    let first = product.parse_next(input)?;
    let operator = blank_around(one_of(['+', '-'])).map(|sign| match sign {
        '+' => Operator::Add,
        _ => Operator::Subtract,
    });
    repeat(0.., (operator, product)).fold(move || first.clone(), join).parse_next(input)
}

fn product(input: &mut &str) -> Parsed<Expr> {
    let first = unary.parse_next(input)?;
    let operator = blank_around(one_of(['*', '/'])).map(|sign| match sign {
        '*' => Operator::Multiply,
        _ => Operator::Divide,
    });
    repeat(0.., (operator, unary)).fold(move || first.clone(), join).parse_next(input)
}

fn unary(input: &mut &str) -> Parsed<Expr> {
    let minuses: usize = repeat(0.., blank_around('-')).map(|minuses: Vec<char>| minuses.len()).parse_next(input)?;
    let value = power.parse_next(input)?;
    Ok(if minuses % 2 == 1 { Expr::Negate(Box::new(value)) } else { value })
}

fn power(input: &mut &str) -> Parsed<Expr> {
    let base = atom.parse_next(input)?;
    let exponent = opt(preceded(blank_around('^'), (opt(blank_around('-')), atom))).parse_next(input)?;
    Ok(match exponent {
        None => base,
        Some((None, exponent)) => join(base, (Operator::Power, exponent)),
        Some((Some(_), exponent)) => join(base, (Operator::Power, Expr::Negate(Box::new(exponent)))),
    })
}

fn atom(input: &mut &str) -> Parsed<Expr> {
    blank_around(alt((number, choice, call, name, delimited('(', sum, ')')))).parse_next(input)
}

fn number(input: &mut &str) -> Parsed<Expr> {
    take_while(1.., |c: char| c.is_ascii_digit() || c == '.')
        .verify_map(|digits: &str| Decimal::parse(digits).ok())
        .map(Expr::Number)
        .parse_next(input)
}

fn choice(input: &mut &str) -> Parsed<Expr> {
    preceded(("if", multispace0, '('), (sum, comparator, sum, ',', sum, ',', sum, ')'))
        .map(|(left, comparator, right, _, then, _, otherwise, _)| {
            Expr::If(Box::new(Condition { left, comparator, right }), Box::new(then), Box::new(otherwise))
        })
        .parse_next(input)
}

fn comparator(input: &mut &str) -> Parsed<Comparator> {
    blank_around(alt((
        literal("<=").value(Comparator::LessOrEqual),
        literal("<").value(Comparator::Less),
        literal(">=").value(Comparator::GreaterOrEqual),
        literal(">").value(Comparator::Greater),
        literal("!=").value(Comparator::NotEqual),
        (literal("="), opt(literal("="))).value(Comparator::Equal),
    )))
    .parse_next(input)
}

fn call(input: &mut &str) -> Parsed<Expr> {
    let function = alt((
        literal("mean").value(Function::Mean),
        literal("min").value(Function::Min),
        literal("max").value(Function::Max),
        literal("abs").value(Function::Abs),
    ));
    (function, preceded(multispace0, delimited('(', separated(1.., sum, ','), ')')))
        .verify(|(function, arguments): &(Function, Vec<Expr>)| *function != Function::Abs || arguments.len() == 1)
        .map(|(function, arguments)| Expr::Call(function, arguments))
        .parse_next(input)
}

fn name(input: &mut &str) -> Parsed<Expr> {
    take_while(1.., |c: char| c.is_alphanumeric() || c == '_')
        .verify(|name: &str| !name.starts_with(|c: char| c.is_numeric()) && !RESERVED.contains(&name))
        .map(|name: &str| Expr::Name(name.to_owned()))
        .parse_next(input)
}

fn join(left: Expr, (operator, right): (Operator, Expr)) -> Expr {
    Expr::Binary(operator, Box::new(left), Box::new(right))
}

fn blank_around<'i, O, E: ParserError<&'i str>>(inner: impl Parser<&'i str, O, E>) -> impl Parser<&'i str, O, E> {
    delimited(multispace0, inner, multispace0)
}

fn deepest_bracket(text: &str) -> usize {
    let mut depth = 0_usize;
    let step = |c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth
    };
    text.chars().map(step).max().unwrap_or(0)
}

fn syntax_error(text: &str, offset: usize) -> FormulaError {
    let before = text.get(..offset).unwrap_or(text);
    let rest: String = text.get(offset..).unwrap_or_default().chars().take(20).collect();
    let hint = match (text.matches('(').count(), text.matches(')').count()) {
        (open, closed) if open > closed => "a closing bracket is missing",
        (open, closed) if open < closed => "an opening bracket is missing",
        _ if before.contains('^') && rest.starts_with('^') => "write a^(b^c) or (a^b)^c",
        _ => "allowed are numbers, names, + - * / ^, brackets, mean, min, max, abs and if(a < b, then, otherwise)",
    };
    FormulaError::Syntax { position: before.chars().count() + 1, rest, hint: hint.to_owned() }
}

/// Words of the grammar that cannot name an input.
const RESERVED: [&str; 5] = ["mean", "min", "max", "abs", "if"];
