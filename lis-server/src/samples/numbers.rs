//! Numbers that the laboratory gives (`records.md` 1): sample, receipt, order and label code.

use chrono::{Datelike, NaiveDate};
use rand::RngExt;

use super::words::SampleType;
use crate::domain::identifiers::LabelCode;

/// Digits of the serial in a sample number.
const SERIAL_DIGITS: usize = 5;

/// Year and month as numbers carry them: `2611`.
fn month(on: NaiveDate) -> String {
    format!("{:02}{:02}", on.year().rem_euclid(100), on.month())
}

/// The series that sample numbers of this laboratory, month and type are taken from: `BZ2611-J`.
pub fn sample_series(laboratory: &str, on: NaiveDate, kind: SampleType) -> String {
    format!("{laboratory}{}-{}", month(on), kind.letter())
}

/// The series of receipts that give no sample number (rejected or held): `BZ2611-R`.
pub fn receipt_series(laboratory: &str, on: NaiveDate) -> String {
    format!("{laboratory}{}-R", month(on))
}

/// The series of orders, `WT2611`, and of forms written on the spot, `XC2611`, whose numbers have no hyphen.
pub fn order_series(on: NaiveDate) -> String {
    format!("WT{}", month(on))
}

pub fn on_site_series(on: NaiveDate) -> String {
    format!("XC{}", month(on))
}

/// `BZ2611-J-00123`.
pub fn number(series: &str, serial: i64) -> String {
    format!("{series}-{serial:0width$}", width = SERIAL_DIGITS)
}

/// `WT261100000123`: number of a form, in the shape of the national ones. Eight digits of serial.
pub fn form_number(series: &str, serial: i64) -> String {
    format!("{series}{serial:08}")
}

/// The receipt that gave a sample its number carries it: `BZ2611-J-00123-R`.
pub fn receipt_of(sample_no: &str) -> String {
    format!("{sample_no}-R")
}

/// So many label codes, all different, drawn at random. Whether one is used already is the caller's to ask.
pub fn label_codes(rng: &mut impl rand::Rng, count: usize) -> Vec<LabelCode> {
    let mut codes: Vec<LabelCode> = Vec::with_capacity(count);
    while codes.len() < count {
        let digits: [u8; 9] = std::array::from_fn(|_| rng.random_range(0..10));
        let code = LabelCode::from_digits(digits).expect("digits from 0 to 9");
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_shape_of_the_records() {
        let on = NaiveDate::from_ymd_opt(2026, 11, 16).unwrap();
        let series = sample_series("BZ", on, SampleType::Supervision);
        assert_eq!(number(&series, 123), "BZ2611-J-00123");
        assert_eq!(number(&sample_series("BZ", on, SampleType::Entrusted), 7), "BZ2611-W-00007");
        assert_eq!(receipt_of("BZ2611-J-00123"), "BZ2611-J-00123-R");
        assert_eq!(form_number(&order_series(on), 12), "WT261100000012");
        // A month that runs over does not lose digits.
        assert_eq!(number(&series, 123_456), "BZ2611-J-123456");
    }

    #[test]
    fn label_codes_are_different_and_valid() {
        let codes = label_codes(&mut rand::rng(), 200);
        for (index, code) in codes.iter().enumerate() {
            assert_eq!(&LabelCode::parse(code.as_str()).unwrap(), code);
            assert!(!codes[..index].contains(code));
        }
    }
}
