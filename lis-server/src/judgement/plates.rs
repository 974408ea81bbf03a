//! Plate counts of one sample over several dilutions (GB 4789.2, calculation of the result). 30 and 300 are the ends of the
//! usual range; a method may count others ([`CountRange`]).
//!
//! 1. Plates of 30 to 300 at one dilution: their mean times the dilution.
//! 2. At two consecutive dilutions: `N = ΣC / ((n1 + 0.1 n2) d)`, d the lower dilution.
//! 3. All above 300: the highest dilution's mean.
//! 4. All below 30: the lowest dilution's mean; no growth there: `< 1 ×` the lowest dilution.
//! 5. None in range, some on both sides: the mean nearest to 30 or 300, of the dilutions with colonies; by GB 4789.10 that of the
//!    last dilution above the range.
//!
//! Where only some of a plate's colonies were picked and confirmed, all of them say whether it is in range, and the share that was
//! confirmed is counted; where none was, nothing grew.
//!
//! Plates that are overgrown are not counted, and named. Plates that are too numerous to count (TNTC) are above 300 and
//! have no number. A dilution whose plates are all too numerous says that there are more than 300 colonies in its amount of
//! sample: a count below half of that contradicts it, and is refused. Half, because counts near the border scatter.

use num_traits::{One, Zero};
use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::edition::Rules;
use super::error::JudgementError;
use super::number::{self, Ratio, plain, whole};
use super::rounding;

pub use seen::{CountRange, Plate};

mod seen;

/// All plates of one dilution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dilution {
    /// Grams or millilitres of sample on a plate: 0.01 for 10⁻².
    pub dilution: Decimal,
    pub plates: Vec<Plate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlateCase {
    // Two names say 30 and 300 and mean the ends of the range, whichever it is.
    OneDilution,
    TwoDilutions,
    #[serde(rename = "all_above_300")]
    AllAbove300,
    #[serde(rename = "all_below_30")]
    AllBelow30,
    NoGrowth,
    #[serde(rename = "nearest_to_30_or_300")]
    NearestTo30Or300,
    /// The last dilution above the range, of some on both sides of it.
    LastAbove,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlateResult {
    /// CFU per gram or millilitre before rounding; `<10` and `>30000` where only a border is known.
    pub n: String,
    /// As reported.
    pub value: String,
    pub case: PlateCase,
    /// Overgrown plates, as `0.01 plate 2`.
    pub not_counted: Vec<String>,
}

/// The count of the sample from its plates, in any order of dilutions.
pub fn count(range: CountRange, dilutions: &[Dilution]) -> Result<PlateResult, JudgementError> {
    count_by(Rules::CURRENT, range, dilutions)
}

/// The same by the rules of an edition.
pub fn count_by(rules: Rules, range: CountRange, dilutions: &[Dilution]) -> Result<PlateResult, JudgementError> {
    let series = Series::read(range, dilutions)?;
    let not_counted = series.overgrown();
    let outcome = match series.in_range()[..] {
        [] => series.out_of_range(rules)?,
        [only] => Outcome::counted(PlateCase::OneDilution, series.0[only].mean_in_range() / &series.0[only].volume),
        [first, second] if series.are_consecutive(first, second) => series.two_dilutions(first, second),
        _ => {
            let why = format!(
                "plates of {} to {} occur at more than two dilutions or not at consecutive ones; the counts do not follow the \
                 dilution: repeat the test",
                range.low(),
                range.high()
            );
            return Err(JudgementError::refused("counts", why));
        }
    };
    let outcome = if outcome.n.is_zero() && series.were_picked() { series.no_growth() } else { outcome };
    if rules >= Rules::Second && outcome.border != Some('<') {
        series.require_possible(&outcome.n)?;
    }
    let (n, value) = match &outcome.border {
        None => (plain(&outcome.n), rounding::plate_count(&outcome.n)?.to_string()),
        Some(sign) if rules >= Rules::Second => {
            (format!("{sign}{}", plain(&outcome.n)), format!("{sign}{}", rounding::plate_count(&outcome.n)?))
        }
        Some(sign) => {
            let text = format!("{sign}{}", plain(&outcome.n));
            (text.clone(), text)
        }
    };
    Ok(PlateResult { n, value, case: outcome.case, not_counted })
}

struct Outcome {
    case: PlateCase,
    n: Ratio,
    /// `<` or `>` when n is only a border.
    border: Option<char>,
}

impl Outcome {
    fn counted(case: PlateCase, n: Ratio) -> Self {
        Self { case, n, border: None }
    }
}

/// The dilutions, lowest dilution (most sample) first, without overgrown plates.
struct Series(Vec<Level>);

struct Level {
    volume: Ratio,
    text: String,
    plates: Vec<Plate>,
    range: CountRange,
}

impl Series {
    fn read(range: CountRange, dilutions: &[Dilution]) -> Result<Self, JudgementError> {
        let mut levels = Vec::with_capacity(dilutions.len());
        for dilution in dilutions {
            let volume = dilution.dilution.to_ratio();
            if volume <= Ratio::zero() {
                return Err(JudgementError::refused("dilution", format!("{} is not above zero", dilution.dilution)));
            }
            levels.push(Level { volume, text: dilution.dilution.to_string(), plates: dilution.plates.clone(), range });
        }
        levels.sort_by(|a, b| b.volume.cmp(&a.volume));
        if let Some(twice) = levels.windows(2).find(|pair| pair[0].volume == pair[1].volume) {
            return Err(JudgementError::refused(
                "dilution",
                format!("{} is given twice; list its plates together", twice[0].text),
            ));
        }
        if levels.iter().all(|level| level.seen().next().is_none()) {
            return Err(JudgementError::refused("counts", "no plate could be counted"));
        }
        Ok(Self(levels))
    }

    fn overgrown(&self) -> Vec<String> {
        let named = |level: &Level| {
            let plates = level.plates.iter().zip(1..).filter(|(plate, _)| **plate == Plate::Overgrown);
            plates.map(|(_, number)| format!("{} plate {number}", level.text)).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(named).collect()
    }

    fn in_range(&self) -> Vec<usize> {
        (0..self.0.len()).filter(|level| !self.0[*level].counts_in_range().is_empty()).collect()
    }

    fn are_consecutive(&self, first: usize, second: usize) -> bool {
        self.0[first].volume == &self.0[second].volume * whole(10)
    }

    fn two_dilutions(&self, first: usize, second: usize) -> Outcome {
        let (first, second) = (&self.0[first], &self.0[second]);
        let (c1, c2) = (first.counts_in_range(), second.counts_in_range());
        let sum = number::sum(c1.iter().chain(&c2));
        let tenth = Ratio::new(1.into(), 10.into());
        let plates = whole(c1.len() as i64) + tenth * whole(c2.len() as i64);
        Outcome::counted(PlateCase::TwoDilutions, sum / (plates * &first.volume))
    }

    fn out_of_range(&self, rules: Rules) -> Result<Outcome, JudgementError> {
        if self.0.iter().all(Level::is_above) {
            return Ok(self.all_above());
        }
        if self.0.iter().all(Level::is_below) {
            return Ok(self.all_below());
        }
        if let Some(outcome) = self.last_above() {
            return Ok(outcome);
        }
        // No colonies are near to nothing.
        let counts = |level: &&Level| rules == Rules::First || level.mean().is_some_and(|mean| !mean.is_zero());
        let countable = self.0.iter().filter(counts);
        let nearest = countable.filter_map(|level| Some((level.distance()?, level.mean()? / &level.volume)));
        // Of two equally near means the one of the lower dilution stands first: more colonies, less chance.
        nearest
            .reduce(|best, next| if next.0 < best.0 { next } else { best })
            .map(|(_, n)| Outcome::counted(PlateCase::NearestTo30Or300, n))
            .ok_or_else(|| match self.first_too_numerous() {
                Some(level) if rules >= Rules::Second => level.contradicted_by("0"),
                _ => JudgementError::refused("counts", "no dilution has only countable plates"),
            })
    }

    /// The lowest dilution whose plates are all too numerous to count.
    fn first_too_numerous(&self) -> Option<&Level> {
        self.0.iter().find(|level| level.is_too_numerous())
    }

    /// Refuses a count that a dilution contradicts whose plates are all too numerous.
    fn require_possible(&self, n: &Ratio) -> Result<(), JudgementError> {
        let twice = n + n;
        match self.0.iter().find(|level| level.is_too_numerous() && &twice * &level.volume < level.high()) {
            Some(level) => Err(level.contradicted_by(&plain(n))),
            None => Ok(()),
        }
    }

    fn all_above(&self) -> Outcome {
        let case = PlateCase::AllAbove300;
        let highest = self.0.iter().rfind(|level| level.seen().next().is_some());
        match highest {
            Some(level) => level.outcome_above(case),
            None => Outcome { case, n: Ratio::zero(), border: Some('>') },
        }
    }

    /// Where the method counts the last dilution above the range, of some on both sides of it.
    fn last_above(&self) -> Option<Outcome> {
        let last = self.0.iter().rfind(|level| level.seen().next().is_some() && level.is_above())?;
        last.range.counts_last_above().then(|| last.outcome_above(PlateCase::LastAbove))
    }

    /// Whether colonies were picked to be confirmed.
    fn were_picked(&self) -> bool {
        self.0.iter().flat_map(Level::seen).any(|plate| matches!(plate, Plate::Picked { .. }))
    }

    /// Less than one colony at the lowest dilution.
    fn no_growth(&self) -> Outcome {
        let lowest = self.0.iter().find(|level| level.seen().next().is_some());
        let n = lowest.map_or_else(Ratio::zero, |level| Ratio::one() / &level.volume);
        Outcome { case: PlateCase::NoGrowth, n, border: Some('<') }
    }

    fn all_below(&self) -> Outcome {
        let lowest = self.0.iter().find_map(|level| Some((level.mean()?, &level.volume)));
        match lowest {
            Some((mean, volume)) if !mean.is_zero() => Outcome::counted(PlateCase::AllBelow30, mean / volume),
            Some((_, volume)) => Outcome { case: PlateCase::NoGrowth, n: Ratio::one() / volume, border: Some('<') },
            None => Outcome { case: PlateCase::NoGrowth, n: Ratio::zero(), border: Some('<') },
        }
    }
}

impl Level {
    fn seen(&self) -> impl Iterator<Item = &Plate> {
        self.plates.iter().filter(|plate| **plate != Plate::Overgrown)
    }

    fn is_too_numerous(&self) -> bool {
        let mut seen = self.seen().peekable();
        seen.peek().is_some() && seen.all(|plate| *plate == Plate::TooNumerous)
    }

    fn contradicted_by(&self, n: &str) -> JudgementError {
        let least = plain(&(self.high() / &self.volume));
        let why = format!(
            "the counts contradict the dilutions: too numerous to count at {} means more than {least}, and the other \
             dilutions give {n}; repeat the test",
            self.text
        );
        JudgementError::refused("counts", why)
    }

    /// The upper end of the range.
    fn high(&self) -> Ratio {
        whole(self.range.high().into())
    }

    fn is_above(&self) -> bool {
        self.seen().all(|plate| plate.is_above(self.range))
    }

    fn is_below(&self) -> bool {
        self.seen().all(|plate| plate.is_below(self.range))
    }

    /// More than the range has; without a number more than its upper end.
    fn outcome_above(&self, case: PlateCase) -> Outcome {
        match self.mean() {
            Some(mean) => Outcome::counted(case, mean / &self.volume),
            None => Outcome { case, n: self.high() / &self.volume, border: Some('>') },
        }
    }

    fn counts_in_range(&self) -> Vec<Ratio> {
        self.plates.iter().filter(|plate| plate.is_in(self.range)).filter_map(Plate::counted).collect()
    }

    fn mean_in_range(&self) -> Ratio {
        let counts = self.counts_in_range();
        number::sum(&counts) / whole(counts.len().max(1) as i64)
    }

    /// Mean of all plates; `None` when one is too numerous to count, or none was seen.
    fn mean(&self) -> Option<Ratio> {
        self.mean_of(Plate::counted)
    }

    fn mean_of(&self, number_on: impl Fn(&Plate) -> Option<Ratio>) -> Option<Ratio> {
        let counts = self.seen().map(number_on).collect::<Option<Vec<_>>>()?;
        (!counts.is_empty()).then(|| number::sum(&counts) / whole(counts.len() as i64))
    }

    /// How far the mean of all colonies lies from the ends of the range, whichever is nearer.
    fn distance(&self) -> Option<Ratio> {
        let mean = self.mean_of(|plate| plate.colonies().map(|colonies| whole(colonies.into())))?;
        let to = |border: u32| {
            let border = whole(border.into());
            if mean > border { &mean - border } else { border - &mean }
        };
        Some(to(self.range.low()).min(to(self.range.high())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(plates: &[(&str, &str)]) -> Vec<Dilution> {
        let read = |(dilution, plates): &(&str, &str)| Dilution {
            dilution: Decimal::parse(dilution).unwrap(),
            plates: plates.split_whitespace().map(|plate| Plate::try_from(plate.to_owned()).unwrap()).collect(),
        };
        plates.iter().map(read).collect()
    }

    fn check(plates: &[(&str, &str)], n: &str, value: &str, case: PlateCase) {
        check_in("30~300", plates, n, value, case);
    }

    fn check_in(range: &str, plates: &[(&str, &str)], n: &str, value: &str, case: PlateCase) {
        let result = count(range.parse().unwrap(), &series(plates)).unwrap();
        assert_eq!((result.n.as_str(), result.value.as_str(), result.case), (n, value, case), "{range} {plates:?}");
    }

    fn usual(plates: &[(&str, &str)]) -> Result<PlateResult, JudgementError> {
        count(CountRange::USUAL, &series(plates))
    }

    #[test]
    fn counts_in_range() {
        use PlateCase::*;
        check(&[("0.01", "124 138"), ("0.001", "11 14")], "13100", "13000", OneDilution);
        check(&[("0.01", "30 300"), ("0.001", "11 14")], "16500", "17000", OneDilution);
        check(&[("0.01", "301 290"), ("0.001", "11 14")], "29000", "29000", OneDilution);
        // 544 / (2.2 x 0.01) and 509 / (2.1 x 0.01)
        check(&[("0.001", "33 35"), ("0.01", "232 244")], "24727.2727273", "25000", TwoDilutions);
        check(&[("0.01", "232 244"), ("0.001", "33 TNTC")], "24238.0952381", "24000", TwoDilutions);
    }

    #[test]
    fn counts_out_of_range() {
        use PlateCase::*;
        check(&[("0.1", "TNTC TNTC"), ("0.001", "442 420")], "431000", "430000", AllAbove300);
        check(&[("0.1", "TNTC TNTC"), ("0.01", "TNTC 310")], ">30000", ">30000", AllAbove300);
        check(&[("0.1", "14 15"), ("0.01", "1 0")], "145", "150", AllBelow30);
        check(&[("0.1", "0 1"), ("0.01", "0 0")], "5", "5", AllBelow30);
        check(&[("0.1", "0 0"), ("0.01", "0 0")], "<10", "<10", NoGrowth);
        check(&[("1", "0 0"), ("0.1", "0 0")], "<1", "<1", NoGrowth);
        check(&[("0.01", "312 306"), ("0.001", "14 19")], "30900", "31000", NearestTo30Or300);
        check(&[("0.01", "TNTC TNTC"), ("0.001", "28 29")], "28500", "29000", NearestTo30Or300);
        check(&[("0.01", "350 350"), ("0.001", "29 28")], "28500", "29000", NearestTo30Or300);
    }

    #[test]
    fn counts_that_contradict_their_dilutions_are_refused() {
        for plates in [
            // More than 30000 and nothing; more than 3000 and 450; 4000 and more than 300000.
            &[("0.01", "TNTC TNTC"), ("0.001", "0 0")][..],
            &[("0.1", "TNTC TNTC"), ("0.01", "5 4")],
            &[("0.01", "40 40"), ("0.001", "TNTC TNTC")],
        ] {
            let said = usual(plates).unwrap_err().to_string();
            assert!(said.contains("the counts contradict the dilutions"), "{plates:?}: {said}");
        }
        // One plate of two is no dilution; 28.5 on a tenth of more than 300 is the scatter of counting.
        assert!(usual(&[("0.01", "232 244"), ("0.001", "33 TNTC")]).is_ok());
        assert!(usual(&[("0.01", "TNTC TNTC"), ("0.001", "28 29")]).is_ok());
        let before =
            count_by(Rules::First, CountRange::USUAL, &series(&[("0.01", "TNTC TNTC"), ("0.001", "0 0")])).unwrap();
        assert_eq!(before.value, "0");
    }

    #[test]
    fn a_dilution_without_colonies_is_not_the_nearest_and_borders_are_rounded() {
        use PlateCase::*;
        check(&[("0.1", "500 500"), ("0.01", "0 0")], "5000", "5000", NearestTo30Or300);
        // 1 / 0.03 = 33.333…
        check(&[("0.03", "0 0"), ("0.003", "0 0")], "<33.3333333333", "<33", NoGrowth);
        let names = [OneDilution, TwoDilutions, AllAbove300, AllBelow30, NoGrowth, NearestTo30Or300]
            .map(|case| serde_json::to_value(case).unwrap().as_str().unwrap().to_owned());
        let written =
            ["one_dilution", "two_dilutions", "all_above_300", "all_below_30", "no_growth", "nearest_to_30_or_300"];
        assert_eq!(names, written);
        assert_eq!(Plate::try_from("tntc".to_owned()), Ok(Plate::TooNumerous));
    }

    /// GB 4789.3: 15 to 150; GB 4789.15: 10 to 150.
    #[test]
    fn a_method_counts_plates_in_a_range_of_its_own() {
        use PlateCase::*;
        let coliforms = &[("0.1", "148 152"), ("0.01", "14 15")];
        // 148 / 0.1 and 15 / 0.01 are in range: (148 + 15) / ((1 + 0.1) x 0.1); by 30 to 300 both plates of the first are.
        check_in("15~150", coliforms, "1481.81818182", "1500", TwoDilutions);
        check(coliforms, "1500", "1500", OneDilution);
        check_in("15~150", &[("0.1", "14 12"), ("0.01", "1 0")], "130", "130", AllBelow30);
        check_in("10~150", &[("0.1", "14 12"), ("0.01", "1 0")], "130", "130", OneDilution);
        check_in("15~150", &[("0.1", "160 170"), ("0.01", "TNTC 155")], ">15000", ">15000", AllAbove300);
        // 165 is 15 from the upper end, 14 is one from the lower.
        check_in("15~150", &[("0.1", "160 170"), ("0.01", "14 14")], "1400", "1400", NearestTo30Or300);
        check_in("15~150", &[("0.1", "0 0"), ("0.01", "0 0")], "<10", "<10", NoGrowth);
        // 14 at a hundredth against more than 150 at a tenth.
        let twice = series(&[("0.1", "TNTC"), ("0.01", "14")]);
        assert!(count("15~150".parse().unwrap(), &twice).is_ok(), "1400 is more than half of 1500");
        assert!(count(CountRange::USUAL, &twice).is_err(), "1400 is less than half of 3000");
        let said = count("15~150".parse().unwrap(), &series(&[("0.1", "99"), ("0.01", "99"), ("0.001", "99")]));
        assert!(said.unwrap_err().to_string().contains("plates of 15 to 150"));
    }

    /// GB 4789.10-2016, second method: the colonies of three plates together, of which some are confirmed.
    #[test]
    fn what_was_picked_and_confirmed_is_counted() {
        use PlateCase::*;
        let check = |plates: &[(&str, &str)], n: &str, value: &str, case| {
            check_in("20~200 last-above", plates, n, value, case);
        };
        // T = A B / (C d): 61 x 4 / 5 / 0.1.
        check(&[("0.1", "61×4/5"), ("0.01", "7×5/5")], "488", "490", OneDilution);
        // 26 are in range though 26 x 3 / 5 = 15.6 would not be.
        check(&[("0.1", "26×3/5"), ("0.01", "2×1/2")], "156", "160", OneDilution);
        // T = (A1 B1 / C1 + A2 B2 / C2) / (1.1 d): (190 x 3 / 5 + 21 x 5 / 5) / 0.11.
        check(&[("0.1", "190×3/5"), ("0.01", "21×5/5")], "1227.27272727", "1200", TwoDilutions);
        // All below: the lowest dilution. Above, and below at the next: the one above.
        check(&[("0.1", "15×5/5"), ("0.01", "0")], "150", "150", AllBelow30);
        check(&[("0.1", "250×4/5"), ("0.01", "19×5/5")], "2000", "2000", LastAbove);
        check(&[("0.1", "TNTC"), ("0.01", "19×5/5")], ">2000", ">2000", LastAbove);
        check_in("20~200", &[("0.1", "250×4/5"), ("0.01", "19×5/5")], "1900", "1900", NearestTo30Or300);
        // None of those that were picked is the organism.
        check(&[("0.1", "61×0/5"), ("0.01", "7×0/5")], "<10", "<10", NoGrowth);
        check(&[("0.1", "15×0/5"), ("0.01", "0")], "<10", "<10", NoGrowth);
    }

    #[test]
    fn overgrown_plates_are_named_and_not_counted() {
        let result = usual(&[("0.01", "124 overgrown"), ("0.001", "蔓延 12")]).unwrap();
        assert_eq!((result.n.as_str(), result.case), ("12400", PlateCase::OneDilution));
        assert_eq!(result.not_counted, ["0.01 plate 2", "0.001 plate 1"]);
        assert!(usual(&[("0.01", "overgrown")]).is_err());
    }

    #[test]
    fn impossible_series_are_refused() {
        for wrong in [
            &[][..],
            &[("0.01", "")],
            &[("0", "50 50")],
            &[("0.01", "50 50"), ("0.010", "50 50")],
            &[("0.1", "250 250"), ("0.01", "100 100"), ("0.001", "50 50")],
            &[("0.1", "250 250"), ("0.001", "50 50")],
        ] {
            assert!(usual(wrong).is_err(), "{wrong:?}");
        }
        for wrong in ["", "-1", "1.5", "many", "99999999999"] {
            assert!(Plate::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
