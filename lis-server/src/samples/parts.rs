//! Rules about parts, pure: how much can be split off, and how long a part is kept (`workflow.md` 7).

use chrono::{Days, Months, NaiveDate};
use num_rational::BigRational;
use num_traits::Zero;

use super::words::{PartRole, SampleType};
use crate::domain::decimal::Decimal;

/// Months that a backup is kept from the conclusion (Order 15 art. 25): conforming, not conforming.
const KEPT_AFTER_PASS_MONTHS: u32 = 3;
const KEPT_AFTER_FAIL_MONTHS: u32 = 6;
/// Days that parts of an entrusted sample are kept from the conclusion, unless the contract says otherwise.
const KEPT_ENTRUSTED_DAYS: u64 = 30;

/// The last day on which a part is kept; `None`: nothing obliges to keep it once the sample is concluded.
///
/// 1. A backup: 3 months from a passing conclusion, 6 from a failing one; the day of the same number, or the last of a
///    shorter month. It does not move off rest days.
/// 2. If its shelf life ends sooner, until then.
/// 3. Entrusted samples: 30 days.
pub fn keep_until(
    role: PartRole,
    kind: SampleType,
    concluded: NaiveDate,
    passed: bool,
    expiry: Option<NaiveDate>,
) -> Option<NaiveDate> {
    if kind == SampleType::Entrusted {
        return concluded.checked_add_days(Days::new(KEPT_ENTRUSTED_DAYS));
    }
    if role != PartRole::Backup {
        return None;
    }
    let months = if passed { KEPT_AFTER_PASS_MONTHS } else { KEPT_AFTER_FAIL_MONTHS };
    let until = concluded.checked_add_months(Months::new(months))?;
    Some(expiry.map_or(until, |expiry| until.min(expiry)))
}

/// What is left of a part after its subsamples; `None` when they are more than the part.
pub fn left_over(whole: &Decimal, taken: &[Decimal]) -> Option<Decimal> {
    let left = Decimal::from_ratio_finite(&(whole.to_ratio() - total(taken)))?;
    (!left.is_negative()).then_some(left)
}

fn total(amounts: &[Decimal]) -> BigRational {
    amounts.iter().fold(BigRational::zero(), |sum, one| sum + one.to_ratio())
}

/// What became of a part: what was received, split off into subsamples, used by tests and disposed of, and what is left. These
/// four are together what was received.
#[derive(Clone, Debug)]
pub struct Amounts {
    pub received: Decimal,
    pub split_off: Decimal,
    pub used: Decimal,
    /// What of the used was weighed at the bench and stated by nobody.
    pub weighed: Decimal,
    pub disposed: Decimal,
    /// Below zero: what was weighed is more than there was.
    pub left: Decimal,
}

impl Amounts {
    /// Of a part with the quantities of its subsamples, with what was stated of its use and with what was weighed beyond that.
    /// `None`: a sum has no finite decimal.
    pub fn of(
        whole: &Decimal,
        split_off: &[Decimal],
        stated: &[Decimal],
        weighed: &[Decimal],
        is_disposed: bool,
    ) -> Option<Self> {
        let used = total(stated) + total(weighed);
        let rest = Decimal::from_ratio_finite(&(whole.to_ratio() - total(split_off) - &used))?;
        let nothing = Decimal::from(0);
        // There is nothing to dispose of where more was taken than there was.
        let (disposed, left) = if is_disposed && !rest.is_negative() { (rest, nothing) } else { (nothing, rest) };
        Some(Self {
            received: whole.clone(),
            split_off: Decimal::from_ratio_finite(&total(split_off))?,
            used: Decimal::from_ratio_finite(&used)?,
            weighed: Decimal::from_ratio_finite(&total(weighed))?,
            disposed,
            left,
        })
    }

    /// What was taken of the part, where that is more than was received.
    pub fn overdrawn(&self) -> Option<Decimal> {
        let taken = self.split_off.to_ratio() + self.used.to_ratio();
        self.left.is_negative().then(|| Decimal::from_ratio_finite(&taken)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_backup_is_kept_by_its_conclusion() {
        let until = |concluded, passed, expiry: Option<&str>| {
            keep_until(PartRole::Backup, SampleType::Supervision, day(concluded), passed, expiry.map(day))
        };
        assert_eq!(until("2026-11-16", true, None), Some(day("2027-02-16")));
        assert_eq!(until("2026-11-16", false, None), Some(day("2027-05-16")));
        // The end of a shorter month; it stays on a Sunday.
        assert_eq!(until("2026-11-30", true, None), Some(day("2027-02-28")));
        assert_eq!(until("2026-08-31", false, None), Some(day("2027-02-28")));
        // Shelf life ends sooner, or later.
        assert_eq!(until("2026-11-16", false, Some("2026-12-01")), Some(day("2026-12-01")));
        assert_eq!(until("2026-11-16", true, Some("2028-01-01")), Some(day("2027-02-16")));
        let test = keep_until(PartRole::Test, SampleType::Supervision, day("2026-11-16"), true, None);
        assert_eq!(test, None);
        let entrusted = keep_until(PartRole::Test, SampleType::Entrusted, day("2026-11-16"), true, None);
        assert_eq!(entrusted, Some(day("2026-12-16")));
    }

    #[test]
    fn subsamples_are_never_more_than_the_part() {
        let d = |text: &str| Decimal::parse(text).unwrap();
        let left = |whole: &str, taken: &[&str]| {
            left_over(&d(whole), &taken.iter().map(|one| d(one)).collect::<Vec<_>>()).map(|left| left.to_string())
        };
        assert_eq!(left("0.3", &["0.1", "0.2"]).as_deref(), Some("0"));
        assert_eq!(left("500", &["120.5"]).as_deref(), Some("379.5"));
        assert_eq!(left("0.3", &["0.1", "0.2", "0.0000001"]), None);
    }

    #[test]
    fn what_was_used_split_off_and_disposed_is_what_was_received() {
        let d = |text: &str| Decimal::parse(text).unwrap();
        let of = |split_off: &[&str], used: &[&str], is_disposed: bool| {
            let all = |texts: &[&str]| texts.iter().map(|text| d(text)).collect::<Vec<_>>();
            Amounts::of(&d("1.0"), &all(split_off), &all(used), &[], is_disposed)
                .map(|one| [one.split_off, one.used, one.disposed, one.left].map(|amount| amount.to_string()))
        };
        assert_eq!(of(&[], &[], false), Some(["0", "0", "0", "1"].map(str::to_owned)));
        assert_eq!(of(&["0.25", "0.25"], &["0.1"], false), Some(["0.5", "0.1", "0", "0.4"].map(str::to_owned)));
        assert_eq!(of(&["0.25"], &["0.1"], true), Some(["0.25", "0.1", "0.65", "0"].map(str::to_owned)));
        assert_eq!(of(&["0.5"], &["0.5", "0.0001"], false), Some(["0.5", "0.5001", "0", "-0.0001"].map(str::to_owned)));
        assert_eq!(of(&["0.5"], &["0.5", "0.0001"], true), Some(["0.5", "0.5001", "0", "-0.0001"].map(str::to_owned)));
    }
}
