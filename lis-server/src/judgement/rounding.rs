//! Rounding (数值修约), GB/T 8170-2008.
//!
//! 1. Below half down, above half up, exactly half to the even last digit (四舍六入五成双); anything that is not zero
//!    after the 5 means up.
//! 2. One step only, from the full value to the final interval. A figure that was rounded once is never rounded again:
//!    its mark (+) or (-) tells the next user where the full value lies.
//! 3. Negative numbers: the absolute value is rounded and the sign put back.
//! 4. Intervals of 0.5 and 0.2 units: the value is rounded to a multiple of the interval.
//! 5. Exception: plate counts of GB 4789.2 are rounded half up, to integers below 100 and to two significant figures
//!    from 100.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::{Decimal, ten_to};

use super::error::JudgementError;
use super::number::{Ratio, hundred, whole};

/// A rounded value. Zero is printed as `0`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounded {
    pub value: Decimal,
    pub mark: Mark,
}

/// Where the full value lies when the last non-zero figure is a 5 that was itself rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// Not rounded, or no 5 at the end.
    #[serde(rename = "")]
    None,
    /// The magnitude was rounded down; the full value lies above: `16.5(+)`.
    #[serde(rename = "+")]
    Plus,
    /// The magnitude was rounded up; the full value lies below: `15.5(-)`.
    #[serde(rename = "-")]
    Minus,
}

/// How a method reports: so many significant figures, or to an interval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Digits {
    Significant(u32),
    Interval(Decimal),
}

/// One line of a method's rule "two figures below 1 mg/kg, three from there".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigitLevel {
    /// The line holds below this value; without it, for everything else.
    pub below: Option<Decimal>,
    pub digits: Digits,
}

/// The first line that holds for the value.
pub fn digits_for<'a>(levels: &'a [DigitLevel], value: &Ratio) -> Option<&'a Digits> {
    let holds = |level: &&DigitLevel| level.below.as_ref().is_none_or(|below| value < &below.to_ratio());
    levels.iter().find(holds).map(|level| &level.digits)
}

/// Rounds to a multiple of a positive interval and prints the interval's decimals: 60.25 at 0.5 is 60.0.
pub fn to_interval(x: &Ratio, interval: &Decimal) -> Result<Rounded, JudgementError> {
    let step = interval.to_ratio();
    if !step.is_positive() {
        return Err(JudgementError::refused("interval", format!("{interval} is not above zero")));
    }
    let multiple = half_even(&(x / step));
    Ok(rounded(x, multiple * interval.unscaled(), interval.decimals()))
}

/// Rounds to exactly this many significant figures (at least one), also after a carry: 0.09996 to two is 0.10.
pub fn to_significant(x: &Ratio, figures: u32) -> Rounded {
    if x.is_zero() {
        return Rounded { value: Decimal::from(0), mark: Mark::None };
    }
    let figures = figures.max(1) as i64;
    let exponent = decimal_exponent(x);
    let mut last_place = exponent - figures + 1;
    let mut unscaled = half_even(&(x / ten_to_signed(last_place)));
    if unscaled.magnitude() == ten_to(figures as usize).magnitude() {
        last_place += 1;
        unscaled /= 10;
    }
    match usize::try_from(-last_place) {
        Ok(decimals) => rounded(x, unscaled, decimals),
        Err(_) => rounded(x, unscaled * ten_to(last_place as usize), 0),
    }
}

/// Rounds as the method says.
pub fn to_digits(x: &Ratio, digits: &Digits) -> Result<Rounded, JudgementError> {
    match digits {
        Digits::Significant(figures) if !(1..=MAX_FIGURES).contains(figures) => {
            Err(JudgementError::refused("significant", format!("{figures} is not between 1 and {MAX_FIGURES}")))
        }
        Digits::Significant(figures) => Ok(to_significant(x, *figures)),
        Digits::Interval(interval) => to_interval(x, interval),
    }
}

/// A plate count as reported (GB 4789.2): half up, integer below 100, two significant figures from 100.
pub fn plate_count(n: &Ratio) -> Result<Decimal, JudgementError> {
    if n.is_negative() {
        return Err(JudgementError::refused("n", "a count is not negative"));
    }
    let place = if n < &hundred() { 0 } else { decimal_exponent(n) - 1 };
    let step = ten_to_signed(place);
    let count = half_up(&(n / &step)) * step.to_integer();
    Ok(Decimal::from_scaled(&count, 0))
}

/// The nearest integer, exactly half to the even one.
pub fn half_even(x: &Ratio) -> BigInt {
    let (floor, remainder) = x.numer().div_mod_floor(x.denom());
    let twice: BigInt = remainder * 2;
    match twice.cmp(x.denom()) {
        Ordering::Less => floor,
        Ordering::Greater => floor + 1,
        Ordering::Equal if floor.is_even() => floor,
        Ordering::Equal => floor + 1,
    }
}

/// The exponent of the first significant digit: 2 for 100 and for 999.9, -3 for 0.0045; 0 for zero.
pub fn decimal_exponent(x: &Ratio) -> i64 {
    if x.is_zero() {
        return 0;
    }
    let digits = |n: &BigInt| n.magnitude().to_string().len() as i64;
    let estimate = digits(x.numer()) - digits(x.denom());
    if x.abs() >= ten_to_signed(estimate) { estimate } else { estimate - 1 }
}

/// Ten to a power that may be negative.
pub fn ten_to_signed(power: i64) -> Ratio {
    let magnitude = ten_to(power.unsigned_abs() as usize);
    if power < 0 { Ratio::new_raw(BigInt::one(), magnitude) } else { Ratio::from_integer(magnitude) }
}

impl Mark {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Plus => "+",
            Self::Minus => "-",
        }
    }
}

/// The nearest integer of a value that is not negative, exactly half to the larger one.
fn half_up(x: &Ratio) -> BigInt {
    (x + Ratio::new(1.into(), 2.into())).floor().to_integer()
}

fn rounded(x: &Ratio, unscaled: BigInt, decimals: usize) -> Rounded {
    if unscaled.is_zero() {
        return Rounded { value: Decimal::from(0), mark: Mark::None };
    }
    let value = Decimal::from_scaled(&unscaled, decimals);
    let mark = match x.abs().cmp(&value.to_ratio().abs()) {
        Ordering::Equal => Mark::None,
        _ if last_figure(&unscaled) != whole(5) => Mark::None,
        Ordering::Greater => Mark::Plus,
        Ordering::Less => Mark::Minus,
    };
    Rounded { value, mark }
}

/// The right-most figure that is not zero.
fn last_figure(unscaled: &BigInt) -> Ratio {
    let digits = unscaled.magnitude().to_string();
    whole(digits.trim_end_matches('0').chars().last().and_then(|c| c.to_digit(10)).unwrap_or(0).into())
}

/// Most figures a method may ask for; an exact conversion of units needs no more.
pub const MAX_FIGURES: u32 = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn at(x: &str, interval: &str) -> String {
        let rounded = to_interval(&d(x).to_ratio(), &d(interval)).unwrap();
        format!("{}{}", rounded.value, rounded.mark.as_str())
    }

    fn sig(x: &str, figures: u32) -> String {
        to_significant(&d(x).to_ratio(), figures).value.into()
    }

    #[test]
    fn half_goes_to_even_in_every_interval() {
        assert_eq!(at("2.5", "1"), "2");
        assert_eq!(at("3.5", "1"), "4");
        assert_eq!(at("2.5000001", "1"), "3");
        assert_eq!(at("-2.5", "1"), "-2");
        assert_eq!(at("60.25", "0.5"), "60.0");
        assert_eq!(at("60.75", "0.5"), "61.0");
        assert_eq!(at("0.30", "0.2"), "0.4");
        assert_eq!(at("0.50", "0.2"), "0.4");
        assert_eq!(at("8.3", "0.2"), "8.4");
        assert_eq!(at("12.5", "5"), "10");
        assert_eq!(at("-0.004", "0.01"), "0");
        assert!(to_interval(&whole(1), &d("0.00")).is_err());
        assert!(to_interval(&whole(1), &d("-1")).is_err());
    }

    #[test]
    fn a_rounded_five_at_the_end_is_marked() {
        assert_eq!(at("15.4546", "0.1"), "15.5-");
        assert_eq!(at("16.5203", "0.1"), "16.5+");
        assert_eq!(at("17.5000", "0.1"), "17.5");
        assert_eq!(at("-15.4546", "0.1"), "-15.5-");
        assert_eq!(at("0.2496", "0.001"), "0.250-");
        assert_eq!(at("2512", "100"), "2500+");
    }

    #[test]
    fn significant_figures_survive_a_carry() {
        assert_eq!(sig("0.09996", 2), "0.10");
        assert_eq!(sig("0.09996", 3), "0.100");
        assert_eq!(sig("9.96", 2), "10");
        assert_eq!(sig("99.6", 2), "100");
        assert_eq!(sig("24727", 2), "25000");
        assert_eq!(sig("2", 3), "2.00");
        assert_eq!(sig("-0.00125", 2), "-0.0012");
        assert_eq!(sig("0.000", 2), "0");
    }

    #[test]
    fn plate_counts_round_half_up() {
        let count = |n: &str| String::from(plate_count(&d(n).to_ratio()).unwrap());
        for (n, expected) in [
            ("0", "0"),
            ("0.5", "1"),
            ("38.4", "38"),
            ("98.5", "99"),
            ("99.4", "99"),
            ("99.5", "100"),
            ("104.9", "100"),
            ("105", "110"),
            ("125", "130"),
            ("995", "1000"),
            ("1850", "1900"),
            ("24727", "25000"),
        ] {
            assert_eq!(count(n), expected, "{n}");
        }
        assert!(plate_count(&whole(-1)).is_err());
    }

    #[test]
    fn the_figures_of_a_method_follow_the_level() {
        let levels = [
            DigitLevel { below: Some(d("1")), digits: Digits::Significant(2) },
            DigitLevel { below: None, digits: Digits::Significant(3) },
        ];
        assert_eq!(digits_for(&levels, &d("0.999").to_ratio()), Some(&Digits::Significant(2)));
        assert_eq!(digits_for(&levels, &d("1").to_ratio()), Some(&Digits::Significant(3)));
        assert_eq!(digits_for(&levels[..1], &d("1").to_ratio()), None);
    }

    #[test]
    fn exponents_are_exact_at_the_borders() {
        for (x, exponent) in [("1", 0), ("9.99", 0), ("10", 1), ("0.1", -1), ("0.0999", -2), ("100", 2), ("-1000", 3)] {
            assert_eq!(decimal_exponent(&d(x).to_ratio()), exponent, "{x}");
        }
        assert_eq!(decimal_exponent(&Ratio::new(1.into(), 3.into())), -1);
    }

    prop_compose! {
        fn any_decimal()(unscaled in any::<i64>(), decimals in 0usize..12) -> Ratio {
            Decimal::from_scaled(&BigInt::from(unscaled), decimals).to_ratio()
        }
    }

    prop_compose! {
        fn any_interval()(unit in prop::sample::select(vec![1, 2, 5]), decimals in 0usize..8) -> Decimal {
            Decimal::from_scaled(&BigInt::from(unit), decimals)
        }
    }

    proptest! {
        #[test]
        fn rounding_is_near_idempotent_and_symmetric(x in any_decimal(), interval in any_interval()) {
            let once = to_interval(&x, &interval).unwrap();
            let value = once.value.to_ratio();
            prop_assert!((&value - &x).abs() * whole(2) <= interval.to_ratio());
            prop_assert!((&value / interval.to_ratio()).is_integer());
            prop_assert_eq!(&to_interval(&value, &interval).unwrap().value, &once.value);
            let mirrored = to_interval(&-x, &interval).unwrap();
            prop_assert_eq!(mirrored.value.to_ratio(), -value);
            prop_assert_eq!(mirrored.mark, once.mark);
        }

        #[test]
        fn significant_rounding_has_exactly_its_figures(x in any_decimal(), figures in 1u32..15) {
            let once = to_significant(&x, figures).value;
            prop_assert_eq!(&to_significant(&once.to_ratio(), figures).value, &once);
            prop_assert_eq!(to_significant(&-x.clone(), figures).value.to_ratio(), -once.to_ratio());
            if !once.is_zero() && once.decimals() > 0 {
                let digits = once.unscaled().magnitude().to_string();
                prop_assert_eq!(digits.len(), figures as usize);
            }
        }

        #[test]
        fn what_is_exact_stays_exact(unscaled in any::<i64>(), decimals in 0usize..12) {
            let x = Decimal::from_scaled(&BigInt::from(unscaled), decimals);
            prop_assert!(Decimal::from_ratio_finite(&x.to_ratio()).unwrap().same_value(&x));
            prop_assert!(to_significant(&x.to_ratio(), 20).value.same_value(&x));
        }
    }
}
