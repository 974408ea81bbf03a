//! Calibration curves: weighted least squares of degree 1 or 2, solved exactly (`judgement.md` Q09 and Q10).
//!
//! A curve is read only inside the range of its standards: a signal above the top standard is diluted and measured
//! again, never extrapolated.

use num_traits::{One, Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::error::JudgementError;
use super::number::{Ratio, Root, check_length, fixed, hundred, plain, square_root, sum, whole};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weight {
    #[default]
    #[serde(rename = "none")]
    None,
    #[serde(rename = "1/x")]
    InverseX,
    #[serde(rename = "1/x2")]
    InverseSquare,
}

/// One standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Concentration.
    pub x: Decimal,
    /// Signal.
    pub y: Decimal,
}

/// A fitted curve `y = c0 + c1 x (+ c2 x²)`.
#[derive(Clone, Debug)]
pub struct Curve {
    coefficients: Vec<Ratio>,
    /// Correlation coefficient squared.
    r_squared: Ratio,
    low: Ratio,
    high: Ratio,
    points: Vec<(Ratio, Ratio)>,
    /// The signals of lowest and highest standard; `None`: no single concentration belongs to a signal. Found once, for all
    /// readings.
    ends: Option<(Ratio, Ratio)>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// The message is part of the contract.
    #[error("outside range")]
    OutsideRange(Side),
    #[error(
        "the curve is flat or turns within the range of its standards; no single concentration belongs to the signal"
    )]
    Ambiguous,
}

/// On which side of its standards a signal leaves a curve, in concentration: a falling curve answers a high signal below
/// its lowest standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Below,
    Above,
}

/// A fitted curve and its readings, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurveResult {
    pub slope: String,
    pub intercept: String,
    /// Of degree 2 only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quadratic: Option<String>,
    pub r: String,
    pub verdict: CurveVerdict,
    /// One per signal, in order.
    pub read: Vec<Reading>,
    pub back: Vec<BackCalculated>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CurveVerdict {
    Accept,
    /// |r| below the criterion.
    Reject,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reading {
    Found { x: String },
    Refused { error: String },
}

/// Fits a curve, compares |r| with the criterion and reads the signals.
pub fn calibrate(
    points: &[CurvePoint],
    weight: Weight,
    degree: u32,
    min_r: &Decimal,
    signals: &[Decimal],
) -> Result<CurveResult, JudgementError> {
    let curve = Curve::fit(points, weight, degree)?;
    let coefficient = |power: usize| curve.coefficients().get(power).map(plain);
    let reading = |signal: &Decimal| match curve.read(&signal.to_ratio()) {
        Ok(x) => Reading::Found { x: x.text() },
        Err(problem) => Reading::Refused { error: problem.to_string() },
    };
    Ok(CurveResult {
        slope: coefficient(1).unwrap_or_default(),
        intercept: coefficient(0).unwrap_or_default(),
        quadratic: coefficient(2),
        r: curve.r().text(),
        verdict: if curve.accepts(min_r) { CurveVerdict::Accept } else { CurveVerdict::Reject },
        read: signals.iter().map(reading).collect(),
        back: curve.back_calculated(),
    })
}

/// A standard read back from the curve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackCalculated {
    pub nominal: String,
    /// `None` where the curve does not reach the signal.
    pub found: Option<String>,
    /// Percent of the nominal value, two decimals; `None` at zero.
    pub deviation_percent: Option<String>,
}

impl Curve {
    /// Fits a curve. Needs one different concentration more than the degree, and for the weights 1/x and 1/x² no
    /// standard at or below zero.
    pub fn fit(points: &[CurvePoint], weight: Weight, degree: u32) -> Result<Self, JudgementError> {
        if !(1..=2).contains(&degree) {
            return Err(JudgementError::refused("degree", format!("{degree} is neither 1 nor 2")));
        }
        if points.len() > MAX_POINTS {
            return Err(JudgementError::refused(
                "x",
                format!("{} standards; at most {MAX_POINTS} are read", points.len()),
            ));
        }
        for point in points {
            check_length("x", &point.x)?;
            check_length("y", &point.y)?;
        }
        let exact: Vec<(Ratio, Ratio)> = points.iter().map(|point| (point.x.to_ratio(), point.y.to_ratio())).collect();
        let weights = exact.iter().map(|(x, _)| weight.at(x)).collect::<Result<Vec<_>, _>>()?;
        let coefficients = least_squares(&exact, &weights, degree as usize)?;
        let r_squared = r_squared(&exact, &weights, &coefficients)?;
        let xs = || exact.iter().map(|(x, _)| x.clone());
        let (low, high) = (xs().min().unwrap_or_default(), xs().max().unwrap_or_default());
        let mut curve = Self { coefficients, r_squared, low, high, points: exact, ends: None };
        let ends = (curve.signal_at(&curve.low), curve.signal_at(&curve.high));
        curve.ends = (curve.is_monotone() && ends.0 != ends.1).then_some(ends);
        Ok(curve)
    }

    /// `c0, c1, …`: intercept, slope, and for degree 2 the quadratic coefficient.
    pub fn coefficients(&self) -> &[Ratio] {
        &self.coefficients
    }

    /// Correlation coefficient, with the sign of the slope of a line.
    pub fn r(&self) -> Root {
        let root = square_root(&self.r_squared).unwrap_or(Root { value: Ratio::zero(), exact: true });
        match self.coefficients[..] {
            [_, ref slope] if slope.is_negative() => Root { value: -root.value, ..root },
            _ => root,
        }
    }

    /// Whether |r| reaches the criterion, compared exactly.
    pub fn accepts(&self, min_r: &Decimal) -> bool {
        let min_r = min_r.to_ratio();
        min_r.is_negative() || self.r_squared >= &min_r * &min_r
    }

    /// The concentration that belongs to a signal, inside the range of the standards.
    pub fn read(&self, signal: &Ratio) -> Result<Root, ReadingError> {
        let Some((low, high)) = &self.ends else { return Err(ReadingError::Ambiguous) };
        let rising = low < high;
        let (bottom, top) = if rising { (low, high) } else { (high, low) };
        if signal < bottom {
            return Err(ReadingError::OutsideRange(if rising { Side::Below } else { Side::Above }));
        }
        if signal > top {
            return Err(ReadingError::OutsideRange(if rising { Side::Above } else { Side::Below }));
        }
        self.solve(signal).ok_or(ReadingError::Ambiguous)
    }

    /// Lowest and highest standard.
    pub fn range(&self) -> (&Ratio, &Ratio) {
        (&self.low, &self.high)
    }

    /// Every standard read back from its own signal, also just outside the range.
    pub fn back_calculated(&self) -> Vec<BackCalculated> {
        let back = |(x, y): &(Ratio, Ratio)| {
            let found = self.solve(y);
            let deviation = found.as_ref().filter(|_| !x.is_zero()).map(|found| (&found.value - x) / x * hundred());
            BackCalculated {
                nominal: plain(x),
                found: found.map(|found| found.text()),
                deviation_percent: deviation.map(|percent| fixed(&percent, 2)),
            }
        };
        self.points.iter().map(back).collect()
    }

    /// The signal that the curve gives a concentration.
    pub fn signal_at(&self, x: &Ratio) -> Ratio {
        self.coefficients.iter().rev().fold(Ratio::zero(), |y, coefficient| y * x + coefficient)
    }

    /// No turning point strictly inside the range.
    fn is_monotone(&self) -> bool {
        match &self.coefficients[..] {
            [_, c1, c2] if !c2.is_zero() => {
                let turn = -c1 / (c2 * whole(2));
                turn <= self.low || turn >= self.high
            }
            _ => true,
        }
    }

    /// The concentration on the branch of the range.
    fn solve(&self, signal: &Ratio) -> Option<Root> {
        match &self.coefficients[..] {
            [c0, c1, c2] if !c2.is_zero() => {
                let discriminant = c1 * c1 - (c0 - signal) * c2 * whole(4);
                let root = square_root(&discriminant)?;
                let turn = -c1 / (c2 * whole(2));
                let distance = (&root.value / (c2 * whole(2))).abs();
                let middle = (&self.low + &self.high) / whole(2);
                let value = if middle >= turn { turn + distance } else { turn - distance };
                Some(Root { value, exact: root.exact })
            }
            [c0, c1, ..] if !c1.is_zero() => Some(Root { value: (signal - c0) / c1, exact: true }),
            _ => None,
        }
    }
}

impl Weight {
    pub fn parse(code: &str) -> Option<Self> {
        [Self::None, Self::InverseX, Self::InverseSquare].into_iter().find(|weight| weight.code() == code)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::InverseX => "1/x",
            Self::InverseSquare => "1/x2",
        }
    }

    fn at(self, x: &Ratio) -> Result<Ratio, JudgementError> {
        if self != Self::None && !x.is_positive() {
            let why = format!("a standard of {} has no weight 1/x; leave it out or use no weight", plain(x));
            return Err(JudgementError::refused("weight", why));
        }
        Ok(match self {
            Self::None => Ratio::one(),
            Self::InverseX => x.recip(),
            Self::InverseSquare => (x * x).recip(),
        })
    }
}

/// The normal equations `Σ_j (Σ w x^(i+j)) c_j = Σ w x^i y`.
fn least_squares(points: &[(Ratio, Ratio)], weights: &[Ratio], degree: usize) -> Result<Vec<Ratio>, JudgementError> {
    let moment = |power: usize, with_signal: bool| {
        let terms = points.iter().zip(weights).map(|((x, y), weight)| {
            let term = weight * num_traits::pow(x.clone(), power);
            if with_signal { term * y } else { term }
        });
        sum(&terms.collect::<Vec<_>>())
    };
    let moments: Vec<Ratio> = (0..=2 * degree).map(|power| moment(power, false)).collect();
    let row = |i: usize| {
        let mut row: Vec<Ratio> = (0..=degree).map(|j| moments[i + j].clone()).collect();
        row.push(moment(i, true));
        row
    };
    solve_linear((0..=degree).map(row).collect()).ok_or_else(|| {
        let why = format!("a curve of degree {degree} needs at least {} different concentrations", degree + 1);
        JudgementError::refused("x", why)
    })
}

/// Gauss-Jordan elimination on rows with the right side at their end; `None` when the equations do not decide.
fn solve_linear(mut rows: Vec<Vec<Ratio>>) -> Option<Vec<Ratio>> {
    for column in 0..rows.len() {
        let pivot = (column..rows.len()).find(|row| !rows[*row][column].is_zero())?;
        rows.swap(column, pivot);
        let divisor = rows[column][column].clone();
        rows[column].iter_mut().for_each(|value| *value = &*value / &divisor);
        let pivot_row = rows[column].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != column) {
            let factor = row[column].clone();
            row.iter_mut().zip(&pivot_row).for_each(|(value, pivot)| *value = &*value - &factor * pivot);
        }
    }
    rows.into_iter().map(|mut row| row.pop()).collect()
}

/// `1 - Σ w (y - fit)² / Σ w (y - mean)²`; for a line the square of the correlation coefficient.
fn r_squared(points: &[(Ratio, Ratio)], weights: &[Ratio], coefficients: &[Ratio]) -> Result<Ratio, JudgementError> {
    let total_weight = sum(weights);
    let weighted = |value: &dyn Fn(&(Ratio, Ratio)) -> Ratio| {
        let terms = points.iter().zip(weights).map(|(point, weight)| weight * value(point));
        sum(&terms.collect::<Vec<_>>())
    };
    let mean = weighted(&|(_, y)| y.clone()) / total_weight;
    let fit = |x: &Ratio| coefficients.iter().rev().fold(Ratio::zero(), |y, coefficient| y * x + coefficient);
    let square = |value: Ratio| &value * &value;
    let total = weighted(&|(_, y)| square(y - &mean));
    if total.is_zero() {
        return Err(JudgementError::refused("y", "all signals are the same; there is no curve"));
    }
    Ok(Ratio::one() - weighted(&|(x, y)| square(y - fit(x))) / total)
}

/// Most standards of a curve. Methods ask for 5 to 10; exact sums grow with every point.
pub const MAX_POINTS: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn points(x: &str, y: &str) -> Vec<CurvePoint> {
        let read = |text: &str| text.split(',').map(|n| Decimal::parse(n.trim()).unwrap()).collect::<Vec<_>>();
        read(x).into_iter().zip(read(y)).map(|(x, y)| CurvePoint { x, y }).collect()
    }

    fn line(x: &str, y: &str, weight: Weight) -> Curve {
        Curve::fit(&points(x, y), weight, 1).unwrap()
    }

    fn texts(curve: &Curve) -> Vec<String> {
        curve.coefficients().iter().map(plain).collect()
    }

    fn read(curve: &Curve, signal: &str) -> Result<String, ReadingError> {
        curve.read(&Decimal::parse(signal).unwrap().to_ratio()).map(|x| x.text())
    }

    #[test]
    fn a_line_through_points_is_exact() {
        let curve = line("0, 1, 2", "1, 3, 5", Weight::None);
        assert_eq!(texts(&curve), ["1", "2"]);
        assert_eq!(curve.r().text(), "1");
        assert_eq!(read(&curve, "4"), Ok("1.5".into()));
        assert_eq!(read(&curve, "1"), Ok("0".into()));
        assert_eq!(read(&curve, "5.0001"), Err(ReadingError::OutsideRange(Side::Above)));
        assert_eq!(read(&curve, "0.9999"), Err(ReadingError::OutsideRange(Side::Below)));
    }

    #[test]
    fn falling_lines_have_a_negative_r() {
        let curve = line("0, 1, 2", "5, 4, 1", Weight::None);
        // Sxy = -4, Sxx = 2, Syy = 26/3: r = -4 / sqrt(52/3) = -0.960768922831
        assert_eq!(curve.r().text(), "-0.960768922831");
        assert!(curve.accepts(&Decimal::parse("0.96").unwrap()));
        assert!(!curve.accepts(&Decimal::parse("0.961").unwrap()));
        // y = 16/3 - 2x over 0 to 2: a signal of 6 belongs below 0, one of 1 above 2.
        assert_eq!(read(&curve, "6"), Err(ReadingError::OutsideRange(Side::Below)));
        assert_eq!(read(&curve, "1"), Err(ReadingError::OutsideRange(Side::Above)));
    }

    #[test]
    fn weights_follow_the_small_standards() {
        // With 1/x the normal equations over (1;1), (2;3), (4;4) are 1.75a + 3b = 3.5 and 3a + 7b = 8.
        let curve = line("1, 2, 4", "1, 3, 4", Weight::InverseX);
        // b = (8·1.75 - 3·3.5) / (7·1.75 - 9) = 3.5 / 3.25 = 14/13, a = (3.5 - 3b) / 1.75 = 2/13
        assert_eq!(texts(&curve), ["0.153846153846", "1.07692307692"]);
        // With 1/x²: 1.3125a + 1.75b = 2; 1.75a + 3b = 3.5. b = 1.09375/0.875 = 1.25, a = -0.1875/1.3125 = -1/7
        let curve = line("1, 2, 4", "1, 3, 4", Weight::InverseSquare);
        assert_eq!(texts(&curve), ["-0.142857142857", "1.25"]);
        let zero = Curve::fit(&points("0, 1", "0, 1"), Weight::InverseX, 1).unwrap_err();
        assert!(zero.to_string().contains("leave it out"));
    }

    #[test]
    fn quadratic_curves_are_read_on_their_branch() {
        let curve = Curve::fit(&points("0, 1, 2, 3", "1, 2, 5, 10"), Weight::None, 2).unwrap();
        assert_eq!(texts(&curve), ["1", "0", "1"]);
        assert_eq!(curve.r().text(), "1");
        assert_eq!(read(&curve, "5"), Ok("2".into()));
        assert_eq!(read(&curve, "3"), Ok("1.41421356237".into()));
        assert_eq!(read(&curve, "10.01"), Err(ReadingError::OutsideRange(Side::Above)));
        // Turns at 2, inside the range.
        let turning = Curve::fit(&points("0, 1, 2, 3", "0, 3, 4, 3"), Weight::None, 2).unwrap();
        assert_eq!(read(&turning, "3"), Err(ReadingError::Ambiguous));
        // Saturating: y = 10x - x², turns at 5; read on the rising branch.
        let saturating = Curve::fit(&points("0, 1, 2, 4", "0, 9, 16, 24"), Weight::None, 2).unwrap();
        assert_eq!(read(&saturating, "21"), Ok("3".into()));
    }

    #[test]
    fn standards_are_read_back() {
        let back = line("0, 1, 2", "5, 4, 1", Weight::None).back_calculated();
        // y = 16/3 - 2x: 5 is read as 1/6, 4 as 2/3, 1 as 13/6.
        let found: Vec<_> = back.iter().map(|point| point.found.as_deref().unwrap()).collect();
        assert_eq!(found, ["0.166666666667", "0.666666666667", "2.16666666667"]);
        let deviation: Vec<_> = back.iter().map(|point| point.deviation_percent.as_deref()).collect();
        assert_eq!(deviation, [None, Some("-33.33"), Some("8.33")]);
    }

    #[test]
    fn impossible_curves_are_refused() {
        for (x, y, degree) in [
            ("1, 1", "1, 2", 1),
            ("1, 2", "1, 2", 2),
            ("1", "1", 1),
            ("1, 2", "3, 3", 1),
            ("1, 2", "1, 2", 3),
            ("1, 2", "1, 2", 0),
        ] {
            assert!(Curve::fit(&points(x, y), Weight::None, degree).is_err(), "{x}; {y}; {degree}");
        }
        assert!(Curve::fit(&[], Weight::None, 1).is_err());
        let long = Curve::fit(&points(&"1".repeat(31), "1"), Weight::None, 1).unwrap_err();
        assert!(long.to_string().contains("more than 30 characters"));
        let flat = Curve::fit(&points("0, 1, 2", "1, 2, 1"), Weight::None, 1).unwrap();
        assert_eq!(read(&flat, "1.3"), Err(ReadingError::Ambiguous));
    }
}
