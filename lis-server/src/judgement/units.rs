//! Units and their exact factors (`judgement.md` 7).
//!
//! A unit is a numerator and at most one denominator, each with an optional amount: `mg/kg`, `g/100g`, `CFU/250mL`,
//! `/25g`. Two units are interchangeable when their dimensions are the same; mass per mass and volume per volume are
//! kept apart, and mg/L never becomes mg/kg without a factor that a person gave.

use num_traits::One;

use crate::domain::decimal::Decimal;
use crate::domain::text;

use super::number::{Ratio, whole};
use super::rounding::ten_to_signed;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    #[error("the unit \"{0}\" is not known; known are for example mg/kg, g/100g, %, µg/L, mmol/kg, %vol, CFU/g")]
    Unknown(String),
    #[error("{from} and {to} have different dimensions; give the factor (for mg/L and mg/kg the density)")]
    Dimensions { from: String, to: String },
    #[error("{from} to {to} is exactly {exact}; the given factor {given} contradicts it")]
    Contradiction { from: String, to: String, exact: String, given: String },
    #[error("a result without unit cannot be compared in {0}; give the unit of both or of none")]
    Missing(String),
}

/// A unit as an exact multiple of base units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// How many base units one of this unit is.
    pub factor: Ratio,
    pub dimension: Dimension,
    share: Share,
}

/// Exponents of the base units, in the order of [`Base`].
pub type Dimension = [i8; BASES];

/// What a dimensionless number is a share of. 1 % of mass is not 1 %vol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    Number,
    OfMass,
    OfVolume,
    /// A share went into it together with other quantities, or grams went against grams and something is left, as in
    /// `m1*V/m2`: what it will be a share of cannot be told.
    Unclear,
}

/// Base units: gram, litre, mole, equivalent, colony, most probable number, square centimetre, becquerel, joule,
/// degree Celsius, international unit (of a vitamin), unit of an enzyme, second. Volume and area are bases of their own: nothing here is measured in metres.
#[derive(Clone, Copy)]
enum Base {
    Gram,
    Litre,
    Mole,
    Equivalent,
    Colony,
    ProbableNumber,
    SquareCentimetre,
    Becquerel,
    Joule,
    Celsius,
    International,
    Enzyme,
    Second,
}
const BASES: usize = 13;
const BASE_SYMBOLS: [&str; BASES] = ["g", "L", "mol", "eq", "CFU", "MPN", "cm2", "Bq", "J", "℃", "IU", "U", "s"];

/// By how much a value in `from` is multiplied to be in `to`.
///
/// The same text needs no table (`倍` to `倍`). `CFU/g(mL)` stands for both CFU/g and CFU/mL.
pub fn factor(from: &str, to: &str) -> Result<Ratio, UnitError> {
    if normal(from) == normal(to) {
        return Ok(Ratio::one());
    }
    for from in alternatives(from) {
        for to in alternatives(to) {
            let (from, to) = (Unit::parse(&from)?, Unit::parse(&to)?);
            if from.dimension == to.dimension && from.share == to.share {
                return Ok(from.factor / to.factor);
            }
        }
    }
    Err(UnitError::Dimensions { from: from.to_owned(), to: to.to_owned() })
}

/// [`factor`], or for different dimensions the factor that a person gave (density, 39.4 mmol/kg per g/100g).
pub fn factor_or_given(from: &str, to: &str, given: Option<&Ratio>) -> Result<Ratio, UnitError> {
    match (factor(from, to), given) {
        (Err(UnitError::Dimensions { .. }), Some(given)) => Ok(given.clone()),
        (Ok(exact), Some(given)) if &exact != given => Err(UnitError::Contradiction {
            from: from.to_owned(),
            to: to.to_owned(),
            exact: super::number::plain(&exact),
            given: super::number::plain(given),
        }),
        (found, _) => found,
    }
}

impl Unit {
    pub fn parse(unit: &str) -> Result<Self, UnitError> {
        let code = normal(unit);
        let unknown = || UnitError::Unknown(unit.to_owned());
        if let Some((factor, share)) = share_symbol(&code) {
            return Ok(Self { factor, dimension: [0; BASES], share });
        }
        let (numerator, denominator) = match code.split_once('/') {
            Some((numerator, denominator)) => (numerator, Some(denominator)),
            None => (code.as_str(), None),
        };
        let above = match numerator {
            "" if denominator.is_some() => Self::number(),
            part => Self::part(part).ok_or_else(unknown)?,
        };
        match denominator {
            None => Ok(above),
            Some(part) => Ok(above.per(&Self::part(part).ok_or_else(unknown)?)),
        }
    }

    /// A pure number.
    pub fn number() -> Self {
        Self { factor: Ratio::one(), dimension: [0; BASES], share: Share::Number }
    }

    pub fn is_number(&self) -> bool {
        self.dimension == [0; BASES]
    }

    /// Whether both are shares, of different things. A bare number does not say what it is a share of.
    pub fn is_share_of_another(&self, other: &Self) -> bool {
        self.is_share() && other.is_share() && self.share != other.share
    }

    /// A share of mass or of volume, by its name or by how it was calculated.
    pub fn is_share(&self) -> bool {
        matches!(self.share, Share::OfMass | Share::OfVolume)
    }

    /// This unit divided by another; mass per mass remembers that it is a share of mass, also when a number converts it.
    pub fn per(&self, other: &Self) -> Self {
        let below = other.dimension.map(i8::saturating_neg);
        let dimension = joined(&self.dimension, &below);
        let cancelled = dimension == [0; BASES];
        let share = match (self.share, other.share) {
            (Share::Number, Share::Number) if cancelled && self.dimension == exponent_one(Base::Gram) => Share::OfMass,
            (Share::Number, Share::Number) if cancelled && self.dimension == exponent_one(Base::Litre) => {
                Share::OfVolume
            }
            (share, Share::Number) if self.is_number() && other.is_number() => share,
            (Share::Number, Share::Number) if !masses_cancel(&self.dimension, &below) => Share::Number,
            _ => Share::Unclear,
        };
        Self { factor: &self.factor / &other.factor, dimension, share }
    }

    /// This unit multiplied with another; a share that a number converts stays one.
    pub fn times(&self, other: &Self) -> Self {
        let share = match (self.share, other.share) {
            (share, Share::Number) | (Share::Number, share) if self.is_number() && other.is_number() => share,
            (Share::Number, Share::Number) if !masses_cancel(&self.dimension, &other.dimension) => Share::Number,
            _ => Share::Unclear,
        };
        let dimension = joined(&self.dimension, &other.dimension);
        Self { factor: &self.factor * &other.factor, dimension, share }
    }

    /// The dimension in base units, for messages: `g·L^-1`.
    pub fn describe(&self) -> String {
        let parts = BASE_SYMBOLS.iter().zip(self.dimension).filter(|(_, exponent)| *exponent != 0);
        let text = parts.map(|(symbol, exponent)| match exponent {
            1 => (*symbol).to_owned(),
            _ => format!("{symbol}^{exponent}"),
        });
        let base = text.collect::<Vec<_>>().join("·");
        let amount = super::number::plain(&self.factor);
        match (base.is_empty(), amount.as_str()) {
            (true, _) => match self.share {
                Share::Number | Share::Unclear => format!("a number (× {amount})"),
                Share::OfMass => format!("a share of mass (× {amount})"),
                Share::OfVolume => format!("a share of volume (× {amount})"),
            },
            (false, "1") => base,
            (false, _) => format!("{amount} {base}"),
        }
    }

    /// One part: an optional amount and a symbol, `100g`.
    fn part(part: &str) -> Option<Self> {
        let split = part.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(part.len());
        let (amount, symbol) = part.split_at(split);
        let amount = if amount.is_empty() { Ratio::one() } else { Decimal::parse(amount).ok()?.to_ratio() };
        if amount == whole(0) {
            return None;
        }
        let (factor, base) = symbol_factor(symbol)?;
        Some(Self { factor: amount * factor, dimension: exponent_one(base), share: Share::Number })
    }
}

/// The exponents of a product.
fn joined(left: &Dimension, right: &Dimension) -> Dimension {
    std::array::from_fn(|i| left[i].saturating_add(right[i]))
}

fn masses_cancel(left: &Dimension, right: &Dimension) -> bool {
    let gram = Base::Gram as usize;
    left[gram].signum() * right[gram].signum() < 0
}

fn exponent_one(base: Base) -> Dimension {
    let mut dimension = [0; BASES];
    dimension[base as usize] = 1;
    dimension
}

/// Half-width, micro sign U+00B5, no blanks, no raised figures.
fn normal(unit: &str) -> String {
    text::code(unit)
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '²' => '2',
            '³' => '3',
            other => other,
        })
        .collect()
}

fn alternatives(unit: &str) -> Vec<String> {
    match unit.contains("g(mL)") {
        true => vec![unit.replace("g(mL)", "g"), unit.replace("g(mL)", "mL")],
        false => vec![unit.to_owned()],
    }
}

fn share_symbol(symbol: &str) -> Option<(Ratio, Share)> {
    Some(match symbol {
        "%" => (ten_to_signed(-2), Share::OfMass),
        "‰" => (ten_to_signed(-3), Share::OfMass),
        "%vol" | "%(V/V)" => (ten_to_signed(-2), Share::OfVolume),
        "ratio" | "1" => (Ratio::one(), Share::Number),
        _ => return None,
    })
}

/// Every symbol that is read, as a power of ten of its base (a calorie is 4.184 J by definition; hours and minutes).
fn symbol_factor(symbol: &str) -> Option<(Ratio, Base)> {
    use Base::*;
    let (power, base) = match symbol {
        "t" => (6, Gram),
        "kg" => (3, Gram),
        "g" => (0, Gram),
        "mg" => (-3, Gram),
        "µg" | "ug" => (-6, Gram),
        "ng" => (-9, Gram),
        "pg" => (-12, Gram),
        "m3" => (3, Litre),
        "L" | "l" | "dm3" => (0, Litre),
        "dL" => (-1, Litre),
        "cL" => (-2, Litre),
        "mL" | "ml" | "cm3" => (-3, Litre),
        "µL" | "uL" | "µl" | "ul" => (-6, Litre),
        "nL" | "nl" => (-9, Litre),
        "mol" => (0, Mole),
        "mmol" => (-3, Mole),
        "µmol" | "umol" => (-6, Mole),
        "nmol" => (-9, Mole),
        "pmol" => (-12, Mole),
        "eq" => (0, Equivalent),
        "meq" => (-3, Equivalent),
        "CFU" | "cfu" => (0, Colony),
        "MPN" => (0, ProbableNumber),
        "m2" => (4, SquareCentimetre),
        "dm2" => (2, SquareCentimetre),
        "cm2" => (0, SquareCentimetre),
        "kBq" => (3, Becquerel),
        "Bq" => (0, Becquerel),
        "mBq" => (-3, Becquerel),
        "MJ" => (6, Joule),
        "kJ" => (3, Joule),
        "J" => (0, Joule),
        "kcal" => return Some((whole(4184), Joule)),
        "℃" | "°C" | "degC" => (0, Celsius),
        "IU" => (0, International),
        "U" => (0, Enzyme),
        "h" => return Some((whole(3600), Second)),
        "min" => return Some((whole(60), Second)),
        "s" => (0, Second),
        _ => return None,
    };
    Some((ten_to_signed(power), base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::number::plain;

    fn check(from: &str, to: &str, expected: &str) {
        assert_eq!(plain(&factor(from, to).unwrap()), expected, "{from} to {to}");
    }

    #[test]
    fn factors_are_exact() {
        check("mg/kg", "µg/kg", "1000");
        check("mg/kg", "g/kg", "0.001");
        check("mg/kg", "g/100g", "0.0001");
        check("%", "g/kg", "10");
        check("µg/kg", "ng/g", "1");
        check("\u{03BC}g/kg", "ug/kg", "1");
        check("mg/100g", "mg/kg", "10");
        check("g/100mL", "g/L", "10");
        check("mg/100cm²", "mg/dm²", "1");
        check("CFU/g", "CFU/g(mL)", "1");
        check("CFU/mL", "CFU/g(mL)", "1");
        check("CFU/250mL", "CFU/mL", "0.004");
        check("倍", "倍", "1");
        check("kcal/100g", "kJ/100g", "4.184");
        check("％", "g/100g", "1");
        check("MJ/kg", "kJ/100g", "100");
        check("nL/L", "µL/L", "0.001");
        check("pmol/L", "nmol/L", "0.001");
        check("pg/g", "ng/kg", "1");
        check("IU/100g", "IU/kg", "10");
        check("U/g", "U/kg", "1000");
        check("h", "min", "60");
        check("mg/h", "mg/s", "0.000277777777778");
    }

    #[test]
    fn different_dimensions_are_refused() {
        for (from, to) in [
            ("mg/L", "mg/kg"),
            ("%", "%vol"),
            ("CFU/g", "MPN/g"),
            ("mg/kg", "ratio"),
            ("g", "mL"),
            ("IU/g", "U/g"),
            ("IU/g", "mg/kg"),
            ("min", "g"),
            ("mg/kg", "mmol/kg"),
        ] {
            assert!(matches!(factor(from, to), Err(UnitError::Dimensions { .. })), "{from} {to}");
        }
        assert_eq!(factor("furlong", "mg/kg"), Err(UnitError::Unknown("furlong".into())));
        assert!(factor("mg/0kg", "mg/kg").is_err());
        assert!(factor("", "mg/kg").is_err());
    }

    #[test]
    fn a_given_factor_bridges_dimensions_only() {
        let given = Decimal::parse("39.4").unwrap().to_ratio();
        assert_eq!(factor_or_given("g/100g", "mmol/kg", Some(&given)).unwrap(), given);
        assert!(matches!(factor_or_given("g/kg", "mg/kg", Some(&given)), Err(UnitError::Contradiction { .. })));
        assert_eq!(factor_or_given("g/kg", "mg/kg", Some(&whole(1000))).unwrap(), whole(1000));
    }
}
