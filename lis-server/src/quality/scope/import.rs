//! The annex of an accreditation from a spreadsheet (CSV or XLSX): columns bear the names of the fields. Every bad row is
//! named; all rows are stored or none.

use super::actions::{ScopeFacts, ScopeInput, add};
use crate::accounts::Actor;
use crate::catalogue::refusing;
use crate::catalogue::table::File;
use crate::db::Tx;
use crate::domain::refusal::{Outcome, Reasons, Refusal};

pub const REQUIRED: &[&str] = &["scheme", "certificate_no", "analytes", "method_standard", "valid_from", "valid_until"];
pub const OPTIONAL: &[&str] = &["procedure", "food_categories", "restrictions"];

/// Checked rows of a file, each with the row it came from.
pub struct ScopeRows(Vec<(u64, ScopeFacts)>);

/// Reads the lines of annexes.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_scope(file: File<'_>) -> Result<ScopeRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, OPTIONAL, &mut reasons) {
        for row in table.rows() {
            let cell = |column: &str| table.cell(row, column).to_owned();
            let input = ScopeInput {
                scheme: cell("scheme"),
                certificate_no: cell("certificate_no"),
                analytes: cell("analytes"),
                method_standard: cell("method_standard"),
                procedure: cell("procedure"),
                food_categories: cell("food_categories"),
                restrictions: cell("restrictions"),
                valid_from: cell("valid_from"),
                valid_until: cell("valid_until"),
            };
            match input.checked() {
                Ok(facts) => rows.push((row.number, facts)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| ScopeRows(rows))
}

/// Stores all lines or none; how many they were. A line that stands twice is refused like one that is there already.
pub fn keep_scope(tx: &mut Tx, by: &Actor, rows: &ScopeRows) -> Outcome<usize> {
    let mut reasons = Reasons::new();
    for (number, facts) in &rows.0 {
        reasons.row(*number, add(tx, by, facts))?;
    }
    reasons.none()?;
    Ok(rows.0.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_row_is_named() {
        let text = "scheme,certificate_no,analytes,method_standard,valid_from,valid_until\n\
                    CMA,230000000001,铅;镉,GB 5009.268-2016,2026-01-01,2031-12-31\n\
                    CCC,230000000001,*,GB 5009.12,2026-01-01,2025-12-31\n\
                    CNAS,L0001,,GB 5009.12,2026-01-01,2031-12-31\n";
        let Err(refusal) = read_scope(File::new("scope.csv", text.as_bytes())) else { panic!("this is refused") };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[3].scheme", "field-invalid"),
                ("rows[3].valid_until", "scope-dates"),
                ("rows[4].analytes", "field-missing"),
            ]
        );
    }
}
