//! The register of suppliers from a spreadsheet (CSV or XLSX), before the first day: columns bear the names of the fields,
//! `evaluated_by` is a username. Every bad row is named; all rows are stored or none.

use super::actions::{SupplierFacts, SupplierInput, add};
use super::store;
use crate::accounts::Actor;
use crate::accounts::actions::{USERNAME_MOST, Usernames};
use crate::catalogue::refusing;
use crate::catalogue::table::{File, Row, Table};
use crate::db::Tx;
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Reasons, Refusal};

pub const REQUIRED: &[&str] =
    &["name", "provides", "approved_from", "approved_until", "evaluated_on", "evaluation", "evaluated_by"];

/// Checked rows of a file, each with the row it came from.
pub struct SupplierRows(Vec<(u64, Listed)>);

/// A supplier of a list.
struct Listed {
    facts: SupplierFacts,
    evaluated_by: String,
}

/// Reads a list of suppliers.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_suppliers(file: File<'_>) -> Result<SupplierRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, &[], &mut reasons) {
        for row in table.rows() {
            match listed(&table, row) {
                Ok(one) => rows.push((row.number, one)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| SupplierRows(rows))
}

fn listed(table: &Table, row: &Row) -> Result<Listed, Refusal> {
    let cell = |column: &str| table.cell(row, column).to_owned();
    let mut check = Checker::new();
    let evaluated_by = check.text("evaluated_by", &cell("evaluated_by"), USERNAME_MOST);
    let input = SupplierInput {
        name: cell("name"),
        provides: cell("provides"),
        approved_from: cell("approved_from"),
        approved_until: cell("approved_until"),
        evaluated_on: cell("evaluated_on"),
        evaluation: cell("evaluation"),
    };
    let facts = input.facts(&mut check);
    check.done(facts.map(|facts| Listed { facts, evaluated_by }))
}

/// Stores the suppliers that are not there yet; how many are new. The same list again changes nothing.
pub fn keep_suppliers(tx: &mut Tx, by: &Actor, rows: &SupplierRows) -> Outcome<usize> {
    let people = Usernames::of(tx.conn, rows.0.iter().map(|(_, one)| one.evaluated_by.as_str()))?;
    let names: Vec<String> = rows.0.iter().map(|(_, one)| one.facts.name().to_owned()).collect();
    let there = store::named(tx.conn, &names)?;
    let (mut reasons, mut new) = (Reasons::new(), 0);
    for (number, one) in &rows.0 {
        match people.require(&one.evaluated_by, "evaluated_by") {
            Ok(evaluator) => {
                if !there.iter().any(|row| one.facts.says(row, evaluator)) {
                    let added = add(tx, by, evaluator, &one.facts);
                    new += usize::from(reasons.row(*number, added)?.is_some());
                }
            }
            Err(reason) => reasons.add(reason.in_row(*number)),
        }
    }
    reasons.none()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q66-1
    #[test]
    fn every_bad_row_is_named() {
        let text = "name,provides,approved_from,approved_until,evaluated_on,evaluation,evaluated_by\n\
                    示例计量院,calibration,2026-01-01,2026-12-31,2026-01-01,资质齐全,wang\n\
                    示例计量院,paint,2026-01-01,2025-12-31,2026-02-30,资质齐全,wang\n\
                    ,materials,2026-01-01,2026-12-31,2026-01-01,,\n";
        let Err(refusal) = read_suppliers(File::new("list.csv", text.as_bytes())) else { panic!("this is refused") };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[3].provides", "field-invalid"),
                ("rows[3].approved_until", "supplier-dates"),
                ("rows[3].evaluated_on", "field-invalid"),
                ("rows[4].evaluated_by", "field-missing"),
                ("rows[4].name", "field-missing"),
                ("rows[4].evaluation", "field-missing"),
            ]
        );
    }
}
