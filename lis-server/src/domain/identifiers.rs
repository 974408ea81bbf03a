//! Identifiers and their check digits (`records.md` 1).
//!
//! Every type is parsed once at the edge, normalised (trimmed, half-width, upper case), and holds only valid text.
//! Where the check digit is certain a wrong one is refused; where it is known only from knowledge (food licences) it is
//! a warning: a person at a market stall must be able to go on.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text;

mod label;
mod region;

pub use label::LabelCode;
pub use region::RegionCode;

/// The identifiers that can be checked by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// 统一社会信用代码, GB 32100.
    #[serde(alias = "uscc_gb32100")]
    Uscc,
    /// 食品生产许可证编号.
    #[serde(alias = "food_production_licence_sc")]
    ScLicence,
    /// 食品经营许可证编号.
    #[serde(alias = "food_business_licence_jy")]
    JyLicence,
    Ean13,
    Cas,
    Telephone,
    LabelCode,
    RegionCode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierVerdict {
    Valid,
    Warning,
    Invalid,
}

/// What is wrong with an identifier. `Display` is English; pages translate by the variant's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierProblem {
    #[error("it should be {expected}")]
    Shape { expected: String },
    #[error("the letter {letter} does not occur in these codes (I, O, S, V and Z are left out)")]
    Alphabet { letter: char },
    #[error("the first digit is {found}; it must be {expected}")]
    FirstDigit { found: char, expected: String },
    #[error("the food class is {found}; it must be 01 to 31")]
    FoodClass { found: String },
    #[error("the check digit is {found}, calculated is {expected}: compare with the original")]
    CheckDigit { found: char, expected: char },
}

/// The answer for an identifier of a kind that is named at run time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedIdentifier {
    pub verdict: IdentifierVerdict,
    /// The text as it would be stored.
    pub normalized: String,
    pub problem: Option<IdentifierProblem>,
}

/// Checks a text as an identifier of this kind.
pub fn check(kind: IdentifierKind, typed: &str) -> CheckedIdentifier {
    match kind {
        IdentifierKind::Uscc => answer(typed, CreditCode::parse(typed)),
        IdentifierKind::ScLicence => {
            answer_with_doubt(typed, ProductionLicence::parse(typed), ProductionLicence::doubt)
        }
        IdentifierKind::JyLicence => answer_with_doubt(typed, BusinessLicence::parse(typed), BusinessLicence::doubt),
        IdentifierKind::Ean13 => answer(typed, Ean13::parse(typed)),
        IdentifierKind::Cas => answer(typed, CasNumber::parse(typed)),
        IdentifierKind::Telephone => answer(typed, Telephone::parse(typed)),
        IdentifierKind::LabelCode => answer(typed, LabelCode::parse(typed)),
        IdentifierKind::RegionCode => answer(typed, RegionCode::parse(typed)),
    }
}

fn answer<T: fmt::Display>(typed: &str, parsed: Result<T, IdentifierProblem>) -> CheckedIdentifier {
    answer_with_doubt(typed, parsed, |_| None)
}

fn answer_with_doubt<T: fmt::Display>(
    typed: &str,
    parsed: Result<T, IdentifierProblem>,
    doubt: impl Fn(&T) -> Option<IdentifierProblem>,
) -> CheckedIdentifier {
    let (verdict, normalized, problem) = match parsed {
        Err(problem) => (IdentifierVerdict::Invalid, upper_code(typed), Some(problem)),
        Ok(value) => match doubt(&value) {
            Some(problem) => (IdentifierVerdict::Warning, value.to_string(), Some(problem)),
            None => (IdentifierVerdict::Valid, value.to_string(), None),
        },
    };
    CheckedIdentifier { verdict, normalized, problem }
}

/// A text newtype that can only be made by `parse`, also when it is read from JSON.
macro_rules! parsed_text {
    ($name:ident) => {
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = crate::domain::identifiers::IdentifierProblem;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }
        impl std::str::FromStr for $name {
            type Err = crate::domain::identifiers::IdentifierProblem;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
use parsed_text;

/// 统一社会信用代码 (GB 32100): 18 characters, the last one a check character.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(String);
parsed_text!(CreditCode);

impl CreditCode {
    /// The check character is `(31 - sum of weighted values mod 31) mod 31`, written in the code's own alphabet.
    pub fn parse(typed: &str) -> Result<Self, IdentifierProblem> {
        let code = upper_code(typed);
        if code.len() != 18 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(shape("18 characters: digits and capital letters"));
        }
        let values = code
            .chars()
            .map(|c| CREDIT_ALPHABET.find(c).ok_or(IdentifierProblem::Alphabet { letter: c }))
            .collect::<Result<Vec<_>, _>>()?;
        if !code.as_bytes()[2..8].iter().all(u8::is_ascii_digit) {
            return Err(shape("18 characters of which the third to the eighth are digits, the region"));
        }
        let sum: usize = values.iter().zip(CREDIT_WEIGHTS).map(|(value, weight)| value * weight).sum();
        let expected = char::from(CREDIT_ALPHABET.as_bytes()[(31 - sum % 31) % 31]);
        same_check(last(&code), expected)?;
        Ok(Self(code))
    }

    /// The six digits of the registering region.
    pub fn region(&self) -> &str {
        &self.0[2..8]
    }
}

/// 食品生产许可证编号: `SC` and 14 digits (3 category, 6 region, 4 serial, 1 check).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProductionLicence(String);
parsed_text!(ProductionLicence);

impl ProductionLicence {
    /// Refuses a wrong shape, first digit or food class. A wrong check digit passes and is told by [`Self::doubt`].
    pub fn parse(typed: &str) -> Result<Self, IdentifierProblem> {
        let code = upper_code(typed);
        let digits = licence_digits(&code, "SC")?;
        let first = digits.chars().next().unwrap_or_default();
        if !matches!(first, '1' | '2') {
            return Err(IdentifierProblem::FirstDigit { found: first, expected: "1 (food) or 2 (additive)".into() });
        }
        let class = &digits[1..3];
        if !("01"..="31").contains(&class) {
            return Err(IdentifierProblem::FoodClass { found: class.to_owned() });
        }
        Ok(Self(code))
    }

    /// A wrong check digit: only a warning, because the algorithm was not yet tried on real licences.
    pub fn doubt(&self) -> Option<IdentifierProblem> {
        mod_11_10_doubt(&self.0[2..])
    }
}

/// 食品经营许可证编号: `JY` and 14 digits (first digit 1 sale, 2 catering, 3 canteen).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessLicence(String);
parsed_text!(BusinessLicence);

impl BusinessLicence {
    pub fn parse(typed: &str) -> Result<Self, IdentifierProblem> {
        let code = upper_code(typed);
        licence_digits(&code, "JY")?;
        Ok(Self(code))
    }

    /// A first digit beyond 3 or a wrong check digit: both only warnings.
    pub fn doubt(&self) -> Option<IdentifierProblem> {
        let first = self.0.chars().nth(2).unwrap_or_default();
        if !matches!(first, '1'..='3') {
            let expected = "1 (sale), 2 (catering) or 3 (canteen)".into();
            return Some(IdentifierProblem::FirstDigit { found: first, expected });
        }
        mod_11_10_doubt(&self.0[2..])
    }
}

/// Barcode of goods: 13 digits, weights 1 and 3 from the left.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ean13(String);
parsed_text!(Ean13);

impl Ean13 {
    pub fn parse(typed: &str) -> Result<Self, IdentifierProblem> {
        let code = text::code(typed);
        let digits = digits(&code).filter(|d| d.len() == 13).ok_or_else(|| shape("13 digits"))?;
        let sum: u32 = digits[..12].iter().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
        same_check(last(&code), digit_char((10 - sum % 10) % 10))?;
        Ok(Self(code))
    }

    /// 690 to 699 are issued in mainland China; other prefixes are imports.
    pub fn is_mainland_china(&self) -> bool {
        self.0.starts_with("69")
    }
}

/// Chemical Abstracts number: 2 to 7 digits, 2 digits, a check digit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CasNumber(String);
parsed_text!(CasNumber);

impl CasNumber {
    /// No number begins with a zero. The check digit is the sum of each digit times its position from the right, modulo 10.
    pub fn parse(typed: &str) -> Result<Self, IdentifierProblem> {
        let code = text::code(typed);
        let wrong = || shape("2 to 7 digits, a hyphen, 2 digits, a hyphen, 1 digit, for example 7439-92-1");
        let parts: Vec<&str> = code.split('-').collect();
        let [body, middle, check] = parts[..] else {
            return Err(wrong());
        };
        // Numbers are given from 50-00-0 on: none begins with a zero.
        if !(2..=7).contains(&body.len()) || body.starts_with('0') || middle.len() != 2 || check.len() != 1 {
            return Err(wrong());
        }
        let numbers = digits(&format!("{body}{middle}")).ok_or_else(wrong)?;
        digits(check).ok_or_else(wrong)?;
        let sum: u32 = numbers.iter().rev().zip(1..).map(|(digit, position)| digit * position).sum();
        same_check(last(&code), digit_char(sum % 10))?;
        Ok(Self(code))
    }
}

/// Telephone: 11 digits starting with 1, or area code and number; stored as `13800000000`, `0316-2000000`,
/// `0316-2000000-801`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Telephone(String);
parsed_text!(Telephone);

impl Telephone {
    pub fn parse(typed: &str) -> Result<Self, IdentifierProblem> {
        let wrong = || shape("11 digits starting with 1, or an area code and a number, for example 0316-2000000");
        let code: String = text::code(typed).chars().filter(|c| !matches!(c, ' ' | '(' | ')')).collect();
        let code = code.strip_prefix("+86").unwrap_or(&code);
        let plain: String = code.chars().filter(|c| *c != '-').collect();
        if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        if plain.starts_with('1') && plain.len() == 11 {
            return Ok(Self(plain));
        }
        if !plain.starts_with('0') {
            return Err(wrong());
        }
        // Beijing (010) and the large cities (02x) have three digits, all others four.
        let area_length = if plain.starts_with("010") || plain.starts_with("02") { 3 } else { 4 };
        let (number, extension) = match code.rsplit_once('-') {
            Some((before, after)) if before.chars().filter(char::is_ascii_digit).count() >= area_length + 7 => {
                (before.replace('-', ""), format!("-{after}"))
            }
            _ => (plain, String::new()),
        };
        if !(area_length + 7..=area_length + 8).contains(&number.len()) || extension.len() > MAX_EXTENSION {
            return Err(wrong());
        }
        let (area, local) = number.split_at(area_length);
        Ok(Self(format!("{area}-{local}{extension}")))
    }
}

fn upper_code(typed: &str) -> String {
    text::code(typed).to_ascii_uppercase()
}

fn shape(expected: &str) -> IdentifierProblem {
    IdentifierProblem::Shape { expected: expected.to_owned() }
}

fn licence_digits<'a>(code: &'a str, prefix: &str) -> Result<&'a str, IdentifierProblem> {
    code.strip_prefix(prefix)
        .filter(|rest| rest.len() == 14 && rest.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| shape(&format!("{prefix} and 14 digits")))
}

/// MOD 11,10 of GB/T 17710 over 13 digits, compared with the fourteenth.
fn mod_11_10_doubt(fourteen: &str) -> Option<IdentifierProblem> {
    let values = digits(fourteen)?;
    let p = values[..13].iter().fold(10, |p, digit| {
        let s = match (p + digit) % 10 {
            0 => 10,
            s => s,
        };
        2 * s % 11
    });
    same_check(last(fourteen), digit_char((11 - p) % 10)).err()
}

fn digits(code: &str) -> Option<Vec<u32>> {
    code.chars().map(|c| c.to_digit(10)).collect()
}

fn digit_char(digit: u32) -> char {
    char::from_digit(digit, 10).unwrap_or('0')
}

fn last(code: &str) -> char {
    code.chars().next_back().unwrap_or_default()
}

fn same_check(found: char, expected: char) -> Result<(), IdentifierProblem> {
    if found == expected { Ok(()) } else { Err(IdentifierProblem::CheckDigit { found, expected }) }
}

/// Alphabet of GB 32100; the position is the value.
const CREDIT_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights of GB 32100: powers of 3 modulo 31.
const CREDIT_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Longest extension with its hyphen, in characters.
const MAX_EXTENSION: usize = 7;

#[cfg(test)]
mod tests;
