//! Exact numbers inside, decimals at the edge.
//!
//! Everything is computed in exact rationals. Text appears only when a number leaves: exactly when it is finite,
//! otherwise with 12 significant digits, half to even.

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::{Decimal, DecimalError, ten_to};

use super::error::JudgementError;
use super::rounding;

/// An exact value.
pub type Ratio = BigRational;

/// The value in plain notation: exact when finite, otherwise with [`SIGNIFICANT_DIGITS`] digits, half to even.
pub fn plain(value: &Ratio) -> String {
    match Decimal::from_ratio_finite(value) {
        Some(exact) => exact.into(),
        None => rounding::to_significant(value, SIGNIFICANT_DIGITS).value.into(),
    }
}

/// The value with a fixed number of decimals, half to even: `0.6000`.
pub fn fixed(value: &Ratio, decimals: usize) -> String {
    let scaled = value * Ratio::from_integer(ten_to(decimals));
    Decimal::from_scaled(&rounding::half_even(&scaled), decimals).into()
}

/// `value * factor` as a decimal that keeps the printed digits when the factor only moves the point: 0.250 mg/kg is
/// 250 µg/kg, 85 µg/kg is 0.085 mg/kg.
pub fn scaled_text(value: &Decimal, factor: &Ratio) -> String {
    match power_of_ten(factor) {
        Some(0) => value.tidied().into(),
        Some(shift) => {
            let decimals = value.decimals() as i64 - shift;
            let surplus = usize::try_from(-decimals).unwrap_or(0);
            let unscaled = value.unscaled() * ten_to(surplus);
            Decimal::from_scaled(&unscaled, usize::try_from(decimals).unwrap_or(0)).into()
        }
        None => plain(&(value.to_ratio() * factor)),
    }
}

/// The value of an irrational expression is known to [`ROOT_DECIMALS`] digits only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    pub value: Ratio,
    pub exact: bool,
}

impl Root {
    /// Exact when it is, otherwise 12 significant digits.
    pub fn text(&self) -> String {
        match self.exact {
            true => plain(&self.value),
            false => rounding::to_significant(&self.value, SIGNIFICANT_DIGITS).value.into(),
        }
    }
}

/// A square root: exactly when the value is a square, otherwise within one part in 10^[`ROOT_DECIMALS`].
///
/// `None` for a negative value.
pub fn square_root(value: &Ratio) -> Option<Root> {
    if value.is_negative() {
        return None;
    }
    let (numerator, denominator) = (value.numer().sqrt(), value.denom().sqrt());
    if &(&numerator * &numerator) == value.numer() && &(&denominator * &denominator) == value.denom() {
        return Some(Root { value: Ratio::new(numerator, denominator), exact: true });
    }
    // A power of ten that leaves ROOT_DECIMALS digits behind the first significant one, however small the value is.
    let digits = usize::try_from(ROOT_DECIMALS as i64 - rounding::decimal_exponent(value).min(0)).unwrap_or(0);
    let scale = ten_to(digits);
    let scaled = (value * Ratio::from_integer(&scale * &scale)).to_integer().sqrt();
    // The middle of the unit interval that holds the root: an irrational root never lies on a rounding border, so the
    // middle rounds to the same digits as the root itself.
    Some(Root { value: Ratio::new(scaled * 2 + 1, scale * 2), exact: false })
}

/// A factor as people write it: a decimal (`4`, `0.125`) or a fraction (`1/8`, `221.26/237.25`). Kept as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Factor {
    text: String,
    value: Ratio,
}

impl Factor {
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        if text.len() > MAX_FACTOR_CHARS {
            return Err(DecimalError::TooLong(text.to_owned()));
        }
        let value = match text.split_once('/') {
            None => Decimal::parse(text.trim())?.to_ratio(),
            Some((numerator, denominator)) => {
                let denominator = Decimal::parse(denominator.trim())?.to_ratio();
                if denominator.is_zero() {
                    return Err(DecimalError::NotPlain(text.to_owned()));
                }
                Decimal::parse(numerator.trim())?.to_ratio() / denominator
            }
        };
        Ok(Self { text: text.to_owned(), value })
    }

    pub fn value(&self) -> &Ratio {
        &self.value
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for Factor {
    type Error = DecimalError;
    fn try_from(text: String) -> Result<Self, DecimalError> {
        Self::parse(&text)
    }
}

impl From<Factor> for String {
    fn from(factor: Factor) -> Self {
        factor.text
    }
}

/// An exact value as a record keeps it beside what is shown of it: `55/502`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fraction(Ratio);

impl Fraction {
    /// `None`: the value has a finite decimal, or more figures than are worth keeping.
    pub fn of(value: &Ratio) -> Option<Self> {
        Self::beside(value, None)
    }

    /// `None`: the decimal that is shown says it all, or it has more figures than are worth keeping.
    pub fn beside(value: &Ratio, shown: Option<&Decimal>) -> Option<Self> {
        let is_said = match shown {
            Some(shown) => &shown.to_ratio() == value,
            None => Decimal::from_ratio_finite(value).is_some(),
        };
        let kept = Self(value.clone());
        (!is_said && kept.to_string().len() <= MAX_FRACTION_CHARS).then_some(kept)
    }

    pub fn value(&self) -> &Ratio {
        &self.0
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0.numer(), self.0.denom())
    }
}

impl TryFrom<String> for Fraction {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let whole = |part: &str| BigInt::parse_bytes(part.as_bytes(), 10);
        let parts = text.split_once('/').filter(|_| text.len() <= MAX_FRACTION_CHARS);
        match parts.and_then(|(above, below)| Some((whole(above)?, whole(below)?))) {
            Some((above, below)) if below.is_positive() => Ok(Self(Ratio::new(above, below))),
            _ => Err(format!("\"{}\" is no fraction", text.chars().take(20).collect::<String>())),
        }
    }
}

impl From<Fraction> for String {
    fn from(fraction: Fraction) -> Self {
        fraction.to_string()
    }
}

/// `k` when the value is 10^k.
fn power_of_ten(value: &Ratio) -> Option<i64> {
    if !value.is_positive() {
        return None;
    }
    let exponent = rounding::decimal_exponent(value);
    (value == &rounding::ten_to_signed(exponent)).then_some(exponent)
}

/// Refuses a number that is too long to be divided by or weighted with in a sum of many: common denominators grow with
/// every term, and a hostile request must not cost minutes.
pub fn check_length(field: &str, value: &Decimal) -> Result<(), JudgementError> {
    if value.as_str().len() > MAX_SUMMED_CHARS {
        let why = format!("a number of more than {MAX_SUMMED_CHARS} characters is not used in this calculation");
        return Err(JudgementError::refused(field, why));
    }
    Ok(())
}

/// Sum of values.
pub fn sum<'a>(values: impl IntoIterator<Item = &'a Ratio>) -> Ratio {
    values.into_iter().fold(Ratio::zero(), |sum, value| sum + value)
}

/// An integer as an exact value.
pub fn whole(value: i64) -> Ratio {
    Ratio::from_integer(BigInt::from(value))
}

/// One hundred: percent.
pub fn hundred() -> Ratio {
    whole(100)
}

pub fn one() -> Ratio {
    Ratio::one()
}

/// Digits printed of a value that has no finite decimal: far beyond every measurement, short enough to read.
pub const SIGNIFICANT_DIGITS: u32 = 12;
/// Longest number in a curve or a proportion, in characters. A stored double has 17 digits and some zeros.
const MAX_SUMMED_CHARS: usize = 30;
/// Longest factor in characters: two such numbers and the bar.
const MAX_FACTOR_CHARS: usize = 2 * MAX_SUMMED_CHARS + 1;
/// Longest fraction that a record keeps, in characters: that of a reading on a curve of a dozen standards is shorter.
const MAX_FRACTION_CHARS: usize = 1000;
/// Most parts of a sum or a proportion. The longest residue definition has fewer than 20.
pub const MAX_PARTS: usize = 100;
/// Digits behind the point that a root is computed to: enough that no later step loses the twelfth digit.
const ROOT_DECIMALS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn r(numerator: i64, denominator: i64) -> Ratio {
        Ratio::new(numerator.into(), denominator.into())
    }

    #[test]
    fn finite_values_are_printed_exactly() {
        assert_eq!(plain(&r(1, 8)), "0.125");
        assert_eq!(plain(&r(-1, 3)), "-0.333333333333");
        assert_eq!(plain(&r(2, 3)), "0.666666666667");
        assert_eq!(plain(&r(1_000_000_000_001, 3)), "333333333334");
        assert_eq!(plain(&r(0, 3)), "0");
        assert_eq!(fixed(&r(3, 5), 4), "0.6000");
        assert_eq!(fixed(&r(-1, 100_000), 4), "0.0000");
        assert_eq!(fixed(&r(25, 10_000), 3), "0.002");
    }

    #[test]
    fn moving_the_point_keeps_the_digits() {
        let text = |value: &str, factor| scaled_text(&Decimal::parse(value).unwrap(), &factor);
        assert_eq!(text("0.250", r(1000, 1)), "250");
        assert_eq!(text("0.30", r(1000, 1)), "300");
        assert_eq!(text("85", r(1, 1000)), "0.085");
        assert_eq!(text("1.50", r(1, 1000)), "0.00150");
        assert_eq!(text("-1.50", r(10, 1)), "-15.0");
        assert_eq!(text("0.25", r(394, 10)), "9.85");
        assert_eq!(text("0.200", r(1, 1)), "0.200");
        assert_eq!(text("-0.0", r(1, 1)), "0.0");
        assert_eq!(text("-0.0", r(10, 1)), "0");
        assert_eq!(text("00.20", r(1, 1)), "0.20");
    }

    #[test]
    fn roots_are_exact_when_they_can_be() {
        assert_eq!(square_root(&r(9, 16)), Some(Root { value: r(3, 4), exact: true }));
        assert_eq!(square_root(&r(-1, 1)), None);
        assert_eq!(square_root(&r(2, 1)).unwrap().text(), "1.41421356237");
        // sqrt(2e-80) = 1.41421356237e-40
        let tiny = r(2, 1) / Ratio::from_integer(ten_to(80));
        assert_eq!(square_root(&tiny).unwrap().text(), format!("0.{}141421356237", "0".repeat(39)));
    }

    #[test]
    fn a_fraction_reads_back_exactly_and_only_where_there_is_no_decimal() {
        let third = Fraction::of(&r(-55, 165)).unwrap();
        let json = serde_json::to_string(&third).unwrap();
        assert_eq!(json, "\"-1/3\"");
        assert_eq!(serde_json::from_str::<Fraction>(&json).unwrap().value(), &r(-1, 3));
        assert_eq!(Fraction::of(&r(1, 8)), None);
        let shown = Decimal::parse("0.13").unwrap();
        assert_eq!(Fraction::beside(&r(1, 8), Some(&shown)).map(String::from).as_deref(), Some("1/8"));
        assert_eq!(Fraction::beside(&r(13, 100), Some(&shown)), None);
        assert_eq!(Fraction::of(&(r(1, 3) / Ratio::from_integer(ten_to(1000)))), None, "too long to keep");
        for wrong in ["", "1", "1/0", "1/-3", "a/3", "0.1/3"] {
            assert!(Fraction::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn factors_are_decimals_or_fractions() {
        assert_eq!(Factor::parse("1/8").unwrap().value(), &r(1, 8));
        assert_eq!(Factor::parse("221.26/237.25").unwrap().value(), &r(22126, 23725));
        assert_eq!(Factor::parse("4").unwrap().value(), &r(4, 1));
        for wrong in ["", "1/0", "/8", "1/", "1/2/3", "a"] {
            assert!(Factor::parse(wrong).is_err(), "{wrong}");
        }
    }
}
