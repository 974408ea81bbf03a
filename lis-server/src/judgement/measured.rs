//! A measured value as printed, and what is known about the finding.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::decimal::{Decimal, DecimalError};
use crate::domain::text;

/// A number, or what an instrument or a person writes when there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MeasuredValue {
    Number(Decimal),
    /// `ND`, 未检出.
    NotDetected,
    /// `<a`: below a, and nothing more is known.
    Below(Decimal),
    /// `>a`: above a, and nothing more is known.
    Above(Decimal),
}

impl MeasuredValue {
    /// Reads `0.20`, `ND`, `未检出`, `<0.01` or `>300`.
    pub fn parse(typed: &str) -> Result<Self, DecimalError> {
        let code = text::code(typed);
        if matches!(code.as_str(), "ND" | "未检出") {
            return Ok(Self::NotDetected);
        }
        let number = |rest: &str| Decimal::parse(rest.trim());
        Ok(match (code.strip_prefix('<'), code.strip_prefix('>')) {
            (Some(rest), _) => Self::Below(number(rest)?),
            (_, Some(rest)) => Self::Above(number(rest)?),
            _ => Self::Number(number(&code)?),
        })
    }
}

impl fmt::Display for MeasuredValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "{value}"),
            Self::NotDetected => f.write_str("ND"),
            Self::Below(value) => write!(f, "<{value}"),
            Self::Above(value) => write!(f, ">{value}"),
        }
    }
}

impl TryFrom<String> for MeasuredValue {
    type Error = DecimalError;
    fn try_from(text: String) -> Result<Self, DecimalError> {
        Self::parse(&text)
    }
}

impl From<MeasuredValue> for String {
    fn from(value: MeasuredValue) -> Self {
        value.to_string()
    }
}

/// One result of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    pub value: MeasuredValue,
    pub unit: Option<String>,
    /// A finding of a banned substance is confirmed (retention time, ion ratio, second portion) before it fails.
    pub confirmed: bool,
    pub carry_over: CarryOver,
}

/// Where an additive that is not permitted may come from (带入原则, natural background).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarryOver {
    /// Not looked into yet.
    #[default]
    Unknown,
    /// Carry-over and natural background are excluded: the finding fails.
    Excluded,
    /// Shown to be carry-over or natural background: the finding conforms.
    Shown,
}

impl Measured {
    /// A confirmed finding whose origin was not looked into.
    pub fn new(value: MeasuredValue, unit: Option<&str>) -> Self {
        Self { value, unit: unit.map(str::to_owned), confirmed: true, carry_over: CarryOver::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_what_is_written() {
        for text in ["0.20", "ND", "<0.01", ">300", "-0.56"] {
            assert_eq!(MeasuredValue::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(MeasuredValue::parse(" 未检出 ").unwrap(), MeasuredValue::NotDetected);
        assert_eq!(MeasuredValue::parse("＜０．０１").unwrap().to_string(), "<0.01");
        for wrong in ["", "<", "n.d.", "0.1*", "<<1", "trace"] {
            assert!(MeasuredValue::parse(wrong).is_err(), "{wrong}");
        }
    }
}
