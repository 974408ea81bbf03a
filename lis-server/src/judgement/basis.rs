//! Conversion of a result to the basis of its limit, and of LOD and LOQ to the portion used (`judgement.md` 6 and 7).

use num_traits::{Signed, Zero};

use crate::domain::decimal::Decimal;

use super::error::JudgementError;
use super::number::{Ratio, hundred};

/// What a limit refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Dry sample; moisture in g/100g, at least 0 and below 100.
    Dry { moisture: Decimal },
    /// Fat content in g/100g, above 0 and at most 100.
    Fat { fat: Decimal },
    /// 100 % alcohol; alcohol content in %vol, above 0 and at most 100.
    Alcohol100 { abv: Decimal },
}

/// The value of a sample as tested, on another basis: wet / (1 - moisture/100), value × 100 / share.
pub fn convert(value: &Ratio, basis: &Basis) -> Result<Ratio, JudgementError> {
    let (field, share, text) = match basis {
        Basis::Dry { moisture } => ("moisture", hundred() - moisture.to_ratio(), moisture),
        Basis::Fat { fat } => ("fat", fat.to_ratio(), fat),
        Basis::Alcohol100 { abv } => ("abv", abv.to_ratio(), abv),
    };
    if !share.is_positive() || share > hundred() {
        return Err(JudgementError::refused(field, format!("{text} % is impossible here")));
    }
    Ok(value * hundred() / share)
}

/// Portion of the method and portion really used. Masses and volumes each in one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portions {
    pub mass_method: Decimal,
    pub mass_used: Decimal,
    pub volume_method: Decimal,
    pub volume_used: Decimal,
}

/// LOD or LOQ for the portion used: `limit × (m_method / m_used) × (V_used / V_method)`.
pub fn scaled_detection_limit(limit: &Decimal, portions: &Portions) -> Result<Ratio, JudgementError> {
    let positive = |field: &str, value: &Decimal| match value.to_ratio() {
        ratio if ratio <= Ratio::zero() => Err(JudgementError::refused(field, format!("{value} is not above zero"))),
        ratio => Ok(ratio),
    };
    let masses = positive("mass_method", &portions.mass_method)? / positive("mass_used", &portions.mass_used)?;
    let volumes = positive("volume_used", &portions.volume_used)? / positive("volume_method", &portions.volume_method)?;
    Ok(limit.to_ratio() * masses * volumes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::number::plain;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn results_on_another_basis() {
        let check =
            |value, basis, expected: &str| assert_eq!(plain(&convert(&d(value).to_ratio(), &basis).unwrap()), expected);
        check("92.0", Basis::Dry { moisture: d("28.4") }, "128.491620112");
        check("1", Basis::Dry { moisture: d("0") }, "1");
        check("0.05", Basis::Fat { fat: d("25") }, "0.2");
        check("0.31", Basis::Alcohol100 { abv: d("50.0") }, "0.62");
        for impossible in [
            Basis::Dry { moisture: d("100") },
            Basis::Dry { moisture: d("-1") },
            Basis::Fat { fat: d("0") },
            Basis::Alcohol100 { abv: d("100.1") },
        ] {
            assert!(convert(&d("1").to_ratio(), &impossible).is_err(), "{impossible:?}");
        }
    }

    #[test]
    fn a_smaller_portion_sees_less() {
        let portions =
            Portions { mass_method: d("0.5"), mass_used: d("0.2"), volume_method: d("10"), volume_used: d("25") };
        assert_eq!(plain(&scaled_detection_limit(&d("0.02"), &portions).unwrap()), "0.125");
        let nothing = Portions { mass_used: d("0"), ..portions };
        assert!(scaled_detection_limit(&d("0.02"), &nothing).is_err());
    }
}
