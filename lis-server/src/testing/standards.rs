//! The standards of a calibration curve as whoever opens a worksheet states them: concentrations, or lots that hold one.
//! Pure.

use super::places::Amounts;
use super::{CURVE_LEVELS, CURVE_NOT_ASKED, CURVE_ZERO, STANDARD_WITHOUT_CONCENTRATION};
use crate::catalogue::import::CurveRule;
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Reasons;
use crate::judgement::curve::{MAX_POINTS, Weight};
use crate::judgement::number::scaled_text;
use crate::judgement::units;

/// One standard of a curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Standard {
    /// `None`: the lot does not say.
    pub concentration: Option<Decimal>,
    /// Of the concentration; empty: that of the curve.
    pub unit: String,
    /// Code of the lot; empty: a concentration was stated.
    pub lot: String,
}

impl Standard {
    pub fn stated(concentration: Decimal) -> Self {
        Self { concentration: Some(concentration), unit: String::new(), lot: String::new() }
    }

    /// What it holds in the unit of a curve; `None` where it does not say, or in a unit of another kind.
    pub fn on(&self, curve: &CurveRule) -> Option<Decimal> {
        let stated = self.concentration.as_ref()?;
        if self.lot.is_empty() {
            return Some(stated.clone());
        }
        let factor = units::factor(&self.unit, &curve.gives.unit).ok()?;
        Decimal::parse(&scaled_text(stated, &factor)).ok()
    }
}

/// Concentrations separated by `;`; `None` when one of them is no number, or there are more than a curve takes.
pub fn concentrations(text: &str) -> Option<Vec<Decimal>> {
    let parts: Vec<&str> = text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() > MAX_POINTS {
        return None;
    }
    parts.into_iter().map(|part| Decimal::parse(part).ok().filter(|number| !number.is_negative())).collect()
}

/// A reason for everything that keeps the standards of a sheet from becoming the curves of its analytes.
pub fn require_standards(curves: &[(&str, &CurveRule)], amounts: &Amounts, reasons: &mut Reasons) {
    let standards = &amounts.standards;
    reasons.add_if(curves.is_empty() && !standards.is_empty(), || CURVE_NOT_ASKED.at("standards"));
    for (analyte, curve) in curves {
        let mut levels: Vec<Decimal> = Vec::new();
        for standard in standards {
            let Some(level) = standard.on(curve) else {
                let reason = STANDARD_WITHOUT_CONCENTRATION.with("code", &standard.lot);
                reasons.add(reason.with("unit", &curve.gives.unit).at("standard_lots"));
                continue;
            };
            reasons.add_if(level.is_zero() && curve.weight != Weight::None, || {
                CURVE_ZERO.with("analyte", analyte).with("weight", curve.weight.code()).at("standards")
            });
            if !levels.iter().any(|known| known.same_value(&level)) {
                levels.push(level);
            }
        }
        let needed = usize::try_from(curve.levels).unwrap_or(usize::MAX);
        reasons.add_if(levels.len() < needed, || {
            CURVE_LEVELS.with("analyte", analyte).with("given", levels.len()).with("needed", needed).at("standards")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::import::Input;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn curve(weight: Weight, levels: u32) -> CurveRule {
        let gives = Input { name: "rho".into(), unit: "µg/L".into() };
        CurveRule { gives, weight, degree: 1, min_r: d("0.995"), levels }
    }

    fn said(standards: Vec<Standard>, rule: &CurveRule) -> Vec<&'static str> {
        let mut reasons = Reasons::new();
        let amounts = Amounts { standards, ..Amounts::default() };
        require_standards(&[("pb", rule)], &amounts, &mut reasons);
        let refusal = reasons.none().err();
        refusal.iter().flat_map(|refusal| &refusal.reasons).map(|reason| reason.problem.code).collect()
    }

    #[test]
    fn concentrations_are_read_as_they_are_typed() {
        assert_eq!(concentrations("0; 5.00；10;").unwrap(), [d("0"), d("5.00"), d("10")]);
        for wrong in ["5,0", "-1", "1; x"] {
            assert!(concentrations(wrong).is_none(), "{wrong}");
        }
        assert!(concentrations(&"1;".repeat(51)).is_none());
    }

    #[test]
    fn a_lot_stands_for_its_concentration_in_the_unit_of_the_curve() {
        let lot = |concentration: Option<&str>, unit: &str| Standard {
            concentration: concentration.map(d),
            unit: unit.into(),
            lot: "S-1".into(),
        };
        let rule = curve(Weight::None, 1);
        // 0.020 mg/L are 20 µg/L.
        assert_eq!(lot(Some("0.020"), "mg/L").on(&rule), Some(d("20")));
        assert_eq!((lot(None, "mg/L").on(&rule), lot(Some("1"), "mg/kg").on(&rule)), (None, None));
        assert_eq!(said(vec![lot(Some("1"), "mg/kg")], &rule), ["standard-without-concentration", "curve-levels"]);
    }

    #[test]
    fn the_method_asks_for_so_many_different_standards() {
        let stated = |text: &str| concentrations(text).unwrap().into_iter().map(Standard::stated).collect::<Vec<_>>();
        assert_eq!(said(stated("0;5;10"), &curve(Weight::None, 3)), [""; 0]);
        assert_eq!(said(stated("0;5;5.0"), &curve(Weight::None, 3)), ["curve-levels"]);
        assert_eq!(said(stated("0;5;10"), &curve(Weight::InverseX, 3)), ["curve-zero"], "1/0 is no weight");
        let mut reasons = Reasons::new();
        require_standards(&[], &Amounts { standards: stated("5"), ..Amounts::default() }, &mut reasons);
        assert!(reasons.none().is_err(), "nothing that is stated is left out in silence");
    }
}
