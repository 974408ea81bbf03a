//! Quality control of a batch: parallels, recovery, reference material, blank, mid-point, proficiency
//! (`judgement.md` Q02–Q08, `quality.md` Q77-4 and Q77-5).
//!
//! Every comparison uses the exact value; the rounded percentages are for display. A value on the border is accepted.

use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::error::JudgementError;
use super::number::{Ratio, fixed, hundred, plain, whole};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QcVerdict {
    Accept,
    /// Parallels too far apart: the determination is repeated.
    Repeat,
    /// The batch is held until an authorized person releases it with cause and action.
    RejectBatch,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateResult {
    pub mean: String,
    /// Difference in percent of the mean, two decimals.
    pub percent: String,
    pub verdict: QcVerdict,
    /// The same, exactly.
    #[serde(skip)]
    pub exact: Ratio,
}

/// Parallel determinations: `|x1 - x2| / |mean| × 100 ≤ allowed`, else REPEAT.
///
/// Two zeros agree; values whose mean is zero otherwise are refused.
pub fn duplicate(x1: &Ratio, x2: &Ratio, allowed_percent: &Decimal) -> Result<DuplicateResult, JudgementError> {
    not_negative("allowed_percent", allowed_percent)?;
    let mean = (x1 + x2) / whole(2);
    let percent = match (x1 == x2, mean.is_zero()) {
        (true, _) => Ratio::zero(),
        (false, true) => {
            return Err(JudgementError::refused("x1, x2", "their mean is zero; a relative difference does not exist"));
        }
        (false, false) => (x1 - x2).abs() / mean.abs() * hundred(),
    };
    let verdict = if percent <= allowed_percent.to_ratio() { QcVerdict::Accept } else { QcVerdict::Repeat };
    Ok(DuplicateResult { mean: plain(&mean), percent: fixed(&percent, 2), verdict, exact: percent })
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryResult {
    /// Two decimals.
    pub percent: String,
    pub verdict: QcVerdict,
    /// The same, exactly.
    #[serde(skip)]
    pub exact: Ratio,
}

/// Spike recovery: `(spiked - native) / added × 100` within `low..=high`. Native not detected counts as zero.
pub fn recovery(
    native: &Ratio,
    spiked: &Ratio,
    added: &Decimal,
    low: &Decimal,
    high: &Decimal,
) -> Result<RecoveryResult, JudgementError> {
    if low.cmp_value(high).is_gt() {
        return Err(JudgementError::refused("low", format!("{low} is above {high}")));
    }
    let percent = (spiked - native) / above_zero("added", added)? * hundred();
    let verdict = accept_batch(percent >= low.to_ratio() && percent <= high.to_ratio());
    Ok(RecoveryResult { percent: fixed(&percent, 2), verdict, exact: percent })
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrmResult {
    /// `|found - certified|`.
    pub difference: String,
    pub verdict: QcVerdict,
}

/// Reference material: `|found - certified| ≤ U` of the certificate.
pub fn crm(found: &Ratio, certified: &Decimal, uncertainty: &Decimal) -> Result<CrmResult, JudgementError> {
    not_negative("U", uncertainty)?;
    let difference = (found - certified.to_ratio()).abs();
    let verdict = accept_batch(difference <= uncertainty.to_ratio());
    Ok(CrmResult { difference: plain(&difference), verdict })
}

/// Blank: below the LOD, or below 10 % of the lowest sample of the batch.
pub fn blank(found: &Ratio, lod: &Decimal, lowest_sample: Option<&Ratio>) -> QcVerdict {
    let tenth = |lowest: &Ratio| &(found * whole(10)) < lowest;
    accept_batch(found < &lod.to_ratio() || lowest_sample.is_some_and(tenth))
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftResult {
    /// Signed deviation in percent of the nominal value, two decimals.
    pub percent: String,
    pub verdict: QcVerdict,
    /// The same, exactly.
    #[serde(skip)]
    pub exact: Ratio,
}

/// Mid-point check: deviation within ± `allowed_percent` of the nominal value (10 % when the method gives none).
pub fn drift(found: &Ratio, nominal: &Decimal, allowed_percent: &Decimal) -> Result<DriftResult, JudgementError> {
    not_negative("allowed_percent", allowed_percent)?;
    let nominal = above_zero("nominal", nominal)?;
    let percent = (found - &nominal) / nominal * hundred();
    let verdict = accept_batch(percent.abs() <= allowed_percent.to_ratio());
    Ok(DriftResult { percent: fixed(&percent, 2), verdict, exact: percent })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proficiency {
    Satisfactory,
    Questionable,
    /// Needs corrective action before the next authorization of the method.
    Unsatisfactory,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZScore {
    pub z: String,
    pub proficiency: Proficiency,
}

/// Proficiency test: `z = (found - assigned) / sigma`; up to 2 satisfactory, below 3 questionable, else unsatisfactory.
pub fn z_score(found: &Ratio, assigned: &Decimal, sigma: &Decimal) -> Result<ZScore, JudgementError> {
    let z = (found - assigned.to_ratio()) / above_zero("sigma", sigma)?;
    let proficiency = match z.abs() {
        z if z <= whole(2) => Proficiency::Satisfactory,
        z if z < whole(3) => Proficiency::Questionable,
        _ => Proficiency::Unsatisfactory,
    };
    Ok(ZScore { z: plain(&z), proficiency })
}

fn accept_batch(accepted: bool) -> QcVerdict {
    if accepted { QcVerdict::Accept } else { QcVerdict::RejectBatch }
}

fn above_zero(field: &str, value: &Decimal) -> Result<Ratio, JudgementError> {
    match value.to_ratio() {
        ratio if ratio.is_positive() => Ok(ratio),
        _ => Err(JudgementError::refused(field, format!("{value} is not above zero"))),
    }
}

fn not_negative(field: &str, value: &Decimal) -> Result<(), JudgementError> {
    if value.is_negative() { Err(JudgementError::refused(field, format!("{value} is negative"))) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn r(text: &str) -> Ratio {
        d(text).to_ratio()
    }

    // Requirement: Q02, Q03, Q04, Q05
    #[test]
    fn parallels() {
        let check = |x1, x2, allowed, mean: &str, percent: &str, verdict| {
            let result = duplicate(&r(x1), &r(x2), &d(allowed)).unwrap();
            assert_eq!((result.mean.as_str(), result.percent.as_str(), result.verdict), (mean, percent, verdict));
        };
        check("0.112", "0.124", "20", "0.118", "10.17", QcVerdict::Accept);
        check("0.090", "0.110", "20", "0.1", "20.00", QcVerdict::Accept);
        // 20.0002 % is displayed as 20.00 and still repeated.
        check("0.0899999", "0.110000", "20", "0.09999995", "20.00", QcVerdict::Repeat);
        check("-0.4", "-0.6", "40", "-0.5", "40.00", QcVerdict::Accept);
        check("0", "0.0", "20", "0", "0.00", QcVerdict::Accept);
        assert!(duplicate(&r("-1"), &r("1"), &d("20")).is_err());
        assert!(duplicate(&r("1"), &r("1"), &d("-1")).is_err());
        // 1/11 and 1/9 lie exactly 20 % of their mean apart.
        let of = |n: i64| Ratio::new(1.into(), n.into());
        assert_eq!(duplicate(&of(11), &of(9), &d("20")).unwrap().verdict, QcVerdict::Accept);
    }

    // Requirement: Q06, Q07, Q08
    #[test]
    fn recovery_and_reference_material() {
        let result = recovery(&r("0.094"), &r("0.287"), &d("0.200"), &d("80"), &d("120")).unwrap();
        assert_eq!((result.percent.as_str(), result.verdict), ("96.50", QcVerdict::Accept));
        let result = recovery(&r("0"), &r("0.0799999"), &d("0.1"), &d("80"), &d("120")).unwrap();
        assert_eq!((result.percent.as_str(), result.verdict), ("80.00", QcVerdict::RejectBatch));
        assert!(recovery(&r("0"), &r("1"), &d("0"), &d("80"), &d("120")).is_err());
        assert!(recovery(&r("0"), &r("1"), &d("1"), &d("120"), &d("80")).is_err());
        let result = crm(&r("0.50"), &d("0.54"), &d("0.04")).unwrap();
        assert_eq!((result.difference.as_str(), result.verdict), ("0.04", QcVerdict::Accept));
        assert_eq!(crm(&r("0.585"), &d("0.54"), &d("0.04")).unwrap().verdict, QcVerdict::RejectBatch);
    }

    // Requirement: Q77-4
    #[test]
    fn blank_and_mid_point() {
        assert_eq!(blank(&r("0.004"), &d("0.005"), None), QcVerdict::Accept);
        assert_eq!(blank(&r("0.005"), &d("0.005"), None), QcVerdict::RejectBatch);
        assert_eq!(blank(&r("0.009"), &d("0.005"), Some(&r("0.1"))), QcVerdict::Accept);
        assert_eq!(blank(&r("0.010"), &d("0.005"), Some(&r("0.1"))), QcVerdict::RejectBatch);
        assert_eq!(drift(&r("9"), &d("10"), &d("10")).unwrap().verdict, QcVerdict::Accept);
        let result = drift(&r("8.999"), &d("10"), &d("10")).unwrap();
        assert_eq!((result.percent.as_str(), result.verdict), ("-10.01", QcVerdict::RejectBatch));
    }

    // Requirement: Q77-5
    #[test]
    fn proficiency() {
        let grade = |found| z_score(&r(found), &d("1.0"), &d("0.1")).unwrap().proficiency;
        assert_eq!(grade("1.2"), Proficiency::Satisfactory);
        assert_eq!(grade("0.79"), Proficiency::Questionable);
        assert_eq!(grade("1.3"), Proficiency::Unsatisfactory);
        // 2.003 and 2.995 print as 2.00 and 3.00 with two decimals: the exact value decides.
        assert_eq!(grade("1.2003"), Proficiency::Questionable);
        assert_eq!(grade("1.2995"), Proficiency::Questionable);
        assert_eq!(z_score(&r("0.8"), &d("1.0"), &d("0.1")).unwrap().z, "-2");
    }
}
