//! A limit as a rule, and the facts of the method it is compared with.

use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;
use crate::domain::text;

use super::error::JudgementError;
use super::number::{Factor, Ratio, one};
use super::rounding::Digits;

/// One limit row with everything that decides how it is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitRule {
    #[serde(flatten)]
    pub bound: Bound,
    pub unit: Option<String>,
    /// Written with `<` or `>`: a value equal to the limit fails.
    pub exclusive: bool,
    /// Concentration factor (dried goods) or dilution (`1/8`): the limit is multiplied by it.
    pub times: Option<Factor>,
    pub comparison: Comparison,
}

/// What a limit asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Bound {
    /// At most.
    Max { value: Decimal },
    /// At least.
    Min { value: Decimal },
    /// Between, both ends included; a labelled value ± tolerance is turned into a range first.
    Range { low: Decimal, high: Decimal },
    /// 不得检出: must not be detected at the method's LOD.
    NotDetectable,
    /// 不得使用: must not be used; carry-over and background are to be looked into.
    NotPermitted,
    /// 按生产需要适量使用: no numeric verdict.
    Gmp,
    /// No limit applies, in a catalogue that is declared complete.
    NoLimit,
}

/// How value and limit are compared (GB/T 8170 4.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// 全数值比较法: the unrounded value; the default when the standard says nothing.
    #[default]
    Full,
    /// 修约值比较法: rounded once to the digits of the limit as written.
    Rounded,
}

/// What the method can see and how it reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodFacts {
    /// Limit of detection for the portion used, in the unit of the result.
    pub lod: Option<Decimal>,
    /// Limit of quantification for the portion used, in the unit of the result.
    pub loq: Option<Decimal>,
    /// Figures of the reported value; without them it is reported as given.
    pub digits: Option<Digits>,
}

impl LimitRule {
    /// A plain limit: inclusive, not scaled, full-value comparison.
    pub fn new(bound: Bound, unit: Option<&str>) -> Self {
        let unit = unit.map(str::to_owned);
        Self { bound, unit, exclusive: false, times: None, comparison: Comparison::Full }
    }

    /// The acceptance region in the limit's unit; `None` where no number decides.
    pub fn region(&self) -> Option<Region> {
        let times = self.times.as_ref().map_or_else(one, |factor| factor.value().clone());
        let scaled = |value: &Decimal| Some(value.to_ratio() * &times);
        let (low, high) = match &self.bound {
            Bound::Max { value } => (None, scaled(value)),
            Bound::Min { value } => (scaled(value), None),
            Bound::Range { low, high } => (scaled(low), scaled(high)),
            Bound::NotDetectable | Bound::NotPermitted | Bound::Gmp | Bound::NoLimit => {
                return None;
            }
        };
        Some(Region { low, high, exclusive: self.exclusive })
    }
}

impl Bound {
    /// Reads kind and value as the catalogue writes them: `max 0.2`, `range 18~33`, `absent ND`, `absent NP`, `gmp`.
    pub fn parse(kind: &str, value: Option<&str>) -> Result<Self, JudgementError> {
        let written = value.map(text::code).filter(|value| !matches!(value.as_str(), "" | "-"));
        let number = || decimal("limit.value", written.as_deref().unwrap_or_default());
        Ok(match (kind, written.as_deref()) {
            ("max", _) => Self::Max { value: number()? },
            ("min", _) => Self::Min { value: number()? },
            ("range", Some(range)) => range_bound(range)?,
            ("absent", None | Some("ND")) => Self::NotDetectable,
            ("absent", Some("NP")) | ("not_permitted", _) => Self::NotPermitted,
            ("gmp", _) => Self::Gmp,
            ("no_limit", _) => Self::NoLimit,
            ("range", None) => {
                return Err(JudgementError::refused("limit.value", "a range is written low~high, for example 18~33"));
            }
            ("absent", Some(other)) => {
                return Err(JudgementError::refused("limit.value", format!("\"{other}\" is neither ND nor NP")));
            }
            ("microbiology", _) => {
                return Err(JudgementError::refused(
                    "limit.kind",
                    "a plan n, c, m, M is judged over its units; use \"micro\"",
                ));
            }
            _ => {
                let why = format!("\"{kind}\" is not known; known are max, min, range, absent, gmp");
                return Err(JudgementError::refused("limit.kind", why));
            }
        })
    }

    /// The limit as written, in the catalogue's form; no minus at zero.
    pub fn written(&self) -> String {
        match self {
            Self::Max { value } | Self::Min { value } => value.tidied().into(),
            Self::Range { low, high } => format!("{}~{}", low.tidied(), high.tidied()),
            Self::NotDetectable => "ND".into(),
            Self::NotPermitted => "NP".into(),
            Self::Gmp => "gmp".into(),
            Self::NoLimit => String::new(),
        }
    }

    /// Decimals of the limit as written: where rounded-value comparison rounds.
    pub fn written_decimals(&self) -> usize {
        match self {
            Self::Max { value } | Self::Min { value } => value.decimals(),
            Self::Range { low, high } => low.decimals().max(high.decimals()),
            Self::NotDetectable | Self::NotPermitted | Self::Gmp | Self::NoLimit => 0,
        }
    }
}

/// The values that conform, exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub low: Option<Ratio>,
    pub high: Option<Ratio>,
    pub exclusive: bool,
}

impl Region {
    pub fn contains(&self, x: &Ratio) -> bool {
        let inside = |border: &Ratio, beyond: bool| beyond || (!self.exclusive && x == border);
        self.low.as_ref().is_none_or(|low| inside(low, x > low))
            && self.high.as_ref().is_none_or(|high| inside(high, x < high))
    }
}

/// A decimal of a named field.
pub fn decimal(field: &str, text: &str) -> Result<Decimal, JudgementError> {
    Decimal::parse(text).map_err(|problem| JudgementError::Number { field: field.to_owned(), problem })
}

fn range_bound(range: &str) -> Result<Bound, JudgementError> {
    let (low, high) = range.split_once('~').ok_or_else(|| {
        JudgementError::refused("limit.value", format!("\"{range}\" is not a range; write low~high, for example 18~33"))
    })?;
    let (low, high) = (decimal("limit.value", low.trim())?, decimal("limit.value", high.trim())?);
    if low.cmp_value(&high).is_gt() {
        return Err(JudgementError::refused(
            "limit.value",
            format!("{low} is above {high}; write the lower end first"),
        ));
    }
    Ok(Bound::Range { low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn reads_the_catalogue() {
        assert_eq!(Bound::parse("max", Some("0.2")).unwrap(), Bound::Max { value: d("0.2") });
        assert_eq!(
            Bound::parse("range", Some("-0.560～-0.500")).unwrap(),
            Bound::Range { low: d("-0.560"), high: d("-0.500") }
        );
        assert_eq!(Bound::parse("absent", Some("NP")).unwrap(), Bound::NotPermitted);
        assert_eq!(Bound::parse("absent", None).unwrap(), Bound::NotDetectable);
        for (kind, value) in [
            ("max", None),
            ("max", Some("ND")),
            ("range", Some("18-33")),
            ("range", Some("33~18")),
            ("absent", Some("0")),
            ("maximum", Some("1")),
            ("microbiology", None),
        ] {
            assert!(Bound::parse(kind, value).is_err(), "{kind} {value:?}");
        }
    }

    #[test]
    fn borders_belong_to_the_region_unless_exclusive() {
        let mut rule = LimitRule::new(Bound::Range { low: d("18"), high: d("33") }, None);
        let inside = |rule: &LimitRule, x: &str| rule.region().unwrap().contains(&d(x).to_ratio());
        assert!(inside(&rule, "18") && inside(&rule, "33.0") && !inside(&rule, "33.01") && !inside(&rule, "17.99"));
        rule.exclusive = true;
        assert!(!inside(&rule, "18") && !inside(&rule, "33") && inside(&rule, "18.01"));
        rule.times = Some(Factor::parse("1/8").unwrap());
        assert!(inside(&rule, "4.12") && !inside(&rule, "4.125"));
    }
}
