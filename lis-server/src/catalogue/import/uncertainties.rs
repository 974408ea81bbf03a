//! Uncertainty budgets (`quality.md` Q76-1): the expanded uncertainty of a procedure for an analyte at a level, with what
//! contributes to it, as data.

use chrono::NaiveDate;
use num_traits::Signed;
use serde::{Deserialize, Serialize};

use super::super::fields::Fields;
use super::super::table::{File, Problem, RowError, Table};
use super::{Rows, all_or_nothing, read_rows};
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;
use crate::judgement::number::{Ratio, hundred, sum};
use crate::judgement::units::{self, UnitError};

/// The budget of one level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UncertaintyBudget {
    /// Key of the method procedure.
    pub method: String,
    /// Key of the analyte.
    pub analyte: String,
    /// The level: values from this one on and below that one; an open end is `None`.
    pub from: Option<Decimal>,
    pub below: Option<Decimal>,
    /// Of the level, and of the uncertainties where they are not relative.
    pub unit: String,
    pub expanded: Decimal,
    /// Expanded uncertainty and contributions are percent of the value.
    pub relative: bool,
    /// Coverage factor.
    pub k: Decimal,
    /// Standard uncertainties, by their source.
    pub contributions: Vec<Contribution>,
    /// How they were found: a standard, a validation, control charts.
    pub basis: String,
    pub reviewed_on: NaiveDate,
}

/// What one source contributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    pub source: String,
    pub standard: Decimal,
}

/// Reads budgets; one that states less than its contributions give is refused.
pub fn read_uncertainties(file: File<'_>) -> Rows<UncertaintyBudget> {
    let required = ["method", "analyte", "unit", "expanded", "k", "contributions", "basis", "reviewed_on"];
    let mut errors = Vec::new();
    let table = Table::read(file, &required, &["from", "below", "relative"], &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let (from, below) = read_level(fields);
        let (expanded, k) = (read_positive(fields, "expanded"), read_positive(fields, "k"));
        let contributions = read_contributions(fields);
        let (method, analyte, basis) =
            (fields.required("method"), fields.required("analyte"), fields.required("basis"));
        fields.required("unit");
        fields.required("reviewed_on");
        let budget = UncertaintyBudget {
            method,
            analyte,
            from,
            below,
            unit: fields.unit("unit"),
            relative: fields.yes("relative"),
            basis,
            reviewed_on: fields.date("reviewed_on")?,
            expanded: expanded?,
            k: k?,
            contributions: contributions?,
        };
        if budget.states_too_little() {
            fields.complain("expanded", Problem::OutOfOrder, Fact::word("expected-uncertainty-of-parts"));
        }
        Some(budget)
    });
    keep_apart(&table, &rows, &mut errors);
    all_or_nothing(rows, errors)
}

fn read_level(fields: &mut Fields<'_>) -> (Option<Decimal>, Option<Decimal>) {
    let (from, below) = (fields.decimal("from"), fields.decimal("below"));
    if !reaches(from.as_ref(), below.as_ref()) {
        fields.complain("below", Problem::OutOfOrder, Fact::word("expected-level-above"));
    }
    (from, below)
}

fn read_positive(fields: &mut Fields<'_>, column: &str) -> Option<Decimal> {
    let number = fields.required_decimal(column)?;
    let positive = !number.is_zero() && !number.is_negative();
    if !positive {
        fields.complain(column, Problem::NotAllowed, "> 0");
    }
    positive.then_some(number)
}

/// `repeatability=5.0;recovery=4.0`.
fn read_contributions(fields: &mut Fields<'_>) -> Option<Vec<Contribution>> {
    let listed = fields.list("contributions");
    let read = |entry: &String| {
        let (source, standard) = entry.split_once('=')?;
        let standard = Decimal::parse(standard.trim()).ok().filter(|number| !number.is_negative())?;
        Some(Contribution { source: source.trim().to_owned(), standard })
    };
    let contributions: Option<Vec<Contribution>> = listed.iter().map(read).collect();
    let contributions = contributions.filter(|found| !found.is_empty());
    if contributions.is_none() {
        fields.complain("contributions", Problem::NotAllowed, "SOURCE=NUMBER;SOURCE=NUMBER");
    }
    contributions
}

/// Complains about each level that meets an earlier one of the same procedure and analyte.
fn keep_apart(table: &Table, rows: &[Option<UncertaintyBudget>], errors: &mut Vec<RowError>) {
    for (place, (row, at)) in rows.iter().zip(table.rows()).enumerate() {
        let Some(row) = row else { continue };
        if rows[..place].iter().flatten().any(|earlier| earlier.meets(row)) {
            errors.push(table.error(at, "from", Problem::NotAllowed, Fact::word("expected-levels-apart")));
        }
    }
}

/// Whether something lies from one border on and below another.
fn reaches(from: Option<&Decimal>, below: Option<&Decimal>) -> bool {
    from.zip(below).is_none_or(|(from, below)| from.cmp_value(below).is_lt())
}

impl UncertaintyBudget {
    /// The expanded uncertainty of a value, in the value's unit; `None`: the value lies on another level.
    ///
    /// # Errors
    /// Units of different kinds.
    pub fn at(&self, value: &Ratio, unit: &str) -> Result<Option<Ratio>, UnitError> {
        let factor = units::factor(unit, &self.unit)?;
        let level = value.abs() * &factor;
        let is_below = |border: &Decimal| level < border.to_ratio();
        if self.from.as_ref().is_some_and(is_below) || !self.below.as_ref().is_none_or(is_below) {
            return Ok(None);
        }
        let expanded = self.expanded.to_ratio();
        Ok(Some(if self.relative { value.abs() * expanded / hundred() } else { expanded / factor }))
    }

    /// Whether it is less than `k` times the root of the sum of the squares of its contributions.
    fn states_too_little(&self) -> bool {
        let square = |number: &Decimal| number.to_ratio() * number.to_ratio();
        let parts: Vec<Ratio> = self.contributions.iter().map(|one| square(&one.standard)).collect();
        square(&self.expanded) < square(&self.k) * sum(&parts)
    }

    /// Whether it speaks for values that another budget of the same procedure and analyte speaks for too; levels in
    /// different units are not told apart.
    fn meets(&self, other: &Self) -> bool {
        (&self.method, &self.analyte) == (&other.method, &other.analyte)
            && (self.unit != other.unit
                || reaches(self.from.as_ref(), other.below.as_ref())
                    && reaches(other.from.as_ref(), self.below.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn read(rows: &str) -> Result<Vec<UncertaintyBudget>, Vec<(Option<u64>, Option<String>)>> {
        let head = "method,analyte,from,below,unit,expanded,relative,k,contributions,basis,reviewed_on";
        let table = format!("{head}\n{rows}");
        let place = |error: RowError| (error.row, error.column);
        read_uncertainties(File::new("own.csv", table.as_bytes()))
            .map_err(|errors| errors.into_iter().map(place).collect())
    }

    // Requirement: Q76-1
    #[test]
    fn a_budget_speaks_for_its_level() {
        let budgets = read(
            "m,pb,,0.1,mg/kg,0.01,no,2,repeatability=0.003;recovery=0.004,charts,2026-11-16\n\
             m,pb,0.1,,mg/kg,12,yes,2,repeatability=4;recovery=3,charts,2026-11-16\n",
        )
        .unwrap();
        let at = |place: usize, value: &str, unit: &str| budgets[place].at(&d(value).to_ratio(), unit).unwrap();
        assert_eq!(at(0, "0.0999", "mg/kg"), Some(d("0.01").to_ratio()));
        assert_eq!(at(0, "99", "µg/kg"), Some(d("10").to_ratio()), "in the value's unit");
        assert_eq!((at(0, "0.1", "mg/kg"), at(1, "0.0999", "mg/kg")), (None, None));
        assert_eq!(at(1, "0.1", "mg/kg"), Some(d("0.012").to_ratio()));
        assert_eq!(at(1, "250", "µg/kg"), Some(d("30").to_ratio()));
        assert!(budgets[0].at(&d("1").to_ratio(), "mg/L").is_err());
    }

    #[test]
    fn a_budget_states_what_its_contributions_give_and_levels_lie_apart() {
        let row = |from: &str, below: &str, expanded: &str| {
            format!("m,pb,{from},{below},mg/kg,{expanded},yes,2,repeatability=3;recovery=4,charts,2026-11-16\n")
        };
        // 2 x root of (9 + 16) = 10.
        assert!(read(&row("", "", "10")).is_ok());
        assert_eq!(read(&row("", "", "9.99")).unwrap_err(), [(Some(2), Some("expanded".to_owned()))]);
        assert_eq!(read(&row("0.2", "0.2", "10")).unwrap_err(), [(Some(2), Some("below".to_owned()))]);
        let two = |first: (&str, &str), second: (&str, &str)| {
            read(&format!("{}{}", row(first.0, first.1, "10"), row(second.0, second.1, "10")))
        };
        assert!(two(("", "0.1"), ("0.1", "")).is_ok());
        assert_eq!(two(("", "0.1"), ("0.09", "")).unwrap_err(), [(Some(3), Some("from".to_owned()))]);
        assert_eq!(two(("", ""), ("0.5", "1")).unwrap_err(), [(Some(3), Some("from".to_owned()))]);
        let none = "m,pb,,,mg/kg,0,yes,,parts,charts,\n";
        let columns: Vec<String> = read(none).unwrap_err().into_iter().filter_map(|(_, column)| column).collect();
        assert_eq!(columns, ["expanded", "k", "contributions", "reviewed_on"]);
    }
}
