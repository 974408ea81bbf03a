//! The z-score of a proficiency test and its verdict (ISO 13528 9.4: `z = (x - x_pt) / sigma_pt`), in exact rationals.

use num_traits::Signed;

use crate::domain::decimal::Decimal;
use crate::judgement::number::{Ratio, fixed, whole};
use crate::quality::state::codes;

codes!(
    /// What a score says.
    PtVerdict {
        /// |z| <= 2
        Satisfactory = "satisfactory",
        /// 2 < |z| < 3
        Questionable = "questionable",
        /// |z| >= 3
        Unsatisfactory = "unsatisfactory",
    }
);

/// Decimals of a printed score: what providers print.
const DECIMALS: usize = 2;

/// A score as printed, with the verdict of its exact value: a score of 2.003 prints as 2.00 and is questionable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Score {
    pub text: String,
    pub verdict: PtVerdict,
}

/// The score of a result; `None` where sigma is not above zero.
pub fn score(own: &Decimal, assigned: &Decimal, sigma: &Decimal) -> Option<Score> {
    if sigma.is_zero() || sigma.is_negative() {
        return None;
    }
    let z: Ratio = (own.to_ratio() - assigned.to_ratio()) / sigma.to_ratio();
    let size = z.abs();
    let verdict = if size <= whole(2) {
        PtVerdict::Satisfactory
    } else if size < whole(3) {
        PtVerdict::Questionable
    } else {
        PtVerdict::Unsatisfactory
    };
    Some(Score { text: fixed(&z, DECIMALS), verdict })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(own: &str, assigned: &str, sigma: &str) -> Option<(String, PtVerdict)> {
        let d = |text: &str| Decimal::parse(text).unwrap();
        score(&d(own), &d(assigned), &d(sigma)).map(|score| (score.text, score.verdict))
    }

    // Requirement: Q77-5
    #[test]
    fn borders_belong_where_the_standard_puts_them() {
        use PtVerdict::{Questionable, Satisfactory, Unsatisfactory};
        // (0.262 - 0.250) / 0.020 = 0.6
        assert_eq!(of("0.262", "0.250", "0.020"), Some(("0.60".into(), Satisfactory)));
        assert_eq!(of("0.29", "0.25", "0.02"), Some(("2.00".into(), Satisfactory)), "two is still satisfactory");
        // (0.29006 - 0.25) / 0.02 = 2.003
        assert_eq!(of("0.29006", "0.25", "0.02"), Some(("2.00".into(), Questionable)), "the exact value decides");
        assert_eq!(of("0.19", "0.25", "0.02"), Some(("-3.00".into(), Unsatisfactory)), "three is unsatisfactory");
        // 0.0599 / 0.02 = 2.995; half to even gives 3.00
        assert_eq!(of("0.1901", "0.25", "0.02"), Some(("-3.00".into(), Questionable)));
        assert_eq!(of("0.26", "0.25", "0"), None);
        assert_eq!(of("0.26", "0.25", "-0.02"), None);
    }
}
