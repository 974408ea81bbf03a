//! Exact decimals, kept as they were printed.
//!
//! A measured value, a limit or a factor is a [`Decimal`]: its text keeps every zero (`0.0120`), its value is an exact
//! rational. No binary floating point is involved anywhere, so nothing is rounded in silence.
//!
//! Two decimals are *equal* when they were printed alike; whether they are equal *in value* is asked with
//! [`Decimal::same_value`] and [`Decimal::cmp_value`]. There is deliberately no `Ord`: sorting texts is not sorting
//! numbers.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Serialize};

/// An exact decimal in plain notation: an optional minus, digits, optionally a point and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal(String);

/// Why a text is not a decimal. The message names the text, what is wrong and what would be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    #[error("a number is missing here; write it in digits, for example 0.20")]
    Empty,
    #[error("\"{0}\" is written with an exponent; write it in plain digits, for example 0.0015 instead of 1.5E-3")]
    Exponent(String),
    #[error("\"{0}\" contains a comma; the decimal mark is a point, and thousands are not separated")]
    Comma(String),
    #[error(
        "\"{0}\" is not a decimal number; write digits, at most one point with digits on both sides, and a minus if needed"
    )]
    NotPlain(String),
    #[error("\"{}…\" has {} characters; at most {MAX_CHARS} are read as a number", .0.chars().take(20).collect::<String>(), .0.len())]
    TooLong(String),
    #[error("\"{0}\" has an exponent beyond ±{MAX_EXPONENT}")]
    ExponentTooLarge(String),
}

impl utoipa::PartialSchema for Decimal {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        let about = "An exact decimal in plain notation, as it was printed.";
        ObjectBuilder::new().schema_type(Type::String).description(Some(about)).examples(["0.20"]).into()
    }
}

impl utoipa::ToSchema for Decimal {}

impl Decimal {
    /// Reads plain notation exactly as printed, or says why not. Blanks around it are the caller's to trim.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        check_plain(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Reads plain or scientific notation (`1.5E-3`) and writes it plainly (`0.0015`); the digits stay the same ones.
    ///
    /// For sources that are known to print exponents (a spreadsheet's stored number, some instruments). Everywhere else
    /// an exponent is a surprise and [`Decimal::parse`] refuses it.
    pub fn parse_scientific(text: &str) -> Result<Self, DecimalError> {
        let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
            return Self::parse(text);
        };
        let mantissa = Self::parse(mantissa).map_err(|_| DecimalError::NotPlain(text.to_owned()))?;
        let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent_digits.is_empty() || !exponent_digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DecimalError::NotPlain(text.to_owned()));
        }
        let exponent = exponent
            .parse::<i64>()
            .ok()
            .filter(|e| e.unsigned_abs() <= MAX_EXPONENT)
            .ok_or_else(|| DecimalError::ExponentTooLarge(text.to_owned()))?;
        let decimals = mantissa.decimals() as i64 - exponent;
        let unscaled = mantissa.unscaled();
        let plain = match usize::try_from(decimals) {
            Ok(decimals) => Self::from_scaled(&unscaled, decimals),
            Err(_) => Self::from_scaled(&(unscaled * ten_to(decimals.unsigned_abs() as usize)), 0),
        };
        check_plain(&plain.0).map(|()| plain)
    }

    /// `unscaled / 10^decimals`, printed with exactly that many decimals. Zero never carries a minus.
    pub fn from_scaled(unscaled: &BigInt, decimals: usize) -> Self {
        let digits = unscaled.magnitude().to_string();
        let sign = if unscaled.sign() == Sign::Minus { "-" } else { "" };
        if decimals == 0 {
            return Self(format!("{sign}{digits}"));
        }
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        Self(format!("{sign}{whole}.{fraction}"))
    }

    /// The shortest decimal with exactly this value, or `None` when the value has no finite decimal (one third).
    pub fn from_ratio_finite(value: &BigRational) -> Option<Self> {
        let decimals = finite_decimals(value)?;
        let unscaled = value.numer() * (ten_to(decimals) / value.denom());
        Some(Self::from_scaled(&unscaled, decimals))
    }

    /// The exact value.
    pub fn to_ratio(&self) -> BigRational {
        match self.decimals() {
            0 => BigRational::from_integer(self.unscaled()),
            decimals => BigRational::new(self.unscaled(), ten_to(decimals)),
        }
    }

    /// The same number as this program writes one: no minus at zero and no needless zeros in front. The digits behind the
    /// point stay: `-0.00` is `0.00`, `00.20` is `0.20`.
    pub fn tidied(&self) -> Self {
        Self::from_scaled(&self.unscaled(), self.decimals())
    }

    /// The text as printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Printed digits behind the point: 2 for `5.00`.
    pub fn decimals(&self) -> usize {
        self.0.split_once('.').map_or(0, |(_, fraction)| fraction.len())
    }

    /// The printed digits as one integer, signed: -1200 for `-12.00`.
    pub fn unscaled(&self) -> BigInt {
        let digits: Vec<u8> = self.0.bytes().filter(u8::is_ascii_digit).collect();
        let magnitude = BigInt::parse_bytes(&digits, 10).unwrap_or_default();
        if self.0.starts_with('-') { -magnitude } else { magnitude }
    }

    pub fn is_zero(&self) -> bool {
        self.0.bytes().all(|b| !matches!(b, b'1'..=b'9'))
    }

    /// Below zero. `-0.00` is not.
    pub fn is_negative(&self) -> bool {
        self.0.starts_with('-') && !self.is_zero()
    }

    /// Compares the values, whatever the texts: `0.20` and `0.2` are equal.
    pub fn cmp_value(&self, other: &Self) -> Ordering {
        self.to_ratio().cmp(&other.to_ratio())
    }

    pub fn same_value(&self, other: &Self) -> bool {
        self.cmp_value(other) == Ordering::Equal
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl TryFrom<String> for Decimal {
    type Error = DecimalError;
    fn try_from(text: String) -> Result<Self, DecimalError> {
        check_plain(&text)?;
        Ok(Self(text))
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse(text)
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Ten to a power, as an integer.
pub fn ten_to(power: usize) -> BigInt {
    num_traits::pow(BigInt::from(10), power)
}

fn check_plain(text: &str) -> Result<(), DecimalError> {
    let own = || text.to_owned();
    if text.is_empty() {
        return Err(DecimalError::Empty);
    }
    if text.len() > MAX_CHARS {
        return Err(DecimalError::TooLong(own()));
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let plain = match unsigned.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(unsigned),
    };
    if plain {
        Ok(())
    } else if Decimal::looks_scientific(unsigned) {
        Err(DecimalError::Exponent(own()))
    } else if text.contains([',', '，']) {
        Err(DecimalError::Comma(own()))
    } else {
        Err(DecimalError::NotPlain(own()))
    }
}

impl Decimal {
    fn looks_scientific(text: &str) -> bool {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.contains(['e', 'E'])
            && text.bytes().all(|b| b.is_ascii_digit() || b"eE+-.".contains(&b))
    }
}

/// How many decimals print the value exactly; `None` when its denominator has a factor other than 2 and 5.
fn finite_decimals(value: &BigRational) -> Option<usize> {
    let twos = value.denom().trailing_zeros().unwrap_or(0) as usize;
    let mut rest: BigInt = value.denom().abs() >> twos;
    let five = BigInt::from(5);
    let mut fives = 0;
    while !rest.is_one() {
        let (quotient, remainder) = rest.div_rem(&five);
        if !remainder.is_zero() {
            return None;
        }
        rest = quotient;
        fives += 1;
    }
    Some(twos.max(fives))
}

/// Characters of the longest number that is read. Results and limits have fewer than 20, the smallest stored double
/// written plainly has 326; the bound keeps a hostile request from costing time.
const MAX_CHARS: usize = 400;
/// Largest exponent that is read: a stored double needs 308 and its shortest text at most 324.
const MAX_EXPONENT: u64 = 400;

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(numerator: i64, denominator: i64) -> BigRational {
        BigRational::new(numerator.into(), denominator.into())
    }

    #[test]
    fn keeps_the_printed_text() {
        for text in
            ["0.0120", "0", "-0.00", "007", "100", "-12.50", "123456789012345678901234567890.000000000000000001"]
        {
            assert_eq!(Decimal::parse(text).unwrap().as_str(), text);
        }
        let json = serde_json::to_string(&Decimal::parse("0.10").unwrap()).unwrap();
        assert_eq!(json, "\"0.10\"");
        assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap().as_str(), "0.10");
    }

    #[test]
    fn a_tidied_number_has_no_minus_at_zero_and_no_zeros_in_front() {
        for (printed, tidy) in [
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("00.20", "0.20"),
            ("007", "7"),
            ("-012.50", "-12.50"),
            ("0.0120", "0.0120"),
            ("000", "0"),
        ] {
            assert_eq!(Decimal::parse(printed).unwrap().tidied().as_str(), tidy);
        }
    }

    #[test]
    fn refuses_what_is_not_a_plain_decimal() {
        for text in ["", " ", "1.", ".5", "+1", "1 000", "--1", "-", "1.2.3", "ND", "<0.1", "１", "NaN", "inf", "0x10"]
        {
            assert!(Decimal::parse(text).is_err(), "{text:?} was read as a number");
        }
        assert_eq!(Decimal::parse("1,000"), Err(DecimalError::Comma("1,000".into())));
        assert_eq!(Decimal::parse("1e-3"), Err(DecimalError::Exponent("1e-3".into())));
        assert!(matches!(Decimal::parse(&"9".repeat(401)), Err(DecimalError::TooLong(_))));
        assert!(Decimal::parse("1,000").unwrap_err().to_string().contains("decimal mark is a point"));
        assert!(serde_json::from_str::<Decimal>("0.1").is_err(), "a JSON number is binary and is refused");
    }

    #[test]
    fn exponents_are_read_only_on_request() {
        let read = |text| Decimal::parse_scientific(text).map(String::from);
        assert_eq!(read("1.50E-3").unwrap(), "0.00150");
        assert_eq!(read("-2.5e+2").unwrap(), "-250");
        assert_eq!(read("1e3").unwrap(), "1000");
        assert_eq!(read("0.20").unwrap(), "0.20");
        assert_eq!(read("5E-324").unwrap().len(), 326);
        for text in ["1e", "e5", "1e5.5", "1e999999999999999999999", "1e401", "1e+-5", "1,5e3", "1.5e400"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_are_exact() {
        assert_eq!(Decimal::parse("0.10").unwrap().to_ratio(), ratio(1, 10));
        assert_eq!(Decimal::parse("-2.675").unwrap().to_ratio(), ratio(-2675, 1000));
        assert_eq!(Decimal::from_ratio_finite(&ratio(1, 8)).unwrap().as_str(), "0.125");
        assert_eq!(Decimal::from_ratio_finite(&ratio(-5, 2)).unwrap().as_str(), "-2.5");
        assert_eq!(Decimal::from_ratio_finite(&ratio(2500, 1)).unwrap().as_str(), "2500");
        assert_eq!(Decimal::from_ratio_finite(&ratio(0, 1)).unwrap().as_str(), "0");
        assert_eq!(Decimal::from_ratio_finite(&ratio(1, 3)), None);
        assert_eq!(Decimal::from_scaled(&BigInt::from(-5), 3).as_str(), "-0.005");
        assert_eq!(Decimal::from_scaled(&BigInt::from(0), 2).as_str(), "0.00");
    }

    #[test]
    fn order_is_asked_by_value() {
        let d = |text| Decimal::parse(text).unwrap();
        assert_ne!(d("0.20"), d("0.2"));
        assert!(d("0.20").same_value(&d("0.2")));
        assert_eq!(d("9").cmp_value(&d("10")), Ordering::Less);
        assert_eq!(d("-9").cmp_value(&d("-10")), Ordering::Greater);
        assert!(d("-0.00").is_zero() && !d("-0.00").is_negative() && d("-0.01").is_negative());
    }
}
