//! What goes into a cell of what an instrument printed. Pure.
//!
//! The print itself, as long as people here read it as the instrument's profile does. Marks differ: where thousands are
//! separated by points, `1.234` is 1234. What the profile read decides then, and the print stays in the row.

use super::store::{NewObservation, ObservationRow};
use crate::domain::decimal::Decimal;
use crate::domain::text;
use crate::judgement::measured::MeasuredValue;

/// A printed value and what the profile read in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printed<'r> {
    pub value: &'r str,
    /// Its exact decimal, when it is a number and nothing else.
    pub number: Option<&'r str>,
    /// Code of the reason for which it is none.
    pub qualifier: &'r str,
    /// The exact decimal behind `<`, `>`.
    pub bound: Option<&'r str>,
}

impl<'r> Printed<'r> {
    pub fn of(row: &'r ObservationRow) -> Self {
        Self {
            value: &row.value,
            number: row.number.as_deref(),
            qualifier: &row.qualifier,
            bound: row.bound.as_deref(),
        }
    }

    /// Of a row that is not stored yet.
    pub fn new(row: &'r NewObservation) -> Self {
        Self {
            value: &row.value,
            number: row.number.as_deref(),
            qualifier: &row.qualifier,
            bound: row.bound.as_deref(),
        }
    }

    /// The text for a cell. `None`: a cell would take the print for something that the profile did not read in it, and what
    /// it read cannot be written in a cell.
    pub fn cell_text(&self) -> Option<String> {
        // As nearly all numbers are printed.
        if self.number == Some(self.value) {
            return Some(self.value.to_owned());
        }
        let here = MeasuredValue::parse(self.value).ok();
        match (self.number, self.bound) {
            (Some(number), _) => self.number_text(here, number),
            (None, Some(bound)) => self.bound_text(here, bound),
            (None, None) => match here {
                Some(MeasuredValue::NotDetected) => (self.qualifier == NOT_DETECTED).then(|| self.value.to_owned()),
                // Read as no number or bound there, for whatever reason: a mark that is not declared, a word made of digits.
                Some(_) => None,
                None => Some(self.value.to_owned()),
            },
        }
    }

    fn number_text(&self, here: Option<MeasuredValue>, number: &str) -> Option<String> {
        match here {
            Some(MeasuredValue::Number(value)) if is_same(&value, number) => Some(self.value.to_owned()),
            Some(MeasuredValue::Number(_)) => Some(number.to_owned()),
            // The number was cut out of something that says more than a number.
            Some(_) => None,
            None => (!text::code(self.value).starts_with(SIGNS)).then(|| number.to_owned()),
        }
    }

    fn bound_text(&self, here: Option<MeasuredValue>, bound: &str) -> Option<String> {
        let sign = match (self.qualifier, &here) {
            (BELOW, Some(MeasuredValue::Below(value))) | (ABOVE, Some(MeasuredValue::Above(value)))
                if is_same(value, bound) =>
            {
                return Some(self.value.to_owned());
            }
            (BELOW, Some(MeasuredValue::Below(_)) | None) => '<',
            (ABOVE, Some(MeasuredValue::Above(_)) | None) => '>',
            // At most, at least: no cell says that, and as printed none reads it.
            (_, None) => return Some(self.value.to_owned()),
            (_, Some(_)) => return None,
        };
        Some(format!("{sign}{bound}"))
    }
}

fn is_same(value: &Decimal, text: &str) -> bool {
    Decimal::parse(text).is_ok_and(|other| other.same_value(value))
}

/// Codes of qualifiers, as they are stored.
const BELOW: &str = "below";
const ABOVE: &str = "above";
const NOT_DETECTED: &str = "not_detected";

/// What begins a bound.
const SIGNS: [char; 6] = ['<', '>', '≤', '≥', '≦', '≧'];

#[cfg(test)]
mod tests {
    use instrument_drivers::number::{NumberRules, interpret};
    use instrument_drivers::observation::Qualifier;
    use proptest::prelude::*;

    use super::*;

    fn rules(decimal_mark: char, thousands: &str) -> NumberRules {
        let thousands = (!thousands.is_empty()).then(|| thousands.to_owned());
        NumberRules { decimal_mark, thousands, ..NumberRules::default() }
    }

    /// What the cell gets of a print, read by rules.
    fn cell(print: &str, rules: &NumberRules) -> Option<String> {
        let meaning = interpret(print, rules);
        let qualifier = meaning.qualifier.map(|one| serde_json::to_value(one).unwrap());
        let printed = Printed {
            value: print,
            number: meaning.number.as_deref(),
            qualifier: qualifier.as_ref().and_then(|code| code.as_str()).unwrap_or_default(),
            bound: meaning.bound.as_deref(),
        };
        printed.cell_text()
    }

    #[test]
    fn the_print_stands_in_the_cell_where_it_is_read_alike() {
        for print in ["0.10", "-0.5", "007", "<0.01", ">300", "ND", "未检出", "+", "trace", "12/15"] {
            assert_eq!(cell(print, &rules('.', "")).as_deref(), Some(print));
        }
    }

    #[test]
    fn marks_of_the_profile_decide() {
        let comma = rules(',', ".");
        for (print, text) in [
            ("1.234", "1234"),
            ("<1.234", "<1234"),
            (">1.234", ">1234"),
            ("1.234,50", "1234.50"),
            ("<0,05", "<0.05"),
            ("0,10", "0.10"),
            ("12", "12"),
            ("1,2E-03", "0.0012"),
            ("小于1.234", "<1234"),
        ] {
            assert_eq!(cell(print, &comma).as_deref(), Some(text), "{print}");
        }
        assert_eq!(cell("1,234", &rules('.', ",")).as_deref(), Some("1234"));
    }

    #[test]
    fn what_the_profile_did_not_read_is_not_read_in_the_cell() {
        // A comma is declared, and no thousands: the point is nobody's mark.
        assert_eq!(cell("1.234", &rules(',', "")), None);
        assert_eq!(cell("<1.234", &rules(',', "")), None);
        let own = |marker: &str, qualifier| NumberRules {
            markers: vec![(marker.to_owned(), qualifier)],
            ..NumberRules::default()
        };
        assert_eq!(cell("0", &own("0", Qualifier::NotDetected)), None, "a zero that is none");
        assert_eq!(cell("1", &own("1", Qualifier::Text)), None, "a class");
        assert_eq!(cell("ND", &own("ND", Qualifier::BelowQuantification)), None);
        assert_eq!(cell("≤5", &rules('.', "")).as_deref(), Some("≤5"), "no cell reads it");
        // Stored before bounds were.
        let old = Printed { value: "<1.234", number: None, qualifier: "below", bound: None };
        assert_eq!(old.cell_text(), None);
    }

    #[test]
    fn a_number_cut_out_of_a_bound_is_no_number() {
        let cut = |value| Printed { value, number: Some("0.01"), qualifier: "", bound: None }.cell_text();
        assert_eq!(cut("0.01 mg/kg").as_deref(), Some("0.01"));
        assert_eq!((cut("<0.01"), cut("<0.01 mg/kg"), cut("≤0.01 mg/kg"), cut("ND")), (None, None, None, None));
    }

    /// A number as an instrument with these marks prints it.
    fn print(negative: bool, whole: u64, fraction: &str, (mark, thousands): (char, &str)) -> String {
        let mut digits = whole.to_string();
        let mut at = digits.len();
        while at > 3 && !thousands.is_empty() {
            at -= 3;
            digits.insert_str(at, thousands);
        }
        let sign = if negative { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{digits}") } else { format!("{sign}{digits}{mark}{fraction}") }
    }

    const MARKS: [(char, &str); 6] = [('.', ""), (',', ""), ('.', ","), (',', "."), ('.', "'"), (',', " ")];

    proptest! {
        #[test]
        fn no_print_changes_its_number_on_the_way_to_the_cell(
            (negative, whole, fraction) in (any::<bool>(), 0u64..10_000_000_000, "[0-9]{0,6}"),
            sign in prop_oneof![Just(""), Just("<"), Just(">")],
            marks in prop::sample::select(MARKS.to_vec()),
        ) {
            let point = if fraction.is_empty() { "" } else { "." };
            let minus = if negative { "-" } else { "" };
            let meant = Decimal::parse(&format!("{minus}{whole}{point}{fraction}")).unwrap();
            let printed = format!("{sign}{}", print(negative, whole, &fraction, marks));
            let text = cell(&printed, &rules(marks.0, marks.1)).expect("it is declared");
            let (read, expected) = match (MeasuredValue::parse(&text).unwrap(), sign) {
                (MeasuredValue::Number(read), "") => (read, meant),
                (MeasuredValue::Below(read), "<") | (MeasuredValue::Above(read), ">") => (read, meant),
                (other, _) => panic!("{printed} became {other}"),
            };
            prop_assert!(read.same_value(&expected), "{} became {}", printed, text);
        }

        #[test]
        fn whatever_is_printed_the_cell_reads_what_the_profile_read(
            printed in "[-<>≤+ ]?[0-9.,' ]{1,9}(E[-+]?[0-9])?",
            marks in prop::sample::select(MARKS.to_vec()),
        ) {
            let rules = rules(marks.0, marks.1);
            let meaning = interpret(&printed, &rules);
            let read = cell(&printed, &rules).and_then(|text| MeasuredValue::parse(&text).ok());
            let same = |read: &Decimal, text: Option<&str>| text.is_some_and(|text| is_same(read, text));
            let agrees = match &read {
                None => true,
                Some(MeasuredValue::Number(value)) => same(value, meaning.number.as_deref()),
                Some(MeasuredValue::Below(value)) => {
                    meaning.qualifier == Some(Qualifier::Below) && same(value, meaning.bound.as_deref())
                }
                Some(MeasuredValue::Above(value)) => {
                    meaning.qualifier == Some(Qualifier::Above) && same(value, meaning.bound.as_deref())
                }
                Some(MeasuredValue::NotDetected) => meaning.qualifier == Some(Qualifier::NotDetected),
            };
            prop_assert!(agrees, "{} was read as {:?}, the cell has {:?}", printed, meaning, read);
        }
    }
}
