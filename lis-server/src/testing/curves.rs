//! Calibration curves of worksheets, pure: a curve as a result asks it, fitted exactly and read only where its standards
//! lie (`judgement.md` Q09 and Q10).

use serde::{Deserialize, Serialize};

use super::compute::Portion;
use super::portions::{PortionValue, decimal_of, number_problem};
use crate::catalogue::import::{BLANK, CurveRule, READING};
use crate::domain::decimal::Decimal;
use crate::domain::text::counted;
use crate::judgement::JudgementError;
use crate::judgement::curve::{Curve, CurvePoint, ReadingError, Side};
use crate::judgement::edition::Rules;
use crate::judgement::measured::MeasuredValue;
use crate::judgement::number::{Ratio, plain};
use crate::judgement::record::{self, JudgementRecord, Question, Sources};

/// The rule of the method, and the standards as they were measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurveAsked {
    pub rule: CurveRule,
    /// In order of their places on the worksheet.
    pub points: Vec<CurvePoint>,
}

impl CurveAsked {
    /// Different concentrations among the standards.
    pub fn levels(&self) -> usize {
        let mut levels: Vec<Ratio> = self.points.iter().map(|point| point.x.to_ratio()).collect();
        levels.sort_unstable();
        levels.dedup();
        levels.len()
    }

    /// Whether there are as many standards as the method asks for.
    pub fn has_levels(&self) -> bool {
        self.levels() >= usize::try_from(self.rule.levels).unwrap_or(usize::MAX)
    }

    /// # Errors
    /// Fewer standards than the method asks for, or standards through which no curve goes.
    pub fn fitted(&self) -> Result<Fitted<'_>, JudgementError> {
        if !self.has_levels() {
            let given = counted(self.levels(), "different standard");
            let why = format!("{given}; the method asks for {}", self.rule.levels);
            return Err(JudgementError::refused("standards", why));
        }
        Ok(Fitted { curve: Curve::fit(&self.points, self.rule.weight, self.rule.degree)?, asked: self })
    }
}

/// A curve that was fitted.
#[derive(Debug)]
pub struct Fitted<'c> {
    pub asked: &'c CurveAsked,
    pub curve: Curve,
}

impl Fitted<'_> {
    /// The input of the expression that it gives.
    pub fn gives(&self) -> &str {
        &self.asked.rule.gives.name
    }

    /// Whether |r| is as high as the method asks.
    pub fn is_accepted(&self) -> bool {
        self.curve.accepts(&self.asked.rule.min_r)
    }

    /// On which side of the standards a signal lies; `None`: between them, or it is no number.
    pub fn outside(&self, signal: &str) -> Option<Side> {
        match self.curve.read(&Decimal::parse(signal.trim()).ok()?.to_ratio()) {
            Err(ReadingError::OutsideRange(side)) => Some(side),
            Ok(_) | Err(ReadingError::Ambiguous) => None,
        }
    }

    /// The concentration of a signal. What was not detected stays so; a bound of a signal is no bound of a concentration.
    pub fn measured(&self, signal: &MeasuredValue) -> Result<PortionValue, JudgementError> {
        match signal {
            MeasuredValue::NotDetected => Ok(PortionValue::plain(MeasuredValue::NotDetected)),
            MeasuredValue::Number(signal) => self.concentration(signal),
            MeasuredValue::Below(_) | MeasuredValue::Above(_) => {
                Err(JudgementError::refused(READING, format!("{signal} is no signal; a curve reads a number or ND")))
            }
        }
    }

    /// The concentration of a blank: nothing is subtracted where it lies below the lowest standard, because nothing can be
    /// read there. Beside it the exact number, where it had to be cut.
    pub fn blank(&self, signal: &str) -> Result<(Decimal, Option<Ratio>), JudgementError> {
        if self.outside(signal) == Some(Side::Below) {
            return Ok((Decimal::from(0), None));
        }
        let typed = MeasuredValue::parse(signal).map_err(|problem| number_problem(BLANK, problem))?;
        let found = self.measured(&typed)?;
        match found.value {
            MeasuredValue::Number(number) => Ok((number, found.exact)),
            MeasuredValue::NotDetected | MeasuredValue::Below(_) | MeasuredValue::Above(_) => {
                Ok((Decimal::from(0), None))
            }
        }
    }

    fn concentration(&self, signal: &Decimal) -> Result<PortionValue, JudgementError> {
        let refused = |error: ReadingError| JudgementError::refused(READING, format!("{signal}: {error}"));
        let found = self.curve.read(&signal.to_ratio()).map_err(refused)?;
        Ok(match found.exact {
            true => PortionValue::calculated(found.value),
            // A root of a parabola: nobody knows it exactly.
            false => PortionValue::plain(MeasuredValue::Number(decimal_of(&found.value))),
        })
    }

    /// How the curve stands in the record of a result: its standards read back, and the signals that it gave a concentration.
    pub fn record(
        &self,
        portions: &[Portion],
        rules: Rules,
        sources: Sources,
    ) -> Result<JudgementRecord, JudgementError> {
        let CurveRule { weight, degree, min_r, .. } = &self.asked.rule;
        let given = portions.iter().flat_map(|portion| &portion.determinations);
        let typed = given.flat_map(|given| [READING, BLANK].into_iter().filter_map(move |name| given.get(name)));
        let read = typed.filter(|signal| self.outside(signal).is_none());
        let mut signals: Vec<Decimal> = Vec::new();
        for signal in read.filter_map(|signal| Decimal::parse(signal.trim()).ok()) {
            if !signals.contains(&signal) {
                signals.push(signal);
            }
        }
        let question = Question::Curve {
            points: self.asked.points.clone(),
            weight: *weight,
            degree: *degree,
            min_r: min_r.clone(),
            signals,
        };
        record::judge_by(rules, question, sources)
    }

    /// `y = 0.002 + 0.01 x`: intercept, slope and, of a parabola, the quadratic coefficient.
    pub fn equation(&self) -> String {
        let powers = ["", " x", " x²"];
        let terms = self.curve.coefficients().iter().zip(powers);
        let terms: Vec<String> = terms.map(|(coefficient, power)| format!("{}{power}", plain(coefficient))).collect();
        format!("y = {}", terms.join(" + "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::import::Input;
    use crate::judgement::curve::Weight;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    /// y = 0.002 + 0.01 x through five standards without any deviation.
    fn asked(levels: u32) -> CurveAsked {
        let points = [("0", "0.002"), ("5", "0.052"), ("10", "0.102"), ("20", "0.202"), ("40", "0.402")];
        CurveAsked {
            rule: CurveRule {
                gives: Input { name: "rho".into(), unit: "µg/L".into() },
                weight: Weight::None,
                degree: 1,
                min_r: d("0.995"),
                levels,
            },
            points: points.map(|(x, y)| CurvePoint { x: d(x), y: d(y) }).to_vec(),
        }
    }

    #[test]
    fn signals_become_concentrations_and_nothing_else_does() {
        let asked = asked(5);
        let curve = asked.fitted().unwrap();
        assert_eq!(
            (curve.gives(), curve.is_accepted(), curve.equation().as_str()),
            ("rho", true, "y = 0.002 + 0.01 x")
        );
        let read =
            |typed: &str| curve.measured(&MeasuredValue::parse(typed).unwrap()).map(|found| found.value.to_string());
        // (0.1122 - 0.002) / 0.01
        assert_eq!(read("0.1122").unwrap(), "11.02");
        assert_eq!(read("ND").unwrap(), "ND");
        assert!(read("<0.01").is_err() && read("0.41").is_err() && read("0.001").is_err());
        assert_eq!(curve.outside("0.403"), Some(Side::Above));
        assert_eq!((curve.outside("0.001"), curve.outside("0.1")), (Some(Side::Below), None));
    }

    #[test]
    fn a_blank_below_the_lowest_standard_takes_nothing_away() {
        let asked = asked(5);
        let curve = asked.fitted().unwrap();
        let blank = |typed: &str| curve.blank(typed).map(|(value, _)| value.to_string());
        // (0.0045 - 0.002) / 0.01
        assert_eq!(blank("0.0045").unwrap(), "0.25");
        assert_eq!((blank("0.0011").unwrap(), blank("ND").unwrap()), ("0".to_owned(), "0".to_owned()));
        assert!(blank("0.5").is_err(), "a blank above the top standard is no blank");
    }

    #[test]
    fn fewer_standards_than_the_method_asks_for_are_no_curve() {
        let mut six = asked(6);
        assert!(six.fitted().unwrap_err().to_string().contains("the method asks for 6"));
        // Twice the same concentration is one level.
        six.points.push(CurvePoint { x: d("40.0"), y: d("0.401") });
        assert_eq!((six.levels(), six.has_levels()), (5, false));
    }
}
