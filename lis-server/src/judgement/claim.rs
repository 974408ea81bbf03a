//! What a label says of its own goods (明示值): `>=3.2 g/100g`, `<=1.5 g/100g × 120 %`, `18~33 mg/kg`. The share behind it is the
//! tolerance: how much of the labelled value still conforms.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::limit::{Bound, LimitRule};
use super::number::Factor;
use super::units::Unit;
use crate::domain::decimal::Decimal;
use crate::domain::text;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Claim {
    bound: Bound,
    unit: String,
    /// Of the labelled value; `None`: all of it.
    percent: Option<Decimal>,
}

/// Characters of a claim; nothing on a label is longer.
const LONGEST: usize = 60;

impl Claim {
    /// Reads a claim; `None`: it is none, or in an unknown unit.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text::code(text);
        if text.chars().count() > LONGEST {
            return None;
        }
        let (stated, percent) = match text.split_once(['×', '*']) {
            Some((stated, share)) => (stated.trim(), Some(percent(share)?)),
            None => (text.trim(), None),
        };
        let after = |signs: [&str; 2]| signs.iter().find_map(|sign| stated.strip_prefix(*sign));
        let (kind, rest) = match (after(["≥", ">="]), after(["≤", "<="])) {
            (Some(rest), _) => ("min", rest),
            (None, Some(rest)) => ("max", rest),
            // What lies between two values has its tolerance in them.
            (None, None) if percent.is_none() => ("range", stated),
            (None, None) => return None,
        };
        let rest = rest.trim_start();
        let end = rest.find(|one: char| !(one.is_ascii_digit() || matches!(one, '.' | '~' | '-')));
        let (value, unit) = rest.split_at(end?);
        let unit = unit.trim().to_owned();
        Unit::parse(&unit).ok()?;
        let bound = Bound::parse(kind, Some(value)).ok()?;
        Some(Self { bound, unit, percent })
    }

    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// What a value is compared with.
    pub fn rule(&self) -> LimitRule {
        let times = self.percent.as_ref().and_then(|percent| Factor::parse(&format!("{percent}/100")).ok());
        LimitRule { times, ..LimitRule::new(self.bound.clone(), Some(&self.unit)) }
    }
}

fn percent(text: &str) -> Option<Decimal> {
    let number = Decimal::parse(text.trim().strip_suffix('%')?.trim()).ok()?;
    (!number.is_zero() && !number.is_negative()).then_some(number)
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.bound {
            Bound::Min { .. } => "≥",
            Bound::Max { .. } => "≤",
            _ => "",
        };
        write!(f, "{sign}{} {}", self.bound.written(), self.unit)?;
        self.percent.as_ref().map_or(Ok(()), |percent| write!(f, " × {percent} %"))
    }
}

impl TryFrom<String> for Claim {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a label claim")
    }
}

impl From<Claim> for String {
    fn from(claim: Claim) -> Self {
        claim.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_as_labels_write_them_and_written_one_way() {
        let written = |text: &str| Claim::parse(text).map(|claim| claim.to_string());
        let cases = [
            (">=3.2 g/100g", "≥3.2 g/100g"),
            ("≥ 3.2g/100g", "≥3.2 g/100g"),
            ("≤1.5 g/100g × 120 %", "≤1.5 g/100g × 120 %"),
            ("<=1.5 g/100g*120%", "≤1.5 g/100g × 120 %"),
            ("18~33 mg/kg", "18~33 mg/kg"),
        ];
        for (text, expected) in cases {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
            assert_eq!(written(expected).as_deref(), Some(expected), "read again");
        }
        let none = ["", "3.2 g/100g", ">=3.2", ">= g/100g", ">=3.2 spoons", "18~33 mg/kg × 80 %", ">=3.2 g/100g × 0 %"];
        for text in none {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn the_tolerance_scales_what_is_compared_with() {
        let region = |text: &str| Claim::parse(text).unwrap().rule().region().unwrap();
        // 3.2 × 80 % = 2.56
        let least = region(">=3.2 g/100g × 80 %");
        let number = |text: &str| Decimal::parse(text).unwrap().to_ratio();
        assert!(least.contains(&number("2.56")) && !least.contains(&number("2.559")));
        assert!(!region(">=3.2 g/100g").contains(&number("3.199")));
    }
}
