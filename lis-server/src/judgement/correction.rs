//! A reading corrected by what the certificate of its instrument says (修正值与修正因子, `quality.md` Q64-3), exactly.

use serde::{Deserialize, Serialize};

use super::error::JudgementError;
use super::explain::{Step, StepKey};
use super::number::fixed;
use super::units;
use crate::domain::decimal::Decimal;

/// How a certificate corrects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The correction is added, in its unit.
    Add,
    /// The reading is multiplied by it.
    Times,
}

impl How {
    pub const ALL: &[How] = &[Self::Add, Self::Times];

    pub fn code(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Times => "times",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|how| how.code() == code)
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Times => "×",
        }
    }
}

/// What a certificate says of every reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub how: How,
    pub amount: Decimal,
    /// Of an addition; empty of a factor.
    pub unit: String,
}

impl Correction {
    /// The corrected value in the unit of the reading, with its digits at least.
    ///
    /// # Errors
    /// An addition in a unit of another kind.
    pub fn applied(&self, reading: &Decimal, unit: &str) -> Result<Decimal, JudgementError> {
        let exact = match self.how {
            How::Add => reading.to_ratio() + self.amount.to_ratio() * units::factor(&self.unit, unit)?,
            How::Times => reading.to_ratio() * self.amount.to_ratio(),
        };
        let endless = || JudgementError::refused("correction", "the corrected value has no finite decimal");
        let shortest = Decimal::from_ratio_finite(&exact).ok_or_else(endless)?;
        let decimals = shortest.decimals().max(reading.decimals());
        let number = |problem| JudgementError::Number { field: "correction".into(), problem };
        Decimal::parse(&fixed(&exact, decimals)).map_err(number)
    }
}

/// A corrected reading with its reasoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    pub value: Decimal,
    pub steps: Vec<Step>,
}

/// Corrects a reading; `source` says whose certificate it was.
pub fn correct(
    correction: &Correction,
    (reading, unit): (&Decimal, &str),
    source: &str,
) -> Result<Corrected, JudgementError> {
    let value = correction.applied(reading, unit)?;
    let amount = format!("{} {}", correction.amount, correction.unit);
    let step = Step::new(
        StepKey::Corrected,
        [
            ("source", source.to_owned()),
            ("reading", reading.to_string()),
            ("sign", correction.how.sign().to_owned()),
            ("amount", format!("({})", amount.trim())),
            ("value", value.to_string()),
            ("unit", unit.to_owned()),
        ],
    );
    Ok(Corrected { value, steps: vec![step] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::explain::Lang;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn by(how: How, amount: &str, unit: &str) -> Correction {
        Correction { how, amount: d(amount), unit: unit.into() }
    }

    // Requirement: Q64-3
    #[test]
    fn a_reading_is_corrected_exactly_and_keeps_its_digits() {
        // 0.5000 g - 0.0002 g; -0.2 mg are -0.0002 g; 20.0 °C + 0.15 °C; 10.0 × 1.020 = 10.2 with the reading's digits.
        let of = |correction: Correction, reading: &str, unit: &str| {
            correction.applied(&d(reading), unit).map(|value| value.to_string()).ok()
        };
        assert_eq!(of(by(How::Add, "-0.0002", "g"), "0.5000", "g").as_deref(), Some("0.4998"));
        assert_eq!(of(by(How::Add, "-0.2", "mg"), "0.5000", "g").as_deref(), Some("0.4998"));
        assert_eq!(of(by(How::Add, "0.0000", "g"), "0.5000", "g").as_deref(), Some("0.5000"));
        assert_eq!(of(by(How::Add, "0.15", "℃"), "20.0", "℃").as_deref(), Some("20.15"));
        assert_eq!(of(by(How::Times, "1.020", ""), "10.0", "mL").as_deref(), Some("10.2"));
        assert_eq!(of(by(How::Add, "0.15", "℃"), "20.0", "g"), None, "another kind of unit");
    }

    #[test]
    fn the_correction_is_written_out() {
        let corrected = correct(&by(How::Add, "-0.0002", "g"), (&d("0.5000"), "g"), "BAL-01 C-9").unwrap();
        assert_eq!(corrected.steps[0].text(Lang::En), "Corrected by BAL-01 C-9: 0.5000 + (-0.0002 g) = 0.4998 g");
        assert_eq!(corrected.steps[0].text(Lang::Zh), "按 BAL-01 C-9 修正：0.5000 + (-0.0002 g) = 0.4998 g");
    }
}
