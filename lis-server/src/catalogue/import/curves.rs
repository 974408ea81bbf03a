//! The calibration curve of a rule of calculation, as data: `rho=µg/L;weight=1/x;degree=1;min_r=0.995;levels=5`.

use serde::{Deserialize, Serialize};

use super::super::fields::Fields;
use super::super::table::Problem;
use super::evaluation::{BLANK, READING};
use super::{Evaluation, Input};
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;
use crate::judgement::curve::{MAX_POINTS, Weight};

/// A curve that turns a reading, which is a signal then, into a concentration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurveRule {
    /// The input of the expression that the curve gives, with the unit of the standards.
    pub gives: Input,
    pub weight: Weight,
    /// 1 or 2.
    pub degree: u32,
    /// Least |r|: a curve below it holds the worksheet.
    pub min_r: Decimal,
    /// Different concentrations of standards, at least.
    pub levels: u32,
}

/// Reads the column `curve`; empty: the reading is a concentration, or the result.
pub(super) fn read_curve(fields: &mut Fields<'_>) -> Option<CurveRule> {
    let entries = fields.list("curve");
    if entries.is_empty() {
        return None;
    }
    let rule = curve_of(&entries);
    if rule.is_none() {
        fields.complain("curve", Problem::NotAllowed, Fact::word("expected-curve"));
    }
    rule
}

fn curve_of(entries: &[String]) -> Option<CurveRule> {
    let (first, settings) = entries.split_first()?;
    let (name, unit) = first.split_once('=')?;
    let gives = Input { name: name.trim().to_owned(), unit: unit.trim().to_owned() };
    let (mut weight, mut degree) = (Weight::None, 1_u32);
    let (mut min_r, mut levels): (Option<Decimal>, Option<u32>) = (None, None);
    for setting in settings {
        let (name, value) = setting.split_once('=')?;
        let value = value.trim();
        match name.trim() {
            "weight" => weight = Weight::parse(value)?,
            "degree" => degree = value.parse::<u32>().ok().filter(|degree| (1..=2).contains(degree))?,
            "min_r" => min_r = Some(Decimal::parse(value).ok().filter(is_correlation)?),
            "levels" => levels = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    // A line needs two different concentrations, a parabola three.
    let most = u32::try_from(MAX_POINTS).unwrap_or(u32::MAX);
    let levels = levels.filter(|levels| (degree + 1..=most).contains(levels))?;
    Some(CurveRule { gives, weight, degree, min_r: min_r?, levels })
}

fn is_correlation(number: &Decimal) -> bool {
    !number.is_negative() && !number.is_zero() && !number.cmp_value(&Decimal::from(1)).is_gt()
}

/// A curve stands between a signal and an expression: complains where there is none of them.
pub(super) fn check_curve(
    fields: &mut Fields<'_>,
    curve: &CurveRule,
    inputs: &[Input],
    evaluation: Option<&Evaluation>,
) {
    let entered = |name: &str| inputs.iter().any(|input| input.name == name);
    let name = curve.gives.name.as_str();
    if !entered(READING) || entered(name) || name == BLANK {
        fields.complain("curve", Problem::NotAllowed, Fact::word("expected-curve-names"));
    }
    match evaluation {
        Some(Evaluation::Formula { expression }) => {
            let names = expression.names();
            if !names.contains(name) || names.contains(READING) {
                let allowed = Fact::sentence("expected-curve-expression", [("name", name.into())]);
                fields.complain("expression", Problem::NotAllowed, allowed);
            }
        }
        Some(_) => fields.complain("curve", Problem::NotAllowed, Fact::word("expected-curve-of-formula")),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<CurveRule> {
        let entries: Vec<String> = text.split(';').map(str::to_owned).collect();
        curve_of(&entries)
    }

    #[test]
    fn a_curve_says_what_it_gives_and_what_it_asks() {
        let rule = read("rho=µg/L;weight=1/x2;degree=2;min_r=0.995;levels=6").unwrap();
        assert_eq!((rule.gives.name.as_str(), rule.gives.unit.as_str()), ("rho", "µg/L"));
        assert_eq!((rule.weight, rule.degree, rule.levels), (Weight::InverseSquare, 2, 6));
        let plain = read("rho=mg/L;min_r=0.99;levels=5").unwrap();
        assert_eq!((plain.weight, plain.degree, plain.min_r.as_str()), (Weight::None, 1, "0.99"));
        for wrong in [
            "rho;min_r=0.99;levels=5",
            "rho=mg/L;levels=5",
            "rho=mg/L;min_r=0.99",
            "rho=mg/L;min_r=1.01;levels=5",
            "rho=mg/L;min_r=0;levels=5",
            "rho=mg/L;min_r=0.99;levels=1",
            // Two standards do not decide a parabola.
            "rho=mg/L;degree=2;min_r=0.99;levels=2",
            "rho=mg/L;degree=3;min_r=0.99;levels=5",
            "rho=mg/L;weight=x;min_r=0.99;levels=5",
            "rho=mg/L;min_r=0.99;levels=5;order=1",
        ] {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }
}
