//! Decision rules with measurement uncertainty (`judgement.md` 9; ILAC-G8:09/2019, JCGM 106).
//!
//! Simple acceptance compares the value and shares the risk; guard bands of width `w = U` split the scale into pass,
//! conditional pass, conditional fail and fail. The probability that the true value lies above the limit is information
//! only. It is computed with integers: a series of 60 decimals, rounded once to four.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::{Decimal, ten_to};

use super::Verdict;
use super::error::JudgementError;
use super::number::{Fraction, Ratio, fixed, plain, whole};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitSide {
    /// The value must not exceed the limit.
    #[default]
    Max,
    /// The value must reach the limit.
    Min,
}

/// Non-binary statement with a guard band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GuardedVerdict {
    /// Beyond doubt: inside the limit by at least U.
    Pass,
    ConditionalPass,
    ConditionalFail,
    /// Outside the limit by more than U.
    Fail,
}

impl GuardedVerdict {
    pub const ALL: &[GuardedVerdict] = &[Self::Pass, Self::ConditionalPass, Self::ConditionalFail, Self::Fail];

    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::ConditionalPass => "CONDITIONAL_PASS",
            Self::ConditionalFail => "CONDITIONAL_FAIL",
            Self::Fail => "FAIL",
        }
    }

    pub fn zh(self) -> &'static str {
        match self {
            Self::Pass => "符合",
            Self::ConditionalPass => "有条件符合",
            Self::ConditionalFail => "有条件不符合",
            Self::Fail => "不符合",
        }
    }

    pub fn en(self) -> &'static str {
        match self {
            Self::Pass => "conforms",
            Self::ConditionalPass => "conditionally conforms",
            Self::ConditionalFail => "conditionally does not conform",
            Self::Fail => "does not conform",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub simple: Verdict,
    pub guarded: GuardedVerdict,
    /// Probability that the true value lies above the limit, four decimals.
    pub p_over: String,
}

impl Decision {
    /// Probability that the verdict by simple acceptance is false, four decimals: what passed lies beyond the limit, or what
    /// failed lies within it. It follows from what is kept, and is not kept itself.
    pub fn p_false(&self, side: LimitSide, uncertainty: &Decimal) -> String {
        let over = Decimal::parse(&self.p_over).map(|over| over.to_ratio()).unwrap_or_default();
        let within_maximum = whole(1) - &over;
        let (beyond, within) = match side {
            LimitSide::Max => (over, within_maximum),
            LimitSide::Min => (within_maximum, over),
        };
        let wrong = match self.simple {
            // A value without uncertainty is the true one, also where it lies on its limit.
            _ if uncertainty.is_zero() => whole(0),
            Verdict::Fail => within,
            _ => beyond,
        };
        fixed(&wrong, PROBABILITY_DECIMALS)
    }
}

/// What is decided with, exactly: beside the decimals of a question that had to be cut. `None`: the decimal says it all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExactNumbers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<Fraction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Fraction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Fraction>,
}

impl ExactNumbers {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The statements for a value `x ± U` with coverage factor `k`; the standard uncertainty is `U / k`.
pub fn decide(
    x: &Ratio,
    uncertainty: &Ratio,
    k: &Decimal,
    limit: &Ratio,
    side: LimitSide,
) -> Result<Decision, JudgementError> {
    let (u, k) = (uncertainty.clone(), k.to_ratio());
    if u.is_negative() {
        return Err(JudgementError::refused("U", format!("{} is negative", plain(&u))));
    }
    if !k.is_positive() {
        return Err(JudgementError::refused("k", "a coverage factor is above zero, usually 2"));
    }
    // How far the value lies inside the limit.
    let above = x - limit;
    let margin = match side {
        LimitSide::Max => -above.clone(),
        LimitSide::Min => above.clone(),
    };
    let guarded = if margin >= u {
        GuardedVerdict::Pass
    } else if !margin.is_negative() {
        GuardedVerdict::ConditionalPass
    } else if margin >= -u.clone() {
        GuardedVerdict::ConditionalFail
    } else {
        GuardedVerdict::Fail
    };
    let guarded = if u.is_zero() { without_band(&margin) } else { guarded };
    let p_over = match u.is_zero() {
        true if above.is_positive() => whole(1),
        true => whole(0),
        false => normal_below(&(above * k / u)),
    };
    let simple = Verdict::from_conforms(!margin.is_negative());
    Ok(Decision { simple, guarded, p_over: fixed(&p_over, PROBABILITY_DECIMALS) })
}

fn without_band(margin: &Ratio) -> GuardedVerdict {
    if margin.is_negative() { GuardedVerdict::Fail } else { GuardedVerdict::Pass }
}

/// Standard normal distribution function, within 10^-40.
///
/// `Φ(z) = 1/2 + φ(z) (z + z³/3 + z⁵/(3·5) + …)`, `φ(z) = 1 / (exp(z²/2) √(2π))`: all terms have one sign, so nothing
/// cancels before the last step.
fn normal_below(z: &Ratio) -> Ratio {
    if z.abs() > whole(FAR) {
        return if z.is_positive() { whole(1) } else { whole(0) };
    }
    let scale = ten_to(SERIES_DECIMALS);
    let fixed_point = |value: &Ratio| (value * Ratio::from_integer(scale.clone())).to_integer();
    let (z, square) = (fixed_point(z), fixed_point(&(z * z)));
    let series = series_sum(z, |term, n| term * &square / (&scale * (2 * n + 1)));
    let exponential = series_sum(scale.clone(), |term, n| term * &square / (&scale * (2 * n)));
    let root = BigInt::parse_bytes(ROOT_OF_TWO_PI, 10).unwrap_or_else(BigInt::one);
    let density_denominator = exponential * root / &scale;
    Ratio::new(1.into(), 2.into()) + Ratio::new(series, density_denominator)
}

/// `first + next(first, 1) + next(that, 2) + …` until the terms vanish at the working precision.
fn series_sum(first: BigInt, next: impl Fn(BigInt, u32) -> BigInt) -> BigInt {
    let mut sum = first.clone();
    let mut term = first;
    for n in 1.. {
        term = next(term, n);
        if term.is_zero() {
            break;
        }
        sum += &term;
    }
    sum
}

/// Decimals of a probability as reported.
const PROBABILITY_DECIMALS: usize = 4;
/// Working precision in decimals.
const SERIES_DECIMALS: usize = 60;
/// √(2π) times 10^60.
const ROOT_OF_TWO_PI: &[u8] = b"2506628274631000502415765284811045253006986740609938316629923";
/// Beyond 12 standard uncertainties a probability differs from 0 or 1 by less than 10^-32.
const FAR: i64 = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn r(text: &str) -> Ratio {
        d(text).to_ratio()
    }

    fn check(x: &str, side: LimitSide, simple: Verdict, guarded: GuardedVerdict, p_over: &str) {
        let decision = decide(&r(x), &r("0.02"), &d("2"), &r("0.2"), side).unwrap();
        assert_eq!((decision.simple, decision.guarded, decision.p_over.as_str()), (simple, guarded, p_over), "{x}");
    }

    #[test]
    fn guard_bands_split_the_scale() {
        use {
            GuardedVerdict as G,
            LimitSide::{Max, Min},
            Verdict as V,
        };
        check("0.18", Max, V::Pass, G::Pass, "0.0228");
        check("0.19", Max, V::Pass, G::ConditionalPass, "0.1587");
        check("0.2", Max, V::Pass, G::ConditionalPass, "0.5000");
        check("0.22", Max, V::Fail, G::ConditionalFail, "0.9772");
        check("0.23", Max, V::Fail, G::Fail, "0.9987");
        check("0.23", Min, V::Pass, G::Pass, "0.9987");
        check("0.19", Min, V::Fail, G::ConditionalFail, "0.1587");
        check("0", Max, V::Pass, G::Pass, "0.0000");
        check("100", Max, V::Fail, G::Fail, "1.0000");
    }

    #[test]
    fn without_uncertainty_there_is_no_band() {
        let decision = |x| decide(&r(x), &r("0"), &d("2"), &r("0.2"), LimitSide::Max).unwrap();
        assert_eq!((decision("0.2").guarded, decision("0.2").p_over.as_str()), (GuardedVerdict::Pass, "0.0000"));
        assert_eq!((decision("0.21").guarded, decision("0.21").p_over.as_str()), (GuardedVerdict::Fail, "1.0000"));
        let negative = decide(&r("1"), &r("-1.0"), &d("2"), &r("1"), LimitSide::Max).unwrap_err();
        assert!(negative.to_string().contains("-1 is negative"), "{negative}");
        assert!(decide(&r("1"), &r("1"), &d("0"), &r("1"), LimitSide::Max).is_err());
    }

    #[test]
    fn the_distribution_agrees_with_the_tables() {
        // Abramowitz and Stegun, table 26.1, 15 decimals.
        for (z, phi) in [
            ("0", "0.500000000000000"),
            ("0.5", "0.691462461274013"),
            ("1", "0.841344746068543"),
            ("-1", "0.158655253931457"),
            ("1.96", "0.975002104851780"),
            ("3", "0.998650101968370"),
            ("-5", "0.000000286651572"),
            ("11.5", "1.000000000000000"),
        ] {
            assert_eq!(fixed(&normal_below(&d(z).to_ratio()), 15), phi, "{z}");
        }
    }
}
