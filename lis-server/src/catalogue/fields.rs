//! Typed access to the cells of one row. Every bad cell becomes a `RowError`, and reading goes on, so that one pass names
//! all that is wrong.

use chrono::NaiveDate;

use crate::domain::decimal::Decimal;
use crate::domain::identifiers::CasNumber;
use crate::domain::refusal::Fact;

use super::names;
use super::table::{Problem, Row, RowError, Table};

pub(super) struct Fields<'a> {
    table: &'a Table,
    row: &'a Row,
    errors: &'a mut Vec<RowError>,
}

impl<'a> Fields<'a> {
    pub fn new(table: &'a Table, row: &'a Row, errors: &'a mut Vec<RowError>) -> Self {
        Fields { table, row, errors }
    }

    pub fn complain(&mut self, column: &str, problem: Problem, allowed: impl Into<Fact>) {
        self.errors.push(self.table.error(self.row, column, problem, allowed));
    }

    /// The cell's text; empty when there is none.
    pub fn text(&self, column: &str) -> String {
        self.table.cell(self.row, column).to_string()
    }

    pub fn optional(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    pub fn required(&mut self, column: &str) -> String {
        let text = self.text(column);
        if text.is_empty() {
            self.complain(column, Problem::Missing, "");
        }
        text
    }

    /// The parts of a list separated by `;`, without empty ones.
    pub fn list(&self, column: &str) -> Vec<String> {
        let text = self.table.cell(self.row, column);
        text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_string).collect()
    }

    /// A date `YYYY-MM-DD`.
    pub fn date(&mut self, column: &str) -> Option<NaiveDate> {
        let text = self.optional(column)?;
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        if date.is_none() {
            self.complain(column, Problem::NotDate, "YYYY-MM-DD");
        }
        date
    }

    /// First and last day of validity; an empty end is open.
    pub fn period(&mut self, from: &str, to: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let period = (self.date(from), self.date(to));
        if let (Some(first), Some(last)) = period
            && last < first
        {
            self.complain(to, Problem::OutOfOrder, Fact::sentence("expected-day-from", [("day", first.into())]));
        }
        period
    }

    /// An exact decimal, kept as written (`5.0` stays `5.0`).
    pub fn decimal(&mut self, column: &str) -> Option<Decimal> {
        let text = self.optional(column)?;
        let decimal = Decimal::parse(&text).ok();
        if decimal.is_none() {
            self.complain(column, Problem::NotDecimal, Fact::word(A_DECIMAL));
        }
        decimal
    }

    pub fn required_decimal(&mut self, column: &str) -> Option<Decimal> {
        if self.text(column).is_empty() {
            self.complain(column, Problem::Missing, Fact::word(A_DECIMAL));
        }
        self.decimal(column)
    }

    /// A whole number from `low` to `high`.
    pub fn whole(&mut self, column: &str, low: u32, high: u32) -> u32 {
        let text = self.text(column);
        let number = text.parse().ok().filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let problem = if text.is_empty() { Problem::Missing } else { Problem::NotWhole };
            let allowed = Fact::sentence("expected-whole-between", [("low", low.into()), ("high", high.into())]);
            self.complain(column, problem, allowed);
        }
        number.unwrap_or(low)
    }

    /// One of the words of a closed list.
    pub fn choice<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.optional(column)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.complain(column, Problem::NotAllowed, allowed.join(", "));
        }
        found
    }

    pub fn required_choice<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> T {
        if self.text(column).is_empty() {
            let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.complain(column, Problem::Missing, allowed.join(", "));
        }
        self.choice(column, words).unwrap_or(words[0].1)
    }

    /// `yes` or `no`; empty is `no`.
    pub fn yes(&mut self, column: &str) -> bool {
        self.choice(column, &[("yes", true), ("no", false)]).unwrap_or(false)
    }

    /// A unit of the closed list, with one sign for micro.
    pub fn unit(&mut self, column: &str) -> String {
        let unit = names::unit(&self.text(column)).into_owned();
        if !unit.is_empty() && !UNITS.contains(&unit.as_str()) {
            self.complain(column, Problem::NotAllowed, UNITS.join(", "));
        }
        unit
    }

    pub fn must_be_empty(&mut self, columns: &[&str]) {
        for column in columns {
            if !self.text(column).is_empty() {
                self.complain(column, Problem::MustBeEmpty, "");
            }
        }
    }

    /// A CAS number with a right check digit, or nothing.
    pub fn cas(&mut self, column: &str) -> Option<CasNumber> {
        let text = self.optional(column)?;
        let cas = CasNumber::parse(&text).ok();
        if cas.is_none() {
            self.complain(column, Problem::CheckDigit, Fact::word("expected-cas-number"));
        }
        cas
    }
}

/// The message key of what the decimal cells accept.
const A_DECIMAL: &str = "expected-plain-decimal";

/// Units in which limits, detection limits and results of food testing are written in the standards of `standards.csv`
/// and in method standards. `ratio` has no dimension; `倍` is volumes of gas per volume of drink.
pub const UNITS: &[&str] = &[
    "mg/kg",
    "µg/kg",
    "ng/kg",
    "g/kg",
    "ng/g",
    "mg/g",
    "µg/g",
    "%",
    "g/100g",
    "mg/100g",
    "µg/100g",
    "mg/L",
    "µg/L",
    "g/L",
    "mg/mL",
    "µg/mL",
    "ng/mL",
    "g/100mL",
    "mg/100mL",
    "mg/100cm²",
    "mmol/kg",
    "meq/kg",
    "mL/100g",
    "mL/L",
    "%vol",
    "℃",
    "°T",
    "ratio",
    "倍",
    "CFU/g",
    "CFU/mL",
    "CFU/g(mL)",
    "CFU/100mL",
    "CFU/250mL",
    "CFU/cm²",
    "MPN/g",
    "MPN/mL",
    "MPN/g(mL)",
    "MPN/100g",
    "MPN/100mL",
    "/25g",
    "/25mL",
    "/25g(mL)",
    "/100g",
    "/50cm²",
    "/250mL",
    "Bq/kg",
    "Bq/L",
    "IU/g",
    "IU/100g",
    "kJ/100g",
    "g/cm³",
    "mS/cm",
    "NTU",
    "pH",
];
