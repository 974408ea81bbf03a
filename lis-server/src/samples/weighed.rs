//! What is known of what was taken of a part, pure (`quality.md` Q74-4): its subsamples, what its custodian stated when it came
//! back from the bench, and what was weighed there.
//!
//! 1. A portion counts once: what serves several items of a container stands in the cells of each of them.
//! 2. A corrected weighing counts as corrected: the newest value of a cell is the one that counts.
//! 3. What the custodian states at the return is about everything since the part was issued, and counts in place of what was
//!    weighed since then; also of what is typed later, until the part is issued again.

use std::collections::BTreeSet;

use super::parts::Amounts;
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{PartId, WorksheetId};
use crate::judgement::units;

/// The input of a calculation that is the portion taken of the sample; of `mass_before` and `mass_after` something else is part.
pub const PORTION: &str = "mass";

/// A weighing at the bench: the newest value of a cell.
#[derive(Clone, Debug)]
pub struct Weighing {
    pub part: PartId,
    pub sheet: WorksheetId,
    /// Kind of its place: a duplicate is another portion than its sample.
    pub kind: String,
    pub replicate: i64,
    pub value: String,
    pub unit: String,
    pub at: Moment,
}

/// An amount in the unit of its part, and when it was written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    pub amount: Decimal,
    pub at: Moment,
}

/// What was taken of a part.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Quantities of its subsamples.
    pub split_off: Vec<Decimal>,
    pub stated: Vec<Use>,
    pub weighed: Vec<Use>,
    /// When it was issued.
    pub issued: Vec<Moment>,
}

impl Taken {
    /// What became of a part; `None`: the sum has no finite decimal, which sums of decimals always have.
    pub fn amounts(&self, whole: &Decimal, is_disposed: bool) -> Option<Amounts> {
        let stated: Vec<Decimal> = self.stated.iter().map(|one| one.amount.clone()).collect();
        Amounts::of(whole, &self.split_off, &stated, &self.unstated(), is_disposed)
    }

    /// What was weighed since an issue that no statement speaks of.
    fn unstated(&self) -> Vec<Decimal> {
        let since = |at: Moment| self.issued.iter().copied().filter(|issue| *issue <= at).max();
        let is_stated = |one: &Use| self.stated.iter().any(|said| since(said.at) == since(one.at));
        self.weighed.iter().filter(|one| !is_stated(one)).map(|one| one.amount.clone()).collect()
    }
}

/// What weighings took of a part, in its unit; each portion once. A part that is counted in pieces or measured by volume says
/// nothing about masses.
pub fn of_part(part: PartId, unit: &str, weighings: &[Weighing]) -> Vec<Use> {
    let mut seen = BTreeSet::new();
    let mut uses = Vec::new();
    for one in weighings.iter().filter(|one| one.part == part) {
        let Some(amount) = in_unit(one, unit) else { continue };
        if seen.insert((one.sheet, one.kind.as_str(), one.replicate, amount.to_ratio())) {
            uses.push(Use { amount, at: one.at });
        }
    }
    uses
}

fn in_unit(one: &Weighing, unit: &str) -> Option<Decimal> {
    let typed = Decimal::parse(one.value.trim()).ok().filter(|value| !value.is_negative())?;
    let factor = units::factor(one.unit.trim(), unit.trim()).ok()?;
    Decimal::from_ratio_finite(&(typed.to_ratio() * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> Moment {
        Moment::parse_rfc3339(&format!("2026-11-20T02:{minute:02}:00Z")).unwrap()
    }

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn weighing(sheet: i64, kind: &str, replicate: i64, value: &str, unit: &str) -> Weighing {
        Weighing {
            part: PartId(1),
            sheet: WorksheetId(sheet),
            kind: kind.into(),
            replicate,
            value: value.into(),
            unit: unit.into(),
            at: at(5),
        }
    }

    fn amounts(unit: &str, weighings: &[Weighing]) -> Vec<String> {
        of_part(PartId(1), unit, weighings).into_iter().map(|one| one.amount.to_string()).collect()
    }

    // Requirement: Q74-4
    #[test]
    fn a_portion_counts_once_whatever_it_serves() {
        // Lead and cadmium of one digest; the second determination; a duplicate of the same mass; another sheet.
        let all = [
            weighing(1, "sample", 1, "0.4987", "g"),
            weighing(1, "sample", 1, "498.7", "mg"),
            weighing(1, "sample", 2, "0.5001", "g"),
            weighing(1, "duplicate", 1, "0.4987", "g"),
            weighing(2, "sample", 1, "0.4987", "g"),
        ];
        assert_eq!(amounts("g", &all), ["0.4987", "0.5001", "0.4987", "0.4987"]);
        assert_eq!(amounts("kg", &all[..1]), ["0.0004987"]);
        assert!(of_part(PartId(2), "g", &all).is_empty(), "of another part");
    }

    #[test]
    fn what_is_no_mass_of_the_part_says_nothing() {
        assert_eq!(amounts("mL", &[weighing(1, "sample", 1, "0.5", "g")]), [""; 0]);
        assert_eq!(amounts("袋", &[weighing(1, "sample", 1, "0.5", "g")]), [""; 0]);
        assert_eq!(amounts("g", &[weighing(1, "sample", 1, "0.5", "")]), [""; 0], "without unit");
        assert_eq!(amounts("g", &[weighing(1, "sample", 1, "-0.5", "g")]), [""; 0]);
    }

    // Requirement: Q74-4
    #[test]
    fn a_statement_speaks_for_what_was_weighed_since_the_issue() {
        let used = |amount: &str, minute: u32| Use { amount: d(amount), at: at(minute) };
        let mut taken = Taken {
            weighed: vec![used("0.5", 11), used("0.6", 13), used("0.7", 31)],
            issued: vec![at(10), at(30)],
            ..Taken::default()
        };
        let shown = |taken: &Taken| {
            let amounts = taken.amounts(&d("10"), false).unwrap();
            [amounts.used, amounts.weighed, amounts.left].map(|one| one.to_string())
        };
        assert_eq!(shown(&taken), ["1.8", "1.8", "8.2"]);
        // It came back at 12 with 2; what was weighed at 11, and what was typed at 13, is in it.
        taken.stated.push(used("2", 12));
        assert_eq!(shown(&taken), ["2.7", "0.7", "7.3"]);
        taken.stated.push(used("0.1", 32));
        assert_eq!(shown(&taken), ["2.1", "0", "7.9"], "less than what was weighed: the custodian corrects");
        // Nobody ever issued it.
        let never = Taken { weighed: vec![used("0.5", 11)], ..Taken::default() };
        assert_eq!(shown(&never), ["0.5", "0.5", "9.5"]);
    }

    // Requirement: Q74-4
    #[test]
    fn more_than_there_was_is_said_with_both_numbers() {
        let taken =
            Taken { split_off: vec![d("4")], weighed: vec![Use { amount: d("6.5"), at: at(1) }], ..Taken::default() };
        let amounts = taken.amounts(&d("10"), false).unwrap();
        assert_eq!((amounts.left.as_str(), amounts.overdrawn().unwrap().as_str()), ("-0.5", "10.5"));
        assert!(taken.amounts(&d("10.5"), false).unwrap().overdrawn().is_none(), "all of it");
    }
}
