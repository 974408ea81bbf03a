//! The most probable number (最可能数, MPN) of three tubes at each of three tenfold dilutions, with its 95 % confidence limits.
//!
//! Source: GB 4789.3-2016 table B.1 (the same as GB 4789.7-2013 and GB 4789.10-2016, and as table 1 of appendix 2 of the
//! Bacteriological Analytical Manual of the US FDA), for 0.1 g (mL), 0.01 g (mL) and 0.001 g (mL) in a tube. Where a tube holds ten
//! times as much the figures are a tenth, and the other way round (note 2 of the table).
//!
//! Of the 64 outcomes the table has those that are probable; what it has not is no result: the test is repeated.
//!
//! No figure rests on a copy alone: all were reckoned anew. A number is the concentration at which its outcome is most likely, with
//! two figures. A limit is the concentration at which an outcome enters or leaves the row of outcomes, in order of their
//! numbers, that have 95 % together: without the outcome that sum passes 95 % within the rounding of the limit (R. J. Blodgett,
//! appendix 2 of the manual). The upper limits 42, 420 and 430 are where several leave at once, because 3-3-0 or 3-3-3
//! enters.
//!
//! Held against copies of the print that the public can read: the 40 numbers of GB 4789.3 as a laboratory program has them for LST and BGLB tubes
//! of 0.1, 0.01 and 0.001 g, and of table 1 of the manual those of 0-0-1, 1-1-1, 2-2-0 and 3-3-2 in the tests of the FDA's own package
//! (`MPN` 0.4.0 for R). All are the same. No such copy was found of the confidence limits: they rest on the reckoning alone.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::error::JudgementError;
use super::explain::{Step, StepKey};
use super::measured::MeasuredValue;
use super::number::{Ratio, whole};
use super::rounding;

/// Positive tubes of those that were inoculated, as the bench writes it: `2/3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tubes {
    positive: u32,
    inoculated: u32,
}

/// The tubes of one dilution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TubeDilution {
    /// Grams or millilitres of sample in a tube: 0.1.
    pub amount: Decimal,
    pub tubes: Tubes,
}

/// What the table says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MostProbable {
    /// Per gram or millilitre: `43`; `<3.0` and `>1100` where only a border is known.
    pub value: String,
    /// Confidence limits; empty where the table has none.
    pub low: String,
    pub high: String,
    pub steps: Vec<Step>,
}

/// Looks the outcome of three dilutions up, the largest amount of sample first.
///
/// # Errors
/// Other dilutions or numbers of tubes than those of the table, and outcomes that it does not have.
pub fn most_probable(dilutions: &[TubeDilution]) -> Result<MostProbable, JudgementError> {
    let [first, second, third] = dilutions else {
        return Err(JudgementError::refused("tubes", "the table is for three dilutions"));
    };
    let amounts = [first, second, third].map(|one| one.amount.to_ratio());
    if !are_tenfold(&amounts) {
        return Err(JudgementError::refused("tubes", "each dilution must be ten times the one before"));
    }
    if dilutions.iter().any(|one| one.tubes.inoculated != TUBES) {
        return Err(JudgementError::refused("tubes", format!("the table is for {TUBES} tubes at each dilution")));
    }
    let seen = [first, second, third].map(|one| one.tubes.positive);
    let row = TABLE.iter().find(|(positive, ..)| *positive == seen).ok_or_else(|| {
        let [first, second, third] = seen;
        let why = format!(
            "{first}, {second}, {third} positive tubes are so improbable that the table has no number: repeat the test"
        );
        JudgementError::refused("tubes", why)
    })?;
    let [value, low, high] = [row.1, row.2, row.3].map(|figure| in_amounts(figure, &amounts[0]));
    let shown = |figure: &str| if figure.is_empty() { "—".to_owned() } else { figure.to_owned() };
    let listed = |text: fn(&TubeDilution) -> String| dilutions.iter().map(text).collect::<Vec<_>>().join(", ");
    let steps = vec![
        Step::new(
            StepKey::TubesSeen,
            [("amounts", listed(|one| one.amount.to_string())), ("tubes", listed(|one| one.tubes.to_string()))],
        ),
        Step::new(StepKey::MostProbable, [("value", value.clone()), ("low", shown(&low)), ("high", shown(&high))]),
    ];
    Ok(MostProbable { value, low, high, steps })
}

/// Whether three amounts in a tube are what the table can be read for.
pub fn are_tenfold(amounts: &[Ratio; 3]) -> bool {
    let [first, second, third] = amounts;
    *third > whole(0) && *first == second * whole(10) && *second == third * whole(10)
}

/// A figure of the table for another amount in the first tube, with its two figures.
fn in_amounts(figure: &str, first: &Ratio) -> String {
    let factor = Ratio::new(1.into(), 10.into()) / first;
    if factor == whole(1) {
        return figure.to_owned();
    }
    let scaled = |number: &Decimal| rounding::to_significant(&(number.to_ratio() * &factor), FIGURES).value;
    match MeasuredValue::parse(figure) {
        Ok(MeasuredValue::Number(number)) => scaled(&number).to_string(),
        Ok(MeasuredValue::Below(number)) => format!("<{}", scaled(&number)),
        Ok(MeasuredValue::Above(number)) => format!(">{}", scaled(&number)),
        Ok(MeasuredValue::NotDetected) | Err(_) => String::new(),
    }
}

impl TryFrom<String> for Tubes {
    type Error = String;
    fn try_from(typed: String) -> Result<Self, String> {
        let wrong =
            || format!("\"{typed}\" does not say how many tubes are positive: write 2/3, positive of inoculated");
        let code = crate::domain::text::code(&typed);
        let (positive, inoculated) = code.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<u32>().ok().filter(|_| digits)
        };
        let (positive, inoculated) = number(positive).zip(number(inoculated)).ok_or_else(wrong)?;
        if inoculated == 0 || positive > inoculated { Err(wrong()) } else { Ok(Self { positive, inoculated }) }
    }
}

impl From<Tubes> for String {
    fn from(tubes: Tubes) -> Self {
        tubes.to_string()
    }
}

impl fmt::Display for Tubes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.positive, self.inoculated)
    }
}

/// Tubes at each dilution.
const TUBES: u32 = 3;
/// Figures that mean something in every number of the table.
const FIGURES: u32 = 2;

/// Positive tubes at 0.1, 0.01 and 0.001 g (mL); MPN per g (mL); lower and upper 95 % confidence limit.
type Row = ([u32; 3], &'static str, &'static str, &'static str);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ([0, 0, 0], "<3.0", "", "9.5"),
    ([0, 0, 1], "3.0", "0.15", "9.6"),
    ([0, 1, 0], "3.0", "0.15", "11"),
    ([0, 1, 1], "6.1", "1.2", "18"),
    ([0, 2, 0], "6.2", "1.2", "18"),
    ([0, 3, 0], "9.4", "3.6", "38"),
    ([1, 0, 0], "3.6", "0.17", "18"),
    ([1, 0, 1], "7.2", "1.3", "18"),
    ([1, 0, 2], "11", "3.6", "38"),
    ([1, 1, 0], "7.4", "1.3", "20"),
    ([1, 1, 1], "11", "3.6", "38"),
    ([1, 2, 0], "11", "3.6", "42"),
    ([1, 2, 1], "15", "4.5", "42"),
    ([1, 3, 0], "16", "4.5", "42"),
    ([2, 0, 0], "9.2", "1.4", "38"),
    ([2, 0, 1], "14", "3.6", "42"),
    ([2, 0, 2], "20", "4.5", "42"),
    ([2, 1, 0], "15", "3.7", "42"),
    ([2, 1, 1], "20", "4.5", "42"),
    ([2, 1, 2], "27", "8.7", "94"),
    ([2, 2, 0], "21", "4.5", "42"),
    ([2, 2, 1], "28", "8.7", "94"),
    ([2, 2, 2], "35", "8.7", "94"),
    ([2, 3, 0], "29", "8.7", "94"),
    ([2, 3, 1], "36", "8.7", "94"),
    ([3, 0, 0], "23", "4.6", "94"),
    ([3, 0, 1], "38", "8.7", "110"),
    ([3, 0, 2], "64", "17", "180"),
    ([3, 1, 0], "43", "9", "180"),
    ([3, 1, 1], "75", "17", "200"),
    ([3, 1, 2], "120", "37", "420"),
    ([3, 1, 3], "160", "40", "420"),
    ([3, 2, 0], "93", "18", "420"),
    ([3, 2, 1], "150", "37", "420"),
    ([3, 2, 2], "210", "40", "430"),
    ([3, 2, 3], "290", "90", "1000"),
    ([3, 3, 0], "240", "42", "1000"),
    ([3, 3, 1], "460", "90", "2000"),
    ([3, 3, 2], "1100", "180", "4100"),
    ([3, 3, 3], ">1100", "420", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn series(first: &str, tubes: [&str; 3]) -> Vec<TubeDilution> {
        let first = Decimal::parse(first).unwrap().to_ratio();
        let amounts = [1, 10, 100].map(|times| &first / whole(times));
        let one = |(amount, typed): (&Ratio, &str)| TubeDilution {
            amount: Decimal::from_ratio_finite(amount).unwrap(),
            tubes: Tubes::try_from(typed.to_owned()).unwrap(),
        };
        amounts.iter().zip(tubes).map(one).collect()
    }

    fn read(first: &str, tubes: [&str; 3]) -> [String; 3] {
        let found = most_probable(&series(first, tubes)).unwrap();
        [found.value, found.low, found.high]
    }

    // Rows picked by hand from the table of the standard.
    #[test]
    fn the_table_is_read_as_it_is_printed() {
        assert_eq!(read("0.1", ["0/3", "0/3", "0/3"]), ["<3.0", "", "9.5"]);
        assert_eq!(read("0.1", ["0/3", "1/3", "0/3"]), ["3.0", "0.15", "11"]);
        assert_eq!(read("0.1", ["1/3", "0/3", "0/3"]), ["3.6", "0.17", "18"]);
        assert_eq!(read("0.1", ["2/3", "1/3", "0/3"]), ["15", "3.7", "42"]);
        assert_eq!(read("0.1", ["2/3", "2/3", "2/3"]), ["35", "8.7", "94"]);
        assert_eq!(read("0.1", ["3/3", "1/3", "0/3"]), ["43", "9", "180"]);
        assert_eq!(read("0.1", ["3/3", "2/3", "3/3"]), ["290", "90", "1000"]);
        assert_eq!(read("0.1", ["3/3", "3/3", "2/3"]), ["1100", "180", "4100"]);
        assert_eq!(read("0.1", ["3/3", "3/3", "3/3"]), [">1100", "420", ""]);
    }

    #[test]
    fn other_amounts_move_the_figures_by_ten() {
        assert_eq!(read("1", ["3/3", "1/3", "0/3"]), ["4.3", "0.90", "18"]);
        assert_eq!(read("1", ["0/3", "0/3", "0/3"]), ["<0.30", "", "0.95"]);
        assert_eq!(read("1", ["2/3", "0/3", "2/3"]), ["2.0", "0.45", "4.2"]);
        assert_eq!(read("0.01", ["0/3", "0/3", "1/3"]), ["30", "1.5", "96"]);
        assert_eq!(read("0.01", ["3/3", "3/3", "3/3"]), [">11000", "4200", ""]);
    }

    #[test]
    fn every_outcome_stands_once_and_grows_with_the_first_tubes() {
        let mut seen: Vec<[u32; 3]> = TABLE.iter().map(|row| row.0).collect();
        assert!(seen.is_sorted(), "in the order of the standard");
        seen.dedup();
        assert_eq!(seen.len(), 40);
        assert!(seen.iter().flatten().all(|positive| *positive <= TUBES));
    }

    /// What comes of how limits are reckoned; a digit that was lost or moved breaks it.
    #[test]
    fn no_limit_falls_while_the_numbers_grow() {
        let number = |figure: &str, border: &str| {
            let figure = if figure.is_empty() { border } else { figure };
            Decimal::parse(figure.trim_start_matches(['<', '>'])).unwrap().to_ratio()
        };
        // `<3.0` comes before the two rows of 3.0, `>1100` behind 1100.
        let place = |row: &Row| (row.1.starts_with('>'), !row.1.starts_with('<'), number(row.1, ""));
        let mut rows: Vec<_> =
            TABLE.iter().map(|row| (place(row), number(row.2, "0"), number(row.3, "999999"))).collect();
        rows.sort();
        assert!(rows.is_sorted_by_key(|row| row.1.clone()), "lower limits");
        assert!(rows.is_sorted_by_key(|row| row.2.clone()), "upper limits");
        for ((_, _, exact), low, high) in &rows {
            assert!(low < exact && exact < high, "{low} {exact} {high}");
        }
    }

    #[test]
    fn what_the_table_does_not_have_is_no_result() {
        for tubes in [["0/3", "0/3", "2/3"], ["0/3", "3/3", "3/3"], ["1/3", "1/3", "3/3"]] {
            assert!(most_probable(&series("0.1", tubes)).is_err(), "{tubes:?}");
        }
        assert!(most_probable(&series("0.1", ["1/5", "0/5", "0/5"])).is_err(), "five tubes have another table");
        assert!(most_probable(&series("0.1", ["1/3", "0/3", "0/3"])[..2]).is_err());
        let mut uneven = series("0.1", ["1/3", "0/3", "0/3"]);
        uneven.swap(0, 1);
        assert!(most_probable(&uneven).is_err());
        for wrong in ["", "2", "4/3", "-1/3", "1/0", "+1/3", "1/3/3", "one/3", "1.0/3"] {
            assert!(Tubes::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        assert_eq!(
            Tubes::try_from(" 2／3 ".to_owned()).map(String::from),
            Ok("2/3".to_owned()),
            "as a Chinese keyboard types it"
        );
    }
}
