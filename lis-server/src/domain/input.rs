//! Checking what people and programs send, once, at the edge. A [`Checker`] collects a reason for every field that is
//! wrong, so that a form comes back with all its errors at once.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::clock::Moment;
use super::decimal::Decimal;
use super::identifiers::IdentifierProblem;
use super::refusal::{
    CHECK_CHARACTER, FIELD_INVALID, FIELD_MISSING, FIELD_TOO_LONG, FOREIGN_LETTER, Fact, Reason, Reasons, Refusal,
};
use super::text;

/// Collects what is wrong with an input while its checked form is built.
#[derive(Default)]
pub struct Checker {
    reasons: Reasons,
}

impl Checker {
    pub fn new() -> Self {
        Self::default()
    }

    /// A text that must be there, at most `most` characters, without line breaks or control characters.
    pub fn text(&mut self, field: &str, given: &str, most: usize) -> String {
        let text = self.optional_text(field, given, most);
        if text.is_empty() && given.trim().is_empty() {
            self.reasons.add(FIELD_MISSING.at(field));
        }
        text
    }

    /// A text that may be empty.
    pub fn optional_text(&mut self, field: &str, given: &str, most: usize) -> String {
        self.prose(field, given, most, |c| c.is_control())
    }

    /// Several lines of prose that may be empty.
    pub fn optional_lines(&mut self, field: &str, given: &str, most: usize) -> String {
        self.prose(field, given, most, |c| c.is_control() && c != '\n' && c != '\r' && c != '\t')
    }

    fn prose(&mut self, field: &str, given: &str, most: usize, forbidden: impl Fn(char) -> bool) -> String {
        let text = text::trimmed(given);
        let length = text.chars().count();
        if length > most {
            self.reasons.add(FIELD_TOO_LONG.with("limit", most).with("length", length).at(field));
            return String::new();
        }
        if text.chars().any(forbidden) {
            self.invalid(field, "expected-printable");
            return String::new();
        }
        // Nothing but what nobody sees is neither a text nor left empty.
        let is_blind = text.is_empty() && !given.trim().is_empty();
        if is_blind || text.chars().any(text::is_invisible) {
            self.invalid(field, "expected-visible");
            return String::new();
        }
        text.to_owned()
    }

    /// A value that must parse; `expected` is the message key of what would be right.
    pub fn parsed<T>(
        &mut self,
        field: &str,
        given: &str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = given.trim();
        if text.is_empty() {
            self.reasons.add(FIELD_MISSING.at(field));
            return None;
        }
        let parsed = parse(text);
        if parsed.is_none() {
            self.invalid(field, expected);
        }
        parsed
    }

    /// The same for a field that may be empty.
    pub fn optional<T>(
        &mut self,
        field: &str,
        given: &str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if given.trim().is_empty() { None } else { self.parsed(field, given, expected, parse) }
    }

    pub fn date(&mut self, field: &str, given: &str) -> Option<NaiveDate> {
        self.parsed(field, given, "expected-date", parse_date)
    }

    pub fn optional_date(&mut self, field: &str, given: &str) -> Option<NaiveDate> {
        self.optional(field, given, "expected-date", parse_date)
    }

    /// A date and time, as typed in China or in RFC 3339.
    pub fn moment(&mut self, field: &str, given: &str) -> Option<Moment> {
        self.parsed(field, given, "expected-time", parse_moment)
    }

    pub fn optional_moment(&mut self, field: &str, given: &str) -> Option<Moment> {
        self.optional(field, given, "expected-time", parse_moment)
    }

    /// A whole number within bounds, both included.
    pub fn whole(&mut self, field: &str, given: &str, least: i64, most: i64) -> Option<i64> {
        let text = given.trim();
        if text.is_empty() {
            self.reasons.add(FIELD_MISSING.at(field));
            return None;
        }
        match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            _ => {
                self.reasons.add(
                    FIELD_INVALID
                        .at(field)
                        .with("expected", whole_between(least, most))
                        .with("least", least)
                        .with("most", most),
                );
                None
            }
        }
    }

    /// A box of a form or a word of a program; left out: on.
    pub fn switch(&mut self, field: &str, given: Option<&str>) -> bool {
        match given.map(str::trim) {
            None | Some("true" | "on" | "yes") => true,
            Some("false" | "off" | "no") => false,
            Some(_) => {
                self.invalid(field, "expected-switch");
                false
            }
        }
    }

    /// An exact decimal that may be left out. Full-width digits become half-width.
    pub fn optional_decimal(&mut self, field: &str, given: &str) -> Option<Decimal> {
        self.optional(field, given, "expected-decimal", |typed| Decimal::parse(&text::code(typed)).ok())
    }

    /// A number that may be left out, from `least` to `most`; `expected` says so.
    pub fn optional_within(
        &mut self,
        field: &str,
        given: &str,
        (least, most): (i64, i64),
        expected: &'static str,
    ) -> Option<Decimal> {
        let number = self.optional_decimal(field, given)?;
        let value = number.to_ratio();
        let inside = value >= Decimal::from(least).to_ratio() && value <= Decimal::from(most).to_ratio();
        self.add_if(!inside, || FIELD_INVALID.at(field).with_word("expected", expected));
        inside.then_some(number)
    }

    /// An identifier that may be left out, with the reason that its own check gives; `expected` names its shape.
    pub fn optional_identifier<T>(
        &mut self,
        field: &str,
        given: &str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Result<T, IdentifierProblem>,
    ) -> Option<T> {
        if text::code(given).is_empty() {
            return None;
        }
        match parse(given) {
            Ok(identifier) => Some(identifier),
            Err(problem) => {
                self.reasons.add(identifier_reason(field, &problem, expected));
                None
            }
        }
    }

    pub fn invalid(&mut self, field: &str, expected: &'static str) {
        self.reasons.add(FIELD_INVALID.at(field).with_word("expected", expected));
    }

    pub fn add(&mut self, reason: impl Into<Reason>) {
        self.reasons.add(reason);
    }

    pub fn add_if(&mut self, applies: bool, reason: impl FnOnce() -> Reason) {
        self.reasons.add_if(applies, reason);
    }

    /// The checked value, or every reason against it. A field that could not be read has its reason, so `None` here
    /// without one is a mistake in the caller.
    pub fn done<T>(self, value: Option<T>) -> Result<T, Refusal> {
        self.reasons.none()?;
        value.ok_or_else(|| FIELD_MISSING.into())
    }
}

/// What is wrong with an identifier, as a reason at its field.
fn identifier_reason(field: &str, problem: &IdentifierProblem, expected: &'static str) -> Reason {
    match problem {
        IdentifierProblem::CheckDigit { found, expected } => {
            CHECK_CHARACTER.at(field).with("found", found).with("correct", expected)
        }
        IdentifierProblem::Alphabet { letter } => FOREIGN_LETTER.at(field).with("letter", letter),
        IdentifierProblem::Shape { .. }
        | IdentifierProblem::FirstDigit { .. }
        | IdentifierProblem::FoodClass { .. } => FIELD_INVALID.at(field).with_word("expected", expected),
    }
}

/// Years that anything in a laboratory can bear; beyond them lies a slip of the key, and further out what the databases
/// cannot hold.
const YEARS: RangeInclusive<i32> = 1900..=2199;

/// What a whole number within bounds is called, both included; where only the type ends them, nothing is said of the upper one.
pub fn whole_between(least: i64, most: i64) -> Fact {
    if most == i64::MAX {
        Fact::sentence("expected-whole-at-least", [("least", least.into())])
    } else {
        Fact::sentence("expected-whole-between", [("low", least.into()), ("high", most.into())])
    }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| YEARS.contains(&date.year()))
}

fn parse_moment(text: &str) -> Option<Moment> {
    let moment = Moment::parse_rfc3339(text).or_else(|| Moment::parse_in_china(text))?;
    YEARS.contains(&moment.date_in_china().year()).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let mut check = Checker::new();
        check.text("name", "   ", 10);
        check.text("address", &"长".repeat(11), 10);
        check.date("produced_on", "2026-02-30");
        check.whole("units", "6", 1, 5);
        check.optional_text("remark", "a\u{7}b", 10);
        let refusal = check.done(Some(())).unwrap_err();
        let named: Vec<_> = refusal.reasons.iter().map(|r| (r.field.as_deref().unwrap(), r.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("name", "field-missing"),
                ("address", "field-too-long"),
                ("produced_on", "field-invalid"),
                ("units", "field-invalid"),
                ("remark", "field-invalid"),
            ]
        );
    }

    #[test]
    fn what_nobody_sees_is_no_text() {
        for wrong in ["\u{200B}\u{200B}", "大\u{200B}米", "大米\u{202E}gnp\u{202C}", "\u{FEFF}"] {
            let mut check = Checker::new();
            assert_eq!(check.text("name", wrong, 20), "", "{wrong:?}");
            let refusal = check.done(Some(())).unwrap_err();
            let named: Vec<_> = refusal.reasons.iter().map(|one| (one.field.as_deref(), one.problem.code)).collect();
            assert_eq!(named, [(Some("name"), "field-invalid")], "{wrong:?}");
        }
        let mut check = Checker::new();
        assert_eq!(check.text("name", "\u{FEFF}大米 ", 20), "大米", "as a spreadsheet gives it");
        assert!(check.done(Some(())).is_ok());
    }

    #[test]
    fn a_year_that_no_goods_bear_is_a_slip() {
        for wrong in ["0000-01-01", "1026-11-16", "20266-11-16", "+99999-01-01", "2026-02-30"] {
            let mut check = Checker::new();
            assert_eq!(check.date("produced_on", wrong), None, "{wrong}");
            assert_eq!(check.moment("arrived_at", &format!("{wrong} 08:00")), None, "{wrong}");
        }
        assert!(Checker::new().date("produced_on", "2199-12-31").is_some());
    }

    #[test]
    fn good_fields_come_back_trimmed() {
        let mut check = Checker::new();
        let name = check.text("name", "  霸州蔬菜  ", 10);
        assert_eq!(check.done(Some(name)).unwrap(), "霸州蔬菜");
    }
}
