//! The code on a container: blind, random, checked.

use serde::{Deserialize, Serialize};

use super::{IdentifierProblem, digit_char, digits, last, parsed_text, same_check, shape};
use crate::domain::text;

/// `label_code`: nine random digits and a check digit, without type, date or serial in it.
///
/// The check digit is Damm's (H. M. Damm, Total anti-symmetrische Quasigruppen, 2004): it finds every wrong digit and
/// every swap of two neighbours, with digits alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelCode(String);
parsed_text!(LabelCode);

impl LabelCode {
    /// Makes a code of nine digits that the caller drew at random. Values above 9 are refused.
    pub fn from_digits(random: [u8; 9]) -> Result<Self, IdentifierProblem> {
        if random.iter().any(|digit| *digit > 9) {
            return Err(shape("nine digits from 0 to 9"));
        }
        let check = damm(random.iter().map(|digit| u32::from(*digit)));
        Ok(Self(random.iter().map(|digit| u32::from(*digit)).chain([check]).map(digit_char).collect()))
    }

    /// Reads a scanned or typed code; blanks between groups are allowed.
    pub fn parse(typed: &str) -> Result<Self, IdentifierProblem> {
        let code: String = text::code(typed).chars().filter(|c| *c != ' ').collect();
        let numbers = digits(&code).filter(|d| d.len() == 10).ok_or_else(|| shape("10 digits"))?;
        same_check(last(&code), digit_char(damm(numbers[..9].iter().copied())))?;
        Ok(Self(code))
    }
}

fn damm(digits: impl Iterator<Item = u32>) -> u32 {
    digits.fold(0, |interim, digit| DAMM[interim as usize][digit as usize])
}

/// The quasigroup of order 10 given in the dissertation: weakly totally anti-symmetric, zero on the diagonal.
const DAMM: [[u32; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_known_value() {
        // 572 has the check digit 4 (Damm's own example); leading zeros do not change it.
        assert_eq!(LabelCode::from_digits([0, 0, 0, 0, 0, 0, 5, 7, 2]).unwrap().as_str(), "0000005724");
        assert_eq!(LabelCode::parse(" 000 000 572 4").unwrap().as_str(), "0000005724");
        assert!(LabelCode::from_digits([10, 0, 0, 0, 0, 0, 5, 7, 2]).is_err());
        for wrong in ["", "000000572", "00000057244", "0000005725", "000000572X"] {
            assert!(LabelCode::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_single_error_and_every_swap_is_found(random in prop::array::uniform9(0u8..10)) {
            let code = LabelCode::from_digits(random).unwrap();
            prop_assert_eq!(&LabelCode::parse(code.as_str()).unwrap(), &code);
            let good = code.as_str().as_bytes();
            for position in 0..10 {
                for digit in b'0'..=b'9' {
                    let mut bad = good.to_vec();
                    bad[position] = digit;
                    let bad = String::from_utf8(bad).unwrap();
                    prop_assert_eq!(LabelCode::parse(&bad).is_ok(), bad == code.as_str());
                }
            }
            for position in 0..9 {
                let mut bad = good.to_vec();
                bad.swap(position, position + 1);
                let bad = String::from_utf8(bad).unwrap();
                prop_assert_eq!(LabelCode::parse(&bad).is_ok(), bad == code.as_str());
            }
        }
    }
}
