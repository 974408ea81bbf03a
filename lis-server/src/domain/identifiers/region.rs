//! Administrative regions: who sees what follows from the prefix of a code.

use serde::{Deserialize, Serialize};

use super::{IdentifierProblem, parsed_text, shape};
use crate::domain::text;

/// A region of GB/T 2260 by its significant digits: 2 province, 4 city, 6 county, 9 township.
///
/// The padded forms are read too: `130000` is the province 13, `131000` the city 1310, `131081000` the county 131081.
/// Without that a city written with its zeros would cover no county.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(String);
parsed_text!(RegionCode);

impl RegionCode {
    pub fn parse(typed: &str) -> Result<Self, IdentifierProblem> {
        let wrong = || shape("a region code of 2, 4, 6 or 9 digits");
        let code = text::code(typed);
        if !LEVELS.contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let significant =
            LEVELS.into_iter().find(|level| *level <= code.len() && code[*level..].bytes().all(|b| b == b'0'));
        match significant.map(|level| &code[..level]) {
            Some("00") | None => Err(wrong()),
            Some(code) => Ok(Self(code.to_owned())),
        }
    }

    /// This region itself and everything below it.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The regions above, nearest first: county, city, province for a township.
    pub fn ancestors(&self) -> Vec<Self> {
        LEVELS
            .into_iter()
            .rev()
            .filter(|level| *level < self.0.len())
            .map(|level| Self(self.0[..level].to_owned()))
            .collect()
    }
}

/// Digits of province, city, county, township.
const LEVELS: [usize; 4] = [2, 4, 6, 9];

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: &str) -> RegionCode {
        RegionCode::parse(code).unwrap()
    }

    #[test]
    fn a_region_covers_itself_and_what_is_below() {
        assert!(region("1310").covers(&region("131081")));
        assert!(region("131000").covers(&region("131081102")));
        assert!(region("13").covers(&region("13")));
        assert!(!region("131081").covers(&region("1310")));
        assert!(!region("131081").covers(&region("131082")));
    }

    #[test]
    fn padded_codes_are_shortened() {
        assert_eq!(region("130000").as_str(), "13");
        assert_eq!(region("131000").as_str(), "1310");
        assert_eq!(region("131081000").as_str(), "131081");
        assert_eq!(region("131081102").as_str(), "131081102");
        assert_eq!(region("１３１０").as_str(), "1310");
    }

    #[test]
    fn ancestors_come_nearest_first() {
        assert_eq!(region("131081102").ancestors(), vec![region("131081"), region("1310"), region("13")]);
        assert!(region("13").ancestors().is_empty());
    }

    #[test]
    fn other_shapes_are_refused() {
        for wrong in ["", "1", "131", "13108", "1310811", "13a0", "00", "000000", "1310811020"] {
            assert!(RegionCode::parse(wrong).is_err(), "{wrong}");
        }
    }
}
